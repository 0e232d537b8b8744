"""What a run has to do: what should be, held against what the ledger and the disk say is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merchantkit.briefing.hashes import digest
from merchantkit.briefing.ledger import Entry, State, settled
from merchantkit.briefing.places import PORTFOLIO, Places
from merchantkit.briefing.slugs import slug
from merchantkit.briefing.tasks import Key, Task


def intact(entry: Entry, folder: Path) -> bool:
    """Return whether a page's outputs are, byte for byte, what was verified when they were made."""
    return _holds(folder, entry.html, entry.html_hash) and _holds(
        folder, entry.ipynb, entry.ipynb_hash
    )


def _holds(folder: Path, place: str, expected: str) -> bool:
    try:
        # A text and no Path, a plain read and no buffer: this is most of a rerun's work.
        with open(f"{folder}/{place}", "rb", buffering=0) as file:  # noqa: PTH123
            return bool(expected) and digest(file.readall()) == expected
    except OSError:
        return False


@dataclass(frozen=True)
class Decision:
    """What a run does: the tasks to make, and the entries as they stand before it begins.

    Attributes:
        entries: How each page stands, by key.
        changed: Those of which that is not what is on record.
        kept: How many pages are as they should be.
    """

    to_make: list[Task]
    entries: dict[Key, Entry]
    changed: list[Entry]
    gone: list[Entry]
    kept: int


def decide(
    tasks: Sequence[Task],
    known: Mapping[Key, Entry],
    places: Places,
    *,
    langs: Collection[str],
    only: set[str] | None,
    final: bool,
) -> Decision:
    """Compare what should be with what is.

    Args:
        tasks: Every page of the month, in the languages of the run and in those of earlier runs.
        known: The ledger's entries.
        places: Where the outputs are.
        langs: The languages to make pages in.
        only: The merchants to make pages for; None for all. The portfolio is always made.
        final: In a final month, pages whose subject is unchanged stay as they were handed over,
            even if the kit or the notebook has changed.
    """
    to_make: list[Task] = []
    entries: dict[Key, Entry] = {}
    kept = 0
    for task in tasks:
        key = task.key
        chosen = only is None or task.page == PORTFOLIO or task.merchant_id in only
        if key not in known and not (chosen and task.lang in langs):
            continue  # nobody has ever asked for it
        entry = known.get(key) or _new_entry(task, places)
        if _is_current(task, entry, final) and intact(entry, places.folder):
            # A copy put back by hand, or a change taken back, is as good as new.
            entries[key] = settled(entry, State.DONE)
            kept += 1
        elif chosen and task.lang in langs:
            to_make.append(task)
            entries[key] = settled(entry, State.PENDING)
        else:
            entries[key] = _left_alone(entry)
    present = {task.key for task in tasks}
    changed = [entry for key, entry in entries.items() if entry != known.get(key)]
    gone = [entry for key, entry in known.items() if key not in present]
    return Decision(to_make, entries, changed, gone, kept)


def _is_current(task: Task, entry: Entry, final: bool) -> bool:
    if entry.state == State.FAILED:
        return False
    if final:
        return entry.inputs == task.inputs
    return entry.fingerprint == task.fingerprint


def _left_alone(entry: Entry) -> Entry:
    if entry.state == State.FAILED:
        return entry
    return settled(entry, State.STALE if entry.html_hash else State.PENDING)


def _new_entry(task: Task, places: Places) -> Entry:
    html, ipynb = places.outputs(task.page, task.merchant_id, task.lang)
    folder = slug(task.merchant_id) if task.merchant_id else ""
    return Entry(task.page, task.merchant_id, task.lang, folder, html, ipynb)

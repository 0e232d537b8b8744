"""Whether what a run would compute lies in the month's folder already: the same from the same.

An assessment is a function of the facts, the rules, the days and the kit. While all of those are
what they were, and every file that was made from them is too, computing them again would only
write the same bytes, so a run with nothing to do does not.
"""

import json
from pathlib import Path

from merchantkit.briefing.hashes import digest_file, digest_of, kit_digest
from merchantkit.briefing.ledger import Ledger
from merchantkit.briefing.places import Places
from merchantkit.facts.warehouse import Warehouse
from merchantkit.rulebook import Rulebook

# What all files there were made from, and what a final month's were found not to differ from.
_MADE, _COMPARED = "prepared", "compared"


def source(warehouse: Warehouse, book: Rulebook, about: list[str]) -> str:
    """Return a hash of all that a month is computed from; empty if that cannot be told.

    Args:
        warehouse: The facts. Their file's bytes, and those of its write-ahead log, stand for what
            it holds: every change of the facts changes them. One in memory has none to compare.
        book: All the rules, not only those of one day: the month before has a day of its own.
        about: Whatever else decides: the month, its days.
    """
    if warehouse.path is None:
        return ""
    facts = [digest_file(place) for place in (warehouse.path, Path(f"{warehouse.path}.wal"))]
    rules = {name: file.model_dump(mode="json") for name, file in book.files.items()}
    return digest_of([facts, rules, book.overlays, about, kit_digest()])


def recall(places: Places, ledger: Ledger, computed_from: str) -> str | None:
    """Return the hash of the month before if this source would leave all that lies there.

    ``None`` if it would not, if a file of it has changed since, or if nobody noted it.
    """
    # What a final month was only compared with would change other things of a draft: the month
    # before, or rules that are dated to come later.
    names = (_MADE, _COMPARED) if ledger.standing == "final" else (_MADE,)
    noted = [json.loads(text) for text in map(ledger.recall, names) if text]
    if not computed_from or computed_from not in [source for source, _, _ in noted]:
        return None
    lying = _files(places)
    told = (b for source, files, b in noted if (source, files) == (computed_from, lying))
    return next(told, None)


def note(
    places: Places, ledger: Ledger, computed_from: str, before: str, *, compared: bool = False
) -> None:
    """Note what the files that lie there now were computed from, and the month before's hash.

    Args:
        places: The month's.
        ledger: The month's.
        computed_from: What ``source`` gave.
        before: The month before's hash.
        compared: Whether they were only compared with what is computed from it, and stay, as the
            month is final.
    """
    name = _COMPARED if compared else _MADE
    ledger.remember(name, json.dumps([computed_from, _files(places), before]))


def _files(places: Places) -> str:
    folders = (places.assessment, places.rules, places.before)
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    names = [file.relative_to(places.team).as_posix() for file in files]
    return digest_of([names, [digest_file(file) for file in files]])

"""A copy of a month's pages in any place that fsspec knows: a share, a bucket, another machine.

The month's own folder stays the truth: pages are made and recorded there, and what differs from
what was last put in the other place goes there afterwards. Nothing of the team's own does.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed

from tenacity import (
    retry,
    retry_if_not_exception_type,
    sleep_using_event,
    stop_any,
    stop_when_event_set,
)

from merchantkit.briefing import site
from merchantkit.briefing.hashes import digest, digest_file
from merchantkit.briefing.ledger import Ledger, State
from merchantkit.briefing.lock import index_lock
from merchantkit.briefing.places import BRIEFING, Places
from merchantkit.briefing.progress import Reporter
from merchantkit.briefing.shelf import PAUSE, TRIES, Shelf
from merchantkit.errors import ReportError

# How many files are put between two looks at the record.
_BATCH = 256
# No hash: what was being put, or removed, when a run was killed.
_UNDER_WAY = "under way"
# Under which name the record has the hash of the list of months that was put in a place.
_MONTHS = "months at"
# What a page may not take with it: of the team's own.
_PAGES = ("index.html", "restatement-*.html", "assets/*")


def publish(where: Places, ledger: Ledger, shelf: Shelf, progress: Reporter) -> int:
    """Bring a place up to date with a month, and return how many files that took.

    Raises:
        ReportError: Some could not be put there or removed; the others were, and are on record.
    """
    wanted = dict(_wanted(where, ledger))
    try:
        # Where nothing lies any more, all of it is put again, whatever the record says.
        is_there = shelf.holds(where.label)
        known = ledger.published(shelf.url) if is_there else {}
    except Exception as error:
        raise shelf.error(error, 1) from error
    late = [place for place, content in wanted.items() if known.get(place) != content]
    # What is out of date, or failed this time, stays as it is there, as it does here.
    kept = {place for entry in ledger.entries().values() for place in (entry.html, entry.ipynb)}
    gone = [place for place in known if place not in wanted and place not in kept]
    if late or gone:
        progress.note(f"{len(late)} files go to {shelf.url}, {len(gone)} are removed there")

    try:
        for folder in {place.rpartition("/")[0] for place in (*late, *gone)}:
            shelf.sweep(f"{where.label}/{folder}")
    except OSError as error:
        raise shelf.error(error, 1) from error

    def put(place: str) -> str:
        shelf.put(f"{where.label}/{place}", (where.folder / place).read_bytes())
        return wanted[place]

    def remove(place: str) -> str:
        shelf.remove(f"{where.label}/{place}")
        return ""

    for places, do in ((late, put), (gone, remove)):
        if failed := _each(places, do, ledger, shelf):
            lying = ledger.published(shelf.url)
            left = sum(lying.get(place) != wanted.get(place) for place in places)
            raise shelf.error(failed[0], left)
    try:
        _put_months(where, ledger, shelf, anew=not is_there)
    except Exception as error:
        raise shelf.error(error, 1) from error
    return len(late) + len(gone)


def _put_months(where: Places, ledger: Ledger, shelf: Shelf, *, anew: bool) -> None:
    """Put the list to which every month's own links, of the months that are published there."""
    # Of all months, whose runs would meet at it.
    with index_lock(where.reports):
        months, name = site.months(where.reports, shelf.url).encode(), f"{_MONTHS} {shelf.url}"
        if anew or ledger.recall(name) != digest(months):
            shelf.put("index.html", months)
            ledger.remember(name, digest(months))


def withdraw(
    where: Places, ledger: Ledger, folder: str, lists: Iterable[str], *, named: bool
) -> int:
    """Remove a merchant's folder, and the lists that name it, from wherever they were published.

    Args:
        where: The month.
        ledger: Its record, which tells what was published where.
        folder: The merchant's, in the month's.
        lists: Files that name it; they go first, so that what is refused is asked for again.
        named: Whether they name it, be there anything of its folder or not.

    Returns:
        How many files were removed.

    Raises:
        ReportError: A place does not let them be removed; the others did.
    """
    removed, refused = 0, []
    for url in ledger.publishers():
        known = ledger.published(url)
        mine = [place for place in known if place.startswith(f"{folder}/")]
        if not (mine or named):
            continue
        try:
            shelf = Shelf(url)
            if not shelf.holds():
                refused.append(f"{url}: nothing at all lies there")
                continue
            for place in [*(place for place in lists if place in known), *mine]:
                shelf.remove(f"{where.label}/{place}")
                ledger.publish(url, {place: ""})
                removed += 1
        except Exception as error:  # noqa: BLE001 - the other places are asked all the same
            refused.append(url if isinstance(error, ReportError) else f"{url}: {error!r}")
    if refused:
        raise ReportError(
            "a place does not let published pages be removed",
            where="; ".join(refused),
            count=len(refused),
            remedy="see that it is there, mounted and may be written to, then forget the merchant "
            "again; if it was emptied for good, publish the month there once more before",
        )
    return removed


def _wanted(where: Places, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Yield the place and hash of every file that is to be there, a page before what lists it."""
    for entry in ledger.entries(State.DONE).values():
        yield entry.html, entry.html_hash
        if entry.page == BRIEFING:
            yield entry.ipynb, entry.ipynb_hash
    for pattern in reversed(_PAGES):
        for file in sorted(where.folder.glob(pattern)):
            yield file.relative_to(where.folder).as_posix(), digest_file(file)


def _each(
    places: list[str], do: Callable[[str], str], ledger: Ledger, shelf: Shelf
) -> list[Exception]:
    """Do something for each place, many at once, and keep what was done on record.

    Once one has failed as often as it may, or somebody wants to stop, nothing more is begun and
    nothing tried again: a place that is gone would be asked for a hundred thousand files, and each
    may take its time to say nothing.
    """
    over = threading.Event()

    def begun(place: str) -> str:
        if over.is_set():
            raise CancelledError
        return do(place)

    tried = retry(
        stop=stop_any(TRIES, stop_when_event_set(over)), wait=PAUSE, sleep=sleep_using_event(over),
        retry=retry_if_not_exception_type(CancelledError), reraise=True,
    )(begun)  # fmt: skip
    threads = ThreadPoolExecutor(shelf.at_once)
    try:
        for first in range(0, len(places), _BATCH):
            batch = places[first : first + _BATCH]
            # First, so that a run which is killed leaves nothing there that is on no record.
            ledger.publish(shelf.url, dict.fromkeys(batch, _UNDER_WAY))
            done, failed = _batch(batch, tried, threads, over)
            ledger.publish(shelf.url, done)
            if failed:
                return failed
        return []
    finally:
        over.set()
        threads.shutdown(wait=False, cancel_futures=True)


def _batch(
    places: list[str], do: Callable[[str], str], threads: ThreadPoolExecutor, over: threading.Event
) -> tuple[dict[str, str], list[Exception]]:
    asked = {threads.submit(do, place): place for place in places}
    done: dict[str, str] = {}
    failed: list[Exception] = []
    for future in as_completed(asked):
        try:
            done[asked[future]] = future.result()
        except CancelledError:
            continue
        except Exception as error:  # noqa: BLE001 - those under way go on; told at the end
            failed.append(error)
            over.set()
            for other in asked:
                other.cancel()
    return done, failed

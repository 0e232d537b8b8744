"""A copy of a month's pages in any place that fsspec knows: a share, a bucket, another machine.

The month's own folder stays the truth: pages are made and recorded there, and what differs from
what was last put in the other place goes there afterwards. Nothing of the team's own does.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from tenacity import retry, stop_after_attempt, wait_exponential

from merchantkit.briefing import atomic
from merchantkit.briefing.hashes import digest_file
from merchantkit.briefing.ledger import Ledger, State
from merchantkit.briefing.places import BRIEFING, Places
from merchantkit.briefing.progress import Reporter
from merchantkit.errors import ReportError

# A place far away answers late, and many at once.
_AT_ONCE = 16
_TRIES = 3
# How many files are put between two looks at the record.
_BATCH = 256
# What a page may not take with it: of the team's own.
_PAGES = ("index.html", "restatement-*.html", "assets/*")


class Shelf:
    """A place to which pages go.

    Args:
        url: What the user named, such as ``s3://bucket/reports``.

    Raises:
        ReportError: It is no place that fsspec knows.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # Found now, so that what is amiss is said before any page is made.
        self._fs, self._root = _found(url)

    def check(self) -> None:
        """Write a file there and take it away.

        Raises:
            ReportError: That cannot be done.
        """
        probe = f"{atomic.MARK}{secrets.token_hex(6)}"
        try:
            self.put(probe, b"merchantkit")
            self.remove(probe)
        except Exception as error:
            raise self.error(error, 1) from error

    def put(self, place: str, content: bytes) -> None:
        """Put a file there, whole or not at all."""
        path = f"{self._root}/{place}"
        if not self._is_folder:
            # A bucket shows a file when it is whole.
            self._fs.pipe_file(path, content)
            return
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(file, content)

    def remove(self, place: str) -> None:
        """Remove a file from there, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(f"{self._root}/{place}")

    def error(self, error: Exception, count: int) -> ReportError:
        """Return what to tell of files that could not be put there or removed."""
        return ReportError(
            f"pages cannot be put where they are to be published: {error!r}",
            where=self.url,
            count=count,
            remedy="see that the place is there and may be written to, and run the report again: "
            "what was made is kept, and what was published is not put again",
        )

    @property
    def _is_folder(self) -> bool:
        protocols = self._fs.protocol
        return "file" in ((protocols,) if isinstance(protocols, str) else protocols)


def publish(where: Places, ledger: Ledger, shelf: Shelf, progress: Reporter) -> int:
    """Bring a place up to date with a month, and return how many files that took.

    Raises:
        ReportError: Some could not be put there or removed; the others were, and are on record.
    """
    wanted, known = dict(_wanted(where, ledger)), ledger.published(shelf.url)
    late = [place for place, digest in wanted.items() if known.get(place) != digest]
    gone = [place for place in known if place not in wanted]
    if late or gone:
        progress.note(f"{len(late)} files go to {shelf.url}, {len(gone)} are removed there")

    def put(place: str) -> tuple[str, str]:
        shelf.put(f"{where.label}/{place}", (where.folder / place).read_bytes())
        return place, wanted[place]

    def remove(place: str) -> tuple[str, str]:
        shelf.remove(f"{where.label}/{place}")
        return place, ""

    failed = [
        *_each(late, put, ledger, shelf.url),
        *_each(gone, remove, ledger, shelf.url),
    ]
    if failed:
        raise shelf.error(failed[0], len(failed))
    return len(late) + len(gone)


def withdraw(where: Places, ledger: Ledger, places: Iterable[str]) -> int:
    """Remove files from every place to which a month was published; return how many.

    Raises:
        ReportError: One of the places does not let them be removed.
    """
    asked, removed = set(places), 0
    for url in ledger.publishers():
        mine = sorted(asked & set(ledger.published(url)))
        shelf = Shelf(url)
        for place in mine:
            try:
                shelf.remove(f"{where.label}/{place}")
            except Exception as error:
                raise shelf.error(error, len(mine)) from error
            ledger.publish(url, {place: ""})
            removed += 1
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
    places: list[str], do: Callable[[str], tuple[str, str]], ledger: Ledger, url: str
) -> list[Exception]:
    """Do something for each place, many at once, and keep what was done on record."""
    tried = retry(stop=stop_after_attempt(_TRIES), wait=wait_exponential(0.1), reraise=True)(do)
    failed: list[Exception] = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for first in range(0, len(places), _BATCH):
            done: dict[str, str] = {}
            for future in as_completed(
                [threads.submit(tried, place) for place in places[first : first + _BATCH]]
            ):
                try:
                    place, digest = future.result()
                    done[place] = digest
                except Exception as error:  # noqa: BLE001 - the others go on; told at the end
                    failed.append(error)
            ledger.publish(url, done)
            if failed:
                # A place that is gone would be asked for every one of a hundred thousand files.
                return failed
    return failed


def _found(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as missing:
        raise ReportError(
            "publishing needs fsspec", remedy="pip install 'merchantkit[cluster]'"
        ) from missing
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        raise ReportError(
            f"nothing can be published there: {error}",
            where=url,
            remedy="name a place that fsspec knows, such as s3://bucket/reports or a folder",
        ) from error
    return fs, str(root).rstrip("/")

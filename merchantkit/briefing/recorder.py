"""Pages put on record in batches: a commit waits for the disk, and a page must not."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from merchantkit.briefing.ledger import Entry, Ledger

_EVERY_SECONDS = 0.5
_MOST = 100


@contextlib.contextmanager
def kept_together() -> Iterator[None]:
    """Let a Ctrl-C wait until the block's end: a page is in its place and on record, or neither.

    A kill does not wait; what it leaves is made again, as :class:`Recorder` says.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Ctrl-C comes to the main thread alone
        return
    came = []

    def wait(*_: Any) -> None:
        came.append(True)

    before = signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        # None is a handler that was not set from Python, and cannot be set back.
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
        if came:
            signal.raise_signal(signal.SIGINT)


class Recorder:
    """Takes entries of pages that lie in their place, and commits them together.

    Why a run may be killed at any moment, with pages in their place and not yet on record: an
    entry is believed only while its fingerprint is the task's, and while both files hold, byte for
    byte, what its hashes say. Before the first page is made, every page to be made is on record
    as pending, with the fingerprint and the hashes of its earlier version, if it had one. So
    after a kill the record of a page that was just moved says one of two things. Another
    fingerprint than the task's: the page is made again. The same one (the page was made anew
    because it had failed, or was lost or damaged): it is believed if the new files are the earlier
    ones to the byte, else made again. One file moved and not the other is no different. Nor can
    a page that was not moved be believed: it is handed over here only once both files are in
    their place, and should a power cut undo the moves but not the record, the hashes tell.

    Used as a context: however the block ends, by Ctrl-C too, what was added is committed.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[Entry] = []
        self._committed = float("-inf")

    def add(self, entry: Entry) -> None:
        """Take an entry; commit if the last commit is half a second ago, or many wait."""
        self._waiting.append(entry)
        due = time.monotonic() - self._committed >= _EVERY_SECONDS
        if due or len(self._waiting) >= _MOST:
            self.flush()

    def flush(self) -> None:
        """Commit what waits."""
        if self._waiting:
            self._ledger.record(self._waiting)
            self._waiting = []
        self._committed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()

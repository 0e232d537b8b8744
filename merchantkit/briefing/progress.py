"""How far a run is, on stderr: a bar with rate and time left on a terminal, else plain lines."""

import sys
import time
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_LINE_EVERY_SECONDS = 5.0


class Reporter(Protocol):
    """What a run tells about itself while it runs."""

    def start(self, total: int) -> None:
        """Say how many pages are to be made."""

    def made(self, name: str, failure: str = "") -> None:
        """Say that a page is done, or why it is not."""

    def note(self, text: str) -> None:
        """Say something in a line."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, however."""


class Silent:
    """Says nothing."""

    def start(self, total: int) -> None:
        """Say nothing of how many pages are to be made."""

    def made(self, name: str, failure: str = "") -> None:
        """Say nothing of a page."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Lines(Silent):
    """Plain lines, for logs: a failure at once, the count every few seconds."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._total = self._count = self._failed = 0
        self._began = self._said = time.monotonic()

    def start(self, total: int) -> None:
        """Say how many pages are to be made."""
        self._total, self._began = total, time.monotonic()
        if total:
            self.note(f"{total} pages to make")

    def made(self, name: str, failure: str = "") -> None:
        """Count a page, and name one that failed."""
        self._count += 1
        self._failed += bool(failure)
        if failure:
            self.note(f"failed: {name}: {failure}")
        now = time.monotonic()
        if now - self._said >= _LINE_EVERY_SECONDS or self._count == self._total:
            self._said = now
            self.note(self._line(now - self._began))

    def note(self, text: str) -> None:
        """Write a line."""
        print(text, file=self._stream, flush=True)

    def _line(self, seconds: float) -> str:
        rate = self._count / seconds if seconds else 0.0
        left = (self._total - self._count) / rate if rate else 0.0
        count = f"{self._count}/{self._total} pages, {self._failed} failed"
        return f"{count}, {rate:.2f}/s, {left:.0f} s left"


class Bar:
    """A bar, for people."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("[red]{task.fields[failed]}"),
            console=Console(stderr=True),
            # Drawing costs two milliseconds, which the workers would rather have.
            refresh_per_second=4,
        )
        self._task = self._progress.add_task("briefings", total=None, failed="", visible=False)
        self._failed = 0

    def start(self, total: int) -> None:
        """Show the bar, empty; there is none where there is nothing to make."""
        self._progress.reset(self._task, total=total, visible=bool(total))

    def made(self, name: str, failure: str = "") -> None:
        """Move the bar on, and name a page that failed above it."""
        if failure:
            self._failed += 1
            self.note(f"failed: {name}: {failure}")
        failed = f"{self._failed} failed" if self._failed else ""
        self._progress.update(self._task, advance=1, failed=failed)

    def note(self, text: str) -> None:
        """Write a line above the bar; what it says is text, never markup."""
        self._progress.console.print(Text(text))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.2f}/s" if speed else "")


def default_progress() -> Reporter:
    """Return a bar where somebody watches, plain lines where nobody does."""
    return Bar() if sys.stderr.isatty() else Lines()

"""What goes to a worker and what comes back: plain data, quick to import and to send."""

import contextlib
import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from merchantkit.briefing.failures import Failure
from merchantkit.briefing.head import Head

# How often the start of a kernel is tried; a cell never runs twice.
STARTS = 3
# How often a page is begun anew whose worker was lost.
_TRIES_AT_MOST = 3
# The key of what is not said whose it is.
NOBODYS = ("", "", "")


@dataclass(frozen=True)
class Limits:
    """How long things may take, in seconds, and how much they may use.

    Attributes:
        memory: MiB of memory that a briefing's processes may take for themselves.
        portfolio: The same for the portfolio, which reads every merchant's rows of two months.
        processes: How many of them there may be at once.
    """

    cell: float = 120.0
    notebook: float = 300.0
    start: float = 60.0
    memory: int = 2048
    portfolio: int = 8192
    processes: int = 32

    @property
    def worker(self) -> float:
        """When a worker is given up that has not kept the other limits."""
        return self.notebook + STARTS * self.start + 30.0

    @property
    def for_portfolio(self) -> "Limits":
        """These limits as they are for the portfolio."""
        return replace(self, memory=self.portfolio)


@dataclass(frozen=True)
class Job:
    """What a worker needs to make one page.

    Attributes:
        key: The page's (page, merchant_id, lang), handed back with the result.
        notebook: The run's copy of the template notebook.
        parameters: Names → texts; the template declares every one of them.
        cwd: The month's folder, in which the notebook runs.
        scratch: Where the outputs are put, unread by anyone until they are moved.
        forked: Whether it runs in a fresh child of a warm worker; else in a kernel of its own.
    """

    key: tuple[str, str, str]
    notebook: Path
    parameters: Mapping[str, str]
    head: Head
    cwd: Path
    scratch: Path
    limits: Limits
    forked: bool = True

    @property
    def html(self) -> Path:
        """The page, once made."""
        return self.scratch / "page.html"

    @property
    def ipynb(self) -> Path:
        """The executed notebook, once made."""
        return self.scratch / "notebook.ipynb"

    @property
    def said(self) -> Path:
        """What a child said that made it, if it said anything; see ``Made.apart``."""
        return self.scratch / "said.json"

    def put_down(self) -> "Slip":
        """Write this down, and return all that a worker need know of it."""
        file = self.scratch / "job"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(pickle.dumps(self))
        except OSError:
            # The disk takes no more just now, but may when it is this page's turn.
            with contextlib.suppress(OSError):
                file.unlink()
            return Slip(file, self.limits, self)
        return Slip(file, self.limits)


@dataclass(frozen=True)
class Slip:
    """What a worker knows of a job that it leaves to a child.

    A job says whose it is, and what passes through a worker is in the memory of every child that
    it forks later. So the job lies in a file, and the child that makes the page reads it.

    Attributes:
        job: The job itself, if it could not be written.
    """

    file: Path
    limits: Limits
    job: Job | None = None

    def take_up(self) -> Job:
        """Return the job, and remove the file; to be called in the child."""
        if self.job is not None:
            return self.job
        job: Job = pickle.loads(self.file.read_bytes())  # noqa: S301 - the run itself wrote it
        self.file.unlink()
        return job


@dataclass(frozen=True)
class Made:
    """What became of a job: either counts and hashes, or a failure with its reason.

    Attributes:
        phases: Where the seconds went.
        remark: What there is to say of the worker that made it, in English.
    """

    key: tuple[str, str, str]
    seconds: float
    failure: Failure | None = None
    detail: str = ""
    log: str = ""
    html_hash: str = ""
    ipynb_hash: str = ""
    sections: int = 0
    charts: int = 0
    phases: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""

    def apart(self, file: Path) -> "Made":
        """Return this without words, which lie in the file.

        Words quote a merchant's figures, and what passes through a worker is in the memory of
        every child that it forks later.
        """
        wordless = replace(self, detail="", log="")
        if not (self.detail or self.log):
            return self
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps([self.detail, self.log]), "ascii")
        except OSError as error:
            # A full disk's own words are nobody's.
            return replace(wordless, detail=error.strerror or "")
        return wordless

    def together(self, file: Path) -> "Made":
        """Return this with the words that lie in the file, if there is one, and remove it."""
        try:
            detail, log = json.loads(file.read_text("ascii"))
        except (OSError, ValueError):
            return self
        file.unlink()
        return replace(self, detail=detail, log=log)


# What a worker runs before it forks a child for every job; None gives every job its own kernel.
Rehearsals = Sequence[Job] | None


class Tries:
    """Counts how often jobs were lost, and says when one is given up."""

    def __init__(self) -> None:
        self._lost: dict[tuple[str, str, str], int] = {}

    def end(self, job: Job, why: Failure) -> Made | None:
        """Return the failure that a job has come to, or None if it is to be tried again."""
        self._lost[job.key] = self._lost.get(job.key, 0) + 1
        if self._lost[job.key] < _TRIES_AT_MOST:
            return None
        return Made(job.key, 0.0, why, "", f"tried {_TRIES_AT_MOST} times, to no end")

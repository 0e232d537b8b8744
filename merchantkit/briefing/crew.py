"""Worker processes that stay: each made ready before its first page, and ended with its run."""

import os
import tempfile
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from merchantkit import home
from merchantkit.briefing import strays, worker
from merchantkit.briefing.clean_start import CleanContext
from merchantkit.briefing.failures import Failure, NotBegun
from merchantkit.briefing.job import Job, Made, Rehearsals

_POLL_SECONDS = 0.5
# A worker is replaced after this many pages: what a library leaks does not add up. One that
# forks runs none of them itself, and its warmth costs seconds.
_PAGES_A_WORKER = {"kernels": 50, "children": 1920}


class Lost(Exception):
    """A job came to no end through no fault of its own; ``why`` says of what."""

    def __init__(self, why: Failure) -> None:
        super().__init__(why.value)
        self.why = why


class Crew:
    """Workers; as a context, they end when it does, with whatever they started.

    Args:
        workers: How many processes.
        rehearsals: What each runs before it forks a child for every job; None gives every job a
            kernel of its own.
        beside: A folder of unfinished work on the disk of the jobs' own.
    """

    def __init__(self, workers: int, rehearsals: Rehearsals, beside: Path) -> None:
        self._rehearsals = rehearsals
        self._temporary = self._runtime(beside)
        self._folder = Path(self._temporary.name)
        self._has_strays = True  # until all has come to its end
        self._given: set[Future[Made]] = set()
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_PAGES_A_WORKER["kernels" if rehearsals is None else "children"],
            initializer=worker.prepare,
            initargs=(home.root(), self._folder, os.getpid(), rehearsals),
            # Never a fork of this process: it holds DuckDB's and Arrow's threads.
            context=CleanContext(),
        )

    def schedule(self, job: Job) -> "Future[Made]":
        """Hand a job to the workers.

        Raises:
            Lost: They take no more, as one of them died in a way that ended all.
        """
        limit = job.limits.worker
        try:
            future: Future[Made] = (
                self._pool.schedule(worker.make, (job, self._folder), timeout=limit)
                if self._rehearsals is None
                else self._pool.schedule(worker.fork, (job.put_down(),), timeout=limit)
            )
        except RuntimeError as broken:
            raise Lost(Failure.WORKER_DIED) from broken
        self._given.add(future)
        return future

    @property
    def is_broken(self) -> bool:
        """Whether all is over with its workers; what they had may then never come to an end."""
        return not self._pool.active

    @property
    def unready(self) -> str:
        """Why a worker could not be made ready; empty if all could, as far as is known."""
        try:
            return (self._folder / worker.UNREADY).read_text("utf-8")
        except OSError:
            return ""

    def outcome(self, future: "Future[Made]", job: Job, seconds: float) -> Made:
        """Return what became of a job that took so many seconds.

        Raises:
            Lost: It is to be tried again, with other workers.
        """
        try:
            while not future.done():
                wait([future], _POLL_SECONDS)
                if self.is_broken:
                    future.cancel()
            made = future.result()
            return replace(made, key=job.key)
        except Exception as error:
            # Now, and not when the run ends: they may be what the machine is short of.
            strays.end(self._folder)
            if isinstance(error, (BrokenProcessPool, CancelledError)):
                raise Lost(Failure.WORKER_DIED) from error
            if isinstance(error, NotBegun):
                raise Lost(Failure.NO_ROOM) from error
            return _fallen(job, error, seconds)
        finally:
            self._given.discard(future)

    def finish(self) -> None:
        """Take no more jobs: all have come to their end, and left nothing behind."""
        self._pool.close()  # type: ignore[no-untyped-call]
        self._has_strays = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            # The pool leaves some as they are when it stops, and somebody may wait for them.
            for future in list(self._given):
                future.cancel()
            if self._has_strays:
                strays.end(self._folder)
        finally:
            self._temporary.cleanup()

    def _runtime(self, beside: Path) -> "tempfile.TemporaryDirectory[str]":
        folder = None  # a kernel's sockets need a short path
        if self._rehearsals is not None:
            # Among unfinished work: the next run removes what a killed one leaves there.
            folder = beside
            folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix="mk-", dir=folder, ignore_cleanup_errors=True)


def _fallen(job: Job, error: Exception, seconds: float) -> Made:
    if isinstance(error, TimeoutError):
        limit = f"{job.limits.worker:g} s"
        return Made(job.key, seconds, Failure.NOTEBOOK_TIMEOUT, limit, repr(error))
    code = f"status {error.exitcode}" if isinstance(error, ProcessExpired) else type(error).__name__
    return Made(job.key, seconds, Failure.WORKER_DIED, code, repr(error))

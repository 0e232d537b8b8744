"""A bounded pool of worker processes: one job at a time each; a dead one takes only its own."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from merchantkit import home
from merchantkit.briefing import strays, worker
from merchantkit.briefing.failures import Failure, NotBegun
from merchantkit.briefing.job import Job, Made

# A worker is replaced after this many pages: what a library leaks does not add up. One that
# forks runs none of them itself, and its warmth costs seconds.
_PAGES_A_WORKER = {"kernels": 50, "children": 1920}
# Waiting beside each worker, so that none ever waits for the parent.
_AHEAD = 3
_TRIES_AT_MOST = 3
_POLL_SECONDS = 0.5


def default_workers() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def run_jobs(
    jobs: Iterable[Job], workers: int, rehearsals: Sequence[Job] | None = None
) -> Iterator[Made]:
    """Make pages in worker processes and yield each as it is done, in no order.

    Every job comes back exactly once: a worker that dies or hangs is its job's failure. Leaving the
    loop early, also by an exception, stops the workers and whatever they started.

    Args:
        jobs: What to make; taken one by one, as workers get free.
        workers: How many processes.
        rehearsals: What each worker runs before it forks a child for every job; None gives every
            job a kernel of its own.
    """
    queue = iter(jobs)
    tries: dict[tuple[str, str, str], int] = {}
    while (first := next(queue, None)) is not None:
        left = _Round(chain([first], queue), workers, rehearsals)
        yield from left.made()
        again = []
        for job, why in left.lost:
            tries[job.key] = tries.get(job.key, 0) + 1
            if tries[job.key] < _TRIES_AT_MOST:
                again.append(job)
            else:
                yield Made(job.key, 0.0, why, "", f"tried {_TRIES_AT_MOST} times, to no end")
        queue = chain(again, left.waiting)


class _Round:
    """One life of a pool; ``lost`` holds the jobs that it could not bring to any end, and why."""

    def __init__(self, jobs: Iterator[Job], workers: int, rehearsals: Sequence[Job] | None) -> None:
        # No more workers than jobs: the first few are taken to be counted.
        first = list(islice(jobs, workers))
        self.lost: list[tuple[Job, Failure]] = []
        self.waiting = chain(first, jobs)
        self._workers = len(first)
        self._beside = first[0].scratch.parent
        self._rehearsals = rehearsals
        self._running: dict[Future[Made], tuple[Job, float]] = {}
        self._has_strays = True  # until all has come to its end

    def made(self) -> Iterator[Made]:
        with self._runtime() as runtime:
            pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_PAGES_A_WORKER["kernels" if self._rehearsals is None else "children"],
                initializer=worker.prepare,
                initargs=(home.root(), Path(runtime), os.getpid(), self._rehearsals),
                # Never a fork of this process: it holds DuckDB's and Arrow's threads.
                context=multiprocessing.get_context("spawn"),
            )
            try:
                self._fill(pool, Path(runtime))
                while self._running:
                    yield from self._collect(Path(runtime))
                    self._fill(pool, Path(runtime))
                pool.close()  # type: ignore[no-untyped-call]
                self._has_strays = False
            finally:
                pool.stop()  # type: ignore[no-untyped-call]
                pool.join()
                if self._has_strays:
                    strays.end(Path(runtime))

    def _runtime(self) -> "tempfile.TemporaryDirectory[str]":
        beside = None  # a kernel's sockets need a short path
        if self._rehearsals is not None:
            # Among unfinished work: the next run removes what a killed one leaves there.
            beside = self._beside
            beside.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix="mk-", dir=beside, ignore_cleanup_errors=True)

    def _fill(self, pool: ProcessPool, runtime: Path) -> None:
        while len(self._running) < self._workers * _AHEAD:
            job = next(self.waiting, None)
            if job is None:
                return
            try:
                self._running[self._schedule(pool, job, runtime)] = (job, time.monotonic())
            except RuntimeError:
                # The pool is broken: what it did not take goes to the next one.
                self.lost.append((job, Failure.WORKER_DIED))
                return

    def _schedule(self, pool: ProcessPool, job: Job, runtime: Path) -> "Future[Made]":
        limit = job.limits.worker
        if self._rehearsals is None:
            return pool.schedule(worker.make, (job, runtime), timeout=limit)
        return pool.schedule(worker.fork, (job.put_down(),), timeout=limit)

    def _collect(self, runtime: Path) -> Iterator[Made]:
        done, _ = wait(self._running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            job, began = self._running.pop(future)
            try:
                yield replace(future.result(), key=job.key)
            except Exception as error:  # noqa: BLE001 - whatever a worker died of is its job's failure
                # Now, and not when the run ends: they may be what the machine is short of.
                strays.end(runtime)
                if isinstance(error, BrokenProcessPool):
                    self.lost.append((job, Failure.WORKER_DIED))
                elif isinstance(error, NotBegun):
                    self.lost.append((job, Failure.NO_ROOM))
                else:
                    yield _fallen(job, error, time.monotonic() - began)


def _fallen(job: Job, error: Exception, seconds: float) -> Made:
    if isinstance(error, TimeoutError):
        limit = f"{job.limits.worker:g} s"
        return Made(job.key, seconds, Failure.NOTEBOOK_TIMEOUT, limit, repr(error))
    code = f"status {error.exitcode}" if isinstance(error, ProcessExpired) else type(error).__name__
    return Made(job.key, seconds, Failure.WORKER_DIED, code, repr(error))

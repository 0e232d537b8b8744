"""A bounded pool of worker processes: one job at a time each; a dead one takes only its own."""

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import chain, islice

from merchantkit.briefing.crew import Crew, Lost
from merchantkit.briefing.failures import Failure, machine_paths, one_line
from merchantkit.briefing.job import Job, Made, Rehearsals, Tries
from merchantkit.errors import ReportError

# Waiting beside each worker, so that none ever waits for the parent.
_AHEAD = 3
_POLL_SECONDS = 0.5
# What keeps a worker from being made ready may pass once, such as a full disk.
_ROUNDS_IN_VAIN = 2


def default_workers() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def run_jobs(jobs: Iterable[Job], workers: int, rehearsals: Rehearsals = None) -> Iterator[Made]:
    """Make pages in worker processes and yield each as it is done, in no order.

    Every job comes back exactly once: a worker that dies or hangs is its job's failure. Leaving the
    loop early, also by an exception, stops the workers and whatever they started.

    Args:
        jobs: What to make; taken one by one, as workers get free.
        workers: How many processes.
        rehearsals: What each worker runs before it forks a child for every job; None gives every
            job a kernel of its own.

    Raises:
        ReportError: No worker could be made ready, twice: every page would fail for that.
    """
    queue = iter(jobs)
    tries, in_vain = Tries(), 0
    while (first := next(queue, None)) is not None:
        left = _Round(chain([first], queue), workers, rehearsals)
        yield from left.made()
        in_vain = in_vain + 1 if left.unready else 0
        if in_vain == _ROUNDS_IN_VAIN:
            raise _unready(left.unready)
        again = []
        for job, why in left.lost:
            if (end := tries.end(job, why)) is None:
                again.append(job)
            else:
                yield end
        queue = chain(again, left.waiting)


def _unready(why: str) -> ReportError:
    return ReportError(
        f"no worker could be made ready to make pages: {one_line(why, machine_paths())}",
        remedy="see what the message names, and run the report again: what was made is kept",
    )


class _Round:
    """One life of a pool; ``lost`` holds the jobs that it could not bring to any end, and why.

    Attributes:
        unready: Why no worker could be made ready, if no page came to an end for that.
    """

    def __init__(self, jobs: Iterator[Job], workers: int, rehearsals: Rehearsals) -> None:
        # No more workers than jobs: the first few are taken to be counted.
        first = list(islice(jobs, workers))
        self.lost: list[tuple[Job, Failure]] = []
        self.waiting = chain(first, jobs)
        self._workers = len(first)
        self._beside = first[0].scratch.parent
        self._rehearsals = rehearsals
        self._running: dict[Future[Made], tuple[Job, float]] = {}
        self.unready = ""

    def made(self) -> Iterator[Made]:
        ended = 0
        with Crew(self._workers, self._rehearsals, self._beside) as crew:
            self._fill(crew)
            while self._running:
                for made in self._collect(crew):
                    ended += 1
                    yield made
                self._fill(crew)
            self.unready = "" if ended else crew.unready
            crew.finish()

    def _fill(self, crew: Crew) -> None:
        while len(self._running) < self._workers * _AHEAD:
            job = next(self.waiting, None)
            if job is None:
                return
            try:
                self._running[crew.schedule(job)] = (job, time.monotonic())
            except Lost as lost:
                # The pool is broken: what it did not take goes to the next one.
                self.lost.append((job, lost.why))
                return

    def _collect(self, crew: Crew) -> Iterator[Made]:
        done, _ = wait(self._running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
        if not done and crew.is_broken:
            # A pool that breaks between two of its own steps leaves jobs without an end.
            done = set(self._running)
        for future in done:
            job, began = self._running.pop(future)
            try:
                yield crew.outcome(future, job, time.monotonic() - began)
            except Lost as lost:
                self.lost.append((job, lost.why))

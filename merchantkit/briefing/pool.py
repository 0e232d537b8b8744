"""A bounded pool of worker processes: one job at a time each; a dead one takes only its own."""

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import chain, islice

from merchantkit.briefing.crew import Crew, Lost
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.job import Job, Made, Rehearsals, Tries

# Waiting beside each worker, so that none ever waits for the parent.
_AHEAD = 3
_POLL_SECONDS = 0.5


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
    """
    queue = iter(jobs)
    tries = Tries()
    while (first := next(queue, None)) is not None:
        left = _Round(chain([first], queue), workers, rehearsals)
        yield from left.made()
        again = []
        for job, why in left.lost:
            if (end := tries.end(job, why)) is None:
                again.append(job)
            else:
                yield end
        queue = chain(again, left.waiting)


class _Round:
    """One life of a pool; ``lost`` holds the jobs that it could not bring to any end, and why."""

    def __init__(self, jobs: Iterator[Job], workers: int, rehearsals: Rehearsals) -> None:
        # No more workers than jobs: the first few are taken to be counted.
        first = list(islice(jobs, workers))
        self.lost: list[tuple[Job, Failure]] = []
        self.waiting = chain(first, jobs)
        self._workers = len(first)
        self._beside = first[0].scratch.parent
        self._rehearsals = rehearsals
        self._running: dict[Future[Made], tuple[Job, float]] = {}

    def made(self) -> Iterator[Made]:
        with Crew(self._workers, self._rehearsals, self._beside) as crew:
            self._fill(crew)
            while self._running:
                yield from self._collect(crew)
                self._fill(crew)
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

"""A run's place on one worker of a cluster: warmed once, then pages, and nothing left behind."""

import asyncio
import multiprocessing
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from distributed import Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from merchantkit.briefing.cluster.parcels import Luggage, Order, Parcel, this_kit
from merchantkit.briefing.crew import Crew, Lost
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.job import Job, Made

# How long processes wait for the next page before they end.
_IDLE_SECONDS = 900.0
_POLL_SECONDS = 0.05


class Unfit(Exception):
    """A worker that can make no page of the run; ``worker`` is its name, ``why`` says why."""

    def __init__(self, worker: str, why: str) -> None:
        super().__init__(worker, why)
        self.worker = worker
        self.why = why


class Station(WorkerPlugin):
    """What a worker keeps for a run: a folder, and processes that are ready to make pages.

    A worker of the cluster holds threads, so none of its own may be forked: pages are forked from
    processes that it starts for them, as a run on one machine does.
    """

    def __init__(self, name: str, luggage: Luggage) -> None:
        self.name = name
        self._luggage = luggage

    def setup(self, worker: Worker) -> None:
        """Unpack; called once on every worker there is, and on each that joins."""
        self._worker = str(worker.name)
        self._threads = worker.state.nthreads
        self._folder = Path(worker.local_directory) / self.name
        self._numbers = count()
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._crew: Crew | None = None
        self._resting: threading.Timer | None = None
        self._closed = False
        self._unpacked = False

    def teardown(self, worker: Worker) -> None:
        """End its processes and remove its folder."""
        with self._lock:
            self._closed = True
            self._rest_in_lock()
            shutil.rmtree(self._folder, ignore_errors=True)

    def make(self, orders: Sequence[Order]) -> list[Parcel]:
        """Make pages, as many at once as there are processes; a parcel for each order.

        Raises:
            Unfit: This worker cannot: it has another kit, or its disk takes no more.
        """
        begun: list[tuple[Job, Future[Made] | Lost, float]] = []
        try:
            crew = self._ready()
            for order in orders:
                begun.append((*self._begin(crew, order), time.monotonic()))
            return [self._parcel(crew, job, future, began) for job, future, began in begun]
        except OSError as error:
            for job, future, _ in begun:
                if not isinstance(future, Lost):
                    future.cancel()
                shutil.rmtree(job.cwd, ignore_errors=True)
            raise Unfit(self._worker, repr(error)) from error
        finally:
            self._rest_later()

    def _ready(self) -> Crew:
        with self._lock:
            if self._resting is not None:
                self._resting.cancel()
            if self._closed:
                raise Unfit(self._worker, "its run has ended")
            if not self._unpacked:
                if (here := this_kit()) != self._luggage.kit:
                    other = here.beside(self._luggage.kit)
                    raise Unfit(self._worker, f"it has another kit: {other}")
                self._luggage.unpack(self._folder)
                self._unpacked = True
            if self._crew is None:
                # A nanny's worker is a daemon to multiprocessing, which lets daemons have no
                # children; these end by themselves when it is gone.
                multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
                rehearsals = self._luggage.rehearsals_in(self._folder)
                crew = Crew(self._threads, rehearsals, self._folder / "runtime")
                self._crew = self._stack.enter_context(crew)
            return self._crew

    def _rest_later(self) -> None:
        """End the processes once nobody has asked for a page for long: a run may have died."""
        with self._lock:
            if self._resting is not None:
                self._resting.cancel()
            self._resting = threading.Timer(_IDLE_SECONDS, self._rest)
            self._resting.daemon = True
            if not self._closed:
                self._resting.start()

    def _rest(self) -> None:
        with self._lock:
            self._rest_in_lock()

    def _rest_in_lock(self) -> None:
        self._stack.close()
        self._crew = None

    def _begin(self, crew: Crew, order: Order) -> "tuple[Job, Future[Made] | Lost]":
        folder = self._folder / "pages" / str(next(self._numbers))
        job = order.unpack(folder, self._luggage, self._folder)
        try:
            return job, crew.schedule(job)
        except Lost as lost:
            return job, lost

    def _parcel(self, crew: Crew, job: Job, future: "Future[Made] | Lost", began: float) -> Parcel:
        try:
            if isinstance(future, Lost):
                raise future
            made = crew.outcome(future, job, time.monotonic() - began).together(job.said)
            if made.failure == Failure.WORKER_DIED:
                # Its process was killed, and this machine may be going down: another tries.
                return Parcel(None, made.failure, self._worker)
            if made.failure is not None:
                return Parcel(made)
            return Parcel(made, html=job.html.read_bytes(), ipynb=job.ipynb.read_bytes())
        except Lost as lost:
            self._renew(crew, lost)
            return Parcel(None, lost.why, self._worker)
        except OSError:
            # This page's own trouble, and a try of it: the others are well.
            return Parcel(None, Failure.NOT_WRITTEN, self._worker)
        finally:
            shutil.rmtree(job.cwd, ignore_errors=True)

    def _renew(self, crew: Crew, lost: Lost) -> None:
        """Begin with new processes: those that are lost make no more pages."""
        with self._lock:
            if lost.why == Failure.WORKER_DIED and self._crew is crew:
                self._rest_in_lock()


def make(name: str, orders: Sequence[Order]) -> list[Parcel]:
    """Make pages at this worker's station; what a task of the cluster calls.

    Raises:
        Unfit: This worker has none, or cannot make them.
    """
    worker = get_worker()
    station: Any = worker.plugins.get(name)
    if station is None:
        raise Unfit(str(worker.name), "it could not be made ready")
    made: list[Parcel] = station.make(orders)
    return made


async def settled(name: str, there: bool, seconds: float, dask_worker: Worker) -> bool:
    """Wait until this worker has a run's station, or has it no more; return whether that is so.

    Dask tells a run only when all workers have answered; so each is asked for itself.
    """
    until = time.monotonic() + seconds
    while (name in dask_worker.plugins) != there:
        if time.monotonic() > until:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    return True

"""A run's place on one worker of a cluster: warmed once, then pages, and nothing left behind."""

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

from merchantkit.briefing.cluster.parcels import Kit, Luggage, Order, Parcel, this_kit
from merchantkit.briefing.crew import Crew, Lost
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.job import Job, Made


class OtherKit(Exception):
    """A worker has another kit than the run; ``address`` says which worker."""

    def __init__(self, address: str, kit: Kit) -> None:
        super().__init__(address, kit)
        self.address = address
        self.kit = kit


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
        self._address = worker.address
        self._threads = worker.state.nthreads
        self._folder = Path(worker.local_directory) / self.name
        self._numbers = count()
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._crew: Crew | None = None
        if this_kit() == self._luggage.kit:
            self._luggage.unpack(self._folder)

    def teardown(self, worker: Worker) -> None:
        """End its processes and remove its folder."""
        with self._lock:
            self._stack.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def make(self, orders: Sequence[Order]) -> list[Parcel]:
        """Make pages, as many at once as there are processes; a parcel for each order.

        Raises:
            OtherKit: The run was started with another kit than this worker's.
        """
        if (here := this_kit()) != self._luggage.kit:
            raise OtherKit(self._address, here)
        crew = self._ready()
        begun = [(*self._begin(crew, order), time.monotonic()) for order in orders]
        return [self._parcel(crew, job, future, began) for job, future, began in begun]

    def _ready(self) -> Crew:
        with self._lock:
            if self._crew is None:
                # A nanny's worker is a daemon to multiprocessing, which lets daemons have no
                # children; these end by themselves when it is gone.
                multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
                rehearsals = self._luggage.rehearsals_in(self._folder)
                crew = Crew(self._threads, rehearsals, self._folder / "runtime")
                self._crew = self._stack.enter_context(crew)
            return self._crew

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
            if made.failure is not None:
                return Parcel(made)
            return Parcel(made, None, job.html.read_bytes(), job.ipynb.read_bytes())
        except Lost as lost:
            self._renew(crew, lost)
            return Parcel(None, lost.why)
        finally:
            shutil.rmtree(job.cwd, ignore_errors=True)

    def _renew(self, crew: Crew, lost: Lost) -> None:
        """Begin with new processes: those that are lost make no more pages."""
        with self._lock:
            if lost.why == Failure.WORKER_DIED and self._crew is crew:
                self._stack.close()
                self._crew = None


def make(name: str, orders: Sequence[Order]) -> list[Parcel]:
    """Make pages at this worker's station; what a task of the cluster calls."""
    station: Any = get_worker().plugins[name]
    made: list[Parcel] = station.make(orders)
    return made

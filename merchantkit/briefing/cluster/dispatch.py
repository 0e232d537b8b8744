"""Handing a run's pages to a cluster, and taking them back."""

import contextlib
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from itertools import islice

import distributed
from distributed import Client, Future

from merchantkit.briefing import atomic
from merchantkit.briefing.cluster import station
from merchantkit.briefing.cluster.parcels import Luggage, Order, Parcel, packed, this_kit
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.job import Job, Made, Tries
from merchantkit.briefing.progress import Reporter
from merchantkit.errors import ReportError

# A task is long beside what the scheduler needs for one, and short beside a run.
_PAGES_A_TASK = 4
# Tasks for each thread of the cluster, so that none ever waits for the run.
_AHEAD = 3
_POLL_SECONDS = 2.0
_CONNECT_SECONDS = 10.0
# How long a run waits for a worker where there is none: one that was killed is started anew.
_ALONE_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster.

    Attributes:
        address: Its scheduler's, such as ``tcp://10.0.0.1:8786``.
        progress: What to tell of its workers.
    """

    address: str
    progress: Reporter

    def run_jobs(self, jobs: Iterable[Job], luggage: Luggage) -> Iterator[Made]:
        """Make briefings on the cluster and yield each as it is back and written, in no order.

        Every job comes back exactly once. A worker that is killed loses nothing: the scheduler
        gives what it had to another.

        Raises:
            ReportError: The scheduler cannot be reached or is gone, it has no workers, or they
                have another kit.
        """
        name = f"merchantkit-{uuid.uuid4().hex[:12]}"
        with self._client() as client:
            self._refuse_other_kits(client)
            client.register_plugin(station.Station(name, luggage))
            try:
                yield from _Dispatch(self, client, name, iter(jobs)).made()
            finally:
                with contextlib.suppress(Exception):  # gone, and its workers' folders with it
                    client.unregister_worker_plugin(name)

    @contextlib.contextmanager
    def _client(self) -> Iterator[Client]:
        try:
            client = Client(
                self.address, timeout=_CONNECT_SECONDS, set_as_default=False,
                direct_to_workers=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise ReportError(
                f"no scheduler answers: {error}",
                where=self.address,
                remedy="start one (dask scheduler), or leave --scheduler out",
            ) from error
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):  # whatever is left of it is gone with it
                client.close(timeout=_CONNECT_SECONDS)

    def _refuse_other_kits(self, client: Client) -> None:
        try:
            client.wait_for_workers(1, timeout=_ALONE_SECONDS)
        except TimeoutError as error:
            raise self.without_workers() from error
        ours = this_kit()
        kits = client.run(this_kit, on_error="return")
        others = {at: kit for at, kit in kits.items() if kit != ours}
        if others:
            at, kit = next(iter(others.items()))
            has = f"merchantkit {kit.version}" if isinstance(kit, type(ours)) else repr(kit)
            raise ReportError(
                f"workers have another kit than this run's {ours.version}: {has}",
                where=at,
                count=len(others),
                remedy="install the same merchantkit on every worker and start them anew",
            )
        self.progress.note(f"{len(kits)} workers of {self.address} make the briefings")

    def without_workers(self) -> ReportError:
        """Return the error of a cluster on which nobody works."""
        return ReportError(
            f"the cluster has had no worker for {_ALONE_SECONDS:g} s",
            where=self.address,
            remedy="start some (dask worker ADDRESS); what is finished stays, and a rerun goes on",
        )


class _Dispatch:
    """One run's tasks on a cluster: as many as keep it busy, and no more."""

    def __init__(self, cluster: Cluster, client: Client, name: str, jobs: Iterator[Job]) -> None:
        self._cluster = cluster
        self._client = client
        self._name = name
        self._jobs = jobs
        self._again: list[Job] = []
        self._tries = Tries()
        self._running: dict[Future[list[Parcel]], list[Order]] = {}
        self._threads = 0
        self._looked = self._peopled = time.monotonic()

    def made(self) -> Iterator[Made]:
        self._look()
        self._fill()
        while self._running:
            for future in self._done():
                yield from self._taken_back(future, self._running.pop(future))
            if time.monotonic() - self._looked > _POLL_SECONDS:
                self._look()
            self._fill()

    def _look(self) -> None:
        """See how many threads there are: workers come and go."""
        try:
            self._threads = sum(self._client.nthreads().values())
        except Exception as error:
            raise self._gone() from error
        self._looked = time.monotonic()
        if self._threads:
            self._peopled = self._looked
        elif self._looked - self._peopled > _ALONE_SECONDS:
            raise self._cluster.without_workers()

    def _fill(self) -> None:
        while len(self._running) < self._threads * _AHEAD:
            # What was lost goes alone, so that what cannot be made takes nothing with it.
            jobs = [self._again.pop()] if self._again else list(islice(self._jobs, _PAGES_A_TASK))
            if not jobs:
                return
            orders = [packed(job) for job in jobs]
            key = f"briefings-{uuid.uuid4().hex}"  # no merchant's name: everyone sees keys
            future = self._client.submit(station.make, self._name, orders, key=key, pure=False)
            self._running[future] = orders

    def _done(self) -> "Sequence[Future[list[Parcel]]]":
        with self._client.as_current(), contextlib.suppress(TimeoutError, CancelledError):
            distributed.wait(list(self._running), _POLL_SECONDS, "FIRST_COMPLETED")
        if self._client.status != "running" or any(f.cancelled() for f in self._running):
            raise self._gone()
        return [future for future in self._running if future.done()]

    def _taken_back(self, future: "Future[list[Parcel]]", orders: list[Order]) -> Iterator[Made]:
        for order, parcel in zip(orders, self._parcels(future, orders), strict=True):
            if parcel.made is not None:
                yield _unpacked(order.job, parcel.made, parcel)
            elif end := self._tries.end(order.job, parcel.lost or Failure.WORKER_DIED):
                yield end
            else:
                self._again.append(order.job)

    def _parcels(self, future: "Future[list[Parcel]]", orders: list[Order]) -> Sequence[Parcel]:
        try:
            parcels: list[Parcel] = self._client.gather(future, direct=True)
        except station.OtherKit as other:
            self._dismiss(other)
            # Not a try of theirs: nobody began them.
            self._again.extend(order.job for order in orders)
            orders.clear()
            return []
        except (OSError, CancelledError) as error:
            if self._client.status != "running":
                raise self._gone() from error
            return [Parcel(None, Failure.WORKER_DIED)] * len(orders)
        except Exception as error:  # noqa: BLE001 - whatever a task died of is its pages' failure
            self._cluster.progress.note(f"a task of the cluster failed: {error!r}")
            return [Parcel(None, Failure.WORKER_DIED)] * len(orders)
        return parcels

    def _dismiss(self, other: station.OtherKit) -> None:
        """Let a worker that joined with another kit make nothing more."""
        self._cluster.progress.note(
            f"{other.address} has merchantkit {other.kit.version} of other code: it is let go"
        )
        with contextlib.suppress(Exception):  # gone already
            self._client.retire_workers([other.address], close_workers=True)

    def _gone(self) -> ReportError:
        return ReportError(
            "the scheduler is gone",
            where=self._cluster.address,
            remedy="start it anew; what is finished is on record, and a rerun makes the rest",
        )


def _unpacked(job: Job, made: Made, parcel: Parcel) -> Made:
    """Write what came back where the run looks for it."""
    if made.failure is not None:
        return made
    try:
        atomic.write_beside(job.html, parcel.html)
        atomic.write_beside(job.ipynb, parcel.ipynb)
    except OSError as error:
        return Made(job.key, made.seconds, Failure.NOT_WRITTEN, str(error), repr(error))
    return made

"""Handing a run's pages to a cluster, and taking them back."""

import contextlib
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from itertools import islice

import distributed
from distributed import Client, Future

from merchantkit.briefing import atomic
from merchantkit.briefing.cluster import address, station
from merchantkit.briefing.cluster.muster import Muster, within
from merchantkit.briefing.cluster.parcels import Luggage, Order, Parcel, packed
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.job import Job, Made, Tries
from merchantkit.briefing.progress import Reporter
from merchantkit.errors import ReportError

# A task is long beside what the scheduler needs for one, and short beside a run.
_PAGES_A_TASK = 4
# Tasks for each thread of the cluster, so that none ever waits for the run.
_AHEAD = 3
_POLL_SECONDS = 2.0
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
            muster = Muster(client, self.address, self.progress)
            with self._told():
                self._wait_for_anyone(client)
                muster.refuse_other_kits()
            try:
                with self._told():
                    muster.make_ready(name, luggage)
                yield from _Dispatch(self, muster, name, iter(jobs)).made()
            finally:
                muster.leave(name)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in the kit's words what goes wrong before the first page."""
        try:
            yield
        except (OSError, TimeoutError) as error:
            raise ReportError(
                f"the cluster could not be made ready: {error!r}",
                where=self.address,
                remedy="look at its scheduler and workers, and run the report again",
            ) from error

    @contextlib.contextmanager
    def _client(self) -> Iterator[Client]:
        # Anew: the month took a while, and a client that cannot begin is no good at saying so.
        address.check(self.address)
        try:
            client = Client(
                self.address, timeout=address.CONNECT_SECONDS, set_as_default=False,
                direct_to_workers=True,
            )  # fmt: skip
        except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
            raise address.silent(self.address, error) from error
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):  # whatever is left of it is gone with it
                client.close(timeout=address.CONNECT_SECONDS)

    def _wait_for_anyone(self, client: Client) -> None:
        try:
            client.wait_for_workers(1, timeout=_ALONE_SECONDS)
        except TimeoutError as error:
            raise self.without_workers() from error

    def without_workers(self, unfit: int = 0) -> ReportError:
        """Return the error of a cluster on which nobody works, or nobody who can."""
        but = f" but {unfit} that can make no page of this run" if unfit else ""
        return ReportError(
            f"the cluster has had no worker for {_ALONE_SECONDS:g} s{but}",
            where=self.address,
            remedy="start some (dask worker ADDRESS); what is finished stays, and a rerun goes on",
        )


@dataclass(frozen=True)
class _Task:
    """What was handed out, and to whom: ``allowed`` is None if to whoever comes first."""

    orders: list[Order]
    allowed: set[str] | None


class _Dispatch:
    """One run's tasks on a cluster: as many as keep it busy, and no more."""

    def __init__(self, cluster: Cluster, muster: Muster, name: str, jobs: Iterator[Job]) -> None:
        self._cluster = cluster
        self._muster = muster
        self._client = muster.client
        self._roster = muster.roster
        self._name = name
        self._jobs = jobs
        self._next = list(islice(jobs, _PAGES_A_TASK))
        self._again: list[Job] = []
        self._tries = Tries()
        self._running: dict[Future[list[Parcel]], _Task] = {}

    def made(self) -> Iterator[Made]:
        self._look()
        while self._fill():
            for future in self._done():
                self._look_again()
                # What is done is lost when its worker goes before it was fetched.
                if future in self._running and future.done():
                    yield from self._taken_back(future, self._running.pop(future).orders)
            self._look_again()

    def _look_again(self) -> None:
        if time.monotonic() - self._roster.looked > _POLL_SECONDS:
            self._look()

    def _look(self) -> None:
        """See who is there: workers come and go."""
        try:
            self._muster.look()
        except Exception as error:
            raise self._gone() from error
        if self._roster.looked - self._roster.peopled > _ALONE_SECONDS:
            raise self._cluster.without_workers(len(self._roster.unfit))
        for future, task in list(self._running.items()):
            if not future.done() and not self._roster.anyone_of(task.allowed):
                # The scheduler would wait for them for ever. What one that is paused or dismissed
                # is just making is made twice; what comes of it late is let go.
                del self._running[future]
                self._again.extend(order.job for order in task.orders)

    def _fill(self) -> bool:
        """Hand out as many tasks as keep the cluster busy; return whether there are any left."""
        while (self._again or self._next) and len(self._running) < self._roster.threads * _AHEAD:
            if self._again:
                # What was lost goes alone, so that what cannot be made takes nothing with it.
                jobs = [self._again.pop()]
            else:
                jobs, self._next = self._next, list(islice(self._jobs, _PAGES_A_TASK))
            orders = [packed(job) for job in jobs]
            key = f"briefings-{uuid.uuid4().hex}"  # no merchant's name: everyone sees keys
            allowed = self._roster.allowed(jobs)
            future = self._client.submit(
                station.make, self._name, orders, key=key, pure=False, workers=allowed
            )
            self._running[future] = _Task(orders, allowed)
        if self._running:
            return True
        if self._again or self._next:
            # Nobody works just now: what is left waits for whoever comes.
            time.sleep(_POLL_SECONDS)
            return True
        return False

    def _done(self) -> "Sequence[Future[list[Parcel]]]":
        if not self._running:
            return []
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
                self._roster.lost(order.job, parcel.at)
                self._again.append(order.job)

    def _parcels(self, future: "Future[list[Parcel]]", orders: list[Order]) -> Sequence[Parcel]:
        try:
            # Asked anew: its worker may have died since, and it is made again elsewhere.
            parcels: list[Parcel] = within(
                self._client,
                partial(self._client.gather, future, direct=True, asynchronous=True),
            )
        except station.Unfit as unfit:
            if not self._roster.knows(unfit.worker):
                self._look()  # it may have come since the last time
            if not self._roster.knows(unfit.worker):
                # Gone meanwhile: whoever it was gets nothing more, and nothing here is endless.
                return [Parcel(None, Failure.WORKER_DIED)] * len(orders)
            self._dismiss(unfit)
            # Not a try of theirs: nobody began them.
            self._again.extend(order.job for order in orders)
            orders.clear()
            return []
        except (OSError, TimeoutError, CancelledError) as error:
            if self._client.status != "running":
                raise self._gone() from error
            return [Parcel(None, Failure.WORKER_DIED)] * len(orders)
        except Exception as error:  # noqa: BLE001 - whatever a task died of is its pages' failure
            self._cluster.progress.note(f"a task of the cluster failed: {error!r}")
            return [Parcel(None, Failure.WORKER_DIED)] * len(orders)
        return parcels

    def _dismiss(self, unfit: station.Unfit) -> None:
        """Give nothing more to a worker that can make nothing of the run."""
        if self._roster.dismiss(unfit.worker):
            self._cluster.progress.note(f"{unfit.worker} is given no more pages: {unfit.why}")

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

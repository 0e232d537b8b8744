"""Who of a cluster's workers makes a run's pages: each is asked by itself, so none holds others up.

Dask asks all of them at once and waits for the last, and gives one that is frozen up only after its
``worker-ttl``.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from distributed import Client

from merchantkit.briefing.cluster import station
from merchantkit.briefing.cluster.parcels import Kit, Luggage, this_kit
from merchantkit.briefing.cluster.roster import Roster
from merchantkit.briefing.progress import Reporter
from merchantkit.errors import ReportError

# A worker that answers no question for so long is frozen, or gone.
_ANSWER_SECONDS = 60.0
# For what all have answered to come to its own end, too.
_GRACE_SECONDS = 1.0
_SILENT = object()


@dataclass(frozen=True)
class Muster:
    """A run's workers, from the first question to the last.

    Attributes:
        client: The run's.
        address: The scheduler's.
        progress: What to tell of them.
        roster: Who they are.
    """

    client: Client
    address: str
    progress: Reporter
    roster: Roster = field(default_factory=Roster)

    def look(self) -> None:
        """Bring the roster up to date."""
        scheduler: Any = self.client.scheduler
        told = within(self.client, partial(scheduler.identity, n_workers=-1))
        self.roster.look(told["workers"])

    def refuse_other_kits(self) -> None:
        """Ask every worker which kit it has.

        Raises:
            ReportError: Some have another than this run, or nobody answers.
        """
        self.look()
        ours, kits = this_kit(), self._answers(partial(self._each, this_kit))
        others = {at: kit for at, kit in kits.items() if kit != ours}
        if others:
            at, kit = next(iter(others.items()))
            other = kit.beside(ours) if isinstance(kit, Kit) else repr(kit)
            raise ReportError(
                f"workers have another kit than this run's: {other}",
                where=at,
                count=len(others),
                remedy="install the same merchantkit and libraries on every worker, as a lock file "
                "does, and start them anew",
            )

    def make_ready(self, name: str, luggage: Luggage) -> None:
        """Give a station to every worker there is, and to those that join.

        Raises:
            ReportError: Nobody answers.
        """
        ready = self._answers(partial(self._settled, station.Station(name, luggage)))
        self.progress.note(f"{len(ready)} workers of {self.address} make the briefings")

    def leave(self, name: str) -> None:
        """Take the stations away, as far as there still is anybody."""
        with contextlib.suppress(Exception):  # gone, and its workers' folders with it
            self.look()
            self.client.sync(self._left, name)

    def _answers(self, ask: Callable[[], Any]) -> dict[str, Any]:
        """Return what workers answered, and leave those that are silent out of the run."""
        asked: dict[str, Any] = self.client.sync(ask)
        silent = {at for at, answer in asked.items() if answer is _SILENT}
        answers = {
            at: answer for at, answer in asked.items()
            if at not in silent and not isinstance(answer, OSError)  # which is gone meanwhile
        }  # fmt: skip
        for name in sorted(map(self.roster.name, silent)):
            self.roster.dismiss(name)
            self.progress.note(
                f"{name} is left out of this run: it has not answered for {_ANSWER_SECONDS:g} s"
            )
        if silent and not answers:
            raise ReportError(
                f"no worker of the cluster has answered for {_ANSWER_SECONDS:g} s",
                where=self.address,
                count=len(silent),
                remedy="look at its workers, which are frozen or too busy, and start them anew",
            )
        return answers

    async def _settled(self, plugin: station.Station) -> dict[str, Any]:
        # Registered at once for who joins; only its answer waits for the last of those there are.
        registering = asyncio.ensure_future(self.client.register_plugin(plugin))
        try:
            ready = await self._each(station.settled, plugin.name, True, _ANSWER_SECONDS)
        finally:
            await _let_go([registering])
        error = None if registering.cancelled() else registering.exception()
        if error is not None and not isinstance(error, OSError):  # which is one gone meanwhile
            raise error
        return {at: is_so or _SILENT for at, is_so in ready.items()}

    async def _left(self, name: str) -> None:
        removing = asyncio.ensure_future(self.client.unregister_worker_plugin(name))
        try:
            await self._each(station.settled, name, False, _ANSWER_SECONDS)
        finally:
            await _let_go([removing])

    async def _each(self, question: Callable[..., Any], *given: Any) -> dict[str, Any]:
        """Ask each worker by itself; what it answers may be an error, or ``_SILENT``."""
        asked: dict[str, asyncio.Future[Mapping[str, Any]]] = {
            at: asyncio.ensure_future(
                self.client.run(question, *given, workers=[at], on_error="return")
            )
            for at in self.roster.fit
        }
        if asked:
            await asyncio.wait(asked.values(), timeout=_ANSWER_SECONDS)
        answers = {at: _answer(at, task) for at, task in asked.items()}
        await _let_go([task for task in asked.values() if not task.done()])
        return answers


def within(client: Client, ask: Callable[[], Any]) -> Any:
    """Ask a scheduler or workers something that they must answer in a while: they may be frozen.

    Raises:
        TimeoutError: They do not answer.
    """
    return client.sync(ask, callback_timeout=_ANSWER_SECONDS)


def _answer(at: str, task: "asyncio.Future[Mapping[str, Any]]") -> Any:
    if not task.done():
        return _SILENT
    return task.exception() or task.result()[at]


async def _let_go(tasks: "Collection[asyncio.Future[Any]]") -> None:
    """End what nobody waits for any more; whatever comes of it is no news."""
    if not tasks:
        return
    _, waiting = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

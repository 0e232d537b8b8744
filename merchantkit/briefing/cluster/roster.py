"""Who works on a cluster, and who may be given which page."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field

from distributed import Client

from merchantkit.briefing.job import Job


@dataclass
class Roster:
    """The workers of a cluster as one run sees them: they come and go, and not all are of use.

    Attributes:
        client: The run's.
        looked: When they were last counted, by ``time.monotonic``.
        peopled: When there last was one.
        unfit: Those of no use to this run; other users of the cluster keep them.
    """

    client: Client
    looked: float = field(default_factory=time.monotonic)
    peopled: float = field(default_factory=time.monotonic)
    unfit: set[str] = field(default_factory=set)
    _here: dict[str, int] = field(default_factory=dict)
    _lost: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)

    @property
    def threads(self) -> int:
        """How many pages those who are of use make at once."""
        return sum(self._here.values())

    def look(self) -> None:
        """Count them."""
        there: dict[str, int] = self.client.nthreads()
        self.unfit &= there.keys()
        self._here = {at: threads for at, threads in there.items() if at not in self.unfit}
        self.looked = time.monotonic()
        if self.threads:
            self.peopled = self.looked

    def dismiss(self, address: str) -> bool:
        """Give a worker nothing more; return whether that is new."""
        known = address in self.unfit
        self.unfit.add(address)
        self._here.pop(address, None)
        return not known

    def lost(self, job: Job, address: str) -> None:
        """Remember on which worker a page came to nothing."""
        self._lost.setdefault(job.key, set()).add(address)

    def allowed(self, jobs: Collection[Job]) -> set[str] | None:
        """Return who may make pages: None for anyone, also one who comes later.

        A page that came to nothing on one worker is for another, if there is another: what is
        wrong may be the worker, and one that fails fast would else use up a page's tries.
        """
        lost = {at for job in jobs for at in self._lost.get(job.key, ()) if at in self._here}
        if not lost and not self.unfit:
            return None
        return self._here.keys() - lost or set(self._here)

    def anyone_of(self, allowed: set[str] | None) -> bool:
        """Return whether somebody who may make pages is still there."""
        return allowed is None or not allowed.isdisjoint(self._here.keys())

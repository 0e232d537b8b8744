"""Who works on a cluster, and who may be given which page."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from merchantkit.briefing.job import Job


@dataclass
class Roster:
    """The workers of a cluster as one run sees them: they come and go, and not all are of use.

    They are told apart by their names: a worker may not know the address under which the scheduler
    has it.

    Attributes:
        looked: When they were last counted, by ``time.monotonic``.
        peopled: When there last was one that takes pages.
        unfit: The names of those of no use to this run; other users of the cluster keep them.
    """

    looked: float = field(default_factory=time.monotonic)
    peopled: float = field(default_factory=time.monotonic)
    unfit: set[str] = field(default_factory=set)
    _here: dict[str, int] = field(default_factory=dict)
    _address: dict[str, str] = field(default_factory=dict)
    _lost: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)

    @property
    def threads(self) -> int:
        """How many pages those who are of use make at once."""
        return sum(self._here.values())

    @property
    def fit(self) -> list[str]:
        """The addresses of all that this run has not left out, those that are paused included."""
        return [at for name, at in self._address.items() if name not in self.unfit]

    def look(self, workers: Mapping[str, Mapping[str, Any]]) -> None:
        """Count them.

        Args:
            workers: Address → what the scheduler knows of it. One that is paused, as when its
                memory is full, takes nothing, and the scheduler would wait for it for ever.
        """
        self._address = {str(worker["name"]): at for at, worker in workers.items()}
        self.unfit &= self._address.keys()
        left_out = {self._address[name] for name in self.unfit}
        self._here = {
            at: worker["nthreads"] for at, worker in workers.items()
            if worker["status"] == "running" and at not in left_out
        }  # fmt: skip
        self.looked = time.monotonic()
        if self.threads:
            self.peopled = self.looked

    def knows(self, name: str) -> bool:
        """Return whether there is a worker of that name."""
        return name in self._address

    def name(self, address: str) -> str:
        """Return the name of a worker that was there the last time."""
        return next(name for name, at in self._address.items() if at == address)

    def dismiss(self, name: str) -> bool:
        """Give a worker nothing more; return whether that is new."""
        is_new = name not in self.unfit
        self.unfit.add(name)
        self._here.pop(self._address.get(name, ""), None)
        return is_new

    def lost(self, job: Job, name: str) -> None:
        """Remember on which worker a page came to nothing."""
        self._lost.setdefault(job.key, set()).add(name)

    def allowed(self, jobs: Collection[Job]) -> set[str] | None:
        """Return who may make pages: None for anyone, also one who comes later.

        A page that came to nothing on one worker is for another, if there is another: what is
        wrong may be the worker, and one that fails fast would else use up a page's tries.
        Where some are left out, those who come later get what is handed out after they came: a few
        tasks a thread are out at a time.
        """
        named = {name for job in jobs for name in self._lost.get(job.key, ())}
        lost = {self._address.get(name, "") for name in named} & self._here.keys()
        if not lost and not self.unfit:
            return None
        return self._here.keys() - lost or set(self._here)

    def anyone_of(self, allowed: set[str] | None) -> bool:
        """Return whether somebody who may make pages is still there."""
        return allowed is None or not allowed.isdisjoint(self._here.keys())

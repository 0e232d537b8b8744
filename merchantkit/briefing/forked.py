"""One page in a fresh child of this worker, which has everything imported and run once."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbformat.v4 import nbbase

from merchantkit.briefing import execute
from merchantkit.briefing.engine import child, papermill_engine
from merchantkit.briefing.engine.kernel import KernelHere
from merchantkit.briefing.engine.links import LinkHere
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.job import Job, Made

# Beside the notebook's own time: making the page and writing the files.
_PAGE_SECONDS = 30.0


class Forge:
    """What a worker keeps between pages: a kernel that no notebook has used."""

    def __init__(self, rehearsals: Iterable[Job] = ()) -> None:
        papermill_engine.register()
        for job in rehearsals:
            _rehearse(job)
        self._kernel = KernelHere(ignore_cwd=True)
        child.become_quiet_parent()

    def make(self, job: Job) -> Made:
        """Make one page; whatever goes wrong is this page's failure."""
        bounds = child.Bounds(job.limits.memory << 20, job.limits.processes)
        seconds = job.limits.notebook + _PAGE_SECONDS
        try:
            made: Made = child.run(lambda c: self._there(job, c), seconds=seconds, bounds=bounds)
        except child.ChildDied as died:
            return _failed(job, Failure.KERNEL_DIED, str(died))
        except child.OutOfTime as late:
            if late.of == "cell" and late.limit >= int(job.limits.cell):
                return _failed(job, Failure.CELL_TIMEOUT, f"{job.limits.cell:g} s")
            return _failed(job, Failure.NOTEBOOK_TIMEOUT, f"{job.limits.notebook:g} s")
        except child.OutOfBounds as greedy:
            return _failed(job, Failure.OUT_OF_BOUNDS, str(greedy))
        return made

    def end(self) -> None:
        """End the child that makes a page, if there is one, with whatever it started."""
        child.end_all()

    def _there(self, job: Job, clock: child.Clock) -> Made:
        # Each output would be checked against the schema as it comes, and the whole notebook is,
        # once, as it lies on the disk.
        nbbase.validate = _checked_later
        self._kernel.begin()
        papermill_engine.MerchantkitEngine.offer(LinkHere(self._kernel, clock))
        return execute.make(job, None).apart(job.said)


def _checked_later(*_: Any, **__: Any) -> None:
    pass


def _rehearse(job: Job) -> None:
    """Make a page of nobody's, so that what is done once a process is done; it is not kept.

    Whatever goes wrong with it goes wrong with every page, too, and is told there.
    """
    kernel, here = KernelHere(ignore_cwd=True), Path.cwd()
    with kernel.rehearsing():
        papermill_engine.MerchantkitEngine.offer(LinkHere(kernel))
        execute.make(job, None)
    os.chdir(here)


def _failed(job: Job, failure: Failure, detail: str) -> Made:
    return Made(job.key, 0.0, failure, detail, f"{failure}: {detail}")

"""One page in a fresh child of this worker, which has everything imported and run once."""

import contextlib
import errno
import importlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat.v4 import nbbase

from merchantkit.briefing import execute
from merchantkit.briefing.engine import child, papermill_engine
from merchantkit.briefing.engine.kernel import KernelHere
from merchantkit.briefing.engine.links import LinkHere
from merchantkit.briefing.engine.quiet import Surroundings
from merchantkit.briefing.failures import Failure, NotBegun, NotebookFailed
from merchantkit.briefing.job import NOBODYS, Job, Limits, Made, Slip

# Beside the notebook's own time: making the page and writing the files.
_PAGE_SECONDS = 30.0
# How Python, its libraries and the system name memory that they are refused.
_REFUSED = re.compile(rf"^\w*MemoryError\b|\[Errno {errno.ENOMEM}\]")


class Forge:
    """What a worker keeps between pages: a kernel that no notebook has used.

    Args:
        rehearsals: What to run once before any child is forked, if it can be done without harm.
    """

    def __init__(self, rehearsals: Sequence[Job] = ()) -> None:
        papermill_engine.register()
        child.adopt_strays()
        _read_ahead(rehearsals)
        trouble = _trouble(rehearsals)
        # What is to be said of this worker, with each page that it makes.
        self._remark = f"{_COLD}{trouble}" if trouble else ""
        for job in () if trouble else rehearsals:
            _rehearse(KernelHere(ignore_cwd=True), job)
        child.end_all()
        self._kernel = KernelHere(ignore_cwd=True)
        child.become_quiet_parent()

    def make(self, slip: Slip) -> Made:
        """Make one page; whatever goes wrong is this page's failure.

        Its key is empty: whose it is, is not known here.

        Raises:
            NotBegun: There is no room for one more process, which is no page's failure.
        """
        try:
            made: Made = _watched(lambda clock: self._there(slip, clock), slip.limits)
        except NotebookFailed as failed:
            made = Made(NOBODYS, 0.0, failed.failure, failed.detail, str(failed))
        return replace(made, remark=self._remark)

    def _there(self, slip: Slip, clock: child.Clock) -> Made:
        # Each output would be checked against the schema as it comes, and the whole notebook is,
        # once, as it lies on the disk.
        nbbase.validate = _checked_later
        self._kernel.begin()
        papermill_engine.MerchantkitEngine.offer(LinkHere(self._kernel, clock))
        job = slip.take_up()
        return replace(_made(job).apart(job.said), key=NOBODYS)


def _checked_later(*_: Any, **__: Any) -> None:
    pass


def _made(job: Job) -> Made:
    """Make a page in this process, and call it out of bounds where memory was refused.

    Which of the two happens first, a refusal or a look at what is used, is chance.
    """
    made = execute.make(job, None)
    if made.failure and _REFUSED.search(made.detail):
        return replace(made, failure=Failure.OUT_OF_BOUNDS)
    return made


def _watched(work: Callable[[child.Clock], Any], limits: Limits, notebooks: int = 1) -> Any:
    """Do something in a child, within the limits for so many notebooks, one by one.

    Raises:
        NotebookFailed: It kept one of them not, or died.
        NotBegun: There is no room for the child.
    """
    bounds = child.Bounds(limits.memory << 20, limits.processes)
    seconds = notebooks * (limits.notebook + _PAGE_SECONDS)
    try:
        return child.run(work, seconds=seconds, bounds=bounds)
    except child.NoRoom as refused:
        raise NotBegun(str(refused)) from refused
    except child.ChildDied as died:
        raise NotebookFailed(Failure.KERNEL_DIED, str(died)) from died
    except child.OutOfTime as late:
        if late.of == "cell" and late.limit >= int(limits.cell):
            raise NotebookFailed(Failure.CELL_TIMEOUT, f"{limits.cell:g} s") from late
        raise NotebookFailed(Failure.NOTEBOOK_TIMEOUT, f"{limits.notebook:g} s") from late
    except child.OutOfBounds as greedy:
        raise NotebookFailed(Failure.OUT_OF_BOUNDS, str(greedy)) from greedy
    except MemoryError as refused:  # even to say what became of it
        raise NotebookFailed(Failure.OUT_OF_BOUNDS, repr(refused)) from refused


# --- the rehearsal ------------------------------------------------------------------------------

_COLD = "pages take longer, as the notebook cannot be run once for all of them: "


def _read_ahead(rehearsals: Sequence[Job]) -> None:
    """Import what the kit's own pages use, and read their templates, before anything is tried.

    The trial and the rehearsal would each do it otherwise, and of templates only those that the
    rehearsed page shows. It is the kit's code alone, which may be run in this process.
    """
    if any(b"merchantkit.present" in job.notebook.read_bytes() for job in rehearsals[:1]):
        from merchantkit.present import html
        from merchantkit.programmes import NAMES, programme

        importlib.import_module("merchantkit.present.briefing")
        html.read_all()
        for name in NAMES:
            programme(name)


def _trouble(rehearsals: Sequence[Job]) -> str:
    """Return why the rehearsals must not be run in this process, in words; empty if they may.

    They are run in a child first, which costs what the first page costs without them: nothing
    watches the parent, and what it has once become it stays, for every page.
    """
    if not rehearsals:
        return ""
    try:
        found: str = _watched(
            lambda clock: _tried(rehearsals, clock), rehearsals[0].limits, len(rehearsals)
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not to happen in the parent
        return str(error) or repr(error)
    return found


def _tried(rehearsals: Sequence[Job], clock: child.Clock) -> str:
    kernels = [KernelHere(ignore_cwd=True) for _ in rehearsals]
    before = Surroundings.now()
    for kernel, job in zip(kernels, rehearsals, strict=True):
        made = _rehearse(kernel, job, clock)
        if made.failure:
            # Every page may fail like this, and then says so itself.
            return f"{made.failure}: {made.detail}"
    changes = before.changes()
    return changes and f"it {changes}"


def _rehearse(kernel: KernelHere, job: Job, clock: child.Clock | None = None) -> Made:
    """Make a page of nobody's, so that what is done once a process is done; it is not kept."""
    here = Path.cwd()
    try:
        with kernel.rehearsing(), _unheard():
            papermill_engine.MerchantkitEngine.offer(LinkHere(kernel, clock))
            return _made(job)
    finally:
        os.chdir(here)


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Keep what programs print that a rehearsal starts from whoever started the run."""
    kept = [os.dup(number) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number in (1, 2):
            os.dup2(nowhere, number)
        yield
    finally:
        for number, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, number)
        for descriptor in (nowhere, *kept):
            os.close(descriptor)

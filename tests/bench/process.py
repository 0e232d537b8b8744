"""Running a program: what it took, on which cores, and how much memory its processes held."""

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.conftest import ROOT

ROLES = ("main", "worker", "child", "below")
_EVERY_SECONDS = 0.1
# As long as the whole benchmark may take: what hangs is not waited for.
_LONGEST_SECONDS = 1800.0
_TOTAL_EVERY = 10  # samples; adding up shared pages costs more than reading a size


@dataclass(frozen=True)
class Moment:
    """What a program's processes held at one moment, in bytes: the largest of each role.

    A process's role is its distance from the program: itself, what it started (a worker), what
    those started (a kernel or a fork, whose size counts the pages that it shares), and so on.
    """

    at: float
    largest: Mapping[str, int]
    together: int | None = None  # of all of them, shared pages counted once


@dataclass(frozen=True)
class Run:
    """One run of a program: wall seconds, and the CPU seconds of all its processes."""

    seconds: float
    cpu: float
    output: str
    moments: Sequence[Moment] = field(default=(), repr=False)


def run(
    command: Sequence[str],
    *,
    home: Path,
    cwd: Path,
    cores: Collection[int] | None = None,
    watch: bool = False,
    within: float = _LONGEST_SECONDS,
) -> Run:
    """Run a program to its end, on the given cores only, and say what it took.

    Raises:
        SystemExit: It failed, or was killed as it had not ended within so many seconds; what it
            said is shown.
    """
    # This checkout's kit for everyone, wherever another may be installed from.
    search = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"MERCHANTKIT_HOME": str(home), "PYTHONPATH": os.pathsep.join(search)}
    environment = {**os.environ, **own}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        with pinned(cores):
            began = time.perf_counter()
            process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=out, stderr=err)
        with _watched(process.pid if watch else None, cores or ()) as moments:
            # Unlike Popen's own wait, it tells what the process and its descendants used.
            clock = threading.Timer(within, process.kill)
            clock.daemon = True  # whoever stops the benchmark does not wait for it
            clock.start()
            _, status, used = os.wait4(process.pid, 0)
            clock.cancel()
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said = out.read()
        if process.returncode:
            raise SystemExit(
                f"{' '.join(command)}\nended with {process.returncode}\n{said}{err.read()}"
            )
    return Run(seconds, used.ru_utime + used.ru_stime, said, moments)


@contextlib.contextmanager
def pinned(cores: Collection[int] | None) -> Iterator[None]:
    """Let this thread, and what it starts meanwhile, use these cores only."""
    if cores is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def usable_cores() -> list[int]:
    """Return the cores that this process may use; made up where the system does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@contextlib.contextmanager
def _watched(pid: int | None, cores: Collection[int]) -> Iterator[list[Moment]]:
    moments: list[Moment] = []
    if pid is None:
        yield moments
        return
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(pid, moments, ended, cores), daemon=True)
    watcher.start()
    try:
        yield moments
    finally:
        ended.set()
        watcher.join()


def _watch(pid: int, moments: list[Moment], ended: threading.Event, cores: Collection[int]) -> None:
    began = time.perf_counter()
    # Off the cores of what it watches, if there are others: looking is work too.
    others = set(usable_cores()) - set(cores)
    with pinned(others or None), contextlib.suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        while not ended.wait(_EVERY_SECONDS):
            at = time.perf_counter() - began
            moments.append(_moment(main, at, with_total=len(moments) % _TOTAL_EVERY == 0))


def _moment(main: psutil.Process, at: float, *, with_total: bool) -> Moment:
    depth = {main.pid: 0}
    largest = dict.fromkeys(ROLES, 0)
    together = 0
    for process in (main, *main.children(recursive=True)):
        # Forks live for milliseconds: one may be gone before it is looked at.
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.pid not in depth:
                depth[process.pid] = depth.get(process.ppid(), 1) + 1
            role = ROLES[min(depth[process.pid], len(ROLES) - 1)]
            largest[role] = max(largest[role], process.memory_info().rss)
            if with_total:
                together += getattr(process.memory_full_info(), "pss", 0)
    return Moment(at, largest, together or None)

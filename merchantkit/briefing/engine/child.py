"""A fresh child for one piece of work: forked, watched, limited, and gone when it is done.

Linux only, as is what it rests on: a child dies with its parent, and what a child leaves behind
falls to its parent, which ends it.
"""

import contextlib
import ctypes
import gc
import math
import mmap
import os
import resource
import signal
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import psutil

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_STEP = struct.Struct("dd")
# How often a child that takes longer than a page should is looked at more closely.
_LOOK_SECONDS = 0.5
_STRAYS_AT_MOST = 10_000
# What libraries take of a process's addresses and do not use: Arrow's allocator alone takes this
# much in one piece when a child first uses it, and fails to start if it cannot have it.
_ADDRESSES_UNUSED = 1 << 30


@dataclass(frozen=True)
class Bounds:
    """What a child may use: memory beyond what it was forked with, and processes."""

    memory_bytes: int
    processes: int


class ChildDied(Exception):
    """A child ended without a result; ``status`` is its exit status, or minus a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class NoRoom(Exception):
    """No child could be forked, which may pass; the text says what the system said."""


class OutOfTime(Exception):
    """A child was ended because its time was up; ``limit`` names which, in seconds."""

    def __init__(self, limit: float, of: str) -> None:
        super().__init__(f"{limit:g} s")
        self.limit = limit
        self.of = of


class OutOfBounds(Exception):
    """A child was ended because it used too much; the text says what."""


class Clock:
    """How a child tells its parent that a step begins which has a time limit of its own.

    In memory that both share: the parent reads it when it looks, and need not wake for it.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _STEP.size)
        self.step(math.inf)

    def step(self, seconds: float) -> None:
        """Begin a step that may take so many seconds."""
        self._shared[:] = _STEP.pack(time.monotonic() + seconds, seconds)

    def current(self) -> tuple[float, float]:
        """Return when the step's time is up, and how many seconds it has."""
        until, seconds = _STEP.unpack(self._shared[:])
        return until, seconds

    def close(self) -> None:
        """Give the memory back; the parent's part."""
        self._shared.close()


def adopt_strays() -> None:
    """Let what a child leaves behind when it dies become this process's own, to be ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def become_quiet_parent() -> None:
    """Make this process one from which children are forked; to be called when it is warm."""
    # What lives now is there for good: the collector need not touch it, in any child.
    gc.collect()
    gc.freeze()
    _give_back_what_is_free()


def run(work: Callable[[Clock], Any], *, seconds: float, bounds: Bounds) -> Any:
    """Do a piece of work in a fresh child, and return what it returned.

    Whatever processes the work started are ended with it.

    Args:
        work: What to do; its result must pickle. An exception that it raises is raised here.
        seconds: How long all of it may take.
        bounds: What it may use.

    Raises:
        NoRoom: The machine has no room for one more process.
        ChildDied: It ended without a result.
        OutOfTime: It took too long.
        OutOfBounds: It used too many processes, or they too much memory.
    """
    receiver, sender = Pipe(duplex=False)
    clock = Clock()
    parent = os.getpid()
    addresses = _addresses()
    try:
        pid = os.fork()
    except OSError as error:
        for end in (receiver, sender, clock):
            end.close()
        raise NoRoom(str(error)) from error
    if pid == 0:
        receiver.close()
        _be_the_child(work, clock, sender, partial(_limit, bounds, addresses), parent)
    sender.close()
    try:
        result = _Watch(pid, receiver, clock, seconds, bounds).result()
    finally:
        receiver.close()
        clock.close()
        status = _end(pid)
    if result is None:
        raise ChildDied(os.waitstatus_to_exitcode(status))
    outcome, value = result
    if outcome == "raised":
        raise value
    return value


def end_all() -> None:
    """End every process that this one started, and whatever those did; wait for all of them."""
    for _ in range(_STRAYS_AT_MOST):
        found = children()
        if not found:
            break
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def end_group(pid: int) -> None:
    """End a child and all of its group, if it leads one by now; who asks is to wait for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children() -> list[int]:
    """Return this process's own children; it has but one thread."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return [int(pid) for pid in listed.read_text().split()]
    except OSError:  # a kernel that was built without the list
        return [child.pid for child in psutil.Process().children()]


def die_with(parent: int) -> None:
    """Let this process die when its parent does, which may have happened already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before it could be told to tell


def _be_the_child(
    work: Callable[[Clock], Any],
    clock: Clock,
    sender: Connection,
    limit: Callable[[], None],
    parent: int,
) -> NoReturn:
    owner = os.getpid()
    try:
        # What ends the parent with all that it started is not for its children, who have none.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()  # its own group: Ctrl-C does not reach it, and one signal ends all of it
        die_with(parent)
        limit()
        try:
            result = ("done", work(clock))
        except Exception as error:  # noqa: BLE001 - raised again in the parent
            result = ("raised", error)
        # A cell may have forked: the copy has no say.
        if os.getpid() == owner:
            sender.send(result)
    finally:
        # Without Python's farewell: threads and handlers are the parent's, not the child's.
        os._exit(0)


def _addresses() -> int:
    """Return how many bytes of addresses this process has, as a child of it will."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _limit(bounds: Bounds, addresses: int) -> None:
    # A net under the look that counts what is used: what asks for far too much at once.
    most = addresses + bounds.memory_bytes + _ADDRESSES_UNUSED
    with contextlib.suppress(ValueError):  # the machine's own limit is lower
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a program prints is held in a file of memory, which no other limit counts.
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.memory_bytes, bounds.memory_bytes))


class _Watch:
    """The parent's side while a child works."""

    def __init__(
        self, pid: int, receiver: Connection, clock: Clock, seconds: float, bounds: Bounds
    ) -> None:
        self._pid = pid
        self._receiver = receiver
        self._clock = clock
        self._bounds = bounds
        self._whole = (time.monotonic() + seconds, seconds, "notebook")

    def result(self) -> Any:
        """Return ("done", value) or ("raised", error), or None if the child ended with neither."""
        while True:
            soonest = min(self._whole, (*self._clock.current(), "cell"))
            left = soonest[0] - time.monotonic()
            if left <= 0:
                raise OutOfTime(*soonest[1:])
            try:
                if not self._receiver.poll(min(left, _LOOK_SECONDS)):
                    # What it started may hold the line open when it is dead itself.
                    if self._has_ended() and not self._receiver.poll(0):
                        return None
                    self._look()
                    continue
                return self._receiver.recv()
            except (EOFError, OSError):
                return None

    def _has_ended(self) -> bool:
        return os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _look(self) -> None:
        """Refuse a child whose processes are too many, or use too much memory together."""
        # Also those whose own parent has ended: they are this process's by then.
        processes = psutil.Process().children(recursive=True)
        if len(processes) > self._bounds.processes:
            raise OutOfBounds(f"{len(processes)} processes")
        used = sum(_own_bytes(process) for process in processes)
        if used > self._bounds.memory_bytes:
            raise OutOfBounds(f"{used // 2**20} MiB of memory")


def _own_bytes(process: psutil.Process) -> int:
    """Return how much memory is a process's own, not shared with its parent since the fork."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0


def _end(pid: int) -> int:
    """End a child and whatever it started, wait for all of it, and return its status."""
    end_group(pid)
    _, status = os.waitpid(pid, 0)
    end_all()
    return status


def _give_back_what_is_free() -> None:
    # A child that makes use of it copies each page first; and all of it is mapped, and unmapped,
    # with each child.
    trim = getattr(_libc(), "malloc_trim", None)  # which not every system's library has
    if trim is not None:
        trim(0)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if _libc().prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")

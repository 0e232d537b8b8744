"""One run of a month at a time."""

import contextlib
import datetime as dt
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from merchantkit.briefing import atomic
from merchantkit.errors import RunLocked

_WAIT_SECONDS = 20.0


@contextlib.contextmanager
def month_lock(team: Path, label: str) -> Iterator[None]:
    """Hold a month's run folder for as long as the block runs.

    The system lets go of the lock when its holder dies, however it dies, so one left behind by a
    killed run is no obstacle.

    Args:
        team: The month's ``_team`` folder; made if missing.
        label: What to call the month in an error.

    Raises:
        RunLocked: Another process holds it; the error names it.
    """
    team.mkdir(parents=True, exist_ok=True)
    holder = team / "run.json"
    lock = FileLock(team / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _locked(holder, label) from None
    try:
        started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        atomic.write(
            holder, json.dumps({"pid": os.getpid(), "host": platform.node(), "started": started})
        )
        yield
    finally:
        # Only the holder's note goes: removing the lock file itself would let a third run lock a
        # new file of that name while a second still waits on the old one.
        holder.unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def index_lock(reports: Path) -> Iterator[None]:
    """Hold the list of months, which runs of different months rewrite, for a moment."""
    reports.mkdir(parents=True, exist_ok=True)
    with FileLock(reports / ".index.lock", timeout=_WAIT_SECONDS):
        yield


def _locked(holder: Path, label: str) -> RunLocked:
    who = "another process"
    with contextlib.suppress(OSError, ValueError, KeyError):
        note = json.loads(holder.read_text(encoding="utf-8"))
        # The note of a killed run lies there until the next holder writes its own.
        if note["host"] != platform.node() or _lives(int(note["pid"])):
            who = f"process {note['pid']} on {note['host']}, since {note['started']}"
    return RunLocked(
        f"a run of {label} is under way",
        where=who,
        remedy="wait for it to end, or stop it; what it has finished stays",
    )


def _lives(pid: int) -> bool:
    if os.name != "posix":
        return True  # there is no harmless question to ask of it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True

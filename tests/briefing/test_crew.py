"""Jobs whose workers are gone: each comes to an end, whoever waits for it."""

import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from merchantkit.briefing.crew import Crew, Lost
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.head import Head
from merchantkit.briefing.job import Job, Limits, Made


def job(folder: Path) -> Job:
    return Job(
        ("briefing", "1", "zh"), folder / "n.ipynb", {}, Head("zh", "briefing", ""), folder,
        folder / "made", Limits(),
    )  # fmt: skip


@pytest.mark.slow
def test_what_a_broken_pool_never_settles_is_lost(tmp_path: Path) -> None:
    crew = Crew(1, [], tmp_path / "runtime")
    unsettled: Future[Made] = Future()
    with crew:
        crew._pool._context.status = crew._pool._context.status.ERROR
        assert crew.is_broken
        with pytest.raises(Lost) as lost:
            crew.outcome(unsettled, job(tmp_path), 1.0)
    assert lost.value.why == Failure.WORKER_DIED


def test_what_is_left_when_a_crew_ends_is_cancelled(tmp_path: Path) -> None:
    with Crew(1, [], tmp_path / "runtime") as crew:
        given: Future[Made] = Future()
        crew._given.add(given)
    assert given.cancelled()


# Of two workers the first does not end when it is told to; meanwhile the second starts.
_LATE = """
import os, signal, sys, time
from pathlib import Path
import psutil
from merchantkit.briefing.crew import Crew

folder = Path(sys.argv[1])

def wait_for(names):
    while not all((folder / name).exists() for name in names):
        time.sleep(0.01)

if __name__ == "__mp_main__":
    here = psutil.Process()
    both = []
    while len(both) < 2:
        started = (p.pid for p in here.parent().children() if "spawn_main" in str(p.cmdline()))
        both = sorted(started)
    if here.pid == both[0]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (folder / "first").touch()
        time.sleep(60)
    (folder / "second").touch()
    wait_for(["over"])
if __name__ == "__main__":
    with Crew(2, [], folder / "runtime") as crew:
        assert not crew.is_broken  # looking at them starts them
        wait_for(["first", "second"])
        manager = crew._pool._pool_manager.worker_manager
        close = manager.close_channels
        manager.close_channels = lambda: (close(), (folder / "over").touch())
"""


@pytest.mark.slow
def test_a_worker_that_yet_starts_when_its_crew_ends_says_nothing(tmp_path: Path) -> None:
    script = tmp_path / "late.py"
    script.write_text(_LATE, "utf-8")
    command = [sys.executable, str(script), str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")

"""What is left when a notebook has ended: nothing of what it started, and all it did at its end."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient.exceptions import DeadKernelError

from merchantkit.briefing.engine import forkserver
from merchantkit.briefing.engine.wire import Message
from tests.engine.test_equal import OURS, STOCK, cells, run
from tests.engine.test_server import asking, told

pytestmark = pytest.mark.slow

STARTS = "import subprocess\nstarted = subprocess.Popen(['sleep', '600'])\nprint(started.pid)"
LATE = (
    "import atexit, pathlib\n"
    "atexit.register(lambda: pathlib.Path('late.txt').write_text(f'{started.poll()}'))\nNone"
)


def runs(pid: int) -> bool:
    """Whether a process is there, and not only remembered."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_of(pid: int) -> None:
    """Wait for the end of a process that is about to end."""
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(60)


def printed(notebook: nbformat.NotebookNode) -> list[int]:
    """The numbers that the first cell printed."""
    return [int(word) for word in notebook.cells[0].outputs[0].text.split()]


@pytest.mark.parametrize("engine", [STOCK, OURS])
def test_what_runs_on_in_the_notebooks_group_is_ended(engine: str | None, tmp_path: Path) -> None:
    starts = cells(
        "import subprocess\nfor new in (False, True):\n"
        "    print(subprocess.Popen(['sleep', '600'], start_new_session=new).pid)"
    )
    made, ended = run(starts, engine, tmp_path)
    in_group, on_its_own = printed(made)
    apart = runs(on_its_own)
    os.kill(on_its_own, signal.SIGKILL)
    assert ended == ""
    assert not runs(in_group)
    assert apart  # it was set free on purpose


@pytest.mark.parametrize("engine", [STOCK, OURS])
def test_what_a_notebook_leaves_for_its_end_is_done(engine: str | None, tmp_path: Path) -> None:
    late = "import atexit, pathlib\natexit.register(pathlib.Path('late.txt').write_text, 'done')"
    run(cells(late + "\nNone"), engine, tmp_path)
    assert (tmp_path / "late.txt").read_text() == "done"


def test_its_end_comes_before_that_of_what_it_started(tmp_path: Path) -> None:
    # A kernel of its own would be killed before its end, as long as it waits for the process.
    made, _ = run(cells(STARTS, LATE), OURS, tmp_path)
    assert (tmp_path / "late.txt").read_text() == "None"
    assert not runs(*printed(made))


def test_what_does_not_end_when_it_is_told_to_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)"
    starts = (
        f"import subprocess, sys\ncode = '{deaf}; time.sleep(600)'\n"
        "started = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE)\n"
        "started.stdout.readline()\nprint(started.pid)"
    )
    made, _ = run(cells(starts, LATE), OURS, tmp_path)
    assert not runs(*printed(made))


@pytest.mark.parametrize("ends", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_what_a_kernel_has_started_that_died_is_ended(ends: str) -> None:
    link = forkserver.fresh_kernel()
    pid = int(told(link, STARTS))
    with pytest.raises(DeadKernelError):
        told(link, f"import os, signal\n{ends}")
    link.close()
    end_of(pid)


def test_a_kernel_that_is_left_in_a_cell_is_ended() -> None:
    link = forkserver.fresh_kernel()

    def breaks_off(message: Message) -> None:
        if message["msg_type"] == "stream":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        link.ask(asking("print(1, flush=True)\nwhile True: pass"), breaks_off, None)
    link.close()
    end_of(link._pid)


def test_papermills_own_command_leaves_nothing_running(tmp_path: Path) -> None:
    nbformat.write(cells(STARTS, LATE), tmp_path / "in.ipynb")
    subprocess.run(
        [sys.executable, "-m", "papermill", "--engine", "merchantkit", "-k", "python3",
         "--no-progress-bar", "in.ipynb", "out.ipynb"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not runs(*printed(nbformat.read(tmp_path / "out.ipynb", 4)))
    assert (tmp_path / "late.txt").read_text() == "None"

"""What is the engine's own: fresh children, what it leaves to papermill's, and what it needs."""

import os
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from merchantkit.briefing.engine import child, fitness, forkserver, links
from merchantkit.briefing.engine.wire import Message, new_session, pack
from tests.engine.test_equal import cells

pytestmark = pytest.mark.slow

BOUNDS = child.Bounds(memory_bytes=256 << 20, processes=4)


def executed(*sources: str, folder: Path, **given: object) -> list[str]:
    """The first output of each cell as text."""
    made = papermill.execute_notebook(
        nbformat.from_dict(cells(*sources)), None, engine_name="merchantkit", progress_bar=False,
        kernel_name="python3", cwd=str(folder), **given,
    )  # fmt: skip
    shown = [cell.outputs[0] for cell in made.cells if cell.get("outputs")]
    return [output.get("text") or output.data["text/plain"] for output in shown]


def test_each_notebook_has_a_process_of_its_own(tmp_path: Path) -> None:
    leaves = "import builtins, json, os\nbuiltins.left = json.left = 1\nos.environ['LEFT'] = '1'"
    executed(leaves, folder=tmp_path)
    looks = "import builtins, json, os\nhasattr(builtins, 'left'), hasattr(json, 'left'), " \
        "'LEFT' in os.environ"  # fmt: skip
    assert executed(looks, "os.getpid()", folder=tmp_path)[0] == "(False, False, False)"
    pids = {executed("import os\nos.getpid()", folder=tmp_path)[0] for _ in range(2)}
    assert len(pids) == 2


def test_chance_is_not_the_same_in_every_child(tmp_path: Path) -> None:
    draws = "import random, uuid, numpy\n(random.random(), uuid.uuid4(), numpy.random.random(), " \
        "numpy.random.default_rng().random())"  # fmt: skip
    first, second = (executed(draws, folder=tmp_path)[0] for _ in range(2))
    assert not set(first.split(", ")) & set(second.split(", "))


def test_a_notebook_runs_in_its_folder_with_the_environment_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside.py").write_text("here = 'found'")
    monkeypatch.setenv("SAID", "by the run")
    looks = "import beside, os\nprint(beside.here, os.environ['SAID'], os.getcwd())"
    assert executed(looks, folder=tmp_path) == [f"found by the run {tmp_path}\n"]


def test_papermills_own_command_knows_the_engine_and_says_what_it_leaves_to_the_stock_one(
    tmp_path: Path,
) -> None:
    nbformat.write(cells("1 + 1"), tmp_path / "plain.ipynb")
    nbformat.write(cells("%connect_info"), tmp_path / "connected.ipynb")
    said = {}
    for name in ("plain", "connected"):
        done = subprocess.run(
            [sys.executable, "-m", "papermill", "--engine", "merchantkit", "-k", "python3",
             "--no-progress-bar", f"{name}.ipynb", f"{name}.out.ipynb"],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        said[name] = done.stderr
    assert "own engine" not in said["plain"]
    assert "papermill's own engine: it asks for its kernel's connection" in said["connected"]
    made = nbformat.read(tmp_path / "connected.out.ipynb", 4)
    assert "shell_port" in made.cells[0].outputs[0].text


def test_a_server_that_was_killed_is_started_anew(tmp_path: Path) -> None:
    executed("1", folder=tmp_path)
    server = forkserver._server
    assert server is not None
    server._process.kill()
    server._process.wait()
    assert executed("2", folder=tmp_path) == ["2"]
    assert forkserver._server is not server


@pytest.mark.parametrize(
    ("source", "lacking"),
    [
        ("exit", True), ("quit()", True), ("  exit(1)", True), ("exit_code = 1", False),
        ("sys.exit(0)", False), ("%connect_info", True), ("%history", False),
        ("%history -g x", True), ("get_ipython().kernel.shell_socket", True),
        ("get_ipython().kernel.session", False), ("%gui qt", True), ("print('exit')", False),
        ("if x: exit()", True), ("x = 1; quit()", True), ("for _ in x:\n    if _: exit (2)", True),
        ("atexit.register(quit)", True), ("%time exit()", True), ("!ls\nif x: quit()", True),
        ("parser.exit()", False), ("print('exit(1)')", False), ("# exit()\nx = 1", False),
        ("exit = 1", False), ("!./exit.sh", False), ("%pip install quit-it", False),
    ],
)  # fmt: skip
def test_what_is_left_to_a_kernel_of_its_own(source: str, lacking: bool) -> None:
    assert bool(fitness.lacking(["import sys", source])) is lacking


def test_a_kernel_of_another_python_or_language_is_left_to_papermill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    plain = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    for name, argv in {
        "other": ["/opt/other/bin/python3", *plain],
        "r": ["R", "--slave", "{connection_file}"],
        "mine": [sys.executable, *plain],
        "debugged": [sys.executable, "-Xfrozen_modules=off", *plain],
        "plotting": [sys.executable, *plain, "--matplotlib=inline"],
        "warning": [sys.executable, "-Werror", *plain],
        "wrapped": [sys.executable, "-m", "my_ipykernel", "-f", "{connection_file}"],
    }.items():
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        text = '{"argv": %s, "display_name": "x", "language": "python"}'
        (folder / "kernel.json").write_text(text % str(argv).replace("'", '"'))
    fitness.is_this_python.cache_clear()
    names = ("other", "r", "mine", "debugged", "plotting", "warning", "wrapped", "python3", "none")
    told = {name: fitness.asked_beyond(name, {}) for name in names}
    fitness.is_this_python.cache_clear()
    left = {name for name, why in told.items() if "is not this Python" in why}
    assert left == {"other", "r", "plotting", "warning", "wrapped", "none"}
    assert {why for name, why in told.items() if name not in left} == {""}
    assert "kernel_manager_class" in fitness.asked_beyond("python3", {"kernel_manager_class": int})


def alone(code: str) -> str:
    """Run some lines in a process of their own: with its child goes all that a parent started."""
    head = f"""
import os
from merchantkit.briefing.engine import child
bounds = child.Bounds({BOUNDS.memory_bytes}, {BOUNDS.processes})
"""
    done = subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_a_child_gives_back_what_its_work_returned_or_raised() -> None:
    got, own = alone("""
print(child.run(lambda _: os.getpid(), seconds=10, bounds=bounds), os.getpid())
""").split()
    assert int(got) != int(own)
    assert (
        alone("""
try:
    child.run(lambda _: {}["x"], seconds=10, bounds=bounds)
except KeyError as error:
    print(error)
""")
        == "'x'"
    )


def test_a_child_that_dies_is_told_by_its_status() -> None:
    assert (
        alone("""
try:
    child.run(lambda _: os.kill(os.getpid(), 9), seconds=10, bounds=bounds)
except child.ChildDied as died:
    print(died.status)
""")
        == "-9"
    )


def test_a_child_that_could_not_be_forked_leaves_nothing_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(child.os, "fork", full)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(child.NoRoom, match="Resource temporarily unavailable"):
        child.run(lambda _: None, seconds=10, bounds=BOUNDS)
    # Now, and not when the error is forgotten with all that it holds.
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_kernel_that_is_idle_of_an_earlier_request_is_waited_for() -> None:
    here, there = Pipe()
    theirs, session = links.LinkToChild(here, os.getpid()), new_session()
    first, second = (session.msg("execute_request", {"code": "1"}) for _ in range(2))

    def says(kind: str, content: dict[str, str], request: Message) -> None:
        links.send(there, pack(session, session.msg(kind, content, parent=request["header"])))

    # As a cell does that was interrupted when its time was up: its last word comes late.
    says("status", {"execution_state": "idle"}, first)
    says("stream", {"name": "stdout", "text": "said"}, second)
    says("status", {"execution_state": "idle"}, second)
    heard: list[Message] = []
    theirs.ask(second, heard.append, 10)
    assert [message["msg_type"] for message in heard] == ["status", "stream", "status"]


def test_a_notebook_without_cells_is_a_notebook(tmp_path: Path) -> None:
    made = papermill.execute_notebook(
        new_notebook(cells=[new_code_cell("")]), None, engine_name="merchantkit",
        progress_bar=False, kernel_name="python3",
    )  # fmt: skip
    assert made.metadata.language_info.name == "python"

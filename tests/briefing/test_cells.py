"""Whatever a cell does, it is its merchant's affair: the next page in the same worker is whole."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell

from merchantkit.briefing import Limits, status
from merchantkit.briefing.progress import Silent
from tests.briefing.faults import mark, marked, workers_of
from tests.briefing.world import MONTH, World

pytestmark = pytest.mark.slow

LIMITS = Limits(cell=3, notebook=30, memory=400, processes=24)

# What a cell does → the failure that it is, or one of those that it may be; None where the page is
# as if it had not.
DEEDS: dict[str, tuple[str, str | None]] = {
    # --- processes
    "leaves a process": (
        "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n    os._exit(0)", None,
    ),
    "leaves one in a session of its own": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(1000)\n    os._exit(0)", None,
    ),
    "leaves a program": (
        "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)", None,
    ),
    "leaves a stopped one": (
        "import os, signal\nif os.fork() == 0:\n    os.kill(os.getpid(), signal.SIGSTOP)", None,
    ),
    "goes on twice": ("import os\nos.fork()", None),
    "goes on twice, and fails in one": ("import os\nif os.fork() == 0:\n    1 / 0", None),
    "goes on eight times": ("import os\nos.fork(); os.fork(); os.fork()", None),
    "forks in a thread": (
        "import os, threading\nt = threading.Thread(target=os.fork)\nt.start()\nt.join()", None,
    ),
    "dies before what it started": (
        "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\nos._exit(0)", "kernel_died",
    ),
    # Slow enough for a machine to bear, quick enough to be a hundred within the cell's time.
    "multiplies": (
        "import os, time\nwhile True:\n    os.fork()\n    time.sleep(0.15)", "out_of_bounds",
    ),
    "multiplies away from its parent": (
        "import os, time\nwhile True:\n    if os.fork() == 0:\n        if os.fork() == 0:\n"
        "            os.setsid()\n            time.sleep(1000)\n        os._exit(0)\n"
        "    os.wait()\n    time.sleep(0.02)", "out_of_bounds",
    ),
    # --- time and memory
    "spins": ("while True: pass", "cell_timeout"),
    "sleeps, deaf": (
        "import signal, time\nfor s in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):\n"
        "    signal.signal(s, signal.SIG_IGN)\ntime.sleep(1000)", "cell_timeout",
    ),
    "eats memory": ("x = bytearray(10**10)", "out_of_bounds"),
    # Whichever comes first: what it asks for is refused, or what it has is seen.
    "eats memory bit by bit": (
        "x = []\nwhile True:\n    x.append(bytearray(10**7))", "out_of_bounds",
    ),
    "eats memory of a library's": (
        "import pyarrow\nx = pyarrow.allocate_buffer(10**10)", "out_of_bounds",
    ),
    "has too little for a program": (
        "import mmap\nx = []\nwhile True:\n    x.append(mmap.mmap(-1, 10**8))", "out_of_bounds",
    ),
    "eats memory in processes": (
        "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        break\n"
        "x = bytearray(b'x' * 150_000_000)\ntime.sleep(1000)", "out_of_bounds",
    ),
    "recurses": (
        "def f(): f()\ntry: f()\nexcept RecursionError: raise ValueError from None", "cell_error",
    ),
    "recurses and goes on": ("def f(): f()\ntry: f()\nexcept RecursionError: pass", None),
    "recurses without limit": (
        "import sys\nsys.setrecursionlimit(10**8)\nclass A:\n"
        "    def __getattr__(self, name): return getattr(self, name)\nA().x", "kernel_died",
    ),
    # --- its ways out
    "raises KeyboardInterrupt": ("raise KeyboardInterrupt", "cell_error"),
    "raises BaseException": ("raise BaseException('no')", "cell_error"),
    "raises GeneratorExit": ("raise GeneratorExit", "cell_error"),
    "interrupts itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGINT)", "cell_error"),
    "aborts": ("import os\nos.abort()", "kernel_died"),
    "segfaults": ("import ctypes\nctypes.string_at(0)", "kernel_died"),
    "exits without farewell": ("import os\nos._exit(3)", "kernel_died"),
    "kills its group": ("import os, signal\nos.killpg(0, signal.SIGKILL)", "kernel_died"),
    # --- its streams and descriptors
    "prints 50 MB on the page": ("print('x' * 50_000_000)", "any"),
    "prints 50 MB": ("print('x' * 50_000_000, file=__import__('sys').stderr)", None),
    "writes 50 MB": ("import os\nos.write(2, b'x' * 50_000_000)", None),
    "closes its output": ("import os\nos.close(1)", None),
    "closes every descriptor": ("import os\nos.closerange(0, 256)", "kernel_died"),
    # --- what it shares with nobody
    "moves": ("import os\nos.chdir('/')\n", "cell_error"),
    "forgets modules": (
        "import sys\nfor name in list(sys.modules):\n    if name.startswith(('json', 'html', "
        "'pandas', 'pyarrow', 'decimal')):\n        del sys.modules[name]", None,
    ),
    # Even those that are to hand over what became of it.
    "forgets everything": ("import sys\nsys.modules.clear()", "kernel_died or cell_error"),
    "handles signals": (
        "import signal\nfor s in range(1, 32):\n    if s not in (9, 19):\n"
        "        signal.signal(s, lambda *_: None)", None,
    ),
    "starts threads without end": (
        "import threading, time\nfor daemon in (True, False) * 5:\n"
        "    threading.Thread(target=time.sleep, args=(1000,), daemon=daemon).start()", None,
    ),
    "spoils what it finds": (
        "import builtins, html, json\njson.dumps = html.escape = None\ndel builtins.len", "any",
    ),
}  # fmt: skip


class Watching(Silent):
    """Notes how much memory the worker has after each page."""

    def __init__(self) -> None:
        self.megabytes: list[int] = []
        self.workers: set[int] = set()

    def made(self, name: str, failure: str = "") -> None:
        (worker,) = workers_of(psutil.Process())
        self.workers.add(worker.pid)
        self.megabytes.append(worker.memory_info().rss >> 20)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("cells"))
    for number in range(len(DEEDS)):
        # In the order in which one worker makes them.
        made.merchant(f"{number:02}-deed")
        made.merchant(f"{number:02}-next")
    return made


@pytest.fixture(scope="module")
def undisturbed(world: World) -> dict[str, bytes]:
    """Every merchant's page and notebook, with nobody doing anything."""
    with pytest.MonkeyPatch.context() as patched:
        # In a checkout somebody may save a file of the kit between two runs.
        patched.setattr("merchantkit.briefing.tasks.kit_digest", lambda: "kit")
        assert world.report().exit_code == 0
    return pages(world)


def pages(world: World) -> dict[str, bytes]:
    return {f"{p.parent.name}{p.suffix}": p.read_bytes() for p in world.month.glob("m/*/*")}


@pytest.fixture(scope="module")
def watching(world: World, undisturbed: dict[str, bytes]) -> Iterator[Watching]:
    """A run with one worker in which every other merchant's cell does something."""
    (world.out).rename(world.root / "undisturbed")
    for number, (code, _) in enumerate(DEEDS.values()):
        world.trouble(f"{number:02}-deed", code)
    watching = Watching()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(*mark(world))
        world.report(limits=LIMITS, workers=1, progress=watching)
        yield watching


@pytest.mark.usefixtures("watching")
def test_what_a_cell_does_fails_its_own_page_or_none(world: World) -> None:
    became = {r["merchant_id"]: r["reason"] for r in status(MONTH, out=world.out)}
    wrong = {}
    for number, (deed, (_, expected)) in enumerate(DEEDS.items()):
        reason = became[f"{number:02}-deed"]
        code = reason and reason.split(":")[0]
        if expected != "any" and str(code) not in str(expected).split(" or "):
            wrong[deed] = (expected, reason)
    assert wrong == {}


@pytest.mark.usefixtures("watching")
def test_the_next_page_in_the_same_worker_is_as_ever(
    world: World, undisturbed: dict[str, bytes]
) -> None:
    made = pages(world)
    following = {name for name in undisturbed if "-next" in name}
    assert len(following) == 2 * len(DEEDS)
    assert {name for name in following if made.get(name) != undisturbed[name]} == set()


@pytest.mark.usefixtures("watching")
def test_a_page_that_is_made_nonetheless_is_made_once_and_as_ever(
    world: World, undisturbed: dict[str, bytes]
) -> None:
    made = pages(world)
    whole = {f"{n:02}-deed" for n, (_, expected) in enumerate(DEEDS.values()) if expected is None}
    names = {name for name in undisturbed if name[:7] in whole}
    assert len(names) == 2 * len(whole)
    assert {name for name in names if made.get(name) != undisturbed[name]} == set()
    failed = {
        f"{n:02}-deed" for n, (_, code) in enumerate(DEEDS.values()) if code not in (None, "any")
    }
    assert {name for name in made if name[:7] in failed} == set()


def test_no_process_is_left_and_one_worker_made_it_all(world: World, watching: Watching) -> None:
    assert marked(world) == []
    assert not (world.month / "_team" / "tmp").exists()
    assert len(watching.workers) == 1
    assert len(watching.megabytes) == 2 * len(DEEDS) + 1


def test_the_workers_memory_does_not_grow(watching: Watching) -> None:
    # 50 MB that were printed pass through it, and what a page's failure says.
    grown = watching.megabytes[-1] - watching.megabytes[3]
    assert grown < 8, watching.megabytes


EATS = "import time\nx = bytearray(b'x' * 300_000_000)\ntime.sleep(1.5)"


def test_the_portfolio_may_take_more_than_a_briefing(tmp_path: Path) -> None:
    world = World(tmp_path / "w")
    world.merchant("one")
    world.trouble("one", EATS)
    file = world.notebooks / "portfolio.ipynb"
    notebook = nbformat.read(file, 4)
    notebook.cells.insert(1, new_code_cell(EATS))
    nbformat.write(notebook, file)
    result = world.report(limits=Limits(memory=250, portfolio=800))
    failed = {(entry.page, entry.reason) for entry in result.failures}
    assert failed == {("briefing", "out_of_bounds")}

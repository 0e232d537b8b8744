"""What a notebook does where it is run once for all pages harms none of them, nor the run."""

import textwrap

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from merchantkit.briefing import Limits
from tests.briefing.faults import mark, marked
from tests.briefing.world import Notes, World

pytestmark = pytest.mark.slow

# Whose page a worker makes first, and nobody reads.
NOBODY = "2100000011"
# As many as one worker must have to make before the rehearsal is worth it.
MERCHANTS = [f"M{number}" for number in range(4)]
# What the notebook does for nobody → what is said of it; empty where it does no harm.
DEEDS = {
    "while True: pass": "cell_timeout: 2 s",
    "import os\nos._exit(3)": "kernel_died: status 3",
    "1 / 0": "cell_error: ZeroDivisionError: division by zero",
    "x = bytearray(10**10)": "out_of_bounds: MemoryError",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), name='sleepy', "
    "daemon=True).start()": "it leaves threads behind (sleepy)",
    "import os\nos.environ['LEFT'] = os.environ['PATH'] = 'here'": "it changes the environment "
    "(LEFT, PATH)",
    "import signal\nsignal.signal(signal.SIGCHLD, lambda *_: None)": "it handles signals (SIGCHLD)",
    "import os, subprocess\nos.system('echo HEARD')\nos.chdir('/')\n"
    "subprocess.Popen(['sleep', '1000'], start_new_session=True)": "",
}  # fmt: skip


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("rehearsal"))
    for merchant in MERCHANTS:
        made.merchant(merchant)
        made.sale(merchant, "10.00")
    return made


@pytest.mark.parametrize(("deed", "expected"), DEEDS.items())
def test_what_a_rehearsal_does_is_said_and_every_page_is_made(
    world: World, deed: str, expected: str, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv(*mark(world))
    _let_it_come_last(world, deed)
    notes = Notes()
    limits = Limits(cell=2, notebook=20, memory=400)
    result = world.report(workers=1, limits=limits, progress=notes)
    assert (result.exit_code, result.executed) == (0, len(MERCHANTS) + 1)
    if expected:
        (said,) = notes.said
        assert said.startswith("pages take longer, as the notebook cannot be run once for all")
        assert expected in said
    else:
        assert notes.said == []
    assert "HEARD" not in capfd.readouterr().out
    assert "sleep" not in {process.name() for process in marked(world)}


def _let_it_come_last(world: World, deed: str) -> None:
    file = world.notebooks / "briefing.ipynb"
    notebook = nbformat.read(file, 4)
    code = f"if merchant_id == {NOBODY!r}:\n" + textwrap.indent(deed, "    ")
    # But for the end of the page: what comes after it may fail.
    notebook.cells.insert(len(notebook.cells) - 1, new_code_cell(code))
    nbformat.write(notebook, file)

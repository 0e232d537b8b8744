"""What the engine gives is what papermill's own gives, cell by cell."""

import os
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from merchantkit import home
from tests.engine.compare import shown, widgets
from tests.engine.notebooks import CASES, case

pytestmark = pytest.mark.slow

STOCK, OURS = None, "merchantkit"
TRIES = 3
KIT = sorted(file.stem for file in (home.root() / "notebooks").glob("*.ipynb"))


@pytest.fixture(autouse=True)
def _as_outside_of_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Pytest's own variable tells ipykernel not to look at what is written to file descriptors;
    # pytest sets it anew for each test, after this, so it is taken away at the call.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


def run(
    notebook: NotebookNode, engine: str | None, folder: Path, **given: Any
) -> tuple[NotebookNode, str]:
    """The executed notebook as it lies on disk, and how papermill ended."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    source, made = folder / "in.ipynb", folder / f"{engine}.ipynb"
    nbformat.write(notebook, source)
    ended = ""
    try:
        papermill.execute_notebook(
            source, made, engine_name=engine, progress_bar=False, cwd=folder,
            kernel_name="python3", **given,
        )  # fmt: skip
    except PapermillExecutionError as error:
        ended = f"{error.ename}: {error.evalue}"
    except (CellTimeoutError, DeadKernelError) as error:
        ended = f"{type(error).__name__}: {error}"
    return nbformat.read(made, 4), ended


def run_stock(notebook: NotebookNode, folder: Path, **given: Any) -> tuple[NotebookNode, str]:
    """The same by papermill's own engine; once more if its kernel never answered.

    On a busy machine a kernel's reply that overtakes a widget's message is waited for for ever.
    """
    if "execution_timeout" in given:
        return run(notebook, STOCK, folder, **given)
    for _ in range(2):
        made, ended = run(notebook, STOCK, folder, execution_timeout=90, **given)
        if not ended.startswith("CellTimeoutError"):
            break
    return made, ended


def assert_equal(notebook: NotebookNode, folder: Path, **given: Any) -> str:
    """Both engines give the same; returns how they ended.

    On a busy machine a stock kernel's threads make it chance whether and where some of its output
    is found. It has three tries to give what ours gives, once.
    """
    ours = told(*run(notebook, OURS, folder, **given))
    for _ in range(TRIES):
        stock = told(*run_stock(notebook, folder, **given))
        if ours == stock:
            break
    assert ours == stock
    return str(ours["ended"])


def told(made: NotebookNode, ended: str) -> dict[str, Any]:
    """All that an engine gives."""
    return {
        "cells": shown(made),
        "widgets": widgets(made),
        "ended": ended,
        "language": made.metadata.get("language_info"),
        "exception": made.metadata.papermill.exception,
    }


@pytest.mark.parametrize("name", CASES)
def test_a_notebook_of_each_kind(name: str, tmp_path: Path) -> None:
    assert_equal(case(name), tmp_path)


@pytest.mark.parametrize("name", KIT)
def test_each_of_the_kits_notebooks(name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(home.root() / "notebooks" / f"{name}.ipynb", 4)
    assert assert_equal(notebook, tmp_path) == ""


def cells(*sources: str) -> NotebookNode:
    """A notebook of these cells."""
    python3 = {"name": "python3", "language": "python", "display_name": "Python 3"}
    made = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    return new_notebook(cells=made, metadata={"kernelspec": python3})


def test_a_cell_that_takes_too_long(tmp_path: Path) -> None:
    spins = cells("print('a')", "print('half', flush=True)\nwhile True: pass", "print('never')")
    ended = assert_equal(spins, tmp_path, execution_timeout=2)
    assert ended.startswith("CellTimeoutError: A cell timed out while it was being executed")


def test_a_cell_that_is_interrupted_when_it_takes_too_long(tmp_path: Path) -> None:
    spins = cells("print('a')", "while True: pass", "print('never')")
    ended = assert_equal(spins, tmp_path, execution_timeout=2, interrupt_on_timeout=True)
    assert ended.startswith("KeyboardInterrupt")


def test_a_kernel_that_is_killed(tmp_path: Path) -> None:
    kills = cells("print('a')", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "1")
    made = {engine: run(kills, engine, tmp_path) for engine in (STOCK, OURS)}
    assert made[STOCK][1] == made[OURS][1] == "DeadKernelError: Kernel died"
    # Whether a kernel of its own has yet told its count when it is killed is chance.
    outputs = [[cell.outputs for cell in notebook.cells] for notebook, _ in made.values()]
    assert outputs[0] == outputs[1]
    assert [len(shown_by) for shown_by in outputs[0]] == [1, 0, 0]


def test_a_kernel_that_ends_itself(tmp_path: Path) -> None:
    made = {
        engine: run(cells("import os\nos._exit(0)"), engine, tmp_path) for engine in (STOCK, OURS)
    }
    assert made[STOCK][1] == made[OURS][1]
    assert made[OURS][1].startswith("DeadKernelError")
    # As of its count above.
    assert [notebook.cells[0].outputs for notebook, _ in made.values()] == [[], []]


def test_parameters_are_injected(tmp_path: Path) -> None:
    notebook = cells("who = 'nobody'", "who, number")
    notebook.cells[0].metadata.tags = ["parameters"]
    given = {"who": '007 "</script>', "number": 7}
    assert assert_equal(notebook, tmp_path, parameters=given) == ""
    made = nbformat.read(tmp_path / f"{OURS}.ipynb", 4)
    assert made.cells[-1].outputs[0].data["text/plain"] == "('007 \"</script>', 7)"


def test_what_a_program_and_a_cell_write_in_turn(tmp_path: Path) -> None:
    turns = cells(
        "import os\nos.system('echo direct')\nprint('y')\n_ = os.system('echo after')", "1"
    )
    written = []
    for engine in (STOCK, OURS):
        made, ended = run(turns, engine, tmp_path)
        # A thread of a kernel's own reads what programs write: which comes first is chance there,
        # in the middle of a line, too.
        texts = [output.text for output in made.cells[0].outputs if output.name == "stdout"]
        written.append((sorted("".join(texts)), made.cells[1].outputs, ended))
    assert written[0] == written[1]
    assert written[1][0] == sorted("direct\ny\nafter\n")


def test_what_a_notebook_prints_can_be_logged(tmp_path: Path) -> None:
    logs = {}
    for engine in (STOCK, OURS):
        with (tmp_path / f"{engine}.out").open("w+") as out:
            run(case("streams"), engine, tmp_path, stdout_file=out)
            out.seek(0)
            logs[engine] = out.read()
    assert logs[OURS] == logs[STOCK]
    assert "no newlinexy" in logs[OURS]

"""The stored notebooks: outputs that nbval can compare, and nothing of the run that made them."""

import os
import re
import shutil
from itertools import product
from pathlib import Path

import nbformat
import pytest
from jupytext.cli import jupytext
from nbformat import NotebookNode

from tests.conftest import ROOT
from tests.notebooks.store import NOTEBOOKS, WIDGET_VIEW, store, stripped

STORED = ["whatif_rfq", "whatif_campaign", "explore"]


def read(name: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("name", STORED)
def test_a_stored_notebook_is_small_and_ran_through(name: str) -> None:
    assert (NOTEBOOKS / f"{name}.ipynb").stat().st_size < 100_000
    code = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert code[-1].outputs
    assert not [out for cell in code for out in cell.outputs if out.output_type == "error"]


@pytest.mark.parametrize("name", STORED)
def test_nothing_random_or_timed_is_stored(name: str) -> None:
    notebook = read(name)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        for output in cell.get("outputs", []):
            assert WIDGET_VIEW not in output.get("data", {})
            plain = "".join(output.get("data", {}).get("text/plain", ""))
            assert not re.search(r"0x[0-9a-f]{6,}", plain)


@pytest.mark.parametrize("name", STORED)
def test_parameters_are_typed_and_explained(name: str) -> None:
    (cell,) = [c for c in read(name).cells if "parameters" in c.metadata.get("tags", [])]
    for line in cell.source.splitlines():
        assert re.fullmatch(r"[a-z_]+: (str|int) = [^#]+  # .{10,}", line), line


def test_stripping_leaves_the_plain_text_of_a_widget() -> None:
    widget = nbformat.v4.new_output(
        "execute_result", {"text/plain": "<RfqWhatIf>", WIDGET_VIEW: {"model_id": "0f"}}
    )
    timed = {"execution": {"iopub.status.busy": "2021-05-31T12:00:00Z"}}
    cell = nbformat.v4.new_code_cell("panel", outputs=[widget], metadata=timed)
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    left = stripped(notebook)
    assert left.cells[0].outputs[0].data == {"text/plain": "<RfqWhatIf>"}
    assert left.cells[0].metadata == {}
    assert "widgets" not in left.metadata


@pytest.mark.parametrize("newer", ["py", "ipynb"])
def test_pairing_them_changes_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newer: str
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, end in product(STORED, ("py", "ipynb")):
        shutil.copy(NOTEBOOKS / f"{name}.{end}", folder)
        os.utime(folder / f"{name}.{end}", (2, 2) if end == newer else (1, 1))
    monkeypatch.chdir(tmp_path)
    assert jupytext(["--quiet", "--sync", *(f"notebooks/{name}.ipynb" for name in STORED)]) == 0
    for file in folder.iterdir():
        assert file.read_bytes() == (NOTEBOOKS / file.name).read_bytes(), file.name


@pytest.mark.slow
def test_storing_it_again_writes_the_same_bytes(tmp_path: Path) -> None:
    for end in ("py", "ipynb"):
        source = NOTEBOOKS / f"whatif_rfq.{end}"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    again = store(tmp_path / "whatif_rfq.py")
    assert again.read_bytes() == (NOTEBOOKS / "whatif_rfq.ipynb").read_bytes()

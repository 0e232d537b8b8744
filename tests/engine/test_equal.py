"""What the engine gives is what papermill's own gives, cell by cell."""

import os
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from merchantkit import home
from tests.engine.compare import shown, widgets
from tests.engine.notebooks import CASES, case

pytestmark = pytest.mark.slow

KIT = sorted(file.stem for file in (home.root() / "notebooks").glob("*.ipynb"))
# Pytest's own variable tells ipykernel not to look at what is written to file descriptors.
UNDER_TEST = "PYTEST_CURRENT_TEST"


def run(notebook: NotebookNode, engine: str | None, folder: Path) -> tuple[NotebookNode, str]:
    """The executed notebook as it lies on disk, and how papermill ended."""
    source, made = folder / "in.ipynb", folder / f"{engine}.ipynb"
    nbformat.write(notebook, source)
    ended = ""
    try:
        papermill.execute_notebook(
            source, made, engine_name=engine, progress_bar=False, cwd=folder, kernel_name="python3"
        )
    except PapermillExecutionError as error:
        ended = f"{error.ename}: {error.evalue}"
    return nbformat.read(made, 4), ended


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(UNDER_TEST, raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("clean_environment")
def test_a_notebook_of_each_kind(name: str, tmp_path: Path) -> None:
    os.environ.pop(UNDER_TEST, None)
    stock, stock_end = run(case(name), None, tmp_path)
    ours, our_end = run(case(name), "merchantkit", tmp_path)
    assert shown(ours) == shown(stock)
    assert widgets(ours) == widgets(stock)
    assert our_end == stock_end
    assert ours.metadata.get("language_info") == stock.metadata.get("language_info")
    assert ours.metadata.papermill.exception == stock.metadata.papermill.exception

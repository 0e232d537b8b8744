"""A notebook as it is stored: from its script, executed, with nothing of the run left in it."""

import hashlib
import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import ROOT

NOTEBOOKS = ROOT / "notebooks"
# A front end takes a widget by an id that is another in every run; the plain text stays.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def store(script: Path) -> Path:
    """Execute a notebook's script in a fresh kernel and write the ``.ipynb`` beside it."""
    notebook = jupytext.read(script)
    target = script.with_suffix(".ipynb")
    _keep_ids(notebook, target)
    execute(notebook, script.parent)
    target.write_text(nbformat.writes(stripped(notebook)) + "\n", encoding="utf-8")
    return target


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run every cell in a fresh kernel of this very interpreter."""
    kernel = {**METADATA["kernelspec"]}
    notebook.metadata["kernelspec"] = kernel
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    client = NotebookClient(
        notebook, timeout=120, kernel_name=kernel["name"], record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    client.execute(env={**os.environ, "PYTHONPATH": paths, "PATH": _first_on_path()})


def stripped(notebook: NotebookNode) -> NotebookNode:
    """Take away what differs between two runs or tells of the machine."""
    tags = [cell.metadata.get("tags") for cell in notebook.cells]
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell, kept in zip(notebook.cells, tags, strict=True):
        cell.metadata = nbformat.from_dict({"tags": kept} if kept else {})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    return notebook


def _keep_ids(notebook: NotebookNode, target: Path) -> None:
    # A cell that says the same keeps its id; a new one has an id of its words and its place.
    known: dict[str, list[str]] = {}
    if target.exists():
        for cell in nbformat.read(target, as_version=4).cells:
            known.setdefault(cell.source, []).append(cell.id)
    for place, cell in enumerate(notebook.cells):
        earlier = known.get(cell.source)
        words = f"{target.stem}\0{place}\0{cell.source}".encode()
        cell["id"] = earlier.pop(0) if earlier else hashlib.sha256(words).hexdigest()[:8]


def _first_on_path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))

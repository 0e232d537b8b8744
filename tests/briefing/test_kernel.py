"""The notebook that a page is made of: papermill's own reading of it, and each page its own."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.iorw import load_notebook_node

from merchantkit.briefing.kernel import prepared, read_notebook


def test_it_is_what_papermill_reads_of_a_file(tmp_path: Path) -> None:
    cells = [
        new_markdown_cell("words"),
        new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
        new_code_cell("a"),
    ]
    file = tmp_path / "n.ipynb"
    nbformat.write(new_notebook(cells=cells), file)
    nbformat.write(read_notebook(file.read_text("utf-8")), file)  # which names its kernel
    theirs = load_notebook_node(str(file))
    del theirs.metadata.papermill["version"]  # papermill's own, which no page carries
    assert prepared(file.read_text("utf-8")) == theirs


def test_what_becomes_of_one_is_not_seen_in_the_next() -> None:
    text = nbformat.writes(new_notebook(cells=[new_code_cell("1", metadata={"own": {"a": [1]}})]))
    for read in (prepared, read_notebook):
        meant = nbformat.writes(read(text))
        first = read(text)
        first.cells[0].outputs.append({"output_type": "stream"})
        first.cells[0].metadata["tags"] = ["spoiled"]
        first.cells[0].metadata.own.a.append(2)
        first.metadata["papermill"] = {"parameters": {"merchant_id": "another's"}}
        assert nbformat.writes(read(text)) == meant

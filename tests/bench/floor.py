"""The floor: the same cells by ``exec`` in one warm process, the same two files written.

``python -m tests.bench.floor TASK`` makes what the task says and prints the loop's seconds. It does
what a briefing cannot do without (its cells, its page, its files) and nothing that the engine adds:
no process or namespace of IPython, no check of the notebook's schema, no verification, no record.
"""

import ast
import copy
import html
import json
import os
import re
import sys
import time
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
from nbformat import NotebookNode

from merchantkit.briefing import assets
from merchantkit.briefing.head import Head
from merchantkit.briefing.page import page

INJECTED = "injected-parameters"
_WARM = 3


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    os.chdir(task["cwd"])
    floor = Floor(Path(task["notebook"]), task["lang"])
    titles = [title_of(Path(job["kit"]).with_suffix(".html")) for job in task["jobs"]]
    work = list(zip(task["jobs"], titles, strict=True))
    for job, title in work[:_WARM]:
        floor.make(job["parameters"], title, Path(job["out"]))
    began = time.perf_counter()
    for job, title in work:
        floor.make(job["parameters"], title, Path(job["out"]))
    print(json.dumps({"seconds": time.perf_counter() - began}))


def title_of(kit_page: Path) -> str:
    """Return a page's title, which the run would know."""
    found = re.search("<title>(.*?)</title>", kit_page.read_text(encoding="utf-8"))
    return html.unescape(found[1]) if found else ""


class Floor:
    """A notebook read and compiled once, executed as often as asked."""

    def __init__(self, notebook: Path, lang: str) -> None:
        self.lang = lang
        self.template = nbformat.read(notebook, as_version=4)
        self.template.cells.insert(self._after_parameters(), _injected())
        for cell in self.template.cells:
            if cell.cell_type == "code":
                cell.outputs = []  # what is stored is an example's
        self.compiled = [compiled(c.source) for c in self.template.cells if c.cell_type == "code"]

    def _after_parameters(self) -> int:
        tagged = ["parameters" in cell.metadata.get("tags", []) for cell in self.template.cells]
        return tagged.index(True) + 1

    def make(self, parameters: dict[str, Any], title: str, out: Path) -> None:
        """Make one briefing: the notebook at ``out``, the page beside it."""
        notebook = self.execute(parameters)
        head = Head(self.lang, title, "../../", assets.versions())
        out.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
        out.with_suffix(".html").write_text(page(notebook, head), encoding="utf-8")

    def execute(self, parameters: dict[str, Any]) -> NotebookNode:
        """Return the notebook with the outputs of its cells."""
        notebook = copy.deepcopy(self.template)
        namespace: dict[str, Any] = {"__name__": "__main__"}
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, (cell, (body, last)) in enumerate(zip(cells, self.compiled, strict=True), 1):
            cell.execution_count = count
            if INJECTED in cell.metadata.get("tags", []):
                cell.source = as_papermill_writes(parameters)
                namespace.update(parameters)
                continue
            exec(body, namespace)  # noqa: S102 - the project's own notebook
            value = eval(last, namespace) if last else None  # noqa: S307 - the same
            if value is not None:
                cell.outputs = [_result(value, count)]
        return notebook


def compiled(source: str) -> tuple[CodeType, CodeType | None]:
    """Return a cell as statements, and the expression at its end that it shows, if there is one."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    body = compile(tree, "cell", "exec")
    if last is None:
        return body, None
    return body, compile(ast.Expression(last.value), "cell", "eval")


def as_papermill_writes(parameters: dict[str, Any]) -> str:
    """Return the source of papermill's cell of parameters, all of them text."""
    lines = (
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in parameters.items()
    )
    return "\n".join(["# Parameters", *lines, ""])


def _injected() -> NotebookNode:
    return nbformat.from_dict(
        {
            "cell_type": "code",
            "execution_count": None,
            "id": INJECTED,
            "metadata": {"tags": [INJECTED]},
            "outputs": [],
            "source": "",
        }
    )


def _result(value: Any, count: int) -> NotebookNode:
    result = {
        "output_type": "execute_result",
        "metadata": {},
        "execution_count": count,
        "data": {**_shown(value), "text/plain": repr(value)},
    }
    return nbformat.from_dict(result)


def _shown(value: Any) -> dict[str, Any]:
    if bundle := getattr(value, "_repr_mimebundle_", None):
        return dict(bundle())
    as_html = getattr(value, "_repr_html_", None)
    return {"text/html": as_html()} if as_html else {}


if __name__ == "__main__":
    main()

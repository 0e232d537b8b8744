"""The notebooks of a run: read once, and refused if they would not take what they are given."""

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from merchantkit.briefing.places import BRIEFING, PORTFOLIO
from merchantkit.briefing.tasks import Task
from merchantkit.errors import ReportError

# Of a notebook's and its cells' metadata: which kernel there was, when it ran what, what widgets it
# left, how its outputs were folded. A run says all of this itself.
_WRITTEN_BY_A_RUN = (
    "kernelspec", "language_info", "widgets", "papermill", "execution", "collapsed", "scrolled",
)  # fmt: skip


def read_templates(folder: Path) -> dict[str, str]:
    """Return the texts of the notebooks of a run.

    Raises:
        ReportError: One of them is not there.
    """
    found = {}
    for name in (BRIEFING, PORTFOLIO):
        file = folder / f"{name}.ipynb"
        if not file.is_file():
            raise ReportError(
                f"there is no {name} notebook",
                where=str(file),
                remedy="lay the notebooks out again: merchantkit init DIR",
            )
        found[name] = _as_run(file.read_text(encoding="utf-8"))
    return found


def _as_run(text: str) -> str:
    """Return a notebook's text without what is written into it when somebody runs it.

    What its cells showed is an example's, is of no account to a run, and is most of the text that
    each page reads; and a notebook that was only opened in Lab is not another one.
    """
    try:
        notebook = json.loads(text)
        _drop(notebook["metadata"], _WRITTEN_BY_A_RUN)
        for cell in notebook["cells"]:
            _drop(cell["metadata"], _WRITTEN_BY_A_RUN)
            if cell["metadata"].get("tags") == []:  # as papermill writes it to every cell
                del cell["metadata"]["tags"]
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
    except (ValueError, LookupError, TypeError, AttributeError):
        return text  # no notebook, which is refused as such
    return json.dumps(notebook, indent=1) + "\n"


def _drop(metadata: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        metadata.pop(name, None)


def check_parameters(templates: Mapping[str, str], tasks: Iterable[Task]) -> None:
    """Refuse notebooks that do not declare every parameter that they would be given.

    Papermill itself only warns, and the page would be made of the notebook's defaults.

    Raises:
        ReportError: The first that is not declared, or a file that is no notebook.
    """
    for page, task in {task.page: task for task in tasks}.items():
        unknown = sorted(set(task.parameters) - _declared(page, templates[page]))
        if unknown:
            raise ReportError(
                f"the {page} notebook declares no parameter {', '.join(unknown)}",
                where=f"{page}.ipynb",
                remedy="add it, with a default, to the cell that is tagged parameters",
            )


def _declared(page: str, text: str) -> set[str]:
    """Return the names that the first cell tagged ``parameters`` gives a value.

    Read here, because papermill's own reading costs a run its import, two seconds and more, and
    goes line by line.
    """
    try:
        cells = _code_cells(text)
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
        source = "".join(tagged[0]["source"]) if tagged else ""
        statements = ast.parse(source).body
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise ReportError(
            f"the parameters of the {page} notebook cannot be read: {error}",
            where=f"{page}.ipynb",
            remedy="it must be a notebook (format 4) whose cell tagged parameters is plain Python",
        ) from error
    return {name for statement in statements for name in _names(statement)}


def sources(text: str) -> list[str]:
    """Return what is in a notebook's code cells."""
    return ["".join(cell["source"]) for cell in _code_cells(text)]


def _code_cells(text: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def _names(statement: ast.stmt) -> list[str]:
    targets: list[Any] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]

"""An executed notebook made fit to hand over: no machine's paths, times or stray streams in it."""

import json
from typing import Any

from nbformat import NotebookNode

_RUN_STAMPS = ("papermill", "execution")
_INJECTED = "injected-parameters"
# Said to the team, not to whoever gets the notebook: warnings name files of this machine.
_TEAM_ONLY = "stderr"


def clean(notebook: NotebookNode) -> str:
    """Strip an executed notebook, in place, of what belongs to the machine that ran it.

    The kernel's and the language's names stay, so that it opens in Lab.

    Returns:
        What its cells wrote to standard error, for the log.
    """
    for stamp in (*_RUN_STAMPS, "jupytext"):
        notebook.metadata.pop(stamp, None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    said: list[str] = []
    for cell in notebook.cells:
        _clean_metadata(cell)
        if cell.cell_type == "code":
            said += [output.text for output in cell.outputs if _is_team_only(output)]
            cell.outputs = [output for output in cell.outputs if not _is_team_only(output)]
    return "".join(said)


def compact(notebook: NotebookNode) -> bytes:
    """Return a notebook as the bytes of its file, without the blanks that make one for reading.

    A chart's numbers would take a line each: nine tenths of the file and of the time to write it.
    """
    for cell in notebook.cells:
        for stamp in ("trusted", "collapsed"):  # what nbformat, too, leaves out of files
            cell.metadata.pop(stamp, None)
    text = json.dumps(notebook, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _clean_metadata(cell: NotebookNode) -> None:
    for stamp in _RUN_STAMPS:
        cell.metadata.pop(stamp, None)
    tags = cell.metadata.get("tags", [])
    if not tags:
        cell.metadata.pop("tags", None)
    if _INJECTED in tags and "id" in cell:
        # Papermill draws it at random: the same briefing would differ from run to run.
        cell["id"] = _INJECTED


def _is_team_only(output: Any) -> bool:
    return bool(output.output_type == "stream" and output.name == _TEAM_ONLY)

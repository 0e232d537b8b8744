"""Two runs of one notebook, side by side, but for what differs between any two runs."""

import json
import re
from typing import Any

from nbformat import NotebookNode

# What is drawn at random or counted by the clock in any run, and stands for itself only.
_STAMPS = [
    (re.compile(r"0x[0-9a-f]{8,}"), "0xADDRESS"),
    (re.compile(r"ipykernel_\d+/\d+\.py"), "ipykernel/cell.py"),
    (re.compile(r"(?:CPU times|Wall time):[^\n]*"), "times"),
    (re.compile(r"\x1b\[[0-9;]*m0xADDRESS"), "0xADDRESS"),
]
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_HEX_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def shown(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Every code cell with its count and outputs; run stamps and drawn ids by their order.

    A stream is whole: whether a kernel finds what was written at one look or two is chance.
    """
    cells = [
        {
            "source": cell.source,
            "count": cell.execution_count,
            "outputs": _joined(cell.outputs),
            "tags": cell.metadata.get("tags", []),
        }
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    ids: dict[str, str] = {}
    return [_steady(cell, ids) for cell in cells]


def _joined(outputs: list[NotebookNode]) -> list[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for output in map(dict, outputs):
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def widgets(notebook: NotebookNode) -> list[str]:
    """The widgets' states in the notebook, in no order, their ids left out."""
    if "widgets" not in notebook.metadata:
        return []
    held = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    texts = (json.dumps(state, sort_keys=True) for state in held.values())
    return sorted(_HEX_ID.sub("ID", _UUID.sub("UUID", text)) for text in texts)


def _steady(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _steady(part, ids) for key, part in sorted(value.items())}
    if isinstance(value, list):
        return [_steady(part, ids) for part in value]
    if not isinstance(value, str):
        return value
    for pattern, stand_in in _STAMPS:
        value = pattern.sub(stand_in, value)
    return _HEX_ID.sub(lambda m: ids.setdefault(m[0], f"ID{len(ids)}"), value)

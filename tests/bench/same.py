"""Whether two ways of making a briefing made the same one: only then may they be compared."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.peers import Job

_PLOTLY = "application/vnd.plotly.v1+json"
_SECTION = re.compile(r"<section[^>]*\bdata-mk-section\b")


def refuse_unless_same(todo: Sequence[Job], peer: str) -> None:
    """Compare a peer's outputs with the kit's.

    Raises:
        SystemExit: They differ; the first differences are named.
    """
    found = [line for job in todo for line in differences(Path(job.kit), Path(job.out))]
    if found:
        shown = "\n".join(f"  {line}" for line in found[:10])
        raise SystemExit(f"{peer} made other briefings, so no ratio means anything:\n{shown}")


def differences(kit: Path, other: Path) -> list[str]:
    """Return in what an executed notebook and its page differ from the kit's, cell by cell.

    Run stamps (metadata, ids) and standard error do not count: the kit leaves them out.
    """
    ours, theirs = _cells(kit), _cells(other)
    found = [
        f"cell {number}: {what}: {_short(a[what])} ≠ {_short(b[what])}"
        for number, (a, b) in enumerate(zip(ours, theirs, strict=False), 1)
        for what in a
        if a[what] != b[what]
    ]
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} ≠ {len(theirs)} cells")
    sections = [_sections(notebook.with_suffix(".html")) for notebook in (kit, other)]
    if sections[0] != sections[1] or not sections[0]:
        found.append(f"sections on the page: {sections[0]} ≠ {sections[1]}")
    return [f"{kit.parent.name}: {line}" for line in found]


def charts(notebook: Path) -> int:
    """Return how many charts an executed notebook holds."""
    outputs = (output for cell in _cells(notebook) for output in cell["outputs"])
    return sum(_PLOTLY in output.get("data", {}) for output in outputs)


def _cells(notebook: Path) -> list[dict[str, Any]]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [
        {
            "source": "".join(cell["source"]).rstrip(),
            "count": cell["execution_count"],
            "outputs": [_output(o) for o in cell["outputs"] if o.get("name") != "stderr"],
        }
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def _output(output: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in output.items() if key not in ("metadata", "data", "text")}
    if "text" in output:
        kept["text"] = _joined(output["text"])
    if "data" in output:
        kept["data"] = {mime: _joined(value) for mime, value in output["data"].items()}
    return kept


def _joined(value: Any) -> Any:
    # A text may be stored as its lines.
    return "".join(value) if isinstance(value, list) else value


def _sections(page: Path) -> int:
    return len(_SECTION.findall(page.read_text(encoding="utf-8")))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"

"""Success is only what was opened and looked at: a page and its notebook, as they lie on disk."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import nbformat
from bs4 import BeautifulSoup, Tag

from merchantkit.briefing.head import PLOTLY_MIME

_END = re.compile(r"(\d+)/(\d+)")
_LOADERS = ("src", "srcset", "data", "poster", "background", "action", "formaction", "xlink:href")
_FORBIDDEN = (
    "applet", "base", "embed", "form", "frame", "iframe", "object", "portal",
)  # fmt: skip
_REMOTE = re.compile(
    r"^\s*(?:[a-z][a-z0-9+.-]*:)?//|^\s*(?:javascript|vbscript|data:text/html)", re.I
)
_REMOTE_STYLE = re.compile(r"url\(\s*['\"]?\s*(?:https?:)?//|@import", re.I)
# Plotly draws links that a chart's text holds; ours hold none, so one came with the facts.
_CHART_LINK = re.compile(r"<\s*a\b", re.I)


@dataclass(frozen=True)
class Found:
    """What a page or notebook holds.

    Attributes:
        problems: Everything wrong with it, as short texts that begin with a code; empty if sound.
    """

    sections: int
    charts: int
    problems: tuple[str, ...]


def verify_page(data: bytes, paths: Iterable[str] = ()) -> Found:
    """Open a page and count its sections and charts against its sentinel.

    Args:
        data: The file's bytes.
        paths: Paths of the machine, none of which may be in it.
    """
    text = data.decode("utf-8", "replace")
    soup = BeautifulSoup(text, "html.parser")
    sections = len(soup.select("section[data-mk-section]"))
    charts = soup.select("div.mk-chart > script[type='application/json']")
    drawn = len([chart for chart in charts if _is_chart(chart.string or "")])
    problems = [*_whole(text, soup), *_against_sentinel(_sentinels(soup), sections, drawn)]
    problems += [*_foreign(soup), *_paths(text, paths)]
    if any(_CHART_LINK.search(json_text(chart)) for chart in charts):
        problems.append("chart_link")
    if drawn and not soup.select("script[src*='assets/plotly.min.js']"):
        problems.append("no_plotly")
    return Found(sections, drawn, tuple(problems))


def json_text(chart: Tag) -> str:
    """Return a chart's data with its escapes undone, as plotly will read it."""
    return (chart.string or "").replace("\\u003c", "<")


def verify_notebook(data: bytes, paths: Iterable[str] = ()) -> Found:
    """Open an executed notebook: every cell ran, in order, without error, up to the sentinel."""
    try:
        notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
        nbformat.validate(notebook)
    except (ValueError, nbformat.ValidationError) as broken:
        return Found(0, 0, (f"not_a_notebook {type(broken).__name__}",))
    return look(notebook, paths)


def look(notebook: nbformat.NotebookNode, paths: Iterable[str] = ()) -> Found:
    """Look at an executed notebook in memory; see ``verify_notebook``."""
    cells = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    outputs = [output for cell in cells for output in cell.outputs]
    shown = [output.data for output in outputs if "data" in output]
    soup = BeautifulSoup("".join(_html(data) for data in shown), "html.parser")
    sections = len(soup.select("section[data-mk-section]"))
    charts = sum(PLOTLY_MIME in data for data in shown)
    problems = [f"error_output {o.ename}" for o in outputs if o.output_type == "error"]
    counts = [cell.execution_count for cell in cells]
    if None in counts:
        problems.append(f"cells_not_run {counts.count(None)}")
    elif counts != sorted(counts):
        problems.append("cells_out_of_order")
    problems += _against_sentinel(_sentinels(soup), sections, charts)
    problems += _paths(nbformat.writes(notebook), paths)
    return Found(sections, charts, tuple(problems))


def _html(data: nbformat.NotebookNode) -> str:
    html = data.get("text/html", "")
    return "".join(html) if isinstance(html, list) else str(html)


def _whole(text: str, soup: BeautifulSoup) -> Iterator[str]:
    if not text.rstrip().endswith("</html>"):
        yield "truncated"
    html = soup.find("html")
    if not isinstance(html, Tag) or not html.get("lang"):
        yield "no_language"
    if soup.title is None or not soup.title.get_text(strip=True):
        yield "no_title"


def _sentinels(soup: BeautifulSoup) -> list[str]:
    return [str(tag["data-mk-end"]) for tag in soup.select("footer[data-mk-end]")]


def _against_sentinel(sentinels: list[str], sections: int, charts: int) -> Iterator[str]:
    if len(sentinels) != 1:
        yield "no_sentinel" if not sentinels else f"sentinels {len(sentinels)}"
        return
    said = _END.fullmatch(sentinels[0].strip())
    if said is None:
        yield "sentinel_unreadable"
        return
    meant_sections, meant_charts = int(said[1]), int(said[2])
    if meant_sections == 0:
        yield "no_sections"
    if sections != meant_sections:
        yield f"sections {sections}/{meant_sections}"
    if charts != meant_charts:
        yield f"charts {charts}/{meant_charts}"


def _is_chart(text: str) -> bool:
    try:
        figure = json.loads(text)
    except ValueError:
        return False
    return isinstance(figure, dict) and bool(figure.get("data")) and "layout" in figure


def _foreign(soup: BeautifulSoup) -> Iterator[str]:
    """Find what would run, or be fetched, that is not ours: a name that was not escaped."""
    for tag in soup.find_all(True):
        if tag.name in _FORBIDDEN:
            yield f"foreign_element {tag.name}"
        if tag.name == "script" and not _is_our_script(tag):
            yield "foreign_script"
        if tag.name == "link" and not _is_asset(str(tag.get("href", ""))):
            yield "foreign_link"
        if tag.name == "meta" and str(tag.get("http-equiv", "")).lower() == "refresh":
            yield "foreign_refresh"
        if tag.name == "style" and _REMOTE_STYLE.search(tag.get_text()):
            yield "foreign_style"
        for name, value in tag.attrs.items():
            yield from _foreign_attribute(name.lower(), str(value))


def _foreign_attribute(name: str, value: str) -> Iterator[str]:
    if name.startswith("on"):
        yield f"foreign_handler {name}"
    if name in _LOADERS and _REMOTE.search(value):
        yield f"foreign_source {name}"
    if name == "href" and re.match(r"\s*(?:javascript|vbscript|data):", value, re.I):
        yield "foreign_href"
    if name == "style" and _REMOTE_STYLE.search(value):
        yield "foreign_style"


def _is_our_script(tag: Tag) -> bool:
    if tag.get("type") == "application/json":
        return "src" not in tag.attrs
    return _is_asset(str(tag.get("src", ""))) and not tag.get_text(strip=True)


def _is_asset(address: str) -> bool:
    return bool(re.fullmatch(r"(?:\.\./\.\./)?assets/[a-z.]+\?v=[0-9a-f]+", address))


def _paths(text: str, paths: Iterable[str]) -> Iterator[str]:
    if any(path in text or json.dumps(path)[1:-1] in text for path in paths):
        yield "machine_path"

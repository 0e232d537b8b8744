"""Success is only what was opened and looked at: a page and its notebook, as they lie on disk."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.reader import parse_json
from nbformat.validator import get_validator
from selectolax.lexbor import LexborHTMLParser, LexborNode

from merchantkit.briefing.head import PLOTLY_MIME

_END = re.compile(r"(\d+)/(\d+)")
_LOADERS = ("src", "srcset", "data", "poster", "background", "action", "formaction", "xlink:href")
_FORBIDDEN = (
    "applet", "base", "embed", "form", "frame", "iframe", "object", "portal", "template",
)  # fmt: skip
_TELLING = frozenset(
    {*_FORBIDDEN, "footer", "html", "link", "meta", "script", "section", "style", "title"}
)
# What nearly every tag has at most, and nothing can come of.
_PLAIN = frozenset({"aria-label", "class", "colspan", "id", "lang", "role", "rowspan", "scope"})
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
    """Open a page as a browser would and count its sections and charts against its sentinel.

    Args:
        data: The file's bytes.
        paths: Paths of the machine, none of which may be in it.
    """
    return _page(data.decode("utf-8", "replace"), paths)[0]


def verify_both(page: bytes, notebook: bytes, paths: Iterable[str] = ()) -> tuple[Found, Found]:
    """Open a page and the notebook that it was made of.

    What the notebook shows stands in the page word for word, where it has been looked at already.
    """
    text = page.decode("utf-8", "replace")
    found, seen = _page(text, paths)
    return found, _notebook(notebook, paths, (text, seen))


def verify_notebook(data: bytes, paths: Iterable[str] = ()) -> Found:
    """Open an executed notebook: every cell ran, in order, without error, up to the sentinel."""
    return _notebook(data, paths, None)


def _page(text: str, paths: Iterable[str]) -> tuple[Found, "_Seen"]:
    seen = _Seen(text)
    drawn = len([chart for chart in seen.charts if _is_chart(chart)])
    problems = [*_whole(text, seen), *_against_sentinel(seen.sentinels, seen.sections, drawn)]
    problems += [*seen.foreign, *_paths(text, paths)]
    # As plotly will read it: the page writes "<" so that nothing ends the script element early.
    if any(_CHART_LINK.search(chart.replace("\\u003c", "<")) for chart in seen.charts):
        problems.append("chart_link")
    if drawn and not seen.loads_plotly:
        problems.append("no_plotly")
    return Found(seen.sections, drawn, tuple(problems)), seen


def _notebook(data: bytes, paths: Iterable[str], page: "tuple[str, _Seen] | None") -> Found:
    text = data.decode("utf-8", "replace")
    try:
        notebook = parse_json(text)
        # Once, and as it is: nbformat's own reader would mend what is invalid, and only warn.
        get_validator(notebook["nbformat"], notebook["nbformat_minor"]).validate(notebook)
    except (ValueError, LookupError, AttributeError, TypeError, nbformat.ValidationError) as broken:
        return Found(0, 0, (f"not_a_notebook {type(broken).__name__}",))
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"]]
    outputs = [output for cell in cells for output in cell["outputs"]]
    shown = [output["data"] for output in outputs if "data" in output]
    charts = sum(PLOTLY_MIME in data for data in shown)
    parts = [_html(data) for data in shown if PLOTLY_MIME not in data]
    seen = page[1] if page and _are_all_of(parts, *page) else _Seen("".join(map(_html, shown)))
    problems = [f"error_output {o['ename']}" for o in outputs if o["output_type"] == "error"]
    counts = [cell["execution_count"] for cell in cells]
    if None in counts:
        problems.append(f"cells_not_run {counts.count(None)}")
    elif counts != sorted(counts):
        problems.append("cells_out_of_order")
    problems += _against_sentinel(seen.sentinels, seen.sections, charts)
    problems += _paths(text, paths)
    return Found(seen.sections, charts, tuple(problems))


def _are_all_of(parts: Iterable[str], page: str, seen: "_Seen") -> bool:
    """Return whether a page is made of just these parts: its sections, its end, word for word."""
    text = "".join(parts)
    counts = text.count("data-mk-section="), text.count("data-mk-end=")
    if counts != (seen.sections, len(seen.sentinels)):
        return False
    at = 0
    for part in parts:
        at = page.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _html(data: Mapping[str, Any]) -> str:
    html = data.get("text/html", "")
    return "".join(html) if isinstance(html, list) else str(html)


class _Seen:
    """What an HTML text holds, after one walk over it."""

    def __init__(self, text: str) -> None:
        self.sections = 0
        self.sentinels: list[str] = []
        self.charts: list[str] = []
        self.foreign: list[str] = []
        self.titles: list[str] = []
        self.language = ""
        self.loads_plotly = False
        root = LexborHTMLParser(text).root
        for tag in root.traverse(include_text=False) if root is not None else ():
            attributes = tag.attributes
            if tag.tag in _TELLING or not attributes.keys() <= _PLAIN:
                self._see(tag, {k.lower(): v or "" for k, v in attributes.items()})

    def _see(self, tag: LexborNode, attributes: dict[str, str]) -> None:
        name = tag.tag or ""
        self.sections += name == "section" and "data-mk-section" in attributes
        if name == "footer" and "data-mk-end" in attributes:
            self.sentinels.append(attributes["data-mk-end"])
        elif name == "html":
            self.language = attributes.get("lang", "")
        elif name == "title":
            self.titles.append(tag.text().strip())
        elif name == "script":
            self.loads_plotly |= "assets/plotly.min.js" in attributes.get("src", "")
            if _is_in_chart(tag) and attributes.get("type") == "application/json":
                self.charts.append(tag.text())
        self.foreign += _foreign(tag, name, attributes)


def _is_in_chart(tag: LexborNode) -> bool:
    above = tag.parent
    return above is not None and "mk-chart" in (above.attributes.get("class") or "").split()


def _whole(text: str, seen: _Seen) -> Iterator[str]:
    if not text.rstrip().endswith("</html>"):
        yield "truncated"
    if not seen.language:
        yield "no_language"
    if not any(seen.titles):
        yield "no_title"


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


def _foreign(tag: LexborNode, name: str, attributes: dict[str, str]) -> Iterator[str]:
    """Find what would run, or be fetched, that is not ours: a name that was not escaped."""
    if name in _FORBIDDEN:
        yield f"foreign_element {name}"
    if name == "script" and not _is_our_script(tag, attributes):
        yield "foreign_script"
    if name == "link" and not _is_asset(attributes.get("href", "")):
        yield "foreign_link"
    if name == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
        yield "foreign_refresh"
    if name == "style" and _REMOTE_STYLE.search(tag.text()):
        yield "foreign_style"
    for attribute, value in attributes.items():
        yield from _foreign_attribute(attribute, value)


def _foreign_attribute(name: str, value: str) -> Iterator[str]:
    if name.startswith("on"):
        yield f"foreign_handler {name}"
    if name in _LOADERS and _REMOTE.search(value):
        yield f"foreign_source {name}"
    if name == "href" and re.match(r"\s*(?:javascript|vbscript|data):", value, re.I):
        yield "foreign_href"
    if name == "style" and _REMOTE_STYLE.search(value):
        yield "foreign_style"


def _is_our_script(tag: LexborNode, attributes: dict[str, str]) -> bool:
    if attributes.get("type") == "application/json":
        return "src" not in attributes
    return _is_asset(attributes.get("src", "")) and not tag.text().strip()


def _is_asset(address: str) -> bool:
    return bool(re.fullmatch(r"(?:\.\./\.\./)?assets/[a-z.]+\?v=[0-9a-f]+", address))


def _paths(text: str, paths: Iterable[str]) -> Iterator[str]:
    if any(path in text or json.dumps(path)[1:-1] in text for path in paths):
        yield "machine_path"

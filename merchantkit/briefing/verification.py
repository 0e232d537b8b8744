"""Success is only what was opened and looked at: a page and its notebook, as they lie on disk."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.reader import parse_json
from nbformat.validator import get_validator
from selectolax.lexbor import LexborHTMLParser, LexborNode

from merchantkit.briefing import foreign
from merchantkit.briefing.head import PLOTLY_MIME

_END = re.compile(r"(\d+)/(\d+)")
_TELLING = foreign.TELLING | {"footer", "html", "section", "title"}
# How a part begins that no unfinished tag or comment before it can hide: it would not be counted.
_BEGINS = re.compile(r"\s*<(?:section|footer)\b[^<>]*\bdata-mk-(?:section|end)=")
# A tag as HTML's tokenizer takes it: its name, its attributes, its end.
_SPACE = r"\t\n\f\r "
_TAG = re.compile(
    rf"<([a-z][^{_SPACE}/>]*+)(?:[{_SPACE}/]++|[^{_SPACE}/>][^{_SPACE}/>=]*+"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+(?:\"[^\"]*+\"|'[^']*+'|[^{_SPACE}>\"'][^{_SPACE}>]*+|(?=>)))?+"
    r")*+>",
    re.I,
)
_ENDS_EMPTY = re.compile(rf"\s*(?:</script(?=[{_SPACE}/>])|\Z)", re.I)
_MARKUP = re.compile(r"<[a-z/!?]|\Z", re.I)
_ENDS_STYLE = re.compile(rf"</style[{_SPACE}/>]|\Z", re.I)
# How many tags may begin within one another throughout a text: more are not looked at, but refused.
_TANGLED = 32
_LOOKED_AT = frozenset({PLOTLY_MIME, "text/html", "text/plain"})
# Plotly draws links that a chart's text holds; ours hold none, so one came with the facts.
_CHART_LINK = re.compile(r"<\s*a\b", re.I)


@dataclass(frozen=True)
class Found:
    """What a page or notebook holds.

    Attributes:
        problems: Everything wrong with it, as short texts that begin with a code; empty if sound.
        seen: A page as it was opened, for the notebook that it was made of.
    """

    sections: int
    charts: int
    problems: tuple[str, ...]
    seen: "_Seen | None" = field(default=None, repr=False, compare=False)


def verify_both(page: bytes, notebook: bytes, paths: Iterable[str] = ()) -> tuple[Found, Found]:
    """Open a page and the notebook that it was made of.

    Args:
        page: The page's bytes.
        notebook: The notebook's.
        paths: Paths of the machine, none of which may be in either.
    """
    found = verify_page(page, paths)
    return found, verify_notebook(notebook, paths, found)


def verify_page(data: bytes, paths: Iterable[str] = ()) -> Found:
    """Open a page as a browser would and count its sections and charts against its sentinel."""
    text = data.decode("utf-8", "replace")
    seen = _Seen(text)
    drawn = len([chart for chart in seen.charts if _is_chart(chart)])
    problems = [*_whole(text, seen), *_against_sentinel(seen.sentinels, seen.sections, drawn)]
    problems += [*seen.foreign, *_paths(text, paths)]
    # As plotly will read it: the page writes "<" so that nothing ends the script element early.
    if any(_CHART_LINK.search(chart.replace("\\u003c", "<")) for chart in seen.charts):
        problems.append("chart_link")
    if drawn and not seen.loads_plotly:
        problems.append("no_plotly")
    return Found(seen.sections, drawn, tuple(problems), seen)


def verify_notebook(data: bytes, paths: Iterable[str] = (), page: Found | None = None) -> Found:
    """Open an executed notebook: every cell ran, in order, to the sentinel; nothing foreign in it.

    Args:
        data: The file's bytes.
        paths: Paths of the machine, none of which may be in it.
        page: What was found of the page made of it. What the notebook shows stands there word for
            word, and is not looked at again.
    """
    text = data.decode("utf-8", "replace")
    try:
        notebook = parse_json(text)
        # Once, and as it is: nbformat's own reader would mend what is invalid, and only warn.
        get_validator(notebook["nbformat"], notebook["nbformat_minor"]).validate(notebook)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, LookupError, AttributeError, TypeError, nbformat.ValidationError) as broken:
        return Found(0, 0, (f"not_a_notebook {type(broken).__name__}",))
    outputs = [output for cell in cells for output in cell["outputs"]]
    shown = _Shown(
        [output["data"] for output in outputs if "data" in output], page.seen if page else None
    )
    problems = [f"error_output {o['ename']}" for o in outputs if o["output_type"] == "error"]
    counts = [cell["execution_count"] for cell in cells if cell["source"]]
    if None in counts:
        problems.append(f"cells_not_run {counts.count(None)}")
    elif counts != sorted(counts):
        problems.append("cells_out_of_order")
    problems += _against_sentinel(shown.sentinels, shown.sections, shown.charts)
    problems += [*shown.problems, *_paths(text, paths)]
    return Found(shown.sections, shown.charts, tuple(problems))


class _Seen:
    """What an HTML text holds, after one walk over it."""

    def __init__(self, text: str) -> None:
        self.text = text
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
            if tag.tag in _TELLING or not attributes.keys() <= foreign.PLAIN:
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
        text = tag.text() if name in {"script", "style"} else ""
        self.foreign += foreign.in_tag(name.lower(), attributes, text)


class _Shown:
    """What a notebook's outputs hold, each in every form that it has: a reader's Lab picks one."""

    def __init__(self, outputs: list[Mapping[str, Any]], page: _Seen | None) -> None:
        charts = [data[PLOTLY_MIME] for data in outputs if PLOTLY_MIME in data]
        parts = [
            _text(d["text/html"]) for d in outputs if "text/html" in d and PLOTLY_MIME not in d
        ]
        in_page = page is not None and _are_all_of(parts, page)
        # Each alone: what the first leaves open, the next would end.
        looked = [_Seen(part) for part in parts if not (in_page and _BEGINS.match(part))]
        counted = [page] if page is not None and in_page else looked
        self.charts = len(charts)
        self.sections = sum(seen.sections for seen in counted)
        self.sentinels = [sentinel for seen in counted for sentinel in seen.sentinels]
        self.problems = [problem for seen in looked for problem in seen.foreign]
        self.problems += [problem for data in outputs for problem in _beside(data)]
        if any(_CHART_LINK.search(json.dumps(chart)) for chart in charts):
            self.problems.append("chart_link")


def _are_all_of(parts: Iterable[str], page: _Seen) -> bool:
    """Return whether a sound page is made of just these parts: its sections, its end."""
    text = "".join(parts)
    counts = text.count("data-mk-section="), text.count("data-mk-end=")
    if page.foreign or counts != (page.sections, len(page.sentinels)):
        return False
    at = 0
    for part in parts:
        at = page.text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _beside(data: Mapping[str, Any]) -> Iterator[str]:
    """Find what is foreign in an output's forms other than those of which the page is made."""
    for form in data.keys() - _LOOKED_AT:
        if "javascript" in form or "ecmascript" in form:
            yield "foreign_script"
        elif form == "image/svg+xml":
            svg = _text(data[form])
            yield from (*foreign.in_svg(svg), *_Seen(svg).foreign)
        elif form == "text/markdown":
            yield from foreign.in_markdown(_text(data[form]))
            yield from _in_markdowns_html(_text(data[form]))
    if PLOTLY_MIME in data and "text/html" in data:
        yield from _Seen(_text(data["text/html"])).foreign


def _in_markdowns_html(text: str) -> list[str]:
    # Each tag by itself: Markdown shows some of them as text, which hide nothing that follows.
    found: dict[str, None] = {}
    last = text.rfind(">") + 1
    left = _TANGLED * last
    for at in re.finditer(r"<[a-z]", text[:last], re.I):
        tag = _TAG.match(text, at.start(), last)
        left -= (tag.end() if tag else last) - at.start()
        if left < 0:
            return [*found, "foreign_markup"]
        if tag:
            found |= dict.fromkeys(_in_lone_tag(tag))
    return list(found)


def _in_lone_tag(tag: re.Match[str]) -> Iterator[str]:
    # Under a name that stands anywhere: a table's cell, say, would be left out where no table is.
    name, text = tag[1].lower(), tag.string
    root = LexborHTMLParser(f"<b{text[tag.end(1) : tag.end()]}").root
    alone = root.css_first("b") if root is not None else None
    given = alone.attributes if alone is not None else {}
    attributes = {key.lower(): value or "" for key, value in given.items()}
    inside = ""
    if name == "script" and not _ENDS_EMPTY.match(text, tag.end()):
        inside = "not empty"
    if name == "style":
        end = _MARKUP.search(text, tag.end())
        inside = text[tag.end() : end.start() if end else len(text)]
        # Within SVG it may be put together from the texts around markup, and end later.
        if end and not _ENDS_STYLE.match(text, end.start()):
            yield "foreign_style"
    # Markdown and SVG read entities in it, HTML does not.
    for read in (inside, html.unescape(inside)):
        yield from foreign.in_tag(name, attributes, read)


def _text(shown: Any) -> str:
    return "".join(shown) if isinstance(shown, list) else str(shown)


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


def _paths(text: str, paths: Iterable[str]) -> Iterator[str]:
    if any(form in text for path in paths for form in {path, json.dumps(path)[1:-1]}):
        yield "machine_path"

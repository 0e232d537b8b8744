"""A notebook's outputs as a page: nbconvert with a thin template of our own, and shared assets."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from merchantkit.briefing.head import HTML_LANG, PLOTLY_MIME, POLICY, Head
from merchantkit.present.words import words

TEMPLATES = Path(__file__).parent / "templates"
_DEFAULT_HEIGHT = 360


class PageExporter(TemplateExporter):
    """Shows outputs only: no code, no prompts; charts as data for the month's shared script."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            template_paths=[str(TEMPLATES)],
            template_file="page.html.j2",
            file_extension=".html",
            default_preprocessors=[],
            **kwargs,
        )
        self.register_filter("chart", chart)  # type: ignore[no-untyped-call]
        self.register_filter("markup", _markup)  # type: ignore[no-untyped-call]

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        environment.trim_blocks = environment.lstrip_blocks = True
        return environment


def page(notebook: NotebookNode, head: Head) -> str:
    """Return an executed notebook as a whole page."""
    resources = {"head": head, "html_lang": HTML_LANG[head.lang], "policy": POLICY}
    resources |= {"plotly": PLOTLY_MIME, "has_charts": _has_charts(notebook)}
    resources |= {"top": words(head.lang).t("page.top")}
    # The exporter's template without its preprocessors, of which there are none: before them it
    # would copy the notebook twice.
    return str(_exporter().template.render(nb=notebook, resources=resources))


def chart(figure: dict[str, Any]) -> Markup:
    """Return a plotly figure as a place on the page with its data inside.

    Nothing in the data can end the script element early or open a comment in it.

    >>> str(chart({"data": [], "layout": {"title": {"text": "</script>"}}})).count("</script>")
    1
    """
    layout = figure.get("layout", {})
    title = layout.get("title", {})
    label = title.get("text", "") if isinstance(title, dict) else title
    height = int(layout.get("height") or _DEFAULT_HEIGHT)
    data = {"data": figure.get("data", []), "layout": layout}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    frame = Markup(
        '<div class="mk-chart" role="img" aria-label="{}" style="min-height:{}px">'
        '<script type="application/json">{}</script></div>'
    )
    return frame.format(str(label), height, Markup(text))  # noqa: S704 - no "<" is left in it


def _markup(html: str) -> Markup:
    # A cell's HTML comes from templates that escape every value; verify looks for what does not.
    return Markup(html)  # noqa: S704


def _has_charts(notebook: NotebookNode) -> bool:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return any(PLOTLY_MIME in output.get("data", {}) for output in outputs)


@cache
def _exporter() -> PageExporter:
    return PageExporter()

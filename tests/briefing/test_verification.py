"""A page is believed only after it was opened: one cut short or a chart less is found out."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from selectolax.lexbor import LexborHTMLParser

from merchantkit.briefing import verification
from merchantkit.briefing.clean import clean
from merchantkit.briefing.head import PLOTLY_MIME, Head
from merchantkit.briefing.page import page
from merchantkit.briefing.verification import verify_both, verify_notebook, verify_page

FIGURE = {"data": [{"type": "bar", "y": [1]}], "layout": {"height": 200, "title": {"text": "</b>"}}}
SECTION = '<section class="mk-section" data-mk-section="a">A</section>'
HEAD = Head("zh", "<甲>公司", "../../", {"page.css": "0a", "page.js": "0b", "plotly.min.js": "0c"})


def shown(data: dict, count: int | None = 1) -> nbformat.NotebookNode:
    output = new_output("display_data", data=data)
    return new_code_cell("shown()", outputs=[output], execution_count=count)


def notebook(section: str = SECTION, end: str = "1/1") -> nbformat.NotebookNode:
    footer = f'<footer data-mk-end="{end}">e</footer>'
    made = [shown({"text/html": section}), shown({PLOTLY_MIME: FIGURE}, 2)]
    return new_notebook(cells=[*made, shown({"text/html": footer}, 3)])


def bundle(*extra: dict, section: str = SECTION) -> nbformat.NotebookNode:
    """A sound notebook whose last outputs but one are as given."""
    made = notebook(section=section)
    made.cells[2:2] = [shown(data, 2) for data in extra]
    return made


def both(made: nbformat.NotebookNode) -> tuple[list[str], list[str]]:
    """What is wrong with the page made of a notebook, and with the notebook, opened together."""
    ipynb = nbformat.writes(made).encode()
    seen, looked = verify_both(page(made, HEAD).encode(), ipynb)
    assert set(looked.problems) == set(verify_notebook(ipynb).problems)
    return list(seen.problems), list(looked.problems)


def html(**given: str) -> str:
    return page(notebook(**given), HEAD)


def problems(text: str) -> list[str]:
    return list(verify_page(text.encode()).problems)


def test_a_sound_page_is_sound() -> None:
    found = verify_page(html().encode(), ["/no/such/path"])
    assert (found.sections, found.charts, found.problems) == (1, 1, ())


def test_a_page_shows_no_code_and_loads_only_the_months_own_files() -> None:
    text = html()
    assert "shown()" not in text
    assert '<html lang="zh-CN">' in text
    assert "<title>&lt;甲&gt;公司</title>" in text
    assert text.count("../../assets/") == 3
    assert "http:" not in text
    assert "https:" not in text


def test_a_page_without_charts_does_not_load_plotly() -> None:
    cells = [
        shown({"text/html": SECTION}),
        shown({"text/html": '<footer data-mk-end="1/0"></footer>'}),
    ]
    text = page(new_notebook(cells=cells), HEAD)
    assert "plotly" not in text
    assert problems(text) == []


def test_chart_data_cannot_leave_its_element() -> None:
    hostile = {"data": [{"x": ["</script><script>alert(1)</script><!--"]}], "layout": {}}
    text = page(new_notebook(cells=[shown({PLOTLY_MIME: hostile})]), HEAD)
    assert "<script>alert" not in text
    assert "<!--" not in text
    data = text.split('type="application/json">')[1].split("</script>")[0]
    assert json.loads(data) == hostile


def test_text_outputs_are_text() -> None:
    cells = [shown({"text/plain": "<b>x"}), shown({"text/markdown": "<i>y"})]
    cells.append(new_code_cell("", outputs=[new_output("stream", name="stdout", text="<u>z")]))
    text = page(new_notebook(cells=cells), HEAD)
    assert "&lt;b&gt;x" in text
    assert "&lt;i&gt;y" in text
    assert "&lt;u&gt;z" in text


@pytest.mark.parametrize("end", ["2/1", "1/2", "1/0", "0/1", "0/0"])
def test_what_the_sentinel_says_must_be_there(end: str) -> None:
    assert [found != [] for found in both(notebook(end=end))] == [True, True]


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8, 0.99])
def test_a_page_cut_short_is_found_out(part: float) -> None:
    text = html()
    assert "truncated" in problems(text[: int(len(text) * part)])


def test_a_chart_that_is_missing_or_broken_is_found_out() -> None:
    text = html()
    assert problems(text.replace("mk-chart", "mk-other")) == ["charts 0/1"]
    assert problems(text.replace('{"data":[', '{"data":[[')) == ["charts 0/1"]
    assert problems(text.replace('"data":[{"type":"bar","y":[1]}]', '"data":[]')) == ["charts 0/1"]


def test_a_missing_or_second_sentinel_is_found_out() -> None:
    text = html()
    assert problems(text.replace("data-mk-end", "data-x")) == ["no_sentinel"]
    assert problems(text.replace("</main>", '<footer data-mk-end="1/1"></footer></main>')) == [
        "sentinels 2"
    ]


FOREIGN = [
    "<script>alert(1)</script>",
    '<script src="https://example.org/x.js"></script>',
    '<script type="module">import "x"</script>',
    '<img src="//example.org/x.png">',
    '<img src=x onerror="alert(1)">',
    '<iframe srcdoc="x"></iframe>',
    '<link rel="stylesheet" href="https://example.org/x.css">',
    '<a href="javascript:alert(1)">x</a>',
    '<p style="background:url(https://example.org/x)">x</p>',
    "<style>@import 'https://example.org/x.css';</style>",
    '<meta http-equiv="refresh" content="0;url=x">',
    '<form action="x"></form>',
    # Addresses as a browser reads them.
    '<a href="java&#9;script:alert(1)">x</a>',
    '<a href="java&NewLine;script:alert(1)">x</a>',
    '<a href="&#1;javascript:alert(1)">x</a>',
    '<a href=" &#31;JavaScript&colon;alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<img src="\\\\example.org\\x.png">',
    '<img src="/\\example.org/x.png">',
    '<img src="/&#10;/example.org/x.png">',
    '<img src="&#2;https://example.org/x.png">',
    '<img src="https:example.org/x.png">',
    '<img src="data:text/html,x">',
    '<img srcset="a.png, https://example.org/x 2x">',
    '<img srcset="a.png 1x,//example.org/x 2x">',
    '<img srcset="a.png (,b),\\\\example.org/x 2x">',
    '<link rel="preload" href="assets/page.css?v=0" imagesrcset="https://example.org/x">',
    '<video poster="https://example.org/x.png"></video>',
    '<a href="#" ping="https://example.org/x">x</a>',
    '<a href="#" ping="x">x</a>',
    '<img src="x.png" attributionsrc="https://example.org/x">',
    '<map><area href="javascript:alert(1)"></map>',
    '<map><area href="#" ping="https://example.org/x"></map>',
    # SVG.
    '<svg><image href="https://example.org/x.png"/></svg>',
    '<svg><image xlink:href="//example.org/x.png"/></svg>',
    '<svg><use href="data:image/svg+xml,x#a"/></svg>',
    '<svg><image href="data:image/svg+xml,x"/></svg>',
    '<svg><filter><feImage href="data:image/svg+xml,x"/></filter></svg>',
    '<svg><filter><feImage href="https://example.org/x.png"/></filter></svg>',
    '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
    '<svg><a><animate attributeName="href" values="javascript:alert(1)"/></a></svg>',
    '<svg><a><set attributeName=" XLink:href" to="x"/></a></svg>',
    '<svg><rect fill="url(https://example.org/x#a)"/></svg>',
    '<svg><rect><animate attributeName="fill" to="url(//example.org/x#a)"/></rect></svg>',
    '<svg><script href="https://example.org/x.js"></script></svg>',
    "<svg><style><![CDATA[@import 'x';]]></style></svg>",
    '<math><mi href="javascript:alert(1)">x</mi></math>',
    # Styles as a browser reads them.
    """<p style="background:image-set('https://example.org/x' 1x)">x</p>""",
    """<p style="background:image-set('//example.org/x' 1x)">x</p>""",
    """<p style="background:-webkit-image-set(/*=*/'https://example.org/x' 1x)">x</p>""",
    """<p style="background:im\\61ge-set(&quot;a\\&quot;);}&quot; 1x, 'https://x.org' 2x)">x</p>""",
    """<p style="content:'/*'; background:url(https://example.org/x); quotes:'*/'">x</p>""",
    """<p style="content:'/*'; background:image-set('//example.org/x' 1x); quotes:'*/'">x</p>""",
    """<p style="--\\;a:'https://example.org/x'">x</p>""",
    """<p style="background:src('https://example.org/x')">x</p>""",
    "<style>@import/**/'https://example.org/x.css';</style>",
    '<p style="background:url(data:application/xhtml+xml,x)">x</p>',
    '<p style="background:URL( &quot;\\\\\\\\example.org/x&quot; )">x</p>',
    '<p style="background:u\\72l(https://example.org/x)">x</p>',
    '<p style="background:url(ht\\74 ps\\3a //example.org/x)">x</p>',
    "<style>p { background: url(/*/*/'ftp://example.org/x') }</style>",
    "<style>@\\69mport 'x.css';</style>",
    "<style>/* don't */ p { background: url(https://example.org/x) }</style>",
    '<p style="background:url(data:text/html,x)">x</p>',
    # What a browser that runs scripts takes for text, up to an end within an attribute.
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_what_came_in_unescaped_is_found_out(foreign: str) -> None:
    made = bundle(section=SECTION.replace("A", foreign))
    for found in both(made):
        assert [problem for problem in found if problem.startswith("foreign")] != []


@pytest.mark.parametrize(
    "own",
    [
        '<a href="https://example.org/x?a=1#b">the source</a>',
        '<a href="mailto:a@example.org">x</a> <a href="#part">x</a> <a href="../b.html">x</a>',
        '<svg><a href="https://example.org/x">x</a><use href="#a"/></svg>',
        '<img src="data:image/png;base64,iVBORw0=" alt="x"> <img src="x.png" srcset="x.png 2x">',
        '<svg><image xlink:href="data:image/png;base64,iVBORw0="/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"></svg>',
        '<svg><rect fill="url(#a)" style="stroke: #fff"/></svg>',
        """<p style="background:url('data:image/svg+xml,&lt;svg xmlns=\'http://x.org/a\'>')">x</p>""",
        """<style>.a::after { content: "Note: 5"; font: 12px "A", 'B C'; background: url(x.png) }
        a[href="https://example.org/x"]:hover { color: red }</style>""",
        '<map><area href="https://example.org/x"></map>',
        "<style>/* from 'https://x.org' */ p { content: 'data: x'; quotes: '//' '//' }</style>",
        """<style>p { background: image-set("a.png" 1x) } /* it's */ a { color: red }</style>""",
        "<style>@font-face { src: url(data:application/font-woff;base64,d09G) }</style>",
        "<style>@font-face { src: url('data:application/x-font-ttf;base64,d09G') }</style>",
        '<svg><filter><feImage href="data:image/png;base64,iVBORw0="/></filter></svg>',
        "<p title=\"https://example.org 'x': url(https://example.org)\">https://example.org</p>",
        "<svg><animate attributeName='opacity' values='0;1'/></svg>",
    ],
)
def test_what_loads_and_runs_nothing_is_let_be(own: str) -> None:
    assert both(bundle(section=SECTION.replace("A", own))) == ([], [])


@pytest.mark.parametrize(
    "beside",
    [
        {PLOTLY_MIME: FIGURE, "text/html": "<script src='https://example.org/x.js'></script>"},
        {"text/plain": "x", "application/javascript": "alert(1)"},
        {"text/plain": "x", "text/javascript": "alert(1)"},
        {"text/plain": "x", "image/svg+xml": "<svg><script>alert(1)</script></svg>"},
        {"text/plain": "x", "image/svg+xml": ["<svg onload='alert", "(1)'></svg>"]},
        {"text/plain": "x", "image/svg+xml": "<?xml-stylesheet href='https://x.org'?><svg></svg>"},
        {"text/plain": "x", "image/svg+xml": "<!DOCTYPE svg [<!ENTITY a 'x'>]><svg></svg>"},
        {"text/plain": "x", "image/svg+xml": "<s:svg><s:script>alert(1)</s:script></s:svg>"},
        {"text/plain": "x", "text/markdown": "<img src=x onerror=alert(1)>"},
        {"text/plain": "x", "text/markdown": "`<!--` <script>alert(1)</script> `-->`"},
        {"text/plain": "x", "text/markdown": "`<b title='` <img src='//example.org/x'>"},
        {"text/plain": "x", "text/markdown": "![x](https://example.org/x.png)"},
        {"text/plain": "x", "text/markdown": ["![x][1]\n\n", "[1]: //example.org/x.png"]},
        {"text/plain": "x", "text/markdown": "[x](java&#9;script:alert(1))"},
        {"text/plain": "x", "text/markdown": "[x](javascript\\:alert(1))"},
        {"text/plain": "x", "text/markdown": "<javascript:alert(1)>"},
    ],
)
def test_what_a_page_leaves_out_of_a_notebook_is_looked_at_too(beside: dict) -> None:
    made = bundle(beside)
    charts = 2 if PLOTLY_MIME in beside else 1
    made.cells[-1] = shown({"text/html": f'<footer data-mk-end="1/{charts}"></footer>'}, 3)
    seen, looked = both(made)
    assert seen == []
    assert looked != []
    assert all(problem.startswith("foreign") for problem in looked)


@pytest.mark.parametrize(
    "beside",
    [
        {"text/plain": "<script>x</script> ![x](https://example.org/x)"},
        {
            "text/plain": "x",
            "text/markdown": "**x** [x](https://example.org) <https://example.org>",
        },
        {"text/plain": "x", "text/markdown": "<span style='color: red'>![x](x.png)</span>"},
        {"text/plain": "x", "image/png": "iVBORw0="},
        {"text/plain": "x", "image/svg+xml": "<?xml version='1.0'?><!DOCTYPE svg><svg></svg>"},
        {"text/plain": "x", "application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    ],
)
def test_other_forms_of_an_output_are_let_be(beside: dict) -> None:
    assert both(bundle(beside)) == ([], [])


def in_markdown(text: str) -> list[str]:
    """What is found in a notebook that shows this as Markdown, too."""
    seen, looked = both(bundle({"text/plain": "x", "text/markdown": text}))
    assert seen == []
    return looked


@pytest.mark.parametrize(
    "text",
    [
        "![x](data:image/png;base64,iVBORw0=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x](attachment:a.png)",
        "![c](chart.png) and [docs](https://example.org)",
        "![c (d)](chart.png) and [docs (new)](https://example.org)",
        "![c](chart.png) and <https://example.org>",
        "[![c](chart.png)](https://example.org)",
        "![x][1]\n\n[1]: data:image/png;base64,iVBORw0=",
        "<table><tr><td class='a'>x</td></tr></table> a <b and c < d",
        "<style>p { color: red }</style> <a href='https://example.org'>x</a>",
        "<svg><image href='data:image/png;base64,iVBORw0='/></svg>",
    ],
)
def test_markdowns_own_images_and_links_are_let_be(text: str) -> None:
    assert in_markdown(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "![x](data:text/html,x)",
        "![x](javascript:alert(1))",
        "[x](data:image/svg+xml,x)",
        "![c](chart.png) [x](javascript:alert(1))",
        "[![c](https://example.org/x.png)](https://example.org)",
        "![x][1]\n\n[1]: data:image/svg+xml,x",
        "![x][1]\n\n[1]: https://example.org/x.png",
        "> ![x][1]\n>\n> [1]:\n> //example.org/x.png",
        # What looks like a link's beginning is within an image's text.
        "![a [b] c](https://example.org/x.png)",
        "![a \\[c](https://example.org/x.png)",
        "![a `[` c](https://example.org/x.png)",
        "![a <b title='['> c](https://example.org/x.png)",
        "![a $[$ c](https://example.org/x.png)",
        "![![a](b.png)](https://example.org/x.png)",
        "![a ![b]([c.png) d](https://example.org/x.png)",
        "![a ![b](c.png '[ (') d](https://example.org/x.png)",
        "![a ![b](c.png '[![x](') d](https://example.org/x.png)",
        # What looks like an address holds another.
        "[y](![x](https://example.org/x.png)",
        "a]:![x](https://example.org/x.png)",
        "<a:![x](https://example.org/x.png)>",
        "[a](b <javascript:alert(1)>",
    ],
)
def test_no_image_is_taken_for_a_link_and_none_is_hidden(text: str) -> None:
    assert [problem for problem in in_markdown(text) if problem.startswith("foreign")] != []


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td onclick=x>x</td></tr></table>",
        "`<td title='` <td onclick=x>",
        "`<b title='<i title=\"` <img\nsrc=//example.org/x>",
        "<img alt=a\"b src=//example.org/x alt='>'>",
        "<img =a='>' / src = '//example.org/x'>",
        "<img alt='>' src='//example.org/x'>",
        "`<style>/*` <style>@import 'x'</style>",
        "`<!--` <svg><style>@im&#112;ort 'x'</style></svg> `-->`",
        "<svg><style>@im<!-- -->port 'x'</style></svg>",
        "<svg><style>@im<g a='>'></g>port 'x'</style></svg>",
        "<svg><style><![CDATA[</style>]]>@import 'x'</style></svg>",
        "<style></stylex>@import 'x'</style>",
        "<script src='assets/x.js?v=0'> <b>alert(1)</script>",
        "<script src='assets/x.js?v=0'></scripts>alert(1)</script>",
        "Use `<form>`",
    ],
)
def test_no_tag_in_markdown_is_hidden(text: str) -> None:
    assert [problem for problem in in_markdown(text) if problem.startswith("foreign")] != []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<b class='a'>x</b> " * 5000, []),
        ("a <b and c " * 5000, []),
        ("<style>p {}</style> " * 5000, []),
        ("<style>" * 5000, ["foreign_style"]),
        ("<script>" * 5000, ["foreign_script"]),
        ("<b " * 5000 + ">", ["foreign_markup"]),
        ("<b title='" * 5001 + ">", ["foreign_markup"]),
    ],
)
def test_no_more_of_markdown_is_parsed_than_there_is(
    text: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = 0

    def counted(part: str) -> object:
        nonlocal parsed
        parsed += len(part)
        return LexborHTMLParser(part)

    made = nbformat.writes(bundle({"text/plain": "x", "text/markdown": text})).encode()
    monkeypatch.setattr(verification, "LexborHTMLParser", counted)
    assert list(verify_notebook(made).problems) == found
    assert parsed < 33 * len(text)


def test_what_one_output_leaves_open_hides_nothing_in_the_next() -> None:
    # The page shows both in a row, so that there the first makes a comment of the second.
    made = bundle({"text/html": "<!-- "}, {"text/html": "<script>alert(1)</script> -->"})
    assert both(made) == ([], ["foreign_script"])


def test_what_a_cell_without_code_shows_is_looked_at() -> None:
    made = bundle({"text/html": "<script>alert(1)</script>"})
    made.cells[2].source = ""
    assert both(made) == (["foreign_script"], ["foreign_script"])


def test_a_link_in_a_charts_text_is_found_out() -> None:
    linked = {"data": [{"text": ["<a href='https://example.org'>x</a>"]}], "layout": {}}
    cells = [shown({"text/html": SECTION}), shown({PLOTLY_MIME: linked})]
    cells.append(shown({"text/html": '<footer data-mk-end="1/1"></footer>'}))
    assert both(new_notebook(cells=cells)) == (["chart_link"], ["chart_link"])


def test_a_path_of_the_machine_is_found_out() -> None:
    somewhere = "/srv/somebody/merchants"
    text = html(section=SECTION.replace("A", f"see {somewhere}/x.py"))
    assert verify_page(text.encode(), [somewhere]).problems == ("machine_path",)


def test_a_notebook_whose_cells_did_not_all_run_is_found_out() -> None:
    made = notebook()
    made.cells[1].execution_count = None
    assert "cells_not_run 1" in verify_notebook(nbformat.writes(made).encode()).problems
    made.cells[1].execution_count = 9
    assert "cells_out_of_order" in verify_notebook(nbformat.writes(made).encode()).problems
    made = notebook()
    made.cells[0].outputs.append(new_output("error", ename="SystemExit", evalue="0", traceback=[]))
    assert "error_output SystemExit" in verify_notebook(nbformat.writes(made).encode()).problems
    assert verify_notebook(b'{"cells": [').problems == ("not_a_notebook NotJSONError",)


def test_an_executed_notebook_is_cleaned_of_what_the_machine_left_in_it() -> None:
    made = notebook()
    made.metadata.papermill = {"input_path": "/srv/x.ipynb"}
    made.metadata.jupytext = {"formats": "ipynb,py:percent"}
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.cells[0].metadata.papermill = {"start_time": "2021"}
    made.cells[0].metadata.tags = []
    made.cells[1].metadata.tags = ["injected-parameters"]
    made.cells[1].outputs.append(new_output("stream", name="stderr", text="/srv/x.py:1: warning"))
    assert clean(made) == "/srv/x.py:1: warning"
    assert "/srv" not in nbformat.writes(made)
    assert dict(made.metadata) == {"kernelspec": made.metadata.kernelspec}
    assert dict(made.cells[0].metadata) == {}
    assert made.cells[1].id == "injected-parameters"
    assert verify_notebook(nbformat.writes(made).encode()).problems == ()


def test_both_together_are_found_as_each_alone() -> None:
    made = notebook()
    ipynb = nbformat.writes(made).encode()
    together = verify_both(page(made, HEAD).encode(), ipynb)
    assert together == (verify_page(page(made, HEAD).encode()), verify_notebook(ipynb))
    assert [(f.sections, f.charts, f.problems) for f in together] == [(1, 1, ())] * 2


def test_a_notebook_that_shows_what_its_page_does_not_is_looked_at_itself() -> None:
    other = notebook(section=SECTION + SECTION.replace("A<", "B<"))
    seen, looked = verify_both(html().encode(), nbformat.writes(other).encode())
    assert (seen.sections, seen.problems) == (1, ())
    assert (looked.sections, looked.problems) == (2, ("sections 2/1",))


@pytest.mark.parametrize(
    "attribute",
    [' onclick="x()"', "/onclick=x()", '\n\tONCLICK\n=\n"x()"', ' title="t"onclick=x()',
     " title='t'onClick = 'x()'"],
)  # fmt: skip
def test_a_handler_is_found_however_it_is_written(attribute: str) -> None:
    assert problems(html(section=SECTION + f"<b{attribute}>b</b>")) == ["foreign_handler onclick"]


def test_words_that_begin_so_are_no_handlers() -> None:
    assert problems(html(section=SECTION + "<p>the content= once = on = a 'one' = x</p>")) == []


def test_a_notebook_that_lost_what_it_showed_is_not_covered_by_its_page() -> None:
    for lost in ({0}, {2}, {0, 2}, {0, 1, 2}):
        made = notebook()
        for number in lost:
            made.cells[number].outputs = []
        seen, looked = verify_both(html().encode(), nbformat.writes(made).encode())
        assert seen.problems == ()
        assert looked.problems != (), lost

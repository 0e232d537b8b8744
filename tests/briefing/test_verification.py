"""A page is believed only after it was opened: one cut short or a chart less is found out."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

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
    assert problems(html(end=end)) != []
    assert verify_notebook(nbformat.writes(notebook(end=end)).encode()).problems != ()


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


@pytest.mark.parametrize(
    "foreign",
    [
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
    ],
)
def test_what_came_in_unescaped_is_found_out(foreign: str) -> None:
    found = problems(html(section=SECTION.replace("A", foreign)))
    assert [problem for problem in found if problem.startswith("foreign")] != []


def test_a_link_in_a_charts_text_is_found_out() -> None:
    linked = {"data": [{"text": ["<a href='https://example.org'>x</a>"]}], "layout": {}}
    cells = [shown({"text/html": SECTION}), shown({PLOTLY_MIME: linked})]
    cells.append(shown({"text/html": '<footer data-mk-end="1/1"></footer>'}))
    assert problems(page(new_notebook(cells=cells), HEAD)) == ["chart_link"]


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

"""Charts are data: each kind is held against plotly's own figure here, not on every page."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import pytest
from markupsafe import Markup

from merchantkit.assessment import Board
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.figures import Chart, figure, ladder
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.whatif import campaign_charts, rfq_map
from merchantkit.present.words import LANGUAGES, words
from merchantkit.programmes import campaign
from tests.months import demo_board

MIME = "application/vnd.plotly.v1+json"


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def on_pages(board: Board, lang: str) -> Iterator[Chart | None]:
    for merchant_id in board.assessment.merchants["merchant_id"]:
        page = BriefingPage(board.case(merchant_id), lang)
        yield from (page.rfq_rolling(), page.rfq_quota(), page.campaign_parts(), page.star_trend())
    yield PortfolioPage(board, lang).tiers()


def checked(chart: Chart) -> dict[str, Any]:
    """What plotly makes of a chart once it has checked every key and value of it."""
    figure: dict[str, Any] = go.Figure(data=chart.data, layout=chart.layout).to_plotly_json()
    return figure


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.slow
def test_every_chart_of_a_page_is_what_plotly_would_write(board: Board, lang: str) -> None:
    drawn = [chart for chart in on_pages(board, lang) if chart is not None]
    assert len(drawn) > 50
    for chart in drawn:
        # As text, because the order of the keys is part of a page's bytes.
        assert json.dumps(chart._repr_mimebundle_()[MIME]) == json.dumps(checked(chart))


def test_charts_call_a_tier_as_the_text_does(board: Board) -> None:
    # 25,000.00 and 35,000.00; 60 % and 100 % of 20 free quotes.
    page = BriefingPage(board.case("2100000011"), "zh")
    drawn = (page.rfq_rolling(), page.rfq_quota())
    names = {trace["name"] for chart in drawn if chart for trace in chart.data}
    assert {
        "一档门槛 USD 25,000.00",
        "二档门槛 USD 35,000.00",
        "一档需 12 条",
        "二档需 20 条",
    } <= names
    english = BriefingPage(board.case("2100000011"), "en").rfq_rolling()
    assert english is not None
    assert "tier 1: USD 25,000.00" in {trace["name"] for trace in english.data}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_chart_of_a_what_if_is_one_that_plotly_takes(lang: str) -> None:
    parts = dict.fromkeys(campaign.PARTS, Decimal(0))
    for chart in (rfq_map.empty(words(lang)), campaign_charts.empty(parts, words(lang))):
        assert chart._repr_mimebundle_()[MIME] == checked(chart)


def test_what_a_stranger_calls_something_is_text_and_what_the_kit_composes_is_not() -> None:
    bars = {"type": "bar", "x": [1], "y": ["<b>x</b>"]}
    folded = Markup("<br>").join(["A", "<b>"])
    chart = figure([bars], 300, title={"text": "a < b"}, xaxis={"ticktext": [folded]})
    assert chart.data[0]["y"] == ["&lt;b&gt;x&lt;/b&gt;"]
    assert chart.layout["title"]["text"] == "a &lt; b"
    assert chart.layout["xaxis"]["ticktext"] == ["A<br>&lt;b&gt;"]
    assert type(chart.layout["xaxis"]["ticktext"][0]) is str


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_title_of_a_chart_shows_markup(board: Board, lang: str) -> None:
    parts = dict.fromkeys(campaign.PARTS, Decimal(0))
    what_ifs = [rfq_map.empty(words(lang)), campaign_charts.empty(parts, words(lang))]
    page = BriefingPage(board.case("2100000011"), lang)
    drawn = [page.rfq_rolling(), page.rfq_quota(), page.campaign_parts(), page.star_trend()]
    shown = [
        text
        for chart in [*drawn, *what_ifs]
        if chart is not None
        for part in (chart.layout.get("title", {}), *chart.layout.get("annotations", ()))
        for text in (part.get("text", ""), part.get("subtitle", {}).get("text", ""))
    ]
    gaps = words(lang).t("chart.response.gaps", why="")
    assert any(text.startswith(gaps) for text in shown)
    assert [text for text in shown if "<" in text or "&lt;" in text] == []


def test_a_chart_that_plotly_would_refuse_is_found_here() -> None:
    with pytest.raises(ValueError, match="colour"):
        checked(figure([{"type": "bar", "colour": "red"}], 300))


def test_a_strangers_markup_is_text_in_every_label() -> None:
    # Plotly reads markup of its own, links too, in whatever it writes.
    bad, inert = '<a href="https://x.example">&', '&lt;a href="https://x.example"&gt;&amp;'
    trace = {"type": "bar", "name": bad, "x": [bad, "b"], "y": [1, 2], "text": [bad, ""]}
    layout = {"xaxis": {"title": {"text": bad}}, "annotations": [{"text": bad}]}
    chart = figure([trace], 100, title={"text": bad}, **layout)
    shown = checked(chart)
    (bar,) = shown["data"]
    assert (bar["name"], bar["x"], bar["text"]) == (inert, [inert, "b"], [inert, ""])
    assert bar["y"] == [1, 2]
    assert shown["layout"]["title"]["text"] == inert
    assert shown["layout"]["xaxis"]["title"]["text"] == inert
    assert shown["layout"]["annotations"][0]["text"] == inert
    assert trace["name"] == bad  # what was given is not changed


def test_a_models_id_is_text_in_the_title_of_its_ladder() -> None:
    chart = ladder([30], [Decimal("9.65")], [7], "<b>M7</b>", words("zh"))
    assert "<b>" not in chart.layout["title"]["text"]
    assert "&lt;b&gt;M7&lt;/b&gt;" in chart.layout["title"]["text"]


def test_a_chart_becomes_a_figure_for_who_wants_to_change_it(board: Board) -> None:
    chart = PortfolioPage(board, "en").tiers()
    assert chart is not None
    changed = chart.figure()
    changed.update_layout(height=900)
    assert changed.layout.height == 900
    assert chart.layout["height"] != 900
    assert repr(chart) == "<merchantkit chart>"

"""The what-ifs in a real JupyterLab: a hand on the slider, an eye on the answer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 15_000


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    expect.set_options(timeout=SECONDS)
    yield
    expect.set_options(timeout=5_000)


def picture(notebook: Notebook, name: str, tmp_path: Path) -> None:
    """A screenshot to look at: MERCHANTKIT_SCREENSHOTS names a folder to keep it in."""
    folder = Path(os.environ.get("MERCHANTKIT_SCREENSHOTS") or tmp_path)
    taken = notebook.page.locator(".mk-whatif").screenshot(path=folder / f"{name}.png")
    assert len(taken) > 20_000  # an empty frame would be a few kilobytes


def test_rfq_sliders_move_the_tier_and_the_track_the_points(
    notebook: Notebook, tmp_path: Path
) -> None:
    # Merchant 2100000011 has 25,000.00 and 12 of 20 quotes: both exactly the limits of tier 1.
    notebook.run("whatif_rfq.ipynb", lang="en")
    tier, points = notebook.card("tier"), notebook.card("points")
    expect(tier).to_have_text("tier 1")
    expect(points).to_have_text("+3 points")
    notebook.turn("gmv", "ArrowLeft")  # one step of USD 100
    expect(tier).to_have_text("no tier")
    expect(notebook.card("way-1")).to_have_text("USD 100.00")
    notebook.turn("gmv", "ArrowRight")
    expect(tier).to_have_text("tier 1")
    notebook.turn("used", "ArrowRight", 8)
    notebook.type("gmv", "34,999.99")
    expect(notebook.card("way-2")).to_have_text("USD 0.01")
    notebook.type("gmv", "35000")
    expect(tier).to_have_text("tier 2")
    expect(points).to_have_text("+5 points")
    notebook.page.get_by_role("button", name="RTS track").click()
    expect(points).to_have_text("+0 points")
    expect(tier).to_have_text("tier 2")
    notebook.page.get_by_role("button", name="customization track").click()
    expect(points).to_have_text("+5 points")
    picture(notebook, "whatif-rfq-en", tmp_path)
    assert notebook.outside == []


def test_rfq_in_chinese_with_a_day_before_the_rule_and_back(
    notebook: Notebook, tmp_path: Path
) -> None:
    # This merchant is a cent short of tier 1, and stays so however the slider is drawn.
    whatif = notebook.run("whatif_rfq.ipynb", merchant_id="null")
    expect(notebook.card("tier")).to_have_text("未入档")
    expect(notebook.card("way-1")).to_have_text("USD 0.01")
    day = whatif.locator("input[type=date]")
    day.fill("2021-04-14")
    expect(whatif.locator(".mk-wi-message")).to_contain_text("2021年4月14日没有生效的")
    expect(notebook.card("tier")).to_have_count(0)
    day.fill("2021-04-19")
    notebook.turn("gmv", "ArrowRight")  # from the step below, 24,900, to 25,000
    expect(notebook.card("tier")).to_have_text("一档")
    expect(notebook.card("points")).to_have_text("+0 分")
    day.fill("2021-04-20")
    expect(notebook.card("points")).to_have_text("+3 分")
    whatif.get_by_role("button", name="恢复当前数据").click()
    expect(notebook.card("way-1")).to_have_text("USD 0.01")
    picture(notebook, "whatif-rfq-zh", tmp_path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_campaign_sliders_move_rank_and_credit(
    notebook: Notebook, tmp_path: Path, lang: str
) -> None:
    # 14,850 points are rank 9, and all of the 980.05 comes back. 1,200 TM buyers fewer are 6,000
    # points fewer: rank 11, half of the spend comes back, at most 2,000 of it.
    whatif = notebook.run("whatif_campaign.ipynb", lang=lang)
    rank, credit = notebook.card("rank"), notebook.card("credit")
    said = {"zh": ("第 9 名", "第 11 名", "非现金"), "en": ("Rank 9", "Rank 11", "not cash")}[lang]
    expect(rank).to_have_text(said[0])
    expect(credit).to_have_text("CNY 980.05")
    notebook.turn("tm", "ArrowLeft", 120)  # steps of 10
    expect(notebook.card("score")).to_have_text("8,850")
    expect(rank).to_have_text(said[1])
    expect(credit).to_have_text("CNY 490.03")
    notebook.type("spend", "6000")
    expect(credit).to_have_text("CNY 2,000.00")
    expect(notebook.card("each")).to_have_text("CNY 6.67")
    expect(whatif.locator('[data-mk="credit"]')).to_contain_text(said[2])
    parts = whatif.locator(".xtick text").first
    expect(parts).to_have_text({"zh": "访客人数", "en": "Visitors"}[lang])
    picture(notebook, f"whatif-campaign-{lang}", tmp_path)
    assert notebook.outside == []


@pytest.mark.parametrize(
    ("name", "window", "lang"),
    [("rfq", 1280, "zh"), ("rfq", 1920, "en"), ("campaign", 1280, "en"), ("campaign", 1440, "zh")],
)
def test_charts_fill_their_place_and_show_no_markup(
    notebook: Notebook, tmp_path: Path, name: str, window: int, lang: str
) -> None:
    notebook.page.set_viewport_size({"width": window, "height": 1400})
    whatif = notebook.run(f"whatif_{name}.ipynb", lang=lang)
    chart = whatif.locator(".mk-wi-chart")
    notebook.page.wait_for_function(
        """() => {
            const place = document.querySelector(".mk-wi-chart");
            const drawn = place.querySelector(".main-svg").getBoundingClientRect();
            return Math.abs(drawn.width - place.clientWidth) <= 1;
        }""",
        timeout=SECONDS,
    )
    labels = chart.locator("svg text").all_text_contents()
    assert len(labels) > 10
    assert [label for label in labels if "<" in label] == []
    picture(notebook, f"whatif-{name}-{lang}-{window}", tmp_path)


def test_nobody_else_reaches_the_browser(notebook: Notebook) -> None:
    whatif = notebook.run("whatif_campaign.ipynb")
    markup = whatif.evaluate("node => node.outerHTML")
    for other in ("2100000007", "2100000012", "宁波禾屿澈", "9007199254740993"):
        assert other not in markup
    assert "2100000011" in markup

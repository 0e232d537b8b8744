"""RTS小单快定 as a merchant reads it, in both languages, and as the team does."""

import re

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, open_month
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).quick_custom()._repr_html_())


def rows(markup: str) -> list[str]:
    found = BeautifulSoup(markup, "html.parser").select("tbody tr")
    return [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in found]


def test_how_the_products_stand_is_said_first(board: Board) -> None:
    zh = section(board, "2100000007", "zh")
    assert "全部 10 个商品中：3 个满足全部门槛、有资格入选，5 个只差一项，1 个差两项及以上" in zh
    assert "最有效的一项改进是「最小MOQ对应的交货期」：仅此一项即可让 2 个商品有资格" in zh
    assert "按满足计（本工具的假设）：按时发货" in zh
    en = section(board, "2100000007", "en")
    assert "eligible by every gate: 3; one fix away: 5; more fixes away: 1" in en
    # Merchants enrol, the platform picks.
    assert "who passes the gates is eligible, and not yet in" in en
    page = BriefingPage(board.case("2100000007"), "zh")
    assert "3 / 10" in text(page.standing()._repr_html_())


def test_each_product_says_what_would_make_it_eligible(board: Board) -> None:
    page = BriefingPage(board.case("2100000007"), "zh").quick_custom()._repr_html_()
    said = rows(page)
    assert said[0] == "几何耳夹 P2100000007004 51 件 7 天 3.65 186.15"
    assert said[1] == "差 1 项 · 将定制最小MOQ由 51 件降至 50 件以内"
    assert said[3] == "差 1 项 · 将最小MOQ对应的交货期设为 7 天以内（现为：8 天）"
    assert said[5] == "差 1 项 · 将最小MOQ对应的交货期设为 7 天以内（现为：待协商）"
    assert said[7].startswith("差 1 项 · 创建在线定制模型（最小MOQ≤50 件，对应交货期≤7 天）")
    assert said[13] == "✗ 有无法改进的门槛 · 商品属平台禁售"
    assert said[14] == "925银刻字耳环 P2100000007001 30 件 7 天 9.65 289.50"
    assert said[15] == "✓ 有资格（由平台圈品）"


def test_what_is_not_known_is_a_dash_with_its_reason(board: Board) -> None:
    en = section(board, "null", "en")
    assert "not to be told for lack of facts: 3" in en
    for reason in (
        "the model has no lead times",
        "the model has no price tiers, and so no MOQ",
        "there are no facts of the model that it is bound to",
    ):
        assert f"not to be told · — {reason}" in en


def test_the_quotes_are_the_slides(board: Board) -> None:
    page = BriefingPage(board.case("2100000007"), "zh")
    quoted = page.quick_custom_quotes()
    assert quoted is not None
    said = rows(quoted._repr_html_())
    assert said[0] == "30 件 9.65 289.50 7 天"
    assert said[-1] == "301 件 8.69 2,615.69 待协商"


def test_the_ladder_breaks_off_where_the_lead_time_is_to_be_negotiated(board: Board) -> None:
    chart = BriefingPage(board.case("2100000007"), "en").quick_custom_ladder()
    assert chart is not None
    figure = chart.figure()  # which checks it
    price, days = figure.data
    assert list(price.x) == list(days.x) == [30, 31, 100, 101, 300, 301]
    assert list(price.y) == [9.65, 9.65, 9.17, 9.17, 8.69, 8.69]
    assert list(days.y) == [7, 10, 10, 15, 15, None]
    assert days.connectgaps is False
    assert figure.layout.xaxis.title.text == "Pieces"


def test_without_a_price_there_is_no_chart_and_the_table_says_why(board: Board) -> None:
    page = BriefingPage(board.case("null"), "en")
    assert page.quick_custom_ladder() is None
    quoted = page.quick_custom_quotes()
    assert quoted is not None
    said = text(quoted._repr_html_())
    assert "the model's base price or its surcharges are not known" in said


def test_without_products_it_is_one_line(board: Board) -> None:
    page = BriefingPage(board.case("2100000022"), "zh")
    markup = page.quick_custom()._repr_html_()
    assert "当月没有您在此项目中的数据。" in markup
    assert "<table" not in markup
    assert page.quick_custom_quotes() is None
    assert page.quick_custom_ladder() is None


def test_the_scenes_dates_carry_their_status(board: Board) -> None:
    zh = section(board, "2100000011", "zh")
    week = "国际站首焦活动（每月最后一周）"
    assert f"2021年6月24日 至 2021年6月30日 {week} 24 天后 本工具的假设" in zh
    assert "预计5月 APP首页日常场景 本月内，日期未公布 预计，以实际上线为准" in zh
    assert "2021年5月24日 云主题上线 · 智能搜索云主题、猜你喜欢云主题 — 已过" in zh
    link = "5月活动报名（通过报名链接）"
    assert f"2021年5月1日 至 2021年5月31日 {link} 今天是最后一天 已生效" in zh
    assert "2021年6月1日 至 2021年8月31日 6月至8月活动报名（通过商家后台） 1 天后" in zh
    # The day that the source does not print is nowhere.
    assert "2021年5月1日起" not in zh.partition("场景日历")[2]
    assert "随机出现 3-4 个：阿里首页Banner（PC/APP）、买家账号登陆页" in zh
    assert "日期待定 卖点打标、搜索筛选与权重" in zh


def test_the_scenes_table_and_the_calendar_say_the_same(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "zh")
    scene = [row for row in rows(page.quick_custom()._repr_html_()) if "国际站首焦" in row]
    calendar = [row for row in rows(page.calendar()._repr_html_()) if "国际站首焦" in row]
    assert len(scene) == len(calendar) == 4
    for line, same in zip(scene, calendar, strict=True):
        assert line.partition(" 国际站")[0] == same.partition(" 洛杉矶时间")[0]


@pytest.mark.slow
def test_the_scene_is_read_on_the_day_assessed_and_not_on_the_rules() -> None:
    early = open_month("", day="2021-05-02", month="2021-05")
    zh = section(early, "2100000011", "zh")
    assert "5月活动报名（通过报名链接） 还剩 29 天" in zh
    team = text(PortfolioPage(early, "zh").quick_custom()._repr_html_())
    assert "5月活动报名（通过报名链接） 还剩 29 天" in team


@pytest.mark.slow
def test_after_the_scene_the_gates_stay_and_no_entrance_is_promised() -> None:
    board = open_month("", month="2021-05", day="2021-10-31")
    zh = section(board, "2100000007", "zh")
    assert "有资格入选" in zh
    assert "随机出现" not in zh
    assert "国际站首焦活动" not in zh


def test_a_strangers_markup_is_text(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    page = BriefingPage(board.case("9007199254740992"), "zh")
    assert "另有 10 个商品" in text(page.quick_custom()._repr_html_())
    # Long enough to show the product whose name is markup.
    monkeypatch.setattr("merchantkit.present.sections.quick_custom.SHOWN", 30)
    markup = page.quick_custom()._repr_html_()
    assert "<b>帆布鞋</b>" not in markup
    assert "&lt;b&gt;帆布鞋&lt;/b&gt;" in markup


def test_a_share_is_told_in_products(board: Board) -> None:
    assert "2 / 7 个商品（28.57%）" in section(board, "2100000010", "zh")
    assert "at least 30% (3 products)" in section(board, "2100000010", "en")


def test_the_team_sees_which_fix_unlocks_most(board: Board) -> None:
    page = PortfolioPage(board, "en")
    markup = page.quick_custom()._repr_html_()
    said = text(markup)
    counts = re.search(r"products: (\d+)\. Eligible: 5; one fix away: 16; more fixes away: (\d+); "
                       r"with a gate that cannot be mended: (\d+); .*?: (\d+)\.", said)  # fmt: skip
    assert counts is not None
    every, *others = (int(number) for number in counts.groups())
    assert 5 + 16 + sum(others) == every
    assert "unlocks most is “products bound to the model”; products that it alone makes" in said
    told = rows(markup)
    assert told[0] == "products bound to the model 21 6"
    assert "main industry 5 0" in told
    table = page.quick_fixes()
    assert table is not None
    assert rows(table._repr_html_())[1].endswith("10 3 5 lead time at the smallest MOQ 2")


@pytest.mark.slow
def test_before_the_scene_began_the_team_is_told_so() -> None:
    board = open_month("", month="2021-03")
    assert "quick customization is not in force" in text(
        PortfolioPage(board, "en").quick_custom()._repr_html_()
    )
    assert PortfolioPage(board, "en").quick_fixes() is None

"""What a briefing says, read as its reader would: every demo merchant, in both languages."""

import datetime as dt
import re
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, Case, assess_month, open_case, open_month
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.html import Html
from merchantkit.programmes import NAMES
from merchantkit.rulebook import rulebook
from tests.months import demo_board

PARTS = [
    "standing", "rfq", "rfq_rolling", "rfq_rolled", "rfq_quota", "campaign", "campaign_parts",
    "star", "star_trend", "fees", "orders", "fulfilment", "express",
    "quick_custom", "quick_custom_quotes", "quick_custom_ladder", "showroom", "showroom_weeks",
    "assignment", "assignment_loads", "tariff", "chargeback", "calendar",
    "rules", "end",
]  # fmt: skip


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def page_text(case: Case, lang: str) -> str:
    page = BriefingPage(case, lang)
    shown = [getattr(page, part)() for part in PARTS]
    markup = "".join(part._repr_html_() for part in shown if isinstance(part, Html))
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_demo_merchant_has_a_page_that_keeps_its_count(board: Board, lang: str) -> None:
    for merchant_id in board.assessment.merchants["merchant_id"]:
        page = BriefingPage(board.case(merchant_id), lang)
        shown = [getattr(page, part)() for part in PARTS]
        sections = sum("data-mk-section" in p._repr_html_() for p in shown if isinstance(p, Html))
        charts = sum(p is not None and not isinstance(p, Html) for p in shown)
        assert f'data-mk-end="{sections}/{charts}"' in shown[-1]._repr_html_()
        assert_links_lead_somewhere(shown)
        assert all(word not in page_text(page.case, lang) for word in ("None", "nan", "<NA>"))


def assert_links_lead_somewhere(shown: list[object]) -> None:
    markup = "".join(part._repr_html_() for part in shown if isinstance(part, Html))
    soup = BeautifulSoup(markup, "html.parser")
    ids = [tag["id"] for tag in soup.select("[id]")]
    links = [str(tag["href"]) for tag in soup.select("a[href]")]
    assert len(ids) == len(set(ids))
    assert [link for link in links if link.removeprefix("#") not in ids] == []
    assert len(links) >= len(NAMES) + len(("calendar", "rules"))


@pytest.mark.parametrize("merchant_id", ["2100000011", "2100000022"])
def test_tiles_lead_to_the_sections_whether_or_not_there_is_something_to_tell(
    board: Board, merchant_id: str
) -> None:
    page = BriefingPage(board.case(merchant_id), "zh")
    assert_links_lead_somewhere([getattr(page, part)() for part in PARTS])


@pytest.mark.slow
def test_the_way_to_the_next_tier_is_said_in_dollars_and_quotes(board: Board) -> None:
    # 25,000.00 at 12 of 20: tier 1; tier 2 needs 10,000.00 and 8 quotes more.
    text = page_text(board.case("2100000011"), "en")
    assert "stands at tier 1." in text
    assert "It earns 3 points in the marketing pillar." in text
    assert "To reach tier 2: USD 10,000.00 more of RFQ-linked online GMV, and 8 more free" in text
    zh = page_text(board.case("2100000011"), "zh")
    assert "一档" in zh
    assert "营销力加 3 分" in zh
    assert "距离二档：还需RFQ在线交易额 USD 10,000.00，并还需使用免费报价权益 8 条" in zh


def test_every_number_in_the_head_says_what_it_is(board: Board) -> None:
    def tiles(merchant_id: str, lang: str) -> str:
        head = BriefingPage(board.case(merchant_id), lang).standing()._repr_html_()
        return re.sub(r"\s+", " ", BeautifulSoup(head, "html.parser").get_text(" "))

    zh, en = tiles("2100000011", "zh"), tiles("2100000011", "en")
    for said in ("USD 385.01 本月手续费；", "80% 按时发货率；", "CNY 264.20 已减免运费。",
                 "75% → 90.94% 分配均衡度（无替补 → 有替补）；", "USD 600.57 关税合计，其中加征",
                 "USD 5,700.00 免退款金额。"):  # fmt: skip
        assert said in zh
    for said in ("USD 385.01 this month's fee; ", "80% shipped on time; ",
                 "CNY 264.20 taken off the freight. ", "USD 600.57 duty in all, of which ",
                 "75% → 90.94% evenness of sharing, without → with substitutes; ",
                 "USD 5,700.00 for which no refund is owed. "):  # fmt: skip
        assert said in en
    # Of 3 products none is eligible, and none is one fix away; of 10 there are 3 and 5.
    assert "0 / 3 个商品有资格 " in zh
    assert "0 / 3 products are eligible " in en
    assert "3 / 10 个商品有资格；另有 5 个只差一项" in tiles("2100000007", "zh")


def test_a_tier_about_to_be_lost_says_when(board: Board) -> None:
    assert "no longer keeps this tier from June 3, 2021" in page_text(
        board.case("2100000013"), "en"
    )


def test_no_free_quotes_is_a_dash_with_the_reason(board: Board) -> None:
    text = page_text(board.case("2100000018"), "en")
    assert "no tier (no free quotes were granted this month)" in text
    assert "the missing quotes are “—” (no free quotes were granted this month)" in text


@pytest.mark.slow
def test_a_data_error_is_named(board: Board) -> None:
    text = page_text(board.case("2100000020"), "zh")
    assert "档位为“—”：数据有误：使用条数超过发放条数" in text


def test_an_rts_merchant_has_a_tier_but_no_points(board: Board) -> None:
    text = page_text(board.case("2100000007"), "en")
    assert "stands at tier 2." in text
    assert "only the customization track earns points" in text


@pytest.mark.slow
def test_a_reform_of_tracks_and_window_is_what_the_page_says() -> None:
    since = dt.date(2021, 5, 1)
    reform = {"id": "rfq", "parameters": {
        "points_tracks": {"values": {since: {"is": ["customization", "rts"]}}},
        "window_days": {"values": {since: {"is": 60}}},
    }}  # fmt: skip
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse)
    rules = rulebook(reform).on("2021-05-31")
    board = Board(assess_month(warehouse, "2021-05-31", rules), rules)
    text = page_text(board.case("2100000007"), "en")
    assert "only the customization track" not in text
    assert "customization track, RTS track" in text
    assert "What moved in and out of the 60 days" in text
    assert "90" not in text.partition("Recommendation Star campaign")[0]
    # The rts merchant's 30,000.00 of 22 March count up to 20 May, the 60th day, and no further.
    chart = BriefingPage(board.case("2100000007"), "zh").rfq_rolling()
    assert chart is not None
    assert chart.layout["title"]["text"] == "近60天RFQ在线交易额（USD）"
    drawn = dict(zip(chart.data[0]["x"], chart.data[0]["y"], strict=True))
    assert (min(drawn), drawn["2021-05-20"], drawn["2021-05-21"]) == ("2021-04-02", 30000, 0)


def test_each_restatement_is_told_with_its_own_changes(board: Board) -> None:
    changes = pd.DataFrame(
        [
            ("rfq", "gmv_90d_usd", "26000.00", "35000.01", 1),
            ("campaign", "tie_at_cutoff", "false", "true", 1),
            ("rfq", "gmv_90d_usd", "35000.01", "36000.01", 2),
        ],
        columns=["programme", "column", "before", "after", "number"],
    )
    text = page_text(replace(board.case("007"), restatement=changes), "en")
    first, _, second = text.partition("Restatement 2")
    assert "Restatement 1" in first
    assert "USD 26,000.00 → USD 35,000.01" in first
    assert "Tied across a reward limit: no → yes" in first
    assert "USD 35,000.01 → USD 36,000.01" in second


def test_who_came_with_a_restatement_is_told_of_no_earlier_briefing(board: Board) -> None:
    came = pd.DataFrame(
        [("", "merchant", None, "present", 1), ("rfq", "tier", None, "0", 1)],
        columns=["programme", "column", "before", "after", "number"],
    )
    text = page_text(replace(board.case("007"), restatement=came), "en")
    assert "Restatement" not in text
    assert ".merchant" not in text


def test_credit_is_labelled_as_credit(board: Board) -> None:
    assert "Ad credit of CNY 5,000.00 (credit for ads, not cash)." in page_text(
        board.case("NA"), "en"
    )


def test_names_from_strangers_are_inert(board: Board) -> None:
    page = BriefingPage(board.case("9007199254740992"), "zh")
    markup = page.standing()._repr_html_()
    assert "<script>" not in markup
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in markup


@pytest.mark.slow
def test_a_programme_that_is_not_in_force_is_one_line() -> None:
    case = open_case("", "007", day="2021-04-30")
    page = BriefingPage(case, "en")
    markup = page.campaign()._repr_html_()
    assert "Not in force on April 30, 2021." in markup
    assert page.campaign_parts() is None
    assert "<table" not in markup


@pytest.mark.slow
def test_what_is_only_assumed_is_said_to_be() -> None:
    board = open_month("")
    case = board.case("007")
    campaign = case.programme("campaign")
    assert campaign is not None
    campaign.measures["enrolled"] = None
    text = page_text(case, "en")
    assert "yes (assumed, no facts given)" in text


@pytest.mark.slow
def test_a_programme_without_facts_of_the_merchant_is_one_line_without_its_rules(
    board: Board,
) -> None:
    case = board.case("2100000022")
    for lang, line in (
        ("zh", "当月没有您在此项目中的数据。"),
        ("en", "There are no facts of yours in this programme this month."),
    ):
        page = BriefingPage(case, lang)
        markup = page.campaign()._repr_html_()
        assert line in markup
        assert "<table" not in markup
        assert page.campaign_parts() is None
        # On its card, and in its section, of every programme that has nothing of the merchant;
        # a sub-account's express orders are with its main account, which it is told instead.
        untold = sum(case.programme(name) is None for name in NAMES if name != "express")
        assert page_text(case, lang).count(line) == 2 * untold
    rules = BriefingPage(case, "en").rules()._repr_html_()
    assert "points for each further visitor" not in rules
    assert "GMV for tier 1" in rules
    assert (
        "points for each further visitor"
        in BriefingPage(board.case("NA"), "en").rules()._repr_html_()
    )

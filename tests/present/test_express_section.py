"""The express promotion as a seller reads it, in both languages, and as the team does."""

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
    return text(BriefingPage(board.case(merchant_id), lang).express()._repr_html_())


def test_each_order_says_what_it_saved_or_why_nothing(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "en")
    rows = BeautifulSoup(page.express()._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows[:8]]
    before = "LP00000006 中美无忧包机专线 · ordered before the promotion began"
    assert said[0] == f"{before} Apr 12 14:59:59 Apr 12 15:04:00 103.00 0.00 103.00"
    first = "LP00000007 中美无忧包机专线"
    assert said[1] == f"{first} Apr 12 15:00:00 Apr 12 15:02:00 103.00 100.00 3.00"
    assert said[3].startswith("LP00000009 sub-account 多维DHL专线 May 6 09:15:00")
    assert said[7].endswith("· the route is not listed May 28 10:00:00 — 420.00 0.00 420.00")


def test_what_was_saved_and_what_is_left_is_said_first(board: Board) -> None:
    zh = section(board, "2100000011", "zh")
    assert "本活动已为您的 3 单快递减免运费 CNY 264.20" in zh
    assert "没有剩余优惠：主/子账号合计优惠单数已用完" in zh
    en = section(board, "NA", "en")
    assert "took CNY 100.00 off the freight of 1 order." in en
    assert "2 orders with a discount are left, at most CNY 200.00 in all" in en
    assert "placed by October 1, 2021 14:59:59, paid and redeemed by October 15, 2021" in en
    assert "1 order is not paid yet" in en


def test_who_used_express_before_is_told_when(board: Board) -> None:
    en = section(board, "9007199254740993", "en")
    assert "first paid on April 12, 2021 14:59:59" in en
    assert "No discount is left: express was used in a Trade Assurance order before" in en


def test_a_sub_account_is_sent_to_the_main_accounts_briefing(board: Board) -> None:
    page = BriefingPage(board.case("2100000022"), "en")
    markup = page.express()._repr_html_()
    assert "This is a sub-account" in markup
    assert "2100000011" not in markup
    assert "<table" not in markup


def test_without_express_orders_it_is_one_line(board: Board) -> None:
    markup = BriefingPage(board.case("2100000007"), "zh").express()._repr_html_()
    assert "当月没有您在此项目中的数据。" in markup
    assert "<table" not in markup


@pytest.mark.parametrize("day", ["2021-10-01", "2021-10-05"])
@pytest.mark.slow
def test_after_the_promotion_nothing_new_can_be_placed(day: str) -> None:
    board = open_month("", month="2021-05", day=day)
    said = section(board, "NA", "en")
    assert "took orders until October 1, 2021 14:59:59; no new order has the discount" in said
    assert "left, at most" not in said
    team = text(PortfolioPage(board, "en").express()._repr_html_())
    assert "until October 1, 2021 14:59:59, and nothing is left to anyone" in team
    assert "have something left" not in team


def test_an_unknown_opening_day_is_a_dash_with_its_reason(board: Board) -> None:
    en = section(board, "2100000012", "en")
    assert "What was saved is “—”: only the day is known" in en
    assert "Apr 12 Apr 13 103.00 — —" in en
    assert "May 3 May 3 72.00 72.00 0.00" in en


def test_the_evidence_shows_the_way_that_was_taken(board: Board) -> None:
    en = section(board, "000123", "en")
    # Its last refused order is on an excluded route, which the exclusion names and the list lacks.
    assert "Evidence, order LP00000016 as the example" in en
    assert "express.excluded_routes" in en
    assert "express.industry_solutions" not in en
    assert "express.order_cap" not in en


def test_the_team_sees_the_sum_and_why_not_more(board: Board) -> None:
    markup = PortfolioPage(board, "en").express()._repr_html_()
    said = text(markup)
    # 21 orders of eight sellers: 264.20 + 88.80 + 100.00 + 145.50 + 72.00.
    assert "8 sellers placed 21 express orders; 8 had a discount, CNY 670.50 in all" in said
    assert "the route is excluded 3" in said

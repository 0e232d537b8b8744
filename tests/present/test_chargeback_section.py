"""Chargeback protection as a merchant reads it, in both languages, and as the team does."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, open_month
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.sections.chargeback import ChargebackSection
from merchantkit.present.words import words
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).chargeback()._repr_html_())


def test_what_needs_no_refund_and_what_is_left_is_said_first(board: Board) -> None:
    zh = section(board, "2100000011", "zh")
    assert "保障额度 USD 6,000.00，已用 USD 5,700.00，剩余 USD 300.00。" in zh
    assert "共 7 笔拒付，金额 USD 7,489.00：免退款 USD 5,700.00" in zh
    assert "还可免退款 USD 300.00，不受保障 USD 1,489.00" in zh
    assert "免退款与银行的抗辩结果无关" in zh
    en = section(board, "2100000011", "en")
    assert "1 dispute's evidence is under review: once approved, USD 300.00 need no refund." in en
    assert "1 dispute has no evidence yet: once submitted and approved, USD 150.00 need no" in en
    # 300 and 150 may be had one by one, and 300 of the coverage are left.
    assert "together at most USD 300.00" in en


def test_each_dispute_says_what_is_missing(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "en")
    rows = BeautifulSoup(page.chargeback()._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows[:14]]
    assert said[6] == "CB000000 May 9 · 00C000000000 3,200.00 3,200.00 0.00 0.00"
    assert said[7] == "no refund · the bank: lost"
    assert said[9] == "still open · the evidence is under review · missing: approval"
    # Of USD 6,000.00 are 300.00 left: for 480.00, or for 150.00, whichever is approved first.
    assert said[8].endswith("480.00 0.00 300.00 180.00")
    assert said[10].endswith("150.00 0.00 150.00 0.00")
    assert said[11] == "still open · no evidence submitted · missing: evidence, approval"
    assert said[13].endswith("missing: paid directly by card, evidence, approval")


def test_who_was_refused_is_told_what_follows(board: Board) -> None:
    zh = section(board, "007", "zh")
    assert "2021年5月12日的开通申请未通过系统评估" in zh
    assert "2021年6月初如果符合开通条件，会有邮件提醒；收到后须再次申请" in zh
    assert "免费、全面开放申请" in zh
    en = section(board, "007", "en")
    assert "the protection was applied for and refused" in en


@pytest.mark.parametrize(
    ("day", "said"),
    [
        # Refused on 12 May 2021, so an e-mail comes early in June (次月初).
        ("2021-06-29", "2021年6月初如果符合开通条件，会有邮件提醒"),
        ("2021-06-30", "（2021年6月初，如符合开通条件）已过"),
        ("2021-07-31", "（2021年6月初，如符合开通条件）已过"),
    ],
)
@pytest.mark.slow
def test_a_reminder_whose_month_is_over_is_not_promised(day: str, said: str) -> None:
    later = open_month("", day=day, month="2021-05")
    assert said in section(later, "007", "zh")


def test_without_any_export_of_applications_nothing_is_told_of_the_coverage(board: Board) -> None:
    case = board.case("2100000011")
    month = case.programme("chargeback")
    assert month is not None
    whole = month.rows

    def untold(name: str) -> list[dict[str, Any]]:
        if name == "coverage":
            return []
        why = {"paid_in_period_reason": "no_coverage_facts"} if name == "measures" else {}
        return [{**row, **why} for row in whole(name)]

    shown = SimpleNamespace(rows=untold)
    one = ChargebackSection(case, shown, words("en"))  # type: ignore[arg-type]
    assert one.headline()[1].startswith(
        "for which no refund is owed. What is left of the coverage is “—”: "
    )
    said = " ".join(one.sentences())
    assert "it cannot be told whether the protection is active" in said
    assert "activate it" not in said


def test_a_coverage_without_a_dispute_has_its_section_without_a_table(board: Board) -> None:
    page = BriefingPage(board.case("000123"), "en")
    markup = page.chargeback()._repr_html_()
    assert "Up to May 31, 2021 no buyer&#39;s dispute is on record." in markup
    assert "<table" not in markup
    assert "chargeback" in page.rules()._repr_html_()


def test_an_ended_coverage_still_protects_what_was_paid_in_it(board: Board) -> None:
    en = section(board, "9007199254740993", "en")
    assert "orders paid from January 1, 2021 to April 15, 2021 are still protected" in en
    assert "USD 880.00 need no refund" in en


def test_one_that_cannot_be_told_is_a_dash_with_its_reason(board: Board) -> None:
    en = section(board, "2100000012", "en")
    assert "410.00 — 0.00 —" in en
    assert "cannot be told · only the day of the payment is known" in en
    assert "What is left of the coverage is “—”: some dispute under the coverage" in en


def test_without_an_application_or_a_dispute_it_is_one_line(board: Board) -> None:
    markup = BriefingPage(board.case("2100000022"), "zh").chargeback()._repr_html_()
    assert "当月没有您在此项目中的数据。" in markup
    assert "<table" not in markup


def test_an_order_says_what_became_of_its_dispute(board: Board) -> None:
    said = text(BriefingPage(board.case("2100000011"), "en").orders()._repr_html_())  # type: ignore[union-attr]
    assert "USD 640.00 disputed, not protected: not paid directly by card" in said


def test_the_team_sees_first_what_may_still_be_had(board: Board) -> None:
    markup = PortfolioPage(board, "en").chargeback()
    assert markup is not None
    rows = BeautifulSoup(markup._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows]
    assert said[0].endswith("2100000011 7 USD 7,489.00 USD 5,700.00 USD 300.00 USD 1,489.00")
    assert "2100000007" in said[1]
    assert [line.split()[-1] for line in said[-2:]] == ["—", "—"]
    assert "9007199254740993" not in " ".join(said)

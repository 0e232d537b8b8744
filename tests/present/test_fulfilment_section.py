"""How orders were shipped, as a briefing and the portfolio tell it."""

import re

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.html import Html
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.sections import fulfilment
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(part: Html) -> str:
    read = BeautifulSoup(part._repr_html_(), "html.parser").get_text(" ")
    return re.sub(r"\s+", " ", read)


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).fulfilment())


def test_the_rate_with_and_without_exemptions_and_the_marks_that_stay(board: Board) -> None:
    # The demo's readings by hand: of 10 orders 5 on time, 3 exempt, 2 late.
    english = section(board, "2100000011", "en")
    assert "10 orders count this month: 5 shipped on time, 3 overdue but exempt, 2 late." in english
    assert "The on-time rate is 80%; without exemptions it is 50%." in english
    assert "5 orders keep their overdue marks" in english
    assert "2 warnings, 12 penalty points" in english
    assert "按时发货率 80%；不计豁免为 50%" in section(board, "2100000011", "zh")
    card = text(BriefingPage(board.case("2100000011"), "en").standing())
    assert "On-time shipping and tracking 80% shipped on time; 50% without exemptions" in card


def test_what_can_be_saved_is_said_with_its_last_moment_in_beijing(board: Board) -> None:
    # 31 May ends in Los Angeles at 15:00 on 1 June in Beijing.
    english = section(board, "2100000011", "en")
    assert "3 orders can still be saved" in english
    assert "2 of them must be dealt with on May 31" in english
    assert (
        "Get a pickup or warehouse trace (which exempts) May 31 (before 15:00 on Jun 1" in english
    )
    assert "Place a valid door-to-door order" in english
    assert "5月31日（北京时间6月1日 15:00前）" in section(board, "2100000011", "zh")


def test_what_waits_for_the_system_is_not_called_savable(board: Board) -> None:
    # Own logistics of 30 May, proved on that day: on time unless its parcel is found.
    english = section(board, "2100000011", "en")
    assert "1 order by own logistics with its proof uploaded in time is not settled yet" in english
    assert "within 72 hours of the upload" in english
    assert "1 单自有物流订单已按时上传凭证，尚无结论" in section(board, "2100000011", "zh")
    assert "not settled yet:" not in section(board, "2100000008", "en")


def test_every_limit_is_shown_with_its_slide(board: Board) -> None:
    english = section(board, "2100000011", "en")
    assert english.count("「平台物流权益介绍」 (2)") == 7
    assert "72 hours" in english and "fulfilment.information_hours" in english


@pytest.mark.parametrize(
    ("merchant_id", "said"),
    [
        ("NA", "the on-time rate is “—”: the on-time rules speak of express alone"),
        ("2100000013", "the on-time rate is “—”: no order is settled yet in this month"),
        ("2100000022", "There are no facts of yours in this programme this month."),
    ],
)
@pytest.mark.slow
def test_no_rate_is_a_dash_with_the_reason(board: Board, merchant_id: str, said: str) -> None:
    assert said in section(board, merchant_id, "en")


def test_long_lists_are_cut_and_say_so(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Orders that hurt the rate (3)" in section(board, "2100000008", "en")
    monkeypatch.setattr(fulfilment, "SHOWN", 2)
    english = section(board, "2100000008", "en")
    assert "Orders that hurt the rate (3)" in english
    assert "and 1 more order" in english


def test_the_portfolio_has_who_needs_attention_first(board: Board) -> None:
    page = PortfolioPage(board, "en")
    found = text(page.fulfilment())
    assert found.index("2100000008") < found.index("2100000011")
    assert "25%" in found
    assert "007 " not in found  # nothing late, nothing to save

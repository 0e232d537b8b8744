"""Duty as a merchant reads it, in both languages, as the team does, and in the what-if."""

import re

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.whatif import TariffWhatIf
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).tariff()._repr_html_())


def test_the_sum_comes_first_with_and_without_what_is_added(board: Board) -> None:
    # 190.00 + 93.60 + 316.97, worked out in the demo: 275.57 by the schedule, 325.00 added
    zh = section(board, "2100000011", "zh")
    assert "有 3 条可以算出关税，合计 USD 600.57" in zh
    assert "基本关税 USD 275.57，因原产国加征 USD 325.00；若无加征，只需 USD 275.57" in zh
    en = section(board, "2100000011", "en")
    assert "on 3 lines exported to the US this month is USD 600.57" in en


def test_each_line_says_its_duty_or_why_none(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "en")
    rows = BeautifulSoup(page.tariff()._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows[:5]]
    assert said[1] == (
        "cotton dress 6104.42.00 11.5% · 9903.88.15 May 5 1,000.00 115.00 75.00 190.00 19%"
    )
    assert said[2] == "hair dryer 8516.31.00.00 3.9% May 10 2,400.00 93.60 0.00 93.60 3.9%"
    assert said[3].startswith("plastic phone holder 3926909090 its six digits may be several")
    assert said[3].endswith("500.00 — — — —")


def test_what_a_rate_asks_for_is_named(board: Board) -> None:
    zh = section(board, "null", "zh")
    assert "1 条未计入：缺少税率所需的数量" in zh
    assert "缺少税率所需的数量: 件数" in zh
    assert "250.00 — —" in zh  # what is added is known all the same


def test_every_number_cites_its_notice_and_edition(board: Board) -> None:
    en = section(board, "2100000011", "en")
    for said in ("84 FR 20459", "85 FR 3741", "us-2025-basic-excerpt (January 1, 2025)",
                 "excerpt that comes with the kit"):  # fmt: skip
        assert said in en


def test_goods_of_another_origin_bear_nothing_more(board: Board) -> None:
    en = section(board, "000123", "en")
    assert "USD 330.00 by the schedule and USD 0.00 added" in en
    assert "What is added" not in en


def test_who_exports_nothing_is_told_so(board: Board) -> None:
    assert "<table" not in BriefingPage(board.case("2100000022"), "en").tariff()._repr_html_()


def test_the_team_sees_who_bears_most(board: Board) -> None:
    zh = text(PortfolioPage(board, "zh").tariff()._repr_html_())
    # 325.00 of 2100000011 before 225.00 of 007 before 30.00 of NA
    places = [zh.index(amount) for amount in ("USD 325.00", "USD 225.00", "USD 30.00")]
    assert places == sorted(places)


# --- the what-if --------------------------------------------------------------------------------


@pytest.fixture
def panel() -> TariffWhatIf:
    return TariffWhatIf(lang="en", asked=("6104.42.00", "hair dryer"))


def shown(panel: TariffWhatIf) -> str:
    return text(panel._shown.value)


def test_two_products_stand_side_by_side_with_and_without_what_is_added(
    panel: TariffWhatIf,
) -> None:
    said = shown(panel)
    assert "USD 190.00 without what is added: USD 115.00" in said
    assert "USD 39.00 without what is added: USD 39.00" in said
    assert repr(panel) == (
        "<TariffWhatIf 6104.42.00: 190.00, without 115.00; hair dryer: 39.00, without 39.00>"
    )


def test_a_name_offers_what_it_found_and_takes_what_is_chosen(panel: TariffWhatIf) -> None:
    codes = [code for _, code in panel.sides[1].found.options]
    assert codes[0] == "8516.31.00"
    panel.sides[1].found.value = codes[1]
    assert panel.answers[1][0].us_code.startswith(codes[1])


def test_value_origin_and_day_move_both_sides(panel: TariffWhatIf) -> None:
    panel.value.value = "2000"
    assert [str(side[0].total_usd) for side in panel.answers] == ["380.00", "78.00"]
    panel.origin.value = "VN"
    assert [str(side[0].total_usd) for side in panel.answers] == ["230.00", "78.00"]


def test_quantities_are_asked_for_and_taken(panel: TariffWhatIf) -> None:
    side = panel.sides[0]
    side.asked.value = "6505.00.08"
    assert "a quantity that the rate names is missing: kilograms, articles" in shown(panel)
    side.quantities.value = "kg=12.5; doz=10"
    assert str(panel.answers[0][0].total_usd) == "316.97"


def test_what_is_missing_is_named_in_chinese_too() -> None:
    panel = TariffWhatIf(asked=("9105.19.30", "6505.00.08"))
    said = shown(panel)
    for what in ("个数", "宝石轴承数（全部件数合计）", "表壳（钟壳）的货值（USD）", "千克", "件数"):
        assert what in said
    panel.close()


def test_a_chinese_code_of_ten_digits_leads_on(panel: TariffWhatIf) -> None:
    """What is written there can be done in the panel itself: no option of a command."""
    panel.sides[0].asked.value = "6104420000"
    said = shown(panel)
    assert "6104.42.00 (11.5%)" in said
    assert "--chinese" not in said
    panel.sides[0].asked.value = "6104.42"
    assert str(panel.answers[0][0].total_usd) == "190.00"


@pytest.mark.parametrize("asked", ["85163000", "9", "xylotheque", "<script>alert(1)</script>", ""])
def test_what_leads_nowhere_is_told_and_stays_text(panel: TariffWhatIf, asked: str) -> None:
    panel.sides[0].asked.value = asked
    assert panel.answers[0] == []
    assert "<script" not in panel._shown.value
    assert 'role="status"' in panel._shown.value


def test_a_chinese_code_shows_every_candidate(panel: TariffWhatIf) -> None:
    panel.sides[0].asked.value = "3926909090"
    assert len(panel.answers[0]) > 20
    assert "choose one" in shown(panel)


def test_closing_it_stops_listening(panel: TariffWhatIf) -> None:
    before = panel.answers[0]
    panel.close()
    panel.value.value = "5"
    assert panel.answers[0] is before

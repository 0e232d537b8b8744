"""The 3D showroom as a merchant reads it, in both languages, and as the team does."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, open_month
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.sections.showroom import ShowroomSection
from merchantkit.present.words import words
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).showroom()._repr_html_())


def test_what_comes_next_and_by_when_is_said_first(board: Board) -> None:
    zh = section(board, "NA", "zh")
    assert "截至2021年5月31日，展厅处于：已提交拍摄任务。" in zh
    assert "下一步：配合上门拍摄，截止2021年6月30日，还剩 30 天。" in zh
    assert "未在2021年5月10日前完成投稿，不再有机会入围5月首焦会场" in zh
    en = section(board, "NA", "en")
    assert "Next: have it shot on site by June 30, 2021, in 30 days." in en


def test_what_was_given_up_says_so_and_promises_nothing(board: Board) -> None:
    zh = section(board, "null", "zh")
    assert "展厅处于：已视为放弃。 逾期未能配合拍摄，视为放弃。" in zh
    assert "有机会入围" not in zh.split("操作链路")[0]
    assert "← 下一步" not in zh


def test_another_batch_has_no_last_days_of_this_one(board: Board) -> None:
    en = section(board, "9007199254740992", "en")
    assert "There is no last day: its resource is not of the batch" in en
    assert "June 30, 2021" not in en.split("Evidence")[0]


def test_the_change_stands_with_its_interval_beside_the_claims(board: Board) -> None:
    en = section(board, "2100000011", "en")
    assert (
        "Shop visitors: +44.14% in the 49 days after April 12, 2021 against the 49 before; "
        "95% interval +38.61% to +49.88%: a rise beyond chance." in en
    )
    assert "more visitors of the shop while it was online +60% your interval lies below it" in en
    assert "says nothing of its cause" in en
    zh = section(board, "2100000011", "zh")
    assert "店铺询盘：2021年4月12日上线后 49 天比上线前 49 天 +59.29%" in zh
    assert "案例：上线期间询盘增加 +44% 本店区间包含该数" in zh


def test_a_change_that_cannot_be_told_says_why(board: Board) -> None:
    assert "店铺访问人数的前后变化为“—”：上线时间太短" in section(board, "2100000007", "zh")
    assert "too few days without a gap" in section(board, "2100000014", "en")
    none = section(board, "2100000016", "en")
    assert "-100% in the 56 days" in none
    assert "so there is no interval" in none


@pytest.mark.slow
def test_one_limit_of_days_is_told_once(board: Board) -> None:
    en = section(board, "2100000011", "en")
    assert en.count("fewest days before and after going live") == 1


def test_without_a_showroom_it_is_one_line_and_no_chart(board: Board) -> None:
    page = BriefingPage(board.case("2100000008"), "zh")
    markup = page.showroom()._repr_html_()
    assert "当月没有您在此项目中的数据。" in markup
    assert "<table" not in markup
    assert page.showroom_weeks() is None


def test_the_chart_has_the_weeks_that_are_compared(board: Board) -> None:
    chart = BriefingPage(board.case("2100000011"), "zh").showroom_weeks()
    assert chart is not None
    visitors, inquiries = chart.data
    assert (visitors["name"], inquiries["name"]) == ("店铺访问人数", "店铺询盘（右轴）")
    assert chart.figure().layout.yaxis2.tickmode == "auto"  # round, not where the left ones are
    assert visitors["x"] == [*range(-7, 8)]
    # The live day, 12 April, lies between the two windows and is in neither.
    assert visitors["y"][7] is None
    assert sum(visitors["y"][:7]) == 5372
    assert sum(visitors["y"][8:]) == 7743
    assert sum(inquiries["y"][:7] + inquiries["y"][8:]) == 420 + 669
    # Live for three weeks: nothing is compared, so nothing is drawn.
    assert BriefingPage(board.case("2100000007"), "zh").showroom_weeks() is None


def test_the_team_sees_last_days_first_and_what_was_given_up_last(board: Board) -> None:
    markup = PortfolioPage(board, "en").showroom()
    assert markup is not None
    rows = BeautifulSoup(markup._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows]
    assert "task submitted shot on site June 30, 2021 30" in said[0]
    assert ["given up" in row for row in said[-2:]] == [True, True]
    assert sum("given up" in row for row in said) == 2


def test_before_the_broadcast_the_team_is_told_that_there_are_no_rules(board: Board) -> None:
    programmes = {n: m for n, m in board.assessment.programmes.items() if n != "showroom"}
    gone = replace(board, assessment=replace(board.assessment, programmes=programmes))
    note = PortfolioPage(gone, "zh").showroom()
    assert note is not None
    assert "当日没有3D实景展厅规则。" in note._repr_html_()


def test_strangers_text_is_escaped(board: Board) -> None:
    markup = PortfolioPage(board, "en").showroom()
    assert markup is not None
    assert "<script>" not in markup._repr_html_()


@pytest.mark.parametrize(
    ("day", "told"), [("2021-04-30", True), ("2021-05-31", True), ("2021-06-01", False)]
)
@pytest.mark.slow
def test_mays_home_venue_is_spoken_of_until_may_is_over(day: str, told: bool) -> None:
    # 「5月10日前完成投稿即有机会入围5月首焦会场」: in April there is still time.
    board = open_month("", day=day, month="2021-05")
    month = board.case("NA").programme("showroom")
    assert month is not None
    said = " ".join(ShowroomSection(board.case("NA"), month, words("zh")).sentences())
    assert ("5月首焦会场" in said) is told

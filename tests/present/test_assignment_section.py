"""Order assignment as a merchant reads it, in both languages, and as the team does."""

import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.sections.assignment import AssignmentSection, whole_minutes
from merchantkit.present.words import words
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).assignment()._repr_html_())


@pytest.mark.parametrize("merchant_id", ["2100000011", "007", "NA", "2100000016"])
@pytest.mark.slow
def test_it_says_first_that_it_illustrates_and_what_it_assumes(
    board: Board, merchant_id: str
) -> None:
    zh = section(board, merchant_id, "zh")
    assert zh.startswith(" 订单分配设置 以下为模拟示意，不是平台的实际分配")
    assert "替补何时接单 业务员不在岗、业务员手头订单已满" in zh
    assert "其余均为本工具的假设" in zh
    en = section(board, merchant_id, "en")
    assert "not how the platform assigned anything" in en
    assert "open orders with which an order-taker is full 3 orders not printed" in en


@pytest.mark.parametrize(
    ("minutes", "told"),
    [("0.49", "0"), ("0.50", "1"), ("1.50", "2"), ("2.49", "2"), ("2.50", "3"), ("3.50", "4")],
)
def test_half_a_minute_is_rounded_up(minutes: str, told: str) -> None:
    assert whole_minutes(Decimal(minutes), words("zh")) == words("zh").unit(int(told), "minute")


@pytest.mark.slow
def test_more_even_with_a_longer_wait_says_what_it_costs(board: Board) -> None:
    case = board.case("2100000011")
    month = case.programme("assignment")
    assert month is not None
    one = AssignmentSection(case, month, words("zh"))
    longer = {"sharing": "more_even", "waiting": "longer", "wait_saved_minutes": Decimal("-22.50")}
    one.__dict__["outcome"] = {**month.row("outcome"), **longer}
    said = " ".join(one.sentences())
    assert "更平均的同时等待变长：平均每单多等 23 分钟" in said
    one.__dict__["outcome"] |= {"waiting": "shorter"}
    assert "更平均的同时等待变长" not in " ".join(one.sentences())


@pytest.mark.slow
def test_an_order_takers_name_is_text_in_the_chart(board: Board) -> None:
    case = board.case("2100000011")
    month = case.programme("assignment")
    assert month is not None
    named = [{**row, "taker_name": f"<b>{n}</b>"} for n, row in enumerate(month.rows("desks"))]
    shown = SimpleNamespace(rows=lambda part: named, row=month.row)
    chart = AssignmentSection(case, shown, words("zh")).loads_chart()  # type: ignore[arg-type]
    assert chart is not None
    assert chart.data[0]["x"][0] == "&lt;b&gt;0&lt;/b&gt;"


def test_how_the_advice_is_given_is_among_the_assumptions(board: Board) -> None:
    zh = section(board, "2100000011", "zh")
    assert "建议以什么为准 先看分配是否更平均，再看等待" in zh
    assert "均衡度的算法 Jain公平指数" in zh


def test_waits_evenness_and_advice_are_said(board: Board) -> None:
    en = section(board, "2100000011", "en")
    assert "4 order-takers, 2 with a substitute; 96 orders in the month." in en
    # 48, 16, 16 and 16 orders: 96² / (4 × 3,072) is 75 %; what it becomes is drawn.
    found = re.search(
        r"Evenness of sharing: 75% without, ([\d.]+)% with substitutes: more even", en
    )
    assert found is not None
    assert 75 < float(found[1]) <= 100
    assert "Advice: keep the substitutes that are set." in en
    assert "重新考虑由谁替补" in section(board, "000123", "zh")


def test_where_nobody_has_a_substitute_it_says_whom_it_takes(board: Board) -> None:
    zh = section(board, "007", "zh")
    assert "尚未设置替补，“有替补”一栏假设由名单中的下一位替补。" in zh
    assert "建议：在订单列表-订单设置中设置替补接单员。" in zh
    assert "尚未设置替补" not in section(board, "2100000011", "zh")


def test_desk_by_desk_with_leave_and_who_stands_in(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "en").assignment()._repr_html_()
    rows = [
        re.sub(r"\s+", " ", row.get_text(" ", strip=True))
        for row in BeautifulSoup(page, "html.parser").select("tbody tr")
    ]
    (first,) = [row for row in rows if row.startswith("张晨 S01")]
    assert first.startswith("张晨 S01 李溪 May 10 to May 14 48 ")
    (last,) = [row for row in rows if row.startswith("赵禾 S04")]
    assert last.startswith("赵禾 S04 — — 16 16 ")


@pytest.mark.slow
def test_who_cannot_be_told_anything_is_told_why(board: Board) -> None:
    assert "只有一位业务员，没有人可替补" in section(board, "NA", "zh")
    en = section(board, "2100000016", "en")
    assert "The difference is “—”: there are no orders in the month." in en
    assert "By order-taker" not in en
    assert "average wait" not in en
    for merchant_id in ("NA", "2100000016"):
        assert BriefingPage(board.case(merchant_id), "en").assignment_loads() is None


def test_orders_that_are_dealt_or_by_payment_are_said_to_be(board: Board) -> None:
    assert "没有分配记录，按订单支付时间模拟。" in section(board, "2100000009", "zh")
    assert "4 orders have no order-taker on record" in section(board, "2100000012", "en")


def test_without_order_takers_it_is_one_line_and_no_chart(board: Board) -> None:
    page = BriefingPage(board.case("2100000008"), "zh")
    markup = page.assignment()._repr_html_()
    assert "当月没有您在此项目中的数据。" in markup
    assert "<table" not in markup
    assert page.assignment_loads() is None


def test_the_chart_has_each_order_takers_orders_both_ways(board: Board) -> None:
    chart = BriefingPage(board.case("2100000011"), "zh").assignment_loads()
    assert chart is not None
    without, with_ = chart.data
    assert without["x"] == ["张晨", "李溪", "王苒", "赵禾"]
    assert without["y"] == [48, 16, 16, 16]
    assert sum(with_["y"]) == pytest.approx(96)


def test_two_of_one_name_have_bars_of_their_own(board: Board) -> None:
    case = board.case("007")
    desks = case.assessment.programmes["assignment"].details["desks"]
    desks["taker_name"] = "陈默"
    chart = BriefingPage(case, "zh").assignment_loads()
    assert chart is not None
    assert chart.data[0]["x"] == ["S01", "S02"]


def test_the_team_sees_first_whom_a_substitute_would_help(board: Board) -> None:
    part = PortfolioPage(board, "zh").assignment()
    assert part is not None
    rows = BeautifulSoup(part._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows]
    assert "007 在订单列表-订单设置中设置替补接单员" in said[0]
    assert "2100000011 保留现有的替补设置" in said[1]
    assert "模拟示意" in part._repr_html_()


def test_before_the_broadcast_the_team_is_told_that_there_are_no_rules(board: Board) -> None:
    programmes = {n: m for n, m in board.assessment.programmes.items() if n != "assignment"}
    gone = replace(board, assessment=replace(board.assessment, programmes=programmes))
    note = PortfolioPage(gone, "zh").assignment()
    assert note is not None
    assert "当日没有订单分配设置的规则。" in note._repr_html_()


def test_strangers_names_are_escaped(board: Board) -> None:
    case = board.case("007")
    desks = case.assessment.programmes["assignment"].details["desks"]
    desks["taker_name"] = "<script>alert(1)</script>"
    markup = BriefingPage(case, "en").assignment()._repr_html_()
    assert "<script>alert" not in markup
    assert "&lt;script&gt;" in markup

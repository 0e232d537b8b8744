"""What the star rating says in a briefing, read as its reader would."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, open_month
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.rulebook import rulebook
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


@pytest.fixture(scope="module")
def april() -> Board:
    """The demo of May as of the last day of April."""
    return open_month("", day="2021-04-30")


def text(board: Board, merchant_id: str, lang: str = "en") -> str:
    markup = BriefingPage(board.case(merchant_id), lang).star()._repr_html_()
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def test_points_that_lift_the_star_are_said_to(board: Board) -> None:
    # 83.50, 77.50, 81.00, 86.00: 2 stars; 80.50 with 3 points, and 81.00 the lowest with 5.
    said = text(board, "2100000011")
    assert "you have 2 stars on May 31, 2021, decided by the lowest: marketing." in said
    assert "Your RFQ marketing index now: tier 1, 3 points in the marketing pillar." in said
    assert "RFQ tier 1 (3 points): they lift the rating to 3 stars." in said
    assert "RFQ tier 2 (5 points): they lift the rating to 3 stars." in said
    assert "marketing · lowest 77.5 2 stars +2.5" in said
    zh = text(board, "2100000011", "zh")
    assert "您的星等级为 2 星，由最低的一项决定：营销力。" in zh
    assert "RFQ一档（营销力加 3 分）：星等级升至 3 星。" in zh


def test_points_that_are_in_the_score_already_lift_no_star_again(board: Board) -> None:
    # 91, 86 with 3 points in it, 90, 92: 4 stars; 83 without them is 3 stars, 88 with 5 is 4.
    said = text(board, "9007199254740992", "zh")
    assert "营销力 86（已含RFQ加分 3 分）。" in said
    assert "RFQ一档（营销力加 3 分）：已计入，若无此 3 分则为 3 星。" in said
    assert "RFQ二档（营销力加 5 分）：星等级不变，加分后仍未跨过更高的分数线。" in said
    assert "升至" not in said
    en = text(board, "9007199254740992")
    assert "Marketing 86 (3 RFQ points counted in it)." in en
    assert "RFQ tier 1 (3 points): counted already; without them the rating would be 3 stars." in en
    (row,) = (row for row in nearest(board, "zh") if row[0].endswith("9007199254740992"))
    assert row[1:] == ["4 星", "营销力", "4", "已计入"]


def test_points_that_are_earned_and_not_in_the_score_yet_are_said_so(board: Board) -> None:
    assert "营销力 77.5（尚未计入RFQ加分）。" in text(board, "2100000011", "zh")
    assert "Marketing 77.5 (RFQ points not counted in it yet)." in text(board, "2100000011")
    head = BriefingPage(board.case("2100000011"), "zh").standing()._repr_html_()
    assert "最低的能力项：营销力（尚未计入RFQ加分 3 分）" in head
    # On the RTS track there are none that could be counted.
    assert "尚未计入" not in text(board, "2100000007", "zh")


@pytest.mark.parametrize(
    ("merchant_id", "why"),
    [
        ("007", "no change, as another pillar ties with marketing for the lowest"),
        ("NA", "no change, as another pillar is lower than marketing"),
        ("9007199254740993", "no change, as no higher cut-off is reached with them"),
        ("000123", "no change, as marketing alone has the most stars already"),
        ("2100000012", "no change, as another pillar does not reach the higher cut-off"),
        ("2100000016", "they may lift the rating, which depends on what is unknown"),
        ("2100000009", "what they change cannot be told, as there is no marketing score"),
        ("2100000007", "The RTS track earns no RFQ points, so they change no star."),
        ("2100000017", "What RFQ points change is “—”: the track is not known"),
    ],
)
def test_when_points_change_nothing_the_reason_is_said(
    board: Board, merchant_id: str, why: str
) -> None:
    assert why in text(board, merchant_id)


def test_an_unknown_pillar_gives_a_range_and_what_it_takes(board: Board) -> None:
    said = text(board, "null", "zh")
    assert "保障力没有得分：截至2021年5月31日，可以证明的范围是 0 至 3 星。" in said
    assert "1 星：保障力不低于 60 分 2 星：保障力不低于 70 分 3 星：保障力不低于 80 分" in said
    head = BriefingPage(board.case("null"), "zh").standing()._repr_html_()
    assert "0–3 星" in head
    assert "2 stars: product at least 70" in text(board, "2100000016")
    assert "3 stars: product" not in text(board, "2100000016")


def test_what_is_unknown_and_does_not_matter_is_said_so(board: Board) -> None:
    said = text(board, "2100000008")
    assert "you have 0 stars" in said
    assert "no score of marketing, transaction, assurance, and whatever it is" in said


def test_the_six_indicators_and_a_dash_for_nobody_enquired(board: Board) -> None:
    said = text(board, "2100000011", "zh")
    for line in ("1 商机数 64", "2 平均回复时间（门槛指标） 5.35 小时", "3 商机转化率 8.25%",
                 "5 营销商品商机转化率 10.5%", "6 RFQ营销指数（加分项） 一档"):  # fmt: skip
        assert line in said
    assert "4 营销流量指数 计入的营销访客 1,650 人" in said  # 1200 + 0 + 300 + 85 + 40 + 25
    assert "平均回复时间（门槛指标） — 统计期内没有买家咨询" in text(board, "2100000015", "zh")


def test_the_ready_to_ship_track_is_told_what_is_not_printed_and_what_is_deferred(
    board: Board,
) -> None:
    said = text(board, "2100000007", "zh")
    assert "原文只印出定制赛道的营销力指标，RTS赛道的指标构成未载明。" in said
    assert "已推迟（预计推迟至6月中旬）：快速交易星等级RTS门槛调整。" in said
    assert "已推迟（预计推迟至6月中旬）：快速发货保障上线。" in said
    assert "Deferred (expected mid-June): fast-dispatch guarantee online" in text(
        board, "2100000007"
    )
    assert "已推迟" not in text(board, "2100000011", "zh")


@pytest.mark.slow
def test_what_is_deferred_is_overdue_after_its_day_and_gone_once_it_holds() -> None:
    late = open_month("", month="2021-06", day="2021-06-16")
    said = text(late, "2100000007")
    assert "Deferred (was expected mid-June, not in force as of June 16, 2021): fast" in said
    dated = {"values": {dt.date(2021, 6, 16): {"is": True, "why": "it is online"}}}
    reform = rulebook({"id": "star", "parameters": {"fast_dispatch_guarantee": dated}})
    said = text(replace(late, rules=reform.on("2021-06-16")), "2100000007")
    assert "not in force as of June 16, 2021): adjusted RTS thresholds" in said
    assert "fast-dispatch guarantee online" not in said


@pytest.mark.slow
def test_traffic_by_tool_before_and_after(board: Board, april: Board) -> None:
    said = text(board, "2100000011")
    assert "Your RFQ quote rate of 60% counted until May 5, 2021 and no longer does" in said
    assert "RFQ quote rate RFQ 60% ✓ ✗ no longer" in said
    assert "P4P (外贸直通车) paid 1,200 ✓ ✓" in said
    assert "nothing of yours is left in the traffic index" in text(board, "2100000016")
    assert "takes nothing from you" in text(board, "007")
    before = text(april, "2100000011", "zh")
    assert "您的RFQ报价率 60% 统计至2021年5月5日为止；其后只统计" in before


def test_the_trend_has_gaps_where_nothing_was_recorded(board: Board, april: Board) -> None:
    chart = BriefingPage(board.case("2100000011"), "zh").star_trend()
    assert chart is not None
    drawn = dict(zip(chart.data[0]["x"], chart.data[0]["y"], strict=True))
    assert (len(drawn), min(drawn), max(drawn)) == (30, "2021-05-02", "2021-05-31")
    assert {day for day, hours in drawn.items() if hours is None} == {
        "2021-05-04", "2021-05-15", "2021-05-26"
    }  # fmt: skip
    earlier = BriefingPage(april.case("2100000011"), "zh").star_trend()
    assert earlier is not None
    drawn = dict(zip(earlier.data[0]["x"], earlier.data[0]["y"], strict=True))
    assert [day for day, hours in drawn.items() if hours is None and day < "2021-04-07"] == [
        f"2021-04-0{n}" for n in range(2, 7)  # the export has none of the 1st
    ]  # fmt: skip
    assert drawn["2021-04-07"] is not None
    assert "早期记录缺失" in earlier.layout["title"]["subtitle"]["text"]
    assert BriefingPage(board.case("007"), "zh").star_trend() is None  # one record is no trend


@pytest.mark.slow
def test_only_indicators_leave_the_stars_open(board: Board) -> None:
    said = text(board, "2100000015")
    assert "There are no pillar scores of the month of May 31, 2021" in said
    assert "By itself" not in said


def nearest(board: Board, lang: str) -> list[list[str]]:
    """The portfolio's rows of who is nearest to the next star."""
    part = PortfolioPage(board, lang).stars()
    assert part is not None
    markup = BeautifulSoup(part._repr_html_(), "html.parser")
    return [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in markup.select("tbody tr")
    ]


def test_the_portfolio_lists_who_is_nearest(board: Board) -> None:
    rows = nearest(board, "en")
    rows = [row for row in rows if not row[0].split()[-1].startswith("22")]  # those are drawn
    ids = [row[0].split()[-1] for row in rows]
    # What their lowest lacks: 1.00 (79.00 to 80), 1.00, 1.00, then 2.50, and 4.00 (86.00 to 90).
    assert ids[:4] == ["007", "2100000012", "2100000017", "2100000011"]
    assert rows[3][1:] == ["2 stars", "marketing", "2.5", "one star more"]
    assert "null" not in ids and "000123" not in ids

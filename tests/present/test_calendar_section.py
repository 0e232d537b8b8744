"""The calendar as merchants read it: their own track and programmes, in order, with days left."""

import re

import pytest
from bs4 import BeautifulSoup, Tag

from merchantkit.assessment import Board, open_month
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.sections.calendar import CalendarSection, status_of
from merchantkit.present.words import words
from merchantkit.rulebook import rulebook
from merchantkit.rulebook.agenda import entries
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def rows(board: Board, merchant_id: str, lang: str) -> list[list[str]]:
    """Day, what, days left, status and source of each line, then what stands below the day."""
    markup = BriefingPage(board.case(merchant_id), lang).calendar()._repr_html_()
    lines = BeautifulSoup(markup, "html.parser").select("tbody tr")
    return [line_of(line) for line in lines]


def line_of(line: Tag) -> list[str]:
    below = [detail.extract() for detail in line.select("td:first-child .mk-detail")]
    parts = [*line.select("td, th"), *below]
    return [re.sub(r"\s+", " ", part.get_text(" ", strip=True)) for part in parts]


# Planned, without a day: 「3D实景展厅-实力商家的「线上会客厅」，谈单杀器助力转化」.
PLANNED = [
    ("日期待定", f"{what} 3D实景展厅 · 节点", "—")
    for what in ("AI智能带看", "沟通卡片", "同屏带看")
]
# By hand from the slides, as of 31 May 2021. A merchant of the customization track with express
# orders, whose application for chargeback protection was refused on 12 May, and whose showroom has
# come to the end of its chain: no last day of it is left.
CUSTOMIZATION = [
    ("2021年5月1日", "会员基础报价权益发放（每月1号） RFQ营销指数 · 节点", "—"),
    ("2021年5月6日", "营销流量指数下线“RFQ报价率”的统计 商家星等级 · 节点 · 双赛道", "—"),
    ("2021年5月1日 至 2021年5月31日", "活动时间 5月推荐之星 · 节点", "今天是最后一天"),
    ("2021年5月1日 至 2021年5月31日", "报名时间 5月推荐之星 · 截止", "今天是最后一天"),
    (
        "2021年5月31日",
        "当月免费报价权益使用截止（按自然月统计） RFQ营销指数 · 截止",
        "今天是最后一天",
    ),
    (
        "2021年6月1日",
        "拒付保障开通提醒邮件（月初，如符合开通条件） 信用卡拒付保障 · 节点",
        "1 天后",
    ),
    ("2021年6月1日", "会员基础报价权益发放（每月1号） RFQ营销指数 · 节点", "1 天后"),
    (
        "2021年10月1日 14:59:59",
        "活动结束（下单时间，北京时间） 空快新客优惠 · 截止",
        "还剩 123 天",
    ),
    (
        "2021年10月15日 23:59:59",
        "完成支付核销的期限（北京时间） 空快新客优惠 · 截止",
        "还剩 137 天",
    ),
    *PLANNED,
]
SCENE = "RTS小单快定 · 节点 · RTS赛道"
WEEK = f"国际站首焦活动（每月最后一周） {SCENE}"
# One of the RTS track without express orders, whose protection has no end on record.
# Its products concern the scene; its showroom's task and shoot are done, and it was submitted.
RTS = [
    *CUSTOMIZATION[:2],
    ("2021年5月24日", f"云主题上线 {SCENE}", "—"),
    *CUSTOMIZATION[2:4],
    ("预计5月", f"APP首页日常场景 {SCENE}", "本月内，日期未公布"),
    ("2021年5月1日 至 2021年5月31日", f"5月活动报名（通过报名链接） {SCENE}", "今天是最后一天"),
    ("2021年5月25日 至 2021年5月31日", WEEK, "今天是最后一天"),
    CUSTOMIZATION[4],
    ("2021年6月1日 至 2021年8月31日", f"6月至8月活动报名（通过商家后台） {SCENE}", "1 天后"),
    CUSTOMIZATION[6],
    ("6月中旬", "快速发货保障上线 商家星等级 · 节点 · RTS赛道", "约 15 天后"),
    ("6月中旬", "快速交易星等级RTS门槛调整 商家星等级 · 节点 · RTS赛道", "约 15 天后"),
    ("2021年6月24日 至 2021年6月30日", WEEK, "24 天后"),
    ("2021年7月25日 至 2021年7月31日", WEEK, "55 天后"),
    ("2021年8月25日 至 2021年8月31日", WEEK, "86 天后"),
    ("9月", f"9月大促 {SCENE}", "约 93 天后"),
    ("日期待定", f"卖点打标、搜索筛选与权重 {SCENE}", "—"),
    *PLANNED,
]


@pytest.mark.parametrize(("merchant_id", "expected"), [("007", CUSTOMIZATION), ("2100000007", RTS)])
def test_a_merchant_of_each_track_reads_its_own(
    board: Board, merchant_id: str, expected: list[tuple[str, ...]]
) -> None:
    assert [tuple(row[:3]) for row in rows(board, merchant_id, "zh")] == expected


# 「3D实景展厅-拍摄作废预警 (销售须知)」 on 9 May 2021: last days of what each has still to do.
TASK, SHOOT, VENUE = (
    ("客户经理提交拍摄任务截止", "还剩 1 天"), ("上门拍摄服务截止", "还剩 52 天"),
    ("有机会入围5月首焦会场的投稿截止", "还剩 1 天"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("merchant_id", "expected"),
    [
        ("null", [TASK, VENUE, SHOOT]),  # of the batch, nothing done
        ("9007199254740992", [VENUE]),  # of another batch, whose last days are not printed
        ("007", []),  # all done
    ],
)
@pytest.mark.slow
def test_a_showrooms_last_days_are_told_to_whom_they_concern(
    merchant_id: str, expected: list[tuple[str, str]]
) -> None:
    may = open_month("", day="2021-05-09", month="2021-05")
    told = [row for row in rows(may, merchant_id, "zh") if "3D实景展厅 · 截止" in row[1]]
    assert [(row[1].partition(" 3D实景")[0], row[2]) for row in told] == expected


def test_a_showroom_that_was_given_up_has_no_last_day(board: Board) -> None:
    assert not [row for row in rows(board, "null", "zh") if "3D实景展厅 · 截止" in row[1]]


def test_each_line_has_its_clock_status_and_source(board: Board) -> None:
    told = {row[1].partition(" · ")[0]: row for row in rows(board, "007", "en")}
    pay_by = told["paid and redeemed by (Beijing time) Express promotion for new customers"]
    assert pay_by[3:] == [
        "announced · 「空快新客最高立减300优惠活动」 · express.pay_by", "Beijing time (as printed)",
    ]  # fmt: skip
    # Midnight after 31 May in Los Angeles is 15:00 on 1 June in Beijing.
    enrolment = told["enrolment days May Recommendation Star"]
    assert enrolment[3].startswith("expected, subject to go-live · 「5月推荐之星活动」")
    assert enrolment[4:] == [
        "Los Angeles time (assumed by this kit)", "ends Jun 1 15:00 Beijing time",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "day", "told"),
    [
        # Nothing is in force before its day, and what is over is not announced any more.
        ("6月至8月活动报名", "2021年6月1日 至 2021年8月31日", ("1 天后", "已公布")),
        ("9月大促", "9月", ("约 93 天后", "已公布")),
        ("云主题上线", "2021年5月24日", ("—", "已过")),
        ("5月活动报名", "2021年5月1日 至 2021年5月31日", ("今天是最后一天", "已生效")),
        # How certain a day is stays said: 「每月固定最后一周」, 「预计…以实际上线为准」, 规划中.
        ("国际站首焦活动", "2021年6月24日 至 2021年6月30日", ("24 天后", "本工具的假设")),
        ("APP首页日常场景", "预计5月", ("本月内，日期未公布", "预计，以实际上线为准")),
        ("快速发货保障上线", "6月中旬", ("约 15 天后", "已推迟")),
        ("卖点打标", "日期待定", ("—", "规划中")),
    ],
)
def test_a_status_agrees_with_the_day(
    board: Board, what: str, day: str, told: tuple[str, str]
) -> None:
    mine = [row for row in rows(board, "2100000007", "zh") if row[1].startswith(what)]
    ((left, status),) = ((row[2], row[3]) for row in mine if row[0] == day)
    assert (left, status.partition(" · ")[0]) == told


def test_the_scenes_own_table_says_the_same_status(board: Board) -> None:
    markup = BriefingPage(board.case("2100000007"), "en").quick_custom()._repr_html_()
    lines = [line_of(line) for line in BeautifulSoup(markup, "html.parser").select("tbody tr")]
    told = {tuple(line[2:]) for line in lines if line[0] in ("May 24, 2021", "September")}
    assert told == {("—", "past"), ("in about 93 days", "announced")}


def test_what_was_expected_or_assumed_is_past_as_such() -> None:
    # On 21 April: points 「预计2021年4月20日生效」; the index 「4月中旬起上线」, 15 April assumed.
    april = rulebook().on("2021-04-21")
    found = {entry.rule: status_of(entry, april.day) for entry in entries(april)}
    assert found["rfq.tier_1_points"] == "past_expected"
    assert found["rfq.window_days"] == "past_assumed"
    assert words("zh").t("status.past_expected") == "预计日期已过"


def test_a_merchants_own_protected_period_is_in_it(board: Board) -> None:
    (mine,) = (row for row in rows(board, "NA", "en") if "protected period" in row[1])
    # 1 May to 31 December 2021 by its own facts: 214 days after 31 May; winter time at its end.
    assert (mine[0], mine[2], mine[5]) == (
        "December 31, 2021", "214 days left", "ends Jan 1 16:00 Beijing time",
    )  # fmt: skip


@pytest.mark.slow
def test_what_is_only_to_begin_is_told_to_everyone() -> None:
    april = open_month("", day="2021-04-30", month="2021-05")
    for merchant_id in ("2100000022", "2100000007"):
        told = [row for row in rows(april, merchant_id, "en") if "enrolment days" in row[1]]
        assert [row[2] for row in told] == ["in 1 day"], merchant_id


def test_a_merchant_whom_nothing_concerns_is_told_so(board: Board) -> None:
    markup = CalendarSection(board.case("2100000022"), {}, words("zh")).html()._repr_html_()
    assert "没有与您有关的截止日或时间节点" in markup
    assert "<table" not in markup

"""The calendar: what is in it on a day, for whom, and how many days are left on which clock."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from merchantkit.errors import RuleFileError
from merchantkit.rulebook import Rulebook, calendar, entries, rulebook
from merchantkit.rulebook.agenda import own

SHIPPED = rulebook()
HEAD = """
id: fair
title: {zh: 展会, en: fair}
clock: {zone: America/Los_Angeles}
sources: {slide: {kind: deck, slide: 展会}}
parameters:
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def book(folder: Path, parameters: str) -> Rulebook:
    (folder / "fair.yaml").write_text(HEAD + parameters, encoding="utf-8")
    return rulebook(folder=folder)


def told(found: Rulebook, day: str, **options: Any) -> list[tuple[str, str, str, int | None]]:
    on = dt.date.fromisoformat(day)
    rows = entries(found.on(day), **options)
    return [(e.rule.partition(".")[2], str(e.last), e.state(on), e.days_left(on)) for e in rows]


# --- the deck's, by hand --------------------------------------------------------------------------

ALL = ("rfq", "campaign", "star", "fees", "fulfilment", "express")
# On the day of the broadcast, 29 April 2021, from its slides. What is past is past of April.
CUSTOMIZATION = [
    ("star.no_enquiry_is_missing", "past", None),  # 自本月起
    ("express.opens_at", "past", None),  # 4月12日 15:00:00
    ("rfq.window_days", "past", None),  # 4月中旬起上线
    ("rfq.tier_1_points", "past", None),  # 预计2021年4月20日生效
    ("star.customization_indicators", "past", None),
    ("rfq.tier_1_usage", "ahead", 1),  # 当月(自然月): to 30 April
    ("campaign.activity_days", "ahead", 2),  # 5月1日-5月31日
    ("campaign.enrolment_days", "ahead", 2),
    ("rfq.base_quotes_month", "ahead", 2),  # 1号发放
    ("star.quote_rate_in_traffic", "ahead", 7),  # 5月6日再下线
    ("express.closes_at", "ahead", 155),  # 2021年10月1日14:59:59
    ("express.pay_by", "ahead", 169),  # 2021年10月15日 23:59:59
]
RTS = [
    ("star.no_enquiry_is_missing", "past", None),
    ("express.opens_at", "past", None),
    ("rfq.window_days", "past", None),
    ("rfq.tier_1_usage", "ahead", 1),
    ("campaign.activity_days", "ahead", 2),
    ("campaign.enrolment_days", "ahead", 2),
    ("rfq.base_quotes_month", "ahead", 2),
    ("star.quote_rate_in_traffic", "ahead", 7),  # 双赛道
    ("star.fast_dispatch_guarantee", "ahead", 47),  # 预计延迟至6月中旬: 15 June
    ("star.rts_thresholds", "ahead", 47),
    ("express.closes_at", "ahead", 155),
    ("express.pay_by", "ahead", 169),
]


@pytest.mark.parametrize(("track", "expected"), [("customization", CUSTOMIZATION), ("rts", RTS)])
def test_the_broadcasts_day_for_a_merchant_of_each_track(
    track: str, expected: list[tuple[str, str, int | None]]
) -> None:
    day = dt.date(2021, 4, 29)
    found = entries(SHIPPED.on(day), track=track, programmes=ALL)
    assert [(e.rule, e.state(day), e.days_left(day)) for e in found] == expected


def test_only_what_concerns_the_merchant_and_what_is_yet_to_begin() -> None:
    # The campaign begins on 1 May; on 31 May it has begun, and concerns whom it concerns.
    april = entries(SHIPPED.on("2021-04-30"), track="rts", programmes=["express"])
    assert {entry.programme for entry in april} == {"express", "campaign"}
    may = entries(SHIPPED.on("2021-05-31"), track="rts", programmes=["express"])
    assert {entry.programme for entry in may} == {"express"}
    assert entries(SHIPPED.on("2021-05-31"), programmes=[]) == []


def test_a_merchant_of_an_unknown_track_is_told_of_both() -> None:
    rules = {e.rule for e in entries(SHIPPED.on("2021-04-29"), programmes=ALL)}
    assert {rule for rule, _, _ in CUSTOMIZATION} | {rule for rule, _, _ in RTS} == rules


@pytest.mark.parametrize(
    ("day", "state", "left"),
    [
        ("2021-09-30", "ahead", 1),
        ("2021-10-01", "running", 0),
        ("2021-10-02", "past", None),
    ],
)
def test_days_left_before_on_and_after_the_last_day_of_orders(
    day: str, state: str, left: int | None
) -> None:
    # 2021年10月1日14:59:59, Beijing: its day is the last with time left.
    (found,) = (e for e in entries(SHIPPED.on(day)) if e.rule == "express.closes_at")
    on = dt.date.fromisoformat(day)
    assert (found.state(on), found.days_left(on)) == (state, left)
    assert (found.clock.zone, found.clock.status) == ("Asia/Shanghai", "in_force")


@pytest.mark.parametrize(
    ("day", "state", "left"),
    [
        ("2021-04-30", "ahead", 1),
        ("2021-05-01", "running", 30),
        ("2021-05-30", "running", 1),
        ("2021-05-31", "running", 0),
    ],
)
def test_a_window_begins_and_then_runs_out(day: str, state: str, left: int) -> None:
    rows = {rule: (found, days) for rule, _, found, days in told(SHIPPED, day)}
    assert rows["enrolment_days"] == (state, left)


def test_past_ones_are_shown_to_the_end_of_their_month() -> None:
    for day, shown in (("2021-05-07", True), ("2021-05-31", True), ("2021-06-01", False)):
        rules = [rule for rule, *_ in told(SHIPPED, day)]
        assert ("quote_rate_in_traffic" in rules) is shown, day


@pytest.mark.parametrize(
    ("day", "issued", "used"),
    [
        # The month's own; once it is past, the next one beside it.
        ("2021-05-01", [("2021-05-01", 0)], [("2021-05-31", 30)]),
        ("2021-05-02", [("2021-05-01", None), ("2021-06-01", 30)], [("2021-05-31", 29)]),
        ("2021-05-31", [("2021-05-01", None), ("2021-06-01", 1)], [("2021-05-31", 0)]),
        ("2021-12-31", [("2021-12-01", None), ("2022-01-01", 1)], [("2021-12-31", 0)]),
    ],
)
def test_what_comes_every_month(
    day: str, issued: list[tuple[str, int | None]], used: list[tuple[str, int | None]]
) -> None:
    found = told(SHIPPED, day)
    assert [(last, left) for r, last, _, left in found if r == "base_quotes_month"] == issued
    assert [(last, left) for r, last, _, left in found if r == "tier_1_usage"] == used


def test_every_day_moment_and_window_of_the_rules_says_that_it_is_in_the_calendar() -> None:
    # Of those that are not, none is a deadline or an event: a record's first day, a batch's credit.
    left_out = {"star.trend_first_day", "showroom.credited_from", "showroom.credited_to"}
    unmarked = {
        f"{name}.{parameter}"
        for name, file in SHIPPED.files.items()
        for parameter, each in file.parameters.items()
        if each.unit in ("date", "moment", "window") and not (each.calendar or each.internal)
        and not all(v is None or v.calendar for v in each.values.values())
    }  # fmt: skip
    assert unmarked <= left_out


def test_every_deferred_or_planned_value_is_in_the_calendar() -> None:
    silent = {
        f"{name}.{parameter}"
        for name, file in SHIPPED.files.items()
        for parameter, each in file.parameters.items()
        for value in each.values.values()
        if value and value.status in ("deferred", "planned")
        if not (value.calendar or each.calendar)
    }
    assert silent == set()


# --- RTS小单快定: what lasts, and what is printed as a month -----------------------------

# By hand from 「RTS小单快定场景商家权益」 and 「…场景报名」: day, rule, last day, state, days left.
SCENE = [
    ("2021-04-30", "scene_week", "2021-04-30", "running", 0),  # 每月固定最后一周
    ("2021-04-30", "app_home", "2021-05-31", "ahead", 1),  # 预计5月
    ("2021-04-30", "enrolment", "2021-05-31", "ahead", 1),  # 5月活动报名链接
    ("2021-04-30", "cloud_themes", "2021-05-24", "ahead", 24),  # 5月24日上线
    ("2021-05-02", "enrolment", "2021-05-31", "running", 29),
    ("2021-05-02", "app_home", "2021-05-31", "running", 29),
    ("2021-05-31", "enrolment", "2021-05-31", "running", 0),
    ("2021-05-31", "enrolment", "2021-08-31", "ahead", 1),  # 6月，7月，8月 后续可直接后台查看
    ("2021-05-31", "app_home", "2021-05-31", "running", 0),
    ("2021-05-31", "cloud_themes", "2021-05-24", "past", None),
    ("2021-05-31", "scene_week", "2021-05-31", "running", 0),
    ("2021-05-31", "scene_week", "2021-06-30", "ahead", 24),
    ("2021-06-02", "enrolment", "2021-08-31", "running", 90),
    ("2021-08-31", "enrolment", "2021-08-31", "running", 0),
    ("2021-08-31", "scene_event", "2021-09-30", "ahead", 1),  # 9月大促
    ("2021-09-02", "scene_event", "2021-09-30", "running", 28),
    ("2021-09-30", "scene_event", "2021-09-30", "running", 0),
    ("2021-09-30", "tags", "None", "undated", None),
]


@pytest.mark.parametrize("day", sorted({day for day, *_ in SCENE}))
def test_the_scenes_days_are_the_slides(day: str) -> None:
    found = told(SHIPPED, day, track="rts", programmes=["quick_custom"])
    for line in (line for on, *line in SCENE if on == day):
        assert tuple(line) in found, line


def test_what_is_over_with_its_month_is_no_longer_in_it() -> None:
    for day, gone in (("2021-06-01", "app_home"), ("2021-10-01", "scene_event")):
        rules = [rule for rule, *_ in told(SHIPPED, day, programmes=["quick_custom"])]
        assert gone not in rules, day


def test_what_is_expected_without_a_day_is_not_past_within_its_month() -> None:
    # 预计 and no day printed: nothing says before its month is over that it came to pass.
    for day in ("2021-04-30", "2021-05-02", "2021-05-30", "2021-05-31"):
        on = dt.date.fromisoformat(day)
        month = on.replace(day=1)
        for entry in entries(SHIPPED.on(day)):
            if entry.status == "expected" and entry.when and entry.first_day:
                same = entry.first_day.replace(day=1) == month and entry.first_day < on
                assert not (same and entry.state(on) == "past"), (day, entry.rule)


def test_a_programmes_track_hides_nothing_from_whom_it_concerns() -> None:
    # The file's track is rts; by its products a merchant of the other track is concerned too.
    day = "2021-05-31"
    mine = told(SHIPPED, day, track="customization", programmes=["quick_custom"])
    assert mine == told(SHIPPED, day, track="rts", programmes=["quick_custom"])
    assert len(mine) == 10
    # What a rule says of itself still does: the thresholds are those of the other track.
    stars = [rule for rule, *_ in told(SHIPPED, day, track="customization", programmes=["star"])]
    assert "rts_thresholds" not in stars


# --- how a mark is read ---------------------------------------------------------------------------


def test_a_deadline_at_midnight_leaves_nothing_of_the_next_day(folder: Path) -> None:
    found = book(folder, """
  close:
    title: {zh: 截止, en: close}
    unit: moment
    calendar: deadline
    values: {2021-05-01: {is: 2021-06-01T00:00:00, source: slide}}
  last_second:
    title: {zh: 截止, en: close}
    unit: moment
    calendar: deadline
    values: {2021-05-01: {is: 2021-05-31T23:59:59, source: slide}}
  begin:
    title: {zh: 开始, en: begin}
    unit: moment
    calendar: event
    values: {2021-05-01: {is: 2021-06-01T00:00:00, source: slide}}
""")  # fmt: skip
    expected = {
        "2021-05-30": {"close": 1, "last_second": 1, "begin": 2},
        "2021-05-31": {"close": 0, "last_second": 0, "begin": 1},
        "2021-06-01": {"begin": 0},
    }
    for day, left in expected.items():
        rows = {rule: days for rule, _, state, days in told(found, day) if state != "past"}
        assert rows == left, day


def test_a_value_is_marked_alone_and_a_parameter_marks_all_of_its_values(folder: Path) -> None:
    found = book(folder, """
  price:
    title: {zh: 价格, en: price}
    unit: usd
    values:
      2021-01-01: {is: 1, source: slide}
      2021-06-01: {is: 2, source: slide, calendar: {kind: event, title: {zh: 涨价, en: dearer}}}
  hall:
    title: {zh: 展馆, en: hall}
    unit: text
    calendar: event
    values:
      2021-05-01: {is: one, source: slide}
      2021-07-01: {is: two, source: slide}
      2021-08-01: null
""")  # fmt: skip
    assert told(found, "2021-05-15") == [
        ("hall", "2021-05-01", "past", None), ("price", "2021-06-01", "ahead", 17),
        ("hall", "2021-07-01", "ahead", 47),
    ]  # fmt: skip
    titles = {entry.rule: entry.title.en for entry in entries(found.on("2021-05-15"))}
    assert titles == {"fair.hall": "hall", "fair.price": "dearer"}


def test_a_window_a_month_and_one_that_another_value_overtakes(folder: Path) -> None:
    found = book(folder, """
  week:
    title: {zh: 最后一周, en: last week}
    unit: window
    calendar: event
    values:
      2021-05-01: {is: {from: 2021-05-25, to: 2021-05-31}, source: slide}
      2021-06-01: {is: {from: 2021-06-24, to: 2021-06-30}, source: slide}
      2021-07-01: null
  enter_by:
    title: {zh: 报名截止, en: enter by}
    unit: date
    calendar: deadline
    values:
      2021-05-01: {is: 2021-05-20, source: slide}
      2021-05-18: {is: 2021-05-28, source: slide, why: put off}
""")  # fmt: skip
    assert told(found, "2021-05-10") == [
        ("week", "2021-05-31", "ahead", 15), ("enter_by", "2021-05-28", "ahead", 18),
        ("week", "2021-06-30", "ahead", 45),
    ]  # fmt: skip


def test_what_is_planned_has_no_date_and_what_is_deferred_loses_it(folder: Path) -> None:
    found = book(folder, """
  tags:
    title: {zh: 打标, en: tags}
    unit: flag
    calendar: event
    values:
      2021-05-01: {is: false, source: slide, calendar: {kind: event, title: {zh: 关, en: "off"}}}
      planned: {is: true, source: slide, status: planned}
  hall:
    title: {zh: 新馆, en: new hall}
    unit: flag
    calendar: event
    values:
      2021-06-15: {is: true, source: slide, status: deferred, when: {zh: 6月中旬, en: mid-June}}
""")  # fmt: skip
    assert told(found, "2021-06-15")[:1] == [("hall", "2021-06-15", "running", 0)]
    # Its day has come and gone without a new one; it stays, as nothing says that it happened.
    assert told(found, "2021-08-01") == [
        ("hall", "2021-06-15", "undated", None), ("tags", "None", "undated", None),
    ]  # fmt: skip
    dated = {"id": "fair", "parameters": {"hall": {"values": {
        "2021-07-10": {"is": True, "why": "it opened"}}}}}  # fmt: skip
    opened = found.overlay(dated)
    assert told(opened, "2021-07-09")[-2:] == [
        ("hall", "2021-06-15", "undated", None), ("tags", "None", "undated", None),
    ]  # fmt: skip
    assert told(opened, "2021-07-10") == [
        ("hall", "2021-07-10", "running", 0), ("tags", "None", "undated", None),
    ]  # fmt: skip


def test_a_value_that_lasts_ends_before_the_next_one(folder: Path) -> None:
    found = book(folder, """
  hall:
    title: {zh: 展馆, en: hall}
    unit: text
    calendar: {kind: event, lasts: value}
    values:
      2021-05-10: {is: one, source: slide}
      2021-06-15: {is: two, source: slide}
      2021-06-20: null
  door:
    title: {zh: 大门, en: door}
    unit: text
    calendar: {kind: event, lasts: month, title: {zh: 开门, en: open}}
    values:
      2021-05-01: {is: one, source: slide, status: expected, when: {zh: 5月, en: May}}
      2021-05-20: {is: two, source: slide, calendar: {kind: event}}
""")  # fmt: skip
    assert told(found, "2021-05-10") == [
        ("door", "2021-05-19", "running", 9), ("door", "2021-05-20", "ahead", 10),
        ("hall", "2021-06-14", "running", 35), ("hall", "2021-06-19", "ahead", 36),
    ]  # fmt: skip
    assert told(found, "2021-06-15") == [("hall", "2021-06-14", "past", None),
                                         ("hall", "2021-06-19", "running", 4)]  # fmt: skip
    assert told(found, "2021-06-20") == [("hall", "2021-06-14", "past", None),
                                         ("hall", "2021-06-19", "past", None)]  # fmt: skip


def test_an_entry_that_lasts_has_no_other_day(folder: Path) -> None:
    with pytest.raises(RuleFileError, match="lasts"):
        book(folder, """
  hall:
    title: {zh: 展馆, en: hall}
    unit: text
    calendar: {kind: event, lasts: value, on: month_first}
    values: {2021-05-10: {is: one, source: slide}}
""")  # fmt: skip


def test_a_monthly_entry_holds_as_long_as_its_value(folder: Path) -> None:
    found = book(folder, """
  issue:
    title: {zh: 发放, en: issued}
    unit: quote
    calendar: {kind: event, on: month_first}
    values:
      2021-05-15: {is: 3, source: slide}
      2021-07-01: null
""")  # fmt: skip
    assert told(found, "2021-05-20") == [("issue", "2021-06-01", "ahead", 12)]
    assert told(found, "2021-06-02") == [("issue", "2021-06-01", "past", None)]


def test_a_merchants_own_day_is_the_facts_and_not_the_rules(folder: Path) -> None:
    found = book(folder, """
  reminder:
    title: {zh: 提醒, en: reminder}
    unit: flag
    calendar: {kind: event, on: facts, title: {zh: 邮件, en: e-mail}}
    values: {2021-05-01: {is: true, source: slide}}
  other:
    title: {zh: 其他, en: other}
    unit: flag
    values: {2021-05-01: {is: true, source: slide}}
""")  # fmt: skip
    assert told(found, "2021-05-20") == []
    mine = own(found.files["fair"], "reminder", dt.date(2021, 6, 1))
    assert (mine.title.en, mine.days_left(dt.date(2021, 5, 20))) == ("e-mail", 12)
    with pytest.raises(KeyError, match="other"):
        own(found.files["fair"], "other", dt.date(2021, 6, 1))


def test_it_may_be_read_on_another_day_than_the_rules() -> None:
    rules = SHIPPED.on("2021-05-31")
    early = [e.rule for e in entries(rules, "2021-05-05")]
    assert early == [e.rule for e in entries(SHIPPED.on("2021-05-05"))]


def test_the_frame_has_a_row_an_entry_and_what_is_missing_is_missing(folder: Path) -> None:
    frame = calendar(SHIPPED.on("2021-04-29"), track="rts", programmes=ALL)
    assert frame["rule"].tolist() == [rule for rule, _, _ in RTS]
    assert [None if pd.isna(n) else n for n in frame["days_left"]] == [n for _, _, n in RTS]
    guarantee = frame.set_index("rule").loc["star.fast_dispatch_guarantee"]
    assert guarantee[["status", "when_zh", "track", "zone_status"]].tolist() == [
        "deferred", "6月中旬", "rts", "assumed",
    ]  # fmt: skip
    assert str(guarantee["first_day"]) == "2021-06-15"
    nothing = book(folder, """
  tags:
    title: {zh: 打标, en: tags}
    unit: flag
    calendar: event
    values:
      2021-05-01: {is: true, source: slide, calendar: deadline}
      planned: {is: true, source: slide, status: planned}
""")  # fmt: skip
    undated = calendar(nothing.on("2021-05-31")).iloc[1]
    assert undated[["first", "last_day", "days_left"]].isna().all()
    assert undated["state"] == "undated"


def test_what_the_calendar_has_is_in_a_programmes_fingerprint() -> None:
    later = {"id": "express", "parameters": {"pay_by": {"values": {
        "2021-09-01": {"is": dt.datetime(2021, 10, 20)}}}}}  # fmt: skip
    put_off = rulebook(later)
    for name, same in (("express", False), ("campaign", True)):
        one, other = (b.on("2021-05-31").fingerprint(name) for b in (SHIPPED, put_off))
        assert (one == other) is same

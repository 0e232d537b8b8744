"""Days, months and spans: what is a day, and where it begins and ends on a clock."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.days import Month, Span, as_day
from merchantkit.errors import DayError
from tests.properties import modest

DAY = dt.date


@pytest.mark.parametrize("day", ["2021-05-31", DAY(2021, 5, 31)])
def test_a_day_from_iso_text_or_a_date(day: Any) -> None:
    assert as_day(day) == DAY(2021, 5, 31)


@pytest.mark.parametrize(
    "day", ["2021-02-30", "2021-05", "31/05/2021", "", "today", None, 20210531]
)
def test_what_is_no_day(day: Any) -> None:
    with pytest.raises(DayError, match="is not a day") as caught:
        as_day(day)
    assert caught.value.remedy == "write it as 2021-05-31"


def test_a_moment_is_no_day_as_it_has_a_clock() -> None:
    with pytest.raises(DayError, match="a moment, not a day"):
        as_day(dt.datetime(2021, 5, 31, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2021-05", "2021-05-01", "2021-05-31", "2021-04"),
        ("2021-01", "2021-01-01", "2021-01-31", "2020-12"),
        ("2021-02", "2021-02-01", "2021-02-28", "2021-01"),
        ("2020-02", "2020-02-01", "2020-02-29", "2020-01"),
        ("0999-12", "0999-12-01", "0999-12-31", "0999-11"),
    ],
)
def test_a_month(text: str, first: str, last: str, before: str) -> None:
    month = Month.parse(text)
    assert (month.first.isoformat(), month.last.isoformat()) == (first, last)
    assert (str(month), str(month.previous())) == (text, before)
    assert Month.parse(month) == month == Month.of(month.last)


@pytest.mark.parametrize(
    "text", ["2021-13", "2021-5", "2021", "2021-05-01", "", "May", None, 202105]
)
def test_what_is_no_month(text: Any) -> None:
    with pytest.raises(DayError, match="is not a month") as caught:
        Month.parse(text)
    assert caught.value.remedy == "write it as 2021-05"


def test_months_are_in_order() -> None:
    assert Month.parse("2020-12") < Month.parse("2021-01") < Month.parse("2021-02")


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        # No summer time in China: UTC+8.
        ("Asia/Shanghai", "2021-05-30T16:00", "2021-05-31T16:00"),
        # Summer time in California: UTC-7.
        ("America/Los_Angeles", "2021-05-31T07:00", "2021-06-01T07:00"),
        ("UTC", "2021-05-31T00:00", "2021-06-01T00:00"),
    ],
)
def test_a_day_on_a_clock(zone: str, start: str, end: str) -> None:
    span = Span(DAY(2021, 5, 31), DAY(2021, 5, 31), zone)
    assert span.start_utc == dt.datetime.fromisoformat(start)
    assert span.end_utc == dt.datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "hours"), [("2021-03-14", 23), ("2021-11-07", 25), ("2021-03-15", 24)]
)
def test_a_day_on_which_the_clock_is_changed(day: str, hours: int) -> None:
    span = Span(as_day(day), as_day(day), "America/Los_Angeles")
    assert span.end_utc - span.start_utc == dt.timedelta(hours=hours)


def test_ninety_days_that_end_on_the_last_of_may_begin_on_3_march() -> None:
    # March 29 days from the 3rd, April 30, May 31.
    span = Span.ending(DAY(2021, 5, 31), 90, "Asia/Shanghai")
    assert (span.first, span.last) == (DAY(2021, 3, 3), DAY(2021, 5, 31))


@modest
@given(
    st.dates(DAY(1990, 1, 1), DAY(2090, 1, 1)),
    st.sampled_from(["Asia/Shanghai", "America/Los_Angeles", "Europe/London", "Asia/Kathmandu"]),
)
def test_a_day_begins_where_the_one_before_ends(day: dt.date, zone: str) -> None:
    before = day - dt.timedelta(days=1)
    assert Span(before, before, zone).end_utc == Span(day, day, zone).start_utc

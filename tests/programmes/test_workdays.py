"""China's working days, against the State Council's notices, by hand."""

import datetime as dt

import numpy as np
import pytest

from merchantkit.programmes.workdays import Workdays

# Weekend days that are worked, and the longest runs off, as the notices for 2020-2022 say
# (国办发明电〔2019〕16号, 〔2020〕27号, 〔2021〕11号, and the extension of January 2020).
WORKED = {
    2020: ["01-19", "04-26", "05-09", "06-28", "09-27", "10-10"],
    2021: ["02-07", "02-20", "04-25", "05-08", "09-18", "09-26", "10-09"],
    2022: ["01-29", "01-30", "04-02", "04-24", "05-07", "10-08", "10-09"],
}
OFF = [
    ("2020-01-24", "2020-02-02"), ("2020-05-01", "2020-05-05"), ("2020-10-01", "2020-10-08"),
    ("2021-02-11", "2021-02-17"), ("2021-04-03", "2021-04-05"), ("2021-05-01", "2021-05-05"),
    ("2021-10-01", "2021-10-07"), ("2022-01-31", "2022-02-06"), ("2022-04-30", "2022-05-04"),
]  # fmt: skip
CHINA = Workdays.of("CN", 2019, 2023)


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


@pytest.mark.parametrize("year", WORKED)
def test_worked_weekend_days_are_those_of_the_notice(year: int) -> None:
    working = [day.item() for day in CHINA.working]
    found = [f"{d:%m-%d}" for d in working if d.year == year and d.weekday() >= 5]
    assert found == WORKED[year]


@pytest.mark.parametrize(("first", "last"), OFF)
def test_no_day_of_a_long_holiday_is_worked(first: str, last: str) -> None:
    before, after = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert [d for d in CHINA.working if before <= d.item() <= after] == []
    assert CHINA.before(days(last), 1) == CHINA.before(days(first), 1)
    assert CHINA.after(days(first), 1) == CHINA.after(days(last), 1)


@pytest.mark.parametrize(
    ("day", "n", "before", "after"),
    [
        ("2021-05-06", 1, "2021-04-30", "2021-05-07"),
        ("2021-05-06", 2, "2021-04-29", "2021-05-08"),
        ("2021-05-06", 3, "2021-04-28", "2021-05-10"),
        ("2021-05-03", 1, "2021-04-30", "2021-05-06"),  # from within the holiday
        ("2021-04-26", 1, "2021-04-25", "2021-04-27"),
        ("2021-02-18", 1, "2021-02-10", "2021-02-19"),
        ("2021-02-07", 1, "2021-02-05", "2021-02-08"),
    ],
)
def test_the_nth_working_day(day: str, n: int, before: str, after: str) -> None:
    assert CHINA.before(days(day), n).tolist() == days(before).tolist()
    assert CHINA.after(days(day), n).tolist() == days(after).tolist()


def test_lead_and_lag_say_within_how_many_working_days() -> None:
    early = days("2021-05-06", "2021-05-05", "2021-05-01", "2021-04-30", "2021-04-29", "2021-04-25")
    t = np.repeat(days("2021-05-06"), len(early))
    assert CHINA.lead(early, t).tolist() == [0, 0, 0, 1, 2, 6]
    late = days("2021-05-05", "2021-05-06", "2021-05-07", "2021-05-08", "2021-05-09", "2021-05-10")
    assert CHINA.lag(late, t).tolist() == [0, 0, 1, 2, 3, 3]


def test_make_up_days_can_be_left_out() -> None:
    plain = Workdays.of("CN", 2019, 2023, make_up=False)
    assert plain.after(days("2021-05-07"), 1).tolist() == days("2021-05-10").tolist()
    assert plain.before(days("2021-04-26"), 1).tolist() == days("2021-04-23").tolist()


def test_a_year_without_a_notice_is_provisional() -> None:
    far = Workdays.of("CN", 2021, 2060)
    assert far.provisional(days("2021-05-06", "2059-05-06")).tolist() == [False, True]
    assert far.provisional(np.array(["NaT"], "datetime64[D]")).tolist() == [False]

"""What is measured of showrooms: days as of a day, the one credited last, whole weeks around it."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from merchantkit.facts import demo
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import showroom
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text

MAY = "2021-05-31"
LIVE = dt.date(2021, 4, 12)
RULES = rulebook().on(MAY)
# By hand from the table in the demo's module: stage, next step, days left, chance of the venue.
READINGS = {
    "2100000011": ("shop_decorated", "products_decorated", "", "True"),
    "007": ("sent", "", "", "True"),
    "NA": ("task_submitted", "shot", "30", "False"),
    "null": ("lapsed", "", "", "False"),
    "9007199254740993": ("lapsed", "", "", "False"),
    "9007199254740992": ("task_submitted", "shot", "", "False"),
    "000123": ("modelled", "submitted", "", "False"),
    "2100000007": ("submitted", "shop_decorated", "", "True"),
    "2100000012": ("shot", "modelled", "", "False"),
    "2100000014": ("submitted", "shop_decorated", "", "True"),
    "2100000015": ("submitted", "shop_decorated", "", "True"),
    "2100000016": ("modelled", "submitted", "", "False"),
}


def warehouse(**tables: list[dict[str, Any]]) -> Warehouse:
    tables.setdefault("merchants", [{"merchant_id": "a"}, {"merchant_id": "b"}])
    made = Warehouse.in_memory()
    with made.write() as connection:
        for name, rows in tables.items():
            kinds = TABLES[name].dtypes
            full = [{"source_file": "hand", "source_row": n + 2, **r} for n, r in enumerate(rows)]
            columns = {c: pd.array([r.get(c) for r in full], dtype=k) for c, k in kinds.items()}
            upsert(connection, name, pd.DataFrame(columns))
    return made


def room(number: int = 1, merchant: str = "a", **steps: str | dt.datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"showroom_id": f"r{number}", "merchant_id": merchant}
    for step, at in steps.items():
        day_only = isinstance(at, str)
        when = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
        row |= {f"{step}_at": when, f"{step}_at_is_date": day_only}
    return row


def daily(first: int, last: int, visitors: Any = 10, merchant: str = "a") -> list[dict[str, Any]]:
    """The shop's days from ``first`` to ``last``, counted from the live day."""
    return [
        {
            "merchant_id": merchant,
            "day": LIVE + dt.timedelta(days=off),
            "shop_visitors": visitors(off) if callable(visitors) else visitors,
            "shop_inquiries": 1,
        }
        for off in range(first, last + 1)
    ]


def row_of(made: Warehouse, merchant: str = "a", day: str = MAY) -> dict[str, str]:
    found = showroom.measure(made, day)
    mine = found[found["merchant_id"] == merchant]
    return {column: as_text(mine[column])[0] for column in mine}


def test_who_has_no_showroom_has_a_row_of_which_nothing_is_known() -> None:
    made = warehouse(showrooms=[room(credited="2020-12-20")])
    assert {v for k, v in row_of(made, "b").items() if k != "merchant_id"} == {""}
    assert row_of(made)["showrooms"] == "1"
    empty = showroom.measure(warehouse(), MAY)
    assert empty["merchant_id"].tolist() == ["a", "b"]
    assert empty.drop(columns="merchant_id").isna().all(axis=None)
    assert showroom.assess(empty, RULES)["stage_reason"].tolist() == ["no_showroom_facts"] * 2


def test_what_happened_after_the_day_is_not_known_on_it() -> None:
    made = warehouse(showrooms=[room(credited="2020-12-20", shot="2021-05-20")])
    assert row_of(made, day="2021-05-20")["shot_on"] == "2021-05-20"
    assert row_of(made, day="2021-05-19")["shot_on"] == ""
    made = warehouse(showrooms=[room(credited="2021-05-02")])
    assert row_of(made, day="2021-05-01")["credited_on"] == row_of(made, day="2021-05-01")["as_of"]
    assert row_of(made, day="2021-05-01")["showrooms"] == ""


def test_a_time_is_cut_into_days_by_the_rules_clock_and_a_date_is_not() -> None:
    # 06:59:59 in UTC is the last second of 10 May in Los Angeles.
    late, early = dt.datetime(2021, 5, 11, 7), dt.datetime(2021, 5, 11, 6, 59, 59)
    made = warehouse(
        showrooms=[
            room(1, "a", credited="2020-12-20", task_submitted=early),
            room(2, "b", credited="2020-12-20", task_submitted=late, shot="2021-05-11"),
        ]
    )
    assert row_of(made)["task_submitted_on"] == "2021-05-10"
    assert row_of(made, "b")["task_submitted_on"] == "2021-05-11"
    assert row_of(made, "b")["shot_on"] == "2021-05-11"


def test_of_several_showrooms_the_one_credited_last_is_judged() -> None:
    made = warehouse(
        showrooms=[
            room(1, credited="2020-12-20", shot="2021-03-01"),
            room(2, credited="2020-12-28"),
            room(3, modelled="2021-01-01"),
            room(4, credited="2021-06-01"),
        ]
    )
    found = row_of(made)
    assert (found["credited_on"], found["shot_on"], found["showrooms"]) == ("2020-12-28", "", "3")


def test_it_is_live_from_the_first_day_on_which_buyers_can_see_it() -> None:
    steps = {"modelled": "2021-03-01", "submitted": "2021-04-20", "sent": "2021-03-05"}
    made = warehouse(showrooms=[room(**steps, products_decorated="2021-04-12")])
    assert row_of(made)["live_on"] == "2021-04-12"


def test_both_windows_are_of_the_same_whole_weeks_and_leave_the_live_day_out() -> None:
    # 49 days after; before, only 30 days are there: four weeks on either side.
    counts = daily(-30, 49, lambda off: 1000 if off == 0 else 20 if off > 0 else 10)
    made = warehouse(showrooms=[room(submitted="2021-04-12")], shop_counts_daily=counts)
    found = row_of(made)
    assert found["visitors_days"] == "28"
    assert (found["visitors_before"], found["visitors_after"]) == ("280", "560")
    # Four weeks of 70 and of 140.
    assert found["visitors_before_squares"] == str(4 * 70**2)
    assert found["visitors_after_squares"] == str(4 * 140**2)


@pytest.mark.parametrize(
    ("missing", "days"),
    [(-28, "21"), (-29, "28"), (28, "21"), (29, "28"), (0, "28"), (1, "0")],
)
def test_a_missing_day_ends_the_window(missing: int, days: str) -> None:
    counts = [r for r in daily(-28, 28) if r["day"] != LIVE + dt.timedelta(days=missing)]
    made = warehouse(showrooms=[room(submitted="2021-04-12")], shop_counts_daily=counts)
    assert row_of(made)["visitors_days"] == days


def test_a_count_that_is_not_given_is_a_missing_day_of_that_count_alone() -> None:
    counts = daily(-28, 28)
    counts[0]["shop_visitors"] = None
    made = warehouse(showrooms=[room(submitted="2021-04-12")], shop_counts_daily=counts)
    found = row_of(made)
    assert (found["visitors_days"], found["inquiries_days"]) == ("21", "28")


def test_no_more_than_eight_weeks_are_compared_and_none_beyond_the_day() -> None:
    made = warehouse(showrooms=[room(submitted="2021-04-12")], shop_counts_daily=daily(-90, 90))
    assert row_of(made, day="2021-07-11")["visitors_days"] == "56"
    assert row_of(made, day="2021-05-09")["visitors_days"] == "21"  # 27 days on
    assert row_of(made, day="2021-05-10")["visitors_days"] == "28"


def test_another_merchants_days_are_not_counted() -> None:
    counts = daily(-28, 28) + daily(-28, 28, 500, merchant="b")
    made = warehouse(
        showrooms=[room(1, submitted="2021-04-12"), room(2, "b", submitted="2021-04-12")],
        shop_counts_daily=counts,
    )
    assert row_of(made)["visitors_after"] == "280"
    assert row_of(made, "b")["visitors_after"] == "14000"


def test_the_weeks_that_are_shown_add_up_to_what_is_measured() -> None:
    made = Warehouse.in_memory()
    demo.fill(made, merchants=200)
    measures = showroom.measure(made, MAY)
    outcome = showroom.assess(measures, RULES)
    weeks = showroom.details(made, dt.date(2021, 5, 31), RULES, measures, outcome)["weeks"]
    assert not weeks.duplicated(["merchant_id", "week"]).any()
    for count in showroom.COUNTS:
        for side, those in (("before", weeks["week"] < 0), ("after", weeks["week"] > 0)):
            sums = weeks[those].groupby("merchant_id")[count].sum()
            known = measures.set_index("merchant_id")[f"{count}_{side}"].dropna()
            assert sums.reindex(known.index, fill_value=0).tolist() == known.tolist()


def test_weeks_of_nobody_are_none() -> None:
    made = warehouse(showrooms=[room(credited="2020-12-20")])
    measures = showroom.measure(made, MAY)
    weeks = showroom.details(made, dt.date(2021, 5, 31), RULES, measures, measures)["weeks"]
    assert len(weeks) == 0
    assert {"merchant_id", "week", "visitors", "inquiries"} == set(weeks.columns)


def test_the_demo_reads_as_worked_out() -> None:
    made = Warehouse.in_memory()
    demo.fill(made)
    outcome = showroom.assess(showroom.measure(made, MAY), RULES).set_index("merchant_id")
    columns = ["stage", "next_action", "days_left", "venue_chance"]
    found = {
        merchant: tuple(as_text(outcome.loc[[merchant], column])[0] for column in columns)
        for merchant in READINGS
    }
    assert found == READINGS
    whys = {
        merchant: outcome.loc[merchant, "visitors_change_percent_reason"]
        for merchant in ("2100000007", "2100000014", "000123")
    }
    assert whys == {
        "2100000007": "live_too_short", "2100000014": "days_incomplete", "000123": "not_live",
    }  # fmt: skip
    assert outcome.loc["2100000015", "inquiries_change_percent_reason"] == "nothing_before"
    assert outcome.loc["2100000016", "visitors_effect"] == "fall"

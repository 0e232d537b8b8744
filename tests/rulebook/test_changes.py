"""``diff``: what changes between two days, by hand from the deck, as data."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from merchantkit.rulebook import Change, Rulebook, diff, month_changes, on_record, rulebook
from merchantkit.rulebook.loader import load_text

# The two programmes whose days the expectations below name; others come and go on other days.
SHIPPED = Rulebook({name: rulebook().files[name] for name in ("rfq", "campaign")})
NEWS = rulebook(folder=Path(__file__).parent / "news" / "rules")
GOOD = Path(__file__).with_name("good.yaml")
DAY = dt.date


@pytest.fixture(scope="module")
def shop() -> Rulebook:
    return Rulebook({"shop": load_text(GOOD.read_text(encoding="utf-8"), "good.yaml")})


def between(book: Rulebook, one: str, other: str) -> list[Change]:
    return diff(book.on(one), book.on(other))


def told(changes: list[Change]) -> list[tuple[object, ...]]:
    return [
        (
            change.kind,
            change.parameter,
            change.before.value if change.before else None,
            change.after.value if change.after else None,
            change.day,
        )
        for change in changes
    ]


def happened(changes: list[Change]) -> list[Change]:
    """Those between the two days: not what is yet to come."""
    return [change for change in changes if change.kind not in ("coming", "deferred", "planned")]


def test_the_points_begin_on_20_april() -> None:
    changes = happened(between(SHIPPED, "2021-04-19", "2021-04-20"))
    assert told(changes) == [
        ("changed", "tier_1_points", 0, 3, DAY(2021, 4, 20)),
        ("changed", "tier_2_points", 0, 5, DAY(2021, 4, 20)),
    ]
    assert [change.after.status for change in changes if change.after] == ["expected", "expected"]


def test_the_campaign_begins_with_may_and_ends_with_it() -> None:
    begins = happened(between(SHIPPED, "2021-04-30", "2021-05-01"))
    assert {change.programme for change in begins} == {"campaign"}
    assert told(begins)[0] == ("begins", None, None, None, DAY(2021, 5, 1))
    assert [change.kind for change in begins[1:]] == ["new"] * 15
    ends = between(SHIPPED, "2021-05-31", "2021-06-01")
    assert told(ends)[0] == ("ends", None, None, None, DAY(2021, 6, 1))
    assert {(change.kind, change.day) for change in ends[1:]} == {("ended", DAY(2021, 6, 1))}


@pytest.mark.parametrize(
    ("one", "other"),
    [("2021-04-20", "2021-04-28"), ("2021-05-31", "2021-05-31"), ("2021-06-01", "2022-06-01")],
)
def test_nothing_changes_where_nothing_is_dated(one: str, other: str) -> None:
    assert happened(between(SHIPPED, one, other)) == []


def test_what_is_dated_to_come_is_told_with_what_holds_until_then() -> None:
    changes = between(SHIPPED, "2021-04-01", "2021-04-18")
    coming = [change for change in changes if change.kind == "coming"]
    assert [told([c])[0][1:] for c in coming if c.programme == "rfq"] == [
        ("tier_1_points", 0, 3, DAY(2021, 4, 20)),
        ("tier_2_points", 0, 5, DAY(2021, 4, 20)),
    ]
    campaign = [change for change in coming if change.programme == "campaign"]
    assert told(campaign[:1]) == [("coming", None, None, None, DAY(2021, 5, 1))]
    assert len(campaign) == 16
    # On the day itself it has come.
    assert "coming" not in {c.kind for c in between(SHIPPED, "2021-04-30", "2021-05-01")}


def test_what_came_and_went_is_told() -> None:
    found = between(SHIPPED, "2021-04-30", "2021-06-01")
    assert told(found[:1]) == [("passed", None, None, None, DAY(2021, 5, 1))]
    assert found[0].until == DAY(2021, 6, 1)
    assert {change.kind for change in found} == {"passed"}
    caps = [change for change in found if change.parameter == "top_cap"]
    assert told(caps) == [("passed", "top_cap", None, 5000, DAY(2021, 5, 1))]


def test_an_end_is_dated_by_the_end_not_by_the_value_before_it() -> None:
    # Between the earlier day and the end there was another value, from 1 March.
    (gift,) = (c for c in between(NEWS, "2021-02-01", "2021-05-20") if c.parameter == "gift")
    assert told([gift]) == [("ended", "gift", False, None, DAY(2021, 5, 20))]


def test_a_deferral_stands_until_something_is_in_force_in_its_place() -> None:
    def deferred(book: Rulebook, day: str) -> list[tuple[object, ...]]:
        found = [c for c in between(book, "2021-04-30", day) if c.kind == "deferred"]
        return [(c.parameter, c.before and c.before.value, c.day) for c in found]

    bar = ("bar", 6, DAY(2021, 6, 15))
    limit = ("time_limit", 3, DAY(2021, 5, 15))
    assert deferred(NEWS, "2021-05-14") == [bar, limit]
    assert deferred(NEWS, "2021-05-31") == [bar, limit]  # overdue, and so all the more to be told
    dated = NEWS.overlay(
        {"id": "shop", "parameters": {"time_limit": {"values": {"2021-05-20": {"is": 2}}}}}
    )
    assert deferred(dated, "2021-05-19") == [bar, limit]
    assert deferred(dated, "2021-05-20") == [bar]


def test_a_meaning_is_told_with_the_values_of_its_own_day() -> None:
    found = {c.parameter: c for c in between(NEWS, "2021-04-30", "2021-05-31")
             if c.programme == "shop"}  # fmt: skip
    (fee,), (bar,) = found["fee"].means, found["bar"].means
    assert (fee.track, fee.values["fee"].value, fee.values["limit"].value) == (
        "both", Decimal("1.5"), 100,
    )  # fmt: skip
    # What is deferred with the sentence: its own 8, not the 6 that still holds. What begins later
    # than both has no value to name.
    assert {name: p.value for name, p in bar.values.items()} == {"bar": 8, "time_limit": 3}
    assert found["coupon"].track == "customization"  # the parameter's, not the file's
    assert found["fee"].track == "both"  # the file's


def test_the_month_is_compared_with_the_end_of_the_month_before() -> None:
    since, found = month_changes(SHIPPED.on("2021-05-20"))
    assert since == DAY(2021, 4, 30)
    assert told(found)[0] == ("begins", None, None, None, DAY(2021, 5, 1))
    assert month_changes(SHIPPED.on("2021-06-30"))[0] == DAY(2021, 5, 31)


def test_every_kind_of_change(shop: Rulebook) -> None:
    assert told(between(shop, "2021-05-31", "2021-06-01")) == [
        ("changed", "least_sales", 100, Decimal("200.50"), DAY(2021, 6, 1)),
        ("deferred", "ceiling", None, 30, DAY(2021, 7, 15)),
        ("planned", "ceiling", None, 40, None),
    ]
    assert told(between(shop, "2021-08-31", "2021-09-01")) == [
        ("ended", "least_sales", Decimal("200.50"), None, DAY(2021, 9, 1)),
        ("deferred", "ceiling", None, 30, DAY(2021, 7, 15)),
        ("planned", "ceiling", None, 40, None),
    ]


def test_a_reform_shows_on_one_day() -> None:
    reform = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {"2021-05-01": {"is": 30000}}}}}
    changes = diff(SHIPPED.on("2021-05-31"), SHIPPED.overlay(reform).on("2021-05-31"))
    assert told(changes) == [("changed", "tier_1_gmv", 25000, 30000, DAY(2021, 5, 1))]


def test_on_one_day_what_is_yet_to_come_is_told_only_where_it_differs() -> None:
    assert between(NEWS, "2021-05-31", "2021-05-31") == []
    reform = {"id": "shop", "parameters": {"coupon": {"values": {"2021-07-01": {"is": 30}}}}}
    changes = diff(NEWS.on("2021-05-31"), NEWS.overlay(reform).on("2021-05-31"))
    # That the 20 of June now end with June is said by the 30 that follow.
    assert told(changes) == [("coming", "coupon", 20, 30, DAY(2021, 7, 1))]


def test_all_that_is_on_record_by_date(shop: Rulebook) -> None:
    recorded = on_record(shop.files["shop"], "ceiling")
    assert [(p.value, p.since, p.status) for p in recorded] == [
        (None, DAY(2021, 1, 1), "in_force"),
        (30, DAY(2021, 7, 15), "deferred"),
        (40, dt.date.max, "planned"),
    ]
    (first, second) = on_record(shop.files["shop"], "least_sales")
    assert (first.until, second.until) == (DAY(2021, 6, 1), DAY(2021, 9, 1))

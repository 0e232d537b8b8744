"""Shipments measured: which orders are there, what is known on the day, whose failure is which."""

import datetime as dt
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.errors import NotInForceError
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import fulfilment
from merchantkit.rulebook import rulebook

MOMENTS = ["agreed_ship_at", *fulfilment.MOMENTS, "checked_at"]


def moments(row: dict[str, Any]) -> dict[str, Any]:
    """Turn a date into a day and a text into a moment in UTC, as the warehouse stores them."""
    stored: dict[str, Any] = {}
    for name, value in row.items():
        if name in MOMENTS:
            stored[f"{name}_is_date"] = not isinstance(value, dt.datetime)
            is_date = not isinstance(value, dt.datetime)
            value = dt.datetime.combine(value, dt.time()) if is_date else value
        stored[name] = value
    return stored


def warehouse(shipments: list[dict[str, Any]], checks: list[dict[str, Any]] = []) -> Warehouse:  # noqa: B006
    made = Warehouse.in_memory()
    plain = {"merchant_id": "a", "method": "own_express"}
    facts = {
        "merchants": [{"merchant_id": merchant_id} for merchant_id in "ab"],
        "shipments": [{**plain, **moments(row)} for row in shipments],
        "spot_checks": [{"merchant_id": "a", "passed": False, **moments(row)} for row in checks],
    }
    with made.write() as connection:
        for name, rows in facts.items():
            stored = [{"source_file": "t", "source_row": 2, **row} for row in rows]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    return made


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def order(order_id: str, agreed: dt.date, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "agreed_ship_at": agreed, **more}


def judged(facts: Warehouse, as_of: str) -> pd.DataFrame:
    measures = fulfilment.measure(facts, as_of)
    outcome = fulfilment.assess(measures, rulebook().on(as_of))
    return outcome.set_index("order_id")


def test_what_happens_after_the_day_is_not_known_on_it() -> None:
    # 7 May ends in Los Angeles at 07:00 UTC on the 8th.
    pickup = {"method": "warehouse_platform_pickup"}
    facts = warehouse(
        [
            order(
                "in", day("2021-05-06"), picked_up_at=dt.datetime(2021, 5, 8, 6, 59, 59), **pickup
            ),
            order("out", day("2021-05-06"), picked_up_at=dt.datetime(2021, 5, 8, 7), **pickup),
            order("date", day("2021-05-06"), picked_up_at=day("2021-05-08"), **pickup),
        ]
    )
    measures = fulfilment.measure(facts, "2021-05-07").set_index("order_id")
    assert measures["picked_up_at"].isna().to_dict() == {"in": False, "out": True, "date": True}
    assert judged(facts, "2021-05-07")["state"].to_dict() == {
        "in": "exempt", "out": "open", "date": "open",
    }  # fmt: skip
    assert judged(facts, "2021-05-08")["state"].to_dict() == {
        "in": "exempt", "out": "late", "date": "late",
    }  # fmt: skip


def test_an_agreed_moment_is_a_day_on_the_rules_clock() -> None:
    facts = warehouse(
        [
            {"order_id": "x", "agreed_ship_at": dt.datetime(2021, 5, 7, 6, 59)},
            {"order_id": "y", "agreed_ship_at": dt.datetime(2021, 5, 7, 7)},
        ]
    )
    measures = fulfilment.measure(facts, "2021-05-31")
    assert [str(d) for d in measures["agreed_ship_on"]] == ["2021-05-06", "2021-05-07"]


def test_each_order_counts_in_one_month_and_no_more() -> None:
    pickup = {"method": "warehouse_platform_pickup"}
    facts = warehouse(
        [
            order("on time in April", day("2021-04-30"), picked_up_at=day("2021-04-29"), **pickup),
            order("exempt in May", day("2021-04-30"), picked_up_at=day("2021-05-06"), **pickup),
            order("late in May", day("2021-04-30"), **pickup),
            order("late in June", day("2021-05-31"), **pickup),
            order("on time in May", day("2021-05-31"), picked_up_at=day("2021-05-31"), **pickup),
            order("own, due on the last of April", day("2021-04-30")),
        ]
    )
    months = {}
    for last in ("2021-04-30", "2021-05-31", "2021-06-30"):
        found = judged(facts, last)
        months[last] = set(found.index[found["counted"].fillna(False)])
    assert months == {
        "2021-04-30": {"on time in April"},
        "2021-05-31": {
            "exempt in May", "late in May", "on time in May", "own, due on the last of April",
        },
        "2021-06-30": {"late in June"},
    }  # fmt: skip


def test_days_of_grace_bring_earlier_orders_into_the_month() -> None:
    # With ten of them an order of 20 April may be dispatched until the 30th, and counts on 1 May.
    grace = {"grace_days": {"values": {"2021-05-01": {"is": 10}}}}
    rules = rulebook({"id": "fulfilment", "parameters": grace}).on("2021-05-31")
    facts = warehouse([order("x", day("2021-04-20")), order("y", day("2021-04-19"))])
    outcome = fulfilment.assess(fulfilment.measure(facts, "2021-05-31", rules), rules)
    counted = outcome.set_index("order_id")["counted"]
    assert counted[counted.fillna(False)].index.tolist() == ["x"]


def test_a_cancelled_door_order_exempts_nothing() -> None:
    door = {"method": "door_to_door", "door_ordered_at": day("2021-04-29")}
    facts = warehouse(
        [
            order("valid", day("2021-05-06"), door_order_valid=True, **door),
            order("unsaid", day("2021-05-06"), **door),
            order("cancelled", day("2021-05-06"), door_order_valid=False, **door),
        ]
    )
    assert judged(facts, "2021-05-31")["state"].to_dict() == {
        "cancelled": "late", "unsaid": "exempt", "valid": "exempt",
    }  # fmt: skip


def test_failures_are_numbered_over_all_months_and_told_in_their_own() -> None:
    shipped = {"picked_up_at": day("2021-03-31"), "proof_at": day("2021-03-31")}
    facts = warehouse(
        [
            order("1", day("2021-04-01"), **shipped),
            order("2", day("2021-04-02"), **shipped),
            order("3", day("2021-01-15"), **shipped),
            order("4", day("2021-05-20"), **shipped),
            order("ali", day("2021-05-20"), method="door_to_door"),
            order("passed", day("2021-05-20"), **shipped),
        ],
        [
            {"order_id": "1", "checked_at": day("2021-04-29")},
            {"order_id": "2", "checked_at": dt.datetime(2021, 5, 1, 7)},
            {"order_id": "3", "checked_at": day("2021-05-31")},
            {"order_id": "4", "checked_at": day("2021-06-01")},
            {"order_id": "ali", "checked_at": day("2021-05-02")},
            {"order_id": "passed", "checked_at": day("2021-05-02"), "passed": True},
        ],
    )
    may = judged(facts, "2021-05-31")
    # The second is the last that is only warned of; an order of January is there for its check.
    assert may["spot_check"].dropna().to_dict() == {"2": "warning", "3": "penalty"}
    assert not may.loc["3", "counted"]
    june = judged(facts, "2021-06-30")
    assert june["spot_check"].dropna().to_dict() == {"4": "penalty"}


def test_failures_before_the_rule_began_are_no_warnings() -> None:
    # It is of 29 April, which begins at 07:00 UTC in Los Angeles.
    facts = warehouse(
        [order(name, day("2021-04-20")) for name in ("date", "second", "first", "may", "next")],
        [
            {"order_id": "date", "checked_at": day("2021-04-28")},
            {"order_id": "second", "checked_at": dt.datetime(2021, 4, 29, 6, 59, 59)},
            {"order_id": "first", "checked_at": dt.datetime(2021, 4, 29, 7)},
            {"order_id": "may", "checked_at": day("2021-05-02")},
            {"order_id": "next", "checked_at": day("2021-05-03")},
        ],
    )
    april = fulfilment.measure(facts, "2021-04-30").set_index("order_id")["failed_check_number"]
    assert april.dropna().to_dict() == {"first": 1}
    assert judged(facts, "2021-05-31")["spot_check"].dropna().to_dict() == {
        "may": "warning", "next": "penalty",
    }  # fmt: skip
    # 28 April under the rules of May, as if they had held: the 29th is not known yet.
    rules = rulebook().on("2021-05-31")
    before = fulfilment.measure(facts, "2021-04-28", rules).set_index("order_id")
    numbers = before["failed_check_number"].dropna().to_dict()
    assert numbers == {"date": 1, "second": 2}


def test_one_order_is_seen_whenever_it_was_due() -> None:
    # Due on 1 March and never dispatched: 91 days late on 31 May, in March's rate and not in May's.
    facts = warehouse([order("old", day("2021-03-01")), order("new", day("2021-05-20"))])
    as_of, rules = day("2021-05-31"), rulebook().on("2021-05-31")
    told = fulfilment.of_orders(facts, as_of, rules, "old")
    columns = ["order_id", "verdict", "days_late", "counted"]
    assert told[columns].values.tolist() == [["old", "late", 91, False]]
    assert len(fulfilment.of_orders(facts, as_of, rules, "no such order")) == 0
    assert "old" not in fulfilment.measure(facts, as_of)["order_id"].tolist()


def test_no_shipments_are_no_rows() -> None:
    measures = fulfilment.measure(Warehouse.in_memory(), "2021-05-31")
    assert len(measures) == 0
    rules = rulebook().on("2021-05-31")
    assert len(fulfilment.summary(fulfilment.assess(measures, rules))) == 0
    assert len(fulfilment.explain(measures, rules)) == 0


def test_before_the_broadcast_there_are_no_rules() -> None:
    with pytest.raises(NotInForceError, match="2021-04-29"):
        fulfilment.measure(Warehouse.in_memory(), "2021-04-28")

"""What is said of facts before they are believed."""

import datetime as dt

import pyarrow as pa
import pytest

from merchantkit.days import Month
from merchantkit.facts import demo
from merchantkit.facts.cautions import NO_EVENTS, cautions, months, orphans
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse

MAY, JULY = Month(2021, 5), Month(2021, 7)
FROM = {"source_file": "a", "source_row": 2}


def holding(**rows: dict[str, object]) -> Warehouse:
    """Facts of one row a table."""
    made = Warehouse.in_memory()
    with made.write() as connection:
        for name, row in rows.items():
            schema = TABLES[name].arrow_schema
            upsert(connection, name, pa.Table.from_pylist([row | FROM], schema=schema))
    return made


def paid(at: dt.datetime) -> Warehouse:
    """One merchant's one order."""
    order = {
        "order_id": "o", "merchant_id": "007", "buyer_id": "b", "via": "direct", "paid_at": at,
        "paid_at_is_date": False, "received_usd": 1, "genuine": True,
    }  # fmt: skip
    return holding(merchants={"merchant_id": "007"}, orders=order)


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (dt.datetime(2021, 4, 30, 23, 59, 59), "2021-04"),
        (dt.datetime(2021, 5, 1), "2021-05"),
        (dt.datetime(2021, 5, 31, 23, 59, 59), "2021-05"),
        (dt.datetime(2021, 6, 1), "2021-06"),
    ],
)
def test_a_month_is_one_in_which_something_happened(at: dt.datetime, month: str) -> None:
    assert months(paid(at)) == [month]


def test_a_month_that_the_facts_lack_is_told_and_one_that_they_hold_is_not() -> None:
    facts = paid(dt.datetime(2021, 5, 20))
    assert cautions(facts, MAY) == cautions(facts) == []
    (said,) = cautions(facts, JULY)
    assert said == "careful: nothing in the facts is of 2021-07; they are of 2021-05"


def test_the_months_that_the_facts_hold_are_told_from_the_first_to_the_last() -> None:
    facts = paid(dt.datetime(2021, 1, 20))
    with facts.write() as connection:
        counts = {"merchant_id": "007", "month": "2021-05", "visitors": 1, **FROM}
        schema = TABLES["campaign_counts"].arrow_schema
        upsert(connection, "campaign_counts", pa.Table.from_pylist([counts], schema=schema))
    (said,) = cautions(facts, JULY)
    assert said.endswith("; they are of 2021-01 to 2021-05")


def test_neither_a_deadline_nor_a_merchants_joining_is_a_fact_of_its_month() -> None:
    grant = {
        "entitlement_id": "e", "merchant_id": "007", "source": "base", "quantity": 3,
        "granted_at": dt.datetime(2021, 5, 1), "granted_at_is_date": True,
        "expires_at": dt.datetime(2021, 7, 31), "expires_at_is_date": True,
    }  # fmt: skip
    joined = {"merchant_id": "007", "joined_on": dt.date(2021, 7, 1)}
    facts = holding(merchants=joined, quote_entitlements=grant)
    assert months(facts) == ["2021-05"]
    assert len(cautions(facts, JULY)) == 1


BOTH = {"merchants": {"merchant_id": "007"}}


def at(name: str, moment: dt.datetime) -> dict[str, object]:
    return {name: moment, f"{name}_is_date": False}


def test_a_later_event_of_a_row_is_one_of_its_month_too() -> None:
    dispute = {
        "dispute_id": "d", "merchant_id": "007", "order_id": "o", "reason": "fraud",
        "amount_usd": 1, **at("paid_at", dt.datetime(2021, 4, 9)),
        **at("disputed_at", dt.datetime(2021, 7, 9)),
    }  # fmt: skip
    facts = holding(disputes=dispute, **BOTH)
    assert months(facts) == ["2021-04", "2021-07"]
    assert cautions(facts, JULY) == []


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            "order_logistics",
            {
                "order_id": "o",
                "route": "own_logistics",
                **at("receipt_at", dt.datetime(2021, 7, 9)),
            },
        ),
        ("showrooms", {"showroom_id": "s", **at("sent_at", dt.datetime(2021, 7, 9))}),
    ],
)
def test_an_event_counts_where_an_earlier_one_is_missing(
    table: str, row: dict[str, object]
) -> None:
    facts = holding(**{table: row | BOTH["merchants"]}, **BOTH)
    assert months(facts) == ["2021-07"]
    assert cautions(facts, JULY) == []


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            "shipments",
            {"order_id": "o", "method": "express", **at("agreed_ship_at", dt.datetime(2021, 7, 9))},
        ),
        (
            "order_takers",
            {"taker_id": "t", "away_from": dt.date(2021, 7, 1), "away_to": dt.date(2021, 7, 9)},
        ),
    ],
)
def test_deadlines_and_plans_alone_are_nothing_of_their_month(
    table: str, row: dict[str, object]
) -> None:
    facts = holding(**{table: row | BOTH["merchants"]}, **BOTH)
    assert months(facts) == []
    assert len(cautions(facts, JULY)) == 1


def test_what_is_no_event_is_a_date_that_some_table_has() -> None:
    kinds = {"moment", "date", "month"}
    dated = {
        column.name for table in TABLES.values() for column in table.columns if column.kind in kinds
    }
    assert len(NO_EVENTS) >= 8
    assert NO_EVENTS - dated == set()


def test_what_is_told_by_the_month_counts_as_its_month() -> None:
    counts = {"merchant_id": "007", "month": "2021-07", "visitors": 1}
    facts = holding(merchants={"merchant_id": "007"}, campaign_counts=counts)
    assert cautions(facts, JULY) == []


@pytest.mark.slow
def test_facts_of_a_merchant_who_is_not_there_are_counted() -> None:
    made = Warehouse.in_memory()
    assert orphans(made) == {}
    demo.fill(made, merchants=3)
    assert cautions(made, MAY) == []
    with made.write() as connection:
        connection.execute("DELETE FROM merchants WHERE merchant_id = '007'")
    found = orphans(made)
    assert found["orders"] == made.frame("SELECT * FROM orders WHERE merchant_id = '007'").shape[0]
    assert "merchants" not in found
    assert f"careful: {found['orders']} rows of orders are of merchants" in " ".join(cautions(made))

"""Orders measured for their fees: whose month, whose logistics, and the days to release."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.facts import demo
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import fees
from merchantkit.rulebook import rulebook

# Noon of 10 May in Los Angeles.
NOON = dt.datetime(2021, 5, 10, 19)
DAY = dt.timedelta(days=1)
EVENTS = ("warehouse_out", "buyer_receipt", "automatic_receipt")


def warehouse(orders: list[dict[str, Any]], logistics: list[dict[str, Any]] = ()) -> Warehouse:  # type: ignore[assignment]
    made = Warehouse.in_memory()
    whence = {"source_file": "t", "source_row": 2}
    facts = {
        "merchants": [{"merchant_id": "m"}],
        "orders": [
            {"merchant_id": "m", "via": "direct", "received_usd": Decimal(1), "genuine": True,
             "paid_at": NOON, "paid_at_is_date": False, **row}
            for row in orders
        ],
        "order_logistics": [{"merchant_id": "m", "route": "platform", **row} for row in logistics],
    }  # fmt: skip
    with made.write() as connection:
        for name, rows in facts.items():
            stored = [{**whence, **row} for row in rows]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    return made


def measured(facts: Warehouse, day: str = "2021-05-31") -> dict[str, dict[str, Any]]:
    rows = fees.measure(facts, day).to_dict("records")
    return {row["order_id"]: {k: None if pd.isna(v) else v for k, v in row.items()} for row in rows}


def paid(order_id: str, at: dt.datetime, is_date: bool = False) -> dict[str, Any]:
    return {"order_id": order_id, "paid_at": at, "paid_at_is_date": is_date}


def test_a_month_is_cut_by_the_clock_of_los_angeles() -> None:
    # Daylight time: midnight there is 07:00 UTC. A date is that day on every clock.
    facts = warehouse([
        paid("too early", dt.datetime(2021, 5, 1, 6, 59, 59)),
        paid("first", dt.datetime(2021, 5, 1, 7)),
        paid("last", dt.datetime(2021, 6, 1, 6, 59, 59)),
        paid("too late", dt.datetime(2021, 6, 1, 7)),
        paid("april", dt.datetime(2021, 4, 30), True),
        paid("may", dt.datetime(2021, 5, 31), True),
    ])  # fmt: skip
    found = measured(facts)
    assert set(found) == {"first", "last", "may"}
    assert found["last"]["paid_on"] == dt.date(2021, 5, 31)
    assert set(measured(facts, "2021-05-30")) == {"first"}


def test_an_order_that_is_not_genuine_pays_the_fee_too_and_a_strangers_is_nobodys() -> None:
    facts = warehouse([{"order_id": "a", "genuine": False}, {"order_id": "b", "merchant_id": "x"}])
    assert set(measured(facts)) == {"a"}


@pytest.mark.parametrize(
    ("spelled", "route"),
    [("平台物流", "platform"), (" 阿里物流 ", "platform"), ("ALIBABA.COM logistics", "platform"),
     ("Ａlibaba.com  Logistics", "platform"), ("平台 物流", "platform"),
     ("OWN_LOGISTICS", "offline"), ("线下物流", "offline"), ("自有物流", "offline"),
     ("海运", None), ("平台", None), (None, None), ("", None)],
)  # fmt: skip
def test_an_orders_own_column_tells_the_route_where_it_spells_it_as_the_slides_do(
    spelled: str | None, route: str | None
) -> None:
    row = measured(warehouse([{"order_id": "a", "logistics": spelled}]))["a"]
    assert (row["route"], row["route_reason"]) == (route, None if route else "route_unknown")
    assert row["days_to_warehouse_out_reason"] == "no_logistics_facts"


def test_the_table_of_logistics_is_believed_before_the_orders_column() -> None:
    order = {"order_id": "a", "logistics": "平台物流"}
    row = measured(warehouse([order], [{"order_id": "a", "route": "offline"}]))["a"]
    assert row["route"] == "offline"
    theirs = {"order_id": "a", "route": "offline", "merchant_id": "x"}
    assert measured(warehouse([order], [theirs]))["a"]["route"] == "platform"


def moments(**at: dt.datetime | None) -> dict[str, Any]:
    names = dict(zip(EVENTS, fees.EVENTS.values(), strict=True))
    row: dict[str, Any] = {"order_id": "a"}
    for event, moment in at.items():
        row |= {names[event]: moment, f"{names[event]}_is_date": False}
    return row


@pytest.mark.parametrize(
    ("at", "days", "reason"),
    [
        (NOON, 0, None),  # the same moment
        (dt.datetime(2021, 5, 11, 6, 59, 59), 0, None),  # the day's last second
        (dt.datetime(2021, 5, 11, 7), 1, None),  # the next day's first
        (dt.datetime(2021, 6, 1, 6, 59, 59), 21, None),  # 31 May's last second
        (dt.datetime(2021, 6, 1, 7), None, "not_yet_out"),  # after the day: not known on it
        (NOON - DAY, None, "before_payment"),
        (None, None, "not_yet_out"),
    ],
)
def test_days_to_the_warehouse_are_calendar_days_by_the_rules_clock(
    at: dt.datetime | None, days: int | None, reason: str | None
) -> None:
    row = measured(warehouse([{"order_id": "a"}], [moments(warehouse_out=at)]))["a"]
    assert row["days_to_warehouse_out"] == days
    assert row["days_to_warehouse_out_reason"] == reason


def test_an_offline_order_has_no_warehouse_and_both_receipts() -> None:
    sent = moments(buyer_receipt=NOON + 9 * DAY, automatic_receipt=None) | {"route": "offline"}
    row = measured(warehouse([{"order_id": "a"}], [sent]))["a"]
    assert row["days_to_warehouse_out_reason"] == "ships_offline"
    assert (row["days_to_buyer_receipt"], row["days_to_automatic_receipt"]) == (9, None)
    assert row["days_to_automatic_receipt_reason"] == "not_yet_received"


def test_without_orders_there_are_no_rows_and_all_columns() -> None:
    measures = fees.measure(warehouse([]), "2021-05-31")
    rules = rulebook().on("2021-05-31")
    outcome = fees.assess(measures, rules)
    assert len(fees.summary(outcome)) == len(outcome) == len(fees.explain(measures, rules)) == 0
    assert {"order_id", "merchant_id", "received_usd", "route"} <= set(measures.columns)


# The demo's hand-made orders of May, by merchant: orders, capped, logistics unknown, then USD
# received, by platform, offline, as they went, kept and missed; worked out by hand.
DEMO = {
    "2100000011": (
        5, 2, 1, "37891.50", "348.91", "757.83", "385.01", "360.02", "42.50",
    ),  # 100 + 100 + 100 + 42.51 + 6.40; 260 + 200 + 200.02 + 85.01 + 12.80; 3 × 100 + 85.01
    "007": (1, 1, 0, "23100.00", "100.00", "462.00", "100.00", "362.00", "0.00"),
    "NA": (2, 1, 0, "25000.00", "100.00", "500.00", "500.00", "0.00", "400.00"),
    "2100000015": (1, 1, 0, "12000.00", "100.00", "240.00", "240.00", "0.00", "140.00"),
    "2100000008": (1, 0, 1, "10000.00", "100.00", "200.00", None, None, None),
}  # fmt: skip
SUMS = ["received_usd", "fee_platform_usd", "fee_offline_usd", "fee_usd", "kept_usd", "missed_usd"]


def test_the_demos_hand_made_orders_read_as_worked_out() -> None:
    made = Warehouse.in_memory()
    demo.fill(made)
    rules = rulebook().on("2021-05-31")
    found = fees.summary(fees.assess(fees.measure(made, "2021-05-31"), rules))
    found = found.set_index("merchant_id")
    for merchant, (orders, capped, unknown, *sums) in DEMO.items():
        row = found.loc[merchant]
        assert (row["orders"], row["orders_capped"], row["orders_route_unknown"]) == (
            orders, capped, unknown,
        )  # fmt: skip
        assert [None if pd.isna(row[name]) else str(row[name]) for name in SUMS] == sums, merchant
    assert "null" not in found.index  # its one order was paid on 30 April


def test_the_demos_receipt_before_its_payment_is_told() -> None:
    made = Warehouse.in_memory()
    demo.fill(made)
    row = measured(made)["000000001001"]
    assert (row["days_to_buyer_receipt"], row["days_to_buyer_receipt_reason"]) == (
        None, "before_payment",
    )  # fmt: skip

"""The express promotion held against a plain loop over orders, and against its own limits."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import express
from merchantkit.rulebook import Rules, rulebook
from tests.properties import few, modest

pytestmark = pytest.mark.slow

Row = dict[str, Any]
RULES = rulebook().on("2021-05-31")
LIMITS = {"order_cap": 100, "seller_orders": 3, "seller_cap": 300, "pool_orders": 30_000}
# Limits that bite in a handful of orders, among them sums that end within an order.
TIGHT = [
    {"order_cap": 100, "seller_orders": 3, "seller_cap": 300, "pool_orders": 5},
    {"order_cap": 90, "seller_orders": 4, "seller_cap": 200, "pool_orders": 6},
    {"order_cap": 150, "seller_orders": 3, "seller_cap": 160, "pool_orders": 30_000},
    {"order_cap": 40, "seller_orders": 1, "seller_cap": 30, "pool_orders": 2},
]


def rules(limits: dict[str, int]) -> Rules:
    values = {name: {"values": {"2021-05-01": {"is": n}}} for name, n in limits.items()}
    return rulebook({"id": "express", "parameters": values}).on("2021-05-31")


@st.composite
def orders(draw: st.DrawFn, *, known: bool = True, most: int = 14) -> list[Row]:
    """Orders of a few sellers, many of one second, some refused, some of which little is known."""
    rows = []
    for i in range(draw(st.integers(1, most))):
        minute, second = draw(st.integers(0, 3)), draw(st.integers(0, 2))
        row: Row = {
            "express_order_id": f"x{i}",
            "merchant_id": draw(st.sampled_from("abc")),
            "membership": "出口通",
            "route": draw(st.sampled_from(["全球普货专线"] * 4 + ["全球3C小包", "中东专线"])),
            "ta_order": draw(st.sampled_from([True] * 5 + [False])),
            "ordered_at": f"2021-05-01 10:0{minute}:00",
            "paid_at": f"2021-05-01 11:00:0{second}",
            "base_freight_cny": draw(st.sampled_from(["0", "25.5", "80", "100", "100.01", "400"])),
            "used_before": False,
        }
        doubt = draw(st.sampled_from([None] * 4 + ["route", "base_freight_cny", "ta_order"]))
        if doubt and not known:
            row[doubt] = None
        if draw(st.sampled_from([False] * 6 + [True])):
            row["paid_at"] = None
        rows.append(row)
    return rows


def in_turn(rows: list[Row], limits: dict[str, int]) -> dict[str, Decimal]:
    """What each order is given, one after the other, as a clerk would work it out."""
    used: dict[str, int] = {}
    saved: dict[str, Decimal] = {}
    pool, given = 0, {row["express_order_id"]: Decimal(0) for row in rows}
    line = sorted(rows, key=lambda r: (r["paid_at"] or "9", r["ordered_at"], r["express_order_id"]))
    for row in line:
        seller = row["merchant_id"]
        if not (row["paid_at"] and row["ta_order"] and row["route"] == "全球普货专线"):
            continue
        left = limits["seller_cap"] - saved.get(seller, Decimal(0))
        amount = min(Decimal(row["base_freight_cny"]), Decimal(limits["order_cap"]), left)
        full = used.get(seller, 0) >= limits["seller_orders"] or pool >= limits["pool_orders"]
        if amount > 0 and not full:
            used[seller] = used.get(seller, 0) + 1
            saved[seller] = saved.get(seller, Decimal(0)) + amount
            pool += 1
            given[row["express_order_id"]] = amount
    return given


def assessed(rows: list[Row], limits: dict[str, int]) -> dict[str, Decimal | None]:
    outcome = express.assess(pd.DataFrame(rows), rules(limits))
    saved = zip(outcome["express_order_id"], outcome["saved_cny"], strict=True)
    return {number: None if pd.isna(amount) else amount for number, amount in saved}


@pytest.mark.parametrize("limits", [LIMITS, *TIGHT], ids=str)
@few
@given(rows=orders())
def test_whole_columns_give_what_a_loop_gives(limits: dict[str, int], rows: list[Row]) -> None:
    assert assessed(rows, limits) == in_turn(rows, limits)


@modest
@given(orders(known=False), st.sampled_from([LIMITS, *TIGHT]), st.data())
def test_what_is_said_of_orders_holds_whatever_is_unknown(
    rows: list[Row], limits: dict[str, int], data: st.DataObject
) -> None:
    said = assessed(rows, limits)
    whole = [dict(row) for row in rows]
    for row in whole:
        if row["route"] is None:
            row["route"] = data.draw(st.sampled_from(["全球普货专线", "全球3C小包"]))
        if row["base_freight_cny"] is None:
            row["base_freight_cny"] = data.draw(st.sampled_from(["0", "30", "100", "999"]))
        if row["ta_order"] is None:
            row["ta_order"] = data.draw(st.booleans())
    truth = in_turn(whole, limits)
    assert {number: amount for number, amount in said.items() if amount is not None} == {
        number: truth[number] for number, amount in said.items() if amount is not None
    }


@few
@given(orders(known=False), st.sampled_from([LIMITS, *TIGHT]), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    rows: list[Row], limits: dict[str, int], random: Any
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (
        express.assess(pd.DataFrame(each), rules(limits)).set_index("express_order_id")
        for each in (rows, shuffled)
    )
    pd.testing.assert_frame_equal(other.loc[one.index], one)


@few
@given(orders(known=False))
def test_below_the_pool_sellers_may_be_judged_apart(rows: list[Row]) -> None:
    frame = pd.DataFrame(rows)
    whole = express.assess(frame, RULES).drop(columns=["pool_order", "pool_order_reason"])
    for seller in frame["merchant_id"].unique():
        alone = express.assess(frame[frame["merchant_id"] == seller], RULES)
        pd.testing.assert_frame_equal(alone[whole.columns], whole.loc[alone.index])


@few
@given(orders(known=False), st.sampled_from([LIMITS, *TIGHT]))
def test_no_limit_is_ever_exceeded(rows: list[Row], limits: dict[str, int]) -> None:
    outcome = express.assess(pd.DataFrame(rows), rules(limits))
    saved = outcome["saved_cny"].fillna(Decimal(0))
    assert saved.max() <= limits["order_cap"]
    assert (saved > 0).sum() <= limits["pool_orders"]
    by = saved.groupby(outcome["merchant_id"])
    assert by.sum().max() <= limits["seller_cap"]
    assert (saved > 0).groupby(outcome["merchant_id"]).sum().max() <= limits["seller_orders"]
    freight = [Decimal(row["base_freight_cny"] or 0) for row in rows]
    assert all(a <= b for a, b in zip(saved, freight, strict=True))


@few
@given(orders(known=False), st.sampled_from([LIMITS, *TIGHT]))
def test_whatever_is_missing_or_nothing_has_its_reason(
    rows: list[Row], limits: dict[str, int]
) -> None:
    outcome = express.assess(pd.DataFrame(rows), rules(limits))
    for column in ("saved_cny", "orders_left", "left_cny"):
        nothing = [pd.isna(value) or value == 0 for value in outcome[column]]
        assert outcome[f"{column}_reason"].notna().tolist() == nothing
    for column in ("payable_cny", "pool_order"):
        missing = outcome[column].isna().tolist()
        assert outcome[f"{column}_reason"].notna().tolist() == missing

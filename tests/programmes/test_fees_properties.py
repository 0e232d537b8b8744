"""What holds for any orders: fees by plain fractions, parts that sum to the total to the cent."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import fees
from merchantkit.rulebook import rulebook
from tests.properties import few

pytestmark = pytest.mark.slow

RULES = rulebook().on("2021-05-31")
CENT = Decimal("0.01")
# The slide's: percent of money received, and the most an order pays.
PRINTED = {"platform": (1, Decimal(100)), "offline": (2, None)}
NEAR = [999_949, 999_950, 999_999, 1_000_000, 1_000_049, 1_000_050, 1_000_100, 24, 25, 49, 50]

Row = dict[str, Any]


@st.composite
def orders(draw: st.DrawFn) -> Row:
    """One order: often where the cap begins to bite, sometimes with something missing."""
    cents = draw(st.sampled_from(NEAR) | st.integers(0, 10**7) | st.integers(0, 10**17))
    return {
        "merchant_id": draw(st.sampled_from(["a", "b", "c"])),
        "received_usd": draw(st.sampled_from([Decimal(cents) / 100] * 8 + [None])),
        "route": draw(st.sampled_from(["platform", "offline", None])),
        "days_to_warehouse_out": draw(st.none() | st.integers(0, 90)),
        "days_to_buyer_receipt": draw(st.none() | st.integers(0, 90)),
        "days_to_automatic_receipt": draw(st.none() | st.integers(0, 90)),
    }


many = st.lists(orders(), min_size=1, max_size=15)


def frame(rows: list[Row]) -> pd.DataFrame:
    made = pd.DataFrame(rows, dtype=object)
    made["order_id"] = [f"o{i}" for i in range(len(rows))]
    days = [column for column in made if str(column).startswith("days_")]
    return made.astype(dict.fromkeys(days, "Int64"))


def plain(column: "pd.Series[Any]") -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]


def fee_by_hand(row: Row, route: str | None) -> Decimal | None:
    if row["received_usd"] is None or route is None:
        return None
    percent, cap = PRINTED[route]
    fee = (row["received_usd"] * percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)
    return fee if cap is None else min(fee, cap)


@few
@given(many)
def test_fees_are_those_of_plain_decimals(rows: list[Row]) -> None:
    outcome = fees.assess(frame(rows), RULES)
    for route in PRINTED:
        assert plain(outcome[f"fee_{route}_usd"]) == [fee_by_hand(row, route) for row in rows]
    assert plain(outcome["fee_usd"]) == [fee_by_hand(row, row["route"]) for row in rows]


@few
@given(many)
def test_parts_sum_to_the_total_to_the_cent(rows: list[Row]) -> None:
    known = fees.assess(frame(rows), RULES).dropna(subset=["difference_usd"])
    difference = known["difference_usd"]
    assert plain(known["fee_offline_usd"] - known["fee_platform_usd"]) == plain(difference)
    parts = known["difference_by_rate_usd"] + known["difference_by_cap_usd"]
    assert plain(parts) == plain(difference)
    gone = known.dropna(subset=["fee_usd"])
    assert plain(gone["kept_usd"] + gone["missed_usd"]) == plain(gone["difference_usd"])
    assert plain(gone["fee_usd"] + gone["kept_usd"]) == plain(gone["fee_offline_usd"])
    assert plain(gone["fee_usd"] - gone["missed_usd"]) == plain(gone["fee_platform_usd"])


@few
@given(many)
def test_a_merchants_sums_are_those_of_its_orders_to_the_cent(rows: list[Row]) -> None:
    outcome = fees.assess(frame(rows), RULES)
    found = fees.summary(outcome).set_index("merchant_id")
    assert set(found.index) == {row["merchant_id"] for row in rows}
    for merchant in found.index:
        mine = [row for row in rows if row["merchant_id"] == merchant]
        assert found.loc[merchant, "orders"] == len(mine)
        assert found.loc[merchant, "orders_route_unknown"] == sum(r["route"] is None for r in mine)
        for column, route in (("fee_platform_usd", "platform"), ("fee_offline_usd", "offline"),
                              ("fee_usd", None)):  # fmt: skip
            by_hand = [fee_by_hand(row, route or row["route"]) for row in mine]
            amounts = [amount for amount in by_hand if amount is not None]
            total = plain(found.loc[[merchant], column])[0]
            assert total == (sum(amounts) if amounts else None)
            assert pd.isna(found.loc[merchant, f"{column}_reason"]) == bool(amounts)


@few
@given(many, st.randoms(use_true_random=False))
def test_neither_splitting_nor_order_matters(rows: list[Row], random: Any) -> None:
    whole = frame(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    cut = random.randrange(0, len(rows))
    shuffled = whole.iloc[order]
    parts = [fees.assess(part, RULES) for part in (shuffled.iloc[:cut], shuffled.iloc[cut:])]
    outcome = fees.assess(whole, RULES)
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), outcome)


@few
@given(many)
def test_a_missing_value_has_its_reason_and_only_then(rows: list[Row]) -> None:
    outcome = fees.assess(frame(rows), RULES)
    told = [column for column in outcome if f"{column}_reason" in outcome]
    assert len(told) == 16
    for column in told:
        assert outcome[column].isna().tolist() == outcome[f"{column}_reason"].notna().tolist()


@few
@given(orders(), st.integers(0, 10**6))
def test_more_money_never_pays_less_and_platform_never_more_than_offline(
    row: Row, more: int
) -> None:
    row = {**row, "received_usd": row["received_usd"] or Decimal(0)}
    larger = {**row, "received_usd": row["received_usd"] + Decimal(more) / 100}
    outcome = fees.assess(frame([row, larger]), RULES)
    for route in PRINTED:
        less, not_less = outcome[f"fee_{route}_usd"]
        assert less <= not_less
    assert (outcome["fee_platform_usd"] <= outcome["fee_offline_usd"]).all()


@few
@given(many)
def test_the_explanation_agrees_with_the_outcome(rows: list[Row]) -> None:
    outcome = fees.assess(frame(rows), RULES)
    checks = fees.explain(frame(rows), RULES).set_index(["subject", "check"])
    for order_id, capped, route in zip(
        outcome["order_id"], plain(outcome["capped"]), plain(outcome["route"]), strict=True
    ):
        met = plain(checks.loc[[(order_id, "platform.cap")], "met"])[0]
        assert met == (None if capped is None else not capped)
        own = plain(checks.loc[[(order_id, "route.platform")], "met"])[0]
        assert own == (None if route is None else route == "platform")


@few
@given(many)
def test_the_limit_comes_free_with_the_first_of_the_routes_events(rows: list[Row]) -> None:
    outcome = fees.assess(frame(rows), RULES)
    for row, days in zip(rows, plain(outcome["limit_days"]), strict=True):
        receipts = [row["days_to_buyer_receipt"], row["days_to_automatic_receipt"]]
        events = {"platform": [row["days_to_warehouse_out"]], "offline": receipts, None: []}
        known = [day for day in events[row["route"]] if day is not None]
        assert days == (min(known) if known else None)

"""The fees in plain NumPy: both routes, what lies between them, and what the own route gives."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, arrow, exact, integers, money, whole

# The slide's: percent of money received, USD cents that an order pays at most, CNY cents insured.
RATES = {"platform": 1, "offline": 2}
CAP = 10_000
INSURED = 3_000_000
_EVENTS = ("warehouse_out", "buyer_receipt", "automatic_receipt")
_NEVER = np.iinfo(np.int64).max


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return orders around where the cap bites, one in a hundred of each value missing."""
    draw = np.random.default_rng(seed)
    number = np.arange(rows).astype(str)
    route = draw.choice(np.array(["platform", "offline"], dtype=object), rows)
    gone = [draw.random(rows) < 0.01 for _ in range(5)]
    days = {
        f"days_to_{event}": arrow(draw.integers(0, 60, rows), missing, pa.int64())
        for event, missing in zip(_EVENTS, gone[2:], strict=True)
    }
    return pd.DataFrame(
        {
            "order_id": arrow(np.char.add("o", number).astype(object), None, pa.string()),
            "merchant_id": arrow(np.char.add("m", number).astype(object), None, pa.string()),
            "received_usd": money(draw.integers(0, 2_000_000, rows), gone[0]),
            "route": arrow(route, gone[1], pa.string()),
            **days,
        }
    )


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    route = pa.array(measures["route"].array)
    return {
        "received": whole(measures["received_usd"]),
        "platform": measures["route"].eq("platform").to_numpy(bool, na_value=False),
        "route_known": np.asarray(route.is_valid()),
        **{event: whole(measures[f"days_to_{event}"]) for event in _EVENTS},
    }


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    received, platform = columns["received"], columns["platform"]
    known, route_known = received.known, columns["route_known"]
    full = {route: (received.whole * rate + 50) // 100 for route, rate in RATES.items()}
    fee = np.minimum(full["platform"], CAP)
    difference, by_rate = full["offline"] - fee, full["offline"] - full["platform"]
    kept, both = np.where(platform, difference, 0), known & route_known
    by_amount = {
        "received_usd": received.whole,
        "fee_platform_usd": fee,
        "fee_offline_usd": full["offline"],
        "difference_by_rate_usd": by_rate,
        "difference_by_cap_usd": difference - by_rate,
        "difference_usd": difference,
        "capped": full["platform"] > CAP,
    }
    by_route = {
        "fee_usd": np.where(platform, fee, full["offline"]),
        "kept_usd": kept,
        "missed_usd": difference - kept,
    }
    insured = np.full(len(fee), INSURED)
    return {
        **{name: Column(amounts, known) for name, amounts in by_amount.items()},
        **{name: Column(amounts, both) for name, amounts in by_route.items()},
        "insurance_cny": Column(insured, platform & route_known),
        "may_be_exempt": Column(platform, route_known),
        **_limit(columns),
    }


def _limit(columns: dict[str, Any]) -> dict[str, Column]:
    days = [np.where(columns[event].known, columns[event].whole, _NEVER) for event in _EVENTS]
    by_platform, by_offline = days[0], np.minimum(days[1], days[2])
    own = np.where(columns["platform"], by_platform, by_offline)
    return {
        "limit_days_platform": Column(by_platform, by_platform < _NEVER),
        "limit_days_offline": Column(by_offline, by_offline < _NEVER),
        "limit_days": Column(own, columns["route_known"] & (own < _NEVER)),
    }


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    return pd.DataFrame({name: _written(column, name, index) for name, column in sums.items()})


def _written(column: Column, name: str, index: pd.Index) -> "pd.Series":
    if column.whole.dtype == bool:
        return pd.Series(pd.arrays.BooleanArray(column.whole, ~column.known), index=index)
    return integers(column, index) if name.startswith("limit") else exact(column, 2, index)

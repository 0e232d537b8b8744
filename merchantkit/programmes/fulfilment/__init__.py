"""Shipping on time (按时发货规则倾斜) and tracking (轨迹率保障) of express orders.

Slide 平台物流权益介绍 (2); the numbers are in ``params/rules/fulfilment.yaml``. The subject is an
order; ``summary`` has one row per merchant, with the rate with and without exemptions.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit import checks
from merchantkit.checks import TEXT
from merchantkit.columns import coded
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import from_cents
from merchantkit.programmes import moments
from merchantkit.programmes.fulfilment.measuring import measure, of_one
from merchantkit.programmes.fulfilment.orders import (
    COLUMNS,
    EVENTS,
    GAPS,
    METHODS,
    MOMENTS,
    OPTIONAL,
    Orders,
)
from merchantkit.programmes.fulfilment.standing import EXEMPTIONS, STATES, WAYS, Standing
from merchantkit.programmes.orders import dated
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import Rules

__all__ = [
    "COLUMNS", "EVENTS", "EXEMPTIONS", "METHODS", "MOMENTS", "OPTIONAL", "STATES", "WAYS",
    "assess", "explain", "measure", "name", "noteworthy", "of_orders", "scope", "summary",
]  # fmt: skip

name = "fulfilment"
scope = "row"
SPOT_CHECKS = ("warning", "penalty")

# In this order: the rules say nothing of an order, or it is not dispatched.
_REASONS = (
    Reason.NOT_GIVEN.value, Reason.METHOD_NOT_COVERED.value,
    Reason.NOT_DISPATCHED.value, Reason.AWAITING_INFORMATION.value,
)  # fmt: skip
Places = NDArray[np.int64]  # of a word in a tuple; below 0 where there is none
_PERCENT = 10_000  # hundredths of a percent


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return when each order was dispatched, whether that was late, exempt, and what can be saved.

    Args:
        measures: The columns of ``measure``; the moments, ``details_right``, ``trace_gap``,
            ``failed_check_number`` and ``period_from`` may be absent. Rows stand alone.
        rules: The rules of the day.

    Returns:
        On the same index: ``merchant_id``, ``order_id``; ``dispatched_by`` (pickup, warehouse_in,
        proof), ``dispatched_at`` (timestamp[us, UTC]) and ``dispatched_on`` (its day on the rule's
        clock); ``days_late`` (Int64, so far where it is not dispatched); ``overdue`` (the mark,
        which an exemption does not take away); ``exemption`` (door_order or trace: what exempts
        it, needed or not); ``state`` (on_time, exempt, late, open); ``settled_on`` (from which day
        it counts) and ``counted`` (in the rate of the period); ``way`` and ``act_by`` (what can
        still save it, and until when); ``provisional`` (working days not yet published);
        ``spot_check`` (warning, penalty), ``penalty_points`` (Int64), ``gap_exempt`` (the missing
        trace may be exempted). ``dispatched_on_reason``, ``overdue_reason`` and ``state_reason``
        say why those are missing: other modes are not covered.

    Raises:
        MeasureError: A column is missing, or a value cannot be.

    >>> from merchantkit.rulebook import rulebook
    >>> frame = pd.DataFrame({"merchant_id": ["a", "a"], "order_id": ["1", "2"],
    ...     "method": "warehouse_platform_pickup", "agreed_ship_on": "2021-05-06",
    ...     "as_of": "2021-05-31", "picked_up_at": ["2021-05-07", "2021-05-08"]})
    >>> assess(frame, rulebook().on("2021-05-31"))[["state", "overdue"]].values.tolist()
    [['exempt', True], ['late', True]]
    """
    orders = Orders.read(measures, rules.programme(name))
    standing = Standing.of(orders)
    facts, index = orders.facts, measures.index
    covered, uncovered = standing.state >= 0, _uncovered(orders)
    return pd.DataFrame(
        {
            "merchant_id": facts["merchant_id"],
            "order_id": facts["order_id"],
            **_dispatch(orders, standing, uncovered, index),
            "state": _words(standing.state, STATES, index),
            "state_reason": _words(uncovered, _REASONS, index),
            "settled_on": moments.day_column(standing.settled_on, index),
            "counted": _flags(standing.counted, covered, index),
            "way": _words(standing.way, WAYS, index),
            "act_by": moments.day_column(standing.act_by, index),
            "provisional": _flags(standing.provisional, covered, index),
            **_tracking(orders, standing, index),
        },
        index=index,
    )


def _dispatch(
    orders: Orders, standing: Standing, uncovered: Places, index: pd.Index
) -> dict[str, Any]:
    late = standing.verdicts["ship.on_time"]
    missed, open_yet = np.isnat(orders.dispatched_on), late.met.isna().to_numpy(dtype=bool)
    why = np.where(orders.covered, np.where(orders.waiting, 3, 2), uncovered)
    by_order, by_trace = standing.met("door.order"), standing.met("trace.in_time")
    return {
        "dispatched_by": _words(np.where(missed, -1, orders.decided_by), EVENTS, index),
        "dispatched_at": moments.moment_column(orders.dispatched_at, index),
        "dispatched_on": moments.day_column(orders.dispatched_on, index),
        "dispatched_on_reason": _words(np.where(missed, why, -1), _REASONS, index),
        "days_late": late.observed,
        "overdue": ~late.met,
        "overdue_reason": _words(np.where(open_yet, why, -1), _REASONS, index),
        "exemption": _words(np.where(by_order, 0, np.where(by_trace, 1, -1)), EXEMPTIONS, index),
    }


def _tracking(orders: Orders, standing: Standing, index: pd.Index) -> dict[str, Any]:
    # 轨迹率保障: failed checks are those of own logistics, exempt gaps those of Ali logistics.
    own, nothing = orders.by("own_methods"), np.zeros(len(index), dtype=bool)
    warned, failed = nothing, nothing
    if "spot.warned" in standing.verdicts:
        failed = own & orders.facts["failed_check_number"].notna().to_numpy(dtype=bool)
        warned = failed & standing.met("spot.warned")
    untraced, exempt = nothing, nothing
    if "gap.exempt" in standing.verdicts:
        gap = orders.facts["trace_gap"]
        untraced = (gap.notna() & (gap != GAPS[0])).to_numpy(dtype=bool, na_value=False)
        exempt = untraced & orders.covered & ~own & standing.met("gap.exempt")
    points = np.where(failed & ~warned, int(orders.book["points_per_failed_check"]), 0)
    return {
        "spot_check": _words(np.where(failed, np.where(warned, 0, 1), -1), SPOT_CHECKS, index),
        "penalty_points": pd.Series(pd.arrays.IntegerArray(points, ~failed), index=index),
        "gap_exempt": _flags(exempt, untraced, index),
    }


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per order and check that applies to it, with the order's ``merchant_id``.

    See ``checks.EXPLANATION_COLUMNS``; the outcome of ``assess`` is reduced from the same verdicts.
    """
    orders = Orders.read(measures.reset_index(drop=True), rules.programme(name))
    verdicts = orders.verdicts()
    long = checks.explanation(orders.facts["order_id"], verdicts.values())
    # By row, and not by order id, which two merchants may share.
    merchants = orders.facts["merchant_id"].repeat(len(verdicts)).reset_index(drop=True)
    long = long.assign(merchant_id=merchants)
    # What a method does not ask for was not observed; that an order is open is told.
    told = long["observed"].notna() | (long["check"] == "ship.on_time")
    return long[told].reset_index(drop=True)


def noteworthy(outcome: pd.DataFrame) -> "pd.Series[Any]":
    """Return which orders a page tells of one by one: late, exempt, or open and to be saved."""
    told = outcome["state"].isin(["late", "exempt"]) & outcome["counted"].fillna(False)
    return (told | outcome["way"].notna() | outcome["spot_check"].notna()).astype(bool)


def of_orders(
    warehouse: Warehouse, day: dt.date, rules: Rules, order_id: str | None = None
) -> pd.DataFrame:
    """Return how the month's orders were shipped, or one order whenever it was paid and due.

    Returns:
        One row per order that the day's month judges, or for the one order: ``order_id``,
        ``merchant_id``, ``verdict`` (on_time, exempt, late, open, not_covered), ``reason``,
        ``paid_on``, and the columns of ``assess``; ``counted`` is of the day's month.
    """
    if order_id is None:
        measures = measure(warehouse, day, rules)
    else:
        measures = of_one(warehouse, order_id, day, rules.programme(name))
    told = dated(assess(measures, rules), warehouse, day, rules, order_id)
    verdict = told["state"].fillna("not_covered")
    return told.assign(verdict=verdict, reason=told["state_reason"])


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant, by id.

    Returns:
        ``merchant_id``; counts (Int64): ``orders`` (in the rate), of these ``on_time``, ``exempt``
        and ``late``; ``overdue`` (marks among them, exemptions included); ``open`` and ``savable``
        (open ones for which something can be done); ``on_time_percent`` (with exemptions) and
        ``shipped_on_time_percent`` (without them): exact to two decimals, rounded down, missing
        with ``on_time_percent_reason`` where no order counts; ``warnings``, ``penalty_points``,
        ``gap_exempt``.
    """
    counted = outcome["counted"].fillna(False).to_numpy(dtype=bool)
    state = outcome["state"]
    tallies = {
        "orders": counted,
        **{s: counted & state.eq(s).to_numpy(dtype=bool, na_value=False) for s in STATES[:3]},
        "overdue": counted & outcome["overdue"].to_numpy(dtype=bool, na_value=False),
        "open": state.eq(STATES[3]).to_numpy(dtype=bool, na_value=False),
        "savable": outcome["way"].notna().to_numpy(dtype=bool),
        "warnings": outcome["spot_check"].eq("warning").to_numpy(dtype=bool, na_value=False),
        "penalty_points": outcome["penalty_points"].fillna(0).to_numpy(dtype=np.int64),
        "gap_exempt": outcome["gap_exempt"].to_numpy(dtype=bool, na_value=False),
    }
    numbers = pd.DataFrame({n: values.astype(np.int64) for n, values in tallies.items()})
    sums = numbers.groupby(outcome["merchant_id"].to_numpy(), sort=True).sum().astype("Int64")
    by_merchant = sums.rename_axis("merchant_id").reset_index()
    by_merchant["merchant_id"] = by_merchant["merchant_id"].astype(TEXT)
    any_ = by_merchant["orders"].where(by_merchant["orders"] > 0)
    with_them = (by_merchant["on_time"] + by_merchant["exempt"]) * _PERCENT // any_
    nothing = pd.Series(Reason.NOTHING_SETTLED.value, index=any_.index, dtype=TEXT)
    return by_merchant.assign(
        on_time_percent=from_cents(with_them),
        on_time_percent_reason=nothing.mask(any_.notna()),
        shipped_on_time_percent=from_cents(by_merchant["on_time"] * _PERCENT // any_),
    )


def _uncovered(orders: Orders) -> Places:
    unknown = orders.facts["method"].isna().to_numpy(dtype=bool) | np.isnat(orders.agreed)
    return np.where(orders.covered, -1, np.where(unknown, 0, 1))


def _words(places: Places, words: tuple[str, ...], index: pd.Index) -> "pd.Series[Any]":
    return coded(np.maximum(places, -1) + 1, (None, *words), index)


def _flags(flags: np.ndarray[Any, Any], known: np.ndarray[Any, Any], index: pd.Index) -> Any:
    return pd.Series(pd.arrays.BooleanArray(flags & known, ~known), index=index)

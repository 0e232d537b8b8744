"""Roll-off: how the GMV window moves if nothing more is sold, and the day on which a tier is lost.

The day is what changes; the threshold is compared where it always is, in ``rfq.assess``.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import from_cents, to_cents
from merchantkit.programmes import rfq
from merchantkit.rulebook import Rules

# How far a briefing looks ahead: a month, which is what a plan covers.
AHEAD_DAYS = 31


def orders(warehouse: Warehouse, day: dt.date, rules: Rules) -> pd.DataFrame:
    """Return every merchant's qualifying orders of the last two windows.

    See ``rfq.qualifying_orders`` for the columns. Two windows, because a chart of the last 90 days
    needs the window of its first day too.
    """
    window = rules.programme(rfq.name)["window_days"]
    first = day - dt.timedelta(days=2 * window - 1)
    return rfq.qualifying_orders(warehouse, first, day, rules)


@dataclass(frozen=True)
class Rolling:
    """One merchant's GMV window, day by day.

    Attributes:
        first: The first day.
        cents: What the window up to each day holds, from the first day on.
        window_days: How many days each sum holds.
    """

    first: dt.date
    cents: list[int]
    window_days: int

    @classmethod
    def of(
        cls, paid: Iterable[tuple[dt.date, int]], day: dt.date, window: int, back: int, ahead: int
    ) -> "Rolling":
        """Return the sums around a day of orders given as the day paid and the cents received."""
        first = day - dt.timedelta(days=back)
        entered, left = [0] * (back + ahead + 1), [0] * (back + ahead + 2)
        for paid_on, received in paid:
            at = (paid_on - first).days
            if -window < at < len(entered):
                entered[max(at, 0)] += received
                left[min(at + window, len(entered))] += received
        changes = (gained - lost for gained, lost in zip(entered, left, strict=False))
        return cls(first, list(accumulate(changes)), window)


def gmv_by_day(
    merchant_orders: pd.DataFrame, day: dt.date, rules: Rules, *, back: int, ahead: int
) -> pd.DataFrame:
    """Return one merchant's GMV window by window: for each day the sum of the days up to it.

    Args:
        merchant_orders: One merchant's rows of ``orders``.
        day: The day of the assessment; later days assume that nothing more is sold.
        rules: Whose window applies.
        back: How many days before the day to show.
        ahead: How many days after it.

    Returns:
        ``day`` (datetime64) and ``gmv_90d_usd`` (decimal128(18, 2)), one row per day;
        ``attrs["window_days"]`` says how many days each sum holds.
    """
    window = rules.programme(rfq.name)["window_days"]
    paid_on = merchant_orders["paid_on"].to_numpy("datetime64[D]").tolist()
    paid = zip(paid_on, to_cents(merchant_orders["received_usd"]), strict=True)
    rolling = Rolling.of(paid, day, window, back, ahead)
    days = np.datetime64(rolling.first) + np.arange(len(rolling.cents))
    sums = from_cents(pd.Series(rolling.cents, dtype="Int64"))
    found = pd.DataFrame({"day": days.astype("datetime64[s]"), "gmv_90d_usd": sums})
    found.attrs["window_days"] = window
    return found


def tier_by_day(measures: pd.DataFrame, gmv: pd.DataFrame, rules: Rules) -> "pd.Series[Any]":
    """Return the tier that one merchant has on each day of ``gmv``, all else being as measured.

    Args:
        measures: The merchant's one row of ``rfq.measure``.
        gmv: What ``gmv_by_day`` gave.
        rules: The rules of the day.
    """
    repeated = measures.loc[measures.index.repeat(len(gmv))].reset_index(drop=True)
    repeated["gmv_90d_usd"] = gmv["gmv_90d_usd"].to_numpy()
    return rfq.assess(repeated, rules)["tier"]


def first_drop(
    measures: pd.DataFrame, gmv: pd.DataFrame, day: dt.date, rules: Rules
) -> dt.date | None:
    """Return the first day after ``day`` on which the tier is lower, if nothing more is sold.

    ``None`` if it does not drop within ``gmv``, or is not known.
    """
    later = gmv[gmv["day"] >= pd.Timestamp(day)].reset_index(drop=True)
    tiers = tier_by_day(measures, later, rules)
    lower = np.flatnonzero((tiers < tiers.iloc[0]).fillna(False))
    return later["day"].iloc[lower[0]].date() if len(lower) else None


def drops(
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
    all_orders: pd.DataFrame,
    day: dt.date,
    rules: Rules,
) -> pd.DataFrame:
    """Return who loses a tier within ``AHEAD_DAYS`` if nothing more is sold, and when.

    What ``first_drop`` says of one merchant, of all of them at once: a tier can only be lost on a
    day on which an order leaves the window, so those days are assessed, and no others.

    Args:
        measures: Every merchant's row of ``rfq.measure``.
        outcome: What ``rfq.assess`` says of them.
        all_orders: What ``orders`` gave for the same day.
        day: The day of the assessment.
        rules: The rules of the day.

    Returns:
        ``merchant_id`` and ``drops_on`` (datetime64), one row per merchant who loses a tier.
    """
    left = _what_is_left(all_orders, day, rules.programme(rfq.name)["window_days"])
    at = pd.Index(measures["merchant_id"]).get_indexer(left["merchant_id"])
    repeated = measures.iloc[at].reset_index(drop=True)
    repeated["gmv_90d_usd"] = from_cents(left["cents"])
    had = outcome["tier"].iloc[at].reset_index(drop=True)
    lower = (rfq.assess(repeated, rules)["tier"] < had).fillna(False).to_numpy(dtype=bool)
    first = left[lower].drop_duplicates("merchant_id", ignore_index=True)
    return pd.DataFrame({"merchant_id": first["merchant_id"], "drops_on": first["leaves"]})


def details(
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return what a month keeps for looking ahead: ``orders`` and ``drops``; see ``details``."""
    sold = orders(warehouse, day, rules)
    return {"orders": sold, "drops": drops(measures, outcome, sold, day, rules)}


def _what_is_left(orders: pd.DataFrame, day: dt.date, window: int) -> pd.DataFrame:
    """Return each day ahead on which a merchant's orders leave, and the cents in the window then.

    By merchant, and by day.
    """
    paid = orders["paid_on"].to_numpy("datetime64[D]")
    held = pd.DataFrame(
        {
            "merchant_id": orders["merchant_id"],
            "leaves": (paid + window).astype("datetime64[s]"),
            "cents": to_cents(orders["received_usd"]),
        }
    )[paid > np.datetime64(day) - window]
    by_day = held.groupby(["merchant_id", "leaves"])["cents"].sum().reset_index()
    each = by_day.groupby("merchant_id")["cents"]
    by_day["cents"] = each.transform("sum") - each.cumsum()
    soon = by_day["leaves"] <= pd.Timestamp(day) + pd.Timedelta(days=AHEAD_DAYS)
    return by_day[soon].reset_index(drop=True)


@dataclass(frozen=True)
class Order:
    """One order that counts: it is in the window from ``paid_on`` on, and out of it on ``leaves``.

    Attributes:
        received_usd: With two places.
    """

    order_id: str
    paid_on: dt.date
    received_usd: Decimal
    leaves: dt.date


def orders_of(rows: Iterable[Mapping[str, Any]], window_days: int) -> list[Order]:
    """Return one merchant's orders by day and id.

    Args:
        rows: One merchant's rows of ``orders``, by column.
        window_days: How many days an order counts.
    """
    window = dt.timedelta(days=window_days)
    found = [
        Order(row["order_id"], row["paid_on"].date(), row["received_usd"],
              row["paid_on"].date() + window)
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda order: (order.paid_on, order.order_id))


def rolled(
    merchant_orders: Iterable[Order], day: dt.date, since: dt.date
) -> tuple[list[Order], list[Order]]:
    """Return the orders that entered the window since a day, and those that left it."""
    listed = list(merchant_orders)
    entered = [order for order in listed if since < order.paid_on <= day]
    return entered, [order for order in listed if since < order.leaves <= day]

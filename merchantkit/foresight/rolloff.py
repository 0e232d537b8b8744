"""Roll-off: how the GMV window moves if nothing more is sold, and the day on which a tier is lost.

The day is what changes; the threshold is compared where it always is, in ``rfq.assess``.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import from_cents, to_cents
from merchantkit.programmes import rfq
from merchantkit.rulebook import Rules


def orders(warehouse: Warehouse, day: dt.date, rules: Rules) -> pd.DataFrame:
    """Return every merchant's qualifying orders of the last two windows.

    See ``rfq.qualifying_orders`` for the columns. Two windows, because a chart of the last 90 days
    needs the window of its first day too.
    """
    window = rules.programme(rfq.name)["window_days"]
    first = day - dt.timedelta(days=2 * window - 1)
    return rfq.qualifying_orders(warehouse, first, day, rules)


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
    first = np.datetime64(day) - back - window + 1
    daily = np.zeros(back + ahead + window, dtype=np.int64)
    at = (merchant_orders["paid_on"].to_numpy("datetime64[D]") - first).astype(np.int64)
    amounts = to_cents(merchant_orders["received_usd"]).to_numpy(np.int64)
    inside = (at >= 0) & (at < len(daily))
    np.add.at(daily, at[inside], amounts[inside])
    total = np.concatenate(([0], np.cumsum(daily)))
    sums = pd.Series(total[window:] - total[:-window], dtype="Int64")
    days = np.datetime64(day) - back + np.arange(back + ahead + 1)
    found = pd.DataFrame({"day": days.astype("datetime64[s]"), "gmv_90d_usd": from_cents(sums)})
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


def rolled(
    merchant_orders: pd.DataFrame, day: dt.date, since: dt.date, rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the orders that entered the window since a day, and those that left it."""
    window = rules.programme(rfq.name)["window_days"]
    paid = merchant_orders["paid_on"].to_numpy("datetime64[D]")
    edge = np.datetime64(day) - window + 1
    entered = (paid > np.datetime64(since)) & (paid <= np.datetime64(day))
    old_edge = np.datetime64(since) - window + 1
    left = (paid >= old_edge) & (paid < edge)
    return merchant_orders[entered], merchant_orders[left]

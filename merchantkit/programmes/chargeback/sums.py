"""A merchant's disputes in one row: how many of each state, and what they come to together."""

from typing import Any

import numpy as np
import pandas as pd

from merchantkit.money import from_cents, to_cents
from merchantkit.programmes.reasons import beside

STATES = ("protected", "partly", "open", "unprotected")


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant with a dispute: how many there are, and their sums.

    Several open disputes may each have what a coverage has left, but not all of them: together
    they are told that much, and what lies beyond it is not protected.

    Returns:
        By ``merchant_id``: ``disputes`` and how many of each state, ``disputes_protected``,
        ``disputes_partly``, ``disputes_open``, ``disputes_unprotected``, ``disputes_unknown``
        (Int64); the sums of ``disputed_usd``, ``no_refund_usd``, ``open_usd`` (at most what is left
        of each coverage) and ``unprotected_usd`` (decimal128(18, 2)), each with ``_reason`` where
        one is not known. The last three make the first.
    """
    counts = {"disputes": outcome["dispute_id"].notna()}
    counts |= {f"disputes_{state}": outcome["state"].eq(state).fillna(False) for state in STATES}
    counts["disputes_unknown"] = outcome["state"].isna()
    by = outcome["merchant_id"]
    whole = pd.DataFrame({name: flags.astype("Int64") for name, flags in counts.items()})
    added = whole.groupby(by).sum().reset_index()
    sums = {column: _sum(outcome, column) for column in ("disputed_usd", "no_refund_usd")}
    sums["open_usd"] = _within_what_is_left(outcome)
    disputed, granted, may = (found["cents"] for found in sums.values())
    told = {column: from_cents(found["cents"]) for column, found in sums.items()}
    told["unprotected_usd"] = from_cents(disputed - granted - may)
    why = {column: found["why"] for column, found in sums.items()}
    first, second, third = why.values()
    why["unprotected_usd"] = first.fillna(second).fillna(third)
    return pd.DataFrame({**added[["merchant_id", *counts]], **beside(told, why)})


def _sum(outcome: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return by merchant the sum in cents, missing where one is, and why."""
    cents, why = to_cents(outcome[column]), outcome[f"{column}_reason"]
    told = pd.DataFrame({"cents": cents, "why": why.where(cents.isna())})
    return _added(told, cents.isna(), [outcome["merchant_id"]])


def _within_what_is_left(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return by merchant what is open, of each coverage no more than it has left."""
    keys = [outcome["merchant_id"], outcome["coverage_id"]]
    cents, left = to_cents(outcome["open_usd"]), to_cents(outcome["left_usd"])
    why = outcome["open_usd_reason"].where(cents.isna())
    one = pd.DataFrame({"cents": cents, "why": why})
    by = _added(one, cents.isna(), keys)
    grouped = pd.DataFrame({"left": left, "why": outcome["left_usd_reason"], "open": cents > 0})
    of = grouped.groupby(keys, dropna=False, sort=True)
    least, beyond = of["left"].first().array, of["open"].sum().to_numpy(dtype=np.int64) > 1
    capped = by["cents"].where(pd.isna(least) | (by["cents"] <= least).fillna(True), least)
    # What one alone may have is known by itself; of several, only with what is left for them.
    unknown = np.asarray(pd.isna(least)) & beyond
    capped = capped.mask(unknown)
    why = by["why"].fillna(pd.Series(of["why"].first().array, by.index).where(unknown))
    told = pd.DataFrame({"cents": capped, "why": why.where(capped.isna())})
    return _added(told, capped.isna(), [by["merchant_id"]])


def _added(told: pd.DataFrame, missing: "pd.Series[Any]", keys: list[Any]) -> pd.DataFrame:
    of = told.groupby(keys, dropna=False, sort=True)
    unknown = missing.groupby(keys, dropna=False, sort=True).any().to_numpy(dtype=bool)
    sums = of["cents"].sum().mask(unknown)
    return pd.DataFrame({"cents": sums, "why": of["why"].first()}).reset_index()

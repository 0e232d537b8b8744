"""Chargeback protection in plain NumPy: five conditions, and a limit that approvals run down."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.exact import Column, Integers, arrow, exact, money, whole

_START = int(np.datetime64("2021-01-01", "s").astype(np.int64))


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return disputes, four a merchant on average; those paid in no period have no coverage."""
    draw = np.random.default_rng(seed)
    numbers = np.char.add("d", np.arange(rows).astype(str)).astype(object)
    merchant = draw.integers(0, rows // 4 + 1, rows)
    limits = draw.integers(0, 3_000_000, rows // 4 + 1)
    disputed = _START + draw.integers(0, 150 * 86_400, rows)
    reviews = np.array(
        ["not_submitted", "pending", "approved", "approved", "approved", "rejected"], object
    )
    review = draw.choice(reviews, rows)
    merchants = np.char.add("m", merchant.astype(str)).astype(object)
    in_period = draw.random(rows) < 0.9
    payment = np.array(["card_direct", "card_direct", "card_direct", "card_indirect"], object)
    return pd.DataFrame(
        {
            "dispute_id": arrow(numbers, None, pa.string()),
            "merchant_id": arrow(merchants, None, pa.string()),
            "coverage_id": arrow(merchants, ~in_period, pa.string()),
            "paid_in_period": arrow(in_period, None, pa.bool_()),
            "online_order": arrow(draw.random(rows) < 0.95, None, pa.bool_()),
            "payment": arrow(draw.choice(payment, rows), None, pa.string()),
            "evidence_given": arrow(review != "not_submitted", None, pa.bool_()),
            "evidence_review": arrow(review, None, pa.string()),
            "disputed_at": _moment(disputed, None),
            "approved_at": _moment(disputed + draw.integers(0, 30 * 86_400, rows),
                                   review != "approved"),
            "disputed_usd": money(draw.integers(0, 900_000, rows), None),
            "limit_usd": money(limits[merchant], ~in_period),
        }
    )  # fmt: skip


def _moment(seconds: Integers, missing: Any) -> "pd.Series":
    return arrow(seconds * 1_000_000, missing, pa.timestamp("us", "UTC"))


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    flags = ("paid_in_period", "online_order", "evidence_given")
    ids = pa.array(measures["dispute_id"].array)
    return {
        **{name: measures[name].to_numpy(bool) for name in flags},
        "card": _is(measures["payment"], "card_direct"),
        "approved": _is(measures["evidence_review"], "approved"),
        "rejected": _is(measures["evidence_review"], "rejected"),
        "coverage": pd.factorize(measures["coverage_id"])[0],
        "id": ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids,
        "disputed_at": _seconds(measures["disputed_at"]),
        "approved_at": _seconds(measures["approved_at"]),
        "amount": whole(measures["disputed_usd"]),
        "limit": whole(measures["limit_usd"]),
    }


def _is(texts: "pd.Series", code: str) -> Any:
    return np.asarray(pc.equal(pa.array(texts.array), code))


def _seconds(column: "pd.Series") -> Integers:
    stamps = pa.array(column.array)
    stamps = stamps.combine_chunks() if isinstance(stamps, pa.ChunkedArray) else stamps
    return np.asarray(stamps.cast(pa.int64()).fill_null(0)) // 1_000_000


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    amount, limit = columns["amount"].whole, columns["limit"].whole
    fixed = columns["paid_in_period"] & columns["online_order"] & columns["card"]
    met = fixed & columns["evidence_given"] & columns["approved"]
    hopeful = fixed & ~met & ~columns["rejected"]
    line = _line(columns, met)
    groups = columns["coverage"][line]
    begins = np.concatenate(([True], groups[1:] != groups[:-1]))
    starts = np.maximum.accumulate(np.where(begins, np.arange(len(groups)), 0))
    before = _before(np.where(met, amount, 0), line, starts)
    protected = np.where(met, np.clip(limit - before, 0, amount), 0)
    ends = np.append(np.flatnonzero(begins)[1:], len(groups))
    taken = np.concatenate(([0], np.cumsum(protected[line])))
    used = np.empty(len(amount), dtype=np.int64)
    used[line] = np.repeat(
        taken[ends] - taken[ends - np.diff(ends, prepend=0)], np.diff(ends, prepend=0)
    )
    open_ = np.where(hopeful, np.minimum(limit - used, amount), 0)
    every = np.ones(len(amount), dtype=bool)
    figures = {
        "disputed_usd": amount, "no_refund_usd": protected, "open_usd": open_,
        "unprotected_usd": amount - protected - open_,
    }  # fmt: skip
    left = {"used_usd": used, "left_usd": limit - used}
    known = columns["limit"].known
    return {
        **{name: Column(cents, every) for name, cents in figures.items()},
        **{name: Column(cents, known) for name, cents in left.items()},
    }


def _line(columns: dict[str, Any], met: Any) -> Integers:
    """Return the disputes by coverage: by approval, then by dispute and id."""
    disputed = columns["disputed_at"]
    first = np.where(met, columns["approved_at"], disputed)
    order = np.argsort(first, kind="stable")
    shared = first[order]
    tied = np.concatenate(([False], shared[1:] == shared[:-1]))
    tied[:-1] |= tied[1:]
    among = order[tied]
    by_id = np.empty(len(among), dtype=np.int64)
    by_id[np.asarray(pc.sort_indices(columns["id"].take(among)))] = np.arange(len(among))
    order[tied] = among[np.lexsort((by_id, disputed[among], first[among]))]
    return order[np.argsort(columns["coverage"][order], kind="stable")]


def _before(amounts: Integers, line: Integers, starts: Integers) -> Integers:
    running = np.concatenate(([0], np.cumsum(amounts[line])))
    before = np.empty(len(amounts), dtype=np.int64)
    before[line] = running[:-1] - running[starts]
    return before


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    return pd.DataFrame({name: exact(column, 2, index) for name, column in sums.items()})

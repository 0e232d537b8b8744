"""The Recommendation Star in plain NumPy: score, rank, ad credit, ties at a limit."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, Flags, Integers, arrow, exact, flags, integers, money, whole

# Tenths of a score for one more; last rank, percent of the spend returned, at most so many cents.
WEIGHTS = {"visitors": 2, "inquiries": 100, "tm": 50}
BANDS = ((1000, 50, 200_000), (10, 100, 500_000))


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return the counts of two months, one in a hundred of each missing; many scores are shared."""
    draw = np.random.default_rng(seed)
    ids = np.char.add("m", np.arange(rows).astype(str)).astype(object)
    columns = {"merchant_id": arrow(ids, None, pa.string())}
    for part, most in zip(WEIGHTS, (50_000, 400, 2_500), strict=True):
        for when in ("before", "during"):
            gone = draw.random(rows) < 0.01
            columns[f"{part}_{when}"] = arrow(draw.integers(0, most, rows), gone, pa.int64())
    columns["spend_cny"] = money(draw.integers(0, 900_000, rows), draw.random(rows) < 0.01)
    for flag in ("enrolled", "ads_on"):
        columns[flag] = arrow(draw.random(rows) < 0.9, None, pa.bool_())
    columns["counts_assumed"] = arrow(np.zeros(rows, dtype=bool), None, pa.bool_())
    return pd.DataFrame(columns)


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    counts = [f"{part}_{when}" for part in WEIGHTS for when in ("before", "during")]
    on_board = flags(measures["enrolled"]) & flags(measures["ads_on"])
    return {name: whole(measures[name]) for name in (*counts, "spend_cny")} | {"on": on_board}


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    parts = {part: _part(columns, part, weight) for part, weight in WEIGHTS.items()}
    score = sum(part.whole for part in parts.values())
    known = np.logical_and.reduce([part.known for part in parts.values()])
    ranked = known & columns["on"]
    rank, last = _ranks(score, ranked)
    return {
        "score": Column(score, known),
        **{f"score_{part}": column for part, column in parts.items()},
        "rank": Column(rank, ranked),
        "reward_cny": _reward(columns["spend_cny"], rank, ranked),
        "tie_at_cutoff": _straddling(rank, last, ranked),
    }


def _part(columns: dict[str, Any], part: str, weight: int) -> Column:
    before, during = columns[f"{part}_before"], columns[f"{part}_during"]
    return Column((during.whole - before.whole) * weight, during.known & before.known)


def _ranks(score: Integers, ranked: Flags) -> tuple[Integers, Integers]:
    """Return everyone's rank, and the last rank of those who share it."""
    lost = np.sort(-score[ranked])
    rank, last = np.zeros((2, len(score)), dtype=np.int64)
    rank[ranked] = np.searchsorted(lost, -score[ranked], side="left") + 1
    last[ranked] = np.searchsorted(lost, -score[ranked], side="right")
    return rank, last


def _reward(spend: Column, rank: Integers, ranked: Flags) -> Column:
    reward = np.zeros(len(rank), dtype=np.int64)
    inside = ranked & (rank <= BANDS[0][0])
    for limit, percent, most in BANDS:
        band = ranked & (rank <= limit)
        reward[band] = np.minimum((spend.whole[band] * percent + 50) // 100, most)
    return Column(reward, ranked & (spend.known | ~inside))


def _straddling(rank: Integers, last: Integers, ranked: Flags) -> npt.NDArray[np.bool_]:
    over = [(rank <= limit) & (last > limit) for limit, _, _ in BANDS]
    return ranked & np.logical_or.reduce(over)


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    return pd.DataFrame({name: _column(name, found, index) for name, found in sums.items()})


def _column(name: str, found: Any, index: pd.Index) -> "pd.Series":
    if name == "tie_at_cutoff":
        return pd.Series(found, index=index, dtype="boolean")
    if name == "rank":
        return integers(found, index)
    return exact(found, 2 if name == "reward_cny" else 1, index)

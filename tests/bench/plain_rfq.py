"""The RFQ index in plain NumPy: tier, points, and what is missing to each tier."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, Flags, Integers, arrow, exact, integers, money, whole

# USD cents, percent of the free quotes, points on the customization track (deck, from 20 April).
TIERS = {1: (2_500_000, 60, 3), 2: (3_500_000, 100, 5)}


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return measures around the limits, one in a hundred of each missing."""
    draw = np.random.default_rng(seed)
    granted = draw.integers(0, 40, rows)
    used = draw.integers(0, 41, rows) % (granted + 1)
    track = draw.choice(np.array(["customization", "rts"], dtype=object), rows)
    ids = np.char.add("m", np.arange(rows).astype(str)).astype(object)
    gone = [draw.random(rows) < 0.01 for _ in range(4)]
    return pd.DataFrame(
        {
            "merchant_id": arrow(ids, None, pa.string()),
            "track": arrow(track, gone[0], pa.string()),
            "gmv_90d_usd": money(draw.integers(0, 6_000_000, rows), gone[1]),
            "free_quotes_granted": arrow(granted, gone[2], pa.int64()),
            "free_quotes_used": arrow(used, gone[3], pa.int64()),
        }
    )


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    track = pa.array(measures["track"].array)
    return {
        "gmv": whole(measures["gmv_90d_usd"]),
        "granted": whole(measures["free_quotes_granted"]),
        "used": whole(measures["free_quotes_used"]),
        "customization": measures["track"].eq("customization").to_numpy(bool, na_value=False),
        "track_known": np.asarray(track.is_valid()),
    }


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    gmv, granted = columns["gmv"], columns["granted"]
    found: dict[str, Any] = {}
    tier = np.zeros(len(gmv.whole), dtype=np.int64)
    tier_known = np.ones(len(tier), dtype=bool)
    for number, (limit, percent, _) in TIERS.items():
        needed = -(-granted.whole * percent // 100)
        met, met_known = _reached(columns, gmv.whole >= limit, needed)
        tier = np.where(met & met_known, number, tier)
        tier_known = np.where(met & met_known, True, tier_known & met_known)
        short = Column(np.maximum(limit - gmv.whole, 0), gmv.known)
        quotes_known = granted.known & columns["used"].known & (granted.whole > 0)
        quotes = Column(np.maximum(needed - columns["used"].whole, 0), quotes_known)
        found |= {f"usd_to_tier_{number}": short, f"quotes_to_tier_{number}": quotes}
    points = _points(tier, tier_known, columns)
    return {"tier": Column(tier, tier_known), "points": points, **found}


def _reached(columns: dict[str, Any], rich: Flags, needed: Integers) -> tuple[Flags, Flags]:
    gmv, granted, used = columns["gmv"], columns["granted"], columns["used"]
    nothing = granted.known & (granted.whole == 0)
    busy = (used.whole >= needed) & ~nothing
    busy_known = (granted.known & used.known) | nothing
    # One that is known and not met is enough to say no.
    no = (gmv.known & ~rich) | (busy_known & ~busy)
    return rich & busy & ~no, (gmv.known & busy_known) | no


def _points(tier: Integers, tier_known: Flags, columns: dict[str, Any]) -> Column:
    points = np.zeros(len(tier), dtype=np.int64)
    for number, (_, _, earned) in TIERS.items():
        points[tier == number] = earned
    other = columns["track_known"] & ~columns["customization"]
    points[other] = 0
    return Column(points, columns["track_known"] & (tier_known | other))


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    return pd.DataFrame(
        {
            name: exact(column, 2, index) if name.startswith("usd") else integers(column, index)
            for name, column in sums.items()
        }
    )

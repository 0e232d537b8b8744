"""The star rating in plain NumPy: stars or their range, RFQ points, and what the traffic counts."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, arrow, exact, integers, money, whole

# Cut-offs in hundredths of a point (public rule), points of the RFQ tiers in whole ones (deck).
CUTS = np.array([6000, 7000, 8000, 8500, 9000])
POINTS = {1: 3, 2: 5}
FULL = 10_000
PILLARS = ("product", "marketing", "transaction", "assurance")
TOOLS = ("p4p", "top_showcase", "wending", "fans", "existing_onsite", "existing_edm")
PAID = TOOLS[:3]


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return measures around the cut-offs, some of each missing."""
    draw = np.random.default_rng(seed)
    ids = np.char.add("m", np.arange(rows).astype(str)).astype(object)
    track = draw.choice(np.array(["customization", "rts"], dtype=object), rows)

    def gone(share: float) -> Any:
        return draw.random(rows) < share

    columns = {
        "merchant_id": arrow(ids, None, pa.string()),
        "track": arrow(track, gone(0.01), pa.string()),
        **{
            f"{pillar}_score": money(draw.integers(50, 101, rows) * 100 - draw.integers(0, 2, rows),
                                     gone(0.05))
            for pillar in PILLARS
        },
        "rfq_points_in_score": arrow(draw.integers(0, 4, rows), gone(0.5), pa.int64()),
        "enquiring_buyers": arrow(draw.integers(0, 9, rows), gone(0.05), pa.int64()),
        "average_response_hours": money(draw.integers(0, 3, rows) * 150, gone(0.05)),
        "rfq_quote_percent": money(draw.integers(0, 3, rows) * 5000, gone(0.05)),
    }  # fmt: skip
    no_traffic = gone(0.1)
    for tool in TOOLS:
        columns[f"traffic_{tool}"] = arrow(draw.integers(0, 900, rows), no_traffic, pa.int64())
    return pd.DataFrame(columns)


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    named = measures.columns.difference(["merchant_id", "track"])
    return {
        **{name: whole(measures[name]) for name in named},
        "customization": measures["track"].eq("customization").to_numpy(bool, na_value=False),
        "track_known": np.asarray(pa.array(measures["track"].array).is_valid()),
    }


def _star(scores: Any) -> Any:
    return np.searchsorted(CUTS, scores, side="right")


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    scores = {pillar: columns[f"{pillar}_score"] for pillar in PILLARS}
    most = {p: np.where(s.known, s.whole, FULL) for p, s in scores.items()}
    lowest = np.minimum.reduce(list(most.values()))
    all_known = np.logical_and.reduce([s.known for s in scores.values()])
    any_known = np.logical_or.reduce([s.known for s in scores.values()])
    high = _star(lowest)
    proven, known = all_known | (high == 0), np.ones(len(high), dtype=bool)
    needed = np.append(CUTS, 0)[high]
    found = {
        "star": Column(high, proven),
        "star_low": Column(np.where(proven, high, 0), known),
        "star_high": Column(high, known),
        "lowest_score": Column(lowest, all_known),
        "unknown_needs_score": Column(np.append(0, CUTS)[high], ~proven & any_known),
    }
    for pillar, score in scores.items():
        found[f"{pillar}_star"] = Column(_star(score.whole), score.known)
        short = Column(np.maximum(needed - score.whole, 0), score.known & (high < len(CUTS)))
        found[f"{pillar}_to_next"] = short
    return {**found, **_with_points(columns, scores, most), **_marketing(columns)}


def _with_points(columns: dict[str, Any], scores: Any, most: Any) -> dict[str, Column]:
    rest = np.minimum.reduce([most[p] for p in PILLARS if p != "marketing"])
    all_known = np.logical_and.reduce([s.known for s in scores.values()])
    any_known = np.logical_or.reduce([s.known for s in scores.values()])
    inside, marketing = columns["rfq_points_in_score"], scores["marketing"]
    base = np.where(
        marketing.known, marketing.whole - np.where(inside.known, inside.whole * 100, 0), FULL
    )
    found = {}
    for tier, points in POINTS.items():
        ahead = np.minimum(base + columns["customization"] * points * 100, FULL)
        star = _star(np.minimum(ahead, rest))
        known = columns["track_known"] & any_known & (all_known | (star == 0))
        found[f"star_tier_{tier}"] = Column(star, known)
    return found


def _marketing(columns: dict[str, Any]) -> dict[str, Column]:
    hours, buyers = columns["average_response_hours"], columns["enquiring_buyers"]
    nobody = ~buyers.known | (buyers.whole == 0)
    found = {"response_hours": Column(hours.whole, hours.known & ~((hours.whole == 0) & nobody))}
    for part, tools in (("paid", PAID), ("own", [t for t in TOOLS if t not in PAID])):
        counts = [columns[f"traffic_{tool}"] for tool in tools]
        total = np.add.reduce([count.whole for count in counts])
        known = np.logical_and.reduce([count.known for count in counts])
        found[f"traffic_{part}"] = Column(total, known)
    return found


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    decimals = ("score", "to_next", "hours")
    return pd.DataFrame(
        {
            name: exact(column, 2, index) if name.endswith(decimals) else integers(column, index)
            for name, column in sums.items()
        }
    )

"""The star rating of the demo: pillar scores, indicators by day, and traffic by tool.

Readings for 2021-05 as of 31 May, worked out by hand; the tests hold the code to them. Below each
merchant: its stars, and what the 3 points of tier 1 and the 5 of tier 2 would change.

================ ===================================================== =====================
merchant_id      trouble                                               stars; with 3, with 5
================ ===================================================== =====================
007              marketing ties with transaction; quotes nothing       2; tied, tied
NA               another pillar is lowest                              2; other is lowest
null             assurance unknown: 80 there would make it 3 stars     0–3
9007199254740993 marketing far from a cut-off                          2; none crossed
9007199254740992 3 RFQ points are in the score: 3 stars without        4; 4, 4
000123           five stars already                                    5
2100000007       ready-to-ship: no points, thresholds deferred         2; track
2100000008       one pillar below 60, the others unknown: settled      0
2100000009       marketing unknown                                     0–3; unknown
2100000011       every part of the page: marketing alone is lowest;    2; 3, 3
                 thirty days of response times with gaps; all tools
2100000012       another pillar holds it a step later                  2; held by transaction
2100000014       ready-to-ship, at a cut-off exactly                   3; track
2100000015       indicators only: nobody enquired                      —
2100000016       product unknown; quotes are all its marketing         0–2; 3 if product is 80
2100000017       track unknown                                         2; —
================ ===================================================== =====================

The others of the hand-made merchants have no facts of it at all.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month
from merchantkit.facts.declared.star import MARKETING_TRAFFIC
from merchantkit.money import from_cents

Row = dict[str, Any]
Columns = dict[str, pa.Array]

_TOOLS = tuple(MARKETING_TRAFFIC["tool"].codes)
_TREND_DAYS = 60  # through the month before, whose own trend is then there too
_LOST_BEFORE = dt.date(2021, 4, 7)  # exports have 0 for what the platform lost then


class _Facts(NamedTuple):
    """One merchant's; scores are of product, marketing, transaction and assurance."""

    scores: tuple[str | None, str | None, str | None, str | None] | None = None
    points: int | None = None
    leads: int | None = None
    buyers: int | None = None
    hours: str | None = None
    rates: tuple[str, str] | None = None
    quote_rate: str | None = None
    visits: tuple[int, int, int, int, int, int] | None = None
    by_day: bool = False


_FACTS: Mapping[str, _Facts] = {
    "007": _Facts(
        ("88.00", "79.00", "79.00", "91.00"), None, 96, 41, "4.20", ("9.10", "11.40"), "0.00",
        (2400, 310, 0, 120, 64, 0),
    ),
    "NA": _Facts(
        ("72.00", "84.00", "88.00", "90.00"), None, 51, 20, "7.75", ("6.40", "7.10"), "45.00",
        (800, 0, 0, 35, 0, 12),
    ),
    "null": _Facts(("85.00", "81.00", "83.25", None)),
    "9007199254740993": _Facts(("92.00", "74.00", "95.00", "91.00")),
    "9007199254740992": _Facts(("91.00", "86.00", "90.00", "92.00"), 3),
    "000123": _Facts(("95.00", "93.00", "92.00", "96.00"), 0),
    "2100000007": _Facts(
        ("78.00", "76.00", "80.00", "82.00"), None, 130, 88, "2.30", ("14.20", "15.60"), "30.00",
        (1900, 0, 420, 60, 0, 0),
    ),
    "2100000008": _Facts(("55.50", None, None, None)),
    "2100000009": _Facts(("88.00", None, "82.00", "90.00")),
    "2100000011": _Facts(
        ("83.50", "77.50", "81.00", "86.00"), 0, 64, 26, "5.35", ("8.25", "10.50"), "60.00",
        (1200, 0, 300, 85, 40, 25), by_day=True,
    ),
    "2100000012": _Facts(("90.00", "79.00", "79.50", "85.00")),
    "2100000014": _Facts(("91.00", "80.00", "87.00", "84.00")),
    "2100000015": _Facts(None, None, 0, 0, "0.00", ("0.00", "0.00"), "0.00"),
    "2100000016": _Facts(
        (None, "78.00", "92.00", "88.00"), None, 12, 5, "11.00", ("3.10", "0.00"), "100.00",
        (0, 0, 0, 0, 0, 0),
    ),
    "2100000017": _Facts(("90.00", "79.00", "90.00", "90.00")),
}  # fmt: skip


def rows_of(merchants: set[str], month: Month) -> dict[str, list[Row]]:
    """Return table → rows of those hand-made merchants that are there, without provenance."""
    mine = {merchant: facts for merchant, facts in _FACTS.items() if merchant in merchants}
    both = (month.previous(), month)
    return {
        "pillar_scores": [
            _scores(merchant, facts, part) for merchant, facts in mine.items() if facts.scores
            for part in both
        ],
        "star_indicators": [
            row for merchant, facts in mine.items() if facts.leads is not None
            for row in _indicators(merchant, facts, month)
        ],
        "marketing_traffic": [
            {"merchant_id": merchant, "month": str(part), "tool": tool, "visits": count}
            for merchant, facts in mine.items() if facts.visits
            for part in both
            for tool, count in zip(_TOOLS, facts.visits, strict=True)
            if count or not any(facts.visits)
        ],
    }  # fmt: skip


def _scores(merchant: str, facts: _Facts, month: Month) -> Row:
    names = ("product_score", "marketing_score", "transaction_score", "assurance_score")
    given = zip(names, facts.scores or (), strict=True)
    scores = {name: None if score is None else Decimal(score) for name, score in given}
    return {
        "merchant_id": merchant, "month": str(month), **scores, "rfq_points_in_score": facts.points
    }  # fmt: skip


def _indicators(merchant: str, facts: _Facts, month: Month) -> Iterator[Row]:
    rates = facts.rates or ("0.00", "0.00")
    last = {
        "merchant_id": merchant,
        "leads": facts.leads,
        "enquiring_buyers": facts.buyers,
        "average_response_hours": Decimal(facts.hours or 0),
        "lead_conversion_percent": Decimal(rates[0]),
        "promoted_conversion_percent": Decimal(rates[1]),
        "rfq_quote_percent": Decimal(facts.quote_rate or 0),
    }
    yield {**last, "day": month.previous().last}
    yield {**last, "day": month.last}
    if facts.by_day:
        for back in range(1, _TREND_DAYS):
            day = month.last - dt.timedelta(days=back)
            if day != month.previous().last:
                earlier = _earlier(facts, back)
                if day < _LOST_BEFORE:
                    earlier["average_response_hours"] = Decimal(0)
                yield {**last, "day": day, **earlier}


def _earlier(facts: _Facts, back: int) -> Row:
    # Every eleventh day nobody enquired, which the export shows as 0 hours.
    asked = 0 if back % 11 == 5 else (facts.buyers or 0) - back % 7
    hours = Decimal(facts.hours or 0) + Decimal(back % 9 - 3) / 4 + Decimal(back) / 20
    return {"enquiring_buyers": asked, "average_response_hours": hours if asked else Decimal(0)}


def columns_of(ids: pa.Array, month: Month, seed: int) -> dict[str, Columns]:
    """Return table → columns for drawn merchants; four in five have scores, some with a gap.

    Args:
        ids: Theirs.
        month: The demo's.
        seed: The demo's; what is drawn here shifts nothing that is drawn elsewhere.
    """
    rng = np.random.default_rng((seed, len(_TOOLS)))
    rated = ids.filter(pa.array(rng.random(len(ids)) < 0.8))
    count = len(rated)
    base = np.clip(rng.normal(78, 9, count), 20, 99)
    scores = {
        f"{pillar}_score": _hundredths(base + rng.normal(0, 5, count), rng.random(count) < gap)
        for pillar, gap in (
            ("product", 0.02), ("marketing", 0.03), ("transaction", 0.02), ("assurance", 0.05)
        )
    }  # fmt: skip
    months = pa.array([str(month)] * count, pa.string())
    buyers = rng.poisson(20, count)
    hours = np.where(buyers > 0, rng.lognormal(1.5, 0.7, count), 0)
    tools = np.repeat(np.arange(len(_TOOLS)), count)
    return {
        "pillar_scores": {"merchant_id": rated, "month": months, **scores},
        "star_indicators": {
            "merchant_id": rated,
            "day": pa.array([month.last] * count, pa.date32()),
            "leads": pa.array(buyers + rng.poisson(15, count)),
            "enquiring_buyers": pa.array(buyers),
            "average_response_hours": _hundredths(hours),
            "lead_conversion_percent": _hundredths(rng.beta(2, 20, count) * 100),
            "promoted_conversion_percent": _hundredths(rng.beta(2, 18, count) * 100),
            "rfq_quote_percent": _hundredths(rng.beta(1, 1, count) * 100),
        },
        "marketing_traffic": {
            "merchant_id": pa.concat_arrays([rated] * len(_TOOLS)),
            "month": pa.concat_arrays([months] * len(_TOOLS)),
            "tool": pa.array(_TOOLS, pa.string()).take(pa.array(tools)),
            "visits": pa.array(rng.poisson(rng.lognormal(4, 1.2, len(tools)))),
        },
    }


def _hundredths(values: Any, missing: Any = None) -> pa.Array:
    whole = pd.Series(np.clip(np.round(values * 100), 0, 10_000).astype(np.int64), dtype="Int64")
    exact = pa.array(from_cents(whole).array)
    return exact if missing is None else pc.if_else(pa.array(missing), None, exact)

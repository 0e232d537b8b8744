"""What changed after a showroom went live, with an interval: the ratio of two means of weeks.

The deck claims 60 % more visitors, 44 % and 247 % more enquiries, of one merchant each, without a
period or a range (slides 3D实景展厅-商家案例). Here both windows have the same whole weeks, so that
each weekday stands equally often on both sides. Weeks are the units, not days: weekdays differ, and
neighbouring days are alike. The interval is the delta method's on the log of the ratio of means
(the log response ratio of Hedges, Gurevitch and Curtis, 1999) with Welch–Satterthwaite degrees of
freedom. Counts of weeks are overdispersed; their own variance is taken, and never less than the
mean, which is what a Poisson count has.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit.columns import Column, Flags, Whole, coded
from merchantkit.errors import RuleFileError
from merchantkit.money import exact
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason, Reasons, reasons
from merchantkit.rulebook import ProgrammeRules

COUNTS = ("visitors", "inquiries")
SUMS = ("before", "after", "before_squares", "after_squares")
# A claim of the deck, which is the parameter's name → what it is a claim about.
CLAIMS = {
    "case_visitors": "visitors",
    "case_inquiries": "inquiries",
    "case_monthly_inquiries": "inquiries",
}
EFFECTS = ("rise", "fall", "unclear")
AGAINST = ("below", "within", "above")
WEEK_DAYS = 7
_HUNDREDTHS = 10_000  # of a percent, in a whole
_FARTHEST = 1e14  # hundredths of a percent; what lies beyond is no longer told apart
_SLACK = 1e-9  # degrees of freedom that are whole on paper are so here

Floats = NDArray[np.float64]


def measured(count: str) -> dict[str, door.Kind]:
    """Return the measures of one count, all of them whole numbers."""
    return {f"{count}_days": "count", **{f"{count}_{part}": "count" for part in SUMS}}


@dataclass(frozen=True, eq=False)
class Change:
    """The change of one count, in hundredths of a percent.

    Attributes:
        percent: From before to after.
        low: The interval's lower end.
        high: Its upper end.
        why: Why the change is missing.
        why_no_interval: Why the interval is.
    """

    percent: Column
    low: Column
    high: Column
    why: Reasons
    why_no_interval: Reasons

    @property
    def effect(self) -> NDArray[np.int8]:
        """The place in ``EFFECTS``; −1 where there is no interval."""
        place = np.full(len(self.low.values), EFFECTS.index("unclear"), dtype=np.int8)
        place[self.low.values > 0] = EFFECTS.index("rise")
        place[self.high.values < 0] = EFFECTS.index("fall")
        place[~self.low.known] = -1
        return place

    def columns(self, count: str, index: pd.Index) -> dict[str, Any]:
        """Return them as columns of an outcome."""
        no_interval = self.why_no_interval.only(~self.low.known).array()
        return {
            f"{count}_change_percent": exact(self.percent),
            f"{count}_change_percent_reason": self.why.only(~self.percent.known).array(),
            f"{count}_low_percent": exact(self.low),
            f"{count}_low_percent_reason": no_interval,
            f"{count}_high_percent": exact(self.high),
            f"{count}_high_percent_reason": no_interval,
            f"{count}_effect": coded(self.effect + 1, (None, *EFFECTS), index),
        }


def change(count: str, facts: pd.DataFrame, long: Flags, why: Reasons, t: Floats) -> Change:
    """Return the change of one count.

    Args:
        count: Which.
        facts: Has its measures.
        long: Where there are days enough.
        why: Why there are not.
        t: Student's t by degrees of freedom, as ``quantiles`` gives it.
    """
    days, before, after, *squares = (Column.of(facts[name]) for name in measured(count))
    known = days.known & before.known & after.known & long
    some = known & (before.values > 0)
    base = np.where(some, before.values, 1)
    why = why.filled(reasons(facts, list(measured(count))[:3]))
    why = why.added(known & ~some, Reason.NOTHING_BEFORE)
    # Half up, as money is rounded; the difference may be negative.
    moved = (2 * (after.values - base) * _HUNDREDTHS + base) // (2 * base)
    both = some & (after.values > 0) & squares[0].known & squares[1].known
    low, high = _interval(days.values, (base, after.values), [s.values for s in squares], both, t)
    no_interval = why.filled(reasons(facts, list(measured(count))[3:]))
    no_interval = no_interval.added(~both, Reason.NOTHING_AFTER)
    return Change(Column(moved, some), Column(low, both), Column(high, both), why, no_interval)


def _interval(
    days: Whole, totals: tuple[Whole, Whole], squares: list[Whole], where: Flags, t: Floats
) -> tuple[Whole, Whole]:
    weeks = np.where(where, np.maximum(days // WEEK_DAYS, 2), 2).astype(np.float64)
    spread = [
        _of_mean(weeks, np.where(where, total, 1), square)
        for total, square in zip(totals, squares, strict=True)
    ]
    added = spread[0] + spread[1]
    freedom = (weeks - 1) * added * added / (spread[0] * spread[0] + spread[1] * spread[1])
    place = np.minimum((freedom + _SLACK).astype(np.int64), len(t) - 1)
    ratio = np.where(where, totals[1], 1) / totals[0]
    factor = np.exp(np.minimum(t[place] * np.sqrt(added), 700.0))
    return _percent(ratio / factor), _percent(ratio * factor)


def _of_mean(weeks: Floats, total: Whole, squares: Whole) -> Floats:
    """Return the variance of the log of a mean of weeks: s² / (n · mean²), and s² ≥ mean."""
    mean = total / weeks
    variance = (squares - total * mean) / (weeks - 1)
    spread: Floats = np.maximum(variance, mean) / (weeks * mean * mean)
    return spread


def _percent(ratio: Floats) -> Whole:
    return np.rint(np.minimum((ratio - 1) * _HUNDREDTHS, _FARTHEST)).astype(np.int64)


def quantiles(book: ProgrammeRules) -> Floats:
    """Return Student's t by whole degrees of freedom, from the rules; of 0, as of 1.

    Raises:
        RuleFileError: The table has no row of the rules' confidence.
    """
    confidence = book["confidence"]
    rows = sorted(
        (int(row["freedom"]), float(row["t"]))
        for row in book["t_quantiles"]
        if row["confidence"] == confidence
    )
    if not rows:
        raise RuleFileError(
            f"no quantiles are on record for a confidence of {confidence} %",
            where="showroom.t_quantiles",
            remedy="give t_quantiles rows of that confidence, too",
        )
    found = np.empty(rows[-1][0] + 1)
    # A gap in the table has the t of the fewer degrees before it, which is the wider one.
    places = np.searchsorted([freedom for freedom, _ in rows], np.arange(len(found)), "right") - 1
    found[:] = np.array([t for _, t in rows])[np.maximum(places, 0)]
    return found


def against(low: Column, high: Column, index: pd.Index) -> "pd.Series[Any]":
    """Return a word of ``AGAINST``: where the interval lies beside a claim; missing without one.

    Args:
        low: Whether the lower end is at most the claim.
        high: Whether the upper end is at least the claim.
        index: The rows.
    """
    place = low.known.astype(np.int8) * np.int8(2)
    place[high.no] = 1
    place[low.no] = 3
    return coded(place, (None, *AGAINST), index)

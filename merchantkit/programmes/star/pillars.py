"""Stars from the scores of the four pillars: proven, or between which bounds, and what lifts them.

A score has two decimals and an end, so there are few of them. The checks are evaluated once, on
every score that there can be; rows look their own up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.columns import Flags, Whole, coded
from merchantkit.errors import MeasureError
from merchantkit.money import from_cents
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import ProgrammeRules

PILLARS = ("product", "marketing", "transaction", "assurance")
SCORES = tuple(f"{pillar}_score" for pillar in PILLARS)
STARS = (1, 2, 3, 4, 5)
_HUNDREDTHS = 100  # of a point: scores inside are whole numbers, as money is in cents

# What RFQ points do to the star; see ``bonus``.
EFFECTS = (
    "lifts", "may_lift", "top_star", "other_lowest", "tied", "other_holds", "no_cut_off",
    "marketing_unknown", "not_yet", "track", "counted", "fewer",
)  # fmt: skip


@dataclass(frozen=True)
class Ladder:
    """What the checks say of every score from 0 to the full one, in hundredths of a point.

    Attributes:
        stars: The star that each score reaches.
        gaps: For each star (row 0: none), what each score lacks to it.
        cuts: For each star, its cut-off.
    """

    stars: Whole
    gaps: Whole
    cuts: Whole

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, book: ProgrammeRules) -> "Ladder":
        """Return the ladder of a day's rules, which never change."""
        full = int(Decimal(book["score_most"]) * _HUNDREDTHS)
        scores = pd.DataFrame({"lowest_score": pd.array(np.arange(full + 1), dtype="Int64")})
        verdicts = checks.evaluate(scores, book)
        stars = np.zeros(full + 1, dtype=np.int64)
        gaps, cuts = [np.zeros(full + 1, dtype=np.int64)], [0]
        for n in STARS:
            verdict = verdicts[f"star_{n}.lowest"]
            stars[verdict.met.to_numpy(dtype=bool, na_value=False)] = n
            gaps.append(verdict.gap.to_numpy(dtype=np.int64, na_value=0))
            cuts.append(int(verdict.required.iloc[0]))
        return cls(stars, np.stack(gaps), np.array(cuts))

    @property
    def full(self) -> int:
        """The full score."""
        return len(self.stars) - 1


@dataclass(frozen=True)
class Pillars:
    """Every row's scores, in hundredths, and what of them is known."""

    scores: Mapping[str, Whole]
    known: Mapping[str, Flags]
    ladder: Ladder

    @classmethod
    def of(cls, facts: pd.DataFrame, book: ProgrammeRules) -> "Pillars":
        """Return the scores of typed measures.

        Raises:
            MeasureError: A score is beyond the full one, or the rules name other pillars.
        """
        if tuple(book["pillars"]) != PILLARS:
            raise MeasureError(
                f"the rules name other pillars: {', '.join(book['pillars'])}",
                remedy=f"this kit knows {', '.join(PILLARS)}",
            )
        ladder = Ladder.of(book)
        for name in SCORES:
            door.refuse_rows(
                facts, facts[name] > ladder.full, f"{name} is above the full score",
                f"a pillar's score ends at {book['score_most']}",
            )  # fmt: skip
        columns = dict(zip(PILLARS, SCORES, strict=True))
        return cls(
            {p: facts[c].to_numpy(dtype=np.int64, na_value=0) for p, c in columns.items()},
            {p: facts[c].notna().to_numpy() for p, c in columns.items()},
            ladder,
        )

    @property
    def any_known(self) -> Flags:
        """Whether some pillar is known."""
        found: Flags = np.logical_or.reduce(list(self.known.values()))
        return found

    def all_known(self, pillars: Iterable[str] = PILLARS) -> Flags:
        """Whether all of these are known."""
        found: Flags = np.logical_and.reduce([self.known[pillar] for pillar in pillars])
        return found

    def most(self, pillars: Iterable[str] = PILLARS) -> Whole:
        """The most that the lowest of these can be: what is unknown may have the full score."""
        parts = [np.where(self.known[p], self.scores[p], self.ladder.full) for p in pillars]
        found: Whole = np.minimum.reduce(parts)
        return found

    def proven(self, most: Whole, known: Flags) -> Flags:
        """Whether the star of the most is the star: all is known, or no score could lower it."""
        stars = self.ladder.stars
        found: Flags = known | (stars[most] == stars[0])
        return found


def stars(pillars: Pillars, index: pd.Index) -> dict[str, "pd.Series[Any]"]:
    """Return the star, its provable range, and what each pillar has to do with it.

    Returns:
        ``star`` (Int64 0–5) with ``star_reason``; ``star_low``, ``star_high``; ``lowest_score``
        (decimal) with its reason; ``lowest_pillars``, ``unknown_pillars``, ``unknown_matters``
        (codes joined by commas, missing where there are none); ``unknown_needs_score`` (decimal:
        what every unknown pillar must reach for ``star_high``); and for each pillar ``…_star``
        (what its score alone would give) and ``…_to_next`` (decimal, to the cut-off above
        ``star_high``; missing at five stars).
    """
    ladder, all_known, any_known = pillars.ladder, pillars.all_known(), pillars.any_known
    most = pillars.most()
    high, proven = ladder.stars[most], pillars.proven(most, all_known)
    unknown = {pillar: ~known & any_known for pillar, known in pillars.known.items()}
    lowest = {p: pillars.known[p] & (pillars.scores[p] == most) for p in PILLARS}
    # Codes are chosen among as numbers, and become text once: text is dear in columns.
    whys = (None, Reason.PILLAR_UNKNOWN, Reason.NO_PILLAR_SCORES)
    why = np.where(any_known, 1, 2)
    found = {
        "star": whole(high, proven, index),
        "star_reason": coded(np.where(proven, 0, why), whys, index),
        "star_low": whole(np.where(proven, high, ladder.stars[0]), None, index),
        "star_high": whole(high, None, index),
        "lowest_score": from_cents(whole(most, all_known, index)),
        "lowest_score_reason": coded(np.where(all_known, 0, why), whys, index),
        "lowest_pillars": _named(lowest, index),
        "unknown_pillars": _named(unknown, index),
        "unknown_matters": _named({p: it & ~proven for p, it in unknown.items()}, index),
        "unknown_needs_score": from_cents(whole(ladder.cuts[high], ~proven & any_known, index)),
    }
    above = np.minimum(high + 1, STARS[-1])
    for pillar in PILLARS:
        score, known = pillars.scores[pillar], pillars.known[pillar]
        short = whole(ladder.gaps[above, score], known & (high < STARS[-1]), index)
        found[f"{pillar}_star"] = whole(ladder.stars[score], known, index)
        found[f"{pillar}_to_next"] = from_cents(short)
    return found


def bonus(
    pillars: Pillars, facts: pd.DataFrame, points: int, earns: "pd.Series[Any]"
) -> tuple["pd.Series[Any]", "pd.Series[Any]", "pd.Series[Any]"]:
    """Return what RFQ points would make of the star: the star, why it is missing, and the effect.

    The effect is one of ``EFFECTS``, and is told from the score as it was given: the points lift
    the star, or may, once what is unknown is known; or they change nothing whatever the unknown
    scores are, because marketing alone has five stars, another pillar is lower, another ties with
    it, another holds the star once marketing is past the cut-off, or no cut-off is crossed; or they
    are not earned, yet or on this track; or they are in the score already, these or more.

    Args:
        pillars: The scores.
        facts: The typed measures; of ``rfq_points_in_score`` none is counted twice.
        points: What the tier earns.
        earns: Whether the row's track earns points; missing where the track is.
    """
    index, ladder = facts.index, pillars.ladder
    others = [pillar for pillar in PILLARS if pillar != "marketing"]
    rest, rest_known = pillars.most(others), pillars.all_known(others)
    there = pillars.known["marketing"]
    inside = facts["rfq_points_in_score"].to_numpy(dtype=np.int64, na_value=0)
    now = np.where(there, pillars.scores["marketing"], ladder.full)
    pays = earns.to_numpy(dtype=bool, na_value=False)
    ahead = _without(pillars, inside) + np.where(pays, points, 0) * _HUNDREDTHS
    ahead = np.minimum(ahead, ladder.full)
    before, after = ladder.stars[np.minimum(now, rest)], ladder.stars[np.minimum(ahead, rest)]
    known = earns.notna().to_numpy() & pillars.any_known
    proven = known & pillars.proven(np.minimum(ahead, rest), there & rest_known)
    alone, capped = ladder.stars[now], ladder.stars[rest] == ladder.stars[0]
    effect = np.select(
        [
            ~pays, np.full(len(index), points == 0), inside == points, inside > points,
            ~there & ~capped, (after > before) & rest_known, after > before,
            there & (alone == STARS[-1]), ~there, rest < now, rest == now,
            ladder.stars[ahead] > before,
        ],
        [_EFFECT[name] for name in (
            "track", "not_yet", "counted", "fewer", "marketing_unknown", "lifts", "may_lift",
            "top_star", "other_holds", "other_lowest", "tied", "other_holds",
        )],
        _EFFECT["no_cut_off"],
    )  # fmt: skip
    why = np.where(pillars.any_known, np.where(earns.isna(), 3, 1), 2)
    whys = (None, Reason.PILLAR_UNKNOWN, Reason.NO_PILLAR_SCORES, Reason.TRACK_UNKNOWN)
    return (
        whole(after, proven, index),
        coded(np.where(proven, 0, why), whys, index),
        coded(np.where(known, effect + 1, 0), (None, *EFFECTS), index),
    )


def without_points(
    pillars: Pillars, facts: pd.DataFrame
) -> tuple["pd.Series[Any]", "pd.Series[Any]"]:
    """Return the star without the RFQ points that are in the score, and why it is missing."""
    inside = facts["rfq_points_in_score"].to_numpy(dtype=np.int64, na_value=0)
    others = [pillar for pillar in PILLARS if pillar != "marketing"]
    lowest = np.minimum(_without(pillars, inside), pillars.most(others))
    proven = pillars.any_known & pillars.proven(lowest, pillars.all_known())
    why = np.where(proven, 0, np.where(pillars.any_known, 1, 2))
    whys = (None, Reason.PILLAR_UNKNOWN, Reason.NO_PILLAR_SCORES)
    star = whole(pillars.ladder.stars[lowest], proven, facts.index)
    return star, coded(why, whys, facts.index)


def _without(pillars: Pillars, inside: Whole) -> Whole:
    """Return marketing's score without the points in it; what is unknown may have the full one."""
    score = pillars.scores["marketing"] - inside * _HUNDREDTHS
    found: Whole = np.where(pillars.known["marketing"], score, pillars.ladder.full)
    return found


_EFFECT = {name: place for place, name in enumerate(EFFECTS)}


def whole(values: Whole, known: Flags | None, index: pd.Index) -> "pd.Series[Any]":
    """Return whole numbers as a column that can be missing."""
    missing = np.zeros(len(values), dtype=bool) if known is None else ~known
    numbers = values.astype(np.int64, copy=False)
    return pd.Series(pd.arrays.IntegerArray(numbers, missing), index=index)


def _named(held: Mapping[str, Flags], index: pd.Index) -> "pd.Series[Any]":
    """Return which pillars are held, as codes joined by commas; missing where none is."""
    bits = np.zeros(len(index), dtype=np.int64)
    for place, pillar in enumerate(PILLARS):
        bits |= held[pillar].astype(np.int64) << place
    sets = range(1 << len(PILLARS))
    names = [",".join(p for n, p in enumerate(PILLARS) if held_ >> n & 1) or None for held_ in sets]
    return coded(bits, names, index)

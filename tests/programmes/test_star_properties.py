"""What holds for any scores: more never hurts, and the range always holds the truth."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import star
from merchantkit.rulebook import rulebook
from tests.properties import few

pytestmark = pytest.mark.slow

RULES = rulebook().on("2021-05-31")
PILLARS = ("product", "marketing", "transaction", "assurance")
# The public rule's cut-offs in hundredths, and the deck's points: not from where the code reads.
CUTS = {1: 6000, 2: 7000, 3: 8000, 4: 8500, 5: 9000}
POINTS = {1: 300, 2: 500}

Scores = dict[str, int | None]

near = st.sampled_from([cut + step for cut in CUTS.values() for step in (-500, -300, -1, 0, 1)])
score = near | st.integers(0, 10_000)
full = st.fixed_dictionaries(dict.fromkeys(PILLARS, score))
partly = st.fixed_dictionaries(dict.fromkeys(PILLARS, score | score | st.none()))


def several(rows: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(rows, min_size=3, max_size=10)


def frame(rows: list[Scores], track: str = "customization") -> pd.DataFrame:
    columns = {
        f"{p}_score": pd.Series(
            [None if row[p] is None else f"{row[p] // 100}.{row[p] % 100:02d}" for row in rows],  # type: ignore[operator]
            dtype="str",
        )
        for p in PILLARS
    }
    ids = [f"m{i}" for i in range(len(rows))]
    return pd.DataFrame({"merchant_id": ids, "track": track, **columns})


def assessed(rows: list[Scores], track: str = "customization") -> list[dict[str, Any]]:
    found = star.assess(frame(rows, track), RULES).to_dict("records")
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in found]


def by_hand(scores: Scores) -> int:
    lowest = min(value for value in scores.values() if value is not None)
    return max((n for n, cut in CUTS.items() if lowest >= cut), default=0)


def lifted(scores: Scores, points: int) -> Scores:
    return {**scores, "marketing": min(scores["marketing"] + points, 10_000)}  # type: ignore[operator]


def filled(scores: Scores, rest: Scores) -> Scores:
    return {p: rest[p] if value is None else value for p, value in scores.items()}


@few
@given(several(full))
def test_the_star_is_that_of_the_lowest_pillar(rows: list[Scores]) -> None:
    for scores, outcome in zip(rows, assessed(rows), strict=True):
        lowest = min(scores.values())  # type: ignore[type-var]
        assert outcome["star"] == outcome["star_low"] == outcome["star_high"] == by_hand(scores)
        assert outcome["lowest_score"] * 100 == lowest
        assert outcome["lowest_pillars"].split(",") == [p for p in PILLARS if scores[p] == lowest]
        for tier, points in POINTS.items():
            assert outcome[f"star_tier_{tier}"] == by_hand(lifted(scores, points))


@few
@given(several(partly), st.sampled_from(PILLARS), st.integers(0, 3_000))
def test_more_never_hurts(rows: list[Scores], pillar: str, more: int) -> None:
    richer = [
        {**row, pillar: None if row[pillar] is None else min(row[pillar] + more, 10_000)}  # type: ignore[operator]
        for row in rows
    ]
    for before, after in zip(assessed(rows), assessed(richer), strict=True):
        for column in ("star_low", "star_high"):
            assert after[column] >= before[column]
        for column in ("star", "star_tier_1", "star_tier_2"):
            if before[column] is not None and after[column] is not None:
                assert after[column] >= before[column]
        for tier in (1, 2):
            if before["star"] is not None and before[f"star_tier_{tier}"] is not None:
                assert before[f"star_tier_{tier}"] >= before["star"]


@few
@given(several(st.tuples(partly, full)))
def test_the_range_always_holds_the_truth(rows: list[tuple[Scores, Scores]]) -> None:
    for (scores, rest), outcome in zip(rows, assessed([row for row, _ in rows]), strict=True):
        truth = by_hand(filled(scores, rest))
        assert outcome["star_low"] <= truth <= outcome["star_high"]
        assert outcome["star"] in (None, truth)
        for tier, points in POINTS.items():
            found = outcome[f"star_tier_{tier}"]
            assert found in (None, by_hand(lifted(filled(scores, rest), points)))


@few
@given(several(partly))
def test_the_range_is_no_wider_than_it_must_be(rows: list[Scores]) -> None:
    for scores, outcome in zip(rows, assessed(rows), strict=True):
        ends = [by_hand(filled(scores, dict.fromkeys(PILLARS, end))) for end in (0, 10_000)]
        assert [outcome["star_low"], outcome["star_high"]] == ends
        unknown = None in scores.values()
        assert (outcome["star"] is None) == (unknown and ends[0] != ends[1])


@few
@given(several(partly))
def test_the_score_that_an_unknown_pillar_needs_is_enough_and_no_less(rows: list[Scores]) -> None:
    for scores, outcome in zip(rows, assessed(rows), strict=True):
        if outcome["unknown_needs_score"] is None:
            assert outcome["unknown_matters"] is None
            continue
        needed = int(outcome["unknown_needs_score"] * 100)
        matters = outcome["unknown_matters"].split(",")
        assert matters == [p for p in PILLARS if scores[p] is None]
        enough = {**scores, **dict.fromkeys(matters, needed)}
        assert by_hand(enough) == outcome["star_high"]
        for pillar in matters:
            assert by_hand({**enough, pillar: needed - 1}) < outcome["star_high"]


@few
@given(several(st.tuples(partly, full)))
def test_what_is_said_of_rfq_points_is_true_whatever_is_unknown(
    rows: list[tuple[Scores, Scores]],
) -> None:
    for (scores, rest), outcome in zip(rows, assessed([row for row, _ in rows]), strict=True):
        truth = filled(scores, rest)
        best = filled(scores, dict.fromkeys(PILLARS, 10_000))
        for tier, points in POINTS.items():
            effect = outcome[f"effect_tier_{tier}"]
            change = by_hand(lifted(truth, points)) - by_hand(truth)
            if effect == "lifts":
                assert change > 0
            elif effect == "may_lift":
                assert by_hand(lifted(best, points)) > by_hand(best)
            elif effect not in ("marketing_unknown", None):
                assert change == 0
            if effect == "tied":
                others = [scores[p] for p in PILLARS if p != "marketing" and scores[p] is not None]
                assert scores["marketing"] == min(others)  # type: ignore[type-var]


@few
@given(several(full))
def test_points_change_the_star_only_where_marketing_alone_is_lowest(rows: list[Scores]) -> None:
    for outcome, rts in zip(assessed(rows), assessed(rows, "rts"), strict=True):
        if outcome["lowest_pillars"] != "marketing":
            assert outcome["star_tier_1"] == outcome["star_tier_2"] == outcome["star"]
        assert rts["star_tier_2"] == outcome["star"]


@few
@given(st.lists(partly, min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_neither_splitting_nor_order_matters(rows: list[Scores], random: Any) -> None:
    measures = frame(rows)
    whole = star.assess(measures, RULES)
    order = list(range(len(rows)))
    random.shuffle(order)
    cut = random.randrange(1, len(rows))
    shuffled = measures.iloc[order]
    parts = [star.assess(part, RULES) for part in (shuffled.iloc[:cut], shuffled.iloc[cut:])]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), whole)

"""What holds for any scores: more never hurts, and the range always holds the truth."""

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import star
from merchantkit.rulebook import rulebook
from tests.properties import few, modest

RULES = rulebook().on("2021-05-31")
PILLARS = ("product", "marketing", "transaction", "assurance")
# The public rule's cut-offs in hundredths, and the deck's points; not read from where the code does.
CUTS = {1: 6000, 2: 7000, 3: 8000, 4: 8500, 5: 9000}
POINTS = {1: 300, 2: 500}

Scores = dict[str, int | None]

near = st.sampled_from([cut + step for cut in CUTS.values() for step in (-500, -300, -1, 0, 1)])
score = near | st.integers(0, 10_000)
full = st.fixed_dictionaries(dict.fromkeys(PILLARS, score))
partly = st.fixed_dictionaries(dict.fromkeys(PILLARS, score | score | st.none()))


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


def assessed(scores: Scores, track: str = "customization") -> dict[str, Any]:
    (row,) = star.assess(frame([scores], track), RULES).to_dict("records")
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def by_hand(scores: Scores) -> int:
    lowest = min(value for value in scores.values() if value is not None)
    return max((n for n, cut in CUTS.items() if lowest >= cut), default=0)


def lifted(scores: Scores, points: int) -> Scores:
    return {**scores, "marketing": min(scores["marketing"] + points, 10_000)}  # type: ignore[operator]


def filled(scores: Scores, rest: Scores) -> Scores:
    return {p: rest[p] if value is None else value for p, value in scores.items()}


@modest
@given(full)
def test_the_star_is_that_of_the_lowest_pillar(scores: Scores) -> None:
    outcome = assessed(scores)
    lowest = min(scores.values())  # type: ignore[type-var]
    assert outcome["star"] == outcome["star_low"] == outcome["star_high"] == by_hand(scores)
    assert outcome["lowest_score"] * 100 == lowest
    assert outcome["lowest_pillars"].split(",") == [p for p in PILLARS if scores[p] == lowest]
    for tier, points in POINTS.items():
        assert outcome[f"star_tier_{tier}"] == by_hand(lifted(scores, points))


@modest
@given(partly, st.sampled_from(PILLARS), st.integers(0, 3_000))
def test_more_never_hurts(scores: Scores, pillar: str, more: int) -> None:
    value = scores[pillar]
    richer = {**scores, pillar: None if value is None else min(value + more, 10_000)}
    before, after = assessed(scores), assessed(richer)
    for column in ("star_low", "star_high"):
        assert after[column] >= before[column]
    for column in ("star", "star_tier_1", "star_tier_2"):
        if before[column] is not None and after[column] is not None:
            assert after[column] >= before[column]
    for tier in (1, 2):
        if before["star"] is not None and before[f"star_tier_{tier}"] is not None:
            assert before[f"star_tier_{tier}"] >= before["star"]


@modest
@given(partly, full)
def test_the_range_always_holds_the_truth(scores: Scores, rest: Scores) -> None:
    outcome, truth = assessed(scores), by_hand(filled(scores, rest))
    assert outcome["star_low"] <= truth <= outcome["star_high"]
    assert outcome["star"] in (None, truth)
    for tier, points in POINTS.items():
        found = outcome[f"star_tier_{tier}"]
        assert found in (None, by_hand(lifted(filled(scores, rest), points)))


@modest
@given(partly)
def test_the_range_is_no_wider_than_it_must_be(scores: Scores) -> None:
    outcome = assessed(scores)
    ends = [by_hand(filled(scores, dict.fromkeys(PILLARS, end))) for end in (0, 10_000)]
    assert [outcome["star_low"], outcome["star_high"]] == ends
    unknown = any(value is None for value in scores.values())
    assert (outcome["star"] is None) == (unknown and ends[0] != ends[1])


@modest
@given(partly)
def test_the_score_that_an_unknown_pillar_needs_is_enough_and_no_less(scores: Scores) -> None:
    outcome = assessed(scores)
    if outcome["unknown_needs_score"] is None:
        assert outcome["unknown_matters"] is None
        return
    needed = int(outcome["unknown_needs_score"] * 100)
    matters = outcome["unknown_matters"].split(",")
    assert matters == [p for p in PILLARS if scores[p] is None]
    enough = {**scores, **dict.fromkeys(matters, needed)}
    assert by_hand(enough) == outcome["star_high"]
    for pillar in matters:
        assert by_hand({**enough, pillar: needed - 1}) < outcome["star_high"]


@modest
@given(partly, full, st.sampled_from([1, 2]))
def test_what_is_said_of_rfq_points_is_true_whatever_is_unknown(
    scores: Scores, rest: Scores, tier: int
) -> None:
    effect = assessed(scores)[f"effect_tier_{tier}"]
    truth = filled(scores, rest)
    change = by_hand(lifted(truth, POINTS[tier])) - by_hand(truth)
    if effect == "lifts":
        assert change > 0
    elif effect not in ("may_lift", "marketing_unknown", None):
        assert change == 0
    if effect == "may_lift":
        best = filled(scores, dict.fromkeys(PILLARS, 10_000))
        assert by_hand(lifted(best, POINTS[tier])) > by_hand(best)
    if effect == "tied":
        others = [scores[p] for p in PILLARS if p != "marketing" and scores[p] is not None]
        assert scores["marketing"] == min(others)  # type: ignore[type-var]


@few
@given(full)
def test_points_change_the_star_only_where_marketing_alone_is_lowest(scores: Scores) -> None:
    outcome = assessed(scores)
    if outcome["lowest_pillars"] != "marketing":
        assert outcome["star_tier_1"] == outcome["star_tier_2"] == outcome["star"]
    assert assessed(scores, "rts")["star_tier_2"] == outcome["star"]


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

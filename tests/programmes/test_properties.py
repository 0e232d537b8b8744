"""What holds for any measures: tiers, gaps, ranks and rewards against plain arithmetic by hand."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from merchantkit.programmes import campaign, rfq
from merchantkit.rulebook import rulebook
from tests.properties import few

RULES = rulebook().on("2021-05-31")
# The limits printed on the slides; the tests must not read them from where the code does.
TIERS = {1: (2_500_000, 60, 3), 2: (3_500_000, 100, 5)}

Row = dict[str, Any]


def plain(column: "pd.Series[Any]") -> list[Any]:
    return [None if value is pd.NA else value for value in column.tolist()]


def usd(cents: int | None) -> str | None:
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"


# --- rfq ----------------------------------------------------------------------------------------


@st.composite
def merchants(draw: st.DrawFn, *, known: bool = False) -> Row:
    """One merchant: often near a limit, and unless ``known`` with something missing at times."""
    near = st.sampled_from([2_499_999, 2_500_000, 2_500_001, 3_499_999, 3_500_000, 3_500_001])
    granted = draw(st.integers(0, 40))
    row: Row = {
        "track": draw(st.sampled_from(["customization", "rts"])),
        "gmv": draw(near | st.integers(0, 6_000_000)),
        "granted": granted,
        "used": draw(st.integers(0, granted)),
    }
    if not known:
        for name in ("track", "gmv", "granted", "used"):
            row[name] = draw(st.sampled_from([row[name]] * 6 + [None]))
    return row


def measures(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "merchant_id": [f"m{i}" for i in range(len(rows))],
            "track": pd.Series([row["track"] for row in rows], dtype="str"),
            "gmv_90d_usd": pd.Series([usd(row["gmv"]) for row in rows], dtype="str"),
            "free_quotes_granted": pd.Series([row["granted"] for row in rows], dtype="Int64"),
            "free_quotes_used": pd.Series([row["used"] for row in rows], dtype="Int64"),
        }
    )


def assessed(row: Row) -> dict[str, Any]:
    outcome = rfq.assess(measures([row]), RULES)
    return {name: plain(outcome[name])[0] for name in outcome.columns}


def tier_by_hand(row: Row) -> int | None:
    """The highest tier; None where what is missing could make a difference."""
    reached: int | None = 0
    for tier, (gmv, percent, _) in TIERS.items():
        sold = None if row["gmv"] is None else row["gmv"] >= gmv
        met = [sold, used_by_hand(row, percent)]
        if False in met:
            continue
        reached = None if None in met else tier
    return reached


def used_by_hand(row: Row, percent: int) -> bool | None:
    if row["granted"] == 0:
        return False
    if row["granted"] is None or row["used"] is None:
        return None
    return Fraction(row["used"], row["granted"]) >= Fraction(percent, 100)


@few
@given(st.lists(merchants(), min_size=1, max_size=15))
@pytest.mark.slow
def test_tiers_and_points_are_those_of_fractions_by_hand(rows: list[Row]) -> None:
    outcome = rfq.assess(measures(rows), RULES)
    tiers = [tier_by_hand(row) for row in rows]
    assert plain(outcome["tier"]) == tiers
    earned = {0: 0, **{tier: points for tier, (_, _, points) in TIERS.items()}}
    points = {"customization": lambda tier: earned[tier], "rts": lambda tier: 0}
    for row, tier, found in zip(rows, tiers, plain(outcome["points"]), strict=True):
        if tier is not None and row["track"] is not None:
            assert found == points[row["track"]](tier)


@few
@given(st.lists(merchants(), min_size=2, max_size=15), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_neither_splitting_nor_order_matters(rows: list[Row], random: Any) -> None:
    frame = measures(rows)
    whole = rfq.assess(frame, RULES)
    order = list(range(len(rows)))
    random.shuffle(order)
    cut = random.randrange(1, len(rows))
    shuffled = frame.iloc[order]
    parts = [rfq.assess(part, RULES) for part in (shuffled.iloc[:cut], shuffled.iloc[cut:])]
    pd.testing.assert_frame_equal(pd.concat(parts).sort_index(), whole)


@few
@given(merchants(known=True), st.integers(0, 2_000_000), st.integers(0, 40))
def test_more_sales_or_more_quotes_used_never_cost_a_tier(
    row: Row, more_cents: int, more_quotes: int
) -> None:
    better = dict(row, gmv=row["gmv"] + more_cents)
    better["used"] = min(row["used"] + more_quotes, row["granted"])
    before, after = assessed(row), assessed(better)
    assert after["tier"] >= before["tier"]
    assert after["points"] >= before["points"]


@few
@given(merchants(known=True), st.sampled_from([1, 2]))
def test_the_gap_reaches_the_tier_and_one_less_does_not(row: Row, tier: int) -> None:
    assume(row["granted"] > 0)
    before = assessed(row)
    cents = int(before[f"usd_to_tier_{tier}"] * 100)
    quotes = before[f"quotes_to_tier_{tier}"]
    reached = dict(row, gmv=row["gmv"] + cents, used=row["used"] + quotes)
    assert assessed(reached)["tier"] >= tier
    if cents:
        assert assessed(dict(reached, gmv=reached["gmv"] - 1))["tier"] < tier
    if quotes:
        assert assessed(dict(reached, used=reached["used"] - 1))["tier"] < tier
    assert (before["tier"] >= tier) == (cents == 0 and quotes == 0)


@few
@given(st.lists(merchants(), min_size=1, max_size=10))
@pytest.mark.slow
def test_the_explanation_agrees_with_the_outcome(rows: list[Row]) -> None:
    frame = measures(rows)
    outcome = rfq.assess(frame, RULES).set_index("merchant_id")
    long = rfq.explain(frame, RULES)
    for merchant, checks in long.groupby("subject", sort=False):
        by_name = checks.set_index("check")
        tier: int | None = 0
        for n in TIERS:
            met = plain(by_name.loc[[f"tier_{n}.gmv", f"tier_{n}.usage"], "met"])
            tier = tier if False in met else None if None in met else n
            gap = plain(by_name.loc[[f"tier_{n}.gmv"], "gap"])[0]
            assert gap == as_text(outcome.loc[merchant, f"usd_to_tier_{n}"])
            gap = plain(by_name.loc[[f"tier_{n}.usage"], "gap"])[0]
            assert gap == as_text(outcome.loc[merchant, f"quotes_to_tier_{n}"])
        assert tier == (None if outcome.loc[merchant, "tier"] is pd.NA else tier)
        assert as_text(outcome.loc[merchant, "tier"]) == as_text(tier)


def as_text(value: Any) -> str | None:
    return None if value is None or value is pd.NA else str(value)


@few
@given(st.lists(merchants(), min_size=1, max_size=10))
def test_a_missing_value_has_its_reason_and_only_then(rows: list[Row]) -> None:
    outcome = rfq.assess(measures(rows), RULES)
    for name in outcome.columns:
        # A tier of 0 because nothing was granted is a tier with a reason.
        if f"{name}_reason" in outcome.columns and name != "tier":
            assert outcome[name].isna().tolist() == outcome[f"{name}_reason"].notna().tolist()


@few
@given(st.lists(merchants(known=True), min_size=1, max_size=10))
@pytest.mark.slow
def test_it_matters_not_as_what_kind_of_number_money_comes(rows: list[Row]) -> None:
    frame = measures(rows)
    amounts = [Decimal(row["gmv"]) / 100 for row in rows]
    expected = rfq.assess(frame, RULES)
    for column in (
        pd.Series([float(amount) for amount in amounts]),
        pd.Series(amounts, dtype=object),
        pd.Series(amounts, dtype=pd.ArrowDtype(pa.decimal128(38, 5))),
    ):
        pd.testing.assert_frame_equal(rfq.assess(frame.assign(gmv_90d_usd=column), RULES), expected)


# --- campaign -----------------------------------------------------------------------------------

COUNTS = ("visitors", "inquiries", "tm")
WEIGHTS = {"visitors": Decimal("0.2"), "inquiries": Decimal(10), "tm": Decimal(5)}
SHARES = ((10, 100, Decimal(5000)), (1000, 50, Decimal(2000)))


@st.composite
def boards(draw: st.DrawFn, most: int = 30, sizes: tuple[int, int] = (1, 25)) -> list[Row]:
    """A board of merchants with few different scores, so that many tie."""
    rows = []
    for i in range(draw(st.integers(*sizes))):
        row: Row = {"merchant_id": f"m{i}", "spend_cny": usd(draw(st.integers(0, 2_000_000)))}
        for count in COUNTS:
            for when in ("before", "during"):
                row[f"{count}_{when}"] = draw(st.integers(0, most))
        for flag in ("enrolled", "ads_on"):
            row[flag] = draw(st.sampled_from([True, True, True, True, None, False]))
        missing = draw(st.sampled_from([None] * 6 + ["tm_before", "visitors_during", "spend_cny"]))
        if missing:
            row[missing] = None
        rows.append(row)
    return rows


def board(rows: list[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    counts = [f"{count}_{when}" for count in COUNTS for when in ("before", "during")]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def score_by_hand(row: Row) -> Decimal | None:
    if None in [row[f"{count}_{when}"] for count in COUNTS for when in ("before", "during")]:
        return None
    return sum(
        ((row[f"{c}_during"] - row[f"{c}_before"]) * weight for c, weight in WEIGHTS.items()),
        Decimal(0),
    )


def ranks_by_hand(rows: list[Row]) -> list[int | None]:
    scores = [score_by_hand(row) for row in rows]
    on = [
        score if row["enrolled"] is not False and row["ads_on"] is not False else None
        for row, score in zip(rows, scores, strict=True)
    ]
    order = sorted((score for score in on if score is not None), reverse=True)
    return [None if score is None else order.index(score) + 1 for score in on]


def reward_by_hand(rank: int | None, spend: str | None) -> Decimal | None:
    if rank is None or spend is None:
        return None
    for last, percent, cap in SHARES:
        if rank <= last:
            share = Decimal(spend) * percent / 100
            return min(share.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP), cap)
    return Decimal(0)


@few
@given(boards())
def test_scores_ranks_and_rewards_are_those_of_a_plain_sort(rows: list[Row]) -> None:
    outcome = campaign.assess(board(rows), RULES)
    ranks = ranks_by_hand(rows)
    assert plain(outcome["score"]) == [score_by_hand(row) for row in rows]
    assert plain(outcome["rank"]) == ranks
    rewards = plain(outcome["reward_cny"])
    for row, rank, reward in zip(rows, ranks, rewards, strict=True):
        assert reward == reward_by_hand(rank, row["spend_cny"])


@few
@given(boards(most=10**14, sizes=(2, 6)))
def test_the_largest_counts_are_ranked_exactly(rows: list[Row]) -> None:
    outcome = campaign.assess(board(rows), RULES)
    assert plain(outcome["score"]) == [score_by_hand(row) for row in rows]
    assert plain(outcome["rank"]) == ranks_by_hand(rows)


def test_scores_that_a_float_cannot_tell_apart_are_ranked_apart() -> None:
    rows = [
        {"merchant_id": f"m{i}", "spend_cny": "1", **dict.fromkeys(SIX, 0), "tm_during": 10**14 - i}
        for i in (2, 0, 1)
    ]
    # 0.2 for one visitor: beside 5 × 10^14 points a float of the tenths may not see it.
    rows.append({**rows[1], "merchant_id": "m9", "visitors_during": 1})
    assert plain(campaign.assess(board(rows), RULES)["rank"]) == [4, 2, 3, 1]


SIX = [f"{count}_{when}" for count in COUNTS for when in ("before", "during")]


@pytest.mark.parametrize("spend", ["9999999999999999.99", "10000000000000.00", "10000.01"])
def test_a_spend_of_any_size_earns_no_more_than_the_cap(spend: str) -> None:
    rows = [
        {"merchant_id": f"m{i}", **dict.fromkeys(SIX, 0), "tm_during": 20 - i, "spend_cny": spend}
        for i in range(12)
    ]
    rewards = plain(campaign.assess(board(rows), RULES)["reward_cny"])
    assert rewards == [Decimal(5000)] * 10 + [Decimal(2000)] * 2


@few
@given(boards())
@pytest.mark.slow
def test_the_parts_add_up_to_the_score(rows: list[Row]) -> None:
    outcome = campaign.assess(board(rows), RULES)
    known = outcome[outcome["score"].notna()]
    parts = [plain(known[f"score_{count}"]) for count in COUNTS]
    assert [sum(row) for row in zip(*parts, strict=True)] == plain(known["score"])


@few
@given(boards(), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_the_order_of_the_board_does_not_matter(rows: list[Row], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (
        campaign.assess(board(each), RULES).set_index("merchant_id") for each in (rows, shuffled)
    )
    pd.testing.assert_frame_equal(other.loc[one.index], one)


@few
@given(boards(), st.data())
@pytest.mark.slow
def test_who_improves_never_ranks_worse(rows: list[Row], data: st.DataObject) -> None:
    who = data.draw(st.integers(0, len(rows) - 1))
    what = data.draw(st.sampled_from(["visitors_during", "inquiries_during", "tm_during"]))
    before = plain(campaign.assess(board(rows), RULES)["rank"])[who]
    assume(before is not None)
    better = [dict(row) for row in rows]
    better[who][what] += data.draw(st.integers(1, 50))
    assert plain(campaign.assess(board(better), RULES)["rank"])[who] <= before


@few
@given(boards())
def test_no_reward_is_above_its_cap_or_the_spend(rows: list[Row]) -> None:
    outcome = campaign.assess(board(rows), RULES)
    spends = [row["spend_cny"] for row in rows]
    caps = []
    for rank, reward, spend in zip(
        plain(outcome["rank"]), plain(outcome["reward_cny"]), spends, strict=True
    ):
        if reward is None:
            continue
        caps.append(Decimal(5000) if rank <= 10 else Decimal(2000))
        assert Decimal(0) <= reward <= min(caps[-1], Decimal(spend))
    assert sum(r for r in plain(outcome["reward_cny"]) if r is not None) <= sum(caps)


@few
@given(boards())
@pytest.mark.slow
def test_the_boards_explanation_agrees_with_its_outcome(rows: list[Row]) -> None:
    frame = board(rows)
    outcome = campaign.assess(frame, RULES).set_index("merchant_id")
    long = campaign.explain(frame, RULES)
    ranked = long[long["check"] == "top.rank"].set_index("subject")
    assert [as_text(rank) for rank in plain(outcome["rank"])] == plain(
        ranked.loc[outcome.index, "observed"]
    )
    board_checks = long[long["check"].isin(["board.enrolled", "board.ads_on"])]
    refused = set(board_checks.loc[~board_checks["met"].astype(bool), "subject"])
    assert not outcome.loc[sorted(refused), "rank"].notna().any()

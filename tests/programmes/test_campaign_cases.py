"""Campaign scores, ranks and ad credit: the printed seven, every limit, ties, the whole board."""

from decimal import Decimal

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError, PopulationError
from merchantkit.programmes import campaign
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("campaign")
RULES = rulebook().on("2021-05-31")
OUTCOME = ["score", "rank", "reward_cny", "score_reason", "rank_reason", "reward_cny_reason"]
GIVEN = [
    "visitors_before", "visitors_during", "inquiries_before", "inquiries_during",
    "tm_before", "tm_during", "spend_cny", "enrolled", "ads_on",
]  # fmt: skip


def board(rows: pd.DataFrame = CASES) -> pd.DataFrame:
    return rows[GIVEN].assign(merchant_id=rows.index)


def flat(scores: list[int], spend: str = "100") -> pd.DataFrame:
    """A board on which only TM consults differ, so that a score is five times the number given."""
    zero = dict.fromkeys(GIVEN[:6], 0)
    rows = pd.DataFrame(zero, index=range(len(scores))).assign(tm_during=scores, spend_cny=spend)
    return rows.assign(merchant_id=[f"m{i}" for i in range(len(scores))])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_worked_board_in_any_order(seed: int) -> None:
    rows = CASES.sample(frac=1, random_state=seed)
    outcome = campaign.assess(board(rows), RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    assert {c: as_text(outcome[c]) for c in OUTCOME} == {c: rows[c].tolist() for c in OUTCOME}


@pytest.mark.parametrize("case", CASES.index)
def test_single_row_scores_as_on_the_board(case: str) -> None:
    outcome = campaign.assess(board(CASES.loc[[case]]), RULES)
    assert as_text(outcome["score"]) == [CASES.loc[case, "score"]]


def test_the_seven_printed_scores_and_their_order() -> None:
    # 「三月推荐之星TOP 10客户展示」: scores as printed, in the slide's order (2, 3, 7 are not).
    printed = ["24721.2", "20618.8", "19522.8", "18006.2", "16042.4", "15934.0", "15807.4"]
    outcome = campaign.assess(board(CASES.iloc[:7]), RULES)
    assert outcome["score"].tolist() == [Decimal(score) for score in printed]
    assert outcome["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_ties_share_the_better_rank_and_are_flagged_at_ten() -> None:
    scores = [100, 99, 98, 97, 96, 95, 94, 93, 92, 50, 50, 50, 40]
    outcome = campaign.assess(flat(scores), RULES)
    assert outcome["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 13]
    assert outcome["tie_at_cutoff"].tolist() == [False] * 9 + [True] * 3 + [False]
    assert outcome["reward_cny"].tolist()[8:] == [Decimal(100)] * 4 + [Decimal(50)]


def test_a_tie_that_ends_at_ten_is_not_flagged() -> None:
    outcome = campaign.assess(flat([9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 0]), RULES)
    assert outcome["rank"].tolist()[8:] == [9, 9, 11]
    assert not outcome["tie_at_cutoff"].any()


def test_ranks_just_below_at_and_just_above_a_thousand() -> None:
    outcome = campaign.assess(flat(list(range(1002, 0, -1)), spend="10"), RULES)
    assert outcome["reward_cny"].iloc[998:].tolist() == [
        Decimal(5),
        Decimal(5),
        Decimal(0),
        Decimal(0),
    ]
    tied = campaign.assess(flat([*range(2000, 1001, -1), 5, 5], spend="10"), RULES)
    assert tied["rank"].iloc[-2:].tolist() == [1000, 1000]
    assert tied["tie_at_cutoff"].iloc[-2:].tolist() == [True, True]


def test_absent_enrolment_is_assumed_and_flagged() -> None:
    outcome = campaign.assess(flat([1, 2]), RULES)
    assert outcome["enrolment_assumed"].tolist() == [True, True]
    given = campaign.assess(flat([1, 2]).assign(enrolled=True, ads_on=[True, None]), RULES)
    assert given["enrolment_assumed"].tolist() == [False, True]


def test_flags_are_flags_whether_they_were_given_or_not() -> None:
    given = flat([1, 2]).assign(enrolled=True, ads_on=[True, None], counts_assumed=[True, None])
    flags = ["tie_at_cutoff", "enrolment_assumed", "counts_assumed"]
    for outcome in (campaign.assess(flat([1, 2]), RULES), campaign.assess(given, RULES)):
        assert [str(kind) for kind in outcome[flags].dtypes] == ["boolean"] * 3
    rows = campaign.explain(flat([1, 2]), RULES).set_index("check")
    assert rows.loc["board.enrolled", "observed"].tolist() == ["true", "true"]


def test_a_slice_of_a_measured_board_is_refused() -> None:
    frame = flat([3, 2, 1])
    frame.attrs["population"] = 3
    campaign.assess(frame.sample(frac=1, random_state=1), RULES)
    with pytest.raises(PopulationError, match="slice"):
        campaign.assess(frame.iloc[:2], RULES)


def test_a_merchant_twice_on_the_board_is_refused() -> None:
    with pytest.raises(MeasureError, match="twice"):
        campaign.assess(flat([1, 2]).assign(merchant_id="same"), RULES)


@pytest.mark.parametrize("day", ["2021-04-30", "2021-06-01"])
def test_no_campaign_before_or_after_may(day: str) -> None:
    with pytest.raises(NotInForceError, match="2021-0"):
        campaign.assess(flat([1]), rulebook().on(day))


@pytest.mark.parametrize("day", ["2021-05-01", "2021-05-31"])
def test_campaign_on_its_first_and_last_day(day: str) -> None:
    assert campaign.assess(flat([1]), rulebook().on(day))["score"].tolist() == [Decimal(5)]


def test_explanation_of_one_merchant_is_ranked_on_the_whole_board() -> None:
    rows = campaign.explain(board(), RULES, subjects=["the eleventh"]).set_index("check")
    assert set(rows["subject"]) == {"the eleventh"}
    assert rows.loc["top.rank", ["observed", "required", "gap"]].tolist() == ["11", "10", "1"]
    assert not rows.loc["top.rank", "met"]
    assert rows.loc["next.rank", "met"]
    assert rows.loc["board.enrolled", "source"] == "「5月推荐之星活动」"

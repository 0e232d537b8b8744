"""What of each dispute needs no refund: every condition and limit, alone and in one batch."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError, PopulationError
from merchantkit.programmes import chargeback
from merchantkit.rulebook import Rules, rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("chargeback")
RULES = rulebook().on("2021-05-31")
GIVEN = {
    "merchant_id": "merchant", "coverage_id": "coverage", "standing": "standing",
    "paid_in_period": "in_period", "online_order": "online", "payment": "payment",
    "evidence_given": "given", "evidence_review": "review", "disputed_at": "disputed_at",
    "approved_at": "approved_at", "disputed_usd": "disputed_usd", "limit_usd": "limit_usd",
}  # fmt: skip
OUTCOME = {
    "no_refund_usd": "no_refund_usd", "open_usd": "open_usd", "unprotected_usd": "unprotected_usd",
    "state": "state", "no_refund_usd_reason": "reason", "missing": "missing",
    "left_usd": "left_usd",
}  # fmt: skip


def disputes(rows: pd.DataFrame = CASES) -> pd.DataFrame:
    given = {column: rows[case] for column, case in GIVEN.items()}
    return pd.DataFrame({"dispute_id": rows.index, **given}, index=rows.index)


def found(outcome: pd.DataFrame) -> dict[str, list[str]]:
    return {column: as_text(outcome[column]) for column in OUTCOME}


def expected(rows: pd.DataFrame) -> dict[str, list[str]]:
    return {column: rows[case].tolist() for column, case in OUTCOME.items()}


def some(n: int, **given: Any) -> pd.DataFrame:
    """Approved disputes of one merchant over USD 100 each, a minute apart, with a limit of 250."""
    at = pd.date_range("2021-05-01 10:00", periods=n, freq="min").strftime("%Y-%m-%d %H:%M:%S")
    base = {
        "dispute_id": [f"d{i:03d}" for i in range(n)], "merchant_id": "a", "paid_in_period": True,
        "online_order": True, "payment": "card_direct", "evidence_given": True,
        "evidence_review": "approved", "disputed_at": at, "disputed_usd": "100",
        "limit_usd": "250",
    }  # fmt: skip
    return pd.DataFrame(base | given)


def reform(**values: Any) -> Rules:
    since = dt.date(2021, 5, 1)
    changed = {name: {"values": {since: {"is": value}}} for name, value in values.items()}
    return rulebook({"id": "chargeback", "parameters": changed}).on("2021-05-31")


@pytest.mark.parametrize("merchant", CASES["merchant"].unique())
def test_each_merchant_alone(merchant: str) -> None:
    rows = CASES[CASES["merchant"] == merchant]
    assert found(chargeback.assess(disputes(rows), RULES)) == expected(rows)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_in_one_shuffled_batch(seed: int) -> None:
    rows = CASES.sample(frac=1, random_state=seed)
    outcome = chargeback.assess(disputes(rows), RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    assert found(outcome) == expected(rows)


@pytest.mark.parametrize("bank", ["won", "lost", "pending", None])
def test_the_banks_outcome_changes_nothing(bank: str | None) -> None:
    # 无论最终银行给出的抗辩结果如何
    outcome = chargeback.assess(disputes().assign(bank_result=bank), RULES)
    assert found(outcome) == expected(CASES)


def test_a_merchants_disputes_fall_under_one_coverage_where_none_is_named() -> None:
    outcome = chargeback.assess(some(4), RULES)
    assert as_text(outcome["no_refund_usd"]) == ["100.00", "100.00", "50.00", "0.00"]
    assert as_text(outcome["no_refund_usd_reason"]) == ["", "", "beyond_coverage", "coverage_used"]
    assert set(as_text(outcome["left_usd"])) == {"0.00"}
    assert set(as_text(outcome["used_usd"])) == {"250.00"}


def test_within_a_second_the_moment_of_the_dispute_and_then_the_id_decide() -> None:
    frame = some(3, approved_at="2021-05-20 10:00:00", limit_usd="100")
    frame["disputed_at"] = ["2021-05-02", "2021-05-01", "2021-05-01"]
    frame["dispute_id"] = ["1", "9", "10"]
    assert as_text(chargeback.assess(frame, RULES)["no_refund_usd"]) == ["0.00", "0.00", "100.00"]


def test_an_approval_without_a_moment_stands_by_its_dispute() -> None:
    approved = [None, "2021-05-01 10:00:30", None]
    outcome = chargeback.assess(some(3, approved_at=approved, limit_usd="200"), RULES)
    assert as_text(outcome["no_refund_usd"]) == ["100.00", "100.00", "0.00"]


def test_a_reform_of_conditions_and_of_the_limits_share() -> None:
    frame = some(2, payment=["card_indirect", "card_direct"], limit_usd="150")
    both = chargeback.assess(frame, reform(payments=["card_direct", "card_indirect"]))
    assert as_text(both["no_refund_usd"]) == ["100.00", "50.00"]
    half = chargeback.assess(frame, reform(limit_share=50))
    assert as_text(half["no_refund_usd"]) == ["0.00", "75.00"]


def test_unclear_conditions_are_named_apart_from_missing_ones() -> None:
    frame = some(1, payment=None, evidence_given=None, evidence_review=None, online_order=False)
    (row,) = chargeback.assess(frame, RULES).to_dict("records")
    assert (row["missing"], row["unclear"]) == ("online_order", "card_direct,evidence,approval")
    assert row["state"] == "unprotected"


def test_evidence_of_which_nothing_is_known_is_not_evidence_that_is_missing() -> None:
    why = {"evidence_given_reason": "no_evidence_facts", "evidence_review_reason": None}
    frame = some(1, evidence_given=None, evidence_review=None, **why)
    (row,) = chargeback.assess(frame, RULES).to_dict("records")
    assert pd.isna(row["state"])
    assert row["state_reason"] == row["no_refund_usd_reason"] == "no_evidence_facts"


def test_the_summary_has_one_row_a_merchant() -> None:
    rows = CASES[CASES["merchant"].isin(["Q", "S", "W"])]
    summary = chargeback.summary(chargeback.assess(disputes(rows), RULES)).set_index("merchant_id")
    told = {merchant: as_text(summary.loc[merchant]) for merchant in summary.index}
    assert list(summary.columns) == [
        "disputes", "disputes_protected", "disputes_partly", "disputes_open",
        "disputes_unprotected", "disputes_unknown", "disputed_usd", "disputed_usd_reason",
        "no_refund_usd", "no_refund_usd_reason", "open_usd", "open_usd_reason",
        "unprotected_usd", "unprotected_usd_reason",
    ]  # fmt: skip
    unknown = "earlier_dispute_unknown"
    assert told == {
        "Q": ["3", "1", "1", "0", "1", "0", "1150.00", "", "1000.00", "", "0.00", "", "150.00", ""],
        # 200 and 100 are open and 200 left: together 200, and 1400 − 800 − 200 not protected.
        "S": [
            "3",
            "1",
            "0",
            "2",
            "0",
            "0",
            "1400.00",
            "",
            "800.00",
            "",
            "200.00",
            "",
            "400.00",
            "",
        ],
        "W": ["2", "0", "0", "0", "0", "2", "1100.00", "", "", unknown, "0.00", "", "", unknown],
    }


def test_the_explanation_says_what_was_observed_and_required() -> None:
    rows = CASES[CASES["merchant"].isin(["Q", "J"])]
    long = chargeback.explain(disputes(rows), RULES).set_index(["subject", "check"])
    second = long.loc[("run down: second approved", "limit.amount")]
    # 700 and 400 claimed of 1,000: 100 beyond.
    assert second[["observed", "required", "met", "gap", "unit", "merchant_id"]].tolist() == [
        "1100.00", "1000.00", False, "100.00", "usd", "Q",
    ]  # fmt: skip
    first = long.loc[("run down: first approved", "limit.amount")]
    assert first[["observed", "met", "gap"]].tolist() == ["700.00", True, "0.00"]
    paid = long.loc[("card not paid directly", "paid.card")]
    assert paid[["observed", "required", "met"]].tolist() == ["card_indirect", "card_direct", False]
    assert paid["source"] == "「信用卡拒付保障开通入口优化升级」"
    assert pd.isna(long.loc[("card not paid directly", "limit.amount"), "observed"])


def test_every_dispute_is_explained_by_every_check() -> None:
    long = chargeback.explain(disputes(), RULES)
    assert len(long) == len(CASES) * len(RULES.programme("chargeback").checks)
    assert set(zip(long["subject"], long["merchant_id"], strict=True)) == set(
        zip(CASES.index, CASES["merchant"], strict=True)
    )


def test_part_of_a_coverages_disputes_is_refused_and_all_of_a_merchants_are_not() -> None:
    frame = some(4, merchant_id=list("aabb"), coverage_id=list("ccdd"), coverage_disputes=2)
    whole = chargeback.assess(frame, RULES)
    alone = chargeback.assess(frame.iloc[2:], RULES)
    pd.testing.assert_frame_equal(alone, whole.iloc[2:])
    for call in (chargeback.assess, chargeback.explain):
        with pytest.raises(PopulationError, match="left out"):
            call(frame.iloc[1:], RULES)


def test_a_dispute_twice_is_refused() -> None:
    with pytest.raises(MeasureError, match="twice") as caught:
        chargeback.assess(some(3, dispute_id=["1", "2", "1"]), RULES)
    assert caught.value.count == 2


@pytest.mark.parametrize("limits", [["250", "251", "250"], ["250", None, "250"]])
def test_a_coverage_with_two_limits_is_refused(limits: list[str | None]) -> None:
    with pytest.raises(MeasureError, match="two limits"):
        chargeback.assess(some(3, limit_usd=limits), RULES)


def test_a_coverage_of_two_merchants_is_refused() -> None:
    with pytest.raises(MeasureError, match="two merchants"):
        chargeback.assess(some(2, coverage_id="c", merchant_id=["a", "b"]), RULES)


def test_without_a_coverage_merchants_are_kept_apart() -> None:
    # One names its coverage, two do not: each has a limit of its own.
    frame = some(3, coverage_id=["c", None, None], merchant_id=["a", "a", "b"], limit_usd="100")
    assert as_text(chargeback.assess(frame, RULES)["no_refund_usd"]) == ["100.00"] * 3


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("disputed_at", "yesterday"),
        ("disputed_usd", "-1"),
        ("online_order", "perhaps"),
        ("payment", "cash"),
        ("evidence_review", "fine"),
        ("dispute_id", None),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    with pytest.raises(MeasureError, match=column):
        chargeback.assess(some(1, **{column: value}), RULES)


def test_before_the_broadcast_it_is_not_on_record() -> None:
    with pytest.raises(NotInForceError, match="2021-04-29"):
        chargeback.assess(some(1), rulebook().on("2021-04-28"))
    assert len(chargeback.assess(some(1), rulebook().on("2021-04-29"))) == 1


def test_an_empty_frame_has_an_empty_outcome() -> None:
    outcome = chargeback.assess(some(1).iloc[:0], RULES)
    assert len(outcome) == len(chargeback.summary(outcome)) == 0

"""RFQ tiers and points: every limit and day, singly and in one shuffled batch."""

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.programmes import rfq
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("rfq")
OUTCOME = [
    "tier", "points", "usd_to_tier_1", "usd_to_tier_2", "quotes_to_tier_1", "quotes_to_tier_2",
    "tier_reason", "points_reason",
]  # fmt: skip
BOOK = rulebook()


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    given = ["track", "gmv_90d_usd", "free_quotes_granted", "free_quotes_used"]
    return rows[given].assign(merchant_id=[f"m{i}" for i in range(len(rows))])


def expected(rows: pd.DataFrame) -> dict[str, list[str]]:
    # A tier-0 merchant of an unknown track, and a missing tier, carry their reason in both columns.
    return {column: rows[column].tolist() for column in OUTCOME}


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    row = CASES.loc[[case]]
    outcome = rfq.assess(measures(row), BOOK.on(row["day"].iloc[0]))
    assert {column: as_text(outcome[column]) for column in OUTCOME} == expected(row)


@pytest.mark.parametrize("day", sorted(set(CASES["day"])))
def test_shuffled_batch(day: str) -> None:
    rows = CASES[CASES["day"] == day].sample(frac=1, random_state=7)
    outcome = rfq.assess(measures(rows), BOOK.on(day))
    assert outcome.index.tolist() == rows.index.tolist()
    assert {column: as_text(outcome[column]) for column in OUTCOME} == expected(rows)


def test_index_did_not_exist_before_mid_april() -> None:
    row = CASES.iloc[[0]]
    with pytest.raises(NotInForceError, match="2021-04-15"):
        rfq.assess(measures(row), BOOK.on("2021-04-14"))


def test_more_used_than_granted_is_a_named_error() -> None:
    frame = measures(CASES.iloc[[0, 5]]).assign(free_quotes_used=["12", "21"])
    with pytest.raises(MeasureError, match="more free quotes were used than granted") as caught:
        rfq.assess(frame, BOOK.on("2021-05-31"))
    assert "m1" in str(caught.value)
    assert caught.value.count == 1


@pytest.mark.parametrize("missing", ["merchant_id", "track", "gmv_90d_usd", "free_quotes_used"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(MeasureError, match=missing):
        rfq.assess(measures(CASES.iloc[[0]]).drop(columns=missing), BOOK.on("2021-05-31"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("gmv_90d_usd", "-0.01"),
        ("gmv_90d_usd", "lots"),
        ("gmv_90d_usd", float("inf")),
        ("free_quotes_used", "1.5"),
        ("free_quotes_granted", -1),
        ("track", "bespoke"),
        ("merchant_id", None),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    frame = measures(CASES.iloc[[0]]).astype(object)
    frame[column] = [value]
    with pytest.raises(MeasureError, match=column):
        rfq.assess(frame, BOOK.on("2021-05-31"))


def test_explanation_names_rule_date_status_and_slide() -> None:
    row = CASES.loc[["a cent below tier 1"]]
    rows = rfq.explain(measures(row), BOOK.on("2021-05-31")).set_index("check")
    gmv = rows.loc["tier_1.gmv"]
    assert (gmv["observed"], gmv["required"], gmv["gap"]) == ("24999.99", "25000.00", "0.01")
    assert not gmv["met"]
    assert gmv["rule"] == "rfq.tier_1_gmv"
    assert str(gmv["since"])[:10] == "2021-04-15"
    assert gmv["status"] == "in_force"
    assert gmv["source"] == "「商家星等级规则调整—RFQ指标内涵及查看路径」"
    usage = rows.loc["tier_2.usage"]
    assert (usage["observed"], usage["required"], usage["gap"]) == ("12", "20", "8")


def test_measures_are_not_changed() -> None:
    frame = measures(CASES.loc[CASES["day"] == "2021-05-31"])
    before = frame.copy(deep=True)
    rfq.assess(frame, BOOK.on("2021-05-31"))
    pd.testing.assert_frame_equal(frame, before)


def test_a_reform_changes_only_the_rules() -> None:
    frame = measures(CASES.loc[["tier 1 at both limits"]])
    reform = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {"2021-05-01": {"is": 30000}}}}}
    assert rfq.assess(frame, rulebook(reform).on("2021-05-31"))["tier"].tolist() == [0]
    assert rfq.assess(frame, rulebook(reform).on("2021-04-30"))["tier"].tolist() == [1]

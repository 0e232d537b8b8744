"""Chargeback held against a plain loop over disputes, and against what must always hold."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import chargeback
from merchantkit.rulebook import rulebook
from tests.properties import few, modest

pytestmark = pytest.mark.slow

Row = dict[str, Any]
Parts = dict[str, tuple[Decimal | None, Decimal | None]]
RULES = rulebook().on("2021-05-31")
LIMITS = {"a": Decimal(100), "b": Decimal("60.5"), "c": Decimal(0)}
DOUBTS = ("payment", "disputed_usd", "paid_in_period", "evidence_review")


@st.composite
def disputes(draw: st.DrawFn, *, known: bool = True, most: int = 10) -> list[Row]:
    """Disputes under three coverages, several in one second, some of which little is known."""
    rows = []
    for i in range(draw(st.integers(1, most))):
        coverage = draw(st.sampled_from("abc"))
        review = draw(st.sampled_from(["approved"] * 4 + ["pending", "not_submitted", "rejected"]))
        row: Row = {
            "dispute_id": f"d{i}",
            "merchant_id": {"a": "m", "b": "m", "c": "n"}[coverage],
            "coverage_id": coverage,
            "paid_in_period": draw(st.sampled_from([True] * 6 + [False])),
            "online_order": True,
            "payment": draw(st.sampled_from(["card_direct"] * 6 + ["card_indirect"])),
            "evidence_given": review != "not_submitted",
            "evidence_review": review,
            "disputed_at": f"2021-05-0{draw(st.integers(1, 3))} 10:00:00",
            "approved_at": None,
            "disputed_usd": draw(st.sampled_from(["0", "0.01", "30", "60.5", "99.99", "250"])),
            "limit_usd": LIMITS[coverage],
        }
        if review == "approved" and draw(st.booleans()):
            row["approved_at"] = f"2021-05-1{draw(st.integers(0, 2))} 10:00:00"
        doubt = draw(st.sampled_from([None, None, *DOUBTS]))
        if doubt and not known:
            row[doubt] = None
            if doubt == "evidence_review":
                row |= {"evidence_given": None, "approved_at": None}
        rows.append(row)
    return rows


def in_turn(rows: list[Row]) -> dict[str, tuple[Decimal, Decimal]]:
    """What each needs no refund of, one after the other, and may still, as a clerk works it out."""
    left = dict(LIMITS)
    given = {row["dispute_id"]: (Decimal(0), Decimal(0)) for row in rows}

    def fixed(row: Row) -> bool:
        return bool(row["paid_in_period"] and row["payment"] == "card_direct")

    def turn(row: Row) -> tuple[str, str, str]:
        return row["approved_at"] or row["disputed_at"], row["disputed_at"], row["dispute_id"]

    approved = [row for row in rows if fixed(row) and row["evidence_review"] == "approved"]
    waiting = [row for row in rows if fixed(row) and row["evidence_review"] not in
               ("approved", "rejected")]  # fmt: skip
    for row in sorted(approved, key=turn):
        amount = min(Decimal(row["disputed_usd"]), left[row["coverage_id"]])
        left[row["coverage_id"]] -= amount
        given[row["dispute_id"]] = (amount, Decimal(0))
    # What is not approved uses nothing, so each of them may still have all that is left.
    for row in waiting:
        amount = min(Decimal(row["disputed_usd"]), left[row["coverage_id"]])
        given[row["dispute_id"]] = (Decimal(0), amount)
    return given


def outcome(rows: list[Row]) -> pd.DataFrame:
    return chargeback.assess(pd.DataFrame(rows), RULES)


def assessed(rows: list[Row]) -> Parts:
    found = outcome(rows)
    columns = (found[name] for name in ("dispute_id", "no_refund_usd", "open_usd"))
    return {
        number: tuple(None if pd.isna(amount) else amount for amount in amounts)  # type: ignore[misc]
        for number, *amounts in zip(*columns, strict=True)
    }


@modest
@given(disputes())
def test_whole_columns_give_what_a_loop_gives(rows: list[Row]) -> None:
    assert assessed(rows) == in_turn(rows)


@modest
@given(disputes(known=False), st.data())
def test_what_is_said_holds_whatever_is_unknown(rows: list[Row], data: st.DataObject) -> None:
    said = assessed(rows)
    whole = [dict(row) for row in rows]
    for row in whole:
        if row["payment"] is None:
            row["payment"] = data.draw(st.sampled_from(["card_direct", "not_card"]))
        if row["disputed_usd"] is None:
            row["disputed_usd"] = data.draw(st.sampled_from(["0", "50", "500"]))
        if row["paid_in_period"] is None:
            row["paid_in_period"] = data.draw(st.booleans())
        if row["evidence_review"] is None:
            row["evidence_review"] = data.draw(
                st.sampled_from(["approved", "pending", "rejected", "not_submitted"])
            )
            if row["evidence_review"] == "approved":
                row["approved_at"] = data.draw(
                    st.sampled_from([None, "2021-05-10 10:00:00", "2021-05-12 11:00:00"])
                )
    truth = in_turn(whole)
    for number, amounts in said.items():
        for amount, true in zip(amounts, truth[number], strict=True):
            assert amount is None or amount == true


@few
@given(disputes(known=False), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (outcome(each).set_index("dispute_id") for each in (rows, shuffled))
    pd.testing.assert_frame_equal(other.loc[one.index], one)


@few
@given(disputes(known=False))
def test_merchants_may_be_assessed_apart(rows: list[Row]) -> None:
    frame = pd.DataFrame(rows)
    whole = chargeback.assess(frame, RULES)
    for merchant in frame["merchant_id"].unique():
        alone = chargeback.assess(frame[frame["merchant_id"] == merchant], RULES)
        pd.testing.assert_frame_equal(alone, whole.loc[alone.index])


@few
@given(disputes(known=False))
def test_parts_make_the_whole_and_no_limit_is_exceeded(rows: list[Row]) -> None:
    found = outcome(rows)
    known = found[found["unprotected_usd"].notna()]
    parts = known[["no_refund_usd", "open_usd", "unprotected_usd"]].astype(object).sum(axis=1)
    assert parts.tolist() == known["disputed_usd"].tolist()
    given = found[["no_refund_usd", "open_usd"]].fillna(Decimal(0)).astype(object)
    used = given["no_refund_usd"].groupby(found["coverage_id"].astype(str)).sum()
    for coverage, may in zip(found["coverage_id"], given["open_usd"], strict=True):
        assert used[coverage] + may <= LIMITS[coverage]
    for _, row in chargeback.summary(found).iterrows():
        if pd.notna(row["unprotected_usd"]):
            parts = row[["no_refund_usd", "open_usd", "unprotected_usd"]]
            assert sum(parts) == row["disputed_usd"]
            assert min(parts) >= 0
    both = found[found["used_usd"].notna()]
    limits = [LIMITS[coverage] for coverage in both["coverage_id"]]
    assert (both["used_usd"] + both["left_usd"]).tolist() == limits


@few
@given(disputes(known=False))
def test_whatever_is_missing_has_its_reason(rows: list[Row]) -> None:
    found = outcome(rows)
    for column in ("disputed_usd", "open_usd", "unprotected_usd", "state", "used_usd", "left_usd"):
        assert found[f"{column}_reason"].notna().tolist() == found[column].isna().tolist(), column
    short = found["no_refund_usd"].isna() | (found["no_refund_usd"] < found["disputed_usd"])
    told = found["no_refund_usd_reason"].notna()
    assert not (short.fillna(False) & ~told).any()


@few
@given(disputes(), st.sampled_from(["a", "b", "c"]))
def test_a_larger_limit_never_hurts(rows: list[Row], coverage: str) -> None:
    more = [
        {**row, "limit_usd": row["limit_usd"] + 25} if row["coverage_id"] == coverage else row
        for row in rows
    ]
    for column in ("no_refund_usd", "open_usd"):
        both = zip(outcome(more)[column], outcome(rows)[column], strict=True)
        assert all(after >= before for after, before in both)


@few
@given(disputes(), st.integers(0, 9))
def test_evidence_that_is_approved_never_hurts_its_own_dispute(rows: list[Row], nth: int) -> None:
    row = rows[nth % len(rows)]
    if row["evidence_review"] in ("pending", "not_submitted"):
        done = {"evidence_given": True, "evidence_review": "approved"}
        later = {**row, **done, "approved_at": "2021-05-20 10:00:00"}
        after = assessed([later if each is row else each for each in rows])
        # It comes behind all that was approved before; what is still open uses nothing.
        assert after[row["dispute_id"]][0] == assessed(rows)[row["dispute_id"]][1]


def test_the_outcome_does_not_ask_for_the_bank() -> None:
    assert "bank_result" not in {**chargeback.COLUMNS, **chargeback.OPTIONAL}

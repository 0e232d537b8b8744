"""Shipping on time: every method's deciding moment, each limit's day and second, and tracking."""

import pandas as pd
import pytest

from merchantkit.programmes import fulfilment
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("fulfilment")
GIVEN = [
    "method", "agreed_ship_on", "as_of", "period_from", "door_ordered_at", "picked_up_at",
    "warehoused_at", "details_right", "information_at", "proof_at", "trace_gap",
    "failed_check_number",
]  # fmt: skip
OUTCOME = [
    "dispatched_by", "dispatched_on", "dispatched_on_reason", "days_late", "overdue",
    "overdue_reason", "exemption", "state", "state_reason", "settled_on", "counted", "way",
    "act_by", "spot_check", "penalty_points", "gap_exempt",
]  # fmt: skip
BOOK = rulebook()


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    orders = [f"{n:05d}" for n in range(len(rows))]
    return rows[GIVEN].assign(merchant_id="007", order_id=orders)


def told(outcome: pd.DataFrame, rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    found = pd.DataFrame({c: as_text(outcome[c]) for c in OUTCOME}, index=rows.index)
    differing = found[(found != rows[OUTCOME]).any(axis=1)]
    return {
        case: {c: f"{row[c]} ≠ {rows.loc[case, c]}" for c in OUTCOME if row[c] != rows.loc[case, c]}
        for case, row in differing.to_dict("index").items()
    }


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    row = CASES.loc[[case]]
    assert told(fulfilment.assess(measures(row), BOOK.on(row["day"].iloc[0])), row) == {}


@pytest.mark.parametrize("day", sorted(set(CASES["day"])))
def test_shuffled_batch(day: str) -> None:
    rows = CASES[CASES["day"] == day].sample(frac=1, random_state=7)
    outcome = fulfilment.assess(measures(rows), BOOK.on(day))
    assert outcome.index.tolist() == rows.index.tolist()
    assert told(outcome, rows) == {}

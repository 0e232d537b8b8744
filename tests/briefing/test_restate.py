"""What a restatement says of a merchant, from two assessments of one demo month."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from merchantkit.assessment import Assessment, demo_month
from merchantkit.briefing import restate

Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def month() -> Assessment:
    return demo_month()[0]


def changed(month: Assessment, part: str, change: Change) -> Assessment:
    rfq = month.programmes["rfq"]
    new = replace(rfq, **{part: change(getattr(rfq, part).copy())})
    return replace(month, programmes={**month.programmes, "rfq": new})


def rows(frame: pd.DataFrame) -> list[list[object]]:
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


@pytest.mark.slow
def test_the_same_month_has_no_changes(month: Assessment, tmp_path: Path) -> None:
    month.write(tmp_path)
    again = restate.compare(month, Assessment.read(tmp_path), 1)
    assert list(again.columns) == list(restate.COLUMNS)
    assert rows(again) == []


@pytest.mark.slow
def test_an_outcome_that_changed_is_a_row_as_its_value_is_written(month: Assessment) -> None:
    def tier_gone(outcome: pd.DataFrame) -> pd.DataFrame:
        outcome.loc[outcome["merchant_id"] == "007", "tier"] = pd.NA
        return outcome

    frame = restate.compare(month, changed(month, "outcome", tier_gone), 4)
    assert rows(frame) == [["007", "rfq", "tier", "2", None, 4]]


def test_rows_in_another_order_are_no_change(month: Assessment) -> None:
    shuffled = changed(month, "outcome", lambda frame: frame.iloc[::-1])
    assert rows(restate.compare(month, shuffled, 1)) == []


@pytest.mark.slow
def test_a_programme_that_came_is_told_value_by_value(month: Assessment) -> None:
    others = {name: its for name, its in month.programmes.items() if name != "campaign"}
    without = replace(month, programmes=others)
    frame = restate.compare(without, month, 1)
    assert set(frame["programme"]) == {"campaign"}
    assert frame["before"].isna().all()
    assert not any(column.endswith("_reason") for column in frame["column"])


def test_of_many_orders_their_merchants_sums_are_told(month: Assessment) -> None:
    fees = month.programmes["fees"]
    orders = fees.outcome.copy()
    orders.loc[orders["order_id"] == "00F000000003", "missed_usd"] += Decimal("0.01")
    changed_orders = {**month.programmes, "fees": replace(fees, outcome=orders)}
    frame = restate.compare(month, replace(month, programmes=changed_orders), 2)
    assert rows(frame) == [["2100000011", "fees", "missed_usd", "42.50", "42.51", 2]]


def test_a_programme_of_orders_is_told_by_its_summary(month: Assessment) -> None:
    without = replace(month, programmes={"rfq": month.programmes["rfq"]})
    frame = restate.compare(without, month, 1)
    mine = frame[(frame["programme"] == "fulfilment") & (frame["merchant_id"] == "2100000011")]
    told = dict(zip(mine["column"], mine["after"], strict=True))
    found = told["orders"], told["on_time_percent"], told["penalty_points"]
    assert found == ("10", "80.00", "12")
    assert "order_id" not in set(frame["column"])


def test_it_is_written_and_read_back_and_absent_when_empty(
    month: Assessment, tmp_path: Path
) -> None:
    nothing = restate.read(tmp_path)
    assert rows(nothing) == []
    restate.write(nothing, tmp_path)
    assert list(tmp_path.iterdir()) == []
    frame = restate.compare(replace(month, programmes={}), month, 2)
    restate.write(frame, tmp_path)
    assert sorted(map(str, rows(restate.read(tmp_path)))) == sorted(map(str, rows(frame)))


def test_whose_briefing_changes_without_a_row_is_noted() -> None:
    before = pd.Series({"a": "1", "b": "1", "c": "1"})
    after = pd.Series({"a": "2", "b": "2", "c": "1"})
    changes = pd.DataFrame({"merchant_id": ["a"], "number": [3]})
    assert restate.notes(changes, before, after, 3).details == ["b"]

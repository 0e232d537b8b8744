"""What holds of any showroom: rows stand alone, one more step never sets it back, ends in order."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import showroom
from merchantkit.rulebook import rulebook
from tests.properties import few, modest

pytestmark = pytest.mark.slow

RULES = rulebook().on("2021-05-31")
ORDER = [stage for stage in showroom.STAGES if stage != "lapsed"]

days = st.none() | st.dates(dt.date(2021, 4, 1), dt.date(2021, 7, 10))
weeks = st.lists(st.integers(0, 3000), min_size=4, max_size=8)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    row: dict[str, object] = {
        "merchant_id": "a",
        "as_of": draw(st.dates(dt.date(2021, 5, 1), dt.date(2021, 7, 10))),
        "credited_on": draw(st.none() | st.dates(dt.date(2020, 12, 5), dt.date(2021, 1, 5))),
        **{f"{step}_on": draw(days) for step in showroom.STEPS},
    }
    for count in showroom.COUNTS:
        before = draw(weeks)
        after = draw(st.lists(st.integers(0, 3000), min_size=len(before), max_size=len(before)))
        row |= sums(count, before, after)
    return row


def sums(count: str, before: list[int], after: list[int]) -> dict[str, object]:
    return {
        f"{count}_days": 7 * len(before),
        f"{count}_before": sum(before),
        f"{count}_after": sum(after),
        f"{count}_before_squares": sum(n * n for n in before),
        f"{count}_after_squares": sum(n * n for n in after),
    }


def assessed(given_rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(given_rows).astype(object)
    return showroom.assess(frame.where(frame.notna(), None), RULES)


@few
@given(st.lists(rows(), min_size=2, max_size=6))
def test_a_row_stands_alone_in_any_order(given_rows: list[dict[str, object]]) -> None:
    together = assessed(given_rows)
    alone = pd.concat([assessed([row]) for row in given_rows], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)
    backwards = assessed(given_rows[::-1])[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(backwards, together)


@modest
@given(rows(), st.sampled_from(showroom.STEPS))
def test_a_step_taken_in_time_never_sets_a_showroom_back(row: dict[str, object], step: str) -> None:
    taken = {**row, f"{step}_on": row[f"{step}_on"] or dt.date(2021, 5, 1)}
    one, other = assessed([row, taken])["stage"]
    if pd.notna(one) and one != "lapsed":
        assert other != "lapsed" and ORDER.index(other) >= ORDER.index(one)


@modest
@given(rows())
def test_a_later_day_never_revives_a_showroom(row: dict[str, object]) -> None:
    later = row["as_of"] + dt.timedelta(days=1)  # type: ignore[operator]
    one, other = assessed([row, {**row, "as_of": later}])["lapsed"]
    assert pd.isna(one) or not one or other


@modest
@given(rows())
def test_days_left_count_down_to_nothing(row: dict[str, object]) -> None:
    (outcome,) = assessed([row]).to_dict("records")
    assert pd.isna(outcome["act_by"]) == pd.isna(outcome["days_left"])
    assert pd.isna(outcome["act_by"]) != pd.isna(outcome["act_by_reason"])
    if pd.notna(outcome["days_left"]):
        assert outcome["days_left"] == (outcome["act_by"] - row["as_of"]).days >= 0


@modest
@given(rows())
def test_the_change_lies_within_its_interval(row: dict[str, object]) -> None:
    (outcome,) = assessed([row]).to_dict("records")
    for count in showroom.COUNTS:
        change, low, high = (
            outcome[f"{count}_{part}_percent"] for part in ("change", "low", "high")
        )
        if pd.notna(low):
            assert -100 <= low <= change <= high
        assert pd.isna(change) == (row[f"{count}_before"] == 0)


@modest
@given(weeks.filter(lambda counts: sum(counts) > 0), st.data())
def test_swapping_the_windows_turns_the_ratio_around(
    before: list[int], data: st.DataObject
) -> None:
    size = len(before)
    after = data.draw(st.lists(st.integers(1, 3000), min_size=size, max_size=size))
    nothing = {"merchant_id": "a", "as_of": dt.date(2021, 5, 31), "credited_on": None}
    nothing |= {f"{step}_on": None for step in showroom.STEPS}
    one, other = assessed(
        [{**nothing, **sums("visitors", before, after)},
         {**nothing, **sums("visitors", after, before)}]
    ).to_dict("records")  # fmt: skip
    # Rounded to hundredths of a percent on either side.
    there, back = (
        1 + float(one["visitors_low_percent"]) / 100,
        1 + float(other["visitors_high_percent"]) / 100,
    )
    assert abs(there * back - 1) <= 0.00006 * (there + back)


@modest
@given(weeks.filter(lambda counts: sum(counts) > 0), st.integers(0, 500))
def test_more_after_never_lowers_the_change(before: list[int], more: int) -> None:
    nothing = {"merchant_id": "a", "as_of": dt.date(2021, 5, 31), "credited_on": None}
    nothing |= {f"{step}_on": None for step in showroom.STEPS}
    after = [100] * len(before)
    one, other = assessed(
        [{**nothing, **sums("visitors", before, after)},
         {**nothing, **sums("visitors", before, [n + more for n in after])}]
    )["visitors_change_percent"]  # fmt: skip
    assert other >= one

"""What holds of any desks and any sums: nothing is lost, waits have causes, rows stand alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import assignment
from merchantkit.programmes.assignment.desks import Orders, TakeOver, Team, handled
from merchantkit.rulebook import rulebook
from tests.properties import few, modest

pytestmark = pytest.mark.slow

RULES = rulebook().on("2021-05-31")
WAYS = ("without", "with")


@st.composite
def offices(draw: st.DrawFn) -> tuple[Team, Orders, TakeOver]:
    size = draw(st.integers(1, 4))
    count = draw(st.integers(0, 12))
    whole = st.lists(st.integers(0, 600), min_size=count, max_size=count)
    begins = np.array(draw(st.lists(st.integers(0, 600), min_size=size, max_size=size)))
    length = np.array(draw(st.lists(st.integers(0, 300), min_size=size, max_size=size)))
    owner = st.integers(0, size - 1)
    orders = Orders(
        np.array(sorted(draw(whole)), dtype=np.int64),
        np.array(draw(st.lists(owner, min_size=count, max_size=count)), dtype=np.int64),
        np.array(draw(st.lists(st.integers(1, 200), min_size=count, max_size=count)), np.int64),
    )
    others = draw(st.lists(st.integers(-1, size - 1), min_size=size, max_size=size))
    named = np.array([-1 if other == n else other for n, other in enumerate(others)])
    team = Team(named, np.stack([begins, begins + length], axis=1))
    full_at = draw(st.integers(1, 4))
    return team, orders, TakeOver(draw(st.booleans()), np.arange(full_at + 2) >= full_at)


@modest
@given(offices())
def test_every_order_is_handled_once_by_its_owner_or_that_ones_substitute(
    office: tuple[Team, Orders, TakeOver],
) -> None:
    team, orders, _ = office
    without, with_ = handled(*office)
    assert without[0].tolist() == orders.owners.tolist()
    others = team.substitutes[orders.owners]
    assert ((with_[0] == orders.owners) | ((with_[0] == others) & (others >= 0))).all()
    for _, waits in (without, with_):
        assert (waits >= 0).all()


@modest
@given(offices())
def test_no_desk_handles_two_orders_at_a_time_nor_begins_one_on_leave(
    office: tuple[Team, Orders, TakeOver],
) -> None:
    team, orders, _ = office
    for takers, waits in handled(*office):
        begun = orders.arrivals + waits
        for taker, (away, back) in enumerate(team.away.tolist()):
            mine = takers == taker
            order = np.argsort(begun[mine], kind="stable")
            starts, ends = begun[mine][order], (begun + orders.minutes)[mine][order]
            assert (starts[1:] >= ends[:-1]).all()
            assert not ((starts >= away) & (starts < back)).any()


@modest
@given(offices())
def test_who_waits_waits_for_an_order_before_or_for_the_end_of_leave(
    office: tuple[Team, Orders, TakeOver],
) -> None:
    team, orders, _ = office
    for takers, waits in handled(*office):
        begun = orders.arrivals + waits
        for number in np.flatnonzero(waits):
            mine = takers == takers[number]
            ends = set((begun + orders.minutes)[mine].tolist())
            assert begun[number] in ends | {team.away[takers[number]][1]}


@modest
@given(offices())
def test_without_substitutes_both_ways_are_one(office: tuple[Team, Orders, TakeOver]) -> None:
    team, orders, rule = office
    without, with_ = handled(team.without(), orders, rule)
    assert [part.tolist() for part in without] == [part.tolist() for part in with_]
    again = handled(team, orders, rule)[0]
    assert [part.tolist() for part in again] == [part.tolist() for part in without]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    loads = {way: draw(st.lists(st.integers(0, 50), min_size=1, max_size=5)) for way in WAYS}
    size = min(len(own) for own in loads.values())
    loads = {way: own[:size] for way, own in loads.items()}
    # What some lack of the orders, the last one has, so that both ways have as many.
    total = max(sum(own) for own in loads.values())
    for own in loads.values():
        own[-1] += total - sum(own)
    row: dict[str, object] = {
        "merchant_id": "a", "takers": size, "orders": total, "runs": 1,
        "substitutes_set": draw(st.integers(0, size)), "taken_over": draw(st.integers(0, total)),
    }  # fmt: skip
    for way, own in loads.items():
        row |= {
            f"wait_minutes_{way}": draw(st.integers(0, 10_000)) * bool(total),
            f"longest_wait_minutes_{way}": draw(st.none() | st.integers(0, 10_000)),
            f"load_squares_{way}": sum(n * n for n in own),
            f"busiest_load_{way}": max(own),
        }
    return row


def assessed(given_rows: list[dict[str, object]]) -> pd.DataFrame:
    return assignment.assess(pd.DataFrame(given_rows), RULES)


@few
@given(st.lists(rows(), min_size=2, max_size=6))
def test_a_row_stands_alone_in_any_order(given_rows: list[dict[str, object]]) -> None:
    together = assessed(given_rows)
    alone = pd.concat([assessed([row]) for row in given_rows], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)
    backwards = assessed(given_rows[::-1])[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(backwards, together)


@modest
@given(rows())
def test_evenness_lies_between_one_of_n_and_all_alike(row: dict[str, object]) -> None:
    (outcome,) = assessed([row]).to_dict("records")
    for way in WAYS:
        evenness = outcome[f"evenness_percent_{way}"]
        if pd.notna(evenness):
            takers = int(row["takers"])  # type: ignore[call-overload]
            assert 100 / takers - 0.01 <= float(evenness) <= 100
            assert 100 / takers - 0.01 <= float(outcome[f"busiest_percent_{way}"]) <= 100
    if outcome["sharing"] == "more_even":
        assert outcome["evenness_percent_with"] >= outcome["evenness_percent_without"]


@modest
@given(rows(), st.integers(1, 9))
def test_as_many_runs_of_the_same_change_nothing(row: dict[str, object], runs: int) -> None:
    more = {**row, "runs": runs}
    for name in (
        "taken_over",
        *(f"{n}_{w}" for n in ("wait_minutes", "busiest_load") for w in WAYS),
    ):
        more[name] = row[name] * runs  # type: ignore[operator]
    for way in WAYS:
        more[f"load_squares_{way}"] = row[f"load_squares_{way}"] * runs**2  # type: ignore[operator]
    pd.testing.assert_frame_equal(assessed([more]), assessed([row]))

"""What holds of any orders: rows stand alone, earlier never hurts, each is settled or open."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import fulfilment
from merchantkit.programmes.fulfilment.orders import GAPS
from merchantkit.rulebook import rulebook
from tests.properties import few, modest

RULES = rulebook().on("2021-05-31")
# From better to worse.
RANK = {"on_time": 0, "exempt": 1, "open": 2, "late": 3}

days = st.dates(dt.date(2021, 4, 20), dt.date(2021, 5, 31))
moments = st.none() | st.datetimes(dt.datetime(2021, 4, 20), dt.datetime(2021, 5, 31))
orders = st.fixed_dictionaries(
    {
        "merchant_id": st.sampled_from(["a", "b"]),
        "method": st.none() | st.sampled_from(fulfilment.METHODS),
        "agreed_ship_on": st.none() | days,
        "as_of": st.just(dt.date(2021, 5, 31)),
        "period_from": st.just(dt.date(2021, 5, 1)),
        **dict.fromkeys(fulfilment.MOMENTS, moments),
        "details_right": st.none() | st.booleans(),
        "trace_gap": st.none() | st.sampled_from(GAPS),
        "failed_check_number": st.none() | st.integers(1, 5),
    }
)


def assessed(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).assign(order_id=[f"o{n}" for n in range(len(rows))])
    return fulfilment.assess(frame.astype(object).where(frame.notna(), None), RULES)


@pytest.mark.slow
@few
@given(st.lists(orders, min_size=2, max_size=6))
def test_a_row_stands_alone(rows: list[dict[str, object]]) -> None:
    together = assessed(rows).drop(columns="order_id")
    alone = pd.concat([assessed([row]) for row in rows], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone.drop(columns="order_id"))


@pytest.mark.slow
@modest
@given(orders, st.integers(1, 72))
def test_a_pickup_hours_earlier_never_hurts(row: dict[str, object], hours: int) -> None:
    picked = row["picked_up_at"]
    earlier = picked and picked - dt.timedelta(hours=hours)  # type: ignore[operator]
    one, other = assessed([row, {**row, "picked_up_at": earlier}])["state"]
    assert (pd.isna(one) and pd.isna(other)) or RANK[other] <= RANK[one]


@pytest.mark.slow
@modest
@given(st.lists(orders, min_size=1, max_size=8))
def test_what_is_covered_is_settled_or_open_and_sums_up(rows: list[dict[str, object]]) -> None:
    outcome = assessed(rows)
    covered = outcome["state"].notna()
    is_open = (outcome["state"] == "open").fillna(False)
    assert (outcome["settled_on"].notna() == (covered & ~is_open)).all()
    assert (outcome["way"].notna() <= is_open).all()
    assert (outcome["act_by"].notna() == outcome["way"].notna()).all()
    totals = fulfilment.summary(outcome).sum(numeric_only=True)
    assert totals["orders"] == totals["on_time"] + totals["exempt"] + totals["late"]
    assert totals["orders"] == outcome["counted"].fillna(False).sum()

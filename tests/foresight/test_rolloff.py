"""Roll-off: the rolling sums are the measures of each day, and the drop is where a hand puts it."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.foresight import rolloff
from merchantkit.programmes import rfq
from merchantkit.rulebook import rulebook

DAY = dt.date(2021, 5, 31)


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    made = Warehouse.in_memory()
    demo.fill(made)
    return made


def mine(frame: pd.DataFrame, merchant_id: str) -> pd.DataFrame:
    return frame[frame["merchant_id"] == merchant_id].reset_index(drop=True)


@pytest.mark.parametrize("merchant_id", ["2100000011", "2100000012", "2100000013", "007"])
@pytest.mark.parametrize("day", ["2021-04-15", "2021-05-01", "2021-05-30", "2021-05-31"])
def test_each_day_of_the_chart_is_what_measure_says_of_that_day(
    warehouse: Warehouse, merchant_id: str, day: str
) -> None:
    rules = rulebook().on(DAY)
    orders = mine(rolloff.orders(warehouse, DAY, rules), merchant_id)
    chart = rolloff.gmv_by_day(orders, DAY, rules, back=89, ahead=31).set_index("day")
    measured = mine(rfq.measure(warehouse, day, rules), merchant_id)["gmv_90d_usd"].iloc[0]
    assert chart.loc[pd.Timestamp(day), "gmv_90d_usd"] == measured


def test_the_day_a_tier_is_lost(warehouse: Warehouse) -> None:
    # 30,000 of merchant …13's 36,000 was paid on 5 March: its 90th day is 2 June.
    rules = rulebook().on(DAY)
    orders = mine(rolloff.orders(warehouse, DAY, rules), "2100000013")
    chart = rolloff.gmv_by_day(orders, DAY, rules, back=0, ahead=31)
    measures = mine(rfq.measure(warehouse, DAY, rules), "2100000013")
    assert rolloff.first_drop(measures, chart, DAY, rules) == dt.date(2021, 6, 3)
    by_day = chart.set_index("day")["gmv_90d_usd"]
    assert by_day[pd.Timestamp("2021-06-02")] == Decimal("36000.00")
    assert by_day[pd.Timestamp("2021-06-03")] == Decimal("6000.00")


def test_no_drop_is_none() -> None:
    orders = pd.DataFrame(
        {"paid_on": pd.to_datetime(["2021-05-31"]), "received_usd": ["25000.00"], "order_id": ["o"]}
    )
    rules = rulebook().on(DAY)
    chart = rolloff.gmv_by_day(orders, DAY, rules, back=0, ahead=31)
    measures = pd.DataFrame(
        {"merchant_id": ["m"], "track": ["rts"], "gmv_90d_usd": ["25000.00"],
         "free_quotes_granted": [20], "free_quotes_used": [12]}
    )  # fmt: skip
    assert rolloff.first_drop(measures, chart, DAY, rules) is None


def test_what_entered_and_left_between_two_days() -> None:
    # With 90 days, what was paid on 1 March is in up to 29 May, and out on the 30th.
    orders = pd.DataFrame(
        {
            "paid_on": pd.to_datetime(["2021-01-30", "2021-01-31", "2021-03-02", "2021-03-03",
                                       "2021-04-30", "2021-05-01", "2021-05-31"]),
            "order_id": ["before", "first out", "last out", "stays", "was in", "first", "last"],
        }
    )  # fmt: skip
    entered, left = rolloff.rolled(orders, DAY, dt.date(2021, 4, 30), rulebook().on(DAY))
    assert entered["order_id"].tolist() == ["first", "last"]
    assert left["order_id"].tolist() == ["first out", "last out"]

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
    days = {
        "before": "2021-01-30", "first out": "2021-01-31", "last out": "2021-03-02",
        "stays": "2021-03-03", "was in": "2021-04-30", "first": "2021-05-01", "last": "2021-05-31",
    }  # fmt: skip
    rows = [
        {"order_id": name, "paid_on": pd.Timestamp(day), "received_usd": Decimal("1.00")}
        for name, day in days.items()
    ]
    orders = rolloff.orders_of(reversed(rows), 90)
    assert [order.order_id for order in orders] == list(days)
    assert orders[0].leaves == dt.date(2021, 4, 30)
    entered, left = rolloff.rolled(orders, DAY, dt.date(2021, 4, 30))
    assert [order.order_id for order in entered] == ["first", "last"]
    assert [order.order_id for order in left] == ["first out", "last out"]


def test_the_rolling_sums_of_a_short_window() -> None:
    # Three days: 5 on the 1st counts to the 3rd, 7 on the 3rd to the 5th; earlier is out before,
    # later than the last day shown is not there yet.
    paid = [(1, 500), (3, 700), (-5, 9900), (9, 1100)]
    orders = [(dt.date(2021, 5, 10) + dt.timedelta(days=n), cents) for n, cents in paid]
    rolling = rolloff.Rolling.of(orders, dt.date(2021, 5, 12), 3, 2, 4)
    assert rolling.first == dt.date(2021, 5, 10)
    assert rolling.cents == [0, 500, 500, 1200, 700, 700, 0]


def test_who_drops_and_when_is_what_is_said_of_each_alone(warehouse: Warehouse) -> None:
    rules = rulebook().on(DAY)
    measures, orders = rfq.measure(warehouse, DAY, rules), rolloff.orders(warehouse, DAY, rules)
    dropped = rolloff.drops(measures, rfq.assess(measures, rules), orders, DAY, rules)
    found = {row.merchant_id: row.drops_on.date() for row in dropped.itertuples()}
    assert found["2100000013"] == dt.date(2021, 6, 3)  # as above
    known = measures[measures["gmv_90d_usd"].notna()]
    for merchant_id in known["merchant_id"]:
        its = mine(orders, merchant_id)
        chart = rolloff.gmv_by_day(its, DAY, rules, back=0, ahead=rolloff.AHEAD_DAYS)
        alone = rolloff.first_drop(mine(measures, merchant_id), chart, DAY, rules)
        assert found.get(merchant_id) == alone, merchant_id


def test_nobody_drops_where_nothing_was_sold(warehouse: Warehouse) -> None:
    rules = rulebook().on(DAY)
    measures = rfq.measure(warehouse, DAY, rules)
    none = rolloff.orders(warehouse, DAY, rules).head(0)
    assert rolloff.drops(measures, rfq.assess(measures, rules), none, DAY, rules).empty

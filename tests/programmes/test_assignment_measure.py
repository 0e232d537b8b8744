"""What is simulated: the month's own orders in working time, the same every time, both ways."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from merchantkit.facts import demo
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import assignment
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text

MAY, LAST = "2021-05-31", dt.date(2021, 5, 31)
BOOK = rulebook()
RULES = BOOK.on(MAY)
# From the table in the demo's module.
ADVICE = {
    "2100000011": "keep", "007": "set", "2100000009": "no_difference",
    "2100000012": "no_difference", "2100000013": "no_difference", "000123": "review",
}  # fmt: skip
UNADVISED = {"NA": "one_order_taker", "2100000016": "no_orders_in_month"}


def warehouse(**tables: list[dict[str, Any]]) -> Warehouse:
    tables.setdefault("merchants", [{"merchant_id": "a"}, {"merchant_id": "b"}])
    made = Warehouse.in_memory()
    with made.write() as connection:
        for name, rows in tables.items():
            kinds = TABLES[name].dtypes
            full = [{"source_file": "hand", "source_row": n + 2, **r} for n, r in enumerate(rows)]
            columns = {c: pd.array([r.get(c) for r in full], dtype=k) for c, k in kinds.items()}
            upsert(connection, name, pd.DataFrame(columns))
    return made


def taker(
    who: str, substitute: str | None = None, merchant: str = "a", **away: Any
) -> dict[str, Any]:
    return {"merchant_id": merchant, "taker_id": who, "substitute_id": substitute, **away}


def order(
    number: int, at: str, who: str | None = "x", merchant: str = "a", **more: Any
) -> dict[str, Any]:
    """An order that came at a time in Beijing; ten characters are a day."""
    local = dt.datetime.fromisoformat(at)
    dated = len(at) == len("2021-05-06")
    utc = local if dated else local - dt.timedelta(hours=8)
    return {
        "order_id": f"o{number}", "merchant_id": merchant, "taker_id": who,
        "received_at": utc, "received_at_is_date": dated, **more,
    }  # fmt: skip


def row_of(
    made: Warehouse, merchant: str = "a", day: str = MAY, rules: Any = None
) -> dict[str, str]:
    found = assignment.measure(made, day, rules)
    mine = found[found["merchant_id"] == merchant]
    return {column: as_text(mine[column])[0] for column in mine}


def test_who_has_no_order_takers_has_a_row_of_which_nothing_is_known() -> None:
    made = warehouse(
        order_takers=[taker("x"), taker("y")], order_assignments=[order(1, "2021-05-06")]
    )
    other = row_of(made, "b")
    assert other.pop("takers_reason") == "no_order_takers"
    assert {v for k, v in other.items() if k != "merchant_id"} == {""}
    mine = row_of(made)
    assert (mine["takers"], mine["orders"], mine["takers_reason"]) == ("2", "1", "")


def test_without_any_facts_of_orders_nothing_is_told_of_them() -> None:
    made = warehouse(order_takers=[taker("x"), taker("y")])
    mine = row_of(made)
    assert (mine["takers"], mine["orders"], mine["orders_reason"]) == ("2", "", "no_order_facts")
    outcome = assignment.assess(assignment.measure(made, MAY), RULES)
    assert outcome["advice_reason"].tolist() == ["no_order_facts", "no_order_takers"]


def test_the_months_orders_up_to_the_day_by_beijings_clock() -> None:
    orders = [
        order(1, "2021-04-30 23:59:59"), order(2, "2021-05-01 00:00:00"),
        order(3, "2021-05-31 23:59:59"), order(4, "2021-06-01 00:00:00"), order(5, "2021-05-01"),
    ]  # fmt: skip
    made = warehouse(order_takers=[taker("x"), taker("y")], order_assignments=orders)
    assert row_of(made)["orders"] == "3"
    assert row_of(made, day="2021-05-30")["orders"] == "2"


def test_who_has_no_assignments_has_the_orders_that_were_paid() -> None:
    paid = [
        {"order_id": f"p{n}", "merchant_id": m, "buyer_id": f"B{n}", "via": "direct",
         "received_usd": Decimal("1.00"), "genuine": True,
         "paid_at": dt.datetime(2021, 5, 6, 2), "paid_at_is_date": False}
        for n, m in enumerate("aabb")
    ]  # fmt: skip
    takers = [taker(who, merchant=m) for m in "ab" for who in "xy"]
    made = warehouse(order_takers=takers, orders=paid, order_assignments=[order(1, "2021-05-07")])
    first, second = row_of(made), row_of(made, "b")
    assert (first["orders"], first["by_payment"], first["orders_dealt"]) == ("1", "False", "0")
    assert (second["orders"], second["by_payment"], second["orders_dealt"]) == ("2", "True", "2")


def waited(*orders: dict[str, Any], takers: Any = None) -> int:
    """The minutes that the last order waits, if everything before it takes for ever but leave."""
    made = warehouse(
        order_takers=takers or [taker("x"), taker("y")], order_assignments=list(orders)
    )
    runs = int(RULES.programme("assignment")["runs"])
    return int(row_of(made)["wait_minutes_without"]) // runs


@pytest.mark.parametrize(
    ("at", "back_from", "minutes"),
    [
        # Away on Thursday 6 May; a working day is nine hours, from 9 to 18.
        ("2021-05-06 09:00:00", "2021-05-06", 540),
        ("2021-05-06 10:00:00", "2021-05-06", 480),
        ("2021-05-06 17:59:00", "2021-05-06", 1),
        ("2021-05-06 18:00:00", "2021-05-06", 0),
        ("2021-05-06 08:59:00", "2021-05-06", 540),
        ("2021-05-06", "2021-05-06", 540),
        # 8 May is a Saturday that is worked, the 9th a Sunday that is not.
        ("2021-05-07 18:30:00", "2021-05-08", 540),
        ("2021-05-08 18:30:00", "2021-05-09", 0),
        # In the holiday before it, an order comes as work begins on the 6th.
        ("2021-05-03 12:00:00", "2021-05-06", 540),
        ("2021-05-06 09:00:00", "2021-05-07", 1080),
    ],
)
def test_waiting_counts_working_time_alone(at: str, back_from: str, minutes: int) -> None:
    first, last = dt.date(2021, 5, 6), dt.date.fromisoformat(back_from)
    away = taker("x", away_from=min(first, last), away_to=last)
    assert waited(order(1, at), takers=[away, taker("y")]) == minutes


@pytest.mark.parametrize("end", ["away_from", "away_to"])
def test_leave_with_one_end_is_a_day(end: str) -> None:
    away = taker("x", **{end: dt.date(2021, 5, 6)})
    assert waited(order(1, "2021-05-06 09:00:00"), takers=[away, taker("y")]) == 540
    assert waited(order(1, "2021-05-07 09:00:00"), takers=[away, taker("y")]) == 0


def loads(made: Warehouse) -> dict[str, tuple[str, str, str]]:
    measures = assignment.measure(made, MAY)
    found = assignment.details(made, LAST, RULES, measures, measures)["desks"]
    columns = [as_text(found[c]) for c in ("substitute_id", "load_without", "load_with")]
    return dict(zip(found["taker_id"], zip(*columns, strict=True), strict=True))


def test_a_substitute_takes_the_orders_of_who_is_away() -> None:
    away = {"away_from": dt.date(2021, 5, 6), "away_to": dt.date(2021, 5, 7)}
    orders = [order(n, f"2021-05-0{n} 10:00:00") for n in (6, 7)] + [
        order(9, "2021-05-10 10:00:00")
    ]
    made = warehouse(order_takers=[taker("x", "y", **away), taker("y")], order_assignments=orders)
    assert loads(made) == {"x": ("y", "3.00", "1.00"), "y": ("", "0.00", "2.00")}
    mine = row_of(made)
    runs = int(RULES.programme("assignment")["runs"])
    assert (mine["substitutes_set"], mine["substitutes_assumed"]) == ("1", "False")
    assert mine["taken_over"] == str(2 * runs)
    assert mine["load_squares_without"] == str((3 * runs) ** 2)
    assert mine["load_squares_with"] == str(runs**2 + (2 * runs) ** 2)


@pytest.mark.parametrize(
    ("named", "shown", "assumed"),
    [
        ((None, None, None), ("y", "z", "x"), "True"),  # the next in the list, in a ring
        (("x", "gone", None), ("y", "z", "x"), "True"),  # oneself and a stranger are none
        ((None, "x", None), ("", "x", ""), "False"),
    ],
)
def test_who_stands_in(named: Any, shown: tuple[str, ...], assumed: str) -> None:
    takers = [taker(who, other) for who, other in zip("xyz", named, strict=True)]
    made = warehouse(order_takers=takers, order_assignments=[order(1, "2021-05-06")])
    assert tuple(told[0] for told in loads(made).values()) == shown
    assert row_of(made)["substitutes_assumed"] == assumed


def test_orders_without_an_owner_are_dealt_by_buyer_and_a_buyer_stays() -> None:
    buyers = ["P", "Q", "P", "R", "Q", None, None]
    orders = [
        order(n, f"2021-05-{6 + n:02d} 10:00:00", None, buyer_id=buyer)
        for n, buyer in enumerate(buyers)
    ]
    made = warehouse(order_takers=[taker("x"), taker("y")], order_assignments=orders)
    # P, R and the sixth to x; Q and the seventh to y: dealt P x, Q y, R x, then y and x.
    assert {who: told[1] for who, told in loads(made).items()} == {"x": "4.00", "y": "3.00"}
    assert row_of(made)["orders_dealt"] == "7"
    stranger = warehouse(
        order_takers=[taker("x"), taker("y")], order_assignments=[order(1, "2021-05-06", "gone")]
    )
    assert row_of(stranger)["orders_dealt"] == "1"


@pytest.mark.slow
def test_the_same_facts_give_the_same_figures_whoever_else_is_there() -> None:
    few, many = Warehouse.in_memory(), Warehouse.in_memory()
    demo.fill(few)
    demo.fill(many, merchants=60)
    one, again = assignment.measure(few, MAY), assignment.measure(few, MAY)
    pd.testing.assert_frame_equal(one, again)
    others = assignment.measure(many, MAY).set_index("merchant_id")
    mine = one.set_index("merchant_id")
    known = list(ADVICE)
    pd.testing.assert_frame_equal(mine.loc[known], others.loc[known])


@pytest.mark.slow
def test_another_seed_draws_other_times() -> None:
    made = Warehouse.in_memory()
    demo.fill(made)
    other = rulebook(
        {
            "id": "assignment",
            "parameters": {"seed": {"values": {"2021-05-01": {"is": dt.date(2021, 4, 30)}}}},
        }
    ).on(MAY)
    waits = [row_of(made, "007", rules=r)["wait_minutes_without"] for r in (RULES, other)]
    assert waits[0] != waits[1]


@pytest.mark.slow
def test_desks_add_up_to_the_merchants_orders() -> None:
    made = Warehouse.in_memory()
    demo.fill(made, merchants=200)
    measures = assignment.measure(made, MAY)
    desks = assignment.details(made, LAST, RULES, measures, measures)["desks"]
    known = measures[measures["takers"].notna()].set_index("merchant_id")
    assert desks.groupby("merchant_id").size().to_dict() == known["takers"].to_dict()
    for way in ("without", "with"):
        sums = desks.groupby("merchant_id")[f"load_{way}"].sum()
        assert [float(n) for n in sums.reindex(known.index)] == known["orders"].tolist()
        waits = desks[f"wait_minutes_{way}"].astype(float) * desks[f"load_{way}"].astype(float)
        mine = waits.fillna(0).groupby(desks["merchant_id"]).sum().reindex(known.index)
        means = known[f"wait_minutes_{way}"].astype(float) / known["runs"].astype(float)
        assert np.allclose(mine.to_numpy(float), means.to_numpy(float), atol=0.01 * 100)


@pytest.mark.slow
def test_the_demo_reads_as_worked_out() -> None:
    made = Warehouse.in_memory()
    demo.fill(made)
    outcome = assignment.assess(assignment.measure(made, MAY), RULES).set_index("merchant_id")
    assert {m: outcome.loc[m, "advice"] for m in ADVICE} == ADVICE
    assert {m: outcome.loc[m, "advice_reason"] for m in UNADVISED} == UNADVISED
    assert outcome.loc["000123", "sharing"] == "less_even"


def test_desks_of_nobody_are_none() -> None:
    made = warehouse()
    measures = assignment.measure(made, MAY)
    desks = assignment.details(made, LAST, RULES, measures, measures)["desks"]
    assert len(desks) == 0
    assert {"merchant_id", "taker_id", "load_with", "wait_minutes_without"} <= set(desks.columns)


@pytest.mark.slow
def test_a_month_that_was_measured_is_not_simulated_again_for_its_desks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Warehouse.in_memory()
    demo.fill(made)
    measures = assignment.measure(made, LAST, RULES)
    anew = assignment.details(made, LAST, RULES, measures.copy(), measures)["desks"]
    assignment.measure(made, "2021-04-30", RULES)
    again = assignment.measure(made, LAST, RULES)
    monkeypatch.setattr("merchantkit.programmes.assignment.measuring.handled", None)
    kept = assignment.details(made, LAST, RULES, again, again)["desks"]
    pd.testing.assert_frame_equal(kept, anew)
    with pytest.raises(TypeError):  # another month's measures are simulated, as they must be
        assignment.details(made, LAST, RULES, measures, measures)

"""The express promotion measured: sellers and their accounts, first use, and what a day knows."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import express
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text

RULES = rulebook().on("2021-05-31")
HISTORY = "2021-01-05 10:00:00"
# Merchants a and b, and c, which is a sub-account of a.
MERCHANTS = [
    {"merchant_id": "a", "membership": "金品诚企"},
    {"merchant_id": "b", "membership": "出口通"},
    {"merchant_id": "c", "membership": None, "main_account_id": "a"},
]


def utc(beijing: str) -> dt.datetime:
    return dt.datetime.fromisoformat(beijing) - dt.timedelta(hours=8)


def placed(
    number: str, account: str, ordered: str, paid: str | None = "", **changed: Any
) -> dict[str, Any]:
    """An order as the warehouse holds it, paid at once unless another moment or None is given."""
    at = ordered if paid == "" else paid
    dated = [text is not None and len(text) == 10 for text in (ordered, at)]
    moments = [
        None if text is None else dt.datetime.fromisoformat(text) if only_day else utc(text)
        for text, only_day in zip((ordered, at), dated, strict=True)
    ]
    return {
        "express_order_id": number, "merchant_id": account, "ta_order": True,
        "route": "全球普货专线", "ordered_at": moments[0], "ordered_at_is_date": dated[0],
        "paid_at": moments[1], "paid_at_is_date": None if at is None else dated[1],
        "base_freight_cny": Decimal("80.00"), **changed,
    }  # fmt: skip


def warehouse(*orders: dict[str, Any], history: bool = True) -> Warehouse:
    made = Warehouse.in_memory()
    whence = {"source_file": "t", "source_row": 2}
    # Somebody's order of January: express facts do reach back before the promotion.
    before = [placed("h", "z", HISTORY, ta_order=False)] if history else []
    facts = {"merchants": MERCHANTS, "express_orders": [*orders, *before]}
    with made.write() as connection:
        for name, rows in facts.items():
            stored = [{**whence, **row} for row in rows]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    return made


def of(frame: pd.DataFrame, column: str) -> dict[str, str]:
    return dict(zip(frame["express_order_id"], as_text(frame[column]), strict=True))


def test_a_sub_accounts_orders_are_the_main_accounts() -> None:
    facts = warehouse(
        placed("1", "a", "2021-05-01 10:00:00"), placed("2", "c", "2021-05-02 10:00:00"),
        placed("3", "c", "2021-05-03 10:00:00"), placed("4", "a", "2021-05-04 10:00:00"),
        placed("5", "b", "2021-05-05 10:00:00"),
    )  # fmt: skip
    measures = express.measure(facts, "2021-05-31")
    assert of(measures, "merchant_id") == {"1": "a", "2": "a", "3": "a", "4": "a", "5": "b"}
    assert of(measures, "sub_account")["2"] == "True"
    assert of(measures, "membership")["2"] == "金品诚企"
    saved = of(express.assess(measures, RULES), "saved_cny")
    assert saved == {"1": "80.00", "2": "80.00", "3": "80.00", "4": "0.00", "5": "80.00"}


def test_use_by_any_account_before_the_opening_is_use_by_the_seller() -> None:
    facts = warehouse(
        placed("0", "c", "2021-03-01 10:00:00"), placed("1", "a", "2021-05-01 10:00:00"),
        placed("2", "b", "2021-05-01 10:00:00"),
    )  # fmt: skip
    measures = express.measure(facts, "2021-05-31")
    assert of(measures, "used_before") == {"1": "True", "2": "False"}
    assert of(measures, "used_before_at")["1"] == "2021-03-01 02:00:00+00:00"


@pytest.mark.parametrize(
    ("ordered", "paid", "ta_order", "used"),
    [
        ("2021-04-12 14:59:59", "2021-04-12 14:59:59", True, "True"),
        ("2021-04-12 14:50:00", "2021-04-12 15:00:00", True, "False"),
        ("2021-04-12 15:00:00", "2021-04-12 15:00:00", True, "False"),
        ("2021-04-01 10:00:00", None, True, "False"),
        ("2021-04-01 10:00:00", "2021-04-01 10:00:00", False, "False"),
        ("2021-04-11", "2021-04-11", True, "True"),
        ("2021-04-12", "2021-04-12", True, ""),
        ("2021-04-12", "2021-04-13", True, "False"),
    ],
)
def test_a_use_is_a_payment_before_the_opening_second(
    ordered: str, paid: str | None, ta_order: bool, used: str
) -> None:
    facts = warehouse(
        placed("0", "b", ordered, paid, ta_order=ta_order), placed("1", "b", "2021-05-01 10:00:00")
    )
    measures = express.measure(facts, "2021-05-31")
    assert of(measures, "used_before")["1"] == used
    assert of(measures, "used_before_reason")["1"] == ("" if used else "time_of_day_missing")


def test_its_own_orders_of_the_promotion_do_not_disqualify_a_seller() -> None:
    rows = [placed(str(n), "b", f"2021-04-12 15:00:0{n}") for n in range(4)]
    saved = of(express.assess(express.measure(warehouse(*rows), "2021-05-31"), RULES), "saved_cny")
    assert saved == {"0": "80.00", "1": "80.00", "2": "80.00", "3": "0.00"}


def test_without_any_express_facts_from_before_nobody_is_known_to_be_new() -> None:
    facts = warehouse(placed("1", "b", "2021-05-01 10:00:00"), history=False)
    measures = express.measure(facts, "2021-05-31")
    assert of(measures, "used_before") == {"1": ""}
    outcome = express.assess(measures, RULES)
    assert of(outcome, "saved_cny_reason") == {"1": "no_express_history"}
    assert of(outcome, "orders_left_reason") == {"1": "no_express_history"}


def test_without_any_payment_it_is_not_known_what_was_paid() -> None:
    facts = warehouse(placed("1", "b", "2021-05-01 10:00:00", None), history=False)
    assert of(express.measure(facts, "2021-05-31"), "paid_at_reason") == {
        "1": "no_express_payments"
    }


def test_orders_are_shown_from_the_first_day_and_up_to_the_day_on_beijings_clock() -> None:
    facts = warehouse(
        placed("0", "b", "2021-04-11 23:59:59", ta_order=False),
        placed("1", "b", "2021-04-12 00:00:00", ta_order=False),
        placed("2", "b", "2021-05-31 23:59:59"),
        placed("3", "b", "2021-06-01 00:00:00"),
        placed("4", "b", "2021-05-31"),
    )
    assert set(of(express.measure(facts, "2021-05-31"), "route")) == {"1", "2", "4"}


def test_what_is_paid_after_the_day_is_not_paid_yet() -> None:
    facts = warehouse(placed("1", "b", "2021-05-30 10:00:00", "2021-06-01 00:00:00"))
    assert of(express.measure(facts, "2021-05-31"), "paid_at") == {"1": ""}
    later = express.assess(express.measure(facts, "2021-06-01", RULES), RULES)
    assert of(later, "saved_cny") == {"1": "80.00"}


def test_a_slice_of_the_measured_orders_is_refused() -> None:
    facts = warehouse(*(placed(str(n), "b", f"2021-05-0{n} 10:00:00") for n in (1, 2)))
    measures = express.measure(facts, "2021-05-31")
    with pytest.raises(Exception, match="slice"):
        express.assess(measures.iloc[:1], RULES)


def test_before_the_promotion_nothing_is_measured() -> None:
    facts = warehouse(placed("1", "b", "2021-05-01 10:00:00"))
    assert len(express.measure(facts, "2021-04-11", RULES)) == 0
    assert len(express.assess(express.measure(facts, "2021-04-11", RULES), RULES)) == 0

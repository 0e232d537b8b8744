"""One order seen through every programme that knows orders.

A programme joins by offering ``of_orders(warehouse, day, rules, order_id=None)``: what it says of
the orders paid in the day's month, up to the day, or of one order whenever it was paid. It gives
one row per order with the columns of ``COLUMNS``, and beside them whatever its words for a verdict
(``order.<programme>.<verdict>`` in the catalogues) fill in. A programme without it is left out.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from merchantkit.days import Month, Span, as_day
from merchantkit.errors import MerchantkitError, NotInForceError
from merchantkit.facts.moments import bind, days_of, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import NAMES, programme
from merchantkit.rulebook import Rules, rulebook

# What every programme says of an order: a verdict in one word, and a reason where there is one.
COLUMNS = ("order_id", "merchant_id", "verdict", "reason")
PART = "by_order"  # what an assessment calls it
_PAID = f"""
    SELECT o.order_id, o.merchant_id, coalesce(m.main_account_id, o.merchant_id) AS main_account,
        o.paid_at, o.paid_at_is_date
    FROM orders o LEFT JOIN merchants m USING (merchant_id)
    WHERE o.order_id = $order_id OR ($order_id IS NULL AND {within("o.paid_at", "month")})
"""
_SHOWN = 64  # characters of an id that is not known


@dataclass(frozen=True)
class SeenOrder:
    """One order through the programmes.

    Attributes:
        order_id: Whose verdicts these are.
        day: The day as of which it was seen.
        facts: The order's row in the warehouse, and where it was read from; ``None`` where only a
            programme's own table has it. What is missing is ``None``.
        programmes: What each programme that knows the order says of it, by column.
        absent: Why a programme that knows orders said nothing: it was not in force.
    """

    order_id: str
    day: dt.date
    facts: Mapping[str, Any] | None
    programmes: Mapping[str, Mapping[str, Any]]
    absent: Mapping[str, str]


def order(
    order_id: str,
    warehouse: Warehouse | None = None,
    *,
    day: dt.date | str | None = None,
    rules: Rules | None = None,
) -> SeenOrder:
    """Return what each programme that knows orders says of one order.

    Args:
        order_id: The order's id, as it stands in the facts.
        warehouse: The facts; the project's by default.
        day: The day as of which facts are counted; the last of the month in which the order was
            paid by default, as that month's briefing sees it.
        rules: The rules to judge by; the rulebook on that day by default.

    Raises:
        MerchantkitError: No programme and no table of orders knows the id.
        WarehouseMissing: There are no facts.

    >>> import merchantkit as mk
    >>> seen = mk.order("00F000000001", mk.demo())
    >>> seen.programmes["rfq"]["verdict"], seen.programmes["rfq"]["reason"]
    ('left_out', 'no_rfq_path')
    >>> seen.programmes["fees"]["fee_usd"]
    Decimal('100.00')
    """
    facts = warehouse or Warehouse.open()
    found = facts.frame("SELECT * FROM orders WHERE order_id = $id", {"id": str(order_id)})
    row = _row(found)
    as_of = as_day(day) if day else _month_paid(found, order_id)
    in_force = rules or rulebook().on(as_of)
    said, absent = {}, {}
    for name in NAMES:
        try:
            rows = of_orders(programme(name), facts, as_of, in_force, str(order_id))
        except NotInForceError as refused:
            absent[name] = refused.remedy or refused.what
            continue
        told = _row(rows)
        if told is not None:
            said[name] = told
    if row is None and not said:
        raise _unknown(order_id)
    return SeenOrder(str(order_id), as_of, row, said, absent)


def of_orders(
    module: Any, warehouse: Warehouse, day: dt.date, rules: Rules, order_id: str | None = None
) -> pd.DataFrame | None:
    """Return what a programme says of the month's orders, or of one; ``None`` if it knows none.

    Raises:
        NotInForceError: It knows orders, and is not in force on the rules' day.
    """
    speaks = getattr(module, "of_orders", None)
    if speaks is None:
        return None
    rules.programme(module.name)
    rows: pd.DataFrame = speaks(warehouse, day, rules, order_id)
    return rows


def dated(
    told: pd.DataFrame,
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    order_id: str | None = None,
    whose: Literal["merchant_id", "main_account"] = "merchant_id",
) -> pd.DataFrame:
    """Return those of a programme's rows whose orders were paid in the day's month, with the day.

    For programmes whose own tables know orders by id. A row that names another merchant's order is
    left out: neither may read of the other.

    Args:
        told: Has ``order_id`` and ``merchant_id``.
        warehouse: The facts.
        day: Up to which the month's orders are told.
        rules: Whose clock cuts the month: one for all programmes, or an order would fall between.
        order_id: One order instead, whenever it was paid, and even if no table says when.
        whose: Whether ``told`` names the merchant that was paid, or its main account.

    Returns:
        ``told`` with ``paid_on``, a day on the clock.
    """
    zone = rules.files[_first_that_knows()].clock.zone
    month = bind("month", Span(Month.of(day).first, day, zone))
    found = warehouse.frame(_PAID, {**month, "order_id": order_id})
    paid_on = days_of(found, "paid_at", zone).astype(pd.ArrowDtype(pa.date32()))
    paid = pd.DataFrame(
        {"order_id": found["order_id"], "paid_by": found[whose], "paid_on": paid_on}
    )
    mine = told if order_id is None else told[told["order_id"] == order_id]
    joined = mine.merge(paid, on="order_id", how="inner" if order_id is None else "left")
    own = joined["paid_by"].isna() | (joined["paid_by"] == joined["merchant_id"])
    return joined[own.to_numpy(dtype=bool, na_value=True)].drop(columns="paid_by")


def _row(rows: pd.DataFrame | None) -> dict[str, Any] | None:
    if rows is None or rows.empty:
        return None
    (first,) = rows.head(1).to_dict("records")
    return {str(name): None if pd.isna(value) else value for name, value in first.items()}


def _month_paid(found: pd.DataFrame, order_id: str) -> dt.date:
    if found.empty:
        raise _unknown(order_id)
    (paid_on,) = days_of(found, "paid_at", rulebook().files[_first_that_knows()].clock.zone)
    return Month.of(paid_on.date()).last


def _first_that_knows() -> str:
    """Return the first programme that knows orders: its clock cuts the month of all of them."""
    return next(name for name in NAMES if hasattr(programme(name), "of_orders"))


def _unknown(order_id: str) -> MerchantkitError:
    return MerchantkitError(
        f"there is no order {str(order_id)[:_SHOWN]!r}",
        remedy="give its id as the export has it, in text, and the day where it was never paid",
    )

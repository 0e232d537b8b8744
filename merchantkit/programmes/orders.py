"""One order seen through every programme that knows orders.

A programme joins by offering ``of_orders(warehouse, day, rules, order_id=None)``: what it says of
the orders paid in the day's month, up to the day, or of one order whenever it was paid. It gives
one row per order with the columns of ``COLUMNS``, and beside them whatever its words for a verdict
(``order.<programme>.<verdict>`` in the catalogues) fill in. A programme without it is left out.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    SELECT order_id, paid_at, paid_at_is_date FROM orders
    WHERE order_id = $order_id OR ($order_id IS NULL AND {within("paid_at", "month")})
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


def paid(
    warehouse: Warehouse, day: dt.date, zone: str, order_id: str | None = None
) -> pd.DataFrame:
    """Return the orders paid in a day's month up to the day, or one order whenever it was paid.

    For programmes whose own tables know orders by id, but not when they were paid.

    Returns:
        One row per order: ``order_id`` (text) and ``paid_on`` (day on the clock).
    """
    month = bind("month", Span(Month.of(day).first, day, zone))
    found = warehouse.frame(_PAID, {**month, "order_id": order_id})
    paid_on = days_of(found, "paid_at", zone).astype(pd.ArrowDtype(pa.date32()))
    return found[["order_id"]].assign(paid_on=paid_on)


def _row(rows: pd.DataFrame | None) -> dict[str, Any] | None:
    if rows is None or rows.empty:
        return None
    (first,) = rows.head(1).to_dict("records")
    return {str(name): None if pd.isna(value) else value for name, value in first.items()}


def _month_paid(found: pd.DataFrame, order_id: str) -> dt.date:
    if found.empty:
        raise _unknown(order_id)
    # The programmes that know orders cut their months by one clock: the first one's.
    first = next(name for name in NAMES if hasattr(programme(name), "of_orders"))
    (paid_on,) = days_of(found, "paid_at", rulebook().files[first].clock.zone)
    return Month.of(paid_on.date()).last


def _unknown(order_id: str) -> MerchantkitError:
    return MerchantkitError(
        f"there is no order {str(order_id)[:_SHOWN]!r}",
        remedy="give its id as the export has it, in text, and the day where it was never paid",
    )

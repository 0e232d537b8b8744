"""The orders that pay the fee: whose logistics, and the days to what releases the limit."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.checks import TEXT
from merchantkit.columns import arrow, coded
from merchantkit.days import Month, Span
from merchantkit.facts.moments import bind, days_of, within
from merchantkit.facts.tables import normal
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import ProgrammeRules

ROUTES = ("platform", "offline")
# What may release the Trade Assurance limit, and where its moment is kept.
EVENTS = {
    "warehouse_out": "warehouse_out_at",
    "buyer_receipt": "receipt_at",
    "automatic_receipt": "automatic_receipt_at",
}


def _orders(where: str) -> str:
    # Whose logistics it was is told by order_logistics, else by the order's own column.
    moments = ", ".join(f"l.{at}, l.{at}_is_date" for at in EVENTS.values())
    return f"""
    SELECT o.order_id, o.merchant_id, o.received_usd, o.paid_at, o.paid_at_is_date,
           l.route, o.logistics, l.order_id IS NOT NULL AS told, {moments}
    FROM orders o
    LEFT JOIN order_logistics l ON l.order_id = o.order_id AND l.merchant_id = o.merchant_id
    WHERE {where} ORDER BY o.merchant_id, o.paid_at, o.order_id
    """


_MEASURE = _orders(
    f"{within('o.paid_at', 'month')} AND o.merchant_id IN (SELECT merchant_id FROM merchants)"
)
_ONE = _orders("o.order_id = $order_id")


def of_month(warehouse: Warehouse, as_of: dt.date, book: ProgrammeRules) -> pd.DataFrame:
    """Return the measures of a month's orders, paid up to the day; see ``fees.measure``."""
    month = bind("month", Span(Month.of(as_of).first, as_of, book.clock.zone))
    return _measured(warehouse.frame(_MEASURE, month), as_of, book)


def of_one(
    warehouse: Warehouse, order_id: str, as_of: dt.date, book: ProgrammeRules
) -> pd.DataFrame:
    """Return the measures of one order whenever it was paid; no row if there is none."""
    found = warehouse.frame(_ONE, {"order_id": order_id})
    return _measured(found, as_of, book)


def _routes(found: pd.DataFrame, book: ProgrammeRules) -> "pd.Series[Any]":
    """Return whose logistics it was, where the facts tell it, or spell it as the slides do."""
    spelled = {normal(text): route for route in ROUTES for text in book[f"{route}_names"]}
    texts = arrow(found["logistics"]).dictionary_encode()
    own = [spelled.get(normal(text)) for text in texts.dictionary.to_pylist()]
    routes = pa.array(own, pa.string()).take(texts.indices)
    told = pc.coalesce(arrow(found["route"]), routes)
    return pd.Series(pd.array(told, dtype=TEXT), index=found.index)


def _measured(found: pd.DataFrame, as_of: dt.date, book: ProgrammeRules) -> pd.DataFrame:
    zone = book.clock.zone
    paid = days_of(found, "paid_at", zone).to_numpy("datetime64[D]")
    measures = found[["order_id", "merchant_id", "received_usd"]].copy()
    measures["route"] = _routes(found, book)
    untold = measures["route"].isna().to_numpy(dtype=bool)
    measures["route_reason"] = _told({Reason.ROUTE_UNKNOWN: untold}, found.index)
    dates = pd.arrays.ArrowExtensionArray(pa.array(paid))
    measures["paid_on"] = pd.Series(dates, index=found.index)
    no_facts = ~found["told"].to_numpy(dtype=bool)
    offline = measures["route"].eq("offline").fillna(False).to_numpy(dtype=bool)
    for event, column in EVENTS.items():
        at = days_of(found, column, zone).to_numpy("datetime64[D]")
        happened = ~np.isnat(at) & (at <= np.datetime64(as_of))
        known = happened & (at >= paid)
        days = np.where(known, (at - paid).astype(np.int64), 0)
        measures[f"days_to_{event}"] = pd.arrays.IntegerArray(days, ~known)
        out = event == "warehouse_out"
        why = {
            Reason.NO_LOGISTICS_FACTS: no_facts,
            Reason.SHIPS_OFFLINE: offline & out,
            Reason.BEFORE_PAYMENT: happened,
            (Reason.NOT_YET_OUT if out else Reason.NOT_YET_RECEIVED): np.full(len(at), True),
        }
        measures[f"days_to_{event}_reason"] = _told(
            {reason: holds & ~known for reason, holds in why.items()}, found.index
        )
    return measures


def _told(why: Mapping[Reason, Any], index: pd.Index) -> "pd.Series[Any]":
    """Return the first reason that holds of each row, missing where none does."""
    which = np.select([*why.values()], [*range(1, len(why) + 1)], 0)
    return coded(which, (None, *why), index)

"""Shipments as facts tell them up to a day: one row per order, its times as moments."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.days import FIRST_YEAR, Month, Span, as_day
from merchantkit.facts.moments import bind, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import moments
from merchantkit.programmes.fulfilment.orders import MOMENTS, calendar
from merchantkit.rulebook import ProgrammeRules, Rules, on_record, rulebook

_DAY_HOURS = 24
_STORED = ("agreed_ship_at", *MOMENTS)


def _until(moment: str) -> str:
    return f"""
    CASE WHEN CASE WHEN {moment}_is_date THEN {moment} < $period_after
                   ELSE {moment} < $period_end END THEN {moment} END AS {moment},
    {moment}_is_date"""


# What happened after the day is not known on it. A failed check is numbered among all that the
# merchant failed on own logistics since the rule began, and told in the month in which it was made.
_SHIPMENTS = f"""
WITH failed AS (
    SELECT c.order_id, c.merchant_id,
           CASE WHEN {within("c.checked_at", "period")} THEN
               row_number() OVER (PARTITION BY c.merchant_id ORDER BY c.checked_at, c.order_id)
           END AS number
    FROM spot_checks c JOIN shipments s USING (order_id, merchant_id)
    WHERE NOT c.passed AND s.method IN (SELECT unnest($own))
      AND {within("c.checked_at", "numbered")}
)
SELECT s.merchant_id, s.order_id, s.method, s.agreed_ship_at, s.agreed_ship_at_is_date,
    {",".join(_until(moment) for moment in MOMENTS)},
    s.door_order_valid, s.details_right, s.trace_gap, f.number AS failed_check_number
FROM shipments s JOIN merchants USING (merchant_id)
LEFT JOIN failed f USING (order_id, merchant_id)
"""
_ORDER = "ORDER BY s.merchant_id, s.agreed_ship_at, s.order_id"
_MEASURE = f"""{_SHIPMENTS}
WHERE f.number IS NOT NULL OR
      CASE WHEN s.agreed_ship_at_is_date THEN s.agreed_ship_at >= $since_first
           ELSE s.agreed_ship_at >= $since_start END
{_ORDER}
"""
_ONE = f"{_SHIPMENTS} WHERE s.order_id = $order_id {_ORDER}"


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return the shipments that may count in a day's month, or can still be saved on the day.

    Args:
        warehouse: The facts.
        day: The day as of which facts count; it is taken not to be over.
        rules: Whose methods, calendar and clock apply; the rulebook on that day by default.

    Returns:
        One row per order, by merchant and agreed day: ``merchant_id``, ``order_id``, ``method``,
        ``agreed_ship_on`` and ``as_of`` (days on the rule's clock), ``period_from`` (the month's
        first), the moments (timestamp[us, UTC]) ``door_ordered_at`` (valid orders alone),
        ``picked_up_at``, ``warehoused_at``, ``information_at`` and ``proof_at``; the flag
        ``details_right``; ``trace_gap``; ``failed_check_number`` (which of the merchant's failed
        spot checks since the rule began is this order's, from 1, if it was made in the period).

    Raises:
        NotInForceError: The rules do not exist on their day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme("fulfilment")
    since = _since(book, Month.of(as_of).first)
    return _measured(warehouse, _MEASURE, since, as_of, book)


def of_one(
    warehouse: Warehouse, order_id: str, as_of: dt.date, book: ProgrammeRules
) -> pd.DataFrame:
    """Return the measures of one order whenever it was due; no row if there is none."""
    return _measured(warehouse, _ONE, {"order_id": order_id}, as_of, book)


def _measured(
    warehouse: Warehouse, query: str, asked: dict[str, Any], as_of: dt.date, book: ProgrammeRules
) -> pd.DataFrame:
    zone, first = book.clock.zone, Month.of(as_of).first
    known = {
        "own": book["own_methods"],
        **bind("period", Span(first, as_of, zone)),
        **bind("numbered", Span(_numbered_from(book, as_of), as_of, zone)),
    }
    return _frame(warehouse.frame(query, {**known, **asked}), as_of, first, zone)


def _numbered_from(book: ProgrammeRules, as_of: dt.date) -> dt.date:
    # What failed before there was a rule was warned of by none. Facts from before it are judged, if
    # at all, as if it had always been there.
    begun = on_record(book.file, "warned_checks")[0].since
    return begun if begun <= as_of else dt.date(FIRST_YEAR, 1, 1)


def _since(book: ProgrammeRules, first: dt.date) -> dict[str, Any]:
    # Whatever was agreed before is settled before the month: the last chance of each order lies
    # within some working days, or the days of grace and the hours for which information is waited.
    start = np.array([first], dtype="datetime64[D]")
    longest = max(int(book["trace_working_days"]), int(book["door_order_working_days"]))
    waited = int(book["grace_days"]) + int(book["information_hours"]) // _DAY_HOURS + 2
    earliest = min(
        calendar(book, start, start).before(start, longest + 1)[0],
        start[0] - np.timedelta64(waited, "D"),
    )
    bound = bind("since", Span(earliest.item(), first, book.clock.zone))
    return {name: bound[name] for name in ("since_first", "since_start")}


def _frame(found: pd.DataFrame, as_of: dt.date, first: dt.date, zone: str) -> pd.DataFrame:
    utc = {name: moments.earliest(found, name, zone) for name in _STORED}
    valid = found["door_order_valid"].fillna(True).to_numpy(dtype=bool)
    utc["door_ordered_at"][~valid] = np.datetime64("NaT")
    agreed = moments.local_days(utc.pop("agreed_ship_at"), zone)
    count = len(found)
    columns = {
        **{name: found[name] for name in ("merchant_id", "order_id", "method")},
        "agreed_ship_on": moments.day_column(agreed, found.index),
        "as_of": moments.day_column(np.full(count, as_of, "datetime64[D]"), found.index),
        "period_from": moments.day_column(np.full(count, first, "datetime64[D]"), found.index),
        **{name: moments.moment_column(at, found.index) for name, at in utc.items()},
        **{name: found[name] for name in ("details_right", "trace_gap", "failed_check_number")},
    }
    return pd.DataFrame(columns, index=found.index)

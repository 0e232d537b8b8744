"""Trade Assurance fee (信保手续费) and what else depends on whose logistics ships an order.

Slide 平台物流权益介绍; the numbers are in ``params/rules/fees.yaml``. Both routes are worked out for
every order, whichever it took.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from merchantkit import checks
from merchantkit.checks import TEXT, Verdict
from merchantkit.days import Month, Span, as_day
from merchantkit.facts.moments import bind, days_of, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, from_cents, portion, to_cents
from merchantkit.programmes import door
from merchantkit.programmes.fee_cap import cap_bites_at
from merchantkit.programmes.reasons import Reason, beside, first_reason
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

__all__ = ["assess", "cap_bites_at", "explain", "measure", "of_orders", "summary"]

name = "fees"
scope = "row"
ROUTES = ("platform", "offline")
# What may release the Trade Assurance limit, and where its moment is kept.
EVENTS = {
    "warehouse_out": "warehouse_out_at",
    "buyer_receipt": "receipt_at",
    "automatic_receipt": "automatic_receipt_at",
}
COLUMNS: dict[str, door.Kind] = {"order_id": "id", "merchant_id": "id", "received_usd": "money"}
OPTIONAL: dict[str, door.Kind] = {
    "route": "code",
    **{f"days_to_{event}": "count" for event in EVENTS},
}
_SUMS = (
    "received_usd", "fee_platform_usd", "fee_offline_usd", "difference_by_rate_usd",
    "difference_by_cap_usd", "difference_usd", "fee_usd", "kept_usd", "missed_usd",
)  # fmt: skip


def _orders(where: str) -> str:
    # Whose logistics it was is told by order_logistics, else by the order's own column, where that
    # spells it as the slides do (parameters platform_names, offline_names).
    moments = ", ".join(f"l.{at}, l.{at}_is_date" for at in EVENTS.values())
    return f"""
    SELECT o.order_id, o.merchant_id, o.received_usd, o.paid_at, o.paid_at_is_date,
           coalesce(l.route, CASE
               WHEN lower(trim(o.logistics)) IN (SELECT unnest($platform)) THEN 'platform'
               WHEN lower(trim(o.logistics)) IN (SELECT unnest($offline)) THEN 'offline'
           END) AS route, l.order_id IS NOT NULL AS told, {moments}
    FROM orders o
    LEFT JOIN order_logistics l ON l.order_id = o.order_id AND l.merchant_id = o.merchant_id
    WHERE {where} ORDER BY o.merchant_id, o.paid_at, o.order_id
    """


_MEASURE = _orders(
    f"{within('o.paid_at', 'month')} AND o.merchant_id IN (SELECT merchant_id FROM merchants)"
)
_ONE = _orders("o.order_id = $order_id")


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return the orders paid in the day's calendar month, up to and including the day.

    Args:
        warehouse: The facts.
        day: The day as of which facts are counted.
        rules: Whose clock and spellings apply; the rulebook on that day by default.

    Returns:
        One row per order, by merchant and moment: ``order_id``, ``merchant_id``, ``received_usd``
        (decimal128(18, 2)), ``route`` (platform, offline, or missing), ``paid_on`` (day on the
        rule's clock), and ``days_to_warehouse_out``, ``days_to_buyer_receipt``,
        ``days_to_automatic_receipt`` (Int64 calendar days after ``paid_on``). What is missing, or
        has not happened by the day, has its reason beside it.

    Raises:
        NotInForceError: The fees are not on record on the rules' day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme(name)
    month = bind("month", Span(Month.of(as_of).first, as_of, book.clock.zone))
    return _measured(warehouse.frame(_MEASURE, {**_spellings(book), **month}), as_of, book)


def _spellings(book: ProgrammeRules) -> dict[str, list[str]]:
    return {route: [text.lower() for text in book[f"{route}_names"]] for route in ROUTES}


def _measured(found: pd.DataFrame, as_of: dt.date, book: ProgrammeRules) -> pd.DataFrame:
    zone = book.clock.zone
    paid = days_of(found, "paid_at", zone).to_numpy("datetime64[D]")
    measures = found[["order_id", "merchant_id", "received_usd", "route"]].copy()
    untold = found["route"].isna().to_numpy(dtype=bool)
    measures["route_reason"] = _told({Reason.ROUTE_UNKNOWN: untold}, found.index)
    dates = pd.array(pa.array(paid), dtype=pd.ArrowDtype(pa.date32()))
    measures["paid_on"] = pd.Series(dates, index=found.index)
    no_facts = ~found["told"].to_numpy(dtype=bool)
    offline = found["route"].eq("offline").fillna(False).to_numpy(dtype=bool)
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
    which = np.select([*why.values()], [*range(len(why))], -1).astype(np.int32)
    codes = pa.DictionaryArray.from_arrays(
        pa.array(which, mask=which < 0), pa.array([reason.value for reason in why])
    )
    return pd.Series(pd.array(codes.cast(pa.string()), dtype=TEXT), index=index)


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return both routes' fee of each order, what lies between them, and what the own route gives.

    Args:
        measures: ``order_id``, ``merchant_id``, ``received_usd``; ``route`` and the days to what
            releases the limit where they are known. Rows stand alone.
        rules: The rules of the day.

    Returns:
        On the same index, USD and CNY as decimal128(18, 2): ``order_id``, ``merchant_id``,
        ``received_usd``; ``fee_platform_usd``, ``fee_offline_usd``; ``difference_usd`` (offline
        less platform) and its parts ``difference_by_rate_usd`` and ``difference_by_cap_usd``;
        ``capped`` (boolean: the platform fee stands at its cap and would be more); then by the
        order's own ``route``: ``fee_usd``, ``kept_usd`` and ``missed_usd`` (the difference,
        already had or still to be had), ``insurance_cny`` (the most that free cargo insurance
        pays), ``may_be_exempt`` (boolean: overdue shipping may be exempted), ``limit_days`` (Int64
        days from payment to the release of the limit) beside ``limit_days_platform`` and
        ``limit_days_offline``. Each has ``_reason`` where missing.

    Raises:
        MeasureError: A column is missing, or a value cannot be.

    >>> frame = pd.DataFrame({"order_id": ["a", "b"], "merchant_id": ["m", "m"],
    ...     "received_usd": ["4250.50", "10001"], "route": ["offline", "platform"]})
    >>> outcome = assess(frame, rulebook().on("2021-05-31"))
    >>> outcome["fee_platform_usd"].tolist(), outcome["fee_offline_usd"].tolist()
    ([Decimal('42.51'), Decimal('100.00')], [Decimal('85.01'), Decimal('200.02')])
    >>> outcome["missed_usd"].tolist()
    [Decimal('42.50'), Decimal('0.00')]
    """
    book = rules.programme(name)
    facts, verdicts = _judged(measures, book)
    own = verdicts["route.platform"].met
    no_amount = first_reason(facts, ["received_usd"])
    no_route = first_reason(facts, ["route"], Reason.ROUTE_UNKNOWN)
    neither = no_amount.fillna(no_route)
    sums = _differences(facts, verdicts, own)
    by_amount = dict.fromkeys(sums, no_amount)
    by_route = dict.fromkeys(("fee_usd", "kept_usd", "missed_usd"), neither)
    why = {**by_amount, **by_route, "received_usd": no_amount, "route": no_route}
    outcome = {name: facts[name] for name in ("order_id", "merchant_id")}
    for column, value in {"received_usd": facts["received_usd"], **sums}.items():
        outcome[column] = from_cents(value) if column.endswith("_usd") else value
        outcome[f"{column}_reason"] = why[column]
    outcome |= {"route": facts["route"], "route_reason": no_route}
    outcome |= _benefits(own, no_route, book) | _limit(facts, own, no_route, book)
    return pd.DataFrame(outcome, index=measures.index)


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per order and check, with the order's ``merchant_id`` beside it.

    See ``checks.EXPLANATION_COLUMNS``; a fee is compared with its cap before it is capped.
    """
    facts, verdicts = _judged(measures.reset_index(drop=True), rules.programme(name))
    long = checks.explanation(facts["order_id"], verdicts.values())
    merchants = facts["merchant_id"].repeat(len(verdicts)).reset_index(drop=True)
    return long.assign(merchant_id=merchants)


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant: its orders' sums, to the cent.

    Returns:
        By ``merchant_id``: ``orders``, ``orders_capped``, ``orders_route_unknown`` (Int64), and the
        sums of ``received_usd``, ``fee_platform_usd``, ``fee_offline_usd``,
        ``difference_by_rate_usd``, ``difference_by_cap_usd``, ``difference_usd``, ``fee_usd``,
        ``kept_usd``, ``missed_usd`` over the orders of which they are known; missing, with the
        reason, where they are known of none.
    """
    amounts = {column: to_cents(outcome[column]) for column in _SUMS}
    counts = {
        "orders": outcome["order_id"].notna(),
        "orders_capped": outcome["capped"].fillna(False),
        "orders_route_unknown": outcome["route"].isna(),
    }
    whole = {column: flags.astype("Int64") for column, flags in counts.items()}
    by = outcome["merchant_id"].astype(TEXT)
    added = pd.DataFrame({**whole, **amounts}).groupby(by).sum(min_count=1)
    reasons = outcome[[f"{column}_reason" for column in _SUMS]].groupby(by).first()
    added = added.reset_index()
    values = {column: from_cents(added[column]) for column in _SUMS}
    told = {c: reasons[f"{c}_reason"].astype(TEXT).reset_index(drop=True) for c in _SUMS}
    return pd.DataFrame({**added[["merchant_id", *counts]], **beside(values, told)})


def of_orders(
    warehouse: Warehouse, day: dt.date, rules: Rules, order_id: str | None = None
) -> pd.DataFrame:
    """Return what the fees say of the month's orders, or of one order whenever it was paid.

    Returns:
        One row per order: ``order_id``, ``merchant_id``, ``verdict`` (platform, offline, unknown),
        ``reason``, ``paid_on``, and the columns of ``assess``.
    """
    book = rules.programme(name)
    if order_id is None:
        measures = measure(warehouse, day, rules)
    else:
        found = warehouse.frame(_ONE, {**_spellings(book), "order_id": order_id})
        measures = _measured(found, day, book)
    outcome = assess(measures, rules)
    verdict, paid_on = outcome["route"].fillna("unknown"), measures["paid_on"]
    return outcome.assign(verdict=verdict, reason=outcome["route_reason"], paid_on=paid_on)


def _judged(
    measures: pd.DataFrame, book: ProgrammeRules
) -> tuple[pd.DataFrame, dict[str, Verdict]]:
    facts = door.read(measures, COLUMNS, OPTIONAL, codes={"route": ROUTES})
    if "route" not in facts:
        facts = facts.assign(route=pd.Series(pd.NA, index=facts.index, dtype=TEXT))
    uncapped = {
        f"uncapped_{route}_usd": portion(facts["received_usd"], _basis_points(book, route), "half_up")
        for route in ROUTES
    }
    return facts, checks.evaluate(facts.assign(**uncapped), book)


def _basis_points(book: ProgrammeRules, route: str) -> int:
    return int(Decimal(book[f"{route}_rate"]) * 100)


def _differences(
    facts: pd.DataFrame, verdicts: Mapping[str, Verdict], own: "pd.Series[Any]"
) -> dict[str, "pd.Series[Any]"]:
    # What exceeds a cap is let off; a route without a cap (no required amount) lets nothing off.
    full = {route: verdicts[f"{route}.cap"].observed for route in ROUTES}
    let_off = {route: verdicts[f"{route}.cap"].gap.fillna(0) for route in ROUTES}
    fee = {route: full[route] - let_off[route] for route in ROUTES}
    difference = fee["offline"] - fee["platform"]
    by_rate = full["offline"] - full["platform"]
    kept = difference * own.astype("Int64")  # nothing by the other route; missing without one
    return {
        "fee_platform_usd": fee["platform"],
        "fee_offline_usd": fee["offline"],
        "difference_by_rate_usd": by_rate,
        "difference_by_cap_usd": difference - by_rate,
        "difference_usd": difference,
        "capped": (let_off["platform"] > 0).mask(difference.isna()),
        "fee_usd": fee["offline"] - kept,
        "kept_usd": kept,
        "missed_usd": difference - kept,
    }


def _benefits(
    own: "pd.Series[Any]", no_route: "pd.Series[Any]", book: ProgrammeRules
) -> dict[str, "pd.Series[Any]"]:
    insured = {route: book[f"{route}_insurance"] for route in ROUTES}
    whole = {route: pd.NA if most is None else cents(most) for route, most in insured.items()}
    pays = pd.Series(whole["offline"], index=own.index, dtype="Int64")
    pays = from_cents(pays.mask(own.fillna(False), whole["platform"]).mask(own.isna()))
    exempt = pd.Series(book["offline_exemption"], index=own.index, dtype="boolean")
    exempt = exempt.mask(own.fillna(False), book["platform_exemption"]).mask(own.isna())
    uninsured = no_route.fillna(Reason.NOT_INSURED.value)
    return beside(
        {"insurance_cny": pays, "may_be_exempt": exempt},
        {"insurance_cny": uninsured, "may_be_exempt": no_route},
    )


def _limit(
    facts: pd.DataFrame, own: "pd.Series[Any]", no_route: "pd.Series[Any]", book: ProgrammeRules
) -> dict[str, "pd.Series[Any]"]:
    days, why = {}, {}
    for route in ROUTES:
        events = [f"days_to_{event}" for event in book[f"{route}_release"]]
        known = facts.reindex(columns=events)
        days[route] = _earliest(known)
        reasons = [f"{event}_reason" for event in events if f"{event}_reason" in facts]
        why[route] = first_reason(known.join(facts[reasons]), events)
    is_own = own.fillna(False)
    limit = days["offline"].mask(is_own, days["platform"]).mask(own.isna())
    reason = no_route.fillna(why["offline"].mask(is_own, why["platform"]))
    return beside(
        {
            "limit_days_platform": days["platform"],
            "limit_days_offline": days["offline"],
            "limit_days": limit,
        },
        {
            "limit_days_platform": why["platform"],
            "limit_days_offline": why["offline"],
            "limit_days": reason,
        },
    )


def _earliest(days: pd.DataFrame) -> "pd.Series[Any]":
    never = np.iinfo(np.int64).max
    columns = [days[name].astype("Int64").to_numpy(np.int64, na_value=never) for name in days]
    first = np.minimum.reduce(columns) if columns else np.full(len(days), never)
    return pd.Series(pd.arrays.IntegerArray(first, first == never), index=days.index)

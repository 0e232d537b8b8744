"""Trade Assurance fee (信保手续费) and what else depends on whose logistics ships an order.

Slide 平台物流权益介绍; the numbers are in ``params/rules/fees.yaml``.
Both routes are worked out for every order, whichever it took.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import TEXT, Verdict
from merchantkit.columns import Column, Flags, Whole
from merchantkit.days import as_day
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, exact, from_cents, portion, to_cents
from merchantkit.programmes import door
from merchantkit.programmes.fees.cap import cap_bites_at
from merchantkit.programmes.fees.orders import EVENTS, ROUTES, of_month, of_one
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

__all__ = ["assess", "cap_bites_at", "explain", "measure", "of_orders", "summary"]

name = "fees"
scope = "row"
COLUMNS: dict[str, door.Kind] = {"order_id": "id", "merchant_id": "id", "received_usd": "money"}
OPTIONAL: dict[str, door.Kind] = {
    "route": "code",
    **{f"days_to_{event}": "count" for event in EVENTS},
}
_SUMS = (
    "received_usd", "fee_platform_usd", "fee_offline_usd", "difference_by_rate_usd",
    "difference_by_cap_usd", "difference_usd", "fee_usd", "kept_usd", "missed_usd",
)  # fmt: skip


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
    return of_month(warehouse, as_of, book)


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
    own = verdicts["route.platform"].reached
    no_amount = reasons(facts, ["received_usd"])
    no_route = reasons(facts, ["route"], Reason.ROUTE_UNKNOWN)
    by_amount, by_route = _amounts(Column.of(facts["received_usd"]), verdicts)
    outcome = {name: facts[name] for name in ("order_id", "merchant_id")}
    outcome |= _told(by_amount, no_amount) | _told(by_route, no_amount.filled(no_route))
    outcome |= _told({"route": facts["route"]}, no_route)
    outcome |= _benefits(own, no_route, book) | _limit(facts, own, no_route, book)
    return pd.DataFrame(outcome, index=measures.index)


def _told(values: Mapping[str, Any], why: Reasons) -> dict[str, Any]:
    """Return columns that are missing where there is a reason, and the reason beside each."""
    reason = why.array()
    parts = ({name: value, f"{name}_reason": reason} for name, value in values.items())
    return {name: column for part in parts for name, column in part.items()}


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
    why = outcome[[f"{column}_reason" for column in _SUMS]].groupby(by).first()
    added = added.reset_index()
    values = {column: from_cents(added[column]) for column in _SUMS}
    told = {c: why[f"{c}_reason"].astype(TEXT).reset_index(drop=True) for c in _SUMS}
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
        measures = of_one(warehouse, order_id, day, book)
    outcome = assess(measures, rules)
    verdict, paid_on = outcome["route"].fillna("unknown"), measures["paid_on"]
    return outcome.assign(verdict=verdict, reason=outcome["route_reason"], paid_on=paid_on)


def _judged(
    measures: pd.DataFrame, book: ProgrammeRules
) -> tuple[pd.DataFrame, dict[str, Verdict]]:
    facts = door.read(measures, COLUMNS, OPTIONAL, codes={"route": ROUTES})
    kinds: dict[str, Any] = {"code": TEXT, "count": "Int64"}
    for column in OPTIONAL.keys() - set(facts.columns):
        facts[column] = pd.Series(pd.NA, index=facts.index, dtype=kinds[OPTIONAL[column]])
    received = Column.of(facts["received_usd"])
    uncapped = {
        f"uncapped_{route}_usd": Column(
            portion(received.values, _basis_points(book, route), "half_up"), received.known
        ).series(facts.index)
        for route in ROUTES
    }
    return facts, checks.evaluate(facts.assign(**uncapped), book)


def _basis_points(book: ProgrammeRules, route: str) -> int:
    return int(Decimal(book[f"{route}_rate"]) * 100)


def _fee(verdict: Verdict) -> tuple[Column, Whole]:
    """Return a route's fee in cents, and what its cap lets off.

    What exceeds a cap is let off; a route without a cap (no required amount) lets nothing off.
    """
    assert isinstance(verdict.seen, Column)  # noqa: S101 - a check of money
    let_off = np.where(verdict.short.known, verdict.short.values, 0)
    return Column(verdict.seen.values - let_off, verdict.seen.known), let_off


def _amounts(
    received: Column, verdicts: Mapping[str, Verdict]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what depends on the amount alone, and what depends on the route too."""
    (platform, let_off), (offline, off_offline) = (_fee(verdicts[f"{r}.cap"]) for r in ROUTES)
    own = verdicts["route.platform"].reached
    difference, by_cap = offline - platform, Column(let_off - off_offline, received.known)
    kept = Column(np.where(own.yes, difference.values, 0), difference.known & own.known)
    by_amount = {
        "received_usd": received,
        "fee_platform_usd": platform,
        "fee_offline_usd": offline,
        "difference_by_rate_usd": difference - by_cap,
        "difference_by_cap_usd": by_cap,
        "difference_usd": difference,
    }
    by_route = {"fee_usd": offline - kept, "kept_usd": kept, "missed_usd": difference - kept}
    capped = Column(let_off > 0, received.known)
    return (
        {**{name: exact(cents_) for name, cents_ in by_amount.items()}, "capped": capped.array()},
        {name: exact(cents_) for name, cents_ in by_route.items()},
    )


def _benefits(own: Column, no_route: Reasons, book: ProgrammeRules) -> dict[str, Any]:
    by_own = own.yes
    insured = {route: book[f"{route}_insurance"] for route in ROUTES}
    platform, offline = (0 if insured[route] is None else cents(insured[route]) for route in ROUTES)
    stated = own.known & np.where(by_own, *(insured[route] is not None for route in ROUTES))
    pays = Column(np.where(by_own, platform, offline), stated)
    uninsured = no_route.replaced(own.known & ~stated, Reason.NOT_INSURED)
    may_be = Column(np.where(by_own, *(book[f"{r}_exemption"] for r in ROUTES)), own.known)
    return _told({"insurance_cny": exact(pays)}, uninsured) | _told(
        {"may_be_exempt": may_be.array()}, no_route
    )


def _limit(
    facts: pd.DataFrame, own: Column, no_route: Reasons, book: ProgrammeRules
) -> dict[str, Any]:
    days: dict[str, Column] = {}
    why: dict[str, Reasons] = {}
    for route in ROUTES:
        events = [f"days_to_{event}" for event in book[f"{route}_release"]]
        days[route] = reduce(_earlier, (Column.of(facts[event]) for event in events))
        why[route] = reasons(facts, events)
    by_own = own.yes
    limit = days["offline"].replaced(by_own, days["platform"]).hidden(~own.known)
    reason = no_route.filled(_chosen(by_own, why["platform"], why["offline"]))
    values = {f"limit_days_{route}": days[route] for route in ROUTES} | {"limit_days": limit}
    told = {f"limit_days_{route}": why[route] for route in ROUTES} | {"limit_days": reason}
    return beside(values, told)


def _earlier(one: Column, other: Column) -> Column:
    first = one.known & (~other.known | (one.values <= other.values))
    return other.replaced(first, one)


def _chosen(holds: Flags, reason: Reasons, other: Reasons) -> Reasons:
    """Return a row's reason where a flag holds, else the other's."""
    theirs = Reasons(np.where(holds, np.int32(-1), other.codes), other.words)
    return Reasons(np.where(holds, reason.codes, np.int32(-1)), reason.words).filled(theirs)

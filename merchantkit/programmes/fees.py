"""Trade Assurance fee (信保手续费) and what else depends on whose logistics ships an order.

Slide 平台物流权益介绍; the numbers are in ``params/rules/fees.yaml``.
Both routes are worked out for every order, whichever it took.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit import checks
from merchantkit.checks import TEXT, Verdict
from merchantkit.days import as_day
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, from_cents, portion, to_cents
from merchantkit.programmes import door, fee_orders
from merchantkit.programmes.fee_cap import cap_bites_at
from merchantkit.programmes.fee_orders import EVENTS, ROUTES
from merchantkit.programmes.reasons import Reason, beside, first_reason
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

__all__ = ["assess", "cap_bites_at", "explain", "measure", "of_orders", "summary"]

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

name = "fees"
scope = "row"
COLUMNS: dict[str, door.Kind] = {"order_id": "id", "merchant_id": "id", "received_usd": "money"}
OPTIONAL: dict[str, door.Kind] = {
    "route": "code",
    **{f"days_to_{event}": "count" for event in EVENTS},
}
_NEVER = np.iinfo(np.int64).max
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
    return fee_orders.of_month(warehouse, as_of, book)


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
    outcome = {name: facts[name] for name in ("order_id", "merchant_id")}
    for column, value in _amounts(facts["received_usd"], verdicts).items():
        outcome |= {column: value, f"{column}_reason": no_amount}
    neither = _chosen(no_amount.notna(), no_amount, no_route)
    for column, value in _by_route(facts["received_usd"], verdicts).items():
        outcome |= {column: from_cents(value), f"{column}_reason": neither}
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
        measures = fee_orders.of_one(warehouse, order_id, day, book)
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
    received = facts["received_usd"]
    known, amounts = received.notna().to_numpy(dtype=bool), pd.Series(_whole(received))
    uncapped = {
        f"uncapped_{route}_usd": _column(
            portion(amounts, _basis_points(book, route), "half_up").to_numpy(), known, facts.index
        )
        for route in ROUTES
    }
    return facts, checks.evaluate(facts.assign(**uncapped), book)


def _basis_points(book: ProgrammeRules, route: str) -> int:
    return int(Decimal(book[f"{route}_rate"]) * 100)


def _whole(column: "pd.Series[Any]", missing: int = 0) -> Whole:
    return column.to_numpy(np.int64, na_value=missing)


def _column(whole: Whole, known: Flags, index: pd.Index) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.IntegerArray(whole, ~known), index=index)


def _fees(verdicts: Mapping[str, Verdict]) -> dict[str, tuple[Whole, Whole]]:
    """Return each route's fee in cents and what its cap lets off, 0 where nothing was received.

    What exceeds a cap is let off; a route without a cap (no required amount) lets nothing off.
    """
    let_off = {route: _whole(verdicts[f"{route}.cap"].gap) for route in ROUTES}
    full = {route: _whole(verdicts[f"{route}.cap"].observed) for route in ROUTES}
    return {route: (full[route] - let_off[route], let_off[route]) for route in ROUTES}


def _amounts(
    received: "pd.Series[Any]", verdicts: Mapping[str, Verdict]
) -> dict[str, "pd.Series[Any]"]:
    fees, known, index = _fees(verdicts), received.notna().to_numpy(dtype=bool), received.index
    (platform, let_off), (offline, let_off_offline) = (fees[route] for route in ROUTES)
    by_cap = let_off - let_off_offline
    cents_of = {
        "fee_platform_usd": platform,
        "fee_offline_usd": offline,
        "difference_by_rate_usd": offline - platform - by_cap,
        "difference_by_cap_usd": by_cap,
        "difference_usd": offline - platform,
    }
    amounts = {name: from_cents(_column(its, known, index)) for name, its in cents_of.items()}
    capped = pd.Series(pd.arrays.BooleanArray(let_off > 0, ~known), index=index)
    return {"received_usd": from_cents(received), **amounts, "capped": capped}


def _by_route(
    received: "pd.Series[Any]", verdicts: Mapping[str, Verdict]
) -> dict[str, "pd.Series[Any]"]:
    own = verdicts["route.platform"].met
    (platform, _), (offline, _) = (_fees(verdicts)[route] for route in ROUTES)
    known = (received.notna() & own.notna()).to_numpy(dtype=bool)
    kept = np.where(own.to_numpy(dtype=bool, na_value=False), offline - platform, 0)
    cents_of = {
        "fee_usd": offline - kept,
        "kept_usd": kept,
        "missed_usd": offline - platform - kept,
    }
    return {name: _column(its, known, received.index) for name, its in cents_of.items()}


def _benefits(
    own: "pd.Series[Any]", no_route: "pd.Series[Any]", book: ProgrammeRules
) -> dict[str, "pd.Series[Any]"]:
    is_own, known = own.to_numpy(dtype=bool, na_value=False), own.notna().to_numpy(dtype=bool)
    insured = {route: book[f"{route}_insurance"] for route in ROUTES}
    platform, offline = (0 if insured[route] is None else cents(insured[route]) for route in ROUTES)
    stated = np.where(is_own, *(insured[route] is not None for route in ROUTES)) & known
    pays = _column(np.where(is_own, platform, offline), stated, own.index)
    exempt = np.where(is_own, *(book[f"{route}_exemption"] for route in ROUTES))
    may_be = pd.Series(pd.arrays.BooleanArray(exempt, ~known), index=own.index)
    insurance = {"insurance_cny": from_cents(pays)}
    uninsured = _chosen(known, Reason.NOT_INSURED, no_route)
    exemption = {"may_be_exempt": may_be, "may_be_exempt_reason": no_route}
    return beside(insurance, {"insurance_cny": uninsured}) | exemption


def _limit(
    facts: pd.DataFrame, own: "pd.Series[Any]", no_route: "pd.Series[Any]", book: ProgrammeRules
) -> dict[str, "pd.Series[Any]"]:
    days: dict[str, Whole] = {}
    why: dict[str, pd.Series[Any]] = {}
    for route in ROUTES:
        events = [f"days_to_{event}" for event in book[f"{route}_release"]]
        days[route] = np.minimum.reduce([_whole(facts[event], _NEVER) for event in events])
        why[route] = first_reason(facts, events)
    is_own, known = own.to_numpy(dtype=bool, na_value=False), own.notna().to_numpy(dtype=bool)
    limit = np.where(is_own, days["platform"], days["offline"])
    reason = _chosen(known, _chosen(is_own, why["platform"], why["offline"]), no_route)
    values = {f"limit_days_{route}": days[route] for route in ROUTES}
    values["limit_days"] = np.where(known, limit, _NEVER)
    reasons = {**{f"limit_days_{route}": why[route] for route in ROUTES}, "limit_days": reason}
    columns = {name: _column(its, its < _NEVER, own.index) for name, its in values.items()}
    return beside(columns, reasons)


def _chosen(
    holds: Any, reason: "Reason | pd.Series[Any]", other: "pd.Series[Any]"
) -> "pd.Series[Any]":
    """Return a reason (one, or each row's own) where a flag holds, else the other's."""
    one = reason.value if isinstance(reason, Reason) else pa.array(reason.array)
    found = pc.if_else(pa.array(np.asarray(holds, dtype=bool)), one, pa.array(other.array))
    return pd.Series(pd.array(found, dtype=TEXT), index=other.index)

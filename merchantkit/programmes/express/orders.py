"""Each express order judged by itself and in its turn: gates, wishes, and the seller's line."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column, Flags, arrow
from merchantkit.days import utc_seconds
from merchantkit.errors import PopulationError
from merchantkit.facts.tables import IS_DATE
from merchantkit.money import cents
from merchantkit.programmes import door, moments
from merchantkit.programmes.express import allowance
from merchantkit.programmes.express.allowance import Allotment
from merchantkit.programmes.queues import Queue, queue_of
from merchantkit.programmes.reasons import Reason, Reasons, reasons
from merchantkit.programmes.spelling import spelled
from merchantkit.rulebook import ProgrammeRules

COLUMNS: dict[str, door.Kind] = {
    "express_order_id": "id",
    "merchant_id": "id",
    "membership": "text",
    "route": "text",
    "ta_order": "flag",
    "ordered_at": "moment",
    "paid_at": "moment",
    "base_freight_cny": "money",
    "used_before": "flag",
}
OPTIONAL: dict[str, door.Kind] = {
    "sub_account": "flag",
    "industry_solution": "flag",
    "ordered_at_is_date": "flag",
    "paid_at_is_date": "flag",
    "used_before_at": "moment",
    "used_before_at_is_date": "flag",
}
MOMENTS = ("ordered_at", "paid_at")
# At the end of every line: what is not paid has no turn yet.
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Gate:
    """What an order must pass by itself: any of its checks lets it through."""

    checks: tuple[str, ...]
    column: str
    refusal: Reason


# In this order, as the first that refuses is the reason given.
SELLER_GATES = (
    Gate(("member.type", "member.name"), "membership", Reason.NOT_MEMBER),
    Gate(("first.use",), "used_before", Reason.USED_BEFORE),
)
GATES = (
    Gate(("ta.order",), "ta_order", Reason.NOT_TA_ORDER),
    *SELLER_GATES,
    Gate(("window.opens",), "ordered_at", Reason.BEFORE_PROMOTION),
    Gate(("window.closes",), "ordered_at", Reason.AFTER_PROMOTION),
    Gate(("route.excluded",), "route", Reason.ROUTE_EXCLUDED),
    Gate(("route.listed", "route.solution"), "route", Reason.ROUTE_NOT_LISTED),
    Gate(("paid.by",), "paid_at", Reason.PAID_LATE),
)


@dataclass(frozen=True)
class Judgement:
    """Everything that was found out about the orders.

    Attributes:
        facts: The measures, typed.
        verdicts: The checks on what an order is by itself.
        refusals: Why each order is refused that is refused for what it is.
        doubts: What is not known of each order that may be refused.
        seller_refusals: Why the seller has no part in the promotion, if so.
        seller_doubts: What is not known of it.
        allotment: What the others are given.
    """

    facts: pd.DataFrame
    verdicts: dict[str, Verdict]
    refusals: Reasons
    doubts: Reasons
    seller_refusals: Reasons
    seller_doubts: Reasons
    allotment: Allotment


def judge(measures: pd.DataFrame, book: ProgrammeRules) -> Judgement:
    """Return the judgement of all orders.

    Raises:
        MeasureError: A column is missing, a value cannot be, or an order stands twice.
        PopulationError: The frame is a slice of measured orders.
    """
    facts = _read(measures, book)
    verdicts = _verdicts(facts, book)
    refusals, doubts = _pass(GATES, facts, verdicts)
    cap = verdicts["cap.order"]
    freight = Column.of(facts["base_freight_cny"])
    # Where the freight is not known, the order may take all that an order can.
    wish = (freight - cap.short).replaced(~freight.known, cents(book["order_cap"]))
    free = wish.equal(0) & freight.known & ~doubts.given
    refusals = refusals.added(free, Reason.NO_FREIGHT)
    doubts = _said(doubts, ~freight.known & ~refusals.given, facts, "base_freight_cny")
    most = np.where(refusals.given, 0, wish.values)
    unknown = doubts.given
    least = np.where(unknown, 0, most) if unknown.any() else most
    allotment = allowance.allot(_queue(facts), least, most, book)
    seller = _pass(SELLER_GATES, facts, verdicts)
    return Judgement(facts, verdicts, refusals, doubts, *seller, allotment)


def closed_after(book: ProgrammeRules) -> bool:
    """Return whether whatever is ordered after the rules' day comes too late."""
    # Facts count up to the day's midnight, so the next order is placed then at the earliest.
    midnight = dt.datetime.combine(book.day + dt.timedelta(days=1), dt.time())
    next_order = Column.all_known(np.array([utc_seconds(midnight, book.clock.zone)]))
    facts = pd.DataFrame({"ordered_at": next_order.array()}, copy=False)
    (in_time,) = checks.evaluate(facts, book)["window.closes"].reached.values
    return not in_time


def _read(measures: pd.DataFrame, book: ProgrammeRules) -> pd.DataFrame:
    population = measures.attrs.get("population", len(measures))
    if len(measures) < population:
        raise PopulationError(
            "a slice of the orders cannot be judged: those before an order decide about it",
            where=f"{len(measures)} of {population} orders",
            remedy="assess all orders, with one changed if need be, and slice the outcome",
        )
    facts = door.read(measures, COLUMNS, OPTIONAL)
    _refuse_twice(facts)
    for column, lists in (
        ("route", ("routes", "excluded_routes")),
        ("membership", ("memberships", "membership_names")),
    ):
        known = {text: text for each in lists for text in book[each]}
        facts[column] = spelled(facts[column], known)
    # A route that is not marked as an industry solution is none (assumption unlisted).
    solution = facts.get("industry_solution")
    facts["industry_solution"] = False if solution is None else solution.fillna(False)
    for column in MOMENTS:
        facts[f"{column}_dated"] = facts[column + IS_DATE] & facts[column].notna()
        ends = (end(facts, column, book.clock.zone) for end in (moments.earliest, moments.latest))
        first, last = (moments.seconds(end, facts.index) for end in ends)
        facts[column], facts[f"{column}_latest"] = first, last
    return facts


def _refuse_twice(facts: pd.DataFrame) -> None:
    ids = facts["express_order_id"]
    if len(arrow(ids).unique()) < len(ids):
        door.refuse_rows(
            facts, ids.duplicated(keep=False), "an express order stands twice",
            "keep one row of each", ("express_order_id",),
        )  # fmt: skip


def _verdicts(facts: pd.DataFrame, book: ProgrammeRules) -> dict[str, Verdict]:
    verdicts = checks.evaluate(facts, book)
    if not any(facts[f"{column}_dated"].any() for column in MOMENTS):
        return verdicts
    # Where only the day is known, both of its ends must say the same.
    ends = pd.DataFrame({column: facts[f"{column}_latest"] for column in MOMENTS})
    for name, end in checks.evaluate(ends, book).items():
        verdict = verdicts[name]
        differs = verdict.reached.values != end.reached.values
        verdicts[name] = replace(verdict, reached=verdict.reached.hidden(differs))
    return verdicts


def _pass(
    gates: Iterable[Gate], facts: pd.DataFrame, verdicts: dict[str, Verdict]
) -> tuple[Reasons, Reasons]:
    """Return why orders are refused, and of those that are not, what is not known of them."""
    refusals = doubts = Reasons.none(len(facts))
    open_at = []
    for gate in gates:
        through = reduce(or_, (verdicts[check].reached for check in gate.checks))
        if gate.column == "paid_at":
            unpaid = _unpaid(facts)
            refusals = refusals.added(unpaid, Reason.NOT_PAID)
            through = through.replaced(unpaid, False)
        refusals = refusals.added(through.no, gate.refusal)
        open_at.append((gate, ~through.known))
    for gate, unclear in open_at:
        doubts = _said(doubts, unclear & ~refusals.given, facts, gate.column)
    return refusals, doubts


def _unpaid(facts: pd.DataFrame) -> Flags:
    # Missing without a reason: not paid yet. With one, nothing is known of the payment.
    missing: Flags = facts["paid_at"].isna().to_numpy()
    stated = facts.get("paid_at_reason")
    return missing if stated is None else missing & stated.isna().to_numpy()


def _said(doubts: Reasons, where: Flags, facts: pd.DataFrame, column: str) -> Reasons:
    """Return doubts with those about a column, which is missing or knows no time of day."""
    if not where.any():
        return doubts
    why = reasons(facts, [column])
    if column in MOMENTS:
        dated = facts[f"{column}_dated"].to_numpy(dtype=bool, na_value=False)
        why = why.replaced(dated, Reason.TIME_OF_DAY_MISSING)
    return doubts.filled(why.only(where))


def _queue(facts: pd.DataFrame) -> Queue:
    ordered, paid = (Column.of(facts[column]) for column in ("ordered_at", "paid_at"))
    # Where nothing is known of a payment, the order may have come before all others.
    paid = paid.replaced(~paid.known & ~_unpaid(facts), ordered)
    first, second = (np.where(at.known, at.values, _NEVER) for at in (paid, ordered))
    return queue_of(facts["merchant_id"], first, second, facts["express_order_id"])

"""Chargeback protection (信用卡拒付保障): what of a dispute needs no refund, what is missing.

Slide 信用卡拒付保障开通入口优化升级; the numbers are in ``params/rules/chargeback.yaml``. A row
is a dispute. Coverage runs down in the order of approval, so all of a merchant's are one frame.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.columns import Column, Whole, coded
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact
from merchantkit.programmes.chargeback import coverage
from merchantkit.programmes.chargeback.judging import (
    COLUMNS,
    CONDITIONS,
    OPTIONAL,
    Judgement,
    judge,
)
from merchantkit.programmes.chargeback.measuring import NAME, applications, measure
from merchantkit.programmes.chargeback.sums import STATES, summary
from merchantkit.programmes.orders import dated
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons
from merchantkit.rulebook import Rules

__all__ = [
    "COLUMNS", "CONCERNS", "OPTIONAL", "STATES", "assess", "details", "explain", "measure", "name",
    "of_orders", "scope", "summary",
]  # fmt: skip

name = NAME
scope = "merchant"
# Who applied is concerned too, without any dispute.
CONCERNS = ("coverage",)


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return what of each dispute needs no refund, what is missing, and what its coverage has left.

    The bank's outcome is not asked for: it changes nothing.

    Args:
        measures: The columns of ``measure`` for all disputes of a merchant; where ``coverage_id``
            is absent, they fall under one coverage of their merchant.
        rules: The rules of the day.

    Returns:
        On the same index, USD as decimal128(18, 2): ``dispute_id``, ``merchant_id``,
        ``coverage_id``, ``disputed_usd``, of which ``no_refund_usd`` is protected, ``open_usd``
        will be once its evidence is submitted and approved (up to what the coverage has left, by
        itself: what is not approved uses nothing), and ``unprotected_usd`` is neither (the bank's
        decision settles it); ``state`` (protected, partly, open, unprotected); ``missing``
        and ``unclear``, the conditions that are not met and of which it is not known (period,
        online_order, card_direct, evidence, approval; comma-separated); ``used_usd`` and
        ``left_usd``, of its coverage after everything approved. Each has ``_reason`` where it is
        missing; ``no_refund_usd_reason`` also says why it is not all that was disputed.

    Raises:
        MeasureError: A column is missing, a value cannot be, a dispute stands twice, or a coverage
            has two limits.
        PopulationError: Some disputes of a coverage are left out.

    >>> from merchantkit.rulebook import rulebook
    >>> frame = pd.DataFrame({"dispute_id": ["1", "2"], "merchant_id": ["m", "m"],
    ...     "paid_in_period": True, "online_order": True, "payment": "card_direct",
    ...     "evidence_given": True, "evidence_review": "approved", "disputed_usd": ["700", "500"],
    ...     "disputed_at": ["2021-05-03", "2021-05-09"], "limit_usd": "1000"})
    >>> outcome = assess(frame, rulebook().on("2021-05-31"))
    >>> outcome[["no_refund_usd", "state"]].values.tolist(), outcome["left_usd"].tolist()[-1]
    ([[Decimal('700.00'), 'protected'], [Decimal('300.00'), 'partly']], Decimal('0.00'))
    """
    judged = judge(measures, rules.programme(name))
    facts, index = judged.facts, measures.index
    under = facts["coverage_id"] if "coverage_id" in facts else coded(_none(facts), (None,), index)
    return pd.DataFrame(
        {
            **{column: facts[column] for column in ("dispute_id", "merchant_id")},
            "coverage_id": under,
            **_amounts(judged),
            **_conditions(judged, index),
            **_limit(judged),
        },
        index=index,
    )


def _none(facts: pd.DataFrame) -> Whole:
    return np.zeros(len(facts), dtype=np.int64)


def _amounts(judged: Judgement) -> dict[str, Any]:
    amount = Column.of(judged.facts["disputed_usd"])
    protected, open_ = judged.protected.column(), judged.open.column()
    rest = amount - protected - open_
    doubts = judged.doubts.added(~amount.known, Reason.NOT_GIVEN)
    # All is known of it, and yet not what those before it used.
    doubts = doubts.added(~protected.known | ~open_.known, Reason.EARLIER_DISPUTE_UNKNOWN)
    short = protected.known & amount.known & (protected.values < amount.values)
    nothing = short & open_.known & (protected.values + open_.values == 0)
    # Evidence would not help any more where all of the coverage is used.
    why = judged.refusals.only(~(nothing & judged.hopeful.yes))
    why = why.added(nothing, Reason.COVERAGE_USED)
    why = why.added(short, Reason.BEYOND_COVERAGE).only(short | ~amount.known)
    why = why.only(protected.known).filled(doubts.only(~protected.known))
    told = {
        "disputed_usd": amount, "no_refund_usd": protected, "open_usd": open_,
        "unprotected_usd": rest,
    }  # fmt: skip
    columns = beside(
        {column: exact(cents) for column, cents in told.items()},
        {
            "disputed_usd": reasons(judged.facts, ["disputed_usd"]),
            **dict.fromkeys(("open_usd", "unprotected_usd"), doubts),
        },
    )
    columns["no_refund_usd_reason"] = why.array()
    state = _states(judged, amount)
    return {
        **columns,
        "state": coded(state, (*STATES, None), judged.facts.index),
        "state_reason": doubts.only(state == len(STATES)).array(),
    }


def _states(judged: Judgement, amount: Column) -> Whole:
    """Return the place in ``STATES`` of each dispute; past them where it is not known."""
    protected, open_ = judged.protected.column(), judged.open.column()
    known = protected.known & open_.known & amount.known
    whole = known & judged.met.yes & (protected.values == amount.values)
    lost = known & (protected.values + open_.values == 0) | _hopeless(judged)
    waits, some = known & (open_.values > 0), known & (protected.values > 0)
    return np.select([whole, some, waits, lost], [0, 1, 2, 3], len(STATES)).astype(np.int64)


def _hopeless(judged: Judgement) -> Any:
    # Whatever the amount may be, nothing of it can be protected any more.
    return judged.met.no & (judged.open.most == 0) & (judged.protected.most == 0)


def _conditions(judged: Judgement, index: pd.Index) -> dict[str, Any]:
    """Return which conditions are not met, and of which it is not known, a bit for each."""
    missing, unclear = (np.zeros(len(index), dtype=np.int64) for _ in range(2))
    for n, condition in enumerate(CONDITIONS):
        reached = judged.verdicts[condition.check].reached
        missing += reached.no.astype(np.int64) << n
        if not reached.known.all():
            unclear += (~reached.known).astype(np.int64) << n
    words = [condition.word for condition in CONDITIONS]
    texts = [
        ",".join(word for n, word in enumerate(words) if bits >> n & 1) or None
        for bits in range(1 << len(words))
    ]
    return {
        "missing": coded(missing, texts, index),
        "unclear": coded(unclear, texts, index)
        if unclear.any()
        else Reasons.none(len(index)).array(),
    }


def _limit(judged: Judgement) -> dict[str, Any]:
    limit, used = Column.of(judged.facts["limit_usd"]), judged.used.column()
    # Of what is under no coverage, it says why it is not.
    why = judged.refusals.only(~limit.known).filled(reasons(judged.facts, ["limit_usd"]))
    spent = why.added(~used.known, Reason.EARLIER_DISPUTE_UNKNOWN)
    used = used.hidden(~limit.known)
    return beside(
        {"used_usd": exact(used), "left_usd": exact(limit - used)},
        {"used_usd": spent, "left_usd": spent},
    )


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per dispute and check, with its ``merchant_id``.

    See ``checks.EXPLANATION_COLUMNS``. The limit is compared with all that was claimed of the
    coverage up to the dispute and with it, where that is known; its gap is what lies beyond.
    """
    judged = judge(measures.reset_index(drop=True), rules.programme(name))
    long = checks.explanation(judged.facts["dispute_id"], judged.verdicts.values())
    merchants = judged.facts["merchant_id"].repeat(len(judged.verdicts))
    return long.assign(merchant_id=merchants.reset_index(drop=True))


def details(
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``coverage``: who applied, what became of it, and what is used and left.

    See ``coverage.standing``; a merchant without an application has no row. And ``calendar``: when
    who was refused is reminded, and when a protected period ends.
    """
    book = rules.programme(name)
    made = applications(warehouse, book, day)
    found = coverage.standing(made, outcome, book, day)
    return {"coverage": found, "calendar": coverage.own_days(found)}


def of_orders(
    warehouse: Warehouse, day: dt.date, rules: Rules, order_id: str | None = None
) -> pd.DataFrame:
    """Return what became of disputes about the month's orders, or about one of them.

    Returns:
        One row per order that a dispute up to the day names, the latest of them: ``order_id``,
        ``merchant_id``, ``verdict`` (protected, partly, open, unprotected, unknown), ``reason``,
        ``paid_on``, and the columns of ``assess``.
    """
    found = measure(warehouse, day, rules)
    told = assess(found, rules).assign(order_id=found["order_id"])
    # In the order of measure, which is that of time within a merchant.
    last = told.dropna(subset=["order_id"]).drop_duplicates(
        ["merchant_id", "order_id"], keep="last"
    )
    mine = dated(last, warehouse, day, rules, order_id).sort_values("order_id", ignore_index=True)
    reason = mine["no_refund_usd_reason"]
    return mine.assign(verdict=mine["state"].fillna("unknown"), reason=reason)

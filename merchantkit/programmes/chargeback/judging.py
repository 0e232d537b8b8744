"""Each dispute judged by itself and in its turn: conditions, what may still be met, and the limit.

What is known of a dispute may leave open whether it uses coverage, and then what is left for those
behind it is open too. So every amount is worked out from both ends, and is known where they meet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column, Flags, Whole, arrow, coded
from merchantkit.errors import PopulationError
from merchantkit.programmes import door, moments
from merchantkit.programmes.chargeback.measuring import STANDINGS
from merchantkit.programmes.queues import Queue, queue_of
from merchantkit.programmes.reasons import Reason, Reasons, reasons
from merchantkit.rulebook import ProgrammeRules

PAYMENTS = ("card_direct", "card_indirect", "not_card")
REVIEWS = ("not_submitted", "pending", "approved", "rejected")
COLUMNS: dict[str, door.Kind] = {
    "dispute_id": "id",
    "merchant_id": "id",
    "paid_in_period": "flag",
    "online_order": "flag",
    "payment": "code",
    "evidence_given": "flag",
    "evidence_review": "code",
    "disputed_at": "moment",
    "disputed_usd": "money",
    "limit_usd": "money",
}
OPTIONAL: dict[str, door.Kind] = {
    "coverage_id": "text",
    "standing": "code",
    "disputed_at_is_date": "flag",
    "approved_at": "moment",
    "approved_at_is_date": "flag",
    "coverage_disputes": "count",
}
CODES = {"payment": PAYMENTS, "evidence_review": REVIEWS, "standing": STANDINGS}


class Condition(NamedTuple):
    """What a dispute must meet: its check, the measure, the word for it, why not."""

    check: str
    column: str
    word: str
    refusal: Reason


# In this order, as the first that refuses is the reason given. What was paid cannot be mended.
FIXED = (
    Condition("period.paid", "paid_in_period", "period", Reason.OUTSIDE_PERIOD),
    Condition("order.online", "online_order", "online_order", Reason.NOT_ONLINE_ORDER),
    Condition("paid.card", "payment", "card_direct", Reason.NOT_CARD_DIRECT),
)
STEPS = (
    Condition("evidence.given", "evidence_given", "evidence", Reason.EVIDENCE_MISSING),
    Condition("evidence.approved", "evidence_review", "approval", Reason.EVIDENCE_PENDING),
)
CONDITIONS = (*FIXED, *STEPS)


@dataclass(frozen=True)
class Ends:
    """An amount in cents from both ends; one object where all is known, which is worked on once."""

    least: Whole
    most: Whole

    @property
    def one(self) -> bool:
        """Whether all is known."""
        return self.least is self.most

    def column(self) -> Column:
        """Return it where it is known."""
        if self.one:
            return Column.all_known(self.most)
        return Column(self.most, self.least == self.most)

    def where(self, flags: Column) -> "Ends":
        """Return what is left of it where a flag holds, and may."""
        if self.one and flags.known.all():
            only = np.where(flags.values, self.most, 0)
            return Ends(only, only)
        return Ends(np.where(flags.yes, self.least, 0), np.where(flags.no, 0, self.most))


@dataclass(frozen=True)
class Judgement:
    """Everything that was found out about the disputes.

    Attributes:
        facts: The measures, typed.
        verdicts: The checks on what a dispute is by itself, and on the limit in its turn.
        refusals: The first condition that each does not meet; then why the limit gives less.
        doubts: What is not known of each.
        protected: What needs no refund.
        open: What will need none once its evidence is submitted and approved, as things stand:
            each by itself, as nothing is used before it is approved.
        hopeful: Whether it may still be approved.
        used: What its coverage's disputes used, all of them.
        met: Whether it meets every condition.
    """

    facts: pd.DataFrame
    verdicts: dict[str, Verdict]
    refusals: Reasons
    doubts: Reasons
    protected: Ends
    open: Ends
    hopeful: Column
    used: Ends
    met: Column


def judge(measures: pd.DataFrame, book: ProgrammeRules) -> Judgement:
    """Return the judgement of all disputes.

    Raises:
        MeasureError: A column is missing, a value cannot be, a dispute stands twice, or one
            coverage has two limits.
        PopulationError: Some of a coverage's disputes are left out.
    """
    facts = _read(measures)
    verdicts = checks.evaluate(facts, book)
    fixed, done = (_all(verdicts, each) for each in (FIXED, STEPS))
    met = fixed & done
    # What was rejected stays so; what is not submitted, or not judged, may still be approved.
    rejected = facts["evidence_review"].eq("rejected").to_numpy(dtype=bool, na_value=False)
    hopeful = fixed & ~done & Column.all_known(~rejected)
    queue = _queue(facts, met)
    _refuse_torn(facts, queue)
    amount, limit = Column.of(facts["disputed_usd"]), Column.of(facts["limit_usd"])
    asked = _asked(amount, limit, met | hopeful)
    claims = asked.where(met)
    granted, claimed = _granted(_ahead(queue, claims, met), asked, limit, book)
    protected, open_ = granted.where(met), granted.where(hopeful)
    used = _used(queue, claims, limit, book)
    turn = {"claimed_usd": claimed.hidden(~amount.known).series(facts.index)}
    verdicts |= checks.evaluate(facts[["limit_usd"]].assign(**turn), book)
    refusals, doubts = _reasons(facts, verdicts)
    return Judgement(facts, verdicts, refusals, doubts, protected, open_, hopeful, used, met)


def _all(verdicts: dict[str, Verdict], conditions: Iterable[Condition]) -> Column:
    return reduce(and_, (verdicts[condition.check].reached for condition in conditions))


def _read(measures: pd.DataFrame) -> pd.DataFrame:
    facts = door.read(measures, COLUMNS, OPTIONAL, CODES)
    ids = facts["dispute_id"]
    if len(arrow(ids).unique()) < len(ids):
        door.refuse_rows(
            facts, ids.duplicated(keep=False), "a dispute stands twice",
            "keep one row of each", ("dispute_id",),
        )  # fmt: skip
    # Without a review: none was asked for, or it is under way.
    given, review = Column.of(facts["evidence_given"]), facts["evidence_review"]
    untold = review.isna().to_numpy() & given.known
    if untold.any():
        implied = coded(
            np.where(given.known, given.values, 2), ("not_submitted", "pending", None), ids.index
        )
        filled = pc.coalesce(arrow(review), arrow(implied))
        facts["evidence_review"] = pd.arrays.ArrowExtensionArray(filled)
    return facts


def _queue(facts: pd.DataFrame, met: Column) -> Queue:
    zone = "UTC"  # of what is only a day: any clock puts it at that day's beginning
    disputed = _seconds(facts, "disputed_at", zone)
    approved = _seconds(facts, "approved_at", zone) if "approved_at" in facts else disputed
    at = np.where(approved.known, approved.values, disputed.values)
    # One of which it is not known whether it is approved may have come before all others.
    first = np.where(met.known, at, disputed.values)
    return queue_of(_groups(facts), first, disputed.values, facts["dispute_id"])


def _seconds(facts: pd.DataFrame, name: str, zone: str) -> Column:
    return Column.of(moments.seconds(moments.earliest(facts, name, zone), facts.index))


def _groups(facts: pd.DataFrame) -> "pd.Series[Any]":
    """Return which coverage each dispute falls under, or else which merchant, as a number."""
    if "coverage_id" not in facts:
        numbers = pd.factorize(facts["merchant_id"])[0].astype(np.int64)
        return pd.Series(numbers, index=facts.index)
    found, names = pd.factorize(facts["coverage_id"])
    numbers, without = found.astype(np.int64), found < 0
    if without.any():
        merchants = pd.factorize(facts["merchant_id"].array[without])[0]
        numbers[without] = merchants + len(names)
    return pd.Series(numbers, index=facts.index)


def _refuse_torn(facts: pd.DataFrame, queue: Queue) -> None:
    """Refuse a coverage of two merchants or limits, or of which only some disputes are there."""
    heads = queue.rows[queue.starts]
    limit, merchants = Column.of(facts["limit_usd"]), arrow(facts["merchant_id"])
    differs = (limit.known[queue.rows] != limit.known[heads]) | (
        limit.values[queue.rows] != limit.values[heads]
    )
    _refuse(facts, queue, differs, "one coverage has two limits", "give each dispute its limit")
    # Each beside the one before it in its line, as fetching texts is what costs.
    inline = merchants.take(pa.array(queue.rows))
    others = np.zeros(len(facts), dtype=bool)
    others[1:] = ~np.asarray(pc.equal(inline[1:], inline[:-1]))
    others &= queue.rows != heads
    _refuse(facts, queue, others, "one coverage is of two merchants", "give each its own id")
    if "coverage_disputes" in facts:
        counted = Column.of(facts["coverage_disputes"])
        present = queue.total(np.ones(len(facts), dtype=np.int64))
        short = counted.known & (present < counted.values)
        if short.any():
            raise PopulationError(
                "some disputes of a coverage are left out: those before a dispute decide about it",
                count=int(short.sum()),
                remedy="assess all disputes of a merchant, with one changed if need be",
            )


def _refuse(facts: pd.DataFrame, queue: Queue, wrong: Flags, what: str, remedy: str) -> None:
    if wrong.any():
        rows = np.zeros(len(facts), dtype=bool)
        rows[queue.rows] = wrong
        door.refuse_rows(facts, rows, what, remedy, ("dispute_id",))


def _asked(amount: Column, limit: Column, may: Column) -> Ends:
    """Return what each dispute asks of its coverage, now or once it is approved."""
    if amount.known.all():
        return Ends(amount.values, amount.values).where(may)
    # Where the amount is not known, it may be all that the coverage has.
    most = np.where(amount.known, amount.values, np.where(limit.known, limit.values, 1))
    return Ends(np.where(amount.known, amount.values, 0), most).where(may)


def _ahead(queue: Queue, claims: Ends, met: Column) -> Ends:
    """Return what is used before each: of what is approved by those before it, else by all.

    What is not approved yet uses nothing (assumption order_of_approval), and stands in no line.
    """
    least = np.where(met.no, queue.total(claims.least), queue.before(claims.least))
    if claims.one:
        return Ends(least, least)
    others = queue.total(claims.most) - claims.most
    return Ends(least, np.where(met.yes, queue.before(claims.most), others))


def _granted(ahead: Ends, asked: Ends, limit: Column, book: ProgrammeRules) -> tuple[Ends, Column]:
    """Return the part of what is asked that lies within the limit, and the claims up to it."""
    most = _within(ahead.least + asked.most, asked.most, limit, book)
    one = ahead.one and asked.one
    least = most if one else _within(ahead.most + asked.least, asked.least, limit, book)
    settled = (ahead.least == ahead.most) & (asked.least == asked.most) & (asked.most > 0)
    return _limited(Ends(least, most), asked.most, limit), Column(ahead.least + asked.most, settled)


def _limited(granted: Ends, asked: Whole, limit: Column) -> Ends:
    """Return the same where the limit is known; else nothing is promised, nor ruled out."""
    if (limit.known | (asked == 0)).all():
        return granted
    least = np.where(limit.known, granted.least, 0)
    return Ends(least, np.where(limit.known, granted.most, asked))


def _within(claimed: Whole, asked: Whole, limit: Column, book: ProgrammeRules) -> Whole:
    facts = pd.DataFrame(
        {"claimed_usd": Column.all_known(claimed).array(), "limit_usd": limit.array()}, copy=False
    )
    (verdict,) = checks.evaluate(facts, book).values()
    # A limit of nothing gives nothing; no number is short of it.
    over = np.where(verdict.short.known, verdict.short.values, asked)
    return np.maximum(asked - over, 0)


def _used(queue: Queue, claims: Ends, limit: Column, book: ProgrammeRules) -> Ends:
    """Return what was used of each dispute's coverage: all claims on it, up to the limit."""
    total = queue.total(claims.most)
    most = _within(total, total, limit, book)
    if claims.one:
        return _limited(Ends(most, most), total, limit)
    fewest = queue.total(claims.least)
    return _limited(Ends(_within(fewest, fewest, limit, book), most), total, limit)


def _reasons(facts: pd.DataFrame, verdicts: dict[str, Verdict]) -> tuple[Reasons, Reasons]:
    """Return the first condition that is not met, and of which it is not known, by row."""
    refusals = doubts = Reasons.none(len(facts))
    for condition in CONDITIONS:
        reached = verdicts[condition.check].reached
        refusals = refusals.filled(_refusal(facts, condition).only(reached.no))
        if not reached.known.all():
            doubts = doubts.filled(reasons(facts, [condition.column]).only(~reached.known))
    return refusals, doubts.filled(reasons(facts, ["disputed_usd", "limit_usd"]))


def _refusal(facts: pd.DataFrame, condition: Condition) -> Reasons:
    rows = len(facts)
    why = Reasons.none(rows).replaced(np.ones(rows, dtype=bool), condition.refusal)
    if condition.check == "period.paid" and "standing" in facts:
        for standing, reason in (
            ("refused", Reason.COVERAGE_REFUSED),
            ("never_applied", Reason.NO_COVERAGE),
        ):
            is_so = facts["standing"].eq(standing).to_numpy(dtype=bool, na_value=False)
            why = why.replaced(is_so, reason)
    if condition.check == "evidence.approved":
        rejected = facts["evidence_review"].eq("rejected").to_numpy(dtype=bool, na_value=False)
        why = why.replaced(rejected, Reason.EVIDENCE_REJECTED)
    return why

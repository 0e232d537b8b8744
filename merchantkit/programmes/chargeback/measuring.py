"""Disputes and coverages as they stood on a day: what was paid when, submitted, and approved."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from merchantkit.checks import TEXT
from merchantkit.columns import coded
from merchantkit.days import Span, as_day
from merchantkit.facts.moments import bind
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import moments
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

NAME = "chargeback"
PERIOD = ("protected_from", "protected_to")
# Whose application is judged: passed, refused, or never made.
STANDINGS = ("approved", "refused", "never_applied")
_COVERAGE = ("coverage_id", *PERIOD, *(f"{end}_is_date" for end in PERIOD), "limit_usd")


def by_day(column: str) -> str:
    """Return the SQL condition that a moment had come by the day's end; false where it is missing.

    >>> by_day("paid_at")[:31]
    'coalesce(CASE WHEN paid_at_is_d'
    """
    return (
        f"coalesce(CASE WHEN {column}_is_date THEN {column} < $until_after"
        f" ELSE {column} < $until_end END, false)"
    )


# What was submitted by the day; a review without the evidence's moment speaks for the evidence.
_SUBMITTED = f"""({by_day("d.evidence_at")} OR (d.evidence_at IS NULL
    AND d.evidence_review IS NOT NULL AND (d.reviewed_at IS NULL OR {by_day("d.reviewed_at")})))"""
_DISPUTES = f"""
WITH known AS (
    SELECT EXISTS (FROM disputes WHERE evidence_at IS NOT NULL OR evidence_review IS NOT NULL)
        AS evidence
), told AS (
    SELECT d.*, o.order_id IS NOT NULL AS on_record, o.paid_at AS order_paid_at,
        o.paid_at_is_date AS order_paid_at_is_date,
        CASE WHEN {_SUBMITTED} THEN true WHEN known.evidence THEN false END AS evidence_given,
        d.reviewed_at IS NULL OR {by_day("d.reviewed_at")} AS reviewed
    FROM disputes d CROSS JOIN known
    LEFT JOIN orders o ON o.order_id = d.order_id AND o.merchant_id = d.merchant_id
    WHERE {by_day("d.disputed_at")}
), judged AS (
    SELECT *, CASE WHEN evidence_given IS NULL THEN NULL
        WHEN NOT evidence_given THEN 'not_submitted'
        WHEN reviewed THEN coalesce(evidence_review, 'pending') ELSE 'pending' END AS review
    FROM told
)
SELECT dispute_id, merchant_id, order_id,
    coalesce(online_order, CASE WHEN on_record THEN true END) AS online_order, payment,
    coalesce(paid_at, order_paid_at) AS paid_at,
    CASE WHEN paid_at IS NULL THEN order_paid_at_is_date ELSE paid_at_is_date END
        AS paid_at_is_date,
    disputed_at, disputed_at_is_date, disputed_usd, evidence_given,
    CASE WHEN evidence_given IS NULL THEN '{Reason.NO_EVIDENCE_FACTS}' END AS evidence_given_reason,
    CASE WHEN evidence_given THEN evidence_at END AS evidence_at,
    CASE WHEN evidence_given THEN evidence_at_is_date END AS evidence_at_is_date,
    review AS evidence_review,
    CASE WHEN review IS NULL THEN '{Reason.NO_EVIDENCE_FACTS}' END AS evidence_review_reason,
    CASE WHEN review = 'approved' THEN coalesce(reviewed_at, evidence_at, disputed_at) END
        AS approved_at,
    CASE WHEN review = 'approved' THEN CASE WHEN reviewed_at IS NOT NULL THEN reviewed_at_is_date
        WHEN evidence_at IS NOT NULL THEN evidence_at_is_date ELSE disputed_at_is_date END END
        AS approved_at_is_date,
    bank_result
FROM judged ORDER BY merchant_id, disputed_at, dispute_id
"""
_MOMENTS = ("paid_at", "disputed_at", "evidence_at", "approved_at")
# An approved application is active at once (assumption period_of_application).
_APPLICATIONS = f"""
SELECT coverage_id, merchant_id, applied_at, applied_at_is_date, approved,
    CASE WHEN approved THEN coalesce(protected_from, applied_at) END AS protected_from,
    CASE WHEN approved THEN CASE WHEN protected_from IS NULL THEN applied_at_is_date
        ELSE protected_from_is_date END END AS protected_from_is_date,
    CASE WHEN approved THEN protected_to END AS protected_to,
    CASE WHEN approved THEN protected_to_is_date END AS protected_to_is_date,
    CASE WHEN approved THEN limit_usd END AS limit_usd
FROM coverages WHERE {by_day("applied_at")} ORDER BY merchant_id, applied_at, coverage_id
"""
_DOUBTS = (None, Reason.NO_COVERAGE_FACTS, Reason.PAYMENT_TIME_UNKNOWN, Reason.PAYMENT_DAY_ONLY)
_ANY = "SELECT EXISTS (FROM coverages) AS there"


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return every dispute raised up to and including a day, with the coverage it falls under.

    Args:
        warehouse: The facts.
        day: The day as of which facts are counted: what is submitted or approved later is not yet.
        rules: Whose clock cuts days; the rulebook on that day by default.

    Returns:
        One row per dispute, by merchant and moment: ``dispute_id``, ``merchant_id``, ``order_id``;
        ``online_order`` (bool) and ``payment`` (card_direct, card_indirect, not_card); ``paid_at``,
        ``disputed_at``, ``evidence_at``, ``approved_at`` (UTC timestamps, ``…_is_date`` where only
        the day is known); ``paid_in_period`` (bool) and ``standing`` (the merchant's applications:
        approved, refused, never_applied); ``evidence_given`` (bool), ``evidence_review``
        (not_submitted, pending, approved, rejected), ``disputed_usd`` (decimal128(18, 2)),
        ``bank_result`` (won, lost, pending, which decides nothing); and of the
        coverage that the payment falls under: ``coverage_id``, ``protected_from``,
        ``protected_to``, ``limit_usd``, and ``coverage_disputes``, how many do. What is missing has
        its reason beside it.

    Raises:
        NotInForceError: The protection is not on record on the rules' day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme(NAME)
    bound = until(book, as_of)
    found = warehouse.frame(_DISPUTES, bound)
    for column in _MOMENTS:
        found[column] = found[column].dt.tz_localize("UTC")
    covered = applications(warehouse, book, as_of)
    there = bool(warehouse.frame(_ANY)["there"].iloc[0])
    return found.assign(**_coverage(found, covered, there, book.clock.zone))


def applications(warehouse: Warehouse, book: ProgrammeRules, day: dt.date) -> pd.DataFrame:
    """Return every application made up to a day: its period and limit where it was passed.

    Returns:
        ``coverage_id``, ``merchant_id``, ``applied_at``, ``approved`` (bool), ``protected_from``,
        ``protected_to`` (missing: it runs on), ``limit_usd``; moments with ``…_is_date``.
    """
    found = warehouse.frame(_APPLICATIONS, until(book, day))
    for column in ("applied_at", *PERIOD):
        found[column] = found[column].dt.tz_localize("UTC")
    return found


def until(book: ProgrammeRules, day: dt.date) -> dict[str, dt.datetime]:
    """Return what ``by_day`` needs bound."""
    bound = bind("until", Span(day, day, book.clock.zone))
    return {name: bound[name] for name in ("until_after", "until_end")}


def _coverage(found: pd.DataFrame, covered: pd.DataFrame, there: bool, zone: str) -> dict[str, Any]:
    """Return the columns that say which coverage each dispute's payment falls under."""
    passed = covered[covered["approved"]].reset_index(drop=True)
    rank, place = _best(found, passed, zone)
    # A payment that no period can hold is under no coverage; its merchant's limits do not matter.
    own = passed[list(_COVERAGE)].reindex(np.where(rank > 0, place, -1)).set_axis(found.index)
    nothing, doubt = np.full(len(found), not there), rank == 1
    unpaid = found["paid_at"].isna().to_numpy(dtype=bool)
    period = pd.arrays.BooleanArray(rank == 2, doubt | nothing)
    merchants = found["merchant_id"]
    standing = np.select(
        [merchants.isin(passed["merchant_id"]), merchants.isin(covered["merchant_id"])], [0, 1], 2
    ).astype(np.int64)
    return {
        "paid_in_period": pd.Series(period, index=found.index),
        "paid_in_period_reason": coded(
            np.select([nothing, doubt & unpaid, doubt], [1, 2, 3], 0), _DOUBTS, found.index
        ),
        "standing": coded(standing, STANDINGS, found.index),
        **own,
        "limit_usd_reason": _limit_reason(own, found.index),
        "coverage_disputes": _counted(own["coverage_id"]),
    }


def _limit_reason(own: pd.DataFrame, index: pd.Index) -> "pd.Series[Any]":
    untold = own["coverage_id"].notna() & own["limit_usd"].isna()
    which = np.where(untold.to_numpy(dtype=bool), 1, 0)
    return coded(which, (None, Reason.LIMIT_UNKNOWN), index)


def _counted(coverage: "pd.Series[Any]") -> "pd.Series[Any]":
    counts = coverage.astype(TEXT).map(coverage.value_counts()).astype(pd.ArrowDtype(pa.int64()))
    return counts.where(coverage.notna())


def _best(
    found: pd.DataFrame, passed: pd.DataFrame, zone: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how surely each payment falls under a coverage (2, perhaps 1, not 0), and its place.

    Of two periods that hold a payment the one that began later counts (assumption latest_period).
    """
    rows = pd.DataFrame({"merchant_id": found["merchant_id"], "row": np.arange(len(found))})
    places = pd.DataFrame({"merchant_id": passed["merchant_id"], "place": np.arange(len(passed))})
    pairs = rows.merge(places, on="merchant_id")
    row, place = (pairs[name].to_numpy(dtype=np.int64) for name in ("row", "place"))
    paid, begins, ends = (
        (moments.earliest(frame, name, zone), moments.latest(frame, name, zone))
        for frame, name in ((found, "paid_at"), (passed, PERIOD[0]), (passed, PERIOD[1]))
    )
    # By the second, as everywhere: half a second past the last one is still within it.
    first, last = (at.astype("datetime64[s]")[row] for at in paid)
    begin, end = begins[0].astype("datetime64[s]")[place], ends[1].astype("datetime64[s]")[place]
    runs_on = np.isnat(end)
    inside = (first >= begin) & ((last <= end) | runs_on)
    outside = (last < begin) | (first > end)
    rank = np.where(inside, 2, np.where(outside, 0, 1))
    order = np.lexsort((place, begin, rank))
    best_rank, best_place = np.zeros(len(found), np.int64), np.full(len(found), -1)
    best_rank[row[order]], best_place[row[order]] = rank[order], place[order]
    return best_rank, best_place

"""The demo's chargeback coverages and disputes, hand-made and drawn.

Times are those of Los Angeles, days are counted from the first of the month. Expected as of 31 May
2021, worked out by hand:

================ ===============================================================================
merchant_id      what it shows
================ ===============================================================================
2100000011       6,000.00 of coverage: 3,200.00 and 2,500.00 need no refund, 300.00 are left; of
                 480.00 under review 300.00 can still be had, or of the next, without evidence,
                 its 150.00, and together 300.00; one paid through others, one by T/T, one
                 before the period
007              refused on 12 May, reminded early in June; a dispute of 260.00 has no protection
NA               paid in the last second before the period and in its first; a cent too much:
                 1,000.00 of 1,000.01
null             refused in April, passed on 6 May: 2,000.00, nothing disputed
000123           covered, nothing disputed; the period runs on
9007199254740993 the period ended on 15 April, before the dispute came: 880.00 need no refund
9007199254740992 never applied; the bank decided for the merchant, which is not protection
2100000007       ready-to-ship: evidence rejected, and a payment outside an online order
2100000008       passed, to begin on 5 June
2100000012       paid on the day in whose middle the period begins, without a time: not known
2100000013       the limit is not known
================ ===============================================================================
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month
from merchantkit.facts.demo.handmade import moment
from merchantkit.facts.demo.personas import At

Row = dict[str, Any]
_DAY = 86_400
_MONEY = pa.decimal128(18, 2)


class _Applied(NamedTuple):
    """An application; a period's end may be open."""

    merchant_id: str
    at: At
    passed: bool
    begins: At | None = None
    ends: At | None = None
    limit_usd: str | None = None


class _Disputed(NamedTuple):
    """A dispute: when the buyer paid and disputed, and what became of the evidence."""

    merchant_id: str
    paid: At
    disputed: At
    usd: str
    evidence: At | None = None
    review: str | None = None
    reviewed: At | None = None
    payment: str | None = "card_direct"
    bank: str | None = None
    online: bool = True
    order_id: str | None = None


_WHOSE = "2100000011"
_APPLIED = (
    _Applied(_WHOSE, At(-52, "09:00:00"), True, limit_usd="6000.00"),
    _Applied("007", At(11), False),
    _Applied("NA", At(-5), True, At(0, None), At(244, None), "1000.00"),
    _Applied("null", At(-11), False),
    _Applied("null", At(5), True, limit_usd="2000.00"),
    _Applied("000123", At(-40), True, limit_usd="3000.00"),
    _Applied("9007199254740993", At(-120), True, At(-120, None), At(-16, None), "2500.00"),
    _Applied("2100000007", At(-30), True, limit_usd="1500.00"),
    _Applied("2100000008", At(29), True, At(35, None), At(400, None), "800.00"),
    _Applied("2100000012", At(2), True, At(2), None, "4000.00"),
    _Applied("2100000013", At(-20), True),
)
_DISPUTED = (
    _Disputed(
        _WHOSE, At(-30), At(8), "3200.00", At(10), "approved", At(24, "10:00:00"), bank="lost"
    ),
    _Disputed(_WHOSE, At(-41), At(3), "2500.00", At(9), "approved", At(26), bank="pending"),
    _Disputed(_WHOSE, At(-20), At(18), "480.00", At(22), "pending"),
    _Disputed(_WHOSE, At(-18), At(27), "150.00"),
    _Disputed(
        _WHOSE, At(-25), At(6), "420.00", At(8), "approved", At(12), payment="card_indirect"
    ),
    _Disputed(_WHOSE, At(24), At(28), "640.00", payment="not_card", order_id="00F000000004"),
    _Disputed(_WHOSE, At(-60), At(-10), "99.00", At(-8), "approved", At(-2), bank="won"),
    _Disputed("007", At(-14), At(16), "260.00"),
    _Disputed("NA", At(-1, "23:59:59"), At(12), "75.00", At(13), "approved", At(20)),
    _Disputed("NA", At(0, "00:00:00"), At(14), "1000.01", At(15), "approved", At(21)),
    _Disputed("9007199254740993", At(-21), At(4), "880.00", At(6), "approved", At(19), bank="lost"),
    _Disputed("9007199254740992", At(-50), At(-15), "310.00", bank="won"),
    _Disputed("2100000007", At(-12), At(9), "300.00", At(11), "rejected", At(15)),
    _Disputed("2100000007", At(-9), At(10), "205.50", At(12), "approved", At(16), online=False),
    _Disputed("2100000012", At(2, None), At(17, None), "410.00", At(19, None), "approved",
              At(23, None)),
    _Disputed("2100000013", At(-6), At(21), "95.00", At(23), "approved", At(28)),
)  # fmt: skip


def rows_of(merchants: set[str], month: Month) -> dict[str, list[Row]]:
    """Return table → rows of those hand-made merchants that are there, without provenance."""
    return {
        "coverages": [*_coverages(merchants, month)],
        "disputes": [*_disputes(merchants, month)],
    }


def _coverages(merchants: set[str], month: Month) -> Iterator[Row]:
    for number, made in enumerate(_APPLIED):
        if made.merchant_id in merchants:
            limit = None if made.limit_usd is None else Decimal(made.limit_usd)
            yield {
                "coverage_id": f"CV{number:06d}",
                "merchant_id": made.merchant_id,
                **_moment("applied_at", month, made.at),
                "approved": made.passed,
                **_moment("protected_from", month, made.begins),
                **_moment("protected_to", month, made.ends),
                "limit_usd": limit,
            }


def _disputes(merchants: set[str], month: Month) -> Iterator[Row]:
    for number, made in enumerate(_DISPUTED):
        if made.merchant_id in merchants:
            yield {
                "dispute_id": f"CB{number:06d}",
                "merchant_id": made.merchant_id,
                "order_id": made.order_id or f"00C{number:09d}",
                "online_order": made.online,
                "payment": made.payment,
                **_moment("paid_at", month, made.paid),
                **_moment("disputed_at", month, made.disputed),
                "disputed_usd": Decimal(made.usd),
                **_moment("evidence_at", month, made.evidence),
                "evidence_review": made.review,
                **_moment("reviewed_at", month, made.reviewed),
                "bank_result": made.bank,
            }


def _moment(name: str, month: Month, at: At | None) -> Row:
    nothing: Row = {name: None, f"{name}_is_date": None}
    return nothing if at is None else moment(name, month.first, at)


# --- drawn --------------------------------------------------------------------------------------


def columns_of(
    drawn: Mapping[str, Mapping[str, pa.Array]], month: Month, seed: int
) -> dict[str, dict[str, pa.Array]]:
    """Return table → columns for the many others: one in six of their card payments is disputed.

    Args:
        drawn: What is drawn already, with ``merchants`` and ``orders``.
        month: The demo's.
        seed: The demo's; what is drawn here shifts nothing that is drawn elsewhere.
    """
    rng = np.random.default_rng([seed, 20210429])
    first = int(np.datetime64(month.first, "s").astype(np.int64))
    return {
        "coverages": _drawn_coverages(drawn["merchants"]["merchant_id"], first, rng),
        "disputes": _drawn_disputes(drawn["orders"], first, rng),
    }


def _drawn_coverages(ids: pa.Array, first: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    count = len(ids)
    keep = pa.array(rng.random(count) < 0.6)
    passed = rng.random(count) < 0.8
    applied = first - rng.integers(-25 * _DAY, 200 * _DAY, count)
    limits = rng.integers(2, 41, count) * 50_000
    columns = {
        "coverage_id": _labels("CL", count),
        "merchant_id": ids,
        **_stamps("applied_at", applied, np.full(count, True)),
        "approved": pa.array(passed),
        **_stamps("protected_to", applied + 365 * _DAY, passed),
        "limit_usd": _money(limits, passed),
    }
    return {name: column.filter(keep) for name, column in columns.items()}


def _drawn_disputes(
    orders: Mapping[str, pa.Array], first: int, rng: np.random.Generator
) -> dict[str, pa.Array]:
    card = np.asarray(pc.equal(orders["payment_method"], "信用卡").fill_null(False))
    paid = np.asarray(orders["paid_at"].cast(pa.timestamp("s")).cast(pa.int64()))
    count = len(paid)
    disputed = paid + rng.integers(2 * _DAY, 60 * _DAY, count)
    keep = pa.array(card & (rng.random(count) < 1 / 6) & (disputed < first + 30 * _DAY))
    given, reviewed = rng.random(count) < 0.8, rng.random(count) < 0.85
    evidence = disputed + rng.integers(_DAY, 8 * _DAY, count)
    share = rng.integers(20, 101, count)
    cents = np.asarray([int(amount.scaleb(2)) for amount in orders["received_usd"].to_pylist()])
    reviews = pa.array(["pending", "approved", "rejected"])
    review = np.where(reviewed, np.where(rng.random(count) < 0.85, 1, 2), 0)
    columns = {
        "dispute_id": _labels("DL", count),
        "merchant_id": orders["merchant_id"],
        "order_id": orders["order_id"],
        "payment": pa.array(["card_direct", "card_indirect"]).take(
            pa.array((rng.random(count) < 0.1).astype(np.int8))
        ),
        **_stamps("disputed_at", disputed, np.full(count, True)),
        "disputed_usd": _money(cents.astype(np.int64) * share // 100, np.full(count, True)),
        **_stamps("evidence_at", evidence, given),
        "evidence_review": pc.if_else(
            pa.array(given), reviews.take(pa.array(review)), pa.scalar(None, pa.string())
        ),
        **_stamps("reviewed_at", evidence + 3 * _DAY, given & reviewed),
        "bank_result": pa.array(["won", "lost", "pending", None]).take(
            pa.array(rng.integers(0, 4, count))
        ),
    }
    return {name: column.filter(keep) for name, column in columns.items()}


def _labels(prefix: str, count: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _stamps(name: str, seconds: Any, known: Any) -> dict[str, pa.Array]:
    at = pa.array(seconds.astype("datetime64[s]"), mask=~known).cast(pa.timestamp("us"))
    return {name: at, f"{name}_is_date": pa.array(np.full(len(seconds), False), mask=~known)}


def _money(cents: Any, known: Any) -> pa.Array:
    amounts = [
        Decimal(int(whole)).scaleb(-2) if there else None
        for whole, there in zip(cents, known, strict=True)
    ]
    return pa.array(amounts, _MONEY)

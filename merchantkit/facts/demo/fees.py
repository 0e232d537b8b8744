"""By whose logistics the demo's orders went, and when that released their Trade Assurance limit.

================ ======================================== ======================================
order            trouble                                  expected on 31 May 2021: by platform,
                                                          offline, as it went
================ ======================================== ======================================
2100000011: its  paid in the month's last second, so not  13,000.00: 100.00 (of 130.00), 260.00;
third            yet out                                  platform, kept 160.00
00F000000001     exactly where the cap begins to bite     10,000.00: 100.00, 200.00; platform,
                                                          limit free after 3 days, not 17
00F000000002     a dollar more; told by the order's own   10,001.00: 100.00 (of 100.01), 200.02;
                 column alone                             platform, no moments known
00F000000003     half a cent; no receipt but the          4,250.50: 42.51, 85.01; offline, missed
                 system's                                 42.50; limit free after 22 days
00F000000004     whose logistics is not known             640.00: 6.40, 12.80; not known
007: its second  capped by far                            23,100.00: 100.00, 462.00; platform
NA: its second   a fee of less than half a cent           0.10: 0.00, 0.00; offline
NA: its first    a receipt before the payment             24,999.90: 100.00, 500.00; offline
2100000015: its  offline, and would be capped             12,000.00: 100.00, 240.00; missed 140.00
second
================ ======================================== ======================================

2100000011 has 37,891.50 in five orders: 348.91 by platform logistics and 757.83 offline.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from merchantkit.days import Month

Row = dict[str, Any]
_SECONDS = 86_400
# A quarter to ten in Los Angeles: the day is the same there and in UTC.
_PAID_UTC = dt.time(16, 45)


class Sent(NamedTuple):
    """How a hand-made order went: days from its payment to each event, where there was one."""

    merchant_id: str
    nth: int
    route: str
    out: int | None = None
    receipt: int | None = None
    automatic: int | None = None


class Direct(NamedTuple):
    """An order of 2100000011 that rests on no quote; ``day`` counts from the month's last."""

    order_id: str
    usd: str
    day: int
    logistics: str | None = None


_WHOSE = "2100000011"
_DIRECT = (
    Direct("00F000000001", "10000.00", -20),
    Direct("00F000000002", "10001.00", -14, "阿里物流"),
    Direct("00F000000003", "4250.50", -25),
    Direct("00F000000004", "640.00", -6, "海运"),
)
_SENT = (
    Sent(_WHOSE, 3, "platform", out=4, receipt=21),
    Sent(_WHOSE, 4, "platform", out=3, receipt=17),
    Sent(_WHOSE, 6, "offline", automatic=22),
    Sent("007", 2, "platform", out=2, receipt=11),
    Sent("NA", 1, "offline", receipt=-2),
    Sent("NA", 2, "offline"),
    Sent("2100000015", 2, "offline", receipt=16, automatic=18),
)


def direct_orders(merchants: list[Row], month: Month) -> Iterator[Row]:
    """Yield the further orders of the hand-made merchant, if the demo has it."""
    if not any(row["merchant_id"] == _WHOSE for row in merchants):
        return
    for direct in _DIRECT:
        paid = dt.datetime.combine(month.last + dt.timedelta(days=direct.day), _PAID_UTC)
        yield {
            "order_id": direct.order_id,
            "merchant_id": _WHOSE,
            "buyer_id": f"B{direct.order_id}",
            "quote_id": None,
            "via": "direct",
            "paid_at": paid,
            "paid_at_is_date": False,
            "received_usd": Decimal(direct.usd),
            "genuine": True,
            "payment_method": "T/T",
            "logistics": direct.logistics,
        }


def logistics_rows(orders: list[Row]) -> Iterator[Row]:
    """Yield the logistics of the hand-made orders, of which each merchant's stand in turn."""
    for sent in _SENT:
        mine = [row for row in orders if row["merchant_id"] == sent.merchant_id]
        for row in mine[sent.nth - 1 : sent.nth]:
            yield {
                "order_id": row["order_id"],
                "merchant_id": sent.merchant_id,
                "route": sent.route,
                **_moment("warehouse_out_at", row["paid_at"], sent.out),
                **_moment("receipt_at", row["paid_at"], sent.receipt),
                **_moment("automatic_receipt_at", row["paid_at"], sent.automatic),
            }


def _moment(name: str, paid: dt.datetime, days: int | None) -> Row:
    at = None if days is None else paid + dt.timedelta(days=days)
    return {name: at, f"{name}_is_date": None if days is None else False}


def logistics_columns(orders: dict[str, pa.Array], seed: int) -> dict[str, pa.Array]:
    """Return the logistics of drawn orders, by a stream that leaves all other draws alone."""
    rng = np.random.default_rng([seed, 1])
    paid = np.asarray(orders["paid_at"].cast(pa.timestamp("s")).cast(pa.int64()))
    count = len(paid)
    told, by_platform = rng.random(count) < 0.85, rng.random(count) < 0.55
    out = paid + rng.integers(1, 9, count) * _SECONDS
    receipt = out + rng.integers(5, 36, count) * _SECONDS
    confirmed = rng.random(count) < 0.8
    keep = pa.array(told)
    columns = {
        "order_id": orders["order_id"],
        "merchant_id": orders["merchant_id"],
        "route": pa.array(["offline", "platform"]).take(pa.array(by_platform.astype(np.int8))),
        **_moments("warehouse_out_at", out, by_platform),
        **_moments("receipt_at", receipt, confirmed),
        **_moments("automatic_receipt_at", out + 45 * _SECONDS, ~confirmed),
    }
    return {name: column.filter(keep) for name, column in columns.items()}


def _moments(name: str, seconds: Any, known: Any) -> dict[str, pa.Array]:
    at = pa.array(seconds.astype("datetime64[s]"), mask=~known).cast(pa.timestamp("us"))
    return {name: at, f"{name}_is_date": pa.array(np.full(len(seconds), False), mask=~known)}

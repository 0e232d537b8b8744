"""The demo's express orders, hand-made and drawn, and one sub-account.

Times are Beijing's, days are counted from the first of the month; for May 2021 the edges are the
promotion's own. What each merchant shows (expected as of 31 May 2021, worked out by hand):

================ ===============================================================================
merchant_id      what it shows
================ ===============================================================================
2100000011       the seconds about the opening, an excluded and an unlisted route, an ordinary
                 order, an order of its sub-account, three orders used: 100 + 100 + 64.20; a fourth
2100000022       its sub-account: what it placed is on the main account's page
007              used express in a Trade Assurance order in March: no new customer
9007199254740993 used it in the last second before the opening: no new customer
9007199254740992 placed before the opening, paid in its first second: that order has no discount,
                 the next one has: 88.80; two orders of CNY 200 at most are left
NA               one order with 100, one not paid yet; two orders of CNY 200 at most are left
000123           of two names that are nearly one only one is listed, and an industry solution:
                 100 + 45.50; one order of CNY 100 at most is left
2100000012       days without times: the opening day cannot be told, 3 May has 72.00
================ ===============================================================================
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month

Row = dict[str, Any]

_ZONE = ZoneInfo("Asia/Shanghai")
MAIN, SUB = "2100000011", "2100000022"
CHARTER = "中美无忧包机专线"
_ROUTES = (
    CHARTER, "全球普货专线", "欧美普货专线", "多维DHL专线", "邮政EMS专线", "全球重货专线",
    "全球3C小包", "中欧卡航（DDP）", "全球大货拼箱",
)  # fmt: skip
_DAY = 86_400
_MONEY = pa.decimal128(18, 2)


class _Placed(NamedTuple):
    """An order: days from the month's first, and the time in Beijing; None is a date."""

    account: str
    ordered: tuple[int, str | None]
    paid: tuple[int, str | None] | None
    route: str
    freight: str
    ta_order: bool = True
    solution: bool | None = None
    # The order it ships, where other tables have that one, too.
    trade_order: str | None = None


# The promotion opened nineteen days before the first of May, on 12 April at 15:00:00.
_OPENING = -19
_BY_HAND = (
    _Placed("007", (-60, "09:00:00"), (-60, "09:30:00"), "全球普货专线", "155.00"),
    _Placed("007", (7, "10:00:00"), (7, "10:20:00"), CHARTER, "103.00"),
    _Placed("9007199254740993", (_OPENING, "14:40:00"), (_OPENING, "14:59:59"), CHARTER, "98.00"),
    _Placed("9007199254740993", (11, "10:00:00"), (11, "10:02:00"), CHARTER, "103.00"),
    _Placed("9007199254740992", (_OPENING, "14:50:00"), (_OPENING, "15:00:00"), CHARTER, "98.00"),
    _Placed("9007199254740992", (12, "16:00:00"), (12, "16:05:00"), "多维日韩专线", "88.80"),
    _Placed(MAIN, (_OPENING, "14:59:59"), (_OPENING, "15:04:00"), CHARTER, "103.00"),
    _Placed(MAIN, (_OPENING, "15:00:00"), (_OPENING, "15:02:00"), CHARTER, "103.00"),
    _Placed(MAIN, (-11, "11:00:00"), (-11, "11:10:00"), "全球3C小包", "25.60"),
    _Placed(SUB, (5, "09:15:00"), (5, "09:20:00"), "多维DHL专线", "386.50"),
    _Placed(MAIN, (9, "14:00:00"), (9, "14:05:00"), "欧美普货专线", "150.00", ta_order=False),
    _Placed(
        MAIN,
        (17, "18:30:00"),
        (17, "18:45:00"),
        "邮政EMS专线",
        "64.20",
        trade_order="00F000000002",
    ),
    _Placed(MAIN, (24, "10:00:00"), (24, "10:30:00"), "全球普货专线", "210.00"),
    _Placed(MAIN, (27, "10:00:00"), None, "全球大货拼箱", "420.00"),
    _Placed("NA", (14, "13:00:00"), (14, "13:08:00"), "全球美妆个护专线", "126.40"),
    _Placed("NA", (29, "20:00:00"), None, "欧美普货专线", "140.00"),
    _Placed("000123", (3, "10:00:00"), (3, "10:01:00"), "全球重货（DDP）", "900.00"),
    _Placed("000123", (4, "10:00:00"), (4, "10:01:00"), "全球重货专线", "612.00"),
    _Placed("000123", (20, "10:00:00"), (21, "09:00:00"), "眼镜行业专线", "45.50", solution=True),
    _Placed("2100000012", (_OPENING, None), (_OPENING + 1, None), CHARTER, "103.00"),
    _Placed("2100000012", (2, None), (2, None), "金羊城FedEx专线", "72.00"),
)


def add(
    by_hand: Mapping[str, list[Row]],
    drawn: dict[str, dict[str, pa.Array]],
    month: Month,
    seed: int,
) -> None:
    """Add express orders to a demo's rows and columns, and make one merchant a sub-account."""
    there = {row["merchant_id"]: row for row in by_hand["merchants"]}
    if SUB in there:
        there[SUB]["main_account_id"] = MAIN
    by_hand["express_orders"].extend(_rows(there, month))
    drawn["express_orders"] = _drawn(drawn["merchants"]["merchant_id"], month, seed)


def _rows(there: Mapping[str, Row], month: Month) -> Iterator[Row]:
    for number, order in enumerate(_BY_HAND):
        if order.account in there:
            own = f"TA{number:08d}" if order.ta_order else None
            yield {
                "express_order_id": f"LP{number:08d}",
                "merchant_id": order.account,
                "trade_order_id": order.trade_order or own,
                "ta_order": order.ta_order,
                "route": order.route,
                "industry_solution": order.solution,
                **_moment("ordered_at", month, order.ordered),
                **_moment("paid_at", month, order.paid),
                "base_freight_cny": Decimal(order.freight),
            }


def _moment(name: str, month: Month, at: tuple[int, str | None] | None) -> Row:
    if at is None:
        return {name: None, f"{name}_is_date": None}
    day, time = month.first + dt.timedelta(days=at[0]), at[1]
    if time is None:
        return {name: dt.datetime.combine(day, dt.time()), f"{name}_is_date": True}
    local = dt.datetime.combine(day, dt.time.fromisoformat(time), tzinfo=_ZONE)
    return {name: local.astimezone(dt.UTC).replace(tzinfo=None), f"{name}_is_date": False}


def _drawn(ids: pa.Array, month: Month, seed: int) -> dict[str, pa.Array]:
    """Return orders of the many others: some used express before, some not at all."""
    rng = np.random.default_rng([seed, 20210412])  # its own, apart from what others draw
    of = np.repeat(np.arange(len(ids)), rng.poisson(1.1, len(ids)))
    count = len(of)
    first = int(np.datetime64(month.first, "s").astype(np.int64))
    opening = _OPENING * _DAY + 7 * 3600
    since = np.where(
        rng.random(count) < 0.12,
        rng.integers(-120 * _DAY, opening, count),
        rng.integers(opening, 30 * _DAY, count),
    )
    ordered = first + since
    paid = ordered + rng.integers(60, 2 * _DAY, count)
    unpaid = rng.random(count) < 0.08
    ta_order = rng.random(count) < 0.85
    freight = np.round(rng.lognormal(4.9, 0.7, count) * 100).astype(np.int64)
    numbers = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 9, "0")
    trade = pc.binary_join_element_wise("TL", numbers, "")
    return {
        "express_order_id": pc.binary_join_element_wise("LG", numbers, ""),
        "merchant_id": ids.take(pa.array(of)),
        "trade_order_id": pc.if_else(pa.array(ta_order), trade, pa.scalar(None, pa.string())),
        "ta_order": pa.array(ta_order),
        "route": pa.array(_ROUTES).take(pa.array(rng.integers(0, len(_ROUTES), count))),
        "ordered_at": _stamps(ordered, None),
        "ordered_at_is_date": pa.array(np.full(count, False)),
        "paid_at": _stamps(paid, unpaid),
        "paid_at_is_date": pa.array(np.full(count, False), mask=unpaid),
        "base_freight_cny": pa.array([Decimal(int(n)).scaleb(-2) for n in freight], _MONEY),
    }


def _stamps(seconds: Any, missing: Any) -> pa.Array:
    return pa.array(seconds.astype("datetime64[s]"), mask=missing).cast(pa.timestamp("us"))

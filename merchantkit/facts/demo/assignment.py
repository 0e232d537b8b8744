"""The demo's order-takers and what was assigned to them, hand-made and drawn.

Times are Beijing's, days are counted from the first of the month. What each merchant shows:

================ ===============================================================================
merchant_id      what it shows
================ ===============================================================================
2100000011       four order-takers, one of them with half of the orders and a week's leave; two
                 have a substitute: keep them
007              two order-takers, nobody with a substitute, orders in bursts: set one
NA               one order-taker: nobody can stand in
2100000016       three order-takers and no order in the month
2100000009       two order-takers without assignments: orders by payment
2100000012       substitutes who are oneself or not in the list: as if none were set
2100000013       few orders, far apart, substitutes set: it makes no difference
000123           the busiest stands in for the others: sharing gets less even, look again
================ ===============================================================================
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month

Row = dict[str, Any]
Columns = dict[str, pa.Array]

_ZONE = ZoneInfo("Asia/Shanghai")


class _Taker(NamedTuple):
    """An order-taker: the number of the one who stands in, and days of leave from the first."""

    name: str | None
    substitute: int | str | None = None
    away: tuple[int, int] | None = None


class _Team(NamedTuple):
    """A merchant's order-takers; whose each order is, in turn; how many orders come at a time."""

    takers: tuple[_Taker, ...]
    turns: tuple[int | None, ...] = ()
    orders: int = 0
    burst: int = 1


_TEAMS: Mapping[str, _Team] = {
    "2100000011": _Team(
        (_Taker("张晨", 1, (9, 13)), _Taker("李溪", 2), _Taker("王苒"), _Taker("赵禾")),
        (0, 1, 0, 2, 0, 3), 96, 6,
    ),
    "007": _Team((_Taker("陈默"), _Taker("周舟")), (0, 0, 0, 1), 48, 6),
    "NA": _Team((_Taker("吴迪"),), (0,), 6),
    "2100000016": _Team((_Taker("郑一"), _Taker(None), _Taker("冯三"))),
    "2100000009": _Team((_Taker("蒋平"), _Taker("沈宁"))),
    "2100000012": _Team((_Taker("韩一", 0), _Taker("杨二", "已离职")), (0, 1, None), 12, 3),
    "2100000013": _Team((_Taker("朱安", 1), _Taker("秦和", 0)), (0, 1), 8),
    "000123": _Team(
        (_Taker("尤其"), _Taker("许诺", 0), _Taker("何苗", 0)),
        (*(0,) * 21, *(1,) * 7, *(2,) * 7), 70, 7,
    ),
}  # fmt: skip


def add(
    by_hand: Mapping[str, list[Row]], drawn: dict[str, Columns], month: Month, seed: int
) -> None:
    """Add order-takers and assignments to a demo's rows and columns."""
    there = {row["merchant_id"] for row in by_hand["merchants"]}
    for number, (merchant_id, team) in enumerate(_TEAMS.items()):
        if merchant_id in there:
            by_hand["order_takers"].extend(_takers(merchant_id, team, month))
            by_hand["order_assignments"].extend(_orders(merchant_id, number, team, month))
    drawn |= _drawn(drawn["merchants"]["merchant_id"], month, seed)


def _takers(merchant_id: str, team: _Team, month: Month) -> Iterator[Row]:
    for number, taker in enumerate(team.takers):
        other = taker.substitute
        away = taker.away or (None, None)
        yield {
            "merchant_id": merchant_id,
            "taker_id": _id(number),
            "taker_name": taker.name,
            "substitute_id": _id(other) if isinstance(other, int) else other,
            **{
                column: None if day is None else month.first + dt.timedelta(days=day)
                for column, day in zip(("away_from", "away_to"), away, strict=True)
            },
        }


def _id(number: int) -> str:
    return f"S{number + 1:02d}"


def _orders(merchant_id: str, number: int, team: _Team, month: Month) -> Iterator[Row]:
    for nth in range(team.orders):
        burst = nth // team.burst
        day = month.first + dt.timedelta(days=burst * 9 % month.last.day)
        at = dt.time(9 + burst * 5 % 8, (burst * 17 + nth % team.burst * 4) % 60)
        local = dt.datetime.combine(day, at, tzinfo=_ZONE)
        owner = team.turns[nth % len(team.turns)]
        yield {
            "order_id": f"AS{number:02d}{nth:05d}",
            "merchant_id": merchant_id,
            "received_at": local.astimezone(dt.UTC).replace(tzinfo=None),
            "received_at_is_date": False,
            "taker_id": None if owner is None else _id(owner),
            "buyer_id": f"BA{number:02d}{nth % 11:03d}",
        }


def _drawn(ids: pa.Array, month: Month, seed: int) -> dict[str, Columns]:
    """Return teams of one in ten of the many others, some with substitutes, and their orders."""
    rng = np.random.default_rng([seed, 20210414])  # its own, apart from what others draw
    owners = ids.filter(pa.array(rng.random(len(ids)) < 1 / 10))
    sizes = rng.integers(2, 5, len(owners))
    of = np.repeat(np.arange(len(owners)), sizes)
    place = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    names = pc.binary_join_element_wise("S0", pa.array(place + 1).cast(pa.string()), "")
    other = (place + 1) % np.repeat(sizes, sizes) + 1
    others = pc.binary_join_element_wise("S0", pa.array(other).cast(pa.string()), "")
    none = pa.array(rng.random(len(of)) < 0.5)
    first = np.datetime64(month.first, "D")
    away = first + rng.integers(0, 25, len(of))
    here = rng.random(len(of)) < 0.7
    takers = {
        "merchant_id": owners.take(pa.array(of)),
        "taker_id": names,
        "substitute_id": pc.if_else(none, pa.scalar(None, pa.string()), others),
        "away_from": pa.array(away, mask=here),
        "away_to": pa.array(away + rng.integers(0, 6, len(of)), mask=here),
    }
    return {"order_takers": takers, "order_assignments": _drawn_orders(owners, sizes, month, rng)}


def _drawn_orders(ids: pa.Array, sizes: Any, month: Month, rng: np.random.Generator) -> Columns:
    of = np.repeat(np.arange(len(ids)), rng.poisson(25, len(ids)))
    count = len(of)
    start = np.datetime64(month.first, "s") - np.timedelta64(8, "h")
    seconds = rng.integers(0, month.last.day, count) * 86_400 + np.clip(
        rng.normal(14, 3, count) * 3_600, 0, 86_399
    ).astype(np.int64)
    # Who is asked for first has most of the orders.
    place = np.floor(rng.random(count) ** 2 * sizes[of]).astype(np.int64) + 1
    numbers = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 8, "0")
    return {
        "order_id": pc.binary_join_element_wise("AL", numbers, ""),
        "merchant_id": ids.take(pa.array(of)),
        "received_at": pa.array((start + seconds).astype("datetime64[us]")),
        "received_at_is_date": pa.array(np.full(count, False)),
        "taker_id": pc.binary_join_element_wise("S0", pa.array(place).cast(pa.string()), ""),
        "buyer_id": pc.binary_join_element_wise("BL", numbers, ""),
    }

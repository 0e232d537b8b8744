"""The demo's 3D showrooms, hand-made and drawn, and their shops' visitors and enquiries by day.

Days are counted from the first of the month; for May 2021 the edges are the batch's own. What each
merchant shows (expected as of 31 May 2021, worked out by hand):

================ ===============================================================================
merchant_id      what it shows
================ ===============================================================================
2100000011       live since 12 April: seven weeks on either side; decorates products next
007              the whole chain is done, live since 1 April: eight weeks on either side
NA               task submitted on the last day, 10 May: to be shot by 30 June, 30 days left
null             credited on the batch's last day, no task: given up on 11 May
9007199254740993 task submitted on 11 May, a day late, and not shot: given up
9007199254740992 credited on 9 December, a day before the batch: no deadline is printed
000123           modelled on 28 May, not submitted: too late for May's home venue, else open
2100000007       submitted on 10 May, the last day with a chance; live too short to compare
2100000012       two showrooms: the one credited later is shot and waits for its model
2100000014       live since 1 April, but three weeks before it a day is missing
2100000015       live since 26 March: nobody enquired before, so enquiries have no change
2100000016       live since 2 April: fewer visitors than before, and next to no enquiries
================ ===============================================================================
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month

Row = dict[str, Any]
Columns = dict[str, pa.Array]

_STEPS = (
    "credited", "task_submitted", "shot", "modelled", "submitted", "shop_decorated",
    "products_decorated", "sent",
)  # fmt: skip
# The week from Monday on: buyers rest at the weekend.
_WEEK = (3, 5, 4, 2, 0, -7, -7)
_COUNTED_DAYS = 120


class _Made(NamedTuple):
    """A showroom: the days of its steps in the order of ``_STEPS``; what comes after is not yet."""

    merchant_id: str
    days: tuple[int | None, ...]


class _Shop(NamedTuple):
    """A shop's daily visitors and enquiries, before and after its showroom went live."""

    live: int
    visitors: tuple[int, int]
    inquiries: tuple[int, int]
    missing: int | None = None


_MADE = (
    _Made("2100000011", (-132, -60, -50, -30, -19, -11)),
    _Made("007", (-140, -80, -70, -45, -30, -28, -27, -20)),
    _Made("NA", (-132, 9)),
    _Made("null", (-121,)),
    _Made("9007199254740993", (-142, 10)),
    _Made("9007199254740992", (-143, 4)),
    _Made("000123", (-130, -5, 3, 27)),
    _Made("2100000007", (-125, -40, -30, -8, 9)),
    _Made("2100000012", (-200, -180, -170, -150, -140)),
    _Made("2100000012", (-128, 2, 19)),
    _Made("2100000014", (-135, -90, -80, -50, -30, None, None, -25)),
    _Made("2100000015", (-139, -90, -80, -60, -36)),
    _Made("2100000016", (-138, -85, -75, -50, None, -29)),
)
_SHOPS: Mapping[str, _Shop] = {
    "2100000011": _Shop(-19, (110, 158), (9, 14)),
    "007": _Shop(-30, (240, 392), (21, 33)),
    "2100000007": _Shop(9, (180, 210), (12, 13)),
    "2100000014": _Shop(-30, (90, 130), (7, 9), missing=-51),
    "2100000015": _Shop(-36, (14, 17), (0, 1)),
    "2100000016": _Shop(-29, (75, 52), (2, 0)),
}


def add(
    by_hand: Mapping[str, list[Row]], drawn: dict[str, Columns], month: Month, seed: int
) -> None:
    """Add showrooms and their shops' days to a demo's rows and columns."""
    there = {row["merchant_id"] for row in by_hand["merchants"]}
    by_hand["showrooms"].extend(_rows(there, month))
    by_hand["shop_counts_daily"].extend(_days(there, month))
    drawn |= _drawn(drawn["merchants"]["merchant_id"], month, seed)


def _rows(there: set[str], month: Month) -> Iterator[Row]:
    for number, made in enumerate(_MADE):
        if made.merchant_id not in there:
            continue
        row: Row = {"showroom_id": f"3D{number:06d}", "merchant_id": made.merchant_id}
        for step, day in zip(_STEPS, made.days, strict=False):
            if day is not None:
                at = dt.datetime.combine(month.first + dt.timedelta(days=day), dt.time())
                row |= {f"{step}_at": at, f"{step}_at_is_date": True}
        yield row


def _days(there: set[str], month: Month) -> Iterator[Row]:
    for merchant_id, shop in _SHOPS.items():
        if merchant_id not in there:
            continue
        for back in range(_COUNTED_DAYS):
            day = month.last - dt.timedelta(days=back)
            off = (day - month.first).days
            if off == shop.missing:
                continue
            after = int(off > shop.live)
            swing = _WEEK[day.weekday()] + (back * 7 + back // 7 * 3) % 9 - 4
            visitors = shop.visitors[after] * (100 + 2 * swing) // 100
            inquiries = shop.inquiries[after] * (100 + 4 * swing) // 100
            yield {
                "merchant_id": merchant_id,
                "day": day,
                "shop_visitors": visitors,
                "shop_inquiries": inquiries,
            }


def _drawn(ids: pa.Array, month: Month, seed: int) -> dict[str, Columns]:
    """Return showrooms of one in six of the many others, and the days of those that are live."""
    rng = np.random.default_rng([seed, 20210510])  # its own, apart from what others draw
    owners = ids.filter(pa.array(rng.random(len(ids)) < 1 / 6))
    count = len(owners)
    reached = rng.integers(1, len(_STEPS) + 1, count)
    first = np.datetime64(month.first, "D")
    at = first + rng.integers(-150, -115, count)
    steps: Columns = {}
    lives = np.full(count, np.datetime64("NaT", "D"))
    for number, step in enumerate(_STEPS):
        known = (reached > number) & (at <= np.datetime64(month.last, "D"))
        steps[f"{step}_at"] = pa.array(
            at.astype("datetime64[us]"), mask=~known, type=pa.timestamp("us")
        )
        steps[f"{step}_at_is_date"] = pa.array(np.full(count, True), mask=~known)
        if step == "submitted":
            lives = np.where(known, at, lives)
        at = at + rng.integers(2, 45, count)
    numbers = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 8, "0")
    showrooms = {
        "showroom_id": pc.binary_join_element_wise("3L", numbers, ""),
        "merchant_id": owners,
        **steps,
    }
    return {"showrooms": showrooms, "shop_counts_daily": _drawn_days(owners, lives, month, rng)}


def _drawn_days(ids: pa.Array, lives: Any, month: Month, rng: np.random.Generator) -> Columns:
    live = np.flatnonzero(~np.isnat(lives))
    of = np.repeat(live, _COUNTED_DAYS)
    days = np.tile(np.datetime64(month.last, "D") - np.arange(_COUNTED_DAYS), len(live))
    base = np.repeat(rng.lognormal(4.2, 0.8, len(live)), _COUNTED_DAYS)
    lift = np.repeat(rng.lognormal(0.15, 0.2, len(live)), _COUNTED_DAYS)
    mean = np.where(days > lives[of], base * lift, base)
    weekday = np.where((days.astype(np.int64) + 3) % 7 >= 5, 0.8, 1.08)
    return {
        "merchant_id": ids.take(pa.array(of)),
        "day": pa.array(days),
        "shop_visitors": pa.array(rng.negative_binomial(12, 12 / (12 + mean * weekday))),
        "shop_inquiries": pa.array(rng.poisson(mean * weekday / 14)),
    }

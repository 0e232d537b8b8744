"""The demo's many other merchants: plausible numbers from a seed, made in whole columns."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month
from merchantkit.money import from_cents

Ints = npt.NDArray[np.int64]
Columns = dict[str, pa.Array]

# Long enough for a ninety-day window to be followed back through the half year before the month.
_HISTORY_DAYS = 270
_DAY_SECONDS = 86_400
_TRACKS = ("customization", "rts", None)
_CITIES = ("宁波", "佛山", "深圳", "杭州", "厦门", "青岛", "苏州", "广州", "温州", "合肥", "长沙")
_REGIONS = ("浙江大区", "华南大区", "深圳大区", "浙江大区", "闽汕大区", "北方大区")
_NAMES = ("云杪", "听澜", "禾砚", "朝岫", "松墨", "映川", "星垣", "沐野", "青屿", "知渡", "白榆")
_TRADES = ("家居", "五金", "服饰", "电子", "灯饰", "箱包", "玩具", "机械", "建材", "户外")
_PAYMENTS = ("T/T", "信用卡", "Boleto", "Online Transfer", None)
_LOGISTICS = ("海运", "国际快递", "空运", None)


def columns_of(
    count: int, month: Month, campaign: str, rng: np.random.Generator
) -> dict[str, Columns]:
    """Return table → columns without provenance for ``count`` merchants.

    Drawn in a fixed order from ``rng``, so that one seed makes one set of facts. Their growth in
    the recommendation scene stays below that of the hand-made leaders.
    """
    ids = _labels("22", np.arange(count), 8)
    size = rng.lognormal(0.0, 0.7, count)
    made = {"merchants": _merchants(ids, rng)}
    quotas = [_quota(ids, part, rng) for part in (month.previous(), month)]
    linked, orders = _orders(ids, size, month, rng)
    made["orders"] = orders
    made["quote_entitlements"] = _stacked([batches for batches, _ in quotas])
    made["quotes"] = _stacked([linked, *(quotes for _, quotes in quotas)])
    made["campaign_counts"] = _counts(ids, size, month, rng)
    made["campaign_enrolments"] = _enrolments(ids, month, campaign, rng)
    return made


def _merchants(ids: pa.Array, rng: np.random.Generator) -> Columns:
    count = len(ids)
    city = rng.integers(0, len(_CITIES), count)
    parts = [
        _pick(_CITIES, city),
        _pick(_NAMES, rng.integers(0, len(_NAMES), count)),
        _pick(_TRADES, trade := rng.integers(0, len(_TRADES), count)),
    ]
    joined = np.datetime64("2008-01-01") + rng.integers(0, 4_600, count)
    return {
        "merchant_id": ids,
        "company_name": pc.binary_join_element_wise(*parts, "有限公司", ""),
        "track": _pick(_TRACKS, rng.choice(3, count, p=(0.6, 0.37, 0.03))),
        "membership": _pick(("金品诚企", "出口通"), rng.integers(0, 2, count)),
        "region": _pick(_REGIONS, city % len(_REGIONS)),
        "main_industry": _pick(_TRADES, trade),
        "joined_on": pa.array(joined.astype("datetime64[D]")),
    }


def _orders(
    ids: pa.Array, size: npt.NDArray[np.float64], month: Month, rng: np.random.Generator
) -> tuple[Columns, Columns]:
    """Return the quotes that orders rest on, and the orders."""
    of = np.repeat(np.arange(len(ids)), np.minimum(rng.poisson(6 * size), 60))
    count = len(of)
    order = np.arange(count)
    quote_ids, buyers = _labels("QL", order, 9), _labels("BL", order, 9)
    paid = _midnight(month.last) - rng.integers(-_DAY_SECONDS, _HISTORY_DAYS * _DAY_SECONDS, count)
    direct = rng.random(count) < 0.12
    stranger = rng.random(count) < 0.02
    cents = np.maximum(rng.lognormal(12.6, 1.0, count), 100).astype(np.int64)
    orders = {
        "order_id": _labels("01", order, 10),
        "merchant_id": ids.take(pa.array(of)),
        "buyer_id": pc.if_else(pa.array(stranger), _labels("BX", order, 9), buyers),
        "quote_id": pc.if_else(pa.array(direct), pa.scalar(None, pa.string()), quote_ids),
        "via": pc.if_else(
            pa.array(direct),
            "direct",
            _pick(("quote_management", "trade_import"), rng.integers(0, 2, count)),
        ),
        **_moments("paid_at", paid),
        "received_usd": _money(cents),
        "genuine": pa.array(rng.random(count) >= 0.02),
        "payment_method": _pick(_PAYMENTS, rng.integers(0, len(_PAYMENTS), count)),
        "logistics": _pick(_LOGISTICS, rng.integers(0, len(_LOGISTICS), count)),
    }
    quoted = paid - rng.integers(2, 40, count) * _DAY_SECONDS
    quotes = {
        "quote_id": quote_ids,
        "rfq_id": _labels("RL", order, 9),
        "merchant_id": orders["merchant_id"],
        "buyer_id": buyers,
        **_moments("quoted_at", quoted),
        "review_status": _reviews(count, rng),
        "entitlement_id": pa.nulls(count, pa.string()),
    }
    return {name: array.filter(pa.array(~direct)) for name, array in quotes.items()}, orders


def _quota(ids: pa.Array, month: Month, rng: np.random.Generator) -> tuple[Columns, Columns]:
    """Return a month's batches of entitlements, and the quotes that used them."""
    count = len(ids)
    sizes = np.stack(
        [
            np.full(count, 20),
            rng.integers(2, 11, count) * (rng.random(count) < 0.4),
            rng.integers(1, 6, count) * (rng.random(count) < 0.2),
            rng.integers(5, 31, count) * (rng.random(count) < 0.15),
        ],
        axis=1,
    )
    share = np.where(rng.random(count) < 0.25, 1.0, rng.beta(2.2, 1.6, count))
    wanted = np.floor(share * sizes.sum(axis=1) + 1e-9).astype(np.int64)
    before = np.cumsum(sizes, axis=1) - sizes
    used = np.clip(wanted[:, None] - before, 0, sizes)
    of, kind = np.nonzero(sizes)
    stamp = f"{month.year % 100:02d}{month.number:02d}"
    granted = _midnight(month.first)
    batches = {
        "entitlement_id": _labels(f"EL{stamp}", np.arange(len(of)), 8),
        "merchant_id": ids.take(pa.array(of)),
        "source": _pick(("base", "service_score_bonus", "rebated", "purchased"), kind),
        **_days("granted_at", np.full(len(of), granted)),
        **_days("expires_at", np.full(len(of), granted + 50 * _DAY_SECONDS)),
        "quantity": pa.array(sizes[of, kind]),
    }
    batch = np.repeat(np.arange(len(of)), used[of, kind])
    return batches, _uses(batches, batch, stamp, granted, rng)


def _uses(
    batches: Columns, batch: Ints, stamp: str, start: int, rng: np.random.Generator
) -> Columns:
    count = len(batch)
    quote = np.arange(count)
    # From the second day to the twenty-seventh, so that no clock puts one into another month.
    at = start + rng.integers(_DAY_SECONDS, 27 * _DAY_SECONDS, count)
    return {
        "quote_id": _labels(f"QM{stamp}", quote, 9),
        "rfq_id": _labels(f"RM{stamp}", quote, 9),
        "merchant_id": batches["merchant_id"].take(pa.array(batch)),
        "buyer_id": _labels(f"BM{stamp}", quote, 9),
        **_moments("quoted_at", at),
        "review_status": _reviews(count, rng),
        "entitlement_id": batches["entitlement_id"].take(pa.array(batch)),
    }


def _counts(
    ids: pa.Array, size: npt.NDArray[np.float64], month: Month, rng: np.random.Generator
) -> Columns:
    count = len(ids)
    per = np.stack([size * 900, size * 14, size * 45], axis=1)
    before = rng.poisson(per)
    during = np.maximum(rng.poisson(per * rng.lognormal(0.03, 0.15, (count, 1))), 0)
    spend = np.round(rng.lognormal(7.0, 0.9, count) * 100).astype(np.int64)
    there = rng.random(count) >= 0.03
    return _stacked(
        [
            {
                "merchant_id": ids.filter(pa.array(keep)),
                "month": pa.array([str(part)] * int(keep.sum())),
                **{
                    name: pa.array(counts[keep, nth].astype(np.int64))
                    for nth, name in enumerate(("visitors", "inquiries", "tm_consults"))
                },
                "spend_cny": _money(spend[keep] // 2 if part != month else spend[keep]),
            }
            for part, counts, keep in (
                (month.previous(), before, there),
                (month, during, np.full(count, True)),
            )
        ]
    )


def _enrolments(ids: pa.Array, month: Month, campaign: str, rng: np.random.Generator) -> Columns:
    keep = rng.random(len(ids)) < 0.8
    count = int(keep.sum())
    at = _midnight(month.first) + rng.integers(_DAY_SECONDS, 27 * _DAY_SECONDS, count)
    return {
        "merchant_id": ids.filter(pa.array(keep)),
        "campaign": pa.array([campaign] * count, pa.string()),
        **_moments("enrolled_at", at),
        "ads_on": pa.array(rng.random(count) < 0.92),
    }


def _reviews(count: int, rng: np.random.Generator) -> pa.Array:
    return _pick(("approved", "rejected", "pending"), rng.choice(3, count, p=(0.93, 0.04, 0.03)))


def _midnight(day: dt.date) -> int:
    return int(np.datetime64(day, "s").astype(np.int64))


def _moments(name: str, seconds: Ints) -> Columns:
    at = pa.array(seconds.astype("datetime64[s]")).cast(pa.timestamp("us"))
    return {name: at, f"{name}_is_date": pa.array(np.full(len(seconds), False))}


def _days(name: str, seconds: Ints) -> Columns:
    at = _moments(name, seconds)[name]
    return {name: at, f"{name}_is_date": pa.array(np.full(len(seconds), True))}


def _money(cents: Ints) -> pa.Array:
    return pa.array(from_cents(pd.Series(cents, dtype="Int64")).array)


def _labels(prefix: str, numbers: Ints, width: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _pick(words: Sequence[str | None], which: Any) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(which))


def _stacked(parts: Sequence[Columns]) -> Columns:
    return {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}

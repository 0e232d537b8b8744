"""The express promotion in plain NumPy: gates, three orders and CNY 300 a seller, one pool."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.exact import Column, Flags, Integers, arrow, exact, integers, money, whole

# The deck's numbers: cents an order and a seller, orders a seller and in all; moments in UTC.
ORDER_CAP, SELLER_ORDERS, SELLER_CAP, POOL = 10_000, 3, 30_000, 30_000
OPENS, CLOSES, PAY_BY = (
    int(np.datetime64(text, "s").astype(np.int64))
    for text in ("2021-04-12T07:00:00", "2021-10-01T06:59:59", "2021-10-15T15:59:59")
)
MEMBERS = ["出口通", "全球宝", "金品诚企"]
LISTED = [
    "全球3C&普货专线", "全球普货专线", "全球美妆个护专线", "全球重货专线", "邮政EMS专线",
    "欧美普货专线", "中美无忧专线", "中美无忧包机专线", "多维DHL专线", "多维日韩专线",
    "金羊城FedEx专线", "北美特殊品专线", "嘉里东南亚专线（DDP）",
]  # fmt: skip
EXCLUDED = [
    "全球3C小包", "全球普货小包", "中美快船（DDP）", "中欧铁路（DDP）", "中欧卡航（DDP）",
    "全球重货（DDP）", "中美海派专线",
]  # fmt: skip
_LAST = np.iinfo(np.int64).max


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return orders of sellers who have four each on average; some are not paid."""
    draw = np.random.default_rng(seed)
    numbers = np.char.add("x", np.arange(rows).astype(str)).astype(object)
    sellers = np.char.add("m", draw.integers(0, rows // 4 + 1, rows).astype(str)).astype(object)
    ordered = OPENS - 86_400 + draw.integers(0, 180 * 86_400, rows)
    paid = ordered + draw.integers(0, 20 * 86_400, rows)
    members = np.array([*MEMBERS, "免费会员"], dtype=object)
    routes = np.array([*LISTED, *EXCLUDED, "中东专线"], dtype=object)
    return pd.DataFrame(
        {
            "express_order_id": arrow(numbers, None, pa.string()),
            "merchant_id": arrow(sellers, None, pa.string()),
            "membership": arrow(draw.choice(members, rows), None, pa.string()),
            "route": arrow(draw.choice(routes, rows), None, pa.string()),
            "industry_solution": arrow(draw.random(rows) < 0.05, None, pa.bool_()),
            "ta_order": arrow(draw.random(rows) < 0.8, None, pa.bool_()),
            "ordered_at": _moment(ordered, None),
            "paid_at": _moment(paid, draw.random(rows) < 0.1),
            "base_freight_cny": money(draw.integers(0, 40_000, rows), None),
            "used_before": arrow(draw.random(rows) < 0.3, None, pa.bool_()),
        }
    )


def _moment(seconds: Integers, missing: Flags | None) -> "pd.Series":
    return arrow(seconds * 1_000_000, missing, pa.timestamp("us", "UTC"))


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    text = {name: pa.array(measures[name].array) for name in ("membership", "route")}
    flags = {
        name: measures[name].to_numpy(bool)
        for name in ("industry_solution", "ta_order", "used_before")
    }
    ids = pa.array(measures["express_order_id"].array)
    return {
        **flags,
        "member": _among(text["membership"], MEMBERS),
        "listed": _among(text["route"], LISTED),
        "excluded": _among(text["route"], EXCLUDED),
        "seller": pd.factorize(measures["merchant_id"])[0],
        "id": ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids,
        "ordered": _seconds(measures["ordered_at"]),
        "paid": _seconds(measures["paid_at"]),
        "freight": whole(measures["base_freight_cny"]),
    }


def _among(texts: pa.Array, known: list[str]) -> Flags:
    return np.asarray(pc.is_in(texts, value_set=pa.array(known)))


def _seconds(column: "pd.Series") -> Integers:
    stamps = pa.array(column.array)
    stamps = stamps.combine_chunks() if isinstance(stamps, pa.ChunkedArray) else stamps
    seconds = np.asarray(stamps.cast(pa.int64()).fill_null(_LAST))
    return np.where(seconds == _LAST, _LAST, seconds // 1_000_000)


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    freight, paid, seller = columns["freight"].whole, columns["paid"], columns["seller"]
    part = columns["member"] & ~columns["used_before"]
    opened = (columns["ordered"] >= OPENS) & (columns["ordered"] <= CLOSES)
    route = ~columns["excluded"] & (columns["listed"] | columns["industry_solution"])
    passes = columns["ta_order"] & part & opened & route & (paid <= PAY_BY)
    wish = np.where(passes, np.minimum(freight, ORDER_CAP), 0)
    everyone = _in_time(columns)
    line = everyone[np.argsort(seller[everyone], kind="stable")]
    starts = _starts(seller[line])
    turn = _before(wish > 0, line, starts)
    asked = np.where(turn < SELLER_ORDERS, wish, 0)
    granted = np.clip(SELLER_CAP - _before(asked, line, starts), 0, asked)
    number = _before(granted > 0, everyone, np.zeros(len(line), dtype=np.int64)) + 1
    saved = np.where(number <= POOL, granted, 0)
    orders, left = _left(saved, seller, part)
    all_known = np.ones(len(saved), dtype=bool)
    return {
        "saved_cny": Column(saved, all_known),
        "payable_cny": Column(freight - saved, all_known),
        "pool_order": Column(number, saved > 0),
        "orders_left": Column(orders, all_known),
        "left_cny": Column(left, all_known),
    }


def _in_time(columns: dict[str, Any]) -> Integers:
    """Return the orders by payment, those of one second by ordering and then by id."""
    order = np.argsort(columns["paid"], kind="stable")
    paid = columns["paid"][order]
    tied = np.concatenate(([False], paid[1:] == paid[:-1]))
    tied[:-1] |= tied[1:]
    among = order[tied]
    by_id = np.empty(len(among), dtype=np.int64)
    by_id[np.asarray(pc.sort_indices(columns["id"].take(among)))] = np.arange(len(among))
    last = np.lexsort((by_id, columns["ordered"][among], columns["paid"][among]))
    order[tied] = among[last]
    return order


def _starts(groups: npt.NDArray[np.integer[Any]]) -> Integers:
    begins = np.concatenate(([True], groups[1:] != groups[:-1]))
    return np.maximum.accumulate(np.where(begins, np.arange(len(groups)), 0))


def _before(amounts: Any, line: Integers, starts: Integers) -> Integers:
    running = np.concatenate(([0], np.cumsum(amounts[line])))
    found = np.empty(len(line), dtype=np.int64)
    found[line] = running[:-1] - running[starts]
    return found


def _left(saved: Integers, seller: Any, part: Flags) -> tuple[Integers, Integers]:
    open_to = part & (np.count_nonzero(saved) < POOL)
    used = np.bincount(seller, weights=saved > 0).astype(np.int64)[seller]
    spent = np.bincount(seller, weights=saved).astype(np.int64)[seller]
    orders = np.where(open_to, SELLER_ORDERS - used, 0)
    left = np.minimum(orders * ORDER_CAP, SELLER_CAP - spent)
    return np.where(left > 0, orders, 0), np.where(open_to, left, 0)


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    return pd.DataFrame(
        {
            name: exact(column, 2, index) if name.endswith("cny") else integers(column, index)
            for name, column in sums.items()
        }
    )

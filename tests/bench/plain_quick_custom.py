"""RTS小单快定 in plain NumPy: which gates each product fails, what it takes, and its price."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.exact import Column, arrow, exact, integers, money, whole

# The slides': percent of RTS products, most pieces and days, most products a model, the advice.
SHARE, MOQ, DAYS, PRODUCTS, LATE = 30, 50, 7, 20, 0
ADVISED = (10, 30)
INDUSTRIES = {
    "Apparel": True, "Home & Garden": True, "Luggage, Bags & Cases": True, "饰品": True,
    "Machinery": False, "机械": False,
}  # fmt: skip
# In the order in which failed gates are named; the third, eighth to eleventh are taken to be met.
GATES = (
    "rts_share", "industry", "on_time", "rts_product", "online", "moq", "lead_time",
    "leaf_category", "model_products", "category", "prohibited",
)  # fmt: skip
_TAKEN = {"on_time", "leaf_category", "model_products", "category", "prohibited"}
_OF_MODEL = {"moq", "lead_time", "leaf_category", "model_products"}
_LOST = ("industry", "category", "prohibited")
_FLAGS = (
    "is_rts", "model_bound", "online_customization", "lead_time_negotiated", "same_leaf_category",
    "category_allowed", "prohibited",
)  # fmt: skip
_COUNTS = (
    "rts_products", "shop_products", "moq_pieces", "lead_time_days", "late_orders",
    "model_products", "base_price_usd", "surcharge_usd", "discount_percent",
)  # fmt: skip


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return products around every limit, one in a hundred of each value missing."""
    draw = np.random.default_rng(seed)
    number = np.arange(rows).astype(str)
    shop = draw.integers(1, 60, rows)

    def gone() -> Any:
        return draw.random(rows) < 0.01

    def count(values: Any) -> "pd.Series":
        return arrow(values, gone(), pa.int64())

    def flag(often: float) -> "pd.Series":
        return arrow(draw.random(rows) < often, gone(), pa.bool_())

    return pd.DataFrame(
        {
            "product_id": arrow(np.char.add("p", number).astype(object), None, pa.string()),
            "merchant_id": arrow(np.char.add("m", number).astype(object), None, pa.string()),
            "main_industry": arrow(
                draw.choice(np.array([*INDUSTRIES], dtype=object), rows), gone(), pa.string()
            ),
            "rts_products": count(shop * draw.integers(15, 101, rows) // 100),
            "shop_products": count(shop),
            "is_rts": flag(0.9),
            "model_bound": flag(0.9),
            "moq_pieces": count(draw.integers(1, 60, rows)),
            "lead_time_days": count(draw.integers(1, 9, rows)),
            "late_orders": count(np.maximum(draw.integers(-8, 3, rows), 0)),
            "online_customization": flag(0.95),
            "lead_time_negotiated": flag(0.03),
            "same_leaf_category": flag(0.97),
            "model_products": count(draw.integers(1, 22, rows)),
            "category_allowed": flag(0.97),
            "prohibited": flag(0.02),
            "base_price_usd": money(draw.integers(50, 9000, rows), gone()),
            "surcharge_usd": money(draw.integers(0, 400, rows), gone()),
            "discount_percent": money(draw.choice([10_000, 9500, 8750], rows), gone()),
        }
    )


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays."""
    industry = pa.array(measures["main_industry"].array).dictionary_encode()
    allowed = np.array([INDUSTRIES[name] for name in industry.dictionary.to_pylist()] + [False])
    codes = np.asarray(industry.indices.fill_null(-1))
    return {
        "industry": Column(allowed[codes], codes >= 0),
        **{name: whole(measures[name]) for name in _COUNTS},
        **{name: _flag(measures[name]) for name in _FLAGS},
    }


def _flag(column: "pd.Series") -> Column:
    array = pa.array(column.array)
    return Column(np.asarray(pc.fill_null(array, False)), np.asarray(array.is_valid()))


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers or words and which of them are known."""
    gates = _gates(columns)
    bound = columns["model_bound"].whole & columns["model_bound"].known
    failed = np.zeros(len(bound), dtype=np.int64)
    taken, open_ = failed.copy(), np.zeros(len(bound), dtype=bool)
    for place, name in enumerate(GATES):
        no, unknown = gates[name].known & ~gates[name].whole, ~gates[name].known
        if name in _OF_MODEL:
            no, unknown = no & bound, unknown & bound
        failed |= no.astype(np.int64) << place
        if name in _TAKEN:
            taken |= unknown.astype(np.int64) << place
        else:
            open_ |= unknown
    lost = sum(1 << GATES.index(name) for name in _LOST)
    fixes = np.bitwise_count(failed).astype(np.int64)
    told = ~open_ & (failed & lost == 0)
    short = _short(columns)
    return {
        "eligible": Column(failed == 0, (failed > 0) | ~open_),
        "failed_gates": failed,
        "fixes": Column(fixes, told),
        "only_fix": np.where(told & (fixes == 1), failed, 0),
        "taken_gates": taken,
        **short,
        **_prices(columns),
    }


def _gates(columns: dict[str, Any]) -> dict[str, Column]:
    rts, shop = columns["rts_products"], columns["shop_products"]
    days, bound, online = (
        columns[name] for name in ("lead_time_days", "model_bound", "online_customization")
    )
    both = bound.whole & np.where(online.known, online.whole, bound.whole)
    settled = (bound.known & ~bound.whole) | (online.known & ~online.whole)
    open_lead = columns["lead_time_negotiated"].whole
    return {
        "rts_share": Column(
            (rts.whole * 100 >= shop.whole * SHARE) & (shop.whole > 0),
            (rts.known & shop.known) | (shop.known & (shop.whole == 0)),
        ),
        "industry": columns["industry"],
        "on_time": _at_most(columns["late_orders"], LATE),
        "rts_product": columns["is_rts"],
        "online": Column(both, bound.known | settled),
        "moq": _at_most(columns["moq_pieces"], MOQ),
        "lead_time": Column(~open_lead & (days.whole <= DAYS), days.known | open_lead),
        "leaf_category": columns["same_leaf_category"],
        "model_products": _at_most(columns["model_products"], PRODUCTS),
        "category": columns["category_allowed"],
        "prohibited": Column(~columns["prohibited"].whole, columns["prohibited"].known),
    }


def _at_most(column: Column, limit: int) -> Column:
    return Column(column.whole <= limit, column.known)


def _short(columns: dict[str, Any]) -> dict[str, Column]:
    rts, shop, moq, days = (
        columns[name] for name in ("rts_products", "shop_products", "moq_pieces", "lead_time_days")
    )
    needed = (shop.whole * SHARE + 99) // 100
    known = rts.known & shop.known & (shop.whole > 0)
    low, high = ADVISED
    return {
        "rts_products_short": Column(np.maximum(needed - rts.whole, 0), known),
        "moq_over_pieces": Column(np.maximum(moq.whole - MOQ, 0), moq.known),
        "lead_time_over_days": Column(np.maximum(days.whole - DAYS, 0), days.known),
        "moq_advised": Column((moq.whole >= low) & (moq.whole <= high), moq.known),
    }


def _prices(columns: dict[str, Any]) -> dict[str, Column]:
    base, surcharge, moq, paid = (
        columns[name]
        for name in ("base_price_usd", "surcharge_usd", "moq_pieces", "discount_percent")
    )
    points = np.where(paid.known, paid.whole, 10_000)
    unit = ((base.whole + surcharge.whole) * points + 5000) // 10_000
    known = base.known & surcharge.known & moq.known
    return {
        "unit_price_usd": Column(unit, known),
        "order_usd": Column(unit * moq.whole, known),
    }


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    every = range(2 ** len(GATES))
    words = [",".join(n for i, n in enumerate(GATES) if set_ >> i & 1) or None for set_ in every]
    texts = pa.array(words, pa.string())
    return pd.DataFrame({name: _written(name, part, texts, index) for name, part in sums.items()})


def _written(name: str, part: Any, texts: pa.Array, index: pd.Index) -> "pd.Series":
    if not isinstance(part, Column):
        return pd.Series(pd.arrays.ArrowExtensionArray(texts.take(pa.array(part))), index=index)
    if part.whole.dtype == bool:
        return pd.Series(pd.arrays.BooleanArray(part.whole, ~part.known), index=index)
    return exact(part, 2, index) if name.endswith("_usd") else integers(part, index)

"""The demo's products and customization models, hand-made and drawn.

The model of the slides is 2100000007's first: 30 × 9.65 = 289.50, and its third has the app's base
price of 12.00 from 3 pieces on. What each shop shows as of 31 May 2021, worked out by hand:

================ ===============================================================================
merchant_id      what it shows
================ ===============================================================================
2100000007       饰品; 9 of 10 are RTS. Eligible: the slide's model (MOQ 30, 7 days), one just
                 at both limits (MOQ 50, 7 days), the app's (MOQ 3). One fix away: MOQ 51;
                 8 days; lead time to be negotiated at the MOQ; not bound; no RTS product.
                 Two: MOQ 60 at 9 days. Prohibited: cannot be mended
2100000010       箱包; 2 of 7 are RTS, and 3 would be 30 % (2.1): one fix for both RTS
                 products, two for the others
9007199254740992 鞋靴; 7 of 22 are RTS, just the share; 21 products are bound to one model,
                 where 20 may be; markup in a product's name
2100000014       机械, none of the twelve: nothing can be mended, whatever its model
2100000011       五金, none of the twelve, and two late orders in May; its model's ladder is whole:
                 12 × 8.00 = 96.00, from 50 pieces 7.60, from 200 pieces 6.80
2100000008       运动户外; three late orders in May: on-time shipping is the one fix of both
null             消费电子; a model without lead times, one without price tiers, one not on record:
                 what is not known is "—"
000123           包装印刷; a model of another leaf category; another shop's model is none of its
================ ===============================================================================
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Row = dict[str, Any]
_MONEY = pa.decimal128(18, 2)


class _Model(NamedTuple):
    """A model: its steps as pieces → percent paid, and pieces → days (None: not given)."""

    model_id: str
    leaf: str
    base: str | None
    surcharge: str | None
    prices: Mapping[int, str | None]
    times: Mapping[int, int | None]


class _Product(NamedTuple):
    name: str | None
    leaf: str
    model_id: str | None
    is_rts: bool = True
    online: bool | None = None
    allowed: bool | None = True
    prohibited: bool | None = False


_EARRINGS, _BAGS, _SHOES = "耳饰", "手提包", "运动鞋"
_JEWELRY = (
    _Model("M70000000001", _EARRINGS, "7.65", "2.00",
           {30: "100.00", 100: "95.00", 300: "90.00"}, {30: 7, 100: 10, 300: 15}),
    _Model("M70000000002", _EARRINGS, "4.20", "0.00", {50: None}, {50: 7}),
    _Model("M70000000003", _EARRINGS, "12.00", "0.00", {3: "100.00", 20: "97.50"}, {50: 5}),
    _Model("M70000000004", _EARRINGS, "3.10", "0.55", {51: "100.00"}, {100: 7}),
    _Model("M70000000005", _EARRINGS, "3.10", "0.55", {20: "100.00"}, {100: 8}),
    _Model("M70000000006", _EARRINGS, "3.10", "0.55", {20: "100.00"}, {10: 3}),
    _Model("M70000000007", _EARRINGS, "3.10", "0.55", {60: "100.00"}, {60: 9}),
)  # fmt: skip
_SHOPS: dict[str, tuple[tuple[_Model, ...], tuple[_Product, ...]]] = {
    "2100000007": (
        _JEWELRY,
        (
            _Product("925银刻字耳环", _EARRINGS, "M70000000001"),
            _Product("珍珠耳钉", _EARRINGS, "M70000000002"),
            _Product("字母项链", _EARRINGS, "M70000000003"),
            _Product("几何耳夹", _EARRINGS, "M70000000004"),
            _Product("流苏耳环", _EARRINGS, "M70000000005"),
            _Product("亚克力耳环", _EARRINGS, "M70000000006"),
            _Product("圈形耳环", _EARRINGS, None),
            _Product("木质耳环", _EARRINGS, "M70000000003", is_rts=False),
            _Product("水钻耳环", _EARRINGS, "M70000000007"),
            _Product("仿牌耳环", _EARRINGS, "M70000000003", prohibited=True),
        ),
    ),
    "2100000010": (
        (_Model("M10000000001", _BAGS, "18.50", "1.20", {20: "100.00"}, {50: 6}),),
        tuple(
            _Product(f"帆布手提包 {number}", _BAGS, "M10000000001", is_rts=number < 3)
            for number in range(1, 8)
        ),
    ),
    "9007199254740992": (
        (
            _Model("M20000000001", _SHOES, "9.90", "0.80", {30: "100.00"}, {30: 7}),
            _Model("M20000000002", _SHOES, "9.90", "0.80", {10: "100.00"}, {30: 5}),
        ),
        (
            *(_Product(f"飞织鞋 {number}", _SHOES, "M20000000001", is_rts=number <= 6)
              for number in range(1, 22)),
            _Product("<b>帆布鞋</b>", _SHOES, "M20000000002"),
        ),
    ),
    "2100000014": (
        (_Model("M40000000001", "齿轮", "55.00", "5.00", {5: "100.00"}, {10: 6}),),
        (_Product("小型齿轮", "齿轮", "M40000000001"), _Product("链轮", "齿轮", None)),
    ),
    "2100000011": (
        (
            _Model("M60000000001", "球阀", "6.50", "1.50",
                   {12: "100.00", 50: "95.00", 200: "85.00"}, {50: 5, 200: 12}),
        ),
        (
            _Product("刻字球阀", "球阀", "M60000000001"),
            _Product("彩柄球阀", "球阀", "M60000000001"),
            _Product("黄铜接头", "管件", None),
        ),
    ),
    "2100000008": (
        (_Model("M80000000001", "瑜伽垫", "6.40", "0.60", {20: "100.00"}, {50: 7}),),
        (
            _Product("印花瑜伽垫", "瑜伽垫", "M80000000001"),
            _Product("加厚瑜伽垫", "瑜伽垫", "M80000000001"),
        ),
    ),
    "null": (
        (
            _Model("M30000000001", "手机壳", "1.20", None, {50: "100.00"}, {}),
            _Model("M30000000002", "手机壳", "1.20", "0.30", {}, {50: 5}),
        ),
        (
            _Product("透明手机壳", "手机壳", "M30000000001"),
            _Product("磁吸手机壳", "手机壳", "M30000000002"),
            _Product("硅胶手机壳", "手机壳", "M39999999999"),
        ),
    ),
    "000123": (
        (_Model("M50000000001", "飞机盒", "0.85", "0.15", {50: "100.00"}, {50: 6}),),
        (
            _Product("=1+1 飞机盒", "飞机盒", "M50000000001"),
            _Product("首饰盒", "首饰盒", "M50000000001"),
            _Product(None, "飞机盒", "M70000000001"),
        ),
    ),
}  # fmt: skip
TABLES = (
    "products", "customization_models", "customization_price_tiers", "customization_lead_times",
)  # fmt: skip


def add(by_hand: Mapping[str, list[Row]], drawn: dict[str, dict[str, pa.Array]], seed: int) -> None:
    """Add products and models to a demo's rows and columns."""
    there = {row["merchant_id"] for row in by_hand["merchants"]}
    for merchant_id, (models, products) in _SHOPS.items():
        if merchant_id in there:
            for table, row in _rows(merchant_id, models, products):
                by_hand[table].append(row)
    drawn |= _drawn(drawn["merchants"]["merchant_id"], seed)


def _rows(
    merchant_id: str, models: tuple[_Model, ...], products: tuple[_Product, ...]
) -> Iterator[tuple[str, Row]]:
    for number, product in enumerate(products, start=1):
        yield (
            "products",
            {
                "product_id": f"P{merchant_id}{number:03d}",
                "merchant_id": merchant_id,
                "product_name": product.name,
                "leaf_category": product.leaf,
                "is_rts": product.is_rts,
                "online_customization": product.online,
                "category_allowed": product.allowed,
                "prohibited": product.prohibited,
                "model_id": product.model_id,
            },
        )
    for model in models:
        own = {"model_id": model.model_id, "merchant_id": merchant_id}
        yield (
            "customization_models",
            {
                **own,
                "leaf_category": model.leaf,
                "base_price_usd": _amount(model.base),
                "surcharge_usd": _amount(model.surcharge),
            },
        )
        for pieces, paid in model.prices.items():
            tier = {**own, "min_pieces": pieces, "discount_percent": _amount(paid)}
            yield "customization_price_tiers", tier
        for pieces, days in model.times.items():
            step = {**own, "up_to_pieces": pieces, "lead_time_days": days}
            yield "customization_lead_times", step


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _drawn(ids: pa.Array, seed: int) -> dict[str, dict[str, pa.Array]]:
    """Return shops of many others, each with one model: most near the limits, some far away."""
    rng = np.random.default_rng([seed, 20210524])  # its own, apart from what others draw
    has = np.flatnonzero(rng.random(len(ids)) < 0.35)
    shops = len(has)
    sizes = 1 + rng.poisson(5, shops)
    of = np.repeat(np.arange(shops), sizes)
    count = len(of)
    share = rng.choice([0.1, 0.4, 0.9], shops)
    whose = ids.take(pa.array(has))
    models = pc.binary_join_element_wise("MD", _numbers(shops), "")
    bound = rng.random(count) < 0.7
    moq = rng.choice([5, 10, 20, 30, 50, 60, 100], shops)
    base = rng.integers(80, 6_000, shops)
    return {
        "products": {
            "product_id": pc.binary_join_element_wise("PD", _numbers(count), ""),
            "merchant_id": whose.take(pa.array(of)),
            "product_name": pc.binary_join_element_wise("定制商品 ", _numbers(count), ""),
            "leaf_category": pa.array(["通用定制"] * count),
            "is_rts": pa.array(rng.random(count) < share[of]),
            "category_allowed": pa.array(rng.random(count) < 0.97),
            "prohibited": pa.array(rng.random(count) < 0.01),
            "model_id": pc.if_else(
                pa.array(bound), models.take(pa.array(of)), pa.scalar(None, pa.string())
            ),
        },
        "customization_models": {
            "model_id": models,
            "merchant_id": whose,
            "leaf_category": pa.array(["通用定制"] * shops),
            "base_price_usd": _cents(base),
            "surcharge_usd": _cents(rng.integers(0, 300, shops)),
        },
        "customization_price_tiers": _steps(
            models, whose, "min_pieces", moq, "discount_percent", _cents(np.full(shops, 10_000))
        ),
        "customization_lead_times": _steps(
            models, whose, "up_to_pieces", 2 * moq, "lead_time_days",
            pa.array(rng.choice([3, 5, 7, 8, 15], shops)),
        ),
    }  # fmt: skip


def _steps(
    models: pa.Array, whose: pa.Array, step: str, pieces: Any, value: str, values: pa.Array
) -> dict[str, pa.Array]:
    return {"model_id": models, "merchant_id": whose, step: pa.array(pieces), value: values}


def _numbers(count: int) -> pa.Array:
    return pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 8, "0")


def _cents(whole: Any) -> pa.Array:
    return pa.array([Decimal(int(n)).scaleb(-2) for n in whole], _MONEY)

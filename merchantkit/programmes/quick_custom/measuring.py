"""Products as facts tell them: their shop, their model, its smallest MOQ and what that brings."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.columns import Column, Whole
from merchantkit.days import as_day
from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, from_cents, to_cents
from merchantkit.programmes import fulfilment
from merchantkit.programmes.quick_custom.ladder import Ladder, Ladders, LeadTime
from merchantkit.programmes.reasons import Reason, Reasons, beside
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

# A model is the merchant's own: one of another's is none. Its number counts all of them.
_NUMBERED = """
SELECT *, row_number() OVER (ORDER BY merchant_id, model_id) - 1 AS model
FROM customization_models
"""
_PRODUCTS = f"""
WITH numbered AS ({_NUMBERED}),
shop AS (
    SELECT merchant_id, count(*) AS shop_products, count(*) FILTER (is_rts) AS rts_products
    FROM products GROUP BY merchant_id
), bound AS (
    SELECT merchant_id, model_id, count(*) AS model_products
    FROM products WHERE model_id IS NOT NULL GROUP BY merchant_id, model_id
)
SELECT p.product_id, p.merchant_id, p.product_name, p.model_id, c.model, m.main_industry,
    s.rts_products, s.shop_products, p.is_rts, p.online_customization,
    p.model_id IS NOT NULL AS model_bound, b.model_products,
    lower(trim(p.leaf_category)) = lower(trim(c.leaf_category)) AS same_leaf_category,
    p.category_allowed, p.prohibited, c.base_price_usd, c.surcharge_usd
FROM products p
JOIN merchants m USING (merchant_id)
JOIN shop s USING (merchant_id)
LEFT JOIN numbered c ON c.merchant_id = p.merchant_id AND c.model_id = p.model_id
LEFT JOIN bound b ON b.merchant_id = p.merchant_id AND b.model_id = p.model_id
ORDER BY p.merchant_id, p.product_id
"""
_MODELS = f"WITH numbered AS ({_NUMBERED}) FROM numbered ORDER BY model"
_PRICES = f"""
WITH numbered AS ({_NUMBERED})
SELECT c.model, t.min_pieces, t.discount_percent FROM customization_price_tiers t
JOIN numbered c USING (merchant_id, model_id) ORDER BY c.model, t.min_pieces
"""
_TIMES = f"""
WITH numbered AS ({_NUMBERED})
SELECT c.model, t.up_to_pieces, t.lead_time_days, t.lead_time_negotiated
FROM customization_lead_times t
JOIN numbered c USING (merchant_id, model_id) ORDER BY c.model, t.up_to_pieces
"""


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return every product of every shop, with the model that it is bound to.

    Args:
        warehouse: The facts. Products and models are as they were last imported.
        day: Late orders are those of its month, up to and including it.
        rules: Whose default discount applies; the rulebook on that day by default.

    Returns:
        One row per product, by merchant and id: ``product_id``, ``merchant_id``, ``product_name``,
        ``model_id``, ``main_industry``; ``rts_products`` and ``shop_products`` (int64: of the
        shop's products on record); ``late_orders`` (Int64: late and not exempt by ``fulfilment`` in
        the month; missing where none is settled); the flags ``is_rts``, ``online_customization``,
        ``model_bound``, ``same_leaf_category``, ``category_allowed``, ``prohibited``;
        ``model_products`` (int64: bound to its model); ``moq_pieces`` (Int64: the model's smallest
        MOQ) and, at that MOQ, ``lead_time_days`` (Int64), ``lead_time_negotiated`` (boolean) and
        ``discount_percent``; ``base_price_usd`` and ``surcharge_usd`` (decimal128(18, 2)). What is
        missing of the MOQ and the lead time has its reason beside it.

    Raises:
        NotInForceError: The scene does not exist on the rules' day.

    >>> from merchantkit.facts import demo
    >>> facts = Warehouse.in_memory()
    >>> _ = demo.fill(facts)
    >>> found = measure(facts, "2021-05-31").set_index("product_id")
    >>> found.loc["P2100000007001", ["moq_pieces", "lead_time_days"]].tolist()
    [30, 7]
    """
    as_of = as_day(day)
    on_day = rules or rulebook().on(as_of)
    book = on_day.programme("quick_custom")
    found = warehouse.frame(_PRODUCTS)
    model = Column.of(found.pop("model"))
    number = np.where(model.known, model.values, -1)
    ladders = ladders_of(warehouse, book)
    moq = ladders.moq(number)
    offers = ladders.at(number, moq.values)
    none = Reasons.none(len(found))
    unbound = none.added(~found["model_bound"].to_numpy(dtype=bool), Reason.NOT_BOUND)
    unbound = unbound.added(~model.known, Reason.NO_MODEL_FACTS)
    of_model = {"moq_pieces": moq, "lead_time_days": offers.days}
    why = {
        "moq_pieces": unbound.filled(offers.no_price),
        "lead_time_days": unbound.filled(offers.no_days),
    }
    told = beside(of_model, why) | {
        "lead_time_negotiated": Column(offers.negotiated, moq.known).array(),
        "discount_percent": from_cents(offers.points.series(found.index)),
        **_late(found["merchant_id"], warehouse, as_of, on_day),
    }
    return found.assign(**told)


def models_of(warehouse: Warehouse) -> pd.DataFrame:
    """Return ``merchant_id``, ``model_id`` and the ``model``'s number, as ``ladders_of`` counts."""
    return warehouse.frame(
        f"WITH numbered AS ({_NUMBERED}) SELECT merchant_id, model_id, model "
        "FROM numbered ORDER BY model"
    )


def ladders_of(warehouse: Warehouse, book: ProgrammeRules) -> Ladders:
    """Return the ladders of all models on record, numbered by merchant and id."""
    models, prices, times = (warehouse.frame(query) for query in (_MODELS, _PRICES, _TIMES))
    base, surcharge = (
        Column.of(to_cents(models[name])) for name in ("base_price_usd", "surcharge_usd")
    )
    paid = Column.of(to_cents(prices["discount_percent"]))
    # 默认为原价的100%
    paid = paid.replaced(~paid.known, cents(Decimal(book["default_discount"])))
    return Ladders.of(
        base + surcharge,
        (_whole(prices["model"]), _whole(prices["min_pieces"]), paid.values),
        (
            _whole(times["model"]),
            _whole(times["up_to_pieces"]),
            Column.of(times["lead_time_days"]),
            Column.of(times["lead_time_negotiated"]).yes,
        ),
    )


def ladder_of(
    warehouse: Warehouse, merchant_id: str, model_id: str, rules: ProgrammeRules
) -> Ladder:
    """Return one model's ladder, to quote for any number of pieces.

    Args:
        warehouse: The facts.
        merchant_id: Whose model.
        model_id: Which.
        rules: The scene's rules, for the default discount.

    Raises:
        MeasureError: The merchant has no such model.

    >>> from merchantkit.facts import demo
    >>> from merchantkit.programmes.quick_custom.ladder import quote
    >>> facts = Warehouse.in_memory()
    >>> _ = demo.fill(facts)
    >>> rules = rulebook().on("2021-05-31").programme("quick_custom")
    >>> quote(ladder_of(facts, "2100000007", "M70000000001", rules), 30).total_usd
    Decimal('289.50')
    """
    asked = {"merchant_id": merchant_id, "model_id": model_id}
    mine = "merchant_id = $merchant_id AND model_id = $model_id"
    models = warehouse.frame(f"FROM customization_models WHERE {mine}", asked)
    if models.empty:
        raise MeasureError(
            f"{merchant_id} has no customization model {model_id!r}",
            remedy="import customization_models, or name one of the merchant's own",
        )
    prices = warehouse.frame(f"FROM customization_price_tiers WHERE {mine}", asked)
    times = warehouse.frame(f"FROM customization_lead_times WHERE {mine}", asked)
    (model,) = models.to_dict("records")
    full = Decimal(rules["default_discount"])
    paid = (full if pd.isna(percent) else percent for percent in prices["discount_percent"])
    asks = Column.of(times["lead_time_negotiated"]).yes
    days = (_lead_time(days, ask) for days, ask in zip(times["lead_time_days"], asks, strict=True))
    return Ladder(
        _known(model["base_price_usd"]),
        _known(model["surcharge_usd"]),
        dict(zip(map(int, prices["min_pieces"]), paid, strict=True)),
        dict(zip(map(int, times["up_to_pieces"]), days, strict=True)),
    )


def _lead_time(days: Any, asks: bool) -> LeadTime:
    if pd.isna(days):
        return "to_be_negotiated" if asks else None
    return int(days)


def _known(amount: Any) -> Any:
    return None if pd.isna(amount) else amount


def _whole(column: "pd.Series[Any]") -> Whole:
    return Column.of(column).values


def _late(
    merchants: "pd.Series[Any]", warehouse: Warehouse, day: dt.date, rules: Rules
) -> dict[str, Any]:
    """Return each product's merchant's late orders of the month, with the reason if unknown."""
    late = pd.Series(dtype="Int64")
    try:
        rules.programme(fulfilment.name)
    except NotInForceError:
        pass
    else:
        outcome = fulfilment.assess(fulfilment.measure(warehouse, day, rules), rules)
        board = fulfilment.summary(outcome)
        # Of whom nothing is settled, it is not known whether they ship on time.
        settled = board[board["orders"] > 0]
        late = settled.set_index("merchant_id")["late"]
    found = Column.of(merchants.map(late).astype("Int64"))
    why = Reasons.none(len(merchants)).added(~found.known, Reason.NOTHING_SETTLED)
    return beside({"late_orders": found}, {"late_orders": why})

"""The gates of the scene, and for every product which of them it fails, which nobody can tell.

Slide RTS小单快定场景节奏: 商家报名门槛 and 场景商品要求, 以上需要同时满足方可进入场景; the model's
limits are on RTS小单快定场景报名期商家行动点. A set of gates is a whole number with a bit for each.
"""

from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column, Flags
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason, Reasons
from merchantkit.programmes.spelling import spelled
from merchantkit.rulebook import ProgrammeRules

COLUMNS: dict[str, door.Kind] = {
    "product_id": "id",
    "merchant_id": "id",
    "main_industry": "text",
    "rts_products": "count",
    "shop_products": "count",
    "is_rts": "flag",
    "model_bound": "flag",
    "moq_pieces": "count",
    "lead_time_days": "count",
}
OPTIONAL: dict[str, door.Kind] = {
    "late_orders": "count",
    "online_customization": "flag",
    "lead_time_negotiated": "flag",
    "same_leaf_category": "flag",
    "model_products": "count",
    "category_allowed": "flag",
    "prohibited": "flag",
    "base_price_usd": "money",
    "surcharge_usd": "money",
    "discount_percent": "decimal",
}
_OR = " / "  # between the names that exports have for one industry
Sets = npt.NDArray[np.uint16]  # of gates, a bit for each


@dataclass(frozen=True)
class Gate:
    """One condition of the scene.

    Attributes:
        name: What it is called.
        checks: Its checks, all of which must be met.
        column: The measure whose absence leaves it open.
        fixable: Whether a merchant can do something about it.
        of_model: Whether there is nothing to judge before the product is bound to a model.
        taken: Whether it is taken to be passed where the facts do not say (``taken_as_met``).
    """

    name: str
    checks: tuple[str, ...]
    column: str
    fixable: bool = True
    of_model: bool = False
    taken: bool = False


GATES = (
    Gate("rts_share", ("shop.rts_share",), "rts_products"),
    Gate("industry", ("shop.industry",), "main_industry", fixable=False),
    Gate("on_time", ("shop.on_time",), "late_orders", taken=True),
    Gate("rts_product", ("product.rts",), "is_rts"),
    Gate("online", ("product.bound", "product.online"), "model_bound"),
    Gate("moq", ("model.moq",), "moq_pieces", of_model=True),
    Gate("lead_time", ("model.negotiated", "model.lead_time"), "lead_time_days", of_model=True),
    Gate("leaf_category", ("model.category",), "same_leaf_category", of_model=True, taken=True),
    Gate("model_products", ("model.products",), "model_products", of_model=True, taken=True),
    Gate("category", ("product.category",), "category_allowed", fixable=False, taken=True),
    Gate("prohibited", ("product.prohibited",), "prohibited", fixable=False, taken=True),
)  # fmt: skip
NAMES = tuple(gate.name for gate in GATES)
BITS = tuple(np.uint16(1 << place) for place in range(len(GATES)))
# For every set of gates: how many are in it, and what they are called.
_EVERY = np.arange(2 ** len(GATES))
COUNTS = np.sum([(_EVERY >> place) & 1 for place in range(len(GATES))], axis=0)
WORDS = tuple(
    ",".join(name for place, name in enumerate(NAMES) if members >> place & 1) or None
    for members in range(2 ** len(GATES))
)
UNFIXABLE = np.uint16(sum(1 << place for place, gate in enumerate(GATES) if not gate.fixable))


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was found out about the products.

    Attributes:
        facts: The measures, typed.
        verdicts: The checks.
        failed: The gates that each product fails.
        open: The gates of which it is not known.
        taken: The gates that are taken to be passed.
        doubts: Why what is not known is not.
    """

    facts: pd.DataFrame
    verdicts: dict[str, Verdict]
    failed: Sets
    open: Sets
    taken: Sets
    doubts: Reasons

    @property
    def eligible(self) -> Column:
        """Whether every gate is passed: false if any is failed, whatever is not known."""
        failed = self.failed > 0
        return Column(~failed, failed | (self.open == 0))

    @property
    def told(self) -> dict[str, Verdict]:
        """The checks as they count: what is taken to be met is met, though it was not observed."""
        met = {
            check: _met_where(self.verdicts[check], self.taken & bit > 0)
            for bit, gate in zip(BITS, GATES, strict=True)
            if gate.taken
            for check in gate.checks
        }
        return self.verdicts | met


def _met_where(verdict: Verdict, where: Flags) -> Verdict:
    return replace(verdict, reached=verdict.reached.replaced(where, True))


def judge(measures: pd.DataFrame, book: ProgrammeRules) -> Judgement:
    """Return which gates each product fails; rows stand alone.

    Raises:
        MeasureError: A column is missing, or a value cannot be.
    """
    facts = _read(measures, book)
    verdicts = checks.evaluate(facts, book)
    bound = Column.of(facts["model_bound"]).yes
    failed, open_, taken = np.zeros((3, len(facts)), dtype=np.uint16)
    doubts = Reasons.none(len(facts))
    for bit, gate in zip(BITS, GATES, strict=True):
        reached = reduce(and_, (verdicts[check].reached for check in gate.checks))
        unknown, no = ~reached.known, reached.no
        if gate.of_model:
            unknown, no = unknown & bound, no & bound
        failed |= no * bit
        if not unknown.any():
            continue
        if gate.taken:
            taken |= unknown * bit
        else:
            open_ |= unknown * bit
            doubts = _doubted(doubts, unknown, facts, gate.column)
    return Judgement(facts, verdicts, failed, open_, taken, doubts)


def _doubted(doubts: Reasons, unknown: Flags, facts: pd.DataFrame, column: str) -> Reasons:
    """Return doubts with why a column is missing where it leaves a gate open."""
    rows, own = np.flatnonzero(unknown & ~doubts.given), facts.get(f"{column}_reason")
    if own is not None:
        doubts = doubts.stated(rows, own.iloc[rows])
    return doubts.added(unknown, Reason.NOT_GIVEN)


def _read(measures: pd.DataFrame, book: ProgrammeRules) -> pd.DataFrame:
    facts = door.read(measures, COLUMNS, OPTIONAL)
    kinds: dict[str, Any] = {"flag": "boolean"}
    for column in OPTIONAL.keys() - set(facts.columns):
        none = pd.Series(pd.NA, index=facts.index, dtype=kinds.get(OPTIONAL[column], "Int64"))
        facts[column] = none
    names = {industry: industry for industry in book["industries"]}
    for row in book["industry_names"]:
        names |= dict.fromkeys(row["names"].split(_OR), row["industry"])
    facts["main_industry"] = spelled(facts["main_industry"], names)
    # 支持在线定制 is to make a model and to bind the product to it (assumption binding_is_online).
    online, bound = (Column.of(facts[name]) for name in ("online_customization", "model_bound"))
    facts["online_customization"] = online.replaced(~online.known, bound).array()
    negotiated = Column.of(facts["lead_time_negotiated"])
    facts["lead_time_negotiated"] = negotiated.replaced(~negotiated.known, False).array()
    return facts

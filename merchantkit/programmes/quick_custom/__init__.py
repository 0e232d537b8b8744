"""Small customized orders, quickly made (RTS小单快定): which products are eligible, and the fixes.

Slides RTS小单快定场景节奏 and RTS小单快定场景报名期商家行动点; the numbers are in
``params/rules/quick_custom.yaml``. A row is a product. Merchants enrol and the platform picks
(商家报名平台圈品), so a product is found eligible, and never "in".
"""

from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import TEXT
from merchantkit.columns import Column, Whole, coded
from merchantkit.money import cents, exact
from merchantkit.programmes.quick_custom.gates import (
    COLUMNS,
    COUNTS,
    GATES,
    NAMES,
    OPTIONAL,
    UNFIXABLE,
    WORDS,
    Judgement,
    judge,
)
from merchantkit.programmes.quick_custom.ladder import (
    Ladder,
    Ladders,
    LeadTime,
    Quote,
    priced,
    quote,
)
from merchantkit.programmes.quick_custom.measuring import ladder_of, ladders_of, measure
from merchantkit.programmes.quick_custom.shown import details, first_of_each
from merchantkit.programmes.reasons import Reason, Reasons, reasons
from merchantkit.rulebook import ProgrammeRules, Rules

__all__ = [
    "COLUMNS", "GATES", "OPTIONAL", "Ladder", "Ladders", "LeadTime", "Quote", "assess",
    "details", "explain", "ladder_of", "ladders_of", "measure", "name", "noteworthy", "quote",
    "scope", "summary", "unlocks",
]  # fmt: skip

name = "quick_custom"
scope = "row"


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return whether each product is eligible, the gates that it fails, and what that would take.

    Args:
        measures: The columns of ``measure``; those of ``OPTIONAL`` may be absent or missing, and
            are then taken to be met (``taken_gates``), or of a price, not known. Rows stand alone.
        rules: The rules of the day.

    Returns:
        On the same index: ``product_id``, ``merchant_id``; ``eligible`` (boolean: every gate is
        passed; the platform still picks); ``failed_gates`` and ``taken_gates`` (text, codes with
        commas between; missing: none); ``fixes`` (Int64: how many gates are to be mended; missing
        where one cannot be, or is not known) and ``only_fix`` (the gate, where it is just one);
        ``rts_products_short``, ``moq_over_pieces`` and ``lead_time_over_days`` (Int64: by how much
        a limit is missed, 0 where it is kept); ``moq_advised`` (boolean: the MOQ lies where buyers
        prefer it); ``unit_price_usd`` and ``order_usd`` (decimal128(18, 2): at the smallest MOQ).
        ``eligible``, ``fixes``, ``moq_advised`` and the prices have ``_reason`` where missing.

    Raises:
        MeasureError: A column is missing, or a value cannot be.

    >>> from merchantkit.rulebook import rulebook
    >>> frame = pd.DataFrame({"product_id": ["a", "b"], "merchant_id": "m",
    ...     "main_industry": "Home & Garden", "rts_products": 3, "shop_products": 10,
    ...     "is_rts": True, "model_bound": True, "moq_pieces": [30, 51], "lead_time_days": 7,
    ...     "base_price_usd": "7.65", "surcharge_usd": "2"})
    >>> outcome = assess(frame, rulebook().on("2021-05-31"))
    >>> outcome[["eligible", "only_fix", "moq_over_pieces"]].values.tolist()
    [[True, <NA>, 0], [False, 'moq', 1]]
    >>> outcome[["unit_price_usd", "order_usd"]].values.tolist()[0]
    [Decimal('9.65'), Decimal('289.50')]
    """
    book = rules.programme(name)
    judged = judge(measures, book)
    facts, index = judged.facts, measures.index
    outcome = {column: facts[column] for column in ("product_id", "merchant_id")}
    no_moq = reasons(facts, ["moq_pieces"])
    outcome |= _gates(judged, index) | _short(judged, no_moq) | _prices(facts, no_moq, book)
    return pd.DataFrame(outcome, index=index)


def _gates(judged: Judgement, index: pd.Index) -> dict[str, Any]:
    failed, eligible = judged.failed, judged.eligible
    settled = judged.open == 0
    fixable = failed & UNFIXABLE == 0
    fixes = Column(COUNTS[failed], settled & fixable)
    single = np.where(fixes.equal(1), failed, np.uint16(0))
    why = judged.doubts.only(~settled).replaced(~fixable, Reason.NOT_FIXABLE)
    return {
        "eligible": eligible.array(),
        "eligible_reason": judged.doubts.array(~eligible.known),
        "failed_gates": coded(failed, WORDS, index),
        "fixes": fixes.array(),
        "fixes_reason": why.array(),
        "only_fix": coded(single, WORDS, index),
        "taken_gates": coded(judged.taken, WORDS, index),
    }


def _short(judged: Judgement, no_moq: Reasons) -> dict[str, Any]:
    verdicts = judged.verdicts
    low, high = (verdicts[f"advice.{end}"].reached for end in ("moq_least", "moq_most"))
    advised = low & high
    return {
        "rts_products_short": verdicts["shop.rts_share"].short.array(),
        "moq_over_pieces": verdicts["model.moq"].short.array(),
        "lead_time_over_days": verdicts["model.lead_time"].short.array(),
        "moq_advised": advised.array(),
        "moq_advised_reason": no_moq.array(),
    }


def _prices(facts: pd.DataFrame, no_moq: Reasons, book: ProgrammeRules) -> dict[str, Any]:
    base, surcharge, moq, paid = (
        Column.of(facts[column])
        for column in ("base_price_usd", "surcharge_usd", "moq_pieces", "discount_percent")
    )
    points = np.where(paid.known, paid.values, cents(book["default_discount"]))
    unit, total, beyond = priced((base + surcharge).hidden(~moq.known), points, moq.values)
    why = no_moq.filled(reasons(facts, ["base_price_usd", "surcharge_usd"]))
    reason = why.added(beyond, Reason.BEYOND_MONEY).array()
    return {
        "unit_price_usd": exact(unit),
        "unit_price_usd_reason": reason,
        "order_usd": exact(total),
        "order_usd_reason": reason,
    }


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per product and check, with the product's ``merchant_id`` beside it.

    See ``checks.EXPLANATION_COLUMNS``. What is taken to be met is met, and was not observed.

    >>> from merchantkit.rulebook import rulebook
    >>> frame = pd.DataFrame({"product_id": ["a"], "merchant_id": "m", "main_industry": "照明",
    ...     "rts_products": 2, "shop_products": 7, "is_rts": True, "model_bound": True,
    ...     "moq_pieces": 20, "lead_time_days": 5})
    >>> long = explain(frame, rulebook().on("2021-05-31"))
    >>> long.loc[0, ["check", "observed", "required", "gap"]].tolist()
    ['shop.rts_share', '2', '3', '1']
    """
    judged = judge(measures.reset_index(drop=True), rules.programme(name))
    verdicts = judged.told
    long = checks.explanation(judged.facts["product_id"], verdicts.values())
    merchants = judged.facts["merchant_id"].repeat(len(verdicts)).reset_index(drop=True)
    return long.assign(merchant_id=merchants)


def noteworthy(outcome: pd.DataFrame) -> "pd.Series[Any]":
    """Return of each merchant the one product whose checks tell most: the nearest to eligible.

    One that fails by the fewest fixes, else one that cannot be mended or told, else any.

    >>> outcome = pd.DataFrame({"merchant_id": ["m", "m"],
    ...     "fixes": pd.array([0, 2], dtype="Int64")})
    >>> noteworthy(outcome).tolist()
    [False, True]
    """
    fixes = Column.of(outcome["fixes"])
    rank = np.where(fixes.known & (fixes.values > 0), fixes.values, len(GATES) + 1)
    rank = np.where(fixes.equal(0), len(GATES) + 2, rank)
    told = np.zeros(len(outcome), dtype=bool)
    told[first_of_each(outcome["merchant_id"], rank)] = True
    return pd.Series(told, index=outcome.index)


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant: how its products stand, and which fix unlocks most.

    Returns:
        By ``merchant_id``: ``products``, of these ``eligible``, ``one_fix_away``,
        ``more_fixes_away``, ``not_fixable`` and ``undecided`` (Int64, these five add up);
        ``best_fix`` (the gate whose fix alone makes most products eligible; the first of several)
        and ``best_fix_products`` (Int64: how many; 0 where no single fix makes any).

    >>> outcome = pd.DataFrame({"merchant_id": ["m", "m"], "eligible": [True, False],
    ...     "fixes": pd.array([0, 1], dtype="Int64"), "fixes_reason": [None, None],
    ...     "only_fix": [None, "moq"]})
    >>> summary(outcome)[["products", "eligible", "one_fix_away", "best_fix"]].values.tolist()
    [[2, 1, 1, 'moq']]
    """
    merchant, ids = pd.factorize(outcome["merchant_id"].astype(TEXT), sort=True)
    eligible, fixes = (Column.of(outcome[column]) for column in ("eligible", "fixes"))
    cannot = outcome["fixes_reason"].eq(Reason.NOT_FIXABLE).to_numpy(dtype=bool, na_value=False)
    one, more = fixes.equal(1), fixes.known & (fixes.values > 1)
    flags = {
        "products": np.ones(len(outcome), dtype=bool),
        "eligible": eligible.yes,
        "one_fix_away": one,
        "more_fixes_away": more,
        "not_fixable": cannot,
        "undecided": ~(eligible.yes | one | more | cannot),
    }
    counts = {
        column: np.bincount(merchant, flag, minlength=len(ids)).astype(np.int64)
        for column, flag in flags.items()
    }
    unlocked = unlocks(outcome, merchant, len(ids))
    best, most = unlocked.argmax(axis=1), unlocked.max(axis=1)
    index = pd.RangeIndex(len(ids))
    return pd.DataFrame(
        {
            "merchant_id": pd.Series(ids, dtype=TEXT),
            **{column: Column.all_known(count).array() for column, count in counts.items()},
            "best_fix": coded(np.where(most > 0, best + 1, 0), (None, *NAMES), index),
            "best_fix_products": Column.all_known(most).array(),
        }
    )


def unlocks(outcome: pd.DataFrame, group: Whole, groups: int) -> Whole:
    """Return for each group of products and each gate how many its fix alone makes eligible.

    Args:
        outcome: As ``assess`` gives it.
        group: Each row's group, from 0.
        groups: How many there are.

    >>> outcome = pd.DataFrame({"only_fix": ["moq", None, "moq"]})
    >>> unlocks(outcome, np.array([0, 0, 0]), 1)[0, NAMES.index("moq")]
    np.int64(2)
    """
    gate = pd.Index(NAMES).get_indexer(pd.Index(outcome["only_fix"].astype(object)))
    known = gate >= 0
    cells = group[known] * len(NAMES) + gate[known]
    return np.bincount(cells, minlength=groups * len(NAMES)).reshape(groups, len(NAMES))

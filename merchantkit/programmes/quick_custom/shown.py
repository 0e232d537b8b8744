"""What a month keeps of the scene beside its products: one model's quotes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.columns import Column, Whole
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact
from merchantkit.programmes.quick_custom.ladder import Ladders
from merchantkit.programmes.quick_custom.measuring import ladders_of, models_of
from merchantkit.programmes.reasons import beside
from merchantkit.rulebook import Rules


def details(
    warehouse: Warehouse,
    day: dt.date | str,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> Mapping[str, pd.DataFrame]:
    """Return further frames of a month: each merchant's quotes.

    Args:
        warehouse: The facts.
        day: The day as of which they were measured.
        rules: The rules by which they were assessed.
        measures: As ``measure`` gives them.
        outcome: What ``assess`` made of those.

    Returns:
        ``quotes``: of one model a merchant, that of its product nearest to eligible, each number of
        ``pieces`` at which something changes, and the advised one: ``merchant_id``, ``model_id``,
        ``product_id``, ``pieces``, ``unit_price_usd``, ``total_usd``, ``lead_time_days``, each of
        the last three with its reason.
    """
    book = rules.programme("quick_custom")
    shown = _shown(measures, outcome).merge(
        models_of(warehouse), on=["merchant_id", "model_id"], how="inner", sort=True
    )
    ladders = ladders_of(warehouse, book)
    return {"quotes": _quotes(shown, ladders, int(book["advised_moq"]))}


def first_of_each(merchants: "pd.Series[Any]", rank: Whole) -> Whole:
    """Return the place of each merchant's row of the least rank, the first one of several.

    >>> first_of_each(pd.Series(["a", "a", "b"]), np.array([2, 1, 5])).tolist()
    [1, 2]
    """
    codes, ids = pd.factorize(merchants)
    order = np.lexsort((rank, codes))
    starts = np.searchsorted(codes[order], np.arange(len(ids)))
    found: Whole = order[starts]
    return found


def _shown(measures: pd.DataFrame, outcome: pd.DataFrame) -> pd.DataFrame:
    eligible, fixes = (Column.of(outcome[column]) for column in ("eligible", "fixes"))
    unknown = np.iinfo(np.int64).max
    rank = np.where(eligible.yes, 0, np.where(fixes.known, fixes.values, unknown))
    bound = np.flatnonzero(measures["moq_pieces"].notna().to_numpy(dtype=bool))
    rows = bound[first_of_each(measures["merchant_id"].iloc[bound], rank[bound])]
    return measures.iloc[rows][["merchant_id", "model_id", "product_id"]]


def _quotes(shown: pd.DataFrame, ladders: Ladders, advised: int) -> pd.DataFrame:
    numbers = Column.of(shown["model"]).values
    model, pieces = ladders.steps()
    # The number that buyers like best is quoted too, where the model goes so low.
    moq = ladders.moq(numbers)
    more = numbers[moq.known & (moq.values <= advised)]
    model = np.concatenate((model, more))
    pieces = np.concatenate((pieces, np.full(len(more), advised)))
    asked = pd.DataFrame({"model": model, "pieces": pieces}).drop_duplicates()
    asked = asked.sort_values(["model", "pieces"], ignore_index=True)
    found = shown.merge(asked, on="model", how="inner")
    model, pieces = (Column.of(found[column]).values for column in ("model", "pieces"))
    offers = ladders.at(model, pieces)
    values = {
        "unit_price_usd": exact(offers.unit),
        "total_usd": exact(offers.total),
        "lead_time_days": offers.days.array(),
    }
    why = {
        "unit_price_usd": offers.no_price.series(found.index),
        "total_usd": offers.no_price.series(found.index),
        "lead_time_days": offers.no_days.series(found.index),
    }
    ids = {name: found[name] for name in ("merchant_id", "model_id", "product_id", "pieces")}
    return pd.DataFrame({**ids, **beside(values, why)}, index=found.index)

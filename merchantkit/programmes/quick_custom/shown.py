"""What a month keeps of the scene beside its products: one model's quotes, and the calendar."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from merchantkit.checks import TEXT
from merchantkit.columns import Column, Whole
from merchantkit.days import as_day
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact
from merchantkit.programmes.moments import day_column
from merchantkit.programmes.quick_custom.calendar import Entry, calendar
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
    """Return further frames of a month: each merchant's quotes, and the scene's calendar.

    Args:
        warehouse: The facts.
        day: The day as of which they were measured: what ended before it is left out.
        rules: The rules by which they were assessed.
        measures: As ``measure`` gives them.
        outcome: What ``assess`` made of those.

    Returns:
        ``quotes``: of one model a merchant, that of its product nearest to eligible, each number of
        ``pieces`` at which something changes, and the advised one: ``merchant_id``, ``model_id``,
        ``product_id``, ``pieces``, ``unit_price_usd``, ``total_usd``, ``lead_time_days``, each of
        the last three with its reason. ``scene``: for each merchant with products, what is dated
        of the scene: ``merchant_id``, ``entry``, ``first_day``, ``last_day``, ``value`` (codes with
        commas between) and ``status``.
    """
    book = rules.programme("quick_custom")
    shown = _shown(measures, outcome).merge(
        models_of(warehouse), on=["merchant_id", "model_id"], how="inner", sort=True
    )
    ladders = ladders_of(warehouse, book)
    merchants = outcome["merchant_id"].astype(TEXT).drop_duplicates().reset_index(drop=True)
    return {
        "quotes": _quotes(shown, ladders, int(book["advised_moq"])),
        "scene": _calendar(merchants, calendar(book, as_day(day))),
    }


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


def _calendar(merchants: "pd.Series[Any]", entries: Sequence[Entry]) -> pd.DataFrame:
    days = {
        name: np.array([getattr(entry, at) or "NaT" for entry in entries], dtype="datetime64[D]")
        for name, at in (("first_day", "first"), ("last_day", "last"))
    }
    index = pd.RangeIndex(len(entries))
    each = pd.DataFrame(
        {
            "entry": _texts(entry.parameter for entry in entries),
            **{name: day_column(at, index) for name, at in days.items()},
            "value": _texts(entry.codes for entry in entries),
            "status": _texts(entry.provision.status for entry in entries),
        },
        index=index,
    )
    return merchants.to_frame().merge(each, how="cross")


def _texts(texts: Any) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(list(texts), pa.string())))

"""Duty on export lines in plain NumPy: a share of the value, cents a kilogram, List 3 or 4A."""

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, Integers, arrow, exact, money, whole

# Percent that is added to goods of China, by heading, in April 2021.
ADDED = {"9903.88.03": "25", "9903.88.15": "7.5"}
RATES = [
    "Free", "2.5%", "3.9%", "5.3%", "6.5%", "11.5%", "16.5%", "32%", "4.4¢/kg", "0.9¢/kg",
    "15.4¢/kg + 40%", "$1.50/kg + 3.2%", "6.9¢/kg + 4.5%",
]  # fmt: skip
# How many kilograms one is.
UNITS = {"kg": Fraction(1), "g": Fraction(1, 1000), "t": Fraction(1000)}
_BY_WEIGHT = re.compile(r"(?:\$([\d.]+)|([\d.]+)¢)/kg")
_SHARE = re.compile(r"([\d.]+)%")


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return lines of codes with each kind of rate, in three units, some not of China."""
    draw = np.random.default_rng(seed)
    picked = {
        "origin": draw.choice(np.array(["CN", "VN"], dtype=object), rows, p=(0.9, 0.1)),
        "general_rate": draw.choice(np.array(RATES, dtype=object), rows),
        "added_headings": draw.choice(np.array([*ADDED, None], dtype=object), rows),
        "unit_1": draw.choice(np.array([*UNITS], dtype=object), rows),
    }
    numbers = np.char.add("x", np.arange(rows).astype(str)).astype(object)
    sellers = np.char.add("m", draw.integers(0, rows // 4 + 1, rows).astype(str)).astype(object)
    value = draw.integers(0, 50_000_000, rows) * (draw.random(rows) > 0.01)
    quantity = Column(draw.integers(0, 50_000_000, rows), np.ones(rows, dtype=bool))
    texts = {name: arrow(values, None, pa.string()) for name, values in picked.items()}
    return pd.DataFrame(
        {
            "line_id": arrow(numbers, None, pa.string()),
            "merchant_id": arrow(sellers, None, pa.string()),
            "destination": arrow(np.full(rows, "US", dtype=object), None, pa.string()),
            "value_usd": money(value, None),
            "quantity_1": exact(quantity, 4, pd.RangeIndex(rows)),
            **texts,
        }
    )


def read(measures: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays: texts as places in short lists, numbers whole."""
    return {
        "value": whole(measures["value_usd"]).whole,
        "quantity": whole(measures["quantity_1"]).whole,
        **{
            name: _places(measures[name])
            for name in ("origin", "general_rate", "added_headings", "unit_1")
        },
    }


def _places(texts: "pd.Series") -> tuple[Integers, list[str | None]]:
    array = pa.array(texts.array)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    coded = array.dictionary_encode()
    found = coded.dictionary.to_pylist()
    return np.asarray(coded.indices.fill_null(len(found))), [*found, None]


def sums(columns: dict[str, Any]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    value, quantity = columns["value"], columns["quantity"]
    (rate, rates), (unit, units) = columns["general_rate"], columns["unit_1"]
    shares = [_share(text or "") for text in rates]
    weights = [
        _by_weight(text or "") * UNITS.get(name or "kg", Fraction(1)) / 10_000
        for text in rates for name in units
    ]  # fmt: skip
    base = _times(value, shares, rate) + _times(quantity, weights, rate * len(units) + unit)
    heading, headings = columns["added_headings"]
    added = [Fraction(ADDED.get(text or "", "0")) / 100 for text in headings]
    origin, origins = columns["origin"]
    mine = origin == origins.index("CN")
    more = np.where(mine, _times(value, added, heading), 0)
    known = np.ones(len(value), dtype=bool)
    total, size = base + more, np.maximum(value, 1)
    percent = (total // size) * 10_000 + (total % size * 20_000 + size) // (2 * size)
    return {
        "base_duty_usd": Column(base, known),
        "added_duty_usd": Column(more, known),
        "duty_usd": Column(total, known),
        "effective_percent": Column(percent, value > 0),
    }


def _share(text: str) -> Fraction:
    found = _SHARE.search(text)
    return Fraction(found[1]) / 100 if found else Fraction()


def _by_weight(text: str) -> Fraction:
    """Cents a kilogram."""
    found = _BY_WEIGHT.search(text)
    if not found:
        return Fraction()
    return Fraction(found[1]) * 100 if found[1] else Fraction(found[2])


def _times(numbers: Integers, ratios: list[Fraction], which: Integers) -> Integers:
    over = np.array([ratio.numerator for ratio in ratios], dtype=np.int64)[which]
    under = np.array([ratio.denominator for ratio in ratios], dtype=np.int64)[which]
    return numbers // under * over + (2 * (numbers % under) * over + under) // (2 * under)


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    return pd.DataFrame({name: exact(column, 2, index) for name, column in sums.items()})

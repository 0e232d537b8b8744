"""Quantities that contradict each other, or cannot be: no duty is calculated from them."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from merchantkit.columns import Column, Flags, Whole
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.plans import Plan

_TEN_THOUSANDTHS = 10_000
_DEGREES = 100 * _TEN_THOUSANDTHS  # pure sugar
_CENT = 100  # in ten-thousandths of a dollar


def impossible(
    plans: Sequence[Plan],
    given: Sequence[Sequence[str | None]],
    which: Whole,
    numbers: Sequence[Column],
    percent: float,
) -> Flags:
    """Return which lines' quantities cannot be, where the rate asks for any.

    Args:
        plans: The plan of each kind of lines.
        given: The units of each kind.
        which: Each line's kind.
        numbers: The lines' values in cents, then their quantities in ten-thousandths.
        percent: By how much two quantities of the same thing may differ, as people round.
    """
    asks = [plan.rate is not None and bool(plan.rate.needs) for plan in plans]
    found: Flags = np.zeros(len(which), dtype=bool)
    if not any(asks):
        return found
    value, *quantities = numbers
    for one, other in combinations(range(len(quantities)), 2):
        sizes = [_size(kind[one], kind[other]) if ask else 0.0
                 for kind, ask in zip(given, asks, strict=True)]  # fmt: skip
        if any(sizes):
            size = np.array(sizes)[which]
            mine, its = quantities[one].values * size, quantities[other].values
            apart = np.abs(mine - its) * 100 > percent * np.maximum(mine, its)
            found |= apart & (size > 0) & quantities[one].known & quantities[other].known
    for at, quantity in enumerate(quantities):
        most = _most([kind[at] if ask else None for kind, ask in zip(given, asks, strict=True)])
        found |= most["degree"][which] & quantity.known & (quantity.values > _DEGREES)
        of_whole = value.known & (quantity.values > value.values * _CENT)
        found |= most[units.USD][which] & quantity.known & of_whole
    return found


def _size(one: str | None, other: str | None) -> float:
    size = units.factor(one, other) if one and other else None
    return float(size) if size is not None else 0.0


def _most(given: Sequence[str | None]) -> dict[str, Flags]:
    """Return of each dimension that has a most which kinds' unit is of it."""
    known = [units.unit(text) if text else None for text in given]
    return {
        name: np.array([unit is not None and unit.dimension == name for unit in known], dtype=bool)
        for name in ("degree", units.USD)
    }

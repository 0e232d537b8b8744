"""Quantities that contradict each other, or cannot be: no duty is calculated from them."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from merchantkit.columns import Column, Flags, Whole
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.plans import Plan
from merchantkit.programmes.tariff.rates import DEGREE

_PLACES = 4
_UNIT = 10**_PLACES  # quantities come in ten-thousandths
_MANY = np.iinfo(np.int64).max
_CENT = 100  # in ten-thousandths of a dollar


def impossible(
    plans: Sequence[Plan],
    given: Sequence[Sequence[str | None]],
    which: Whole,
    numbers: Sequence[Column],
    percent: float,
) -> Flags:
    """Return which lines' quantities cannot be, of those that their rates ask for.

    Two quantities of the same thing may differ by a share, and by half of the coarser one's last
    digit, as people round; nothing beside something says nothing. Degrees go up to 100, and parts
    of an article are together worth no more than it.

    Args:
        plans: The plan of each kind of lines.
        given: The units of each kind.
        which: Each line's kind.
        numbers: The lines' values in cents, then their quantities in ten-thousandths.
        percent: The share.
    """
    found: Flags = np.zeros(len(which), dtype=bool)
    value, *quantities = numbers
    served = [
        [_served(plan, unit) for unit in kind] for plan, kind in zip(plans, given, strict=True)
    ]
    for one, other in combinations(range(len(quantities)), 2):
        same = [kind[one][0] == kind[other][0] is not None for kind in served]
        if any(same):
            sizes = [np.array([kind[at][1] for kind in served])[which] for at in (one, other)]
            apart = _apart(quantities[one], quantities[other], sizes, percent)
            found |= apart & np.array(same)[which]
    parts: Whole = np.zeros(len(which), dtype=np.int64)
    for at, quantity in enumerate(quantities):
        bases = [kind[at][0] for kind in served]
        if DEGREE in bases:
            # A rate by degree says itself how many pure sugar has.
            most = [plan.rate.degrees.degrees * _UNIT
                    if basis == DEGREE and plan.rate is not None and plan.rate.degrees is not None
                    else _MANY for plan, basis in zip(plans, bases, strict=True)]  # fmt: skip
            found |= quantity.known & (quantity.values > np.array(most, dtype=np.int64)[which])
        of_part = np.array([_is_part(basis) for basis in bases], dtype=bool)
        if bool(of_part.any()):
            parts += np.where(of_part[which] & quantity.known, quantity.values, 0)
    return found | (value.known & (parts > value.values * _CENT))


def _served(plan: Plan, text: str | None) -> tuple[str | None, float]:
    """Return the basis of a plan's rate that a unit is a quantity of, and how many of it one is."""
    for basis in plan.rate.needs if plan.rate is not None and text else ():
        size = units.factor(text or "", basis)
        if size is not None:
            return basis, float(size)
    return None, 1.0


def _is_part(basis: str | None) -> bool:
    found = units.unit(basis) if basis is not None else None
    return found is not None and found.dimension == units.USD


def _apart(
    one: Column, other: Column, sizes: Sequence[npt.NDArray[np.float64]], percent: float
) -> Flags:
    amounts = [column.values * size for column, size in zip((one, other), sizes, strict=True)]
    last = [_last(column.values) * size for column, size in zip((one, other), sizes, strict=True)]
    allowed = np.maximum(np.maximum(*amounts) * percent / 100, np.maximum(*last) / 2)
    apart: Flags = np.abs(amounts[0] - amounts[1]) > allowed * (1 + 1e-9)
    return apart & one.known & other.known & (one.values > 0) & (other.values > 0)


def _last(values: Whole) -> Whole:
    """Return what a number's last digit that is not zero counts, one at most."""
    last: Whole = np.ones(len(values), dtype=np.int64)
    for places in range(1, _PLACES + 1):
        ten = 10**places
        last = np.where(values % ten == 0, ten, last)
    return last

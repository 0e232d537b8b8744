"""Amounts in whole cents for all lines at once, from the plans of their kinds."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from merchantkit.columns import Column, Flags, Whole
from merchantkit.programmes.tariff.plans import OF_NOTHING, OF_VALUE, Plan, uncommon_cents


def product(numbers: Whole, ratio: "Fraction | tuple[Whole, Whole]") -> Whole:
    """Return whole numbers from 0 times a ratio, rounded half up, without leaving 64 bits.

    >>> product(np.array([100_000, 50]), Fraction(115, 1000)).tolist()
    [11500, 6]
    """
    over, under = ratio.as_integer_ratio() if isinstance(ratio, Fraction) else ratio
    # In two parts, as the product of the whole would not always fit.
    parts: Whole = numbers // under
    rest: Whole = numbers % under
    found: Whole = parts * over + (2 * rest * over + under) // (2 * under)
    return found


class Amounts:
    """The parts of each line's base duty, and its added duty.

    Args:
        plans: The plan of each kind.
        which: Each line's kind.
        numbers: The lines' values in cents, then their quantities in ten-thousandths.
    """

    def __init__(self, plans: Sequence[Plan], which: Whole, numbers: Sequence[Column]) -> None:
        self._plans, self._which, self._numbers = plans, which, numbers
        self._uncommon = [(kind, p.uncommon) for kind, p in enumerate(plans) if p.uncommon]
        width = max((_width(plan) for plan in plans), default=0)
        self.parts = [self._part(place) for place in range(width)]
        for kind, uncommon in self._uncommon:
            self._fill(kind, uncommon)
        self.base = self._sum()
        self.added = self._added()

    def hide(self, wrong: Flags) -> None:
        """Take the base duty away where the quantities cannot be."""
        self.base = self.base.hidden(wrong)
        self.parts = [part.hidden(wrong) for part in self.parts]

    def _part(self, place: int) -> Column:
        of = [p.parts[place].of if place < len(p.parts) else OF_NOTHING for p in self._plans]
        ratios = [p.parts[place].ratio if place < len(p.parts) else Fraction() for p in self._plans]
        picked = self._picked(of)
        cents = product(picked.values, self._each(ratios))
        return Column(cents, picked.known)

    def _each(self, ratios: Sequence[Fraction]) -> tuple[Whole, Whole]:
        """Return each line's ratio as what it is over what."""
        over = np.array([ratio.numerator for ratio in ratios], dtype=np.int64)
        under = np.array([ratio.denominator for ratio in ratios], dtype=np.int64)
        return over[self._which], under[self._which]

    def _picked(self, of: list[int]) -> Column:
        """Return of each line the number that its plan names; of nothing anything, and known."""
        kinds = np.array(of, dtype=np.int64)
        nothing = (kinds == OF_NOTHING)[self._which]
        named = sorted(set(of) - {OF_NOTHING})
        if len(named) == 1:
            number = self._numbers[named[0]]
            return Column(number.values, number.known | nothing)
        values, known = np.zeros(len(nothing), dtype=np.int64), nothing
        for place in named:
            mine, number = (kinds == place)[self._which], self._numbers[place]
            values = np.where(mine, number.values, values)
            known = np.where(mine, number.known, known)
        return Column(values, known)

    def _fill(self, kind: int, uncommon: Any) -> None:
        rows = np.flatnonzero(self._which == kind)
        asked = {OF_VALUE, *(at for _, at, _ in uncommon.numbers)}
        known: Flags = np.logical_and.reduce([self._numbers[at].known[rows] for at in asked])
        lines = np.stack([number.values[rows] for number in self._numbers], axis=1).tolist()
        cents = [uncommon_cents(uncommon, line) for line in lines]
        filled: npt.NDArray[np.int64] = np.array(cents, dtype=np.int64).reshape(len(rows), -1)
        for place in range(filled.shape[1]):
            part = self.parts[place]
            part.values[rows] = filled[:, place]
            part.known[rows] = known

    def _sum(self) -> Column:
        rows = len(self._which)
        total, known = np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=bool)
        for part in self.parts:
            total += part.values
            known &= part.known
        certain = np.array([plan.reason is None for plan in self._plans], dtype=bool)
        return Column(total, known & certain[self._which])

    def _added(self) -> Column:
        value = self._numbers[OF_VALUE]
        cents = product(value.values, self._each([plan.added.share for plan in self._plans]))
        told = np.array([plan.added.reason is None for plan in self._plans], dtype=bool)
        return Column(cents, value.known & told[self._which])


def _width(plan: Plan) -> int:
    if plan.uncommon is None:
        return len(plan.parts)
    return 1 if plan.uncommon.rate.degrees is not None else len(plan.uncommon.rate.terms)

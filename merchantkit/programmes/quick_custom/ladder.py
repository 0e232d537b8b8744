"""A customization model's ladder: unit price, total and lead time for any number of pieces.

Slides RTS小单快定场景报名期商家行动点 (起订量与交期) and RTS小单快定商品买家端展示. Prices change
*from* so many pieces on, lead times hold *up to* so many. To be negotiated (待协商) is a step that
says so, and what lies beyond the last; a step that says nothing is not given. One number of pieces
and a million are worked out by the same lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from merchantkit.columns import Column, Flags, Whole
from merchantkit.errors import MeasureError
from merchantkit.money import LIMIT_CENTS, cents, from_cents
from merchantkit.programmes.reasons import Reason, Reasons

Amount = int | float | str | Decimal
# Of a step: its days; that they are to be negotiated; or nothing, where it is not given.
LeadTime = int | Literal["to_be_negotiated"] | None

# A model's number and a number of pieces make one sorted key; nobody orders that many pieces.
_STRIDE = 2**32
_HUNDREDTHS = 10_000  # of a percent, in a whole


@dataclass(frozen=True, eq=False)
class Offers:
    """What so many pieces of a model cost, and when they are sent; one a row.

    Attributes:
        unit: The price of a piece in cents.
        total: The price of all in cents.
        points: What is paid of the full price, in hundredths of a percent.
        days: The lead time in calendar days from the buyer's payment to dispatch.
        negotiated: Where the lead time is to be negotiated (待协商).
        no_price: Why a price is not known.
        no_days: Why a lead time is not known.
    """

    unit: Column
    total: Column
    points: Column
    days: Column
    negotiated: Flags
    no_price: Reasons
    no_days: Reasons


@dataclass(frozen=True, eq=False)
class Ladders:
    """Many models' ladders, each model known by its number from 0.

    Attributes:
        price: Each model's base price with its surcharges, in cents.
        price_steps: Sorted keys of model and least pieces.
        basis_points: What is paid of the full price on each of these, in hundredths of a percent.
        time_steps: Sorted keys of model and most pieces.
        days: The lead time on each of these; not known where it is to be negotiated or not given.
        asks: Which of these say that it is to be negotiated; days that stand there too hold.
    """

    price: Column
    price_steps: Whole
    basis_points: Whole
    time_steps: Whole
    days: Column
    asks: Flags

    @classmethod
    def of(
        cls,
        price: Column,
        prices: tuple[Whole, Whole, Whole],
        times: tuple[Whole, Whole, Column, Flags],
    ) -> "Ladders":
        """Return the ladders of models whose steps come in any order.

        Args:
            price: Each model's base price with its surcharges, in cents.
            prices: Of each step its model, its least pieces, and what is paid in basis points.
            times: Of each step its model, its most pieces, its days, and whether it says that
                they are to be negotiated.
        """
        from_keys, up_to_keys = (_keys(*steps[:2]) for steps in (prices, times))
        by_from, by_up_to = np.argsort(from_keys), np.argsort(up_to_keys)
        days = times[2]
        return cls(
            price, from_keys[by_from], prices[2][by_from], up_to_keys[by_up_to],
            Column(days.values[by_up_to], days.known[by_up_to]), times[3][by_up_to],
        )  # fmt: skip

    def moq(self, model: Whole) -> Column:
        """Return each model's smallest MOQ; not known where it has no price tier, or below 0.

        >>> Ladder("1.00", 0, {50: 95, 30: 100}).columns.moq(np.array([0])).series().tolist()
        [30]
        """
        at, found = _at(self.price_steps, _keys(model, np.zeros_like(model)), model)
        return Column(at % _STRIDE, found)

    def at(self, model: Whole, pieces: Whole) -> Offers:
        """Return what so many pieces of each model cost and take; a model below 0 is none.

        >>> ladders = Ladder("1.00", 0, {1: 100}, {50: 5}).columns
        >>> ladders.at(np.array([0, 0]), np.array([50, 51])).days.series().tolist()
        [5, <NA>]
        """
        rows, keys = len(model), _keys(model, pieces)
        moq = self.moq(model)
        below = moq.known & (pieces < moq.values)
        no_offer = Reasons.none(rows).added(~moq.known, Reason.NO_PRICE_TIERS)
        no_offer = no_offer.added(below, Reason.BELOW_MOQ)
        open_ = ~no_offer.given

        step = np.searchsorted(self.price_steps, keys, side="right") - 1
        full = _taken(self.price, model)
        points = _picked(self.basis_points, step)
        unit, total, beyond = priced(full, points, pieces)
        no_price = no_offer.added(~full.known, Reason.NO_MODEL_PRICE)
        no_price = no_price.added(beyond, Reason.BEYOND_MONEY)

        # At the edge of a step the bounded one holds: 50 pieces take what "up to 50" takes.
        _, within = _at(self.time_steps, keys, model)
        place = np.searchsorted(self.time_steps, keys)
        days = _taken(self.days, place).hidden(~within | ~open_)
        _, any_ = _at(self.time_steps, _keys(model, np.zeros_like(model)), model)
        asks = ~within | _picked(self.asks, place)
        negotiated = open_ & any_ & ~days.known & asks
        no_days = no_offer.added(~any_, Reason.NO_LEAD_TIMES)
        no_days = no_days.added(negotiated, Reason.TO_BE_NEGOTIATED)
        no_days = no_days.added(~days.known, Reason.NOT_GIVEN)
        hide = no_price.given
        return Offers(
            unit.hidden(hide), total.hidden(hide), Column(points, open_), days, negotiated,
            no_price, no_days,
        )  # fmt: skip

    def steps(self) -> tuple[Whole, Whole]:
        """Return model and pieces of every step: where something changes, from the MOQ on.

        >>> Ladder("1.00", 0, {10: 100}, {50: 5}).columns.steps()[1].tolist()
        [10, 50, 51]
        """
        beyond = self.time_steps + 1
        keys = np.unique(np.concatenate((self.price_steps, self.time_steps, beyond)))
        model, pieces = keys // _STRIDE, keys % _STRIDE
        moq = self.moq(model)
        kept = moq.known & (pieces >= moq.values)
        return model[kept], pieces[kept]


def priced(full: Column, basis_points: Whole, pieces: Whole) -> tuple[Column, Column, Flags]:
    """Return the price of a piece and of all in cents, and where they are beyond any amount.

    The unit price is rounded half up to the cent, and the total is so many times that: as the
    slide prints it, 30 × 9.65 = 289.50.

    Args:
        full: Base price with surcharges, in cents.
        basis_points: What is paid of it, in hundredths of a percent.
        pieces: How many.

    >>> full, points = Column.all_known(np.array([965])), np.array([10_000])
    >>> unit, total, beyond = priced(full, points, np.array([30]))
    >>> unit.values.tolist(), total.values.tolist(), beyond.tolist()
    ([965], [28950], [False])
    """
    ends = (int(part.max(initial=1)) for part in (full.values, basis_points, pieces))
    if prod(ends) < LIMIT_CENTS:
        unit = (full.values * basis_points + _HUNDREDTHS // 2) // _HUNDREDTHS
        return Column(unit, full.known), Column(unit * pieces, full.known), ~full.known & False
    # In two parts, as the product of the whole would not always fit in 64 bits.
    parts, rest = divmod(full.values, _HUNDREDTHS)
    unit = parts * basis_points + (rest * basis_points + _HUNDREDTHS // 2) // _HUNDREDTHS
    size = full.values.astype(float) * (basis_points / _HUNDREDTHS) * np.maximum(pieces, 1)
    # Twice as much fits in 64 bits, so what is near the end is compared exactly.
    known = full.known & (size < 2 * LIMIT_CENTS) & (unit * pieces < LIMIT_CENTS)
    return Column(unit, known), Column(unit * pieces, known), full.known & ~known


def _keys(model: Whole, pieces: Whole) -> Whole:
    keys: Whole = model * _STRIDE + np.clip(pieces, 0, _STRIDE - 2)
    return keys


def _at(steps: Whole, keys: Whole, model: Whole) -> tuple[Whole, Flags]:
    """Return the first step at or after each key, and whether it is the same model's."""
    place = np.searchsorted(steps, keys)
    found = _picked(steps, place)
    return found, (place < len(steps)) & (model >= 0) & (found // _STRIDE == model)


def _picked(values: npt.NDArray[Any], places: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return values at places, those outside at the nearest; zeros if there are none."""
    if not len(values):
        return np.zeros(len(places), dtype=values.dtype)
    picked: npt.NDArray[Any] = values[np.clip(places, 0, len(values) - 1)]
    return picked


def _taken(column: Column, places: npt.NDArray[Any]) -> Column:
    inside = (places >= 0) & (places < len(column.values))
    return Column(_picked(column.values, places), _picked(column.known, places) & inside)


# --- one model ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ladder:
    """One model's prices and lead times, as it is set up in the back office.

    Attributes:
        base_price_usd: The base style's price (基础款价格); ``None`` if it is not known.
        surcharge_usd: The sum of the customization surcharges (定制属性加价); ``None`` likewise.
        discounts: From so many pieces on → the percentage of the full price that is paid.
        lead_times: Up to so many pieces → days; ``to_be_negotiated``; ``None``, if not given.
    """

    base_price_usd: Amount | None
    surcharge_usd: Amount | None = 0
    discounts: Mapping[int, Amount] = field(default_factory=dict)
    lead_times: Mapping[int, LeadTime] = field(default_factory=dict)

    @property
    def columns(self) -> Ladders:
        """The same as a column of one model, whose number is 0."""
        parts = self.base_price_usd, self.surcharge_usd
        full = None if None in parts else sum(cents(part) for part in parts if part is not None)
        days = list(self.lead_times.values())
        return Ladders.of(
            Column(np.array([full or 0]), np.array([full is not None])),
            (
                np.zeros(len(self.discounts), dtype=np.int64),
                np.array([*self.discounts], dtype=np.int64),
                np.array([cents(percent) for percent in self.discounts.values()], dtype=np.int64),
            ),
            (
                np.zeros(len(days), dtype=np.int64),
                np.array([*self.lead_times], dtype=np.int64),
                Column(
                    np.array([each if isinstance(each, int) else 0 for each in days], np.int64),
                    np.array([isinstance(each, int) for each in days], dtype=bool),
                ),
                np.array([isinstance(each, str) for each in days], dtype=np.bool_),
            ),
        )


@dataclass(frozen=True)
class Quote:
    """What so many pieces of a model cost, and when they are sent.

    Attributes:
        pieces: How many.
        unit_price_usd: The price of one; ``None`` with ``price_reason``.
        total_usd: The price of all; likewise.
        lead_time_days: Calendar days from payment to dispatch; ``None`` with ``lead_time_reason``,
            which is ``to_be_negotiated`` beyond the last step, too.
    """

    pieces: int
    unit_price_usd: Decimal | None
    total_usd: Decimal | None
    lead_time_days: int | None
    price_reason: str | None
    lead_time_reason: str | None


def quote(ladder: Ladder, pieces: int) -> Quote:
    """Return what so many pieces of a model cost, and when they are sent.

    Raises:
        MeasureError: Not a number of pieces, or an amount that is none.

    >>> shown = Ladder("7.65", "2.00", {30: 100}, {50: 7})
    >>> quoted = quote(shown, 30)
    >>> quoted.unit_price_usd, quoted.total_usd, quoted.lead_time_days
    (Decimal('9.65'), Decimal('289.50'), 7)
    >>> quote(shown, 51).lead_time_reason, quote(shown, 29).price_reason
    ('to_be_negotiated', 'below_moq')
    """
    if isinstance(pieces, bool) or int(pieces) != pieces or not 0 < pieces < _STRIDE - 2:
        raise MeasureError(f"{pieces} is no number of pieces", remedy="give a whole number from 1")
    offers = ladder.columns.at(np.zeros(1, dtype=np.int64), np.array([pieces], dtype=np.int64))
    unit, total = (_only(from_cents(part.series())) for part in (offers.unit, offers.total))
    days = int(offers.days.values[0]) if offers.days.known[0] else None
    no_price, no_days = (_only(pd.Series(why.array())) for why in (offers.no_price, offers.no_days))
    return Quote(int(pieces), unit, total, days, no_price, no_days)


def _only(column: "pd.Series[Any]") -> Any:
    (value,) = column
    return None if pd.isna(value) else value

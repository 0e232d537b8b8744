"""Exact money: whole cents inside, decimals with two places at the door, never binary floats."""

import decimal
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from merchantkit.columns import Column, Whole, arrow
from merchantkit.errors import MeasureError

MONEY_TYPE = pa.decimal128(18, 2)
MONEY = pd.ArrowDtype(MONEY_TYPE)
Numbers = TypeVar("Numbers", "pd.Series[Any]", Whole)
Rounding = Literal["down", "half_up", "up"]

# decimal128(18, 2) holds sixteen digits before the point; more is a mistake, not a turnover.
LIMIT_CENTS = 10**18
_CENT = Decimal("0.01")
_HUNDREDTHS = 10_000  # of a percent, in a whole
# Wide enough that quantising any value below the limit is exact whatever the caller's context is.
_CONTEXT = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_UP)


def cents(amount: int | float | str | Decimal) -> int:
    """Return one amount in whole cents, rounded half up (away from zero) once.

    A float enters through its ``repr``: 0.285 is 28.5 cents, which is 29, although its binary
    value lies below.

    Raises:
        MeasureError: The amount is no number, infinite, or beyond 16 digits.

    >>> cents(0.285), cents("34,999.99".replace(",", "")), cents(Decimal("-1.005"))
    (29, 3499999, -101)
    """
    if isinstance(amount, bool):
        raise _no_amount(amount)
    try:
        text = repr(float(amount)) if isinstance(amount, float) else str(amount).strip()
        exact = Decimal("" if "_" in text else text)
        rounded = int(exact.quantize(_CENT, context=_CONTEXT).scaleb(2, context=_CONTEXT))
    except (decimal.InvalidOperation, ValueError, OverflowError):
        raise _no_amount(amount) from None
    if abs(rounded) >= LIMIT_CENTS:
        raise _no_amount(amount)
    return rounded


def to_cents(amounts: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of amounts as whole cents.

    Args:
        amounts: Any of int, float, str, Decimal or Arrow decimal; missing stays missing.

    Returns:
        ``Int64`` on the same index.

    Raises:
        MeasureError: Some value is no amount; the first few are named.

    >>> to_cents(pd.Series([0.1, 25000, None])).tolist()
    [10, 2500000, <NA>]
    """
    if amounts.dtype.kind == "f" and getattr(amounts.dtype, "itemsize", 8) < 8:
        # The repr of a short float is its own, not that of the long one it becomes.
        amounts = amounts.astype("float32").astype("str")
    quick = _arrow_cents(amounts) if isinstance(amounts.dtype, pd.ArrowDtype) else None
    if quick is None and amounts.dtype.kind in "iu":
        quick = _whole_cents(amounts)
    if quick is not None:
        return pd.Series(quick, index=amounts.index, name=amounts.name)
    known = amounts.notna().to_numpy()
    whole = np.zeros(len(amounts), dtype=np.int64)
    whole[known] = np.fromiter(_each(amounts[known]), dtype=np.int64, count=int(known.sum()))
    filled = pd.arrays.IntegerArray(whole, ~known)
    return pd.Series(filled, index=amounts.index, name=amounts.name)


def from_cents(whole: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return whole cents as exact decimals with two places (``decimal128(18, 2)``).

    >>> from_cents(pd.Series([2500000, None], dtype="Int64")).tolist()
    [Decimal('25000.00'), <NA>]
    """
    return from_units(whole, 2)


def from_units(whole: "pd.Series[Any]", places: int) -> "pd.Series[Any]":
    """Return whole numbers of the smallest unit as exact decimals (``decimal128(18, places)``).

    >>> from_units(pd.Series([247212], dtype="Int64"), 1).tolist()
    [Decimal('24721.2')]
    """
    return pd.Series(exact(Column.of(whole), places), index=whole.index, name=whole.name)


def exact(whole: Column, places: int = 2) -> ExtensionArray:
    """Return the same of a ``Column``, to be put into a frame: cents, unless told otherwise."""
    # A decimal128 is a 16-byte little-endian integer: the low word, and its sign spread out.
    words = np.empty((len(whole.values), 2), dtype="<i8")
    words[:, 0] = whole.values
    np.right_shift(whole.values, 63, out=words[:, 1])
    known = pa.py_buffer(np.packbits(whole.known, bitorder="little"))
    kind = pa.decimal128(18, places)
    array = pa.Array.from_buffers(kind, len(words), [known, pa.py_buffer(words)])
    return pd.arrays.ArrowExtensionArray(array)


def portion(whole: Numbers, basis_points: int, rounding: Rounding) -> Numbers:
    """Return a share of whole numbers from 0 up, in hundredths of a percent, as whole numbers.

    Args:
        whole: A Series or an int64 array.
        basis_points: How many hundredths of a percent.
        rounding: What becomes of less than one.

    >>> portion(pd.Series([7, 10**18]), 6000, "up").tolist()
    [5, 600000000000000000]
    """
    added = {"down": 0, "half_up": _HUNDREDTHS // 2, "up": _HUNDREDTHS - 1}[rounding]
    # In two parts, as the product of the whole would not always fit in 64 bits.
    parts, rest = divmod(whole, _HUNDREDTHS)
    return parts * basis_points + (rest * basis_points + added) // _HUNDREDTHS


def half_up(total: Whole, of: Whole) -> Whole:
    """Return whole numbers divided by others from 1 up, halves rounded away from zero.

    >>> half_up(np.array([5, -5, 7]), np.array([2, 2, 3])).tolist()
    [3, -3, 2]
    """
    negative = total < 0
    if not bool(negative.any()):
        rounded: Whole = (2 * total + of) // (2 * of)
        return rounded
    size = (2 * np.abs(total) + of) // (2 * of)
    return np.where(negative, -size, size)


def exact_mean(total: Whole, of: Whole) -> ExtensionArray:
    """Return means to two decimals, half up; missing where they are of nothing.

    >>> exact_mean(np.array([10, 1]), np.array([3, 0])).tolist()
    [Decimal('3.33'), <NA>]
    """
    known = of > 0
    return exact(Column(half_up(total * 100, np.where(known, of, 1)), known))


def _each(values: Iterable[Any]) -> Iterable[int]:
    # Equal values are common (0, a price list), so each is parsed once.
    seen: dict[Any, int] = {}
    for value in values:
        if value not in seen:
            seen[value] = cents(value.item() if isinstance(value, np.generic) else value)
        yield seen[value]


def _arrow_cents(amounts: "pd.Series[Any]") -> Any:
    kind = amounts.dtype.pyarrow_dtype  # type: ignore[union-attr]
    if pa.types.is_integer(kind):
        return _whole_cents(amounts)
    if not pa.types.is_decimal(kind):
        return None
    money = arrow(amounts)
    if kind != MONEY_TYPE:
        try:
            money = pc.round(money, ndigits=2, round_mode="half_towards_infinity").cast(MONEY_TYPE)
        except pa.ArrowInvalid:
            raise _no_amount("an amount beyond 16 digits") from None
    words = np.frombuffer(money.buffers()[1], dtype="<i8").reshape(-1, 2)
    low, high = words[money.offset : money.offset + len(money)].T
    unknown = np.asarray(money.is_null())
    # Eighteen digits, which the type promises, fit in the low word; then the high one is its sign.
    if bool(((high != low >> 63) & ~unknown).any()):
        raise _no_amount("an amount beyond 16 digits")
    return pd.arrays.IntegerArray(np.where(unknown, 0, low), unknown)


def _whole_cents(amounts: "pd.Series[Any]") -> Any:
    most = LIMIT_CENTS // 100
    if bool(((amounts >= most) | (amounts <= -most if amounts.dtype.kind == "i" else False)).any()):
        raise _no_amount("an amount beyond 16 digits")
    return (amounts.astype("Int64") * 100).array


def _no_amount(value: object) -> MeasureError:
    return MeasureError(
        f"{str(value)[:60]!r} is no amount of money",
        remedy="give a number such as 25000 or 34999.99, or leave it empty",
    )

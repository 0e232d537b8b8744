"""A question as one line to be assessed; what cannot be is refused in the words of the question."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from merchantkit.errors import MeasureError
from merchantkit.facts.tariff.countries import country
from merchantkit.money import cents
from merchantkit.programmes.tariff import refusals, units
from merchantkit.programmes.tariff.lines import MOST_UNITS, MOST_USD, QUANTITIES, UNITS

Number = int | float | str | Decimal
_PLACES, _DIGITS = 4, 40
_CENTS = 100


def as_line(
    value: Number, quantities: Mapping[str, Number], origin: str, to: str
) -> dict[str, Any]:
    """Return a question's value, quantities and countries as one line.

    Raises:
        MeasureError: A number, unit or country cannot be, or there are too many quantities.

    >>> as_line(1000, {"doz": 10}, "中国", "US")["origin"]
    'CN'
    """
    if len(quantities) > len(UNITS):
        raise MeasureError(
            f"{len(quantities)} quantities were given, a line has {len(UNITS)}",
            remedy="give those that the rate names",
            kind="too_many_quantities", parts={"given": len(quantities), "most": len(UNITS)},
        )  # fmt: skip
    refusals.refuse_unknown_units(quantities)
    _refuse_value(value)
    made: dict[str, Any] = {
        "line_id": "1", "merchant_id": "-", "origin": two_letters(origin, "origin"),
        "destination": two_letters(to, "destination"), "value_usd": value,
    }  # fmt: skip
    for (unit, amount), named, counted in zip(quantities.items(), UNITS, QUANTITIES, strict=False):
        made |= dict(zip((counted, named), _exact(amount, unit), strict=True))
    return made


def two_letters(text: str, what: str) -> str:
    """Return a country in two letters.

    Args:
        text: As it is written.
        what: Whether it is the origin or the destination.

    Raises:
        MeasureError: It is no country's name.
    """
    code = country(text)
    if code is None:
        raise MeasureError(
            f"{text[:24]!r} is no {what}", remedy="write two letters, such as CN",
            kind=f"{what}_unknown", parts={"text": text[:24]},
        )  # fmt: skip
    return code


def _refuse_value(value: Number) -> None:
    try:
        whole = cents(value)
    except MeasureError:
        problem = "is no amount of money"
    else:
        if 0 <= whole < MOST_USD * _CENTS:
            return
        problem = "is negative" if whole < 0 else "is absurdly large"
    text = str(value)[:40]
    raise MeasureError(
        f"the value cannot be {text!r}: it {problem}", remedy="give a number such as 1000.00",
        kind="value_wrong", parts={"text": text},
    )  # fmt: skip


def _exact(amount: Number, unit: str) -> tuple[Number, str]:
    """Return a quantity in a unit in which four decimals keep it: 0.12344 t are 123.44 kg."""
    text = str(amount).strip()
    if not text:
        return amount, unit  # which is none
    try:
        given = Decimal("" if "_" in text else text)
    except InvalidOperation:
        raise _no_quantity(text, unit, "is no number") from None
    if not given.is_finite():
        raise _no_quantity(text, unit, "is no number")
    if given < 0:
        raise _no_quantity(text, unit, "is negative")
    if given and given.adjusted() < -_DIGITS:
        return 0, unit  # what is absurdly small would be long as a fraction
    found = units.exact(Fraction(given), unit, _PLACES) if given < MOST_UNITS else None
    if found is None or found[0] >= MOST_UNITS:
        raise _no_quantity(text, unit, "is absurdly large")
    many, own = found
    return (amount, unit) if own == unit else (Decimal(many.numerator) / many.denominator, own)


def _no_quantity(text: str, unit: str, problem: str) -> MeasureError:
    return MeasureError(
        f"the quantity in {unit[:24]} cannot be {text[:40]!r}: it {problem}",
        remedy="give a number such as 12.5",
        kind="quantity_wrong", parts={"unit": unit[:24], "text": text[:40]},
    )  # fmt: skip

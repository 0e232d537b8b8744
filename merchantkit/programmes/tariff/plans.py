"""How the duty of one kind of line is calculated: which rate holds, and what it is taken of.

A plan is made once for each kind of line, from texts; the amounts of all lines are then calculated
in columns (``amounts``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from merchantkit.programmes.reasons import Reason
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.added import NOTHING, Added, added, beyond_record
from merchantkit.programmes.tariff.rates import (
    DEGREE,
    EACH,
    VALUE,
    ByDegree,
    Form,
    Rate,
    Term,
    parse,
)
from merchantkit.programmes.tariff.special import special
from merchantkit.rulebook import ProgrammeRules

GENERAL, SPECIAL, COLUMN_2 = "general", "special", "column_2"
# The line's value in cents is the first of its numbers, its quantities follow.
OF_VALUE, OF_NOTHING = 0, -1
_CENTS = 100
_QUANTITY = 10_000  # quantities come in ten-thousandths
_MOST, _STEEP = 1_000_000_000_000_000_000, 4096


class Line(NamedTuple):
    """What decides a line's rate; texts are None where they are missing."""

    origin: str | None  # also where the destination is not known
    known_destination: bool
    by_origin: bool  # whether the rules by origin are the destination's
    bears_added: bool
    is_column_2: bool
    general: str | None
    special: str | None
    column_2: str | None
    headings: tuple[str, ...]
    column_2_headings: tuple[str, ...]
    units: tuple[str | None, ...]


class Part(NamedTuple):
    """One part of a rate: cents for each unit of one of the line's numbers.

    Attributes:
        of: Which number: the value, or one of the quantities.
        ratio: Cents for each cent of value or ten-thousandth of a quantity.
        text: As the rate says it.
    """

    of: int
    ratio: Fraction
    text: str


@dataclass(frozen=True)
class Uncommon:
    """A rate that is no plain sum (by degree, some units free), or too fine for 64 bits."""

    rate: Rate
    numbers: tuple[tuple[str, int, Fraction], ...]


@dataclass(frozen=True)
class Plan:
    """How one kind of line is calculated.

    Attributes:
        column: Which column's rate holds: general, special, column_2.
        symbol: The symbol in the special column by which it holds.
        rate: The rate as an expression; None where it is missing.
        parts: What is added up; empty where the rate is free, uncommon or not known.
        uncommon: The expression in place of parts.
        added: The added duty.
        reason: Why no duty is known, whatever the line's numbers are.
        needs: Quantities that the rate names and the line does not have.
    """

    column: str | None = None
    symbol: str | None = None
    rate: Rate | None = None
    parts: tuple[Part, ...] = ()
    uncommon: Uncommon | None = None
    added: Added = NOTHING
    reason: Reason | None = None
    needs: tuple[str, ...] = ()


class OnDay:
    """What the rules of a day say, looked up once for all kinds of lines."""

    def __init__(self, book: ProgrammeRules) -> None:
        self._book = book
        self._added: dict[tuple[str, ...], Added] = {(): NOTHING}
        self._beyond: dict[str | None, Added | None] = {}
        self._replaced = frozenset(book["column_2_replaced_origins"])
        self._symbols: dict[str, list[str]] = {}
        for row in book["special_programmes"]:
            for origin in row["origins"].split():
                self._symbols.setdefault(origin, []).append(row["symbol"])

    def added(self, line: Line) -> Added:
        """Return the added duty that a line bears."""
        if line.by_origin and (beyond := self._beyond_record(line.origin)) is not None:
            return beyond
        headings = line.headings if line.bears_added else ()
        if headings not in self._added:
            self._added[headings] = added(headings, self._book)
        return self._added[headings]

    def replaces_column_2(self, line: Line) -> bool:
        """Whether a rate of chapter 99 stands in place of column 2's for a line."""
        return line.origin in self._replaced and bool(line.column_2_headings)

    def _beyond_record(self, origin: str | None) -> Added | None:
        if origin not in self._beyond:
            rule = beyond_record(origin, self._book)
            told = Added(reason=Reason.ADDED_NOT_DETERMINABLE, beyond=rule) if rule else None
            self._beyond[origin] = told
        return self._beyond[origin]

    def symbols(self, origin: str | None) -> list[str]:
        """Return the symbols in the special column by which an origin has a rate."""
        return self._symbols.get(origin or "", [])


def plan(line: Line, on_day: OnDay) -> Plan:
    """Return how a kind of line is calculated under the rules of a day."""
    more = on_day.added(line)
    if not line.known_destination:
        return Plan(reason=Reason.DESTINATION_WITHOUT_SCHEDULE)
    # Whose row is not known, of that nobody knows the footnotes either.
    if line.origin is None or line.general is None:
        return Plan(added=Added(reason=Reason.NOT_GIVEN), reason=Reason.NOT_GIVEN)
    column, symbol, text = _column(line, on_day)
    if text is None:
        # Why no rate is there is told by the measures.
        return Plan(column, symbol, added=more, reason=Reason.NOT_GIVEN)
    rate = parse(text)
    if column == COLUMN_2 and on_day.replaces_column_2(line):
        return Plan(column, symbol, rate, added=more, reason=Reason.COLUMN_2_REPLACED)
    if rate.form in (Form.REFUSED, Form.ADDED):
        return Plan(column, symbol, rate, added=more, reason=Reason.RATE_NOT_UNDERSTOOD)
    if rate.form is Form.REFERRED:
        return Plan(column, symbol, rate, added=more, reason=Reason.RATE_OF_ANOTHER_ARTICLE)
    return _measured(column, symbol, rate, more, line.units)


def _column(line: Line, on_day: OnDay) -> tuple[str, str | None, str | None]:
    if line.is_column_2:
        return COLUMN_2, None, line.column_2
    symbols = on_day.symbols(line.origin) if line.by_origin else []
    if symbols and line.special:
        stated, whole = special(line.special)
        # A star or plus keeps some goods or countries out, which nobody can see from here.
        for symbol in symbols:
            if symbol in stated and not stated[symbol].startswith("See"):
                return SPECIAL, symbol, stated[symbol]
        if not whole and any(symbol not in stated for symbol in symbols):
            return SPECIAL, None, line.special
    return GENERAL, None, line.general


def _measured(
    column: str, symbol: str | None, rate: Rate, more: Added, given: Sequence[str | None]
) -> Plan:
    found = {basis: _number(basis, given) for basis in rate.needs}
    needs = tuple(units.asked(basis) for basis, number in found.items() if number is None)
    if needs:
        return Plan(column, symbol, rate, added=more, reason=Reason.QUANTITY_NEEDED, needs=needs)
    numbers = {basis: number for basis, number in found.items() if number is not None}
    parts = tuple(_part(term, numbers) for term in rate.terms)
    plain = rate.form is not Form.BY_DEGREE and not any(term.over for term in rate.terms)
    if plain and all(_fits(part.ratio) for part in parts):
        return Plan(column, symbol, rate, parts, added=more)
    asked = tuple((basis, *number) for basis, number in numbers.items())
    return Plan(column, symbol, rate, uncommon=Uncommon(rate, asked), added=more)


def _part(term: Term, numbers: dict[str, tuple[int, Fraction]]) -> Part:
    if term.basis == VALUE:
        return Part(OF_VALUE, term.rate, term.text)
    at, size = numbers[term.basis]
    return Part(at, term.rate * size * _CENTS / _QUANTITY, term.text)


def _fits(ratio: Fraction) -> bool:
    """Whether all lines can be multiplied by it in 64 bits; the others are done one by one."""
    return 2 * ratio.numerator * ratio.denominator < _MOST and ratio < _STEEP


def _number(basis: str, given: Sequence[str | None]) -> tuple[int, Fraction] | None:
    """Return the first of the line's quantities that is the basis, and how many of it one is."""
    for at, unit in enumerate(given, 1):
        size = units.factor(unit, basis) if unit else None
        if size is not None:
            return at, size
    return None


def uncommon_cents(uncommon: Uncommon, numbers: Sequence[int]) -> list[int]:
    """Return the cents of each part of an uncommon rate for one line, exactly.

    Args:
        uncommon: The rate, and which numbers it is taken of.
        numbers: The line's value in cents, and its quantities in ten-thousandths.
    """
    of = {basis: Fraction(numbers[at]) * size / _QUANTITY for basis, at, size in uncommon.numbers}
    degrees = uncommon.rate.degrees
    if degrees is not None:
        return [_half_up(_by_degree(degrees, of) * of[degrees.basis] * _CENTS)]
    found = []
    for term in uncommon.rate.terms:
        if term.basis == VALUE:
            found.append(_half_up(term.rate * numbers[OF_VALUE]))
        else:
            free = term.over * of.get(EACH, Fraction(1))
            found.append(_half_up(max(of[term.basis] - free, Fraction()) * term.rate * _CENTS))
    return found


def _by_degree(rate: ByDegree, of: dict[str, Fraction]) -> Fraction:
    under = max(rate.degrees - of[DEGREE], Fraction())
    return max(rate.full - rate.less * under, rate.least)


def _half_up(number: Fraction) -> int:
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)

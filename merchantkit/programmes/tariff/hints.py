"""What an answer says beside its components: exclusions, other provisions, what was not considered.

A schedule's footnotes are of its own date, so that what they point to is told "as of the edition".
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from merchantkit.programmes.door import QUANTITY_PLACES
from merchantkit.programmes.reasons import Reason
from merchantkit.programmes.tariff import notices, units
from merchantkit.programmes.tariff.bands import Band, band
from merchantkit.programmes.tariff.footnotes import Footnotes
from merchantkit.programmes.tariff.lines import QUANTITIES, UNITS
from merchantkit.programmes.tariff.plans import COLUMN_2, GENERAL, Plan
from merchantkit.programmes.tariff.pointers import exclusions, other_provisions
from merchantkit.programmes.tariff.rates import EACH
from merchantkit.programmes.tariff.schedule import Schedule
from merchantkit.rulebook import ProgrammeRules

Hint = tuple[str, str]
_OPEN = (Reason.ADDED_NOT_DETERMINABLE, Reason.ADDED_HEADING_UNKNOWN, Reason.ADDED_AMBIGUOUS)
# How many decimals a value by the piece is told with at most.
_PLACES = 10
# Each has words, tariff.note.<it>. One that ends in _below is of some of the lines below a row.
KINDS = (
    "may_be_excluded", "may_be_excluded_below", "other_provision", "other_provision_below",
    "column_2_provision", "covers_part", "added_by_notice", "added_by_notice_assumed",
    "added_off_record", "added_not_determinable", "added_heading_unknown",
    "added_ambiguous", "if_qualifying", "special_not_considered", "fewer_than_free",
    "by_six_digits", "fee_may_not_be_due", "informal_entry_possible", "value_out_of_band",
)  # fmt: skip


def hints(
    chosen: Schedule, row: int, plan: Plan, facts: Mapping[Any, Any], book: ProgrammeRules
) -> tuple[Hint, ...]:
    """Return what else is to be told of a line, as kind and words.

    Args:
        chosen: The edition.
        row: The line's row.
        plan: How it is calculated.
        facts: The line as it was judged: its value, quantities and units, rounded at the door.
        book: The rules of the day.
    """
    own = [notes for _, notes in chosen.notes(row)]
    told = _exclusions(chosen, row, plan)
    others = other_provisions(chosen, row)
    told += [("other_provision", text) for text in others.every]
    told += [("other_provision_below", text) for text in others.below]
    told += [("column_2_provision", text) for text in _of_column_2(own, plan)]
    if plan.added.in_part:
        told.append(("covers_part", plan.added.heading or ""))
    told += notices.told(chosen.code(row), (plan.added.heading, *plan.added.named), book).items()
    if plan.added.beyond is not None:
        rule = plan.added.beyond
        told.append(("added_off_record", f"{rule.since}, {rule.source.text}"))
    elif plan.added.reason in _OPEN:
        told.append((plan.added.reason.value, " ".join(plan.added.named)))
    if plan.symbol is not None:
        told.append(("if_qualifying", f"{plan.symbol}: {chosen.general[row]}"))
    elif plan.column == GENERAL and chosen.special[row]:
        told.append(("special_not_considered", chosen.special[row]))
    if _too_few(plan, facts):
        told.append(("fewer_than_free", units.ALTOGETHER))
    told += [("value_out_of_band", text) for text in _out_of_band(chosen, row, facts)]
    return tuple(told)


def carrier(chosen: Schedule, row: int, heading: str) -> Hint:
    """Return the row whose footnote names an added duty's heading, and the footnote as published.

    Both are empty where none does.

    >>> from merchantkit.programmes.tariff.schedule import schedule
    >>> own = schedule()
    >>> carrier(own, own.position("6104.42.00.10"), "9903.88.15")
    ('6104.42.00', 'See 9903.88.15.')
    """
    for at, own in chosen.notes(row):
        for text in own.rates:
            if heading in text:
                return chosen.code(at), text
    return "", ""


def _exclusions(chosen: Schedule, row: int, plan: Plan) -> list[Hint]:
    """Return where an exclusion from what is added may be found; of nothing nothing is excluded."""
    if plan.added.heading is None:
        return []
    found = exclusions(chosen, row)
    named = {"may_be_excluded": found.every, "may_be_excluded_below": found.below}
    return [(kind, " ".join(headings)) for kind, headings in named.items() if headings]


def _of_column_2(own: Sequence[Footnotes], plan: Plan) -> list[str]:
    if plan.column != COLUMN_2:
        return []
    return list(dict.fromkeys(text for notes in own for text in notes.column_2_texts))


def _too_few(plan: Plan, facts: Mapping[Any, Any]) -> bool:
    """Whether fewer jewels were given than come free with as many pieces: those of one, perhaps."""
    terms = plan.uncommon.rate.terms if plan.uncommon is not None else ()
    over = next((term for term in terms if term.over), None)
    if over is None:
        return False
    return _of(over.basis, facts) < over.over * _of(EACH, facts)


def _out_of_band(chosen: Schedule, row: int, facts: Mapping[Any, Any]) -> list[str]:
    """Return the words of a line that its goods' value by the piece, pair or kilogram belies."""
    told = []
    for at in chosen.lineage(row):
        limits = band(chosen.descriptions[at])
        count = _of(limits.per, facts) if limits is not None else 0
        if limits is None or not count:
            continue
        usd = Fraction(int(facts["value_usd"]), 100) / count
        if not limits.holds(usd):
            words = chosen.descriptions[at].rstrip(":")
            told.append(f"USD {_decimal(usd, limits)}/{limits.per}: {words}")
    return told


def _decimal(usd: Fraction, limits: Band) -> str:
    """Return a number that a band shuts out with two decimals, or as many more as show that.

    Nor is what is something told as nothing.

    >>> _decimal(Fraction(300001, 100000), Band("each", most=Fraction(3)))
    '3.00001'
    """
    places = 2
    while (shown := round(usd, places)) != usd and places < _PLACES:
        if shown and not limits.holds(shown):
            break
        places += 1
    return f"{Decimal(shown.numerator) / shown.denominator:.{places}f}"


def _of(basis: str, facts: Mapping[Any, Any]) -> Fraction:
    for unit, amount in zip(UNITS, QUANTITIES, strict=True):
        given = facts.get(unit)
        size = units.factor(given, basis) if isinstance(given, str) else None
        if size is not None:
            return Fraction(int(facts[amount]), 10**QUANTITY_PLACES) * size
    return Fraction()

"""One question: the duty on a code, a value and quantities, part by part, each with its source."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from merchantkit.days import as_day
from merchantkit.facts.tariff import Edition
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents
from merchantkit.programmes.reasons import Reason
from merchantkit.programmes.tariff import fees, hints, refusals
from merchantkit.programmes.tariff.asked import Number, as_line, two_letters
from merchantkit.programmes.tariff.lines import Judgement, judge
from merchantkit.programmes.tariff.lookup import Found, Match, find
from merchantkit.programmes.tariff.measuring import of_code
from merchantkit.programmes.tariff.plans import COLUMN_2, GENERAL, SPECIAL, Plan
from merchantkit.programmes.tariff.preferences import may_be_open
from merchantkit.programmes.tariff.rates import Form
from merchantkit.programmes.tariff.schedule import INTERNATIONAL, Schedule, schedule
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

# The day of the broadcast: the rules as they stood when the deck was shown.
DAY = "2021-04-29"
_PLACES = 4


@dataclass(frozen=True)
class Component:
    """One part of what is due.

    Attributes:
        kind: ``general``, ``special``, ``column_2``; ``added``; ``mpf``, ``hmf``.
        rate_row: The code whose row sets it.
        text: As it is published: ``11.5%``, ``13.5¢/kg``.
        amount_usd: In USD; None where it is not known.
        source: The edition or the rule that says so.
        since: From when that rule holds; of a schedule, the edition's date.
        note_row: Of an added duty, the code whose row has the footnote that names its heading;
            empty where only a notice does.
        note: That footnote, as published.
    """

    kind: str
    rate_row: str
    text: str
    amount_usd: Decimal | None
    source: str
    since: dt.date
    note_row: str = ""
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """The duty on one code, with all that led to it.

    Attributes:
        code: As it was asked for.
        us_code: The row that it was found at.
        description: That row's, below its ancestors'.
        edition: The schedule that was used.
        on: The day of the rules.
        total_usd: The sum of the components; None where one of them is not known.
        effective_rate: The total as a share of the value, to four decimals, half up.
        reason: Why the total is not known.
        needs: Quantities that the rate names and that were not given.
        notes: What else the schedule points to, as reason codes with its words.
    """

    code: str
    us_code: str
    description: str
    units: tuple[str, ...]
    edition: Edition
    on: dt.date
    origin: str
    to: str
    value_usd: Decimal
    components: tuple[Component, ...]
    total_usd: Decimal | None
    effective_rate: Decimal | None
    reason: str | None
    needs: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]

    @property
    def points_beyond(self) -> bool:
        """Whether footnotes point to provisions that are not counted, so that more may be due."""
        return any(kind in ("other_provision", "other_provision_below") for kind, _ in self.notes)


def duty(
    code: str,
    value: Number,
    quantities: Mapping[str, Number] | None = None,
    *,
    origin: str = "CN",
    to: str = "US",
    on: dt.date | str = DAY,
    warehouse: Warehouse | None = None,
    edition: str | None = None,
    rules: Rules | None = None,
    chinese: bool = False,
    with_fees: bool = False,
) -> list[Answer]:
    """Return the duty on a code: one answer, or one for each line that the code may be.

    Args:
        code: A US code of ten, eight or six digits, with or without dots, or a Chinese one.
        value: In USD, as customs assesses it.
        quantities: Unit → how many; of a part of the article, its name → its value in USD.
        origin: Where the goods were made: ISO 3166 alpha-2.
        to: Where they go.
        on: The day of the rules.
        warehouse: Where editions are loaded; without one the kit's excerpt is asked.
        edition: Which edition; by default the latest of the destination that is no younger than
            the day, else its earliest.
        rules: The rules of the day, where they are not the rulebook's.
        chinese: Whether the code is China's, of which only the first six digits count.
        with_fees: Whether the merchandise processing and harbor maintenance fees of a formal entry
            are counted too.

    Raises:
        MeasureError: The code is unknown, retired or malformed (near ones are named), a number
            cannot be, or there is no schedule of the
            destination, or the edition is another country's.

    >>> found, = duty("6104.42.00.10", 1000)
    >>> [(part.kind, part.rate_row, part.text, str(part.amount_usd)) for part in found.components]
    [('general', '6104.42.00', '11.5%', '115.00'), ('added', '9903.88.15', '7.5%', '75.00')]
    >>> str(found.total_usd), str(found.effective_rate)
    ('190.00', '0.1900')
    """
    book = (rules or rulebook().on(as_day(on))).programme("tariff")
    chosen = schedule(warehouse, edition, two_letters(to, "destination"), book.day)
    found = find(chosen, code, chinese=chinese)
    if found.match not in (Match.FOUND, Match.CANDIDATES):
        raise refusals.of_code(chosen, code, found)
    rows = found.rows if found.match is Match.FOUND else _apart(chosen, found)
    asked = as_line(value, quantities or {}, origin, to)
    answers = [_answer(chosen, row, code, asked, book, with_fees=with_fees) for row in rows]
    if not found.by_six:
        return answers
    said = ("by_six_digits", found.digits[:INTERNATIONAL])
    return [replace(answer, notes=(said, *answer.notes)) for answer in answers]


def _apart(chosen: Schedule, found: Found) -> tuple[int, ...]:
    """Return the rate rows of several lines; a line stands for itself where its notes differ."""
    rows: dict[tuple[Any, ...], int] = {}
    for line in found.rows:
        rate = int(chosen.general_row[line])
        same = chosen.added_headings(line) == chosen.added_headings(rate)
        rows.setdefault((rate,) if same else (line,), rate if same else line)
    return tuple(rows.values())


def _answer(
    chosen: Schedule, row: int, code: str, asked: dict[str, Any], book: ProgrammeRules, *,
    with_fees: bool,
) -> Answer:  # fmt: skip
    told = of_code(chosen, Found(Match.FOUND, (row,), code), book)
    judged = judge(pd.DataFrame([{**told, **asked}]), book)
    (plan,) = judged.plans
    value = Decimal(cents(asked["value_usd"])).scaleb(-2)
    parts = [*_base(chosen, row, judged, plan), *_more(chosen, row, judged, plan)]
    if with_fees:
        parts += [Component(*fee) for fee in fees.of_value(value, book)]
    known = [part.amount_usd for part in parts if part.amount_usd is not None]
    total = sum(known, Decimal("0.00")) if len(known) == len(parts) else None
    (line,) = judged.facts.to_dict("records")
    told_beside = hints.hints(chosen, row, plan, line, book)
    if with_fees and plan.column == SPECIAL:
        told_beside += (("fee_may_not_be_due", plan.symbol or ""),)
    if with_fees and (most := fees.informal_most(value, book)) is not None:
        told_beside += (("informal_entry_possible", most),)
    cannot_be = Reason.QUANTITIES_CONTRADICT if judged.impossible[0] else None
    reason = plan.reason or cannot_be or plan.added.reason
    open_to = may_be_open(chosen.special[row], asked["origin"], asked["destination"], book)
    notes = tuple(note for note in told_beside if open_to or note[0] != "special_not_considered")
    return Answer(
        code, chosen.code(row), chosen.description(row), tuple(chosen.units(row)), chosen.edition,
        book.day, asked["origin"], asked["destination"], value, tuple(parts),
        None if reason else total, None if reason or total is None else _rate(total, value),
        reason.value if reason else None, plan.needs, notes,
    )  # fmt: skip


def _base(chosen: Schedule, row: int, judged: Judgement, plan: Plan) -> list[Component]:
    kind = plan.column or GENERAL
    rows = chosen.other_row if kind == COLUMN_2 else chosen.general_row
    said = f"{chosen.edition.name}, {kind}" + (f" ({plan.symbol})" if plan.symbol else "")
    place = chosen.code(int(rows[row])) if rows[row] >= 0 else chosen.code(row)
    whole = plan.rate.text if plan.rate is not None else ""
    if plan.reason is not None or (plan.rate is not None and plan.rate.form is Form.FREE):
        amount = None if plan.reason is not None else Decimal("0.00")
        return [Component(kind, place, whole, amount, said, chosen.edition.dated)]
    amounts = [_usd(part.values[0]) if part.known[0] else None for part in judged.amounts.parts]
    texts = [part.text for part in plan.parts]
    if not texts and plan.rate is not None:
        texts = [term.text for term in plan.rate.terms] or [whole]
    return [
        Component(kind, place, text, amount, said, chosen.edition.dated)
        for text, amount in zip(texts, amounts, strict=True)
    ]


def _more(chosen: Schedule, row: int, judged: Judgement, plan: Plan) -> list[Component]:
    added = plan.added
    if added.provision is None or added.heading is None:
        return []
    rule, column = added.provision, judged.amounts.added
    amount = _usd(column.values[0]) if column.known[0] else None
    text = f"{rule.value}%"
    noted = hints.carrier(chosen, row, added.heading)
    source = rule.source.text
    return [Component("added", added.heading, text, amount, source, rule.since, *noted)]


def _usd(amount: Any) -> Decimal:
    return Decimal(int(amount)).scaleb(-2)


def _rate(total: Decimal, value: Decimal) -> Decimal | None:
    if not value:
        return None
    share = Fraction(total) / Fraction(value) * 10**_PLACES
    return Decimal((2 * share.numerator + share.denominator) // (2 * share.denominator)).scaleb(
        -_PLACES
    )

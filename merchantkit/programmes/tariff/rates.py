"""Rates as published, read into typed expressions; what is not understood is refused by name.

Seven forms: free, ad valorem, specific, compound (a sum of both), component (shares of parts of an
article), by degree (sugar), and referred (another article's rate, or a note). The grammar is in
``rates.lark``.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

_HUNDRED = Fraction(100)
VALUE = "value"


class Form(StrEnum):
    """What kind of rate a text is."""

    FREE = "free"
    AD_VALOREM = "ad_valorem"
    SPECIFIC = "specific"
    COMPOUND = "compound"
    COMPONENT = "component"
    BY_DEGREE = "by_degree"
    REFERRED = "referred"
    ADDED = "added"
    REFUSED = "refused"


@dataclass(frozen=True)
class Term:
    """One part of a rate.

    Attributes:
        basis: What it is taken of: ``value``, a part of the article whose value is asked for
            (``case``), or a quantity in a unit (``kg``, ``kg on lead content``).
        rate: A share of a value, or USD for each unit.
        by_value: Whether the basis is a value in USD.
        over: How many units come without duty.
        text: As it is said.
    """

    basis: str
    rate: Fraction
    by_value: bool
    over: int = 0
    text: str = ""


@dataclass(frozen=True)
class ByDegree:
    """Sugar: USD for each ``basis``, less for each degree under ``degrees``, with a floor."""

    basis: str
    full: Fraction
    less: Fraction
    degrees: int
    least: Fraction


@dataclass(frozen=True)
class Rate:
    """A rate text as a typed expression.

    Attributes:
        text: As published, without superfluous blanks.
        form: Its form; ``refused`` where the grammar does not know it.
        terms: What is added up.
        degrees: The expression of a rate by degree.
        added: Of chapter 99: the share that is added to the duty of the subheading.
    """

    text: str
    form: Form
    terms: tuple[Term, ...] = ()
    degrees: ByDegree | None = None
    added: Fraction | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """What it asks for beside the value: quantities by unit, values of parts.

        >>> parse("$1.50/kg + 3.2%").needs
        ('kg',)
        """
        if self.degrees is not None:
            return (self.degrees.basis, DEGREE)
        return tuple(dict.fromkeys(t.basis for t in self.terms if t.basis != VALUE))


DEGREE = "degree"
_BROKEN = (
    (re.compile(r"(?<=[a-z])- (?=[a-z])"), ""),  # appli- cable, thou- sand
    (re.compile(r"\s+"), " "),
    (re.compile(r"thebattery"), "the battery"),
    (re.compile(r"drained weght"), "drained weight"),
    (re.compile(r"m([23])(?=of)"), r"m\1 "),
    (re.compile(r"1,000"), "1000"),
    (re.compile(r"pf\. (?=liter)"), "pf."),
    (re.compile(r"/ (?=\w)"), "/"),
)


@lru_cache(maxsize=8192)
def parse(text: str) -> Rate:
    """Return a rate text as a typed expression; never raises.

    >>> parse("13.5¢/kg + 6.3% + 1.9¢/article").form
    <Form.COMPOUND: 'compound'>
    >>> [str(term.rate) for term in parse("33 1/3%").terms]
    ['1/3']
    >>> parse("a song").form
    <Form.REFUSED: 'refused'>
    """
    said = " ".join(text.split())
    plain = said
    for broken, whole in _BROKEN:
        plain = broken.sub(whole, plain)
    grammar = _grammar()
    try:
        made = _Reader().transform(grammar.parse(plain))
    except (UnexpectedInput, VisitError):
        return Rate(said, Form.REFUSED)
    return Rate(said, **{**made, "terms": _published(made.get("terms", ()), said)})


def _published(terms: tuple[Term, ...], said: str) -> tuple[Term, ...]:
    """Return terms that say themselves as published: ``13.5¢/kg``, not ``$0.135/kg``."""
    texts = [text.strip() for text in said.split("+")]
    if len(texts) != len(terms):
        return terms
    return tuple(replace(term, text=text) for term, text in zip(terms, texts, strict=True))


@cache
def _grammar() -> Lark:
    return Lark.open_from_package(__name__, "rates.lark", parser="lalr", maybe_placeholders=True)


class _Reader(Transformer[Token, Any]):
    """Makes of the parsed text what ``Rate`` is made of."""

    def free(self, _: list[Any]) -> dict[str, Any]:
        return {"form": Form.FREE}

    def terms(self, terms: list[Term]) -> dict[str, Any]:
        by_value = [term for term in terms if term.by_value]
        if any(term.basis != VALUE for term in by_value):
            form = Form.COMPONENT
        elif len(by_value) == len(terms):
            form = Form.AD_VALOREM
        else:
            form = Form.COMPOUND if by_value else Form.SPECIFIC
        return {"form": form, "terms": tuple(terms)}

    def percent(self, parts: list[Token]) -> Fraction:
        return sum((Fraction(part) for part in parts[0].split()), Fraction()) / _HUNDRED

    def ad_valorem(self, parts: list[Any]) -> Term:
        share, part = parts[0], next((p for p in parts[1:] if p is not None), None)
        whole = part is None or part.type == "WHOLE"
        said = f"{_percent(share)} on the {part}" if part else _percent(share)
        return Term(VALUE if whole else str(part), share, by_value=True, text=said)

    def dollars(self, parts: list[Token]) -> Fraction:
        return Fraction(parts[0])

    def cents(self, parts: list[Token]) -> Fraction:
        return Fraction(parts[0]) / _HUNDRED

    def unit(self, parts: list[Token]) -> str:
        return str(parts[0])

    def specific(self, parts: list[Any]) -> Term:
        money, *rest = (part for part in parts if part is not None)
        over = next((int(p) for p in rest if isinstance(p, Token) and p.type == "INTEGER"), 0)
        content = next((p for p in rest if isinstance(p, Token) and p.type == "CONTENT"), None)
        unit = next((p for p in rest if not isinstance(p, Token)), EACH)
        basis = f"{unit} {content.lstrip(', ')}" if content else unit
        said = f"${_plain(money)}/{basis}" + (f" over {over}" if over else "")
        return Term(basis, money, by_value=False, over=over, text=said)

    def by_degree(self, parts: list[Any]) -> dict[str, Any]:
        full, unit, less, unit_of_less, _, degrees, _, least, unit_of_least = parts
        if not unit == unit_of_less == unit_of_least:
            raise ValueError(f"{unit}, {unit_of_less} and {unit_of_least} in one rate")
        return {
            "form": Form.BY_DEGREE,
            "degrees": ByDegree(unit, full, less, int(degrees), least),
        }

    def referred(self, _: list[Token]) -> dict[str, Any]:
        return {"form": Form.REFERRED}

    def added(self, parts: list[Any]) -> dict[str, Any]:
        return {"form": Form.ADDED, "added": parts[0] or Fraction()}


EACH = "each"


def _percent(share: Fraction) -> str:
    return f"{_plain(share * _HUNDRED)}%"


def _plain(number: Fraction) -> str:
    exact = number.limit_denominator(10**9) == number and 10**9 % number.denominator == 0
    return f"{float(number):.9f}".rstrip("0").rstrip(".") if exact else str(number)

"""Between which values by the piece, pair or kilogram the goods of a line must lie, by its words.

``Valued over $20 each`` decides the classification, not the rate: a line whose goods come to less
is the wrong one, and a duty calculated there is of other goods. The grammar is in ``bands.lark``.
"""

import re
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

# Of the article itself: "With movement valued over $15 each" speaks of a part.
_SAID = re.compile(r"(?:(?P<of>.*), ?)?valued (?P<band>.*?)(?: \(\d+\))?:?", re.IGNORECASE)
# Nor is it of the article what is of its parts, or of several in a set.
_OF_A_PART = re.compile(r"of\b|.*\b(?:parts|sets)\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
# How units of quantities are called, where a band calls them otherwise.
_UNITS = {"dozen pieces or parts": "doz.", "square meter": "m2"}


class Band(NamedTuple):
    """What one of a unit must be worth, in USD.

    Attributes:
        per: The unit.
        least: At least that much; None for no limit.
        over: More than that.
        most: At most that much.
        under: Less than that.
    """

    per: str
    least: Fraction | None = None
    over: Fraction | None = None
    most: Fraction | None = None
    under: Fraction | None = None

    def holds(self, usd: Fraction) -> bool:
        """Whether one of the unit may be worth so much.

        >>> band("Valued over $5 but not over $20 each").holds(Fraction(5))
        False
        """
        return (
            (self.least is None or usd >= self.least)
            and (self.over is None or usd > self.over)
            and (self.most is None or usd <= self.most)
            and (self.under is None or usd < self.under)
        )


@lru_cache(maxsize=4096)
def band(description: str) -> Band | None:
    """Return the band that a row's own description sets for its goods; None if it sets none.

    Only where the whole article is meant, and one value of it.

    >>> band("Valued not over $2.50/pair:")
    Band(per='pair', least=None, over=None, most=Fraction(5, 2), under=None)
    >>> band("With movement valued over $15 each") is None
    True
    """
    said = _SAID.fullmatch(" ".join(_THOUSANDS.sub("", description).split()))
    if said is None:
        return None
    of = said["of"] or ""
    if "valued" in of.casefold() or _OF_A_PART.match(of):
        return None
    try:
        found: Band = _Reader().transform(_grammar().parse(said["band"].casefold()))
    except UnexpectedInput:
        return None
    return found


@cache
def _grammar() -> Lark:
    return Lark.open_from_package(__name__, "bands.lark", parser="earley", lexer="dynamic")


class _Reader(Transformer[Token, Any]):
    def dollars(self, parts: list[Token]) -> Fraction:
        return Fraction(str(parts[0]))

    def cents(self, parts: list[Token]) -> Fraction:
        return Fraction(str(parts[0])) / 100

    def up_to(self, parts: list[Any]) -> Band:
        most, per = parts
        return Band(_unit(per), most=most)

    def over(self, parts: list[Any]) -> Band:
        over, per = parts
        return Band(_unit(per), over=over)

    def over_up_to(self, parts: list[Any]) -> Band:
        over, most, per = parts
        return Band(_unit(per), over=over, most=most)

    def under(self, parts: list[Any]) -> Band:
        under, per = parts
        return Band(_unit(per), under=under)

    def at_least(self, parts: list[Any]) -> Band:
        least, per = parts
        return Band(_unit(per), least=least)

    def at_least_under(self, parts: list[Any]) -> Band:
        least, *_, under, per = parts
        return Band(_unit(per), least=least, under=under)

    def at_least_up_to(self, parts: list[Any]) -> Band:
        least, most, per = parts
        return Band(_unit(per), least=least, most=most)


def _unit(token: Token) -> str:
    return _UNITS.get(str(token), str(token))

"""Units of quantities: what a rate asks for, what an export says, and where one is the other.

Units convert only where that is exact by definition: dozens into pieces, tonnes into kilograms,
never kilograms into pieces. A quantity of a content (``kg on lead content``) is a unit of its own.
"""

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

USD = "usd"
# Jewels come free by the piece, so that those of one piece would be too few.
ALTOGETHER = "of all pieces together"
# dimension → unit → how many of the dimension's own unit it is; written as text, exactly.
_SIZES: dict[str, dict[str, str]] = {
    "count": {
        "each": "1", "article": "1", "head": "1", "doz.": "12", "gross": "144", "1000": "1000",
        "thousand": "1000", "hundred": "100",
    },
    "pair": {"pr.": "1", "doz. pr.": "12"},
    "mass": {"kg": "1", "g": "0.001", "t": "1000", "lb": "0.45359237"},
    "volume": {"liter": "1", "m3": "1000", "bbl": "158.987294928"},
    "length": {"m": "1", "lin. m": "1", "cm": "0.01"},
    "area": {"m2": "1", "cm2": "0.0001"},
    "clean mass": {"clean kg": "1"},
    "proof volume": {"pf.liter": "1"},
    "jewel": {"jewel": "1"},
    "pin": {"1000 pins": "1000", "pin": "1"},
    "button line": {"line/gross": "1"},
    "pack": {"pack": "1"},
    "degree": {"degree": "1"},
}  # fmt: skip
# Aliases stand between bars, as some have blanks in them. 桶 is none: a barrel of oil, or any drum.
_ALIASES = {
    "each": "no|no.|pc|pcs|pcs.|piece|pieces|unit|units|item|items|个|件|只|台|条|支|个/件",
    "article": "articles", "head": "heads|头",
    "doz.": "doz|dozen|dozens|dz|dz pcs|dozen pieces|打", "gross": "grosses|罗",
    "thousand": "thousands|千个", "hundred": "hundreds|百个",
    "pr.": "pr|prs|prs.|pair|pairs|双|副",
    "doz. pr.": "doz. prs.|doz prs|dozen pairs|dz pr|doz.pr.|打双",
    "kg": "kgs|kilogram|kilograms|kilo|千克|公斤", "g": "gram|grams|克",
    # A ton is 907, 1000 or 1016 kg, depending on who says it.
    "t": "tonne|tonnes|吨|公吨", "lb": "lbs|pound|pounds|磅",
    "liter": "liters|litre|litres|l|升", "m3": "m³|立方米", "bbl": "barrel|barrels",
    "m": "meter|meters|metre|metres|米", "m2": "m²|平方米", "cm2": "cm²|平方厘米",
    "clean kg": "cy kg|clean kilogram", "pf.liter": "pf. liter|pf.liters|proof liter|proof liters",
    "jewel": "jewels|jwls.", "pack": "packs", "1000 pins": "1,000 pins", "pin": "pins",
    "degree": "degrees|度", "line/gross": "gr.lines|line gross", "lin. m": "lin.m|linear m",
}  # fmt: skip
_QUALIFIED = re.compile(r"(?P<unit>.+?) (?P<of>(?:on|of|including) .+)")
# A share of a part of the article is taken of its value.
_PARTS = frozenset(
    {
        "case and strap, band or bracelet", "strap, band or bracelet", "movement and case", "case",
        "movement", "battery", "apparatus", "value of the lead content", "value of the rifle",
        "value of the telescopic sight, if any",
    }
)  # fmt: skip


class Unit(NamedTuple):
    """A unit: of what, how many of that dimension's own unit, and of which content or part."""

    dimension: str
    size: Fraction
    of: str = ""


def _known() -> dict[str, tuple[str, Fraction]]:
    sizes = {
        unit: (dimension, Fraction(size))
        for dimension, units in _SIZES.items()
        for unit, size in units.items()
    }
    for unit, aliases in _ALIASES.items():
        for alias in aliases.split("|"):
            if alias in sizes:
                raise ValueError(f"{alias!r} is spelled twice")
            sizes[alias] = sizes[unit]
    return sizes


_KNOWN = _known()


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit | None:
    """Return what a unit's text means; None if nobody knows.

    >>> unit("DOZ"), unit("千克") == unit("kg"), unit("parsec")
    (Unit(dimension='count', size=Fraction(12, 1), of=''), True, None)
    >>> unit("battery").dimension
    'usd'
    """
    said = " ".join(text.replace("\xa0", " ").casefold().split())
    said = said.removesuffix(f" ({ALTOGETHER})")
    said = said.removeprefix("usd on the ").removeprefix("usd of the ")
    if said in _PARTS:
        return Unit(USD, Fraction(1), said)
    if said in _KNOWN:
        return Unit(*_KNOWN[said])
    qualified = _QUALIFIED.fullmatch(said)
    if qualified and qualified["unit"] in _KNOWN:
        return Unit(*_KNOWN[qualified["unit"]], qualified["of"])
    return None


def factor(given: str, needed: str) -> Fraction | None:
    """Return how many of the needed unit one of the given is; None where that is not exact.

    >>> factor("doz", "each"), factor("t", "kg"), factor("kg", "each")
    (Fraction(12, 1), Fraction(1000, 1), None)
    >>> factor("kg", "kg on lead content") is None
    True
    """
    one, other = unit(given), unit(needed)
    if one is None or other is None or (one.dimension, one.of) != (other.dimension, other.of):
        return None
    return one.size / other.size


def exact(amount: Fraction, text: str, places: int) -> tuple[Fraction, str]:
    """Return a quantity that has so many decimals at most, in its dimension's own unit if it must.

    >>> exact(Fraction("0.12344"), "t", 4), exact(Fraction("0.5"), "t", 4)
    ((Fraction(3086, 25), 'kg'), (Fraction(1, 2), 't'))
    """
    found = unit(text)
    if found is None or (amount * 10**places).denominator == 1:
        return amount, text
    own = next(name for name, size in _SIZES.get(found.dimension, {text: "1"}).items()
               if size == "1")  # fmt: skip
    return amount * found.size, f"{own} {found.of}" if found.of and found.dimension != USD else own


def asked(basis: str) -> str:
    """Return how a quantity that a rate names is asked for.

    >>> asked("kg"), asked("case"), asked("jewel")
    ('kg', 'USD on the case', 'jewel (of all pieces together)')
    """
    found = unit(basis)
    if found is not None and found.dimension == "jewel":
        return f"{basis} ({ALTOGETHER})"
    return f"USD on the {basis}" if found is not None and found.dimension == USD else basis

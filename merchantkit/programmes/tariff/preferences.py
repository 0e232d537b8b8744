"""Whether a special rate that was not taken may be open to an origin all the same."""

import re

from merchantkit.rulebook import ProgrammeRules

_BETWEEN = re.compile(r"\(([^()]*)")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*")


def may_be_open(special: str, origin: str, to: str, book: ProgrammeRules) -> bool:
    """Return whether what the special column states may be open to an origin's goods.

    Of most origins that changes from year to year and is not on record. Some are on no country's
    list: to them only what asks for the goods alone is open.

    Args:
        special: The column's text.
        origin: Where the goods were made.
        to: Where they go; of another country's programmes nothing is known.
        book: The rules of the day.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook().on("2021-04-29").programme("tariff")
    >>> stated = ("Free (A+,AU,D)", "Free (A,C,D)", "Free (AU")
    >>> [may_be_open(text, "CN", "US", book) for text in stated]
    [False, True, False]
    >>> may_be_open("Free (A+,AU,D)", "KE", "US", book)
    True
    """
    if to != book["origin_rules_of"] or origin not in book["origins_without_programme"]:
        return True
    symbols = {symbol for part in _BETWEEN.findall(special) for symbol in _SYMBOL.findall(part)}
    return not symbols.isdisjoint(book["programmes_by_goods"])

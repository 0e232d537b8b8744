"""The special column of a schedule: which rate a programme's symbol has."""

import re
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*[+*]*")


@lru_cache(maxsize=4096)
def rates_by_symbol(text: str) -> dict[str, str] | None:
    """Return symbol → rate text; None where the column's text is not understood.

    >>> rates_by_symbol("Free (A*,AU,BH) 4.4¢/kg (PA)")
    {'PA': '4.4¢/kg', 'A*': 'Free', 'AU': 'Free', 'BH': 'Free'}
    >>> rates_by_symbol(""), rates_by_symbol("Free (AU") is None
    ({}, True)
    """
    said = " ".join(text.split())
    if not said:
        return {}
    grammar = _grammar()
    try:
        found: dict[str, str] = _Reader().transform(grammar.parse(said))
    except UnexpectedInput:
        return None
    return found


@cache
def _grammar() -> Lark:
    return Lark.open_from_package(__name__, "special.lark", parser="lalr", lexer="contextual")


class _Reader(Transformer[Token, Any]):
    def start(self, entries: list[dict[str, str]]) -> dict[str, str]:
        # The first that names a symbol counts; none should be named twice.
        return {symbol: rate for entry in reversed(entries) for symbol, rate in entry.items()}

    def entry(self, parts: list[Token]) -> dict[str, str]:
        rate, symbols = parts
        return dict.fromkeys(_SYMBOL.findall(symbols), rate.strip())

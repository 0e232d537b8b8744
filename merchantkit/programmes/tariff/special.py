"""The special column of a schedule: which rate a programme's symbol has."""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*[+*]*")


class Special(NamedTuple):
    """What a text of the special column says.

    Attributes:
        rates: Symbol → rate text, of the whole entries before the first that is not understood.
        whole: Whether all of the text was understood; where it was not, another symbol may have a
            rate in the rest.
    """

    rates: dict[str, str]
    whole: bool


@lru_cache(maxsize=4096)
def special(text: str) -> Special:
    """Return the rates by symbol that a text of the special column states.

    >>> special("Free (A*,AU,BH) 4.4¢/kg (PA)")
    Special(rates={'PA': '4.4¢/kg', 'A*': 'Free', 'AU': 'Free', 'BH': 'Free'}, whole=True)
    >>> special("Free (AU) 2% (PA (PA)"), special("Free (AU")
    (Special(rates={'AU': 'Free'}, whole=False), Special(rates={}, whole=False))
    """
    said = " ".join(text.split())
    try:
        return Special(_read(said), whole=True)
    except UnexpectedInput as error:
        whole_entries = said[: said.rfind(")", 0, error.pos_in_stream) + 1]
        return Special(_read(whole_entries), whole=False)


def _read(said: str) -> dict[str, str]:
    found: dict[str, str] = _Reader().transform(_grammar().parse(said)) if said else {}
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

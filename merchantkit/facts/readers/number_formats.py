"""Number formats of workbooks: what Excel shows of a cell beside the number that it holds."""

import re
from functools import lru_cache

# Quoted, escaped, as wide as a mark, repeated, in brackets (a colour, a language): none of it is
# a placeholder. Only [h], [m] and [s] are, of times that run on.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms])[^\]]*\]', re.IGNORECASE)


@lru_cache
def has_time(code: str) -> bool:
    """Return whether a format of days shows a time of day as well.

    >>> has_time("m/d/yy h:mm"), has_time('yyyy"years"m')
    (True, False)
    """
    return any(mark in _LITERAL.sub("", code).lower() for mark in "hs")


@lru_cache
def is_percent(code: str) -> bool:
    r"""Return whether a format shows a number a hundredfold, with the sign behind it.

    >>> is_percent("0.0%"), is_percent(r"0.0\%"), is_percent('0"%"')
    (True, False, False)
    """
    return "%" in _LITERAL.sub("", code)

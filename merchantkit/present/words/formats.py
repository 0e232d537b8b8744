"""Numbers and days as a language writes them (CLDR via Babel), each pattern parsed once.

What was written before is remembered: a page says the same days and limits many times over.
"""

import datetime as dt
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale, dates, numbers

_REMEMBERED = 4096

_locale = cache(Locale.parse)
_pattern = cache(numbers.parse_pattern)


@lru_cache(_REMEMBERED)
def exact(number: int | Decimal, locale: str) -> str:
    """Return a number with its thousands grouped and all of its decimals."""
    known = _locale(locale)
    pattern = known.decimal_formats[None]
    return str(pattern.apply(number, known, decimal_quantization=False))


@lru_cache(_REMEMBERED)
def rounded(number: int | Decimal, pattern: str, locale: str) -> str:
    """Return a number in a pattern of CLDR's, such as ``#,##0.00``."""
    return str(_pattern(pattern).apply(number, _locale(locale)))


@lru_cache(_REMEMBERED)
def long_day(day: dt.date, locale: str) -> str:
    """Return a day with its year."""
    return str(dates.format_date(day, "long", locale=_locale(locale)))


@lru_cache(_REMEMBERED)
def by_skeleton(day: dt.date, skeleton: str, locale: str) -> str:
    """Return those parts of a day that CLDR's skeleton names, in the language's order."""
    return str(dates.format_skeleton(skeleton, day, locale=_locale(locale)))

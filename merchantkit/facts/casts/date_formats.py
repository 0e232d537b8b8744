"""Date formats: how exports write days and moments, as patterns that name their parts."""

import re
from dataclasses import dataclass

from merchantkit.errors import MappingError

MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_OFFSET = r"(?P<offset>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)"
_TIME = (
    r"(?:(?:T|\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    rf"\s*{_OFFSET}?)?"
)
_TOKENS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short_year>[0-9]{2})",
    "Mon": rf"(?P<month_name>(?i:{'|'.join(MONTH_NAMES)}))",
    "mm": r"(?P<month>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "MM": r"(?P<minute>[0-9]{2})",
    "SS": r"(?P<second>[0-9]{2})",
    "Z": _OFFSET,
}
_TOKEN = re.compile("|".join(sorted(_TOKENS, key=len, reverse=True)) + r"|\s+|.", re.DOTALL)
_PARTS = re.compile(r"\?P<([a-z_]+)>")


@dataclass(frozen=True)
class DateFormat:
    """A pattern (RE2) whose named groups are the parts of a day or moment."""

    pattern: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that the pattern names."""
        return tuple(_PARTS.findall(self.pattern))


# Unambiguous ways to write a day, with or without a time: 2021-05-31, 2021/5/31 8:00:00+08:00,
# 2021.5.31, 2021年5月31日 and 20210531. 5/6/2021 is two days, so a mapping has to say which.
UNAMBIGUOUS = (
    DateFormat(
        r"^(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})" + _TIME + "$"
    ),
    DateFormat(r"^(?P<year>[0-9]{4})年(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日" + _TIME + "$"),
    DateFormat(r"^(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})$"),
)


def date_format(text: str) -> DateFormat:
    """Return the format written as ``m/d/yyyy`` or ``d-Mon-yy HH:MM``.

    ``yyyy yy m mm d dd Mon`` are the day's parts (one letter: one or two digits), ``H HH MM SS``
    the time's, ``Z`` an offset; everything else stands for itself.

    Raises:
        MappingError: It names no full day, names a part twice, or has letters that mean nothing.

    >>> date_format("d/m/yyyy").parts
    ('day', 'month', 'year')
    """
    pieces = []
    for token in _TOKEN.findall(text):
        if token.isalpha() and token.isascii() and token not in _TOKENS:
            raise _bad(text, f"{token!r} means nothing in it")
        pieces.append(r"\s+" if token.isspace() else _TOKENS.get(token) or re.escape(token))
    made = DateFormat(f"^{''.join(pieces)}$")
    kinds = [part.removeprefix("short_").removesuffix("_name") for part in made.parts]
    if len(set(kinds)) < len(kinds):
        raise _bad(text, "it names a part twice")
    if not {"year", "month", "day"} <= set(kinds) or ("hour" in kinds) != ("minute" in kinds):
        raise _bad(text, "it needs a year, a month and a day, and minutes with hours")
    return made


def _bad(text: str, why: str) -> MappingError:
    return MappingError(
        f"{text[:40]!r} is no date format: {why}",
        remedy="write it with yyyy or yy, m or Mon, d, and H MM SS where there is a time",
    )

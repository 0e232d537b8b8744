"""A code as people write it → the row of a schedule, or the rows that it may be.

US codes have ten, eight or six digits, with or without dots. Of a Chinese code only the first six
digits say what the US code begins with; the rest is China's own.
"""

import difflib
import re
from enum import StrEnum
from typing import NamedTuple

from merchantkit.programmes.tariff.schedule import (
    FULL,
    GOODS_END,
    INTERNATIONAL,
    RATE_LINE,
    Schedule,
)

_AMERICAN = re.compile(r"\d{4}\.\d{2}\.\d{2}(?:\.\d{2})?")
_MARKS = re.compile(r"(?<=[0-9])[\s.\-]+(?=[0-9])")
_LENGTHS = (INTERNATIONAL, RATE_LINE, FULL)
NEAREST = 5


class Match(StrEnum):
    """How a code was found."""

    FOUND = "found"
    CANDIDATES = "several_candidates"
    RETIRED = "code_retired"
    UNKNOWN = "code_unknown"
    PROVISION = "provision"
    MALFORMED = "malformed"


class Found(NamedTuple):
    """What a code is in a schedule.

    Attributes:
        match: How it was found.
        rows: Of ``found`` one row; of ``several_candidates`` the lines that it may be; of
            ``code_retired`` the lines now below the eight digits that it was one of; of
            ``code_unknown`` the nearest lines.
        digits: The code without marks.
        by_six: Whether only its first six digits were compared, which nobody had asked for.
    """

    match: Match
    rows: tuple[int, ...]
    digits: str
    by_six: bool = False


def find(schedule: Schedule, code: str, *, chinese: bool = False, american: bool = False) -> Found:
    """Return what a code is in a schedule.

    Args:
        schedule: An edition.
        code: As it is written.
        chinese: Whether it is China's, so that its first six digits decide.
        american: Whether it is the schedule's own, as eight or ten digits with a dot after 4, 6
            (and 8) of them are: where it is not there, it is nowhere. Without dots it may be
            China's, and its first six digits decide.

    >>> from merchantkit.programmes.tariff.schedule import schedule
    >>> own = schedule()
    >>> found = find(own, "6104.42.00.10")
    >>> found.match.value, own.code(found.rows[0])
    ('found', '6104.42.00.10')
    >>> find(own, "3926909985").match.value, find(own, "3926909090").match.value
    ('code_retired', 'several_candidates')
    >>> find(own, "39269090").by_six, find(own, "3926.90.90").match.value
    (True, 'code_unknown')
    """
    digits = _MARKS.sub("", code.strip())
    if not (digits.isascii() and digits.isdecimal() and len(digits) in _LENGTHS):
        return Found(Match.MALFORMED, (), digits)
    if digits[:2] >= GOODS_END:
        return Found(Match.PROVISION, (), digits)
    if chinese:
        return _below(schedule, digits, digits[:INTERNATIONAL], by_six=False)
    if (row := schedule.position(digits)) is not None and schedule.general_row[row] >= 0:
        lines = () if schedule.is_line[row] else tuple(schedule.lines_below(digits))
        # A footnote may hold for some of its lines only.
        if len({tuple(schedule.added_headings(line)) for line in lines}) > 1:
            return Found(Match.CANDIDATES, lines, digits)
        return Found(Match.FOUND, (row,), digits)
    if near := schedule.lines_below(digits[:RATE_LINE]):
        if len(digits) == FULL:
            return Found(Match.RETIRED, tuple(near), digits)
        return _below(schedule, digits, digits, by_six=False)
    if american or _AMERICAN.fullmatch(code.strip()):
        return Found(Match.UNKNOWN, _nearest(schedule, digits), digits)
    return _below(schedule, digits, digits[:INTERNATIONAL], by_six=True)


def _below(schedule: Schedule, digits: str, prefix: str, *, by_six: bool) -> Found:
    lines = tuple(schedule.lines_below(prefix))
    if not lines:
        return Found(Match.UNKNOWN, _nearest(schedule, digits), digits)
    if len(lines) == 1:
        return Found(Match.FOUND, lines, digits, by_six)
    rated = tuple(dict.fromkeys(int(schedule.general_row[row]) for row in lines))
    # Lines of one rate row with the same footnotes differ in statistics only.
    if len(rated) == 1 and len({tuple(schedule.added_headings(row)) for row in lines}) == 1:
        return Found(Match.FOUND, rated, digits, by_six)
    return Found(Match.CANDIDATES, lines, digits, by_six)


def _nearest(schedule: Schedule, digits: str) -> tuple[int, ...]:
    """Return lines whose codes are most like the digits: the longest common beginning first."""
    for length in range(len(digits) - 1, 1, -1):
        near = schedule.lines_below(digits[:length])
        if near:
            alike = difflib.get_close_matches(
                digits, [schedule.digits[row] for row in near], NEAREST, 0.0
            )
            rows = (schedule.position(code) for code in alike)
            return tuple(row for row in rows if row is not None)
    return ()

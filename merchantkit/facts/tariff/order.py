"""Each row in its place: codes ascend, and in the chapters of goods a row has what it needs above.

Which row is below which is said by ``indent`` alone, and a line has its rate and notes from those
above it. So a row that was moved or taken out takes a rate from the wrong place, or from none, and
a line without a rate is none: this must be a refusal, not a shorter schedule.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from merchantkit.facts.tariff.rows import Row, wrong

_CODE = re.compile(r"([0-9]{4}(\.[0-9]{2}){0,3})?")
_INDENT = re.compile(r"[0-9]{1,2}")
_LAST_GOODS = "97"
_SUBHEADING, _RATE_LINE = len("6104.42"), len("6104.42.00")


class _Above(NamedTuple):
    depth: int
    code: str
    rated: bool


def checked(path: Path, rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the codes that stand beside their subheading and not below it, or refuse the rows.

    The 2025 basic edition has two (3004.50.50, 7228.30.80), each the last of its subheading. They
    have rates of their own and lose nothing but its words, so they are told and not refused.

    Raises:
        IntakeError: A row is not in its place; names it and the key.
    """
    last, above, there = "", list[_Above](), dict[str, Row]()
    beside = []
    for number, row in enumerate(rows, 1):
        if not _CODE.fullmatch(row.htsno):
            raise wrong(path, number, "htsno", row.htsno, "a code such as 6104.42.00.10, or none")
        if not _INDENT.fullmatch(row.indent):
            raise wrong(path, number, "indent", row.indent, "a whole number from 0")
        depth = int(row.indent)
        while above and above[-1].depth >= depth:
            above.pop()
        if not row.htsno:
            _refuse_nameless_line(path, number, row, last)
            continue
        if row.htsno <= last:
            raise wrong(path, number, "htsno", row.htsno, f"a code after {last}")
        if row.htsno[:2] <= _LAST_GOODS and _stands_beside(path, number, row, above, there):
            beside.append(row.htsno)
        above.append(_Above(depth, row.htsno, _rated(row, above)))
        last, there[row.htsno] = row.htsno, row
    return tuple(beside)


def _stands_beside(
    path: Path, number: int, row: Row, above: list[_Above], there: dict[str, Row]
) -> bool:
    """Return whether a coded row of goods stands beside its subheading; refuse any other slip."""
    own = above[-1].code if above else ""
    if not row.htsno.startswith(own):
        raise wrong(path, number, "htsno", row.htsno, f"one below {own} (or its indent)")
    if int(row.indent) and not above:
        raise wrong(path, number, "indent", row.indent, "a heading above it")
    prefix = _prefix(row.htsno, there)
    beside = bool(prefix) and all(each.code != prefix for each in above)
    if beside and (next(reversed(there)) == prefix or not _loses_words_only(row, there[prefix])):
        expected = f"one that puts {row.htsno} below {prefix}"
        raise wrong(path, number, "indent", row.indent, expected)
    if len(row.htsno) >= _RATE_LINE and not _rated(row, above):
        raise wrong(path, number, "general", row.general, f"a rate of {row.htsno} or above it")
    return beside


def _loses_words_only(row: Row, prefix: Row) -> bool:
    alike = int(row.indent) == int(prefix.indent) and len(prefix.htsno) == _SUBHEADING
    return alike and _has_rate(row) and not _has_rate(prefix) and not prefix.footnotes


def _prefix(code: str, there: dict[str, Row]) -> str:
    """Return the longest code of the file that a code continues; empty for none."""
    while code := code.rpartition(".")[0]:
        if code in there:
            return code
    return ""


def _rated(row: Row, above: list[_Above]) -> bool:
    return _has_rate(row) or bool(above and above[-1].rated)


def _has_rate(row: Row) -> bool:
    return bool(row.general.strip())


def _refuse_nameless_line(path: Path, number: int, row: Row, last: str) -> None:
    """Refuse a row of goods that has a rate or units but no code: it was a line, and is lost."""
    says = (row.general, row.special, row.other, *row.units)
    if last[:2] <= _LAST_GOODS and any(text.strip() for text in says):
        raise wrong(path, number, "htsno", row.htsno, "the code of its rate or units")

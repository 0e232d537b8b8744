"""The USITC's JSON export of a schedule: read whole and checked row by row, or refused.

A file that is cut off or was altered would give wrong duties quietly. So every row must have its
keys (``rows``) and stand in its place (``order``); the first thing that is wrong is named by row
and key.
"""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from merchantkit.errors import IntakeError
from merchantkit.facts.tariff import order
from merchantkit.facts.tariff.rows import REMEDY, Row

_GZIP = b"\x1f\x8b"
# Chapter 77 is kept free by the Harmonized System; footnotes name provisions of 98 and 99.
_CHAPTERS = frozenset(f"{number:02d}" for number in range(1, 100) if number != 77)
_SHOWN = 8
# A number of thousands of digits is a plain ValueError, and what nests too deeply a RecursionError.
_NO_JSON = (ValueError, RecursionError)
_ROWS = TypeAdapter(list[Row])


class ScheduleFile(NamedTuple):
    """A schedule as read.

    Attributes:
        path: The file.
        sha256: Of its bytes.
        rows: Its rows, in order.
        beside: Codes that stand beside their subheading, as published; see ``order.checked``.
    """

    path: Path
    sha256: str
    rows: list[Row]
    beside: tuple[str, ...]


def read(path: Path, *, partial: bool = False) -> ScheduleFile:
    """Return a schedule file, plain or gzipped, or refuse it.

    Args:
        path: The file.
        partial: Whether it is known to be a part of a schedule: else every chapter must be there.

    Raises:
        IntakeError: It cannot be read, is cut off, lacks a chapter, or a row is not as it must be;
            says which row (from 1), which key and what was expected.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IntakeError(
            f"the schedule can't be read: {error.strerror}", where=str(path), remedy="name a file"
        ) from None
    rows = _validated(path, _parsed(path, _text(path, content)))
    beside = order.checked(path, rows)
    if not partial:
        _refuse_missing_chapters(path, rows)
    return ScheduleFile(path, hashlib.sha256(content).hexdigest(), rows, beside)


def _text(path: Path, content: bytes) -> str:
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error):
            there = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                part = there.decompress(content)
            except zlib.error:
                part = b""
            raise _cut_off(path, part.decode("utf-8", "ignore")) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntakeError(
            "the schedule is no UTF-8 text", where=f"{path}, byte {error.start}", remedy=REMEDY
        ) from None


def _parsed(path: Path, text: str) -> list[Any]:
    try:
        rows = json.loads(text)
    except _NO_JSON:
        raise _cut_off(path, text) from None
    if not isinstance(rows, list) or not rows:
        raise IntakeError(
            "the schedule is no list of rows", where=str(path),
            remedy="give the USITC's own JSON export",
        )  # fmt: skip
    return rows


def _cut_off(path: Path, text: str) -> IntakeError:
    whole = sum(1 for _ in _whole_rows(text))
    return IntakeError(
        f"the schedule is cut off or damaged in row {whole + 1}: "
        "expected a whole row, and ] after the last",
        where=f"{path}, after {whole} whole rows",
        remedy=REMEDY,
    )


def _whole_rows(text: str) -> Iterator[object]:
    decoder, at = json.JSONDecoder(), text.find("[") + 1
    while at:
        start = re.compile(r"[\s,]*").match(text, at)
        try:
            row, at = decoder.raw_decode(text, start.end() if start else at)
        except _NO_JSON:
            return
        yield row


def _validated(path: Path, rows: list[Any]) -> list[Row]:
    try:
        return _ROWS.validate_python(rows)
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False, include_input=False)
        row, *keys = problems[0]["loc"] or (0,)
        key = ".".join(map(str, keys)) or "the row itself"
        expected = problems[0]["msg"].lower()
        raise IntakeError(
            f"row {int(row) + 1}, key {key}: {expected}",
            where=str(path), count=len(problems), remedy=REMEDY,
        ) from None  # fmt: skip


def _refuse_missing_chapters(path: Path, rows: list[Row]) -> None:
    there = {row.htsno[:2] for row in rows}
    missing = sorted(_CHAPTERS - there)
    if missing:
        shown = ", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        last = max(there)
        raise IntakeError(
            f"the schedule is not whole: it ends with chapter {last or 'none'}, and there is no "
            f"chapter {shown}",
            where=str(path), count=len(missing),
            remedy=f"{REMEDY}; of a part of a schedule say so: --partial",
        )  # fmt: skip

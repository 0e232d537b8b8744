"""The csv reader: UTF-8 or GB18030, comma, tab or semicolon, one record at a time."""

import codecs
import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.facts.readers import (
    CHUNK_ROWS,
    NO_DECIMALS,
    Chunk,
    Flaw,
    columns_of,
    header_names,
    shortened,
    unreadable,
    wanted_positions,
)

_BLOCK = 1 << 20
_DELIMITERS = (",", "\t", ";")
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# ="007" is how exports keep Excel from making 7 of it; the quotes are its, not the value's.
_GUARDED = r'^\s*="([^"]*)"\s*$'
# How much of a spoiled row the rejects show.
_SHOWN = 200


class CsvSource:
    """A csv file; its encoding and delimiter are found out, not asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheet: str | None = None
        encoding = _encoding(path)
        self.encoding: str | None = encoding
        self.delimiter = _delimiter(path, encoding)
        _, first = next(self._records(), (1, []))
        self.headers = header_names(path, _bare(pa.array(first, pa.string())).to_pylist())

    def chunks(
        self,
        wanted: Sequence[str],
        size: int = CHUNK_ROWS,
        decimals: Mapping[str, int] = NO_DECIMALS,
        ids: Collection[str] = (),
    ) -> Iterator[Chunk]:
        """Yield the rows that are not blank, with the wanted columns only."""
        positions = wanted_positions(self, wanted)
        records = self._records()
        next(records)
        while block := list(islice(records, size)):
            numbered = [(row, cells) for row, cells in block if _filled(cells)]
            if numbered:
                yield self._chunk(numbered, positions, ids)

    def _chunk(
        self,
        numbered: list[tuple[int, list[str]]],
        positions: dict[str, int],
        ids: Collection[str],
    ) -> Chunk:
        width = len(self.headers)
        flaws = []
        for position, (_, cells) in enumerate(numbered):
            if len(cells) != width:
                reason = _misfit(cells, width)
                if reason is not None:
                    shown = self.delimiter.join(cells)[:_SHOWN]
                    flaws.append(Flaw(position, None, shown, reason))
                cells.extend([""] * (width - len(cells)))
        rows = np.array([row for row, _ in numbered], dtype=np.int64)
        texts = columns_of([cells for _, cells in numbered], positions)
        columns = {header: _bare(column) for header, column in texts.items()}
        flaws.extend(shortened(columns, ids))
        return Chunk(rows, columns, flaws)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        # strict: a quote that never closes is the end of a file that broke off, not a value.
        with self.path.open(encoding=self.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            row = 0
            try:
                for row, cells in enumerate(reader, start=1):
                    yield row, cells
            except csv.Error as error:
                raise unreadable(self.path, str(error), f"row {row + 1}") from None


def _bare(texts: pa.Array) -> pa.Array:
    guarded = pc.match_substring_regex(texts, _GUARDED)
    if not pc.any(guarded).as_py():
        return texts
    bare = pc.replace_substring_regex(texts, _GUARDED, r"\1")
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def _misfit(cells: list[str], width: int) -> str | None:
    if len(cells) < width:
        return "too_few_cells"
    return "too_many_cells" if _filled(cells[width:]) else None


def _filled(cells: Sequence[str]) -> bool:
    return any(map(str.strip, cells))


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(_UTF16_MARKS):
        # What Excel calls "Unicode text".
        candidates = ["utf-16"]
    elif head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        error = _decoding_error(path, encoding)
        if error is None:
            return encoding
        if error.reason == "unexpected end of data":
            # GB18030 would read the halved character as another one.
            raise unreadable(path, "it ends in the middle of a character")
    raise unreadable(path, f"its characters are not {' or '.join(candidates)}")


def _decoding_error(path: Path, encoding: str) -> UnicodeDecodeError | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return error
    return None


def _delimiter(path: Path, encoding: str) -> str:
    """Return the delimiter that parts the first record into most cells."""
    return max(_DELIMITERS, key=lambda mark: _width(path, encoding, mark))


def _width(path: Path, encoding: str, mark: str) -> int:
    with path.open(encoding=encoding, newline="") as stream:
        # A header may hold several lines; and a file without any is not read as a whole.
        lines = iter(lambda: stream.readline(_BLOCK), "")
        try:
            return len(next(csv.reader(lines, delimiter=mark, strict=True), []))
        except csv.Error:
            # Its quotes or a cell beyond all bounds say that it is another one.
            return 0

r"""A month's frames once more, cut by merchant: what a briefing opens in a millisecond.

``slices.tsv`` has a first line that names every frame's columns, then one line per merchant, by
id: the id, a tab, and the merchant's rows of every frame, as JSON. A merchant's line is found by
halving the file, however many there are. It is written by Arrow, in columns.

It is read without Arrow, on purpose. Parquet's datasets and Arrow's files are read by threads, and
the process that reads a slice first is the one that briefings are forked from. And in a fresh fork
what costs is every page of memory that is touched for the first time: the same from an Arrow stream
took 3 ms there, this takes less than 1.
"""

import base64
import contextlib
import datetime as dt
import json
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.errors import ReportError

FILE = "slices.tsv"
Rows = list[dict[str, Any]]

# What a torn file does not end in.
_END = b"end of slices\n"
# JSON has words for these; everything else is written as text, and read by what made it.
_NATIVE: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean,
    pa.types.is_null,
)  # fmt: skip
_READERS: Mapping[str, tuple[Callable[[pa.DataType], bool], Callable[[str], Any]]] = {
    "decimal": (pa.types.is_decimal, Decimal),
    "day": (pa.types.is_date, dt.date.fromisoformat),
    "moment": (pa.types.is_timestamp, dt.datetime.fromisoformat),
    "float": (pa.types.is_floating, float),
}
# Names and ids come from strangers. Other control characters may stand as they are.
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"))
_JSON = json.JSONDecoder(strict=False)
# How many merchants are put into text at a time.
_BATCH = 16384


@dataclass(frozen=True)
class Layout:
    """The columns of one frame.

    Attributes:
        columns: Their names.
        readers: The place of each value that is written as text, and what it is.
        message: The frame's Arrow schema, in base 64.
    """

    columns: list[str]
    readers: list[tuple[int, str]]
    message: str

    @cached_property
    def schema(self) -> pa.Schema:
        """The frame's Arrow schema."""
        return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(self.message)))

    def row(self, values: list[Any]) -> dict[str, Any]:
        """Return one row by column name."""
        for at, kind in self.readers:
            if values[at] is not None:
                values[at] = _READERS[kind][1](values[at])
        return dict(zip(self.columns, values, strict=True))


# name → one merchant's rows of that frame, and the frame's columns
Slice = Mapping[str, tuple[Rows, Layout]]


# --- reading ------------------------------------------------------------------------------------


def read(folder: Path, merchant_id: str) -> Slice:
    """Return one merchant's rows of every frame: plain values, and nothing of anyone else.

    Whom no frame has, has no rows; what is missing is ``None``.

    Raises:
        ReportError: The slices are missing, or torn.
    """
    with _opened(folder) as text:
        layouts, line = _layouts(_first_line(text)), _line(text, merchant_id)
    mine = _JSON.decode(line.decode()) if line else [[] for _ in layouts]
    return {
        name: ([layout.row(values) for values in rows], layout)
        for (name, layout), rows in zip(layouts.items(), mine, strict=True)
    }


def lines_of(folder: Path, merchant_ids: Sequence[str]) -> list[bytes]:
    """Return the first line and each merchant's own; whom no frame has, has none.

    Raises:
        ReportError: The slices are missing, or torn.
    """
    with _opened(folder) as text:
        found = [(one, _line(text, one)) for one in merchant_ids]
        lines = [_key(one) + line + b"\n" for one, line in found if line is not None]
        return [_first_line(text) + b"\n", *lines]


def joined(first_line: bytes, lines: bytes) -> bytes:
    """Return slices that hold these lines of others, which are sorted."""
    return first_line + lines + _END


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[mmap.mmap]:
    try:
        with (
            (folder / FILE).open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
        ):
            yield text
    except (OSError, ValueError) as broken:
        raise ReportError(
            "the assessment's slices are missing or torn",
            where=f"{folder / FILE}: {broken}",
            remedy="run merchantkit report for the month again",
        ) from None


def _first_line(text: mmap.mmap) -> bytes:
    if text[-len(_END) :] != _END:
        raise ValueError("it ends early")
    return text[: text.find(b"\n")]


# A month's slices have one layout, and the parent of the briefings has read it for all of them.
@lru_cache(maxsize=8)
def _layouts(line: bytes) -> Mapping[str, Layout]:
    return {name: Layout(*parts) for name, parts in json.loads(line).items()}


def _line(text: mmap.mmap, merchant_id: str) -> bytes | None:
    """Return what stands behind a merchant's id; lines are sorted as Python sorts text."""
    low, high = text.find(b"\n") + 1, len(text) - len(_END)
    while low < high:
        start = text.rfind(b"\n", low - 1, (low + high) // 2) + 1
        tab, end = text.find(b"\t", start), text.find(b"\n", start)
        found = _JSON.decode(text[start:tab].decode())
        if found == merchant_id:
            return text[tab + 1 : end]
        low, high = (end + 1, high) if found < merchant_id else (low, start)
    return None


# --- writing ------------------------------------------------------------------------------------


def write(folder: Path, frames: Mapping[str, tuple[str, pa.Table]]) -> None:
    """Write the slices of a month.

    Args:
        folder: The assessment's folder.
        frames: name → its merchant column, which is text, and the frame, sorted by that column with
            missing ones last. Rows without a merchant are nobody's, and left out.

    Raises:
        TypeError: A column holds what a slice has no text for, such as lists.
    """
    keys = {name: table[column].drop_null() for name, (column, table) in frames.items()}
    chunks = [chunk.cast(pa.string()) for key in keys.values() for chunk in key.chunks]
    ids = pc.unique(pa.chunked_array(chunks, pa.string())).sort()
    starts = {name: _starts(key, ids) for name, key in keys.items()}
    layouts = {name: _layout(table.schema) for name, (_, table) in frames.items()}
    with (folder / FILE).open("wb") as file:
        file.write(json.dumps(layouts, ensure_ascii=False).encode() + b"\n")
        for first in range(0, len(ids), _BATCH):
            parts = [
                _lists(table, starts[name][first : first + _BATCH + 1])
                for name, (_, table) in frames.items()
            ]
            file.write(_lines(_quoted(ids.slice(first, _BATCH)), parts))
        file.write(_END)


def forget(folder: Path, merchant_id: str) -> bool:
    """Write an assessment's slices without a merchant; return whether they had any of its rows.

    Raises:
        ReportError: The slices are missing, or torn.
    """
    if not any(rows for rows, _ in read(folder, merchant_id).values()):
        return False
    mine = _key(merchant_id)
    # What is there may be read at this moment: it is replaced, not written over.
    new = (folder / FILE).with_suffix(".new")
    with (folder / FILE).open("rb") as old, new.open("wb") as kept:
        kept.writelines(line for line in old if not line.startswith(mine))
    new.replace(folder / FILE)
    return True


def _layout(schema: pa.Schema) -> tuple[list[str], list[tuple[int, str]], str]:
    plain = schema.remove_metadata()
    kinds = [(at, _kind(field)) for at, field in enumerate(plain)]
    readers = [(at, kind) for at, kind in kinds if kind is not None]
    return plain.names, readers, base64.b64encode(plain.serialize().to_pybytes()).decode()


def _kind(field: pa.Field) -> str | None:
    if any(is_it(field.type) for is_it in _NATIVE):
        return None
    for kind, (is_it, _) in _READERS.items():
        if is_it(field.type):
            return kind
    raise TypeError(f"a slice has no text for {field.name}: {field.type}")


def _starts(keys: pa.ChunkedArray, ids: pa.Array) -> "np.ndarray[Any, Any]":
    # Merchant n has the frame's rows from start n up to start n + 1.
    places = pc.index_in(keys.cast(pa.string()), value_set=ids).to_numpy()
    return np.searchsorted(places, np.arange(len(ids) + 1))


def _lists(table: pa.Table, starts: "np.ndarray[Any, Any]") -> pa.Array:
    """Return each merchant's rows of a frame as the text of a list."""
    part = table.slice(starts[0], starts[-1] - starts[0])
    cells = list(_separated(_cells(column) for column in part.columns))
    rows = pc.binary_join_element_wise("[", *cells, "]", "")
    if isinstance(rows, pa.ChunkedArray):
        rows = pa.concat_arrays(rows.chunks or [pa.array([], pa.string())])
    offsets = pa.array(starts - starts[0], pa.int32())
    rows_of_each = pc.binary_join(pa.ListArray.from_arrays(offsets, rows), ",")
    return pc.binary_join_element_wise("[", rows_of_each, "]", "")


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind, text = column.type, column.cast(pa.string())
    plain = pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return pc.fill_null(text if plain else _quoted(text), "null")


def _key(merchant_id: str) -> bytes:
    quoted: str = _quoted(pa.array([merchant_id]))[0].as_py()
    return quoted.encode() + b"\t"


def _quoted(text: Any) -> Any:
    for character, escaped in _ESCAPES:
        text = pc.replace_substring(text, character, escaped)
    return pc.binary_join_element_wise('"', text, '"', "")


def _separated(parts: Iterator[Any]) -> Iterator[Any]:
    yield next(parts)
    for part in parts:
        yield ","
        yield part


def _lines(ids: pa.Array, parts: list[pa.Array]) -> pa.Buffer:
    lines = pc.binary_join_element_wise(ids, "\t[", *_separated(iter(parts)), "]\n", "")
    return pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "")[0].as_buffer()

"""A month's frames once more, cut by merchant: what a briefing opens in a millisecond.

``slices.arrow`` is an Arrow stream with one row per merchant and one column per frame, each a list
of that frame's rows, in batches of merchants by id. Behind it an index says with which merchant
each batch begins, and where. A slice costs one batch's header and the merchant's own rows, however
many merchants there are.

Not Parquet's datasets, and a stream rather than an Arrow file: those are read by threads, and the
process that reads a slice first is the one that briefings are forked from. Not compressed either: a
batch would be unpacked whole for each of its merchants.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.errors import ReportError

FILE = "slices.arrow"
Rows = list[dict[str, Any]]
# name → one merchant's rows of that frame, and the frame's columns
Slice = Mapping[str, tuple[Rows, pa.Schema]]

_ID = "merchant_id"
_INDEX = pa.schema({"first": pa.string(), "at": pa.int64()})
# The last bytes: where the index begins, and a mark that a torn file does not end in.
_END = struct.Struct("<q8s")
_MARK = b"mkslices"
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
# Few enough that what is read of a batch lies close together, enough that headers cost little.
_BATCH = 512


def write(folder: Path, frames: Mapping[str, tuple[str, pa.Table]]) -> None:
    """Write the slices of a month.

    Args:
        folder: The assessment's folder.
        frames: name → its merchant column, which is text, and the frame, sorted by that column with
            missing ones last. Rows without a merchant are nobody's, and left out.
    """
    keys = {name: table[column].drop_null() for name, (column, table) in frames.items()}
    chunks = [chunk.cast(pa.string()) for key in keys.values() for chunk in key.chunks]
    ids = pc.unique(pa.chunked_array(chunks, pa.string())).sort()
    starts = {name: _starts(key, ids) for name, key in keys.items()}
    tables = {name: _plain(table) for name, (_, table) in frames.items()}
    lists = {name: pa.list_(pa.struct(list(table.schema))) for name, table in tables.items()}
    batches = (
        {
            _ID: ids.slice(first, _BATCH),
            **{n: _lists(t, starts[n][first : first + _BATCH + 1]) for n, t in tables.items()},
        }
        for first in range(0, len(ids), _BATCH)
    )
    schema = pa.schema({_ID: pa.string(), **lists})
    _write(folder / FILE, schema, (pa.record_batch(batch, schema) for batch in batches))


def read(folder: Path, merchant_id: str) -> Slice:
    """Return one merchant's rows of every frame: plain values, and nothing of anyone else.

    Whom no frame has, has no rows; what is missing is ``None``.

    Raises:
        ReportError: The slices are missing, or torn.
    """
    try:
        with pa.memory_map(str(folder / FILE)) as file:
            schema, batch = _holding(file, merchant_id)
    except (OSError, ValueError) as broken:  # pyarrow's errors are of these kinds
        raise ReportError(
            "the assessment's slices are missing or torn",
            where=f"{folder / FILE}: {broken}",
            remedy="run merchantkit report for the month again",
        ) from None
    at = batch.column(0).index(merchant_id).as_py()
    row = batch.slice(at, 1).to_pylist()[0] if at >= 0 else {}
    frames = (field for field in schema if field.name != _ID)
    return {f.name: (row.get(f.name, []), pa.schema(list(f.type.value_type))) for f in frames}


def forget(folder: Path, merchant_id: str) -> bool:
    """Write an assessment's slices without a merchant; return whether they had any of its rows.

    Raises:
        ReportError: The slices are missing, or torn.
    """
    if not any(rows for rows, _ in read(folder, merchant_id).values()):
        return False
    with pa.memory_map(str(folder / FILE)) as file:
        stream = pa.ipc.open_stream(file)
        kept = (batch.filter(pc.not_equal(batch.column(0), merchant_id)) for batch in stream)
        _write(folder / FILE, stream.schema, (batch for batch in kept if len(batch)))
    return True


def _starts(keys: pa.ChunkedArray, ids: pa.Array) -> "np.ndarray[Any, Any]":
    # Row n of the merchants has the frame's rows from start n up to start n + 1.
    places = pc.index_in(keys.cast(pa.string()), value_set=ids).to_numpy()
    return np.searchsorted(places, np.arange(len(ids) + 1))


def _plain(table: pa.Table) -> pa.Table:
    # A dictionary would travel in a message of its own, which a reader of one batch never sees.
    for n, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(n, field.name, table[n].cast(field.type.value_type))
    return table.replace_schema_metadata(None)


def _lists(table: pa.Table, starts: "np.ndarray[Any, Any]") -> pa.ListArray:
    part = table.slice(starts[0], starts[-1] - starts[0])
    columns = [pa.concat_arrays(column.chunks or [pa.array([], column.type)]) for column in part]
    rows = pa.StructArray.from_arrays(columns, fields=list(table.schema))
    return pa.ListArray.from_arrays(pa.array(starts - starts[0], pa.int32()), rows)


def _index(file: pa.MemoryMappedFile) -> pa.RecordBatch:
    file.seek(max(file.size() - _END.size, 0))
    end = file.read()
    if len(end) != _END.size or not end.endswith(_MARK):
        raise ValueError("it ends early")
    file.seek(_END.unpack(end)[0])
    return _record_batch(file, _INDEX)


def _holding(file: pa.MemoryMappedFile, merchant_id: str) -> tuple[pa.Schema, pa.RecordBatch]:
    """Return the schema, and the batch in which the merchant is if it is in any."""
    index = _index(file)
    after = bisect_right(range(len(index)), merchant_id, key=lambda n: index[0][n].as_py())
    file.seek(0)
    schema = pa.ipc.read_schema(file)
    if after == 0:
        return schema, pa.RecordBatch.from_pylist([], schema)
    file.seek(index[1][after - 1].as_py())
    return schema, _record_batch(file, schema)


def _record_batch(file: pa.MemoryMappedFile, schema: pa.Schema) -> pa.RecordBatch:
    return pa.ipc.read_record_batch(pa.ipc.read_message(file), schema)


def _write(file: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    # What is there may be mapped by a reader, or by the batches: it is replaced, not written over.
    new = file.with_suffix(".new")
    with pa.OSFile(str(new), "wb") as sink:
        sink.write(schema.serialize())
        places = list(_written(batches, sink))
        sink.write(_END_OF_STREAM)
        index = sink.tell()
        firsts, at = zip(*places, strict=True) if places else ((), ())
        columns = [pa.array(firsts, pa.string()), pa.array(at, pa.int64())]
        sink.write(pa.record_batch(columns, schema=_INDEX).serialize())
        sink.write(_END.pack(index, _MARK))
    new.replace(file)


def _written(batches: Iterable[pa.RecordBatch], sink: pa.OSFile) -> Iterator[tuple[str, int]]:
    for batch in batches:
        yield batch.column(0)[0].as_py(), sink.tell()
        sink.write(batch.serialize())

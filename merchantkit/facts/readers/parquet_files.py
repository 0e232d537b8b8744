"""The parquet reader: typed columns as the text that says the same, batch by batch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from merchantkit.errors import IntakeError
from merchantkit.facts.readers import (
    CHUNK_ROWS,
    Chunk,
    Flaw,
    header_names,
    unreadable,
    wanted_positions,
)

# Beyond it not every whole number has a float of its own, so an id kept as one may be another's.
_EXACT_BELOW = 2**53


class ParquetSource:
    """A parquet file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheet: str | None = None
        try:
            with pq.ParquetFile(path) as file:
                names = file.schema_arrow.names
        except (pa.ArrowException, OSError, EOFError):
            raise unreadable(path, "the parquet file is damaged or breaks off") from None
        self._names = {name.strip(): name for name in names}
        self.headers = header_names(path, names)

    def chunks(self, wanted: Sequence[str], size: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """Yield all rows, with the wanted columns only."""
        wanted_positions(self, wanted)
        row = 2
        try:
            with pq.ParquetFile(self.path) as file:
                columns = [self._names[header] for header in wanted]
                for batch in file.iter_batches(batch_size=size, columns=columns):
                    yield self._chunk(batch, row, wanted)
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise unreadable(self.path, str(error)[:200], f"after row {row - 1}") from None

    def _chunk(self, batch: pa.RecordBatch, row: int, wanted: Sequence[str]) -> Chunk:
        rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
        columns, flaws = {}, []
        for header in wanted:
            column = batch.column(self._names[header])
            columns[header] = self._text(column, header)
            flaws += _lost(column, columns[header], header)
        return Chunk(rows, columns, flaws)

    def _text(self, column: pa.Array, header: str) -> pa.Array:
        kind = column.type
        if pa.types.is_dictionary(kind):
            return self._text(column.dictionary_decode(), header)
        if pa.types.is_timestamp(kind):
            return _timestamp_text(column)
        if pa.types.is_floating(kind):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        try:
            text = pc.cast(column, pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise IntakeError(
                f"the column {header[:60]!r} holds {kind}, which is no single value",
                where=str(self.path),
                remedy="export it as text, number or date",
            ) from None
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _timestamp_text(column: pa.Array) -> pa.Array:
    zoned = column.type.tz is not None
    whole = pc.cast(column, pa.timestamp("us", "UTC" if zoned else None), safe=False)
    return pc.cast(whole, pa.string())  # with a Z if zoned; strftime takes 25 times as long


def _lost(column: pa.Array, text: pa.Array, header: str) -> list[Flaw]:
    if not pa.types.is_floating(column.type):
        return []
    beyond = pc.fill_null(pc.greater_equal(pc.abs(column), float(_EXACT_BELOW)), False)
    places = np.flatnonzero(beyond.to_numpy(zero_copy_only=False))
    return [Flaw(int(at), header, text[int(at)].as_py(), "digits_lost") for at in places]

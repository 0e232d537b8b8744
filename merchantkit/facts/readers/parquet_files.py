"""The parquet reader: typed columns as the text that says the same, batch by batch."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from merchantkit.errors import IntakeError
from merchantkit.facts.readers import (
    CHUNK_ROWS,
    NO_DECIMALS,
    Chunk,
    Flaw,
    header_names,
    shortened,
    unreadable,
    wanted_positions,
)

Mask = npt.NDArray[np.bool_]
# How many binary digits a float of so many bits keeps.
_DIGITS = {16: 11, 32: 24, 64: 53}
# What a number with a fraction is taken for where nobody says how many decimals it has: money.
_CENTS = 2


class ParquetSource:
    """A parquet file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheet: str | None = None
        self.encoding: str | None = None
        try:
            with pq.ParquetFile(path) as file:
                names = file.schema_arrow.names
        except (pa.ArrowException, OSError, EOFError):
            raise unreadable(path, "the parquet file is damaged or breaks off") from None
        self.headers = header_names(path, names)
        # Blank ones at the right end are no headers; one that is there twice is never wanted.
        self._names = dict(zip(self.headers, names, strict=False))

    def chunks(
        self,
        wanted: Sequence[str],
        size: int = CHUNK_ROWS,
        decimals: Mapping[str, int] = NO_DECIMALS,
        ids: Collection[str] = (),
    ) -> Iterator[Chunk]:
        """Yield the rows that are not blank, with the wanted columns only."""
        wanted_positions(self, wanted)
        row = 2
        try:
            with pq.ParquetFile(self.path) as file:
                columns = [self._names[header] for header in wanted]
                elsewhere: Mask | None = None
                for batch in file.iter_batches(batch_size=size, columns=columns):
                    blank = _blank(batch)
                    if blank.any():
                        # Only now: the others are not read where these say enough.
                        if elsewhere is None:
                            elsewhere = _blank_elsewhere(file, size, columns)
                        blank &= elsewhere[row - 2 :][: len(blank)]
                    if not blank.all():
                        yield _without(self._chunk(batch, row, wanted, decimals, ids), blank)
                    row += len(blank)
        except (pa.ArrowException, OSError) as error:
            raise unreadable(self.path, str(error)[:200], f"after row {row - 1}") from None

    def typed(self, wanted: Sequence[str]) -> pa.Table:
        """Return the wanted columns as the file has them, not as text.

        Raises:
            IntakeError: The file is damaged, or one of them is not there, is there twice, or holds
                lists or records.
        """
        wanted_positions(self, wanted)
        names = [self._names[header] for header in wanted]
        try:
            with pq.ParquetFile(self.path) as file:
                found = file.read(columns=names)
        except (pa.ArrowException, OSError) as error:
            raise unreadable(self.path, str(error)[:200]) from None
        for header, name in zip(wanted, names, strict=True):
            if pa.types.is_nested(found.schema.field(name).type):
                raise self._no_single_value(header, found.schema.field(name).type)
        return found.select(names).rename_columns(list(wanted))

    def _chunk(
        self, batch: pa.RecordBatch, row: int, wanted: Sequence[str], decimals: Mapping[str, int],
        ids: Collection[str],
    ) -> Chunk:  # fmt: skip
        rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
        columns, flaws = {}, []
        for header in wanted:
            column = batch.column(self._names[header])
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            columns[header] = self._text(column, header)
            for at in _lost(column, decimals.get(header)):
                flaws.append(Flaw(int(at), header, columns[header][int(at)].as_py(), "digits_lost"))
        texts = {name for name in ids if name in wanted and self._is_text(batch, name)}
        return Chunk(rows, columns, [*flaws, *shortened(columns, texts)])

    def _is_text(self, batch: pa.RecordBatch, header: str) -> bool:
        kind = batch.column(self._names[header]).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

    def _text(self, column: pa.Array, header: str) -> pa.Array:
        kind = column.type
        if pa.types.is_timestamp(kind):
            return _timestamp_text(column)
        if pa.types.is_floating(kind):
            return _float_text(column)
        try:
            text = pc.cast(column, pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            raise self._no_single_value(header, kind) from None
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)

    def _no_single_value(self, header: str, kind: pa.DataType) -> IntakeError:
        return IntakeError(
            f"the column {header[:60]!r} holds {kind}, which is no single value",
            where=str(self.path),
            remedy="export it as text, number or date",
        )


def _without(chunk: Chunk, blank: Mask) -> Chunk:
    if not blank.any():
        return chunk
    kept, places = pa.array(~blank), np.cumsum(~blank) - 1
    columns = {header: texts.filter(kept) for header, texts in chunk.columns.items()}
    # What is blank has no flaws.
    flaws = [flaw._replace(position=int(places[flaw.position])) for flaw in chunk.flaws]
    return Chunk(chunk.rows[~blank], columns, flaws)


def _blank_elsewhere(file: pq.ParquetFile, size: int, columns: Sequence[str]) -> Mask:
    """Return which rows of a file hold nothing but in these columns."""
    others = [name for name in file.schema_arrow.names if name not in columns]
    if not others:
        return np.ones(file.metadata.num_rows, dtype=np.bool_)
    batches = file.iter_batches(batch_size=size, columns=others)
    return np.concatenate([_blank(batch) for batch in batches])


def _blank(batch: pa.RecordBatch) -> Mask:
    blank = np.ones(batch.num_rows, dtype=np.bool_)
    for column in batch.columns:
        empty = pc.is_null(column, nan_is_null=True)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            empty = pc.or_kleene(empty, pc.equal(pc.utf8_trim_whitespace(column), ""))
        blank &= empty.to_numpy(zero_copy_only=False)
        if not blank.any():
            break
    return blank


def _timestamp_text(column: pa.Array) -> pa.Array:
    zoned = column.type.tz is not None
    whole = pc.cast(column, pa.timestamp("us", "UTC" if zoned else None), safe=False)
    return pc.cast(whole, pa.string())  # with a Z if zoned; strftime takes 25 times as long


def _float_text(column: pa.Array) -> pa.Array:
    text = pc.cast(column, pa.string())
    text = pc.if_else(pc.is_nan(column), pa.scalar(None, pa.string()), text)
    values = _doubles(column)
    whole = (values == np.floor(values)) & (np.abs(values) < _exact_below(64, 0))
    if not whole.any():
        return text
    # Arrow writes 1.23456789012345e+14, which is nobody's id.
    digits = pc.cast(pa.array(np.where(whole, values, 0).astype(np.int64)), pa.string())
    return pc.if_else(pa.array(whole), digits, text)


def _doubles(column: pa.Array) -> npt.NDArray[np.float64]:
    # Every narrower float has one of its value; a missing one becomes NaN, which nothing equals.
    filled = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(filled, dtype=np.float64)


def _lost(column: pa.Array, decimals: int | None) -> npt.NDArray[np.int64]:
    """Return where a float may stand for more than one value of its column.

    What the column becomes decides. Money has two decimals, so a whole amount may be another's
    too: 300000 in 32 bits may have been 300000.01. An id or a count has none, and a whole one is
    sure for longer; a fraction in it is held to money's bound, one in a quantity to its own.
    """
    if not pa.types.is_floating(column.type):
        return np.array([], dtype=np.int64)
    values, bits = _doubles(column), column.type.bit_width
    below = np.full(len(values), _exact_below(bits, _CENTS if decimals is None else decimals))
    if decimals != _CENTS:
        # Quantities are mostly whole: at the bound of their four decimals 32 bits could not say
        # 1024 pieces, nor 16 bits one. What a whole one hides is half of its last place at most,
        # and there are no cents in it that somebody is owed.
        below[values == np.floor(values)] = _exact_below(bits, 0)
    return np.flatnonzero(np.abs(values) >= below)


def _exact_below(bits: int, decimals: int) -> float:
    """Return below what every number of so many decimals has a float of its own.

    Floats of *d* binary digits lie 2 ** (1 - d) of their power of two apart. As long as that is
    less than the last decimal, the one next to a number is next to no other, and its text rounds
    back to it. So a 1 (whole numbers) is kept up to 2 ** d, and a 0.01, more than 1/128 but less
    than 1/64, up to 2 ** (d - 7).

    >>> _exact_below(32, 0), _exact_below(32, 2), _exact_below(64, 2) == 2**46
    (16777216.0, 131072.0, True)
    """
    return 2.0 ** (_DIGITS[bits] - math.ceil(decimals * math.log2(10)))

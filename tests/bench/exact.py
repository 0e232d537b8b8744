"""Exact columns to and from NumPy, for the plain formulations: no code of the kit's own."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """Whole numbers, and which of them are known; an unknown one's number means nothing."""

    whole: Integers
    known: Flags


def whole(column: "pd.Series") -> Column:
    """Return an Arrow column of integers, or of decimals in their smallest unit."""
    array = pa.array(column.array)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    known = np.asarray(array.is_valid())
    if pa.types.is_decimal(array.type):
        # A decimal128 is two little-endian words; what fits in 18 digits fits in the low one.
        words = np.frombuffer(array.buffers()[1], dtype="<i8")
        return Column(words[2 * array.offset : 2 * (array.offset + len(array)) : 2], known)
    return Column(np.asarray(array.fill_null(0)), known)


def flags(column: "pd.Series") -> Flags:
    """Return an Arrow column of booleans, missing ones taken as true."""
    array = pa.array(column.array)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return np.asarray(array.fill_null(True))


def exact(column: Column, places: int, index: pd.Index) -> "pd.Series":
    """Return whole numbers of the smallest unit as decimals with so many places."""
    words = np.column_stack((column.whole, column.whole >> 63))
    known = pa.py_buffer(np.packbits(column.known, bitorder="little"))
    kind = pa.decimal128(18, places)
    array = pa.Array.from_buffers(kind, len(words), [known, pa.py_buffer(words)])
    return pd.Series(pd.arrays.ArrowExtensionArray(array), index=index)


def integers(column: Column, index: pd.Index) -> "pd.Series":
    """Return whole numbers as a column that can be missing."""
    return pd.Series(pd.arrays.IntegerArray(column.whole, ~column.known), index=index)


def arrow(values: npt.NDArray[np.generic], missing: Flags | None, kind: pa.DataType) -> "pd.Series":
    """Return values as the warehouse would give them, some of them missing."""
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, mask=missing).cast(kind)))


def money(cents: Integers, missing: Flags | None) -> "pd.Series":
    """Return cents as the warehouse would give them."""
    known = np.ones(len(cents), dtype=bool) if missing is None else ~missing
    return exact(Column(cents, known), 2, pd.RangeIndex(len(cents)))

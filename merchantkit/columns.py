"""Whole columns as NumPy arrays: the values, and which of them are known.

pandas keeps the same two arrays inside ``Int64`` and ``boolean``, but every step through a Series
costs a hundred microseconds and several copies. Inside a programme a million rows, and one row,
are worked on here, and become Series again where the outcome is written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas.api.extensions import ExtensionArray

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Whole numbers (int64) or flags (bool), one a row. No operation changes one; each makes a new.

    Flags are combined as SQL does it: one that is known to be false is enough for ``&``.

    Attributes:
        values: What they are; where it is not known, any value.
        known: Where they are known.

    >>> sales = Column.of(pd.Series([3, None, 8], dtype="Int64"))
    >>> (sales * 2 - 1).series().tolist(), (sales >= 5).series().tolist()
    ([5, <NA>, 15], [False, <NA>, True])
    """

    values: npt.NDArray[Any]
    known: Flags

    @classmethod
    def of(cls, series: "pd.Series[Any]") -> Self:
        """Return a Series of whole numbers or flags, from NumPy, pandas or Arrow.

        What is not known becomes 0 or False, so that no sum of it can overflow.

        Raises:
            TypeError: The Series holds something else, or numbers that are not whole.
            ValueError: Likewise.
        """
        kind = series.dtype.kind
        if isinstance(series.dtype, pd.ArrowDtype) and kind in "iub":
            to, nothing = (pa.bool_(), False) if kind == "b" else (pa.int64(), 0)
            array = arrow(series).cast(to)
            return cls(np.asarray(array.fill_null(nothing)), np.asarray(array.is_valid()))
        if kind not in "ib":
            return cls.of(series.astype("Int64"))
        values = series.to_numpy(dtype=bool if kind == "b" else np.int64, na_value=0)
        return cls(values, ~np.asarray(series.array.isna()))

    @classmethod
    def constant(cls, value: int, rows: int) -> Self:
        """Return the same whole number on so many rows, in the memory of one."""
        return cls.all_known(np.broadcast_to(np.int64(value), rows))

    @classmethod
    def unknown(cls, rows: int, kind: type[int] = int) -> Self:
        """Return so many rows of which nothing is known; ``bool`` for flags."""
        return cls(np.zeros(rows, dtype=kind), np.zeros(rows, dtype=bool))

    @classmethod
    def all_known(cls, values: npt.NDArray[Any]) -> Self:
        """Return values that are known on every row."""
        return cls(values, np.ones(len(values), dtype=bool))

    def series(self, index: pd.Index | None = None) -> "pd.Series[Any]":
        """Return ``Int64`` or ``boolean``, missing where it is not known."""
        return pd.Series(self.array(), index=index)

    def array(self) -> ExtensionArray:
        """Return what a Series holds; it may be written to, so what may not be is copied."""
        values = np.require(self.values, requirements=["C", "W"])
        made = pd.arrays.BooleanArray if self.values.dtype == bool else pd.arrays.IntegerArray
        return made(values, ~self.known)

    @property
    def yes(self) -> Flags:
        """Where it is known to be true."""
        return self.values & self.known

    @property
    def no(self) -> Flags:
        """Where it is known to be false."""
        return ~self.values & self.known

    def equal(self, value: int | bool) -> Flags:
        """Where it is known to be just this."""
        same: Flags = (self.values == value) & self.known
        return same

    def hidden(self, where: Flags) -> Self:
        """Return the same, not known where ``where`` says."""
        return type(self)(self.values, self.known & ~where)

    def replaced(self, where: Flags, by: "int | Column") -> Self:
        """Return the same with other values where ``where`` says."""
        if not isinstance(by, Column):
            return type(self)(np.where(where, by, self.values), self.known | where)
        known = (self.known & ~where) | (by.known & where)
        return type(self)(np.where(where, by.values, self.values), known)

    def least(self, limit: int) -> Self:
        """Return the same, and ``limit`` where it is less."""
        return type(self)(np.maximum(self.values, limit), self.known)

    def most(self, limit: int) -> Self:
        """Return the same, and ``limit`` where it is more."""
        return type(self)(np.minimum(self.values, limit), self.known)

    def __add__(self, other: "int | Column") -> Self:
        return self._with(np.add, other)

    def __sub__(self, other: "int | Column") -> Self:
        return self._with(np.subtract, other)

    def __mul__(self, other: "int | Column") -> Self:
        return self._with(np.multiply, other)

    def __ge__(self, other: "int | Column") -> Self:
        return self._with(np.greater_equal, other)

    def __le__(self, other: "int | Column") -> Self:
        return self._with(np.less_equal, other)

    def __gt__(self, other: "int | Column") -> Self:
        return self._with(np.greater, other)

    def __and__(self, other: "Column") -> Self:
        no = self.no | other.no
        return type(self)(self.values & other.values & ~no, (self.known & other.known) | no)

    def __or__(self, other: "Column") -> Self:
        yes = self.yes | other.yes
        return type(self)(yes, (self.known & other.known) | yes)

    def __invert__(self) -> Self:
        return type(self)(~self.values, self.known)

    def _with(self, operation: np.ufunc, other: "int | Column") -> Self:
        if isinstance(other, Column):
            return type(self)(operation(self.values, other.values), self.known & other.known)
        return type(self)(operation(self.values, other), self.known)


def arrow(series: "pd.Series[Any]") -> pa.Array:
    """Return an Arrow-backed Series as one array, without a copy where it is one already."""
    array = pa.array(series.array)
    if not isinstance(array, pa.ChunkedArray):
        return array
    return array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()


def coded(
    which: npt.NDArray[Any], words: Iterable[str | None], index: pd.Index
) -> "pd.Series[Any]":
    """Return the word at each place as a column of text; missing where that is ``None``.

    Args:
        which: The place of each row's word, from 0.
        words: The words.
        index: The rows.

    >>> coded(np.array([1, 0, 1]), (None, "none"), pd.RangeIndex(3)).tolist()
    ['none', <NA>, 'none']
    """
    texts = pa.array([None if word is None else str(word) for word in words], pa.string())
    taken = texts.take(pa.array(which.astype(np.int32)))
    return pd.Series(pd.arrays.ArrowExtensionArray(taken), index=index)

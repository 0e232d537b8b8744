"""Why each row of a column is as it is: reasons by number, which become text at the end."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from merchantkit.checks import TEXT
from merchantkit.programmes.reasons import Reason

Flags = np.ndarray[Any, np.dtype[np.bool_]]
_REASONS = [reason.value for reason in Reason]


class Why:
    """One reason or none for each row; the first that is given stands.

    >>> why = Why(2)
    >>> why.give(np.array([True, False]), Reason.NOT_PAID)
    >>> why.give(np.array([True, True]), Reason.POOL_USED)
    >>> why.text(pd.RangeIndex(2)).tolist()
    ['not_paid', 'pool_used']
    """

    def __init__(self, rows: int) -> None:
        self._given = np.full(rows, -1, dtype=np.int16)
        self._words = list(_REASONS)

    @property
    def given(self) -> Flags:
        """Whether a row has a reason."""
        flags: Flags = self._given >= 0
        return flags

    def copy(self) -> "Why":
        """Return the same reasons, to which others can be added apart."""
        twin = Why(len(self._given))
        twin._given, twin._words = self._given.copy(), list(self._words)
        return twin

    def where(self, keep: Flags, other: "Why | None" = None) -> "Why":
        """Return the reasons of the rows to keep, and another's (or none) of the rest."""
        kept = self.copy() if other is None else other.copy()
        if other is None:
            kept._given[~keep] = -1
            return kept
        numbers = np.array([kept._number(word) for word in self._words] + [-1], dtype=np.int16)
        kept._given[keep] = numbers[self._given[keep]]
        return kept

    def give(self, where: Flags, reason: Reason) -> None:
        """Give a reason to the rows that have none yet."""
        self._given[where & (self._given < 0)] = _REASONS.index(reason.value)

    def give_texts(self, where: Flags, texts: Iterable[str]) -> None:
        """Give the marked rows, in order, a frame's own reasons."""
        wanted = np.array([self._number(text) for text in texts], dtype=np.int16)
        rows = np.flatnonzero(where)
        free = self._given[rows] < 0
        self._given[rows[free]] = wanted[free]

    def text(self, index: pd.Index) -> "pd.Series[Any]":
        """Return the reasons as codes; missing where there is none."""
        numbers = pa.array(self._given, mask=self._given < 0)
        text = pa.DictionaryArray.from_arrays(numbers, pa.array(self._words)).cast(pa.string())
        return pd.Series(pd.array(text, dtype=TEXT), index=index)

    def _number(self, text: str) -> int:
        if text not in self._words:
            self._words.append(text)
        return self._words.index(text)

"""Rows of one kind: of many lines few differ in what decides their rate, and each is read once."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from merchantkit.columns import Whole, arrow

_MANY = 1_000_000


class Kinds(NamedTuple):
    """Which rows are alike.

    Attributes:
        which: Each row's kind, from 0.
        first: The first row of each kind.
    """

    which: Whole
    first: Whole


def kinds(columns: "Iterable[pd.Series[Any]]", rows: int) -> Kinds:
    """Return which rows have the same in all of these columns of Arrow text.

    >>> text = pd.ArrowDtype(__import__("pyarrow").string())
    >>> kinds([pd.Series(["a", None, "a"], dtype=text)], 3).which.tolist()
    [0, 1, 0]
    """
    which, places = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        coded = arrow(column).dictionary_encode()
        words = len(coded.dictionary) + 1
        own = np.asarray(coded.indices.fill_null(words - 1)).astype(np.int64)
        which, places = which * words + own, places * words
        if places > _MANY:
            # Numbered anew, so that no product outgrows its 64 bits.
            which = pd.factorize(which)[0].astype(np.int64)
            places = int(which.max()) + 1 if rows else 1
    there = np.zeros(places, dtype=bool)
    there[which] = True
    which = (np.cumsum(there) - 1)[which]
    count = int(which.max()) + 1 if rows else 0
    first = np.empty(count, dtype=np.int64)
    first[which[::-1]] = np.arange(rows)[::-1]
    return Kinds(which, first)

"""Rows below rows: whose child each row of a schedule is, and what it has from its ancestors.

A schedule says by ``indent`` alone which row is below which: the parent is the nearest row before
with a smaller indent, be it a code or words between two codes, and indents may skip a level.
"""

import numpy as np
import numpy.typing as npt

from merchantkit.columns import Flags

Rows = npt.NDArray[np.int64]


def parents(indent: Rows) -> Rows:
    """Return the position of each row's parent; -1 for one that has none.

    Args:
        indent: How deep each row is, in the schedule's order.

    >>> parents(np.array([0, 1, 3, 3, 2, 0, 1])).tolist()
    [-1, 0, 1, 1, 1, -1, 5]
    """
    rows = np.arange(len(indent))
    found = np.full(len(indent), -1)
    # Of each depth, the last row before that was so deep; the latest of all shallower is parent.
    shallower = np.full(len(indent), -1)
    for depth in np.unique(indent):
        at = indent == depth
        found[at] = shallower[at]
        last = np.maximum.accumulate(np.where(at, rows, -1))
        shallower = np.maximum(shallower, last)
    return found


def nearest(has: Flags, parent: Rows) -> Rows:
    """Return, for each row, itself or its nearest ancestor that has something; -1 where none has.

    >>> nearest(np.array([True, False, False]), np.array([-1, 0, 1])).tolist()
    [0, 0, 0]
    """
    found = np.where(has, np.arange(len(has)), -1)
    above = parent.copy()
    while bool(((found < 0) & (above >= 0)).any()):
        asks = (found < 0) & (above >= 0)
        found[asks] = np.where(has[above[asks]], above[asks], -1)
        above = np.where(above >= 0, parent[above], -1)
    return found


def lineage(row: int, parent: Rows) -> list[int]:
    """Return a row and its ancestors, itself first.

    >>> lineage(2, np.array([-1, 0, 1]))
    [2, 1, 0]
    """
    line = []
    while row >= 0:
        line.append(row)
        row = int(parent[row])
    return line

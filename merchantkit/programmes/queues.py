"""Orders in line: who came first, and what those before an order in its own line took.

What depends on the orders before (a seller's third order, what is left of an allowance, a pool that
empties) is a running sum within a group, in the order of time. It is worked out in whole columns.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from merchantkit.columns import Flags, Whole, arrow


@dataclass(frozen=True)
class Queue:
    """Rows in line, within each group and in all.

    Attributes:
        rows: The rows' places in the frame, group by group, each in the order of time.
        starts: For each of them, where its group begins in ``rows``.
        ends: The same, where the next group begins.
        everyone: The rows' places in the order of time, whatever their group.
    """

    rows: Whole
    starts: Whole
    ends: Whole
    everyone: Whole

    def through(self, amounts: Whole | Flags) -> Whole:
        """Return for each row the sum over its group up to it and with it.

        >>> group, time = pd.Series(["a", "b", "a"]), np.array([2, 1, 1])
        >>> queue_of(group, time, time, group).through(np.array([5, 7, 1])).tolist()
        [6, 7, 1]
        """
        running = self._running(amounts)
        found = np.empty(len(amounts), dtype=np.int64)
        found[self.rows] = running[1:] - running[self.starts]
        return found

    def before(self, amounts: Whole | Flags) -> Whole:
        """Return for each row the sum over those of its group that stand before it."""
        return self.through(amounts) - amounts

    def total(self, amounts: Whole | Flags) -> Whole:
        """Return for each row the sum over its whole group."""
        running = self._running(amounts)
        found = np.empty(len(amounts), dtype=np.int64)
        found[self.rows] = running[self.ends] - running[self.starts]
        return found

    def before_all(self, amounts: Whole | Flags) -> Whole:
        """Return for each row the sum over all rows that stand before it, whatever their group."""
        found = np.empty(len(amounts), dtype=np.int64)
        found[self.everyone] = np.cumsum(amounts[self.everyone])
        return found - amounts

    def _running(self, amounts: Whole | Flags) -> Whole:
        running = np.zeros(len(amounts) + 1, dtype=np.int64)
        np.cumsum(amounts[self.rows], out=running[1:])
        return running


def queue_of(groups: "pd.Series[Any]", first: Whole, second: Whole, ids: "pd.Series[Any]") -> Queue:
    """Return rows in line: by ``first``, those that share it by ``second``, then by id as text.

    So the line is the same whatever the order of the frame's rows, where ids are unique.

    Args:
        groups: Whose line each row stands in; or numbers of lines, from 0 without gaps.
        first: A time for each row, in whole units from 0 up.
        second: Another, for those of one ``first``.
        ids: What tells rows apart that share both.
    """
    everyone = _in_time(first, second, ids)
    numbered = groups.dtype == np.int64
    codes = groups.to_numpy() if numbered else pd.factorize(groups)[0].astype(np.int64)
    # A group and a place in time as one number, which sorts faster than the two.
    size = max(len(codes), 1)
    keys = np.sort(codes[everyone] * size + np.arange(len(codes)))
    rows, group = everyone[keys % size], keys // size
    bounds = np.flatnonzero(np.diff(group, prepend=-1, append=size))
    sizes = np.diff(bounds)
    return Queue(rows, np.repeat(bounds[:-1], sizes), np.repeat(bounds[1:], sizes), everyone)


def _in_time(first: Whole, second: Whole, ids: "pd.Series[Any]") -> Whole:
    order = np.argsort(first, kind="stable")
    shared = first[order]
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] = shared[1:] == shared[:-1]
    tied[:-1] |= tied[1:]
    # Few share a second, and ids are the dearest to sort by: they decide among those few alone.
    among = order[tied]
    if len(among):
        names = arrow(ids).take(among)
        by_id = np.empty(len(among), dtype=np.int64)
        by_id[np.asarray(pc.sort_indices(names))] = np.arange(len(among))
        order[tied] = among[np.lexsort((by_id, second[among], first[among]))]
    return order

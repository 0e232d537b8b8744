"""What an allowance gives orders in line: so many a seller, so much a seller, so many in all.

An order that comes too late for one of them gets nothing and uses nothing. What some order gets may
not be known (its freight is missing, say); then those behind it get what they get in any case, and
are unknown only where it makes a difference. So every figure is worked out from both ends.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.programmes.queues import Queue, Whole
from merchantkit.rulebook import ProgrammeRules

Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Allotment:
    """What each order gets, in cents, and where it stood when its turn came.

    Attributes:
        least: What it gets in any case.
        most: What it may get.
        used_least: How many of the seller's orders have been given something in any case, with it.
        used_most: How many may have been.
        asked: What the seller would have been given with this order, were its sum not limited.
        certain: Whether ``used_…`` and ``asked`` are known.
        pool_first: Its number among all orders that are given something, if it is one: at least.
        pool_last: The same, at most.
        asks: Whether the seller's limits leave it something that the pool may give.
        queue: The orders in line.
    """

    least: Whole
    most: Whole
    used_least: Whole
    used_most: Whole
    asked: Whole
    certain: Flags
    pool_first: Whole
    pool_last: Whole
    asks: Flags
    queue: Queue

    @property
    def settled(self) -> Flags:
        """Whether it is known what each order gets."""
        same: Flags = self.least == self.most
        return same


@dataclass(frozen=True)
class _Ahead:
    """What stands before each order of a seller: whether a turn is left, and what was asked for."""

    has_turn: Flags
    spent: Whole

    @classmethod
    def of(cls, queue: Queue, wishes: Whole, book: ProgrammeRules) -> "_Ahead":
        turn = queue.before((wishes > 0).astype(np.int64)) + 1
        has_turn = met(verdict(book, "seller_order", turn))
        # Whoever has no turn asks for nothing; the first that have one are all that can be given.
        return cls(has_turn, queue.before(np.where(has_turn, wishes, 0)))

    def grants(self, wishes: Whole, book: ProgrammeRules) -> Whole:
        over = verdict(book, "seller_saved_cny", self.spent + wishes).gap
        left = np.maximum(wishes - over.to_numpy(dtype=np.int64, na_value=0), 0)
        return np.where(self.has_turn, left, 0)


def allot(queue: Queue, least: Whole, most: Whole, book: ProgrammeRules) -> Allotment:
    """Return what each order gets of what it could take by itself.

    Args:
        queue: The orders in line.
        least: What each order could take in any case, in cents; 0 for one that may take nothing.
        most: What it could take at most; the same object where all is known.
        book: Rules with checks on ``seller_order``, ``seller_saved_cny`` and ``pool_order``.
    """
    known = least is most
    ahead = _Ahead.of(queue, least, book)
    behind = ahead if known else _Ahead.of(queue, most, book)
    may = ahead.grants(most, book)
    must = may if known else behind.grants(least, book)
    first = _numbers(queue, must)
    last = first if known else _numbers(queue, may)
    got_most = np.where(met(verdict(book, "pool_order", first)), may, 0)
    got_least = got_most if known else np.where(met(verdict(book, "pool_order", last)), must, 0)
    used_most = _used(queue, got_most)
    used_least = used_most if known else _used(queue, got_least)
    certain = (ahead.spent == behind.spent) & (least == most) & (used_least == used_most)
    return Allotment(
        got_least, got_most, used_least, used_most, ahead.spent + most, certain, first, last,
        may > 0, queue,
    )  # fmt: skip


def _numbers(queue: Queue, grants: Whole) -> Whole:
    # A pool that is empty stays empty, so those whom it refuses change nobody's number before it.
    return queue.before_all((grants > 0).astype(np.int64)) + 1


def _used(queue: Queue, got: Whole) -> Whole:
    return queue.through((got > 0).astype(np.int64))


def verdict(book: ProgrammeRules, measure: str, values: Whole) -> Verdict:
    """Return the one check of a programme that asks for a measure, on whole numbers."""
    facts = pd.DataFrame({measure: pd.array(values, dtype="Int64")})
    (found,) = checks.evaluate(facts, book).values()
    return found


def met(verdict: Verdict) -> Flags:
    """Return where a check is met."""
    flags: Flags = verdict.met.to_numpy(dtype=bool, na_value=False)
    return flags

"""What an allowance gives orders in line: so many a seller, so much a seller, so many in all.

An order that comes too late for one of them gets nothing and uses nothing. What some order gets may
not be known (its freight is missing, say); then those behind it get what they get in any case, and
are unknown only where it makes a difference. So every figure is worked out from both ends.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column, Flags, Whole
from merchantkit.programmes.queues import Queue
from merchantkit.rulebook import ProgrammeRules


@dataclass(frozen=True)
class Allotment:
    """What each order gets, in cents, and where it stood when its turn came.

    Attributes:
        least: What it gets in any case.
        most: What it may get.
        used_before: How many of the seller's orders had been given something; not known where an
            earlier one's is not.
        asked: What the seller would have been given with this order, were its sum not limited.
        pool_order: Its number among all orders that are given something, if it asks for a place.
        asks: Whether the seller's limits leave it something, or may, that the pool can give.
        queue: The orders in line.
    """

    least: Whole
    most: Whole
    used_before: Column
    asked: Column
    pool_order: Column
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
    def of(cls, queue: Queue, wishes: Whole, book: ProgrammeRules) -> Self:
        has_turn = verdict(book, "seller_order", queue.before(wishes > 0) + 1).reached.yes
        # Whoever has no turn asks for nothing; the first that have one are all that can be given.
        return cls(has_turn, queue.before(np.where(has_turn, wishes, 0)))

    def grants(self, wishes: Whole, book: ProgrammeRules) -> Whole:
        over = verdict(book, "seller_saved_cny", self.spent + wishes).short.values
        return np.where(self.has_turn, np.maximum(wishes - over, 0), 0)


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
    # A pool that is empty stays empty: whom it refuses changes nobody's number before it.
    first = queue.before_all(must > 0) + 1
    last = first if known else queue.before_all(may > 0) + 1
    got_most = np.where(verdict(book, "pool_order", first).reached.yes, may, 0)
    got_least = (
        got_most if known else np.where(verdict(book, "pool_order", last).reached.yes, must, 0)
    )
    used = queue.before(got_most > 0)
    used_known = np.ones(len(used), bool) if known else used == queue.before(got_least > 0)
    return Allotment(
        got_least,
        got_most,
        Column(used, used_known),
        Column(ahead.spent + most, (ahead.spent == behind.spent) & (least == most)),
        Column(first, (first == last) & (may > 0)),
        may > 0,
        queue,
    )


def verdict(book: ProgrammeRules, measure: str, values: Whole) -> Verdict:
    """Return the one check of a programme that asks for a measure, on whole numbers."""
    facts = pd.DataFrame({measure: Column.all_known(values).array()}, copy=False)
    (found,) = checks.evaluate(facts, book).values()
    return found

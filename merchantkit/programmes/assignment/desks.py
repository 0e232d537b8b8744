"""The illustrative simulation: orders come to desks, wait, and are handled, one at a time (simpy).

What the slide prints is that a substitute can be set for a salesperson, and that allocation becomes
more even. When the substitute takes over is assumed; every number comes with the rules. Time is
working minutes: what happens outside working hours happens as work begins, and waits nothing.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import simpy
from numpy.typing import NDArray

from merchantkit.columns import Flags, Whole

Handled = tuple[Whole, Whole]


@dataclass(frozen=True, eq=False)
class TakeOver:
    """When a substitute takes over.

    Attributes:
        away: While the owner is away.
        full: By how many orders are open on a desk, whether it is full; longer lists are as the
            last. All false where being full is no reason.
    """

    away: bool
    full: Flags

    def is_full(self, open_orders: int) -> bool:
        """Return whether a desk with so many open orders is full."""
        return bool(self.full[min(open_orders, len(self.full) - 1)])


@dataclass(frozen=True, eq=False)
class Team:
    """A merchant's order-takers, by their place in the list.

    Attributes:
        substitutes: Each one's substitute; −1 for none.
        away: From which working minute to which each is away; an empty span for never.
    """

    substitutes: Whole
    away: NDArray[np.int64]

    def without(self) -> "Team":
        """Return the same without substitutes."""
        return Team(np.full_like(self.substitutes, -1), self.away)


@dataclass(frozen=True, eq=False)
class Orders:
    """A merchant's orders by arrival.

    Attributes:
        arrivals: In working minutes, ascending.
        owners: Whose each is.
        minutes: How long each takes.
    """

    arrivals: Whole
    owners: Whole
    minutes: Whole


class _Office:
    """One run: desks, what is open on each, who handled what, and how long it had waited.

    Attributes:
        takers: Who handled each order.
        waits: How many working minutes each waited.
        asked: Whether any order came to an owner who was not free: if none did, substitutes would
            have changed nothing.
    """

    def __init__(self, team: Team, orders: Orders, rule: TakeOver) -> None:
        # Plain lists, as an event reads single numbers, which NumPy is slow at.
        self.substitutes = team.substitutes.tolist()
        self.spans = team.away.tolist()
        self.orders = list(
            zip(
                orders.arrivals.tolist(),
                orders.owners.tolist(),
                orders.minutes.tolist(),
                strict=True,
            )
        )
        self.rule = rule
        self.env = simpy.Environment()
        self.desks = [simpy.Store(self.env) for _ in self.substitutes]
        self.open = [0] * len(self.desks)
        self.takers = [0] * len(self.orders)
        self.waits = [0] * len(self.orders)
        self.asked = False

    def run(self) -> "_Office":
        """Handle every order, be it after the month."""
        for taker in range(len(self.desks)):
            self.env.process(self._desk(taker))
        self.env.process(self._arrivals())
        self.env.run()
        return self

    def _arrivals(self) -> Generator[simpy.Event, object, None]:
        for number, (arrival, owner, _) in enumerate(self.orders):
            if arrival > self.env.now:
                yield self.env.timeout(arrival - self.env.now)
            taker = self.takers[number] = self._taker(owner)
            self.open[taker] += 1
            self.desks[taker].put(number)

    def _desk(self, taker: int) -> Generator[simpy.Event, int, None]:
        while True:
            number = yield self.desks[taker].get()
            away = self._away(taker)
            if away:
                yield self.env.timeout(away)
            arrival, _, minutes = self.orders[number]
            self.waits[number] = int(self.env.now) - arrival
            yield self.env.timeout(minutes)
            self.open[taker] -= 1

    def _taker(self, owner: int) -> int:
        if self._free(owner):
            return owner
        self.asked = True
        substitute = self.substitutes[owner]
        return substitute if substitute >= 0 and self._free(substitute) else owner

    def _free(self, taker: int) -> bool:
        away = self.rule.away and self._away(taker) > 0
        return not away and not self.rule.is_full(self.open[taker])

    def _away(self, taker: int) -> int:
        """Return how many minutes it is until the order-taker is back; 0 for who is there."""
        begins, ends = self.spans[taker]
        return int(ends - self.env.now) if begins <= self.env.now < ends else 0


def handled(team: Team, orders: Orders, rule: TakeOver) -> tuple[Handled, Handled]:
    """Return who handles each order, and how many working minutes it waits before that.

    First without substitutes, then with them.

    >>> team = Team(np.array([1, -1]), np.array([[0, 0], [0, 0]]))
    >>> rule = TakeOver(away=True, full=np.array([False, True]))
    >>> orders = Orders(np.array([0, 10]), np.array([0, 0]), np.array([60, 60]))
    >>> [[part.tolist() for part in way] for way in handled(team, orders, rule)]
    [[[0, 0], [0, 50]], [[0, 1], [0, 0]]]
    """
    alone = _Office(team.without(), orders, rule).run()
    helped = _Office(team, orders, rule).run() if alone.asked else alone
    without, with_ = (
        (np.array(way.takers, dtype=np.int64), np.array(way.waits, dtype=np.int64))
        for way in (alone, helped)
    )
    return without, with_

"""Where each order stands: on time, exempt, late or still open, and from which day it counts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Flags
from merchantkit.programmes.fulfilment.orders import EVENTS, Orders
from merchantkit.programmes.moments import Days

STATES = ("on_time", "exempt", "late", "open")
# What can still be done for an open order.
WAYS = ("ship", "door_order", "trace")
EXEMPTIONS = ("door_order", "trace")
_NO_DAY = np.datetime64("NaT", "D")
_ONE = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class Standing:
    """The orders judged; every comparison with a rule is one of ``checks``."""

    orders: Orders
    verdicts: dict[str, Verdict]

    @classmethod
    def of(cls, orders: Orders) -> "Standing":
        """Judge the orders."""
        return cls(orders, orders.verdicts())

    def met(self, check: str) -> Flags:
        """Return where a check is known to be met."""
        if check not in self._flags:
            self._flags[check] = _met(self.verdicts[check])
        return self._flags[check]

    @cached_property
    def _flags(self) -> dict[str, Flags]:
        return {}

    @cached_property
    def on_time(self) -> Flags:
        """Dispatched by the last day that is on time."""
        return self.met("ship.on_time")

    @cached_property
    def overdue(self) -> Flags:
        """Not dispatched by that day; an exemption does not take the mark away."""
        return ~self.verdicts["ship.on_time"].met.to_numpy(dtype=bool, na_value=True)

    @cached_property
    def shielded(self) -> Flags:
        """Whether what exempts is there, be it needed or not."""
        return self.met("door.order") | self.met("trace.in_time")

    @cached_property
    def traceable(self) -> Flags:
        """Overdue, and a trace today would still exempt it."""
        o = self.orders
        late = self.overdue & np.isnat(o.traced_on) & o.by("trace_methods")
        lag = o.workdays.lag(o.as_of[late], o.agreed[late])
        return self._would("trace.in_time", "trace_lag", late, lag)

    @cached_property
    def orderable(self) -> Flags:
        """Not dispatched, and a door-to-door order placed today would exempt it."""
        o = self.orders
        due = self._is("open") & o.by("door_order_methods")
        lead = o.workdays.lead(o.as_of[due], o.agreed[due])
        return self._would("door.order", "door_order_lead", due, lead)

    def _would(self, check: str, measure: str, rows: Flags, value: Any) -> Flags:
        frame = pd.DataFrame({measure: pd.array(value, dtype="Int64")})
        met = np.zeros(len(rows), dtype=bool)
        met[rows] = _met(checks.evaluate(frame, self.orders.book)[check])
        return met

    @cached_property
    def state(self) -> np.ndarray[Any, Any]:
        """Each order's place in ``STATES``; −1 where the rules say nothing of it."""
        state = np.where(self.orders.covered, STATES.index("open"), -1)
        state[self.on_time] = STATES.index("on_time")
        state[self.overdue & ~self.traceable] = STATES.index("late")
        state[self.overdue & self.shielded] = STATES.index("exempt")
        return state

    def _is(self, state: str) -> Flags:
        return np.asarray(self.state == STATES.index(state))

    # --- when it counts ------------------------------------------------------------------------

    @cached_property
    def settled_on(self) -> Days:
        """The day from which nothing changes the order's state; NaT while it is open."""
        o = self.orders
        settled = np.where(self.on_time, o.last_day, o.last_day + _ONE)
        own, in_time = o.by("own_methods"), o.on("proof_at") <= o.last_day
        by_proof = o.decided_by == EVENTS.index("proof")
        told = np.where(by_proof, o.waits_until + _ONE, o.on("information_at"))
        early = in_time | np.isnat(o.on("proof_at"))
        settled = np.where(own & early, np.fmax(settled, told), settled)
        settled = np.where(own & ~early, o.last_day + _ONE, settled)
        by_trace = self.overdue & o.by("trace_methods")
        settled = np.where(by_trace, np.fmax(settled, self._last_chance), settled)
        open_yet = (self.state < 0) | self._is("open")
        return np.where(open_yet, _NO_DAY, settled)

    @cached_property
    def _last_chance(self) -> Days:
        o = self.orders
        return np.where(self.met("trace.in_time"), o.traced_on, self._trace_by + _ONE)

    @cached_property
    def _trace_by(self) -> Days:
        o = self.orders
        return o.workdays.after(o.agreed, int(o.book["trace_working_days"]))

    @cached_property
    def _order_by(self) -> Days:
        o = self.orders
        return o.workdays.before(o.agreed, int(o.book["door_order_working_days"]))

    @cached_property
    def counted(self) -> Flags:
        """Whether the order is in the rate of the period that ends on the day."""
        o = self.orders
        begun = np.isnat(o.period_from) | (self.settled_on >= o.period_from)
        return begun & (self.settled_on <= o.as_of)

    # --- what can be done ----------------------------------------------------------------------

    @cached_property
    def way(self) -> np.ndarray[Any, Any]:
        """Each open order's place in ``WAYS``; −1 where nothing can or need be done."""
        o = self.orders
        way = np.full(len(o.agreed), WAYS.index("ship"))
        way[self.orderable] = WAYS.index("door_order")
        way[self.traceable] = WAYS.index("trace")
        # Its proof came in time: that the parcel is found can only make such an order late.
        needed = self._is("open") & ~self.shielded & ~o.waiting
        return np.where(needed, way, -1)

    @cached_property
    def act_by(self) -> Days:
        """The last day for it."""
        o = self.orders
        until = [o.last_day, self._order_by, self._trace_by]
        return np.select([self.way == way for way in range(len(WAYS))], until, _NO_DAY)

    @cached_property
    def provisional(self) -> Flags:
        """Whether working days around the agreed day are not published yet."""
        o = self.orders
        near = (self._order_by, o.agreed, self._trace_by)
        unknown = np.any([o.workdays.provisional(days) for days in near], axis=0)
        return np.asarray(o.covered & unknown)


def _met(verdict: Verdict) -> Flags:
    return verdict.met.to_numpy(dtype=bool, na_value=False)

"""Express orders in whole columns: when each was dispatched, and how far its times are from T.

T is the agreed ship day (T=约定发货时间). Which moment decides follows the slide's table, method by
method; distances are whole days, working days or hours, which checks compare with the rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Flags
from merchantkit.days import FIRST_YEAR
from merchantkit.programmes import door, moments
from merchantkit.programmes.moments import Days, Moments
from merchantkit.programmes.workdays import Workdays
from merchantkit.rulebook import ProgrammeRules

METHODS = (
    "door_to_door", "warehouse_platform_pickup", "warehouse_provider_pickup",
    "warehouse_self_sent", "own_express", "other",
)  # fmt: skip
GAPS = ("none", "platform_fault", "other")
MOMENTS = ("door_ordered_at", "picked_up_at", "warehoused_at", "information_at", "proof_at")
COLUMNS: dict[str, door.Kind] = {
    "order_id": "id",
    "merchant_id": "id",
    "method": "code",
    "agreed_ship_on": "day",
    "as_of": "day",
}
OPTIONAL: dict[str, door.Kind] = {
    "period_from": "day",
    **dict.fromkeys(MOMENTS, "moment"),
    "details_right": "flag",
    "trace_gap": "code",
    "failed_check_number": "count",
}
EVENTS = ("pickup", "warehouse_in", "proof")
_OF_EVENTS = ("picked_up_at", "warehoused_at", "proof_at")
# Of which methods the rules ask for a moment's day: lists of the rules.
_ASKED_OF = {
    "door_ordered_at": ("door_order_methods",),
    "picked_up_at": ("pickup_methods", "self_sent_methods", "own_methods", "trace_methods"),
    "warehoused_at": ("warehouse_in_methods", "self_sent_methods", "trace_methods"),
    "information_at": ("own_methods",),
    "proof_at": ("own_methods",),
}

_NO_DAY = np.datetime64("NaT", "D")
_NO_MOMENT = np.datetime64("NaT", "us")
_NO_DAYS = np.datetime64(f"{FIRST_YEAR}-01-01")  # where a calendar without days begins
_HOUR = np.timedelta64(1, "h").astype("timedelta64[us]").astype(np.int64)


def calendar(book: ProgrammeRules, *days: Days) -> Workdays:
    """Return the working days of the rules, a year beyond these days on either side."""
    known = np.concatenate([column[~np.isnat(column)] for column in days])
    ends = (known.min(), known.max()) if len(known) else (_NO_DAYS, _NO_DAYS)
    first, last = (int(str(end.astype("datetime64[Y]"))) for end in ends)
    country, make_up = book["business_calendar"], book["make_up_days_work"]
    return Workdays.of(country, first - 1, last + 1, make_up=make_up)


@dataclass(frozen=True, eq=False)
class Orders:
    """Measures as whole columns; days are those of the rule's clock."""

    facts: pd.DataFrame
    book: ProgrammeRules
    agreed: Days
    as_of: Days
    period_from: Days
    at: dict[str, Moments]
    details_right: Flags

    @classmethod
    def read(cls, measures: pd.DataFrame, book: ProgrammeRules) -> "Orders":
        """Read a frame of measures.

        Raises:
            MeasureError: A column is missing, or a value cannot be.
        """
        here = {n: k for n, k in OPTIONAL.items() if n in measures.columns}
        codes = {"method": METHODS, "trace_gap": GAPS}
        facts = door.read(measures, COLUMNS, here, codes=codes)
        nothing = np.full(len(facts), _NO_DAY)
        orders = cls(
            facts,
            book,
            moments.days_of(facts, "agreed_ship_on"),
            moments.days_of(facts, "as_of"),
            moments.days_of(facts, "period_from") if "period_from" in here else nothing,
            {n: moments.earliest(facts, n, book.clock.zone) for n in MOMENTS if n in here},
            facts["details_right"].fillna(False).to_numpy(dtype=bool)
            if "details_right" in here
            else np.zeros(len(facts), dtype=bool),
        )
        undated = pd.Series(np.isnat(orders.as_of), index=facts.index)
        door.refuse_rows(facts, undated, "as_of is missing", "say as of which day facts count")
        return orders

    # --- methods -------------------------------------------------------------------------------

    @cached_property
    def _method(self) -> NDArray[np.int64]:
        column = pa.array(self.facts["method"].array)
        found = pc.index_in(column, value_set=pa.array(METHODS, column.type))
        return np.asarray(found.fill_null(len(METHODS))).astype(np.int64)

    def by(self, *parameters: str) -> Flags:
        """Return which orders go by a method that one of these lists of the rules names."""
        if parameters not in self._by:
            named = {method for parameter in parameters for method in self.book[parameter]}
            goes = np.array([*(method in named for method in METHODS), False])
            self._by[parameters] = goes[self._method]
        return self._by[parameters]

    @cached_property
    def _by(self) -> dict[tuple[str, ...], Flags]:
        return {}

    @cached_property
    def covered(self) -> Flags:
        """Which orders the rules speak of: express by a printed method, with an agreed day."""
        lists = ("pickup_methods", "warehouse_in_methods", "self_sent_methods", "own_methods")
        return self.by(*lists) & ~np.isnat(self.agreed)

    # --- days ----------------------------------------------------------------------------------

    def moment(self, name: str) -> Moments:
        """Return a column of moments; none at all where the frame lacks it."""
        return self.at[name] if name in self.at else np.full(len(self.agreed), _NO_MOMENT)

    def on(self, name: str) -> Days:
        """Return the days of a column of moments, for the methods of which it is asked."""
        if name not in self._days:
            days = np.full(len(self.agreed), _NO_DAY)
            if name in self.at:
                asked = self.by(*_ASKED_OF[name])
                days[asked] = moments.local_days(self.at[name][asked], self.book.clock.zone)
            self._days[name] = days
        return self._days[name]

    @cached_property
    def _days(self) -> dict[str, Days]:
        return {}

    @cached_property
    def workdays(self) -> Workdays:
        """The calendar of these orders."""
        return calendar(self.book, self.agreed, self.as_of)

    @cached_property
    def last_day(self) -> Days:
        """The last day on which a dispatch is on time: T, and the days of grace after it."""
        return self.agreed + np.timedelta64(int(self.book["grace_days"]), "D")

    @cached_property
    def traced_on(self) -> Days:
        """The day of the first pickup or warehouse trace."""
        return np.fmin(self.on("picked_up_at"), self.on("warehoused_at"))

    # --- dispatch ------------------------------------------------------------------------------

    @cached_property
    def information(self) -> Verdict:
        """Whether the system found own logistics in time; open while it still may."""
        known = ~np.isnat(self.moment("information_at")) & self.by("own_methods")
        proof = ~np.isnat(self.moment("proof_at")) & self.by("own_methods")
        reached = np.where(known, self.moment("information_at"), self._dawn)
        hours = -((self.moment("proof_at") - reached).astype(np.int64) // _HOUR)
        # Found before anything was uploaded: there was nothing to wait for.
        hours = np.where(proof, np.maximum(hours, 0), 0)
        frame = pd.DataFrame(
            {"information_after": pd.arrays.IntegerArray(hours, ~(known | proof))},
            index=self.facts.index,
        )
        return checks.evaluate(frame, self.book)["own.information"]

    @cached_property
    def _dawn(self) -> Moments:
        # All before the day as of which facts count is known.
        return moments.to_utc(self.as_of, self.book.clock.zone)

    @cached_property
    def _found(self) -> Flags:
        met = self.information.met.to_numpy(dtype=bool, na_value=False)
        return met & ~np.isnat(self.moment("information_at"))

    @cached_property
    def waiting(self) -> Flags:
        """Own logistics whose proof is there and whose tracking may still be found in time."""
        met = self.information.met.to_numpy(dtype=bool, na_value=False)
        return met & np.isnat(self.moment("information_at"))

    @cached_property
    def waits_until(self) -> Days:
        """The day on which the hours of own logistics run out; NaT without a proof."""
        hours = np.timedelta64(int(self.book["information_hours"]), "h")
        until = np.full(len(self.agreed), _NO_DAY)
        own = self.by("own_methods") & ~np.isnat(self.moment("proof_at"))
        late = self.moment("proof_at")[own] + hours
        until[own] = moments.local_days(late, self.book.clock.zone)
        return until

    @cached_property
    def decided_by(self) -> NDArray[np.int64]:
        """Which of ``EVENTS`` decides when the order was dispatched; −1 where none can yet."""
        picked = ~np.isnat(self.moment("picked_up_at"))
        captured = self.by("self_sent_methods") & self.details_right & picked
        decides = np.full(len(self.agreed), -1)
        decides[self.by("pickup_methods") | captured | self._found] = 0
        decides[self.by("warehouse_in_methods", "self_sent_methods") & ~captured] = 1
        lapsed = ~self.information.met.to_numpy(dtype=bool, na_value=True)
        decides[lapsed] = 2
        return decides

    @cached_property
    def dispatched_at(self) -> Moments:
        """The moment of dispatch; NaT where there is none yet."""
        return self._decided(self.moment, _NO_MOMENT)

    @cached_property
    def dispatched_on(self) -> Days:
        """The day of dispatch; NaT where there is none yet."""
        return self._decided(self.on, _NO_DAY)

    def _decided(
        self, column: Callable[[str], NDArray[np.datetime64]], nothing: np.datetime64
    ) -> NDArray[np.datetime64]:
        columns = [column(name) for name in _OF_EVENTS]
        return np.select([f & self.covered for f in self._events], columns, nothing)

    @cached_property
    def _events(self) -> list[Flags]:
        return [self.decided_by == event for event in range(len(EVENTS))]

    # --- distances, as checks compare them -----------------------------------------------------

    def verdicts(self) -> dict[str, Verdict]:
        """Return every check of the rules on every order."""
        frame = pd.DataFrame(
            {
                "days_late": self._days_late(),
                "door_order_lead": self.lead(self.on("door_ordered_at")),
                "trace_lag": self.lag(self.traced_on),
            },
            index=self.facts.index,
        )
        for name in ("failed_check_number", "trace_gap"):
            if name in self.facts:
                frame[name] = self.facts[name]
        verdicts = checks.evaluate(frame, self.book)
        return {n: verdicts.get(n, self.information) for n in self.book.checks if self._asked(n)}

    def _asked(self, check: str) -> bool:
        measure = self.book.checks[check].measure
        return measure not in ("failed_check_number", "trace_gap") or measure in self.facts

    def _days_late(self) -> Any:
        missed = np.isnat(self.dispatched_on)
        reached = np.where(missed, self.as_of, self.dispatched_on)
        days = (reached - self.agreed).view(np.int64)
        # Due today or later, or dispatched perhaps: it cannot be told yet.
        in_time = ~(self.on("proof_at") > self.last_day)
        open_yet = missed & ((self.as_of <= self.last_day) | (self.waiting & in_time))
        return pd.arrays.IntegerArray(np.maximum(days, 0), ~self.covered | open_yet)

    def lead(self, ordered_on: Days) -> Any:
        """Return how many working days before T a door-to-door order was placed."""
        known = self.covered & self.by("door_order_methods") & ~np.isnat(ordered_on)
        return _where(known, self.workdays.lead(ordered_on[known], self.agreed[known]))

    def lag(self, traced_on: Days) -> Any:
        """Return how many working days after T a trace came; 0 on T or before."""
        known = self.covered & self.by("trace_methods") & ~np.isnat(traced_on)
        return _where(known, self.workdays.lag(traced_on[known], self.agreed[known]))


def _where(known: Flags, numbers: NDArray[np.int64]) -> Any:
    whole = np.zeros(len(known), dtype=np.int64)
    whole[known] = numbers
    return pd.arrays.IntegerArray(whole, ~known)

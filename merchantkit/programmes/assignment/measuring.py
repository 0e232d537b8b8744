"""A month's orders as they came to order-takers, and what the simulation makes of them."""

import datetime as dt
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit import checks
from merchantkit.checks import TEXT
from merchantkit.columns import Flags, Whole
from merchantkit.days import Month, Span, as_day
from merchantkit.errors import RuleFileError
from merchantkit.facts.moments import bind, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact_mean
from merchantkit.programmes import moments
from merchantkit.programmes.assignment.desks import Orders, TakeOver, Team, handled
from merchantkit.programmes.assignment.hours import WorkingTime
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

WAYS = ("without", "with")
# What the simulation tells of a merchant, each without substitutes and with them.
SIMULATED = ("wait_minutes", "longest_wait_minutes", "load_squares", "busiest_load")
# The settings that name a way of doing something, and the one way that the kit knows.
_KNOWN = {
    "evenness": "jain_index",
    "suggested_substitute": "next_in_list",
    "advice_by": "sharing_then_waiting",
}
_COUNTED = ("takers", "substitutes_set", "orders", "orders_dealt", "runs", "taken_over")

_TAKERS = """
    SELECT merchant_id, taker_id, taker_name, substitute_id, away_from, away_to
    FROM order_takers JOIN merchants USING (merchant_id) ORDER BY merchant_id, taker_id
"""
# Whoever has no assignments in the month has the orders that were paid in it.
_ORDERS = f"""
WITH assigned AS (
    SELECT merchant_id, order_id, received_at AS came_at, received_at_is_date AS came_at_is_date,
           taker_id, buyer_id, false AS by_payment
    FROM order_assignments WHERE {within("received_at", "month")}
)
FROM assigned SEMI JOIN order_takers USING (merchant_id)
UNION ALL BY NAME
SELECT merchant_id, order_id, paid_at AS came_at, paid_at_is_date AS came_at_is_date,
       NULL AS taker_id, buyer_id, true AS by_payment
FROM orders SEMI JOIN order_takers USING (merchant_id) ANTI JOIN assigned USING (merchant_id)
WHERE {within("paid_at", "month")}
ORDER BY merchant_id, came_at, order_id
"""
_EVERYONE = """
    SELECT m.merchant_id,
        EXISTS (FROM order_assignments) OR EXISTS (FROM orders) AS some_orders
    FROM merchants m ORDER BY m.merchant_id
"""


def refuse_unknown(book: ProgrammeRules) -> None:
    """Refuse a setting that names a way of which the kit knows nothing.

    Raises:
        RuleFileError: There is one, as an overlay may have set it.
    """
    for setting, known in _KNOWN.items():
        if book[setting] != known:
            raise RuleFileError(
                f"{book[setting]!r} is no way that the kit knows",
                where=f"assignment.{setting}",
                remedy=f"leave it at {known}",
            )


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Simulate every merchant's month with and without substitutes, and return what came of it.

    This is the one expensive step: it runs once for a month, and what judges it, ``assess``, works
    on its whole columns. The same facts and rules give the same figures.

    Args:
        warehouse: The facts.
        day: The month's orders up to it are simulated.
        rules: Whose clock and assumptions apply; the rulebook on that day by default.

    Returns:
        One row per merchant, by id: ``merchant_id``; ``takers`` and ``substitutes_set`` (how many
        there are, and how many have a substitute); ``substitutes_assumed`` and ``by_payment``
        (bool: nobody has one, so the next in the list was taken; the orders are by payment, as
        none were assigned); ``orders``, of these ``orders_dealt`` (whose owner is not on record);
        ``runs``; and summed over the runs ``taken_over`` (by substitutes), then each ``_without``
        and ``_with`` substitutes ``wait_minutes`` (working minutes, of all orders),
        ``longest_wait_minutes``, ``load_squares`` (of each order-taker's orders) and
        ``busiest_load``. All Int64; missing where there are no order-takers, with
        ``takers_reason``, or no facts of orders at all, with ``orders_reason``.

    Raises:
        NotInForceError: There are no rules on their day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme("assignment")
    refuse_unknown(book)
    merchants = warehouse.frame(_EVERYONE)
    told, kept = _played(warehouse, as_of, book)
    columns: dict[str, Any] = {"merchant_id": merchants["merchant_id"]}
    ids = merchants["merchant_id"].tolist()
    named = [*_COUNTED, *(f"{name}_{way}" for name in SIMULATED for way in WAYS)]
    blank = not bool(merchants["some_orders"].any())
    for name in named:
        unknown = blank and name not in ("takers", "substitutes_set")
        values = [None if unknown else told.get(merchant, {}).get(name) for merchant in ids]
        columns[name] = pd.array(values, dtype="Int64")
    for name in ("substitutes_assumed", "by_payment"):
        values = [told.get(merchant, {}).get(name) for merchant in ids]
        columns[name] = pd.array(values, dtype="boolean")
    absent = merchants["merchant_id"].isin(list(told)).to_numpy(dtype=bool)
    why = {"takers": ~absent, "orders": absent & blank}
    codes = {"takers": Reason.NO_ORDER_TAKERS.value, "orders": Reason.NO_ORDER_FACTS.value}
    for name, where in why.items():
        columns[f"{name}_reason"] = pd.Series(codes[name], index=merchants.index, dtype=TEXT).where(
            where
        )
    measures = pd.DataFrame(columns, index=merchants.index)
    _LAST[:] = [(weakref.ref(measures), (as_of, book), kept)]
    return measures


# The desks of the last simulation, what it was of, and the measures that it gave: a month asks for
# both.
_LAST: list[tuple[weakref.ref[pd.DataFrame], tuple[dt.date, ProgrammeRules], pd.DataFrame]] = []


def desks(
    warehouse: Warehouse, day: dt.date, book: ProgrammeRules, measures: pd.DataFrame
) -> pd.DataFrame:
    """Return what the simulation gives each order-taker.

    Args:
        warehouse: The facts.
        day: The day as of which they were measured.
        book: The programme's rules.
        measures: What ``measure`` gave; if it did so last, nothing is simulated again.

    Returns:
        By merchant and order-taker: ``merchant_id``, ``taker_id``, ``taker_name``,
        ``substitute_id`` (the one that was simulated), ``away_from``, ``away_to``; on the mean of
        the runs ``load_without``, ``load_with`` (orders) and ``wait_minutes_without``,
        ``wait_minutes_with`` (of an order; missing where there were none), exact to two decimals.
    """
    for of, (its_day, its_book), kept in _LAST:
        if of() is measures and its_day == day and its_book == book:
            return kept.copy()
    return _played(warehouse, day, book)[1]


def _played(
    warehouse: Warehouse, day: dt.date, book: ProgrammeRules
) -> tuple[dict[str, dict[str, Any]], pd.DataFrame]:
    """Simulate everyone's month; return each one's measures, and all desks."""
    told, parts = {}, []
    for month in _months(warehouse, day, book):
        told[month.merchant_id] = month.measures()
        parts.append(month.desks())
    if parts:
        return told, pd.concat(parts, ignore_index=True)
    takers = warehouse.frame(_TAKERS).head(0)
    numbers = [f"{name}_{way}" for name in ("load", "wait_minutes") for way in WAYS]
    return told, takers.assign(**dict.fromkeys(numbers, pd.Series(dtype="Int64")))


def _months(
    warehouse: Warehouse, day: dt.date, book: ProgrammeRules
) -> Iterator["_SimulatedMonth"]:
    """Yield each merchant's month, simulated both ways; of merchants with order-takers alone."""
    span = Span(Month.of(day).first, day, book.clock.zone)
    takers = warehouse.frame(_TAKERS)
    orders = warehouse.frame(_ORDERS, bind("month", span))
    time = WorkingTime.of(book, span, takers)
    orders["minute"] = time.minutes(moments.earliest(orders, "came_at", book.clock.zone))
    rule = _take_over(book)
    of_merchant = dict(iter(orders.groupby("merchant_id", sort=False)))
    for merchant_id, team in takers.groupby("merchant_id", sort=False):
        mine = of_merchant.get(merchant_id, orders.head(0))
        yield _SimulatedMonth.of(str(merchant_id), team, mine, time, rule, book)


def _take_over(book: ProgrammeRules) -> TakeOver:
    reasons = book["takes_over"]
    # A desk is full from some number of open orders on, so one beyond it stands for all.
    counts = np.arange(int(book["full_orders"]) + 2)
    frame = pd.DataFrame({"open_orders": counts})
    full = checks.evaluate(frame, book)["desk.full"].reached.yes
    return TakeOver("owner_away" in reasons, full & ("owner_full" in reasons))


@dataclass(frozen=True, eq=False)
class _SimulatedMonth:
    """One merchant's order-takers and orders, and who handled what in every run, both ways.

    Attributes:
        takers: way → runs × orders, each one's place in the team.
        waits: way → runs × orders, in working minutes.
    """

    merchant_id: str
    team: pd.DataFrame
    orders: pd.DataFrame
    dealt: int
    substitutes: Whole
    assumed: bool
    takers: dict[str, NDArray[np.int64]]
    waits: dict[str, NDArray[np.int64]]

    @classmethod
    def of(
        cls,
        merchant_id: str,
        takers: pd.DataFrame,
        orders: pd.DataFrame,
        time: WorkingTime,
        rule: TakeOver,
        book: ProgrammeRules,
    ) -> "_SimulatedMonth":
        """Simulate a merchant's month."""
        places = {taker: place for place, taker in enumerate(takers["taker_id"])}
        substitutes, assumed = _substitutes(takers, places)
        owners, dealt = _owners(orders, places)
        team = Team(substitutes, time.away(takers))
        runs, mean = int(book["runs"]), time.minutes_of(book["handling_hours"])
        # Of its own, so that no merchant's figures depend on who else is there.
        rng = np.random.default_rng([book["seed"].toordinal(), zlib.crc32(merchant_id.encode())])
        drawn = np.rint(rng.exponential(mean, (runs, len(orders)))).astype(np.int64)
        arrivals = orders["minute"].to_numpy(dtype=np.int64)
        found = [handled(team, Orders(arrivals, owners, m), rule) for m in np.maximum(drawn, 1)]
        by, waits = (
            {way: np.array([run[at][part] for run in found]) for at, way in enumerate(WAYS)}
            for part in range(2)
        )
        return cls(merchant_id, takers, orders, dealt, substitutes, assumed, by, waits)

    def loads(self, way: str) -> Whole:
        """Return how many orders each order-taker handled, over all runs."""
        return np.bincount(self.takers[way].ravel(), minlength=len(self.team))

    def measures(self) -> dict[str, Any]:
        """Return the merchant's measures."""
        found: dict[str, Any] = {
            "takers": len(self.team),
            "substitutes_set": 0 if self.assumed else int((self.substitutes >= 0).sum()),
            "substitutes_assumed": self.assumed,
            "by_payment": bool(self.orders["by_payment"].any()),
            "orders": len(self.orders),
            "orders_dealt": self.dealt,
            "runs": len(self.takers["with"]),
            "taken_over": int((self.takers["with"] != self.takers["without"]).sum()),
        }
        for way in WAYS:
            loads, waits = self.loads(way), self.waits[way]
            found |= {
                f"wait_minutes_{way}": int(waits.sum()),
                f"longest_wait_minutes_{way}": int(waits.max(initial=0)),
                f"load_squares_{way}": int((loads * loads).sum()),
                f"busiest_load_{way}": int(loads.max()),
            }
        return found

    def desks(self) -> pd.DataFrame:
        """Return what each order-taker handled."""
        team = self.team.reset_index(drop=True)
        ids = team["taker_id"]
        names = ids.take(np.maximum(self.substitutes, 0)).reset_index(drop=True)
        shown = team.assign(substitute_id=names.where(self.substitutes >= 0))
        runs = np.full(len(team), len(self.takers["with"]))
        for way in WAYS:
            loads = self.loads(way)
            waits = np.bincount(
                self.takers[way].ravel(), self.waits[way].ravel(), minlength=len(team)
            ).astype(np.int64)
            shown[f"load_{way}"] = exact_mean(loads, runs)
            shown[f"wait_minutes_{way}"] = exact_mean(waits, loads)
        return shown


def _substitutes(takers: pd.DataFrame, places: dict[str, int]) -> tuple[Whole, bool]:
    """Return each one's substitute; where nobody has one, the next in the list, and that it is."""
    named = takers["substitute_id"].map(places).to_numpy(dtype=float, na_value=-1)
    own = np.arange(len(takers))
    found = np.where(np.isnan(named) | (named == own), -1, named).astype(np.int64)
    assumed = bool((found < 0).all()) and len(takers) > 1
    return ((own + 1) % len(takers) if assumed else found), assumed


def _owners(orders: pd.DataFrame, places: dict[str, int]) -> tuple[Whole, int]:
    """Return each order's owner, and of how many it is not on record but dealt."""
    named = orders["taker_id"].map(places).to_numpy(dtype=float, na_value=np.nan)
    unknown: Flags = np.isnan(named)
    # One deals by buyer, or by order where the buyer is not known.
    who = orders["buyer_id"].fillna("order " + orders["order_id"])[unknown]
    turns = pd.factorize(who)[0]
    named[unknown] = turns % len(places)
    return named.astype(np.int64), int(unknown.sum())

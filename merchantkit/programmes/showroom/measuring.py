"""Showrooms as facts tell them up to a day, and the weeks before and after each went live."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit.days import as_day
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import moments
from merchantkit.programmes.moments import Days
from merchantkit.programmes.showroom.chain import DAYS, SHOWN
from merchantkit.programmes.showroom.effect import COUNTS, WEEK_DAYS
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

_STORED = {day: f"{day.removesuffix('_on')}_at" for day in DAYS}
_NEVER = np.datetime64("NaT", "D")
_ONE = np.timedelta64(1, "D")
_SIDES = {"before": -1, "after": 1}
_WEEKS = ["merchant_id", "week", *COUNTS]

_SHOWROOMS = f"""
    SELECT s.showroom_id, s.merchant_id, {", ".join(f"{a}, {a}_is_date" for a in _STORED.values())}
    FROM showrooms s JOIN merchants USING (merchant_id) ORDER BY s.merchant_id, s.showroom_id
"""
_MERCHANTS = "SELECT merchant_id FROM merchants ORDER BY merchant_id"
_COUNTS = """
    SELECT merchant_id, day, shop_visitors AS visitors, shop_inquiries AS inquiries
    FROM shop_counts_daily
    WHERE day BETWEEN $first AND $day AND merchant_id IN (SELECT unnest($merchants))
"""


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return every merchant's showroom as of a day, and its counts before and after it went live.

    Args:
        warehouse: The facts.
        day: What happened after it is not known.
        rules: Whose clock and windows apply; the rulebook on that day by default.

    Returns:
        One row per merchant, by id: ``merchant_id``; ``as_of`` (the day) and ``showrooms``
        (Int64, how many there are), both missing where there is none, so that nothing is known of
        such a merchant; of the showroom credited last the days ``credited_on``,
        ``task_submitted_on``, ``shot_on``, ``modelled_on``, ``submitted_on``,
        ``shop_decorated_on``, ``products_decorated_on``, ``sent_on`` (on the rule's clock) and
        ``live_on`` (the first day on which buyers can see it); for ``visitors`` and ``inquiries``
        of the shop ``_days`` (the length of each window: whole weeks without a missing day),
        ``_before``, ``_after`` (sums), ``_before_squares`` and ``_after_squares`` (of the sums of
        weeks); all Int64, missing where it is not live.

    Raises:
        NotInForceError: There are no rules on their day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme("showroom")
    latest = _latest(warehouse.frame(_SHOWROOMS), as_of, book)
    windows = _Windows.of(warehouse, latest["live_on"], as_of, book)
    found = pd.DataFrame({**latest, **windows.sums()})
    merchants = warehouse.frame(_MERCHANTS)
    return merchants.merge(found, on="merchant_id", how="left")


def weeks(warehouse: Warehouse, measures: pd.DataFrame, book: ProgrammeRules) -> pd.DataFrame:
    """Return the sums of the weeks that are compared.

    Args:
        warehouse: The facts.
        measures: As ``measure`` gives them.
        book: The rules that they were measured by.

    Returns:
        ``merchant_id``, ``week`` (int64: 1 is the first after the live day, −1 the last before),
        ``visitors``, ``inquiries`` (Int64; missing where that week is not compared); of the
        merchants whose showroom is live, by merchant and week.
    """
    mine = measures[measures["live_on"].notna()].reset_index(drop=True)
    if mine.empty:
        return pd.DataFrame({n: pd.Series(dtype="Int64") for n in _WEEKS}).astype(
            {"merchant_id": measures["merchant_id"].dtype, "week": "int64"}
        )
    as_of = moments.days_of(mine, "as_of").max().item()
    return _Windows.of(warehouse, mine.set_index("merchant_id")["live_on"], as_of, book).long(
        mine["merchant_id"]
    )


def _latest(found: pd.DataFrame, as_of: dt.date, book: ProgrammeRules) -> dict[str, Any]:
    """Return the showroom of each merchant that was credited last, of what is known on the day."""
    today = np.datetime64(as_of, "D")
    days: dict[str, Days] = {}
    for name, stored in _STORED.items():
        at = moments.local_days(moments.earliest(found, stored, book.clock.zone), book.clock.zone)
        days[name] = np.where(at <= today, at, _NEVER)
    some = ~np.logical_and.reduce([np.isnat(at) for at in days.values()])
    credited = np.where(np.isnat(days["credited_on"]), np.datetime64(0, "D"), days["credited_on"])
    frame = pd.DataFrame({"merchant_id": found["merchant_id"], "credited": credited})[some]
    counts = frame.groupby("merchant_id")["credited"].size()
    rows = frame.sort_values("credited", kind="stable").drop_duplicates("merchant_id", keep="last")
    rows = rows.sort_values("merchant_id")
    index = pd.Index(rows["merchant_id"], name="merchant_id")
    taken = {name: at[rows.index] for name, at in days.items()}
    live = np.fmin.reduce([taken[f"{step}_on"] for step in SHOWN])
    return {
        "as_of": moments.day_column(np.full(len(rows), today), index),
        "showrooms": counts.reindex(index).astype("Int64"),
        **{name: moments.day_column(at, index) for name, at in taken.items()},
        "live_on": moments.day_column(live, index),
    }


@dataclass(frozen=True, eq=False)
class _Windows:
    """Counts by merchant and day off the live day, on either side.

    Attributes:
        index: The merchants.
        live: Where there is a live day.
        counts: (count, side) → merchants × days, the day next to the live one first.
        days: count → the length of both windows, whole weeks without a gap.
    """

    index: pd.Index
    live: NDArray[np.bool_]
    counts: dict[tuple[str, str], NDArray[np.int64]]
    days: dict[str, NDArray[np.int64]]

    @classmethod
    def of(
        cls, warehouse: Warehouse, live_on: "pd.Series[Any]", as_of: dt.date, book: ProgrammeRules
    ) -> "_Windows":
        """Read the counts around each live day."""
        begun = moments.days_of(pd.DataFrame({"live_on": live_on}), "live_on")
        live, most = ~np.isnat(begun), int(book["effect_most_days"])
        most -= most % WEEK_DAYS
        counts, days = {}, {}
        daily = _daily(warehouse, live_on.index[live], begun[live], most, as_of)
        place = live_on.index.get_indexer(pd.Index(daily["merchant_id"]))
        off = (moments.days_of(daily, "day") - begun[place]).astype(np.int64)
        for count in COUNTS:
            run = np.full(len(begun), most)
            given = daily[count].notna().to_numpy()
            for side, sign in _SIDES.items():
                rows = given & (off * sign > 0) & (off * sign <= most)
                at = place[rows], off[rows] * sign - 1
                there = np.zeros((len(begun), most), dtype=bool)
                there[at] = True
                values = np.zeros((len(begun), most), dtype=np.int64)
                values[at] = daily[count].to_numpy(dtype=np.int64, na_value=0)[rows]
                counts[count, side] = values
                run = np.minimum(run, np.logical_and.accumulate(there, axis=1).sum(axis=1))
            days[count] = run - run % WEEK_DAYS
        return cls(live_on.index, live, counts, days)

    def weekly(self, count: str, side: str) -> NDArray[np.int64]:
        """Return merchants × weeks: the sums of the weeks that are compared, and 0."""
        values = self.counts[count, side]
        by_week = values.reshape(len(values), values.shape[1] // WEEK_DAYS, WEEK_DAYS).sum(axis=2)
        return np.where(self.compared(count), by_week, 0)

    def compared(self, count: str) -> NDArray[np.bool_]:
        """Return merchants × weeks: which are."""
        most = self.counts[count, "after"].shape[1] // WEEK_DAYS
        return np.arange(most) < (self.days[count] // WEEK_DAYS)[:, np.newaxis]

    def sums(self) -> dict[str, "pd.Series[Any]"]:
        """Return the measures of the effect."""
        found = {}
        for count in COUNTS:
            found[f"{count}_days"] = self.days[count]
            by_side = {side: self.weekly(count, side) for side in _SIDES}
            found |= {f"{count}_{side}": w.sum(axis=1) for side, w in by_side.items()}
            found |= {f"{count}_{s}_squares": (w * w).sum(axis=1) for s, w in by_side.items()}
        return {
            name: pd.Series(pd.arrays.IntegerArray(values, ~self.live), index=self.index)
            for name, values in found.items()
        }

    def long(self, ids: "pd.Series[Any]") -> pd.DataFrame:
        """Return the weeks that are compared, one row each."""
        parts = []
        for side, sign in _SIDES.items():
            shown = {count: self.compared(count) for count in COUNTS}
            rows, week = np.nonzero(np.logical_or.reduce(list(shown.values())))
            part = {"merchant_id": ids.take(rows).reset_index(drop=True), "week": (week + 1) * sign}
            for count in COUNTS:
                sums = self.weekly(count, side)[rows, week]
                part[count] = pd.arrays.IntegerArray(sums, ~shown[count][rows, week])
            parts.append(pd.DataFrame(part))
        return pd.concat(parts).sort_values(["merchant_id", "week"], ignore_index=True)


def _daily(
    warehouse: Warehouse, merchants: pd.Index, live: Days, most: int, as_of: dt.date
) -> pd.DataFrame:
    first = live.min() - most * _ONE if len(live) else np.datetime64(as_of, "D")
    return warehouse.frame(
        _COUNTS, {"merchants": merchants.tolist(), "first": first.item(), "day": as_of}
    )

"""Working time: minutes that count while order-takers work, from the month's first day on."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit.columns import Whole
from merchantkit.days import Span
from merchantkit.programmes import moments
from merchantkit.programmes.moments import Days, Moments
from merchantkit.programmes.workdays import Workdays
from merchantkit.rulebook import ProgrammeRules

_MINUTE = np.timedelta64(1, "m")
_DAY = np.timedelta64(1, "D")
_HOUR_MINUTES = int(np.timedelta64(1, "h") / _MINUTE)


@dataclass(frozen=True, eq=False)
class WorkingTime:
    """Working days and hours; each working day is as many minutes, and nights are none.

    Attributes:
        zone: Whose clock shows the hours.
        first: The day from which minutes are counted.
        days: Working days, ascending.
        opens: When work begins, in minutes after midnight.
        length: How many minutes it goes on.
    """

    zone: str
    first: np.datetime64
    days: Days
    opens: int
    length: int

    @classmethod
    def of(cls, book: ProgrammeRules, span: Span, takers: pd.DataFrame) -> "WorkingTime":
        """Return the working time of a span of days, and of the leave of its order-takers."""
        away = [moments.days_of(takers, name) for name in ("away_from", "away_to")]
        ends = np.array([span.first, span.last], dtype="datetime64[D]")
        known = np.concatenate([ends, *(days[~np.isnat(days)] for days in away)])
        first, last = (int(str(end.astype("datetime64[Y]"))) for end in (known.min(), known.max()))
        country, make_up = book["business_calendar"], book["make_up_days_work"]
        calendar = Workdays.of(country, first, last, make_up=make_up)
        opens, closes = (_minutes(book[name]) for name in ("opens_hour", "closes_hour"))
        length = max(closes - opens, 1)
        return cls(book.clock.zone, ends[0], calendar.working, opens, length)

    def minutes_of(self, hours: Any) -> int:
        """Return hours as minutes."""
        return _minutes(hours)

    def minutes(self, at: Moments) -> Whole:
        """Return moments in UTC as working minutes: outside of them, the next one that is."""
        utc = pd.DatetimeIndex(at).tz_localize("UTC")
        local = utc.tz_convert(self.zone).tz_localize(None).to_numpy()
        days = local.astype("datetime64[D]")
        after = (local.astype("datetime64[m]") - days).astype(np.int64) - self.opens
        within = np.where(self._works(days), np.clip(after, 0, self.length), 0)
        return self._begins(days) + within

    def away(self, takers: pd.DataFrame) -> NDArray[np.int64]:
        """Return from which working minute to which each is away; an empty span for never.

        An end that is not given is the other one: a single day.
        """
        begins, ends = (moments.days_of(takers, name) for name in ("away_from", "away_to"))
        begins, ends = (
            np.where(np.isnat(one), other, one) for one, other in ((begins, ends), (ends, begins))
        )
        never = np.isnat(begins)
        begins, ends = (np.where(never, self.first, days) for days in (begins, ends))
        spans = np.stack([self._begins(begins), self._begins(ends + _DAY)], axis=1)
        return np.where(never[:, np.newaxis], 0, spans)

    def _begins(self, days: Days) -> Whole:
        """Return the working minute with which a day begins, or the next working day."""
        before = np.searchsorted(self.days, days) - np.searchsorted(self.days, self.first)
        return np.asarray(before * self.length, dtype=np.int64)

    def _works(self, days: Days) -> NDArray[np.bool_]:
        return np.isin(days, self.days)


def _minutes(hours: Decimal | int) -> int:
    return int(Decimal(hours) * _HOUR_MINUTES)

"""Working days of a country: public holidays off, make-up working days on.

The days are those of the ``holidays`` library, which has China's yearly notices of the State
Council, with the weekend days that are worked in exchange for a longer holiday.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import holidays
import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
_SATURDAY = 5
_ONE = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class Workdays:
    """The working days from the first of January of one year to the last day of another.

    Days beyond either end are taken as that end. Arrays of days are ``datetime64[D]``; missing
    ones (NaT) count as the first day, and are for the caller to leave out.

    >>> china = Workdays.of("CN", 2021, 2021)
    >>> t = np.array(["2021-05-06"], dtype="datetime64[D]")
    >>> china.before(t, 1).astype(str).tolist(), china.after(t, 1).astype(str).tolist()
    (['2021-04-30'], ['2021-05-07'])
    """

    first: np.datetime64
    until: NDArray[np.int64]  # how many working days there are up to and including each day
    working: Days
    unpublished: frozenset[int]

    @classmethod
    def of(cls, country: str, first: int, last: int, *, make_up: bool = True) -> "Workdays":
        """Return the working days of a country (ISO code) in the years ``first`` to ``last``.

        Args:
            country: Such as CN.
            first: A year.
            last: A year, included.
            make_up: Whether weekend days that are worked count.
        """
        return _read(country, first, last, make_up)

    def before(self, days: Days, n: int) -> Days:
        """Return the nth working day before each day; the day itself does not count."""
        return self.working[np.clip(self._up_to(days - _ONE) - n, 0, len(self.working) - 1)]

    def after(self, days: Days, n: int) -> Days:
        """Return the nth working day after each day; the day itself does not count."""
        return self.working[np.clip(self._up_to(days) + n - 1, 0, len(self.working) - 1)]

    def lead(self, early: Days, days: Days) -> NDArray[np.int64]:
        """Return the largest n for which ``early`` is on or before the nth working day before."""
        ahead = self._up_to(days - _ONE) - self._up_to(early - _ONE)
        return np.asarray(np.maximum(ahead, 0))

    def lag(self, late: Days, days: Days) -> NDArray[np.int64]:
        """Return the smallest n for which ``late`` is on or before the nth working day after.

        0 on or before the day itself.

        >>> china = Workdays.of("CN", 2021, 2021)
        >>> t = np.array(["2021-05-06"] * 3, dtype="datetime64[D]")
        >>> late = np.array(["2021-05-06", "2021-05-07", "2021-05-08"], dtype="datetime64[D]")
        >>> china.lag(late, t).tolist()
        [0, 1, 2]
        """
        behind = self._up_to(late - _ONE) - self._up_to(days) + 1
        return np.where(late > days, behind, 0)

    def provisional(self, days: Days) -> NDArray[np.bool_]:
        """Return whether the holidays of each day's year were not published."""
        unpublished = [np.datetime64(f"{year:04d}", "Y") for year in sorted(self.unpublished)]
        years = days.astype("datetime64[Y]")
        return np.isin(years, np.array(unpublished, dtype="datetime64[Y]"))

    def _up_to(self, days: Days) -> NDArray[np.int64]:
        at = (days - self.first).astype(np.int64)
        return self.until[np.clip(at, 0, len(self.until) - 1)]


@lru_cache(maxsize=64)
def _read(country: str, first: int, last: int, make_up: bool) -> Workdays:
    known: Any = holidays.country_holidays(country, years=range(first, last + 1))
    every = np.arange(f"{first:04d}-01-01", f"{last + 1:04d}-01-01", dtype="datetime64[D]")
    days: list[dt.date] = every.tolist()
    worked = np.array([known.is_working_day(day) for day in days])
    weekend = np.array([day.weekday() >= _SATURDAY for day in days])
    # A year whose notice is out has weekend days that are worked: every one since 2001 has.
    published = {day.year for day, made_up in zip(days, worked & weekend, strict=True) if made_up}
    if not make_up:
        worked &= ~weekend
    return Workdays(
        every[0],
        np.cumsum(worked),
        every[worked],
        frozenset(range(first, last + 1)) - published,
    )

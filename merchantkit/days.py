"""Days, months and spans of days on a clock: the calendar that rules and facts share."""

import calendar
import datetime as dt
import math
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from merchantkit.errors import DayError

# Between which facts are believed: a day beyond is a slip of whoever typed it.
FIRST_YEAR, LAST_YEAR = 1990, 2100


def as_day(day: dt.date | str) -> dt.date:
    """Return a calendar day from a date or ISO text.

    Raises:
        DayError: The text is not an ISO day, or a moment (which has a clock) was given.

    >>> as_day("2021-05-31")
    datetime.date(2021, 5, 31)
    """
    if isinstance(day, dt.datetime):
        raise DayError(
            f"{day.isoformat()} is a moment, not a day",
            remedy="say which calendar day is meant: 2021-05-31",
        )
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except (ValueError, TypeError):
        raise DayError(f"{day!r} is not a day", remedy="write it as 2021-05-31") from None


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month.

    >>> Month.parse("2021-05").last
    datetime.date(2021, 5, 31)
    """

    year: int
    number: int

    @classmethod
    def parse(cls, text: "str | Month") -> Self:
        """Return the month written as ``2021-05``."""
        if isinstance(text, Month):
            return cls(text.year, text.number)
        try:
            first = dt.date.fromisoformat(f"{text}-01")
        except (ValueError, TypeError):
            raise DayError(f"{text!r} is not a month", remedy="write it as 2021-05") from None
        return cls(first.year, first.month)

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """Return the month that holds a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        """The month's first day."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """The month's last day, as of which it is assessed unless another day is named."""
        return dt.date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    def previous(self) -> Self:
        """Return the month before."""
        return type(self).of(self.first - dt.timedelta(days=1))

    def within_facts(self) -> Self:
        """Return the month, if facts of it and of the year around it can be.

        Raises:
            DayError: It lies beyond; there a day has no next one, or a window no beginning.

        >>> Month(2021, 5).within_facts() == Month(2021, 5)
        True
        """
        if FIRST_YEAR < self.year < LAST_YEAR:
            return self
        raise DayError(
            f"{self} lies beyond any facts",
            remedy=f"name a month from {FIRST_YEAR + 1}-01 to {LAST_YEAR - 1}-12",
        )

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True)
class Span:
    """Whole days from ``first`` to ``last``, both included, cut by the clock of ``zone``.

    >>> Span(dt.date(2021, 5, 31), dt.date(2021, 5, 31), "Asia/Shanghai").start_utc
    datetime.datetime(2021, 5, 30, 16, 0)
    """

    first: dt.date
    last: dt.date
    zone: str

    @classmethod
    def ending(cls, last: dt.date, days: int, zone: str) -> Self:
        """Return the span of ``days`` days that ends on ``last``, inclusive."""
        return cls(last - dt.timedelta(days=days - 1), last, zone)

    @property
    def start_utc(self) -> dt.datetime:
        """The first instant, as naive UTC."""
        return _midnight_utc(self.first, self.zone)

    @property
    def end_utc(self) -> dt.datetime:
        """The first instant after the span, as naive UTC."""
        return _midnight_utc(self.last + dt.timedelta(days=1), self.zone)


def day_number(day: dt.date) -> int:
    """Return a day as a whole number of days since 1970, which is what checks compare.

    >>> day_number(dt.date(1970, 1, 31))
    30
    """
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


def utc_seconds(local: dt.datetime, zone: str) -> int:
    """Return a moment that a clock shows as whole seconds since 1970 (UTC).

    >>> utc_seconds(dt.datetime(2021, 4, 12, 15), "Asia/Shanghai")
    1618210800
    """
    return math.floor(local.replace(tzinfo=ZoneInfo(zone)).timestamp())


def _midnight_utc(day: dt.date, zone: str) -> dt.datetime:
    local = dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(zone))
    return local.astimezone(dt.UTC).replace(tzinfo=None)

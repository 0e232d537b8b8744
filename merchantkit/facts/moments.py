"""Stored moments on a rule's clock: whether one lies in a span of days, and which day it is."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.days import Span


def within(column: str, span: str) -> str:
    """Return the SQL condition that a moment column lies in the span bound as ``span``.

    A value that is only a date is that calendar day on every clock; one with a time is compared as
    the instant that it is.

    >>> within("paid_at", "w")[:28]
    '(CASE WHEN paid_at_is_date T'
    """
    return (
        f"(CASE WHEN {column}_is_date"
        f" THEN {column} >= ${span}_first AND {column} < ${span}_after"
        f" ELSE {column} >= ${span}_start AND {column} < ${span}_end END)"
    )


def bind(name: str, span: Span) -> dict[str, dt.datetime]:
    """Return the parameters that ``within(…, name)`` needs."""
    midnight = dt.time()
    return {
        f"{name}_first": dt.datetime.combine(span.first, midnight),
        f"{name}_after": dt.datetime.combine(span.last + dt.timedelta(days=1), midnight),
        f"{name}_start": span.start_utc,
        f"{name}_end": span.end_utc,
    }


def days_of(frame: pd.DataFrame, column: str, zone: str) -> "pd.Series[Any]":
    """Return the calendar day of each stored moment on a clock (``datetime64[s]``, at midnight).

    Args:
        frame: Has the moment column, in UTC, and its ``_is_date``; a date is that day on every
            clock, and what is missing stays missing.
        column: The moment's column.
        zone: The clock's IANA zone.

    >>> frame = pd.DataFrame({"at": ["2021-06-01 06:59:59"], "at_is_date": [False]})
    >>> days_of(frame, "at", "America/Los_Angeles").dt.date.tolist()
    [datetime.date(2021, 5, 31)]
    """
    moments = pd.to_datetime(frame[column]).dt.tz_localize("UTC")
    local = moments.dt.tz_convert(zone).dt.tz_localize(None)
    dated = frame[f"{column}_is_date"].fillna(False).to_numpy(dtype=bool)
    days = np.where(dated, moments.dt.tz_localize(None), local).astype("datetime64[D]")
    return pd.Series(days.astype("datetime64[s]"), index=frame.index, name=column)

"""Days and moments in a frame of measures, from a warehouse, a spreadsheet or a widget.

Inside ``assess`` a day is ``datetime64[D]`` and a moment ``datetime64[us]`` in UTC; what is missing
is NaT, which equals nothing and comes before or after nothing.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from merchantkit.checks import TEXT
from merchantkit.errors import MeasureError
from merchantkit.facts.casts.times import DEFAULT_ZONE, FIRST_YEAR, LAST_YEAR, Clock, dates, moments
from merchantkit.programmes import door

Days = NDArray[np.datetime64]
Moments = NDArray[np.datetime64]
DAY = pd.ArrowDtype(pa.date32())
MOMENT = pd.ArrowDtype(pa.timestamp("us", "UTC"))
_FIRST, _LAST = np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR}-12-31")


def read_days(frame: pd.DataFrame, name: str) -> Days:
    """Return a column of calendar days: text, dates, or timestamps at midnight.

    Raises:
        MeasureError: Some value is no day; the rows are named.
    """
    column = _column(frame, name)
    if _is_typed(column):
        days = _naive(column).astype("datetime64[D]")
    else:
        read, wrong = dates(_text(column), Clock())
        _refuse(frame, name, wrong, "is no day", "write it as 2021-05-31")
        days = _days_of(read)
    _refuse_far(frame, name, days)
    return days


def read_moments(frame: pd.DataFrame, name: str, zone: str) -> Moments:
    """Return a column of moments in UTC.

    A value with an offset is what it says, one without is Shanghai's time, as in an export; one
    that is only a date is the beginning of that day on the clock of ``zone``.

    Raises:
        MeasureError: Some value is no moment; the rows are named.
    """
    column = _column(frame, name)
    if _is_typed(column):
        at = _naive(column)
        if not _has_zone(column):
            at = to_utc(at, DEFAULT_ZONE)
    else:
        read, only_date, wrong = moments(_text(column), Clock())
        _refuse(frame, name, wrong, "is no moment", "write it as 2021-05-31T10:00:00+08:00")
        at = _numpy(read, "datetime64[us]")
        dated = np.asarray(only_date.fill_null(False))
        at[dated] = to_utc(at[dated], zone)
    _refuse_far(frame, name, at.astype("datetime64[D]"))
    return at


def local_days(at: Moments, zone: str) -> Days:
    """Return the day of each moment on a clock.

    >>> local_days(np.array(["2021-05-07T06:59:59"], "datetime64[us]"), "America/Los_Angeles")
    array(['2021-05-06'], dtype='datetime64[D]')
    """
    local = pd.DatetimeIndex(at).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]")


def to_utc(local: Moments | Days, zone: str) -> Moments:
    """Return the moments at which a clock shows these times, the earlier one where it does twice.

    >>> to_utc(np.array(["2021-05-06"], "datetime64[D]"), "America/Los_Angeles")
    array(['2021-05-06T07:00:00.000000'], dtype='datetime64[us]')
    """
    each, of = np.unique(np.asarray(local, dtype="datetime64[us]"), return_inverse=True)
    shown = pd.DatetimeIndex(each)
    clock = shown.tz_localize(
        zone, ambiguous=np.ones(len(shown), dtype=bool), nonexistent="shift_forward"
    )
    utc = clock.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return utc[of]


def day_column(days: Days, index: pd.Index) -> "pd.Series[Any]":
    """Return days as a frame holds them (date32)."""
    array = pa.array(days.astype("datetime64[D]"), type=pa.date32(), from_pandas=True)
    return pd.Series(pd.arrays.ArrowExtensionArray(array), index=index)


def moment_column(at: Moments, index: pd.Index) -> "pd.Series[Any]":
    """Return moments as a frame holds them (timestamp[us, UTC])."""
    array = pa.array(at.astype("datetime64[us]"), type=pa.timestamp("us"), from_pandas=True)
    return pd.Series(
        pd.arrays.ArrowExtensionArray(array.cast(pa.timestamp("us", "UTC"))), index=index
    )


def _column(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise MeasureError(f"the column {name} stands twice", remedy="keep one of them")
    return column


def _arrow_type(column: "pd.Series[Any]") -> pa.DataType | None:
    dtype = column.dtype
    return dtype.pyarrow_dtype if isinstance(dtype, pd.ArrowDtype) else None


def _is_typed(column: "pd.Series[Any]") -> bool:
    kind = _arrow_type(column)
    return pd.api.types.is_datetime64_any_dtype(column.dtype) or (
        kind is not None and pa.types.is_temporal(kind)
    )


def _has_zone(column: "pd.Series[Any]") -> bool:
    kind = _arrow_type(column)
    return getattr(kind if kind is not None else column.dtype, "tz", None) is not None


def _naive(column: "pd.Series[Any]") -> Moments:
    if (kind := _arrow_type(column)) is not None:
        array = pa.array(column.array)
        if pa.types.is_date(kind):
            return _days_of(array)
        return _numpy(array, "datetime64[us]")
    if _has_zone(column):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return column.to_numpy().astype("datetime64[us]")


def _days_of(array: pa.Array) -> Days:
    return _numpy(array, "datetime64[D]")


def _numpy(array: pa.Array, kind: str) -> NDArray[np.datetime64]:
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if kind == "datetime64[us]":
        zone = getattr(whole.type, "tz", None)
        whole = whole.cast(pa.timestamp("us", zone))
    return np.array(whole.to_numpy(zero_copy_only=False).astype(kind))


def _text(column: "pd.Series[Any]") -> pa.Array:
    if column.dtype == object:
        column = column.map(_written, na_action="ignore")
    text = pa.array(column.astype(TEXT).str.strip().array)
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    return pa.array([value or None for value in text.to_pylist()], pa.string())


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _refuse(frame: pd.DataFrame, name: str, wrong: pa.Array, what: str, remedy: str) -> None:
    bad = pd.Series(np.asarray(wrong.is_valid()), index=frame.index)
    door.refuse_rows(frame, bad, f"{name} {what}", remedy, (name,))


def _refuse_far(frame: pd.DataFrame, name: str, days: Days) -> None:
    far = (days < _FIRST) | (days > _LAST)
    if far.any():
        door.refuse_rows(
            frame, pd.Series(far, index=frame.index), f"{name} lies beyond any order",
            f"write a year from {FIRST_YEAR} to {LAST_YEAR}", (name,),
        )  # fmt: skip

"""Days and moments in a frame of measures, from a warehouse, a spreadsheet or a widget.

``door`` reads them: a day becomes date32, a moment timestamp[us, UTC] with ``<name>_is_date``
beside it. Where only the day is known, a moment is that day's own midnight until it is put on a
clock: on which one, rules say. Programmes calculate in NumPy, days as ``datetime64[D]`` and moments
as ``datetime64[us]`` in UTC; what is missing is NaT, which equals nothing and comes before or
after nothing.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from merchantkit.checks import TEXT
from merchantkit.columns import Column, Flags, arrow
from merchantkit.days import FIRST_YEAR, LAST_YEAR
from merchantkit.facts.casts.times import DEFAULT_ZONE, Clock, dates
from merchantkit.facts.casts.times import moments as parsed
from merchantkit.facts.tables import IS_DATE

Days = NDArray[np.datetime64]
Moments = NDArray[np.datetime64]
_FIRST, _LAST = np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR}-12-31")
_SECOND, _DAY = np.timedelta64(1, "s"), np.timedelta64(1, "D")
_PER_SECOND = 10**6


# --- as they come -------------------------------------------------------------------------------


def read_days(column: "pd.Series[Any]") -> tuple[Days, Flags]:
    """Return days, which may be text, dates, or timestamps at midnight; and which are none."""
    if (array := _typed(column)) is not None:
        return _numpy(array, "D"), _none(array)
    read, wrong = dates(_text(column), Clock())
    return _numpy(read, "D"), np.asarray(wrong.is_valid())


def read_moments(
    column: "pd.Series[Any]", given: "pd.Series[Any] | None" = None
) -> tuple[Moments, Flags, Flags]:
    """Return moments in UTC, of which only the day is known (its own midnight), and which are none.

    What has an offset is what it says; what has none is on China's clock, as in exports.

    Args:
        column: Text, dates or timestamps.
        given: Of which timestamps only the day is known, written as its midnight.

    >>> at, dated, _ = read_moments(pd.Series(["2021-04-12 15:00:00", "2021-04-12"]))
    >>> at.astype("datetime64[s]").tolist(), dated.tolist()
    ([datetime.datetime(2021, 4, 12, 7, 0), datetime.datetime(2021, 4, 12, 0, 0)], [False, True])
    """
    array = _typed(column)
    if array is None:
        read, is_date, wrong = parsed(_text(column), Clock())
        dated = np.asarray(pc.fill_null(is_date, False))
        return _numpy(read, "us"), dated, np.asarray(wrong.is_valid())
    at = _numpy(array, "us")
    if pa.types.is_date(array.type):
        return at, ~np.isnat(at), _none(array)
    dated = _none(array) if given is None else given.to_numpy(dtype=bool, na_value=False)
    if array.type.tz is None:
        at[~dated] = to_utc(at[~dated], DEFAULT_ZONE)
    return at, dated, _none(array)


def beyond(days: Days) -> Flags:
    """Return which days lie in no year in which anybody ordered anything."""
    far: Flags = (days < _FIRST) | (days > _LAST)
    return far


# --- as a frame holds them, and as NumPy calculates with them -----------------------------------


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


def days_of(facts: pd.DataFrame, name: str) -> Days:
    """Return a column of days that was read."""
    return _numpy(arrow(facts[name]), "D")


def day_numbers(days: Days, index: pd.Index) -> "pd.Series[Any]":
    """Return days as whole days since 1970 (Int64), which is what checks compare.

    >>> day_numbers(np.array(["1970-01-31", "NaT"], "datetime64[D]"), pd.RangeIndex(2)).tolist()
    [30, <NA>]
    """
    whole = days.astype("datetime64[D]").view(np.int64)
    return pd.Series(pd.arrays.IntegerArray(whole, np.isnat(days)), index=index)


def from_numbers(numbers: Column) -> Days:
    """Return whole days since 1970 as days; NaT where they are not known.

    >>> from_numbers(Column(np.array([30, 7]), np.array([True, False]))).astype(str).tolist()
    ['1970-01-31', 'NaT']
    """
    return np.where(numbers.known, numbers.values.astype("datetime64[D]"), np.datetime64("NaT"))


def seconds(at: Moments, index: pd.Index) -> "pd.Series[Any]":
    """Return moments as whole seconds since 1970 (Int64), which is what checks compare.

    Half a second past 14:59:59 is still 14:59:59: cut off, never rounded.
    """
    whole = at.astype("datetime64[us]").astype(np.int64) // _PER_SECOND
    return pd.Series(pd.arrays.IntegerArray(whole, np.isnat(at)), index=index)


# --- on a clock ---------------------------------------------------------------------------------


def earliest(facts: pd.DataFrame, name: str, zone: str) -> Moments:
    """Return the first that each moment may be: for a day, its midnight on a clock."""
    at, dated = _numpy(arrow(facts[name]), "us"), _dated(facts, name)
    at[dated] = to_utc(at[dated], zone)
    return at


def latest(facts: pd.DataFrame, name: str, zone: str) -> Moments:
    """Return the last second that each moment may be: for a day, the one before the next."""
    at, dated = _numpy(arrow(facts[name]), "us"), _dated(facts, name)
    at[dated] = to_utc(at[dated] + _DAY, zone) - _SECOND
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


# --- parts --------------------------------------------------------------------------------------


def _typed(column: "pd.Series[Any]") -> pa.Array | None:
    kind = getattr(column.dtype, "pyarrow_dtype", None)
    dated = kind is not None and (pa.types.is_timestamp(kind) or pa.types.is_date(kind))
    if not dated and not pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    array = pa.array(column.array, from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _numpy(array: pa.Array, unit: str) -> NDArray[np.datetime64]:
    """Return days or moments, of whatever unit, as NumPy's own that may be written to."""
    return np.array(array.to_numpy(zero_copy_only=False).astype(f"datetime64[{unit}]"))


def _none(array: pa.Array) -> Flags:
    return np.zeros(len(array), dtype=bool)


def _dated(facts: pd.DataFrame, name: str) -> Flags:
    only_day: Flags = facts[name + IS_DATE].to_numpy(dtype=bool, na_value=False)
    return only_day & facts[name].notna().to_numpy() if only_day.any() else only_day


def _text(column: "pd.Series[Any]") -> pa.Array:
    if column.dtype == object:
        column = column.map(_written, na_action="ignore")
    text = pc.utf8_trim_whitespace(arrow(column.astype(TEXT)))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)

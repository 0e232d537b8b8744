"""Moments at the door: seconds since 1970, and whether only the day is known."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import utc_seconds
from merchantkit.errors import MeasureError
from merchantkit.facts.casts.times import DEFAULT_ZONE, Clock
from merchantkit.facts.casts.times import moments as parsed
from merchantkit.facts.tables import IS_DATE

Series = pd.Series
_DAY = 86_400
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def read(frame: pd.DataFrame, name: str) -> dict[str, "Series[Any]"]:
    """Return a column of moments as whole seconds, and ``<name>_is_date`` beside it.

    Args:
        frame: Its column may hold timestamps or text. What has an offset is what it says; what has
            none is on China's clock, as in exports. ``<name>_is_date`` says of timestamps which are
            only a day, written as its midnight.
        name: The column.

    Returns:
        ``name``: ``Int64`` seconds since 1970 (UTC), a fraction left off; of a day, those of its
        naive midnight, which ``earliest`` puts on a clock. ``<name>_is_date``: ``boolean``.

    Raises:
        MeasureError: Some value is no moment; the first is named.

    >>> read(pd.DataFrame({"at": ["2021-04-12 15:00:00", "2021-04-12"]}), "at")["at"].tolist()
    [1618210800, 1618185600]
    """
    column = frame[name]
    kind = getattr(column.dtype, "pyarrow_dtype", None)
    if column.dtype.kind == "M" or (kind is not None and pa.types.is_timestamp(kind)):
        is_date = _flags(frame, name)
        stamps = _timestamps(column)
        whole = _whole(stamps) if stamps.type.tz else _on_default_clock(stamps, is_date)
    else:
        stamps, is_date = _parsed(column, name)
        whole = _whole(stamps)
    seconds = pd.arrays.IntegerArray(whole, np.asarray(stamps.is_null()))
    return {
        name: pd.Series(seconds, index=column.index),
        name + IS_DATE: pd.Series(is_date, index=column.index, dtype="boolean"),
    }


def earliest(facts: pd.DataFrame, name: str, zone: str) -> "Series[Any]":
    """Return the first second that each moment may be: for a day, its midnight on a clock."""
    seconds, dated = facts[name], _dated(facts, name)
    if not dated.any():
        return seconds
    return seconds.mask(dated, _on_clock(seconds[dated], zone))


def latest(facts: pd.DataFrame, name: str, zone: str) -> "Series[Any]":
    """Return the last second that each moment may be: for a day, the one before the next."""
    seconds, dated = facts[name], _dated(facts, name)
    if not dated.any():
        return seconds
    return seconds.mask(dated, _on_clock(seconds[dated] + _DAY, zone) - 1)


def _dated(facts: pd.DataFrame, name: str) -> Any:
    only_day: np.ndarray[Any, Any] = facts[name + IS_DATE].to_numpy(dtype=bool, na_value=False)
    return only_day & facts[name].notna().to_numpy()


def _on_clock(midnights: "Series[Any]", zone: str) -> "Series[Any]":
    # Many orders share a day, so each is put on the clock once.
    days = {
        seconds: utc_seconds(pd.Timestamp(seconds, unit="s").to_pydatetime(), zone)
        for seconds in midnights.unique().tolist()
    }
    return midnights.map(days).astype("Int64")


def _flags(frame: pd.DataFrame, name: str) -> Any:
    given = frame.get(name + IS_DATE)
    if given is None:
        return np.zeros(len(frame), dtype=bool)
    return given.to_numpy(dtype=bool, na_value=False)


def _timestamps(column: "Series[Any]") -> Any:
    stamps = pa.array(column.array, from_pandas=True)
    return stamps.combine_chunks() if isinstance(stamps, pa.ChunkedArray) else stamps


def _on_default_clock(stamps: Any, is_date: Any) -> Any:
    local = pc.assume_timezone(stamps, DEFAULT_ZONE, ambiguous="earliest", nonexistent="earliest")
    return np.where(is_date, _whole(stamps), _whole(local))


def _whole(stamps: Any) -> Any:
    # Half a second past 14:59:59 is still 14:59:59: cut off, never rounded.
    return np.asarray(stamps.cast(pa.int64()).fill_null(0)) // _PER_SECOND[stamps.type.unit]


def _parsed(column: "Series[Any]", name: str) -> tuple[pa.Array, Any]:
    texts = pa.array([_as_text(value) for value in column], pa.string())
    stamps, is_date, reasons = parsed(texts, Clock())
    if reasons.null_count < len(reasons):
        wrong = np.flatnonzero(np.asarray(reasons.is_valid()))
        first = int(wrong[0])
        raise MeasureError(
            f"{name} is no moment ({reasons[first].as_py()})",
            where=f"row {first + 1} ({name}={texts[first].as_py()[:40]})",
            count=len(wrong),
            remedy="write it as 2021-04-12 15:00:00, or with an offset: 2021-04-12T15:00:00+08:00",
        )
    return stamps, np.asarray(pc.fill_null(is_date, False))


def _as_text(value: Any) -> str | None:
    if value is None or value is pd.NA or value != value:
        return None
    return str(value).strip() or None

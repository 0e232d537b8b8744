"""Text to days, months and moments: each read by a declared format, on a declared clock."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import FIRST_YEAR, LAST_YEAR
from merchantkit.facts.casts.date_formats import MONTH_NAMES, UNAMBIGUOUS, DateFormat
from merchantkit.facts.casts.masks import Mask, as_mask, failing, mark, only_where

DEFAULT_ZONE = "Asia/Shanghai"

_Whole = npt.NDArray[np.int64]
_PART_NAMES = (
    *("year", "short_year", "month", "month_name", "day"),
    *("hour", "minute", "second", "fraction", "offset"),
)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


@dataclass(frozen=True)
class Clock:
    """How an export tells time.

    Args:
        zone: The zone of times without an offset (IANA).
        formats: The date formats that are tried, in order.
        ambiguous: What an hour that the clock shows twice in a year means: the ``earlier`` one,
            the ``later`` one, or (the default) nothing that can be known.
    """

    zone: str = DEFAULT_ZONE
    formats: tuple[DateFormat, ...] = UNAMBIGUOUS
    ambiguous: Literal["reject", "earlier", "later"] = "reject"


def dates(texts: pa.Array, clock: Clock) -> tuple[pa.Array, pa.Array]:
    """Return calendar days as date32, and reasons.

    A time of day is left off; one with an offset is refused, as its day depends on the clock.

    >>> values, reasons = dates(pa.array(["2021/5/31", "2021-02-30", "5/6/2021"]), Clock())
    >>> values.to_pylist(), reasons.to_pylist()
    ([datetime.date(2021, 5, 31), None, None], [None, 'no_such_day', 'not_a_date'])
    """
    read = _read(texts, clock)
    reasons = mark(read.reasons, read.has_offset, "date_with_offset")
    kept = pc.and_(texts.is_valid(), reasons.is_null())
    days = pc.cast(pa.array(read.days.astype(np.int32)), pa.date32())
    return only_where(days, kept), reasons


def moments(texts: pa.Array, clock: Clock) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return moments as naive UTC timestamps, whether each is only a date, and reasons.

    One with an offset is what it says; one without is read on the clock's zone. A date stays that
    date, at its own midnight, and is flagged.

    >>> values, is_date, _ = moments(pa.array(["2021-05-31 08:00", "2021-05-31"]), Clock())
    >>> values.to_pylist(), is_date.to_pylist()
    ([datetime.datetime(2021, 5, 31, 0, 0), datetime.datetime(2021, 5, 31, 0, 0)], [False, True])
    """
    read = _read(texts, clock)
    local = read.days * _DAY + read.within_day
    reasons, utc = read.reasons, local - read.offset
    on_clock = read.has_time & ~read.has_offset & as_mask(reasons.is_null())
    if on_clock.any():
        utc[on_clock], problems = _to_utc(local[on_clock], clock)
        for reason, held in problems.items():
            where = np.zeros(len(texts), dtype=np.bool_)
            where[on_clock] = held
            reasons = mark(reasons, where, reason)
    kept = pc.and_(texts.is_valid(), reasons.is_null())
    stamps = pc.cast(pa.array(utc), pa.timestamp("us"))
    return only_where(stamps, kept), only_where(pa.array(~read.has_time), kept), reasons


def months(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return months as text ``2021-05``, and reasons.

    Excel turns a typed month into the first of it, and a frame may hold it as that midnight, so
    that day is taken as the month.

    >>> months(pa.array(["2021年5月", "202105", "2021-05-01", "2021-05-02"]))[0].to_pylist()
    ['2021-05', '2021-05', '2021-05', None]
    """
    found = pc.extract_regex(
        texts,
        r"^(?P<year>[0-9]{4})(?:[-/.年]?(?P<month>[0-9]{2})|[-/.年](?P<digit>[0-9]))"
        r"(?:月|[-/.]0?1(?:\s0{1,2}:00(?::00(?:\.0+)?)?)?)?$",
    )
    year = _numbers(pc.struct_field(found, "year"))
    month = _numbers(
        pc.binary_join_element_wise(
            pc.struct_field(found, "month"), pc.struct_field(found, "digit"), ""
        )
    )
    fine = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    reasons = mark(failing(texts), as_mask(texts.is_valid()) & ~fine, "not_a_month")
    start = pa.array(_month_start(year, np.where(fine, month, 1)).astype("datetime64[s]"))
    return only_where(pc.strftime(start, format="%Y-%m"), pa.array(fine)), reasons


@dataclass(frozen=True)
class _Read:
    """Texts in parts: days since 1970, microseconds within the day, offset in microseconds."""

    days: _Whole
    within_day: _Whole
    offset: _Whole
    has_time: Mask
    has_offset: Mask
    reasons: pa.Array


def _read(texts: pa.Array, clock: Clock) -> _Read:
    parts = _parts(texts, clock.formats)
    year, month, day = _year(parts), _month(parts), _numbers(parts["day"])
    in_year = (month >= 1) & (month <= 12)
    start = _month_start(year, np.where(in_year, month, 1))
    first, after = start.astype("datetime64[D]"), (start + 1).astype("datetime64[D]")
    exists = in_year & (day >= 1) & (day <= (after - first).astype(np.int64))
    hour, minute, second = (_numbers(parts[name]) for name in ("hour", "minute", "second"))
    offset, offset_exists = _offset(parts["offset"])
    told = (hour < 24) & (minute < 60) & (second < 60) & offset_exists
    unread = as_mask(pc.and_(texts.is_valid(), parts["day"].is_null()))
    reasons = mark(failing(texts), unread, "not_a_date")
    known = as_mask(texts.is_valid())
    reasons = mark(reasons, known & ~exists, "no_such_day")
    reasons = mark(reasons, known & ~told, "no_such_time")
    unlikely = known & ((year < FIRST_YEAR) | (year > LAST_YEAR))
    reasons = mark(reasons, unlikely, "date_out_of_range")
    micros = _numbers(pc.utf8_slice_codeunits(pc.utf8_rpad(parts["fraction"], 6, "0"), 0, 6))
    return _Read(
        days=first.astype(np.int64) + day - 1,
        within_day=((hour * 60 + minute) * 60 + second) * _SECOND + micros,
        offset=offset,
        has_time=_present(parts["hour"]),
        has_offset=_present(parts["offset"]),
        reasons=reasons,
    )


def _parts(texts: pa.Array, formats: tuple[DateFormat, ...]) -> dict[str, pa.Array]:
    """Return part → its text, by the first format that fits; null where none does."""
    none = pa.nulls(len(texts), pa.string())
    parts = dict.fromkeys(_PART_NAMES, none)
    open_ = texts
    for form in formats:
        if open_.null_count == len(open_):
            break
        found = pc.extract_regex(open_, form.pattern)
        fits = found.is_valid()
        for name in form.parts:
            parts[name] = pc.if_else(fits, pc.struct_field(found, name), parts[name])
        open_ = only_where(open_, pc.invert(fits))
    return parts


def _present(part: pa.Array) -> Mask:
    return as_mask(pc.not_equal(part, ""))


def _numbers(part: pa.Array) -> _Whole:
    """Return digits as int64, absent ones as 0."""
    filled = pc.fill_null(pc.if_else(pc.equal(part, ""), "0", part), "0")
    return np.asarray(pc.cast(filled, pa.int64()).to_numpy(), dtype=np.int64)


def _year(parts: dict[str, pa.Array]) -> _Whole:
    # Two digits are the year in which facts may lie: 90–99 are 1990–1999, 00–89 are 2000–2089.
    short = _numbers(parts["short_year"])
    near = short + np.where(short >= FIRST_YEAR % 100, 1900, 2000)
    return np.where(_present(parts["short_year"]), near, _numbers(parts["year"]))


def _month(parts: dict[str, pa.Array]) -> _Whole:
    names = pc.index_in(pc.utf8_lower(parts["month_name"]), value_set=pa.array(MONTH_NAMES))
    by_name = np.asarray(pc.fill_null(names, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.where(by_name >= 0, by_name + 1, _numbers(parts["month"]))


def _month_start(year: _Whole, month: _Whole) -> "npt.NDArray[np.datetime64]":
    january = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]")
    return np.asarray(january + (month - 1), dtype="datetime64[M]")


def _offset(part: pa.Array) -> tuple[_Whole, Mask]:
    """Return offsets in microseconds east of UTC, and whether each exists (±14 hours)."""
    found = pc.extract_regex(part, r"^(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})?$")
    hours = _numbers(pc.struct_field(found, "hours"))
    minutes = _numbers(pc.struct_field(found, "minutes"))
    sign = np.where(as_mask(pc.equal(pc.struct_field(found, "sign"), "-")), -1, 1)
    whole = hours * 60 + minutes
    return sign * whole * 60 * _SECOND, (whole <= 14 * 60) & (minutes < 60)


def _to_utc(local: _Whole, clock: Clock) -> tuple[_Whole, dict[str, Mask]]:
    series = pd.Series(local.astype("datetime64[us]"))
    first = np.full(len(series), clock.ambiguous != "later")

    def localized(ambiguous: Any, nonexistent: Any) -> "pd.Series[Any]":
        placed = series.dt.tz_localize(clock.zone, ambiguous=ambiguous, nonexistent=nonexistent)
        return placed.dt.tz_convert("UTC").dt.tz_localize(None)

    found = localized(first, "NaT")
    problems = {"nonexistent_local_time": found.isna().to_numpy()}
    if clock.ambiguous == "reject":
        problems["ambiguous_local_time"] = localized("NaT", "shift_forward").isna().to_numpy()
    return found.to_numpy(dtype="datetime64[us]").astype(np.int64), problems

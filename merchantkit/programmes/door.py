"""Measures at the door: a frame from anywhere becomes typed columns, or an error naming rows.

Inside ``assess`` every number is a whole number (money in cents), ids are text, flags are
booleans, days date32, moments UTC timestamps (see ``moments``). Frames come from the warehouse, a
spreadsheet or a slider; all pass here once.

How a programme stays fast, at a million rows and at one, from the door to the outcome:

1. ``door.read`` once. What comes typed (Arrow, ``Int64``, NumPy integers) is looked at, not parsed.
2. ``checks.evaluate``; then work with ``verdict.reached`` and ``verdict.short``, which are columns
   (``columns.Column``), and ``checks.all_reached``. ``met``, ``gap``, ``observed`` and ``required``
   are Series made of them for explanations; each step through a Series costs ten through a column.
3. Calculate in ``Column``: ``Column.of(facts[name])``, ``+ - * >= <= & | ~``, ``replaced`` for
   "these rows are", ``hidden`` for "nobody knows", ``.yes`` and ``.no`` as NumPy masks; money is
   cents. Whatever else NumPy does goes over ``.values``, and what is known over ``.known``.
4. Why something is missing: ``reasons.reasons(facts, names)``, with ``replaced`` and ``filled``.
5. ``beside(values, why)`` writes both: whole numbers and flags as columns, money through
   ``money.exact``, reasons as text. ``pd.DataFrame(…, index=measures.index)`` makes the outcome.

``mask``, ``fillna``, ``map``, ``where`` and ``astype`` of Arrow and nullable Series make objects or
several copies of every row: they are for frames of tens of rows. ``rfq`` is the shortest example.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.checks import TEXT
from merchantkit.columns import Column, Flags, arrow
from merchantkit.days import FIRST_YEAR, LAST_YEAR
from merchantkit.errors import MeasureError
from merchantkit.facts.tables import IS_DATE
from merchantkit.money import MONEY_TYPE, from_cents, from_units, to_cents
from merchantkit.programmes import moments

Kind = Literal[
    "id", "code", "text", "count", "money", "decimal", "quantity", "flag", "day", "moment"
]
# Whole numbers of a quantity are ten-thousandths of its unit.
QUANTITY_PLACES = 4
_QUANTITY = pa.decimal128(MONEY_TYPE.precision, QUANTITY_PLACES)  # as wide as money
_QUANTITY_DIGITS = _QUANTITY.precision - QUANTITY_PLACES
_FINEST = Decimal(1).scaleb(-QUANTITY_PLACES)
# Wide enough to refuse what is too large by its size, whatever the caller's context is.
_WIDE = Context(prec=64, rounding=ROUND_HALF_UP)
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_MOST = 10**14  # a count beyond this is a mistake, and scores must fit in int64


def read(
    frame: pd.DataFrame,
    columns: Mapping[str, Kind],
    optional: Mapping[str, Kind] | None = None,
    codes: Mapping[str, Iterable[str]] | None = None,
) -> pd.DataFrame:
    """Return the named columns of a frame, typed, on the same index.

    Args:
        frame: One row per subject; columns may hold int, float, str, Decimal or Arrow values.
        columns: What must be there, and its kind.
        optional: What may be there; absent ones stay absent. ``<column>_reason`` texts pass too.
        codes: The values that a ``code`` column may have; anything else is refused.

    Raises:
        MeasureError: A column is missing, or values do not fit; rows and values are named.

    >>> read(pd.DataFrame({"n": ["3", None]}), {"n": "count"})["n"].tolist()
    [3, <NA>]
    """
    require(frame, columns)
    wanted = {**columns, **{n: k for n, k in (optional or {}).items() if n in frame.columns}}
    typed: dict[str, pd.Series[Any]] = {}
    for name, kind in wanted.items():
        if kind == "moment":
            typed |= _moment(frame, name)
        elif kind == "day":
            typed[name] = _day(frame, name)
        elif name not in typed:  # whether a moment is only a date is read with it
            typed[name] = _typed(frame, name, kind, codes or {})
    for name in wanted:
        reason = f"{name}_reason"
        if reason in frame.columns:
            typed[reason] = frame[reason].astype(TEXT)
    # By array, as the index is the frame's own and need not be compared with itself.
    arrays = {name: column.array for name, column in typed.items()}
    return pd.DataFrame(arrays, index=frame.index)


def require(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise a MeasureError that names the columns that a frame lacks, if there are any."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise MeasureError(
            f"the frame lacks {', '.join(missing)}",
            where=f"its columns: {', '.join(map(str, frame.columns)) or 'none'}",
            count=len(missing),
            remedy=f"measures are: {', '.join(columns)}",
        )


def refuse_rows(
    facts: pd.DataFrame,
    wrong: "pd.Series[Any] | Flags",
    what: str,
    remedy: str,
    show: Iterable[str] = (),
) -> None:
    """Raise a MeasureError that names the rows for which ``wrong`` is true, if there are any."""
    if isinstance(wrong, pd.Series):
        wrong = wrong.fillna(False).to_numpy(dtype=bool)
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return
    named = [column for column in ("merchant_id", *show) if column in facts.columns]
    first = [_row(facts, row, named) for row in rows[:5]]
    more = " …" if len(rows) > len(first) else ""
    raise MeasureError(what, where="; ".join(first) + more, count=len(rows), remedy=remedy)


def _row(facts: pd.DataFrame, row: int, named: list[str]) -> str:
    shown = ", ".join(f"{column}={facts[column].iloc[row]}" for column in named)
    return f"row {row + 1} ({shown})" if shown else f"row {row + 1}"


def _typed(
    frame: pd.DataFrame, name: str, kind: Kind, codes: Mapping[str, Iterable[str]]
) -> "pd.Series[Any]":
    column = _single(frame, name)
    if kind == "code":
        return _code(column, name, list(codes[name]))
    makers: dict[Kind, Callable[[pd.Series[Any], str], pd.Series[Any]]] = {
        "id": _id,
        "text": _text,
        "count": _count,
        "money": _money,
        "decimal": _decimal,
        "quantity": _quantity,
        "flag": _flag,
    }
    return makers[kind](column, name)


def _single(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise MeasureError(f"the column {name} stands twice", remedy="keep one of them")
    return column


def _day(frame: pd.DataFrame, name: str) -> "pd.Series[Any]":
    days, wrong = moments.read_days(_single(frame, name))
    refuse_rows(frame, wrong, f"{name} is no day", "write it as 2021-05-31", (name,))
    _refuse_far(frame, name, days)
    return moments.day_column(days, frame.index)


def _moment(frame: pd.DataFrame, name: str) -> dict[str, "pd.Series[Any]"]:
    column, flag = _single(frame, name), name + IS_DATE
    given = _single(frame, flag) if flag in frame.columns else None
    at, is_date, wrong = moments.read_moments(column, given)
    refuse_rows(
        frame, wrong, f"{name} is no moment",
        "write it as 2021-05-31 10:00:00, or with an offset: 2021-05-31T10:00:00+08:00", (name,),
    )  # fmt: skip
    _refuse_far(frame, name, at.astype("datetime64[D]"))
    dated = pd.Series(is_date, index=frame.index, dtype="boolean")
    return {name: moments.moment_column(at, frame.index), flag: dated}


def _refuse_far(frame: pd.DataFrame, name: str, days: moments.Days) -> None:
    years = f"write a year from {FIRST_YEAR} to {LAST_YEAR}"
    refuse_rows(frame, moments.beyond(days), f"{name} lies beyond any order", years, (name,))


def _id(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    ids = _text(column, name)
    facts = pd.DataFrame({name: ids})
    refuse_rows(facts, ids.isna().to_numpy(), f"{name} is missing", "give every row its id")
    return ids


def _code(column: "pd.Series[Any]", name: str, allowed: list[str]) -> "pd.Series[Any]":
    if column.dtype == TEXT and _all_among(column, [*allowed, None]):
        return column
    code = _text(column, name)
    refuse_rows(
        pd.DataFrame({name: code}), code.notna() & ~code.isin(allowed),
        f"{name} is not a known code", f"write one of {', '.join(allowed)}, or leave it empty",
        (name,),
    )  # fmt: skip
    return code


def _all_among(column: "pd.Series[Any]", allowed: list[str | None]) -> bool:
    among = pc.is_in(arrow(column), pa.array(allowed, pa.string()))
    return pc.all(among).as_py() is not False


def _text(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    mixed = column.dtype == object
    if column.dtype.kind == "f" or (mixed and bool(column.map(_is_float).any())):
        raise MeasureError(
            f"{name} was read as numbers with a point, which may have cost it digits",
            remedy="read ids as text",
        )
    if mixed:  # text and whole numbers, as a spreadsheet has them
        column = column.map(str, na_action="ignore")
    text = arrow(column if column.dtype == TEXT else column.astype(TEXT))
    if _is_tidy(text):
        return pd.Series(pd.arrays.ArrowExtensionArray(text), index=column.index)
    text = pc.utf8_trim_whitespace(text)
    if pc.min(pc.binary_length(text)).as_py() == 0:
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return pd.Series(pd.arrays.ArrowExtensionArray(text), index=column.index)


def _is_tidy(text: pa.Array) -> bool:
    # No text is missing or empty, and each begins and ends with a visible ASCII character, as ids
    # do: known from two bytes of each, where trimming would write all of them anew.
    if text.null_count or not len(text):
        return False
    ends = np.frombuffer(text.buffers()[1], dtype=np.int32)[text.offset :][: len(text) + 1]
    if bool((ends[1:] == ends[:-1]).any()):
        return False
    letters = np.frombuffer(text.buffers()[2], dtype=np.uint8)
    outer = np.concatenate((letters[ends[:-1]], letters[ends[1:] - 1]))
    return bool(((outer > ord(" ")) & (outer <= ord("~"))).all())


def _is_float(value: object) -> bool:
    return isinstance(value, float) and value == value


def _money(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    try:
        whole = to_cents(_blank_to_missing(column))
    except MeasureError as bad:
        raise MeasureError(
            f"{name}: {bad.what}", where=_first_bad(column), remedy=bad.remedy
        ) from None
    if bool((Column.of(whole).values < 0).any()):
        _refuse_negative(whole, from_cents(whole), name)
    return whole


def _decimal(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    # As exact as money, in whole hundredths, but nobody would call it an amount.
    try:
        return _money(column, name)
    except MeasureError as bad:
        what = bad.what.replace("no amount of money", "no number")
        raise MeasureError(what, where=bad.where, count=bad.count, remedy=bad.remedy) from None


def _quantity(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    # Half up to four decimals, once; a float enters through its repr, as money does.
    if column.dtype == pd.ArrowDtype(_QUANTITY):
        return _ten_thousandths(arrow(column), column.index, name)
    texts = column.map(lambda cell: str(cell).strip(), na_action="ignore")
    exact = {text: _exactly(text, name) for text in texts.dropna().unique() if text}
    whole = pa.array([exact.get(text) for text in texts], _QUANTITY)
    return _ten_thousandths(whole, column.index, name)


def _exactly(text: str, name: str) -> Decimal:
    try:
        number = Decimal("" if "_" in text else text)
        rounded = number.quantize(_FINEST, context=_WIDE)
    except InvalidOperation:
        rounded = Decimal("NaN")
    if not rounded.is_finite() or rounded.adjusted() >= _QUANTITY_DIGITS:
        raise MeasureError(
            f"{name} is no quantity: {text[:40]!r}",
            remedy="give a number such as 12.5, or leave it empty",
        )
    return rounded


def _ten_thousandths(whole: pa.Array, index: pd.Index, name: str) -> "pd.Series[Any]":
    low = np.frombuffer(whole.buffers()[1], dtype="<i8").reshape(-1, 2)[:, 0]
    low = low[whole.offset : whole.offset + len(whole)]
    known = np.asarray(whole.is_valid())
    numbers = Column(low if known.all() else np.where(known, low, 0), known)
    if bool((numbers.values < 0).any()):
        _refuse_negative(numbers.series(), from_units(numbers.series(), QUANTITY_PLACES), name)
    return numbers.series(index)


def _count(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    if column.dtype.kind == "i":
        whole = Column.of(column)
        if not bool(((whole.values < 0) | (whole.values > _MOST)).any()):
            return whole.series(column.index)
    return _parsed_count(column, name)


def _parsed_count(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    facts = pd.DataFrame({name: column})
    if column.dtype.kind == "b":
        refuse_rows(facts, column.notna(), f"{name} is not a number", "give whole numbers", (name,))
    if isinstance(column.dtype, pd.ArrowDtype) and column.dtype.kind not in "iu":
        # Arrow's decimals and floats know no remainder.
        numbers = _arrow_numbers(column)
    else:
        numbers = pd.to_numeric(_blank_to_missing(column), errors="coerce")
    wrong = numbers.isna() & column.notna() & (column.astype(str).str.strip() != "")
    refuse_rows(facts, wrong, f"{name} is not a number", "give whole numbers", (name,))
    if numbers.dtype.kind not in "iu":
        fractional = numbers.notna() & ((numbers % 1 != 0) | (numbers.abs() > _MOST))
        refuse_rows(
            facts, fractional, f"{name} is not a whole number", "give whole numbers", (name,)
        )
    whole = numbers.astype("Int64")
    refuse_rows(facts, whole > _MOST, f"{name} is absurdly large", "check the column", (name,))
    _refuse_negative(whole, whole, name)
    return whole


def _arrow_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    array = pa.array(column.array)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return pd.to_numeric(_blank_to_missing(column).astype(object), errors="coerce")
    numbers = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return pd.Series(numbers, index=column.index, name=column.name)


def _flag(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    if column.dtype.kind == "b":
        return Column.of(column).series(column.index)
    text = _blank_to_missing(column).astype(TEXT).str.strip().str.lower()
    facts = pd.DataFrame({name: column})
    known = text.map(_FLAGS).astype("boolean")
    wrong = known.isna() & text.notna()
    refuse_rows(facts, wrong, f"{name} is neither true nor false", "write true or false", (name,))
    return known


def _refuse_negative(whole: "pd.Series[Any]", shown: "pd.Series[Any]", name: str) -> None:
    facts = pd.DataFrame({name: shown})
    refuse_rows(facts, whole < 0, f"{name} is negative", "measures count from 0 up", (name,))


def _blank_to_missing(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if pd.api.types.is_numeric_dtype(column.dtype) or column.dtype.kind == "b":
        return column
    return column.mask(column.map(lambda value: isinstance(value, str) and not value.strip()))


def _first_bad(column: "pd.Series[Any]") -> str | None:
    for row, value in enumerate(column[column.notna()]):
        try:
            to_cents(pd.Series([value]))
        except MeasureError:
            return f"value {row + 1} of the column"
    return None

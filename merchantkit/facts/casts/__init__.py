"""Casts: columns of text to typed columns, whole columns at a time, with a reason for each failure.

A cast never guesses. What it can't read stays missing in the typed column and has its reason code
beside it; what was empty is missing without a reason (whether it may be is the schema's matter).
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.facts.casts.masks import Cast, failing, mark
from merchantkit.facts.casts.numbers import counts, money, percentages, quantities
from merchantkit.facts.casts.times import Clock, dates, moments, months
from merchantkit.facts.tables import IS_DATE, Column, normal

__all__ = ["CAST_REASONS", "Cast", "Clock", "cast", "trimmed"]

# Every reason that a cast may give.
CAST_REASONS = frozenset(
    {
        "ambiguous_local_time",
        "date_out_of_range",
        "date_with_offset",
        "negative",
        "no_such_day",
        "no_such_time",
        "nonexistent_local_time",
        "not_a_date",
        "not_a_flag",
        "not_a_month",
        "not_a_number",
        "not_a_whole_number",
        "number_too_large",
        "unknown_code",
    }
)


def trimmed(texts: pa.Array) -> pa.Array:
    """Return the texts without surrounding blanks (also full-width); an empty one is missing.

    >>> trimmed(pa.array([" 007\u3000", "NA", "  "])).to_pylist()
    ['007', 'NA', None]
    """
    bare = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def cast(column: Column, texts: pa.Array, clock: Clock) -> Cast:
    """Return a column of trimmed texts as its stored columns.

    Args:
        column: Its declaration; the kind decides.
        texts: Arrow strings, null where the cell is empty.
        clock: The zone and date formats of the export.

    >>> from merchantkit.facts.schemas import TABLES
    >>> found = cast(TABLES["orders"]["received_usd"], pa.array(["1,234.505", "x"]), Clock())
    >>> found.values["received_usd"].to_pylist(), found.reasons.to_pylist()
    ([Decimal('1234.51'), None], [None, 'not_a_number'])
    """
    if column.kind == "moment":
        values, is_date, reasons = moments(texts, clock)
        return Cast({column.name: values, column.name + IS_DATE: is_date}, reasons)
    values, reasons = _single(column, texts, clock)
    return Cast({column.name: values}, reasons)


def _single(column: Column, texts: pa.Array, clock: Clock) -> tuple[pa.Array, pa.Array]:
    if column.unit == "percent":
        texts = percentages(texts)
    match column.kind:
        case "code":
            return _code(column, texts)
        case "flag":
            return _flag(column, texts)
        case "money" | "decimal":
            return money(texts)
        case "quantity":
            return quantities(texts)
        case "count":
            return counts(texts)
        case "date":
            return dates(texts, clock)
        case "month":
            return months(texts)
    # An id or text is what it is.
    return texts, failing(texts)


def _code(column: Column, texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    codes, unknown = _looked_up(texts, column.code_of)
    return codes, mark(failing(texts), unknown, "unknown_code")


def _flag(column: Column, texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    words, unknown = _looked_up(texts, column.code_of)
    return pc.equal(words, "true"), mark(failing(texts), unknown, "not_a_flag")


def _looked_up(texts: pa.Array, code_of: Mapping[str, str]) -> tuple[pa.Array, pa.Array]:
    # Few words fill these columns, so each is compared once.
    words = texts.dictionary_encode()
    meanings = [code_of.get(normal(word)) for word in words.dictionary.to_pylist()]
    codes = pa.array(meanings, type=pa.string()).take(words.indices)
    return codes, pc.and_(texts.is_valid(), codes.is_null())

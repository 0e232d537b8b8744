"""Text to money and counts: exact, whatever the export wrote around the digits."""

from decimal import Decimal
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.facts.casts.masks import failing, mark, only_where
from merchantkit.money import from_cents, to_cents

# 12, 1,234.50, .5, 12., 1.2E+05 (what Excel writes into a csv); groups of three, or none.
_NUMBER = (
    r"^[+-]?(?:(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
)
_MONEY_DIGITS = 16
_QUANTITY_DIGITS = 13
# BIGINT holds nineteen, not all of them.
_COUNT_DIGITS = 18


class _Digits(NamedTuple):
    """Numbers as text in parts: digits before the point (at least one) and after it."""

    whole: pa.Array
    fraction: pa.Array
    negative: pa.Array
    reasons: pa.Array


def money(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return amounts as ``decimal128(18, 2)``, rounded half up to the cent once, and reasons.

    >>> values, reasons = money(pa.array(["2.675", "-1", "1,23", None]))
    >>> values.to_pylist(), reasons.to_pylist()
    ([Decimal('2.68'), None, None, None], [None, 'negative', 'not_a_number', None])
    """
    digits = _digits(texts)
    reasons = mark(digits.reasons, digits.negative, "negative")
    long = pc.greater(pc.binary_length(digits.whole), _MONEY_DIGITS)
    reasons = mark(reasons, pc.fill_null(long, False), "number_too_large")
    # Half up needs the third decimal and no more: those behind it never decide.
    fraction = pc.utf8_slice_codeunits(digits.fraction, 0, 3)
    exact = pc.binary_join_element_wise(digits.whole, fraction, ".")
    exact = only_where(exact, pc.and_(texts.is_valid(), reasons.is_null()))
    amounts = pc.cast(exact, pa.decimal128(_MONEY_DIGITS + 4, 3))
    top = pa.scalar(Decimal("9" * _MONEY_DIGITS + ".995"), amounts.type)
    beyond = pc.fill_null(pc.greater_equal(amounts, top), False)
    reasons = mark(reasons, beyond, "number_too_large")
    amounts = only_where(amounts, pc.invert(beyond))
    series = from_cents(to_cents(pd.Series(pd.arrays.ArrowExtensionArray(amounts))))
    return pa.chunked_array([pa.array(series.array)]).combine_chunks(), reasons


def quantities(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return quantities as ``decimal128(18, 4)``, rounded half up once, and reasons.

    >>> values, reasons = quantities(pa.array(["12.50005", "-1", "1e3"]))
    >>> values.to_pylist(), reasons.to_pylist()
    ([Decimal('12.5001'), None, Decimal('1000.0000')], [None, 'negative', None])
    """
    digits = _digits(texts)
    reasons = mark(digits.reasons, digits.negative, "negative")
    long = pc.greater(pc.binary_length(digits.whole), _QUANTITY_DIGITS)
    reasons = mark(reasons, pc.fill_null(long, False), "number_too_large")
    # Half up needs the fifth decimal and no more: those behind it never decide.
    fraction = pc.utf8_slice_codeunits(digits.fraction, 0, 5)
    exact = pc.binary_join_element_wise(digits.whole, fraction, ".")
    exact = only_where(exact, pc.and_(texts.is_valid(), reasons.is_null()))
    amounts = pc.cast(exact, pa.decimal128(_QUANTITY_DIGITS + 6, 5))
    rounded = pc.round(amounts, ndigits=4, round_mode="half_towards_infinity")
    return pc.cast(rounded, pa.decimal128(18, 4)), reasons


def counts(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return whole numbers from 0 as int64, and reasons.

    >>> values, reasons = counts(pa.array(["1,200", "12.0", "1.5"]))
    >>> values.to_pylist(), reasons.to_pylist()
    ([1200, 12, None], [None, None, 'not_a_whole_number'])
    """
    digits = _digits(texts)
    broken = pc.match_substring_regex(digits.fraction, "[1-9]")
    reasons = mark(digits.reasons, pc.fill_null(broken, False), "not_a_whole_number")
    reasons = mark(reasons, digits.negative, "negative")
    long = pc.greater(pc.binary_length(digits.whole), _COUNT_DIGITS)
    reasons = mark(reasons, pc.fill_null(long, False), "number_too_large")
    kept = pc.and_(texts.is_valid(), reasons.is_null())
    return pc.cast(only_where(digits.whole, kept), pa.int64()), reasons


def percentages(texts: pa.Array) -> pa.Array:
    """Return the texts of a column of percentages without their signs: in it 15.3% is 15.3.

    >>> percentages(pa.array(["15.3%", "15.3 %", "15.3", "%", None])).to_pylist()
    ['15.3', '15.3', '15.3', '%', None]
    """
    return pc.replace_substring_regex(texts, r"([0-9.])\s*%$", r"\1")


def _digits(texts: pa.Array) -> _Digits:
    is_number = pc.fill_null(pc.match_substring_regex(texts, _NUMBER), False)
    reasons = mark(failing(texts), pc.and_not(texts.is_valid(), is_number), "not_a_number")
    plain = _without_exponent(pc.replace_substring(only_where(texts, is_number), ",", ""))
    below = pc.and_(
        pc.starts_with(plain, "-"),
        pc.match_substring_regex(plain, "[1-9]"),
    )
    bare = pc.utf8_ltrim(plain, "+-")
    parts = pc.extract_regex(bare, r"^0*(?P<whole>[0-9]*)\.?(?P<fraction>[0-9]*)$")
    whole = pc.struct_field(parts, "whole")
    return _Digits(
        whole=pc.if_else(pc.equal(whole, ""), "0", whole),
        fraction=pc.struct_field(parts, "fraction"),
        negative=pc.fill_null(below, False),
        reasons=reasons,
    )


def _without_exponent(texts: pa.Array) -> pa.Array:
    powered = pc.fill_null(pc.match_substring(texts, "e", ignore_case=True), False)
    if not pc.any(powered).as_py():
        return texts
    written = [format(Decimal(text), "f") for text in texts.filter(powered).to_pylist()]
    return pc.replace_with_mask(texts, powered, pa.array(written, type=pa.string()))

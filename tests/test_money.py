"""Money: exact to the cent, rounded half up once, whatever kind of number comes in."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.errors import MeasureError
from merchantkit.money import MONEY, MONEY_TYPE, cents, from_cents, from_units, to_cents
from tests.properties import modest

# amount → cents, by hand
ROUNDED = [
    (0, 0),
    (25000, 2500000),
    ("34999.99", 3499999),
    ("0.005", 1),
    ("0.0049999", 0),
    ("-0.005", -1),
    ("-0.0049", 0),
    ("1.005", 101),
    (1.005, 101),  # its binary value lies below; its repr does not
    (0.285, 29),
    (2.675, 268),
    (1e3, 100000),
    (Decimal("2.5E+1"), 2500),
    (Decimal("1E-20"), 0),
    (" 12.30 ", 1230),
    ("１２.５", 1250),  # full width, as Chinese input methods write it
    (np.int64(7), 700),
    (np.float64(0.1), 10),
    ("9999999999999999.99", 999999999999999999),
]
NO_AMOUNTS = [
    "", "lots", "1,000.00", "1_000", "NaN", "Infinity", "-inf", "0x10", "USD 5", True, None,
    float("nan"), float("inf"), "10000000000000000", Decimal("-1e16"), "9999999999999999.995",
]  # fmt: skip


@pytest.mark.parametrize(("amount", "expected"), ROUNDED, ids=repr)
def test_an_amount_is_rounded_half_up_once(amount: Any, expected: int) -> None:
    assert cents(amount) == expected
    assert to_cents(pd.Series([amount], dtype=object)).tolist() == [expected]


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=repr)
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    with pytest.raises(MeasureError, match="is no amount of money") as caught:
        cents(amount)
    assert "25000" in (caught.value.remedy or "")


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1, 2], "int64", [100, 200]),
        ([1, 2], "uint8", [100, 200]),
        ([1, None], "Int64", [100, None]),
        ([0.1, None], "float64", [10, None]),
        ([2.675, None], "float32", [268, None]),
        ([2.675, None], pd.ArrowDtype(pa.float32()), [268, None]),
        ([0.285, None], pd.ArrowDtype(pa.float64()), [29, None]),
        ([3, None], pd.ArrowDtype(pa.int32()), [300, None]),
        (["0.285", None], pd.ArrowDtype(pa.string()), [29, None]),
        (["0.285", None], "str", [29, None]),
        ([Decimal("0.285"), None], pd.ArrowDtype(pa.decimal128(18, 3)), [29, None]),
        ([Decimal("-0.285"), None], pd.ArrowDtype(pa.decimal128(18, 3)), [-29, None]),
        ([Decimal("7"), None], pd.ArrowDtype(pa.decimal128(38, 0)), [700, None]),
        ([Decimal("1.00499"), None], pd.ArrowDtype(pa.decimal256(60, 30)), [100, None]),
        ([None, None], pd.ArrowDtype(pa.null()), [None, None]),
        ([], "float64", []),
    ],
)
def test_every_kind_of_column(values: list[Any], dtype: Any, expected: list[Any]) -> None:
    column = pd.Series(values, dtype=dtype, name="usd", index=range(5, 5 + len(values)))
    whole = to_cents(column)
    assert (str(whole.dtype), whole.name) == ("Int64", "usd")
    assert whole.index.equals(column.index)
    assert [None if value is pd.NA else value for value in whole.tolist()] == expected


def test_a_slice_of_an_arrow_column_keeps_its_own_values() -> None:
    kind = pd.ArrowDtype(pa.decimal128(18, 2))
    column = pd.Series([Decimal("1.00"), None, Decimal("3.00"), Decimal("4.01")], dtype=kind)
    assert to_cents(column.iloc[2:]).tolist() == [300, 401]
    assert to_cents(pd.concat([column.iloc[3:], column.iloc[:1]])).tolist() == [401, 100]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([10**16]),
        pd.Series([-(10**16)]),
        pd.Series([-(2**63)]),
        pd.Series([2**64 - 1], dtype="uint64"),
        pd.Series([-(2**63)], dtype=pd.ArrowDtype(pa.int64())),
        pd.Series([Decimal("99999999999999999.99")], dtype=pd.ArrowDtype(pa.decimal128(38, 2))),
    ],
    ids=str,
)
def test_what_cannot_be_money_is_refused_not_wrapped(column: "pd.Series[Any]") -> None:
    with pytest.raises(MeasureError, match="beyond 16 digits"):
        to_cents(column)


def test_a_quarter_of_a_million_dimes_are_25000_in_any_order() -> None:
    dimes = pd.Series(np.full(250_000, 0.10))
    assert int(to_cents(dimes).sum()) == 2_500_000
    mixed = pd.concat([dimes, pd.Series([12_345.67, -12_345.67])]).sample(frac=1, random_state=3)
    assert int(to_cents(mixed).sum()) == 2_500_000


def test_cents_come_back_as_exact_decimals() -> None:
    back = from_cents(pd.Series([0, 1, -1, 2500000, None, 999999999999999999], dtype="Int64"))
    assert back.dtype == MONEY
    assert [None if value is pd.NA else str(value) for value in back.tolist()] == [
        "0.00", "0.01", "-0.01", "25000.00", None, "9999999999999999.99",
    ]  # fmt: skip


def test_units_of_another_size() -> None:
    back = from_units(pd.Series([247212, -5, None], dtype="Int64"), 1)
    assert str(back.dtype) == "decimal128(18, 1)[pyarrow]"
    assert back.tolist() == [Decimal("24721.2"), Decimal("-0.5"), pd.NA]


def by_hand(amount: Decimal) -> int:
    """Half up to the cent as the decimal module does it."""
    return int(amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) * 100)


DECIMALS = st.decimals(
    min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=6
)


@modest
@given(st.lists(DECIMALS, min_size=1, max_size=20))
def test_decimals_texts_and_arrow_decimals_agree_with_the_decimal_module(
    amounts: list[Decimal],
) -> None:
    expected = [by_hand(amount) for amount in amounts]
    assert to_cents(pd.Series(amounts, dtype=object)).tolist() == expected
    assert to_cents(pd.Series([str(amount) for amount in amounts])).tolist() == expected
    for kind in (pa.decimal128(38, 6), pa.decimal128(30, 10), pa.decimal256(60, 20)):
        column = pd.Series(amounts, dtype=pd.ArrowDtype(kind))
        assert to_cents(column).tolist() == expected


@modest
@given(st.lists(st.floats(-1e13, 1e13), min_size=1, max_size=20))
def test_floats_enter_through_their_repr(amounts: list[float]) -> None:
    expected = [by_hand(Decimal(repr(amount))) for amount in amounts]
    assert to_cents(pd.Series(amounts)).tolist() == expected
    assert to_cents(pd.Series(amounts, dtype=pd.ArrowDtype(pa.float64()))).tolist() == expected


@modest
@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=20))
def test_whole_numbers_and_the_way_back(amounts: list[int]) -> None:
    whole = to_cents(pd.Series(amounts, dtype="int64"))
    assert whole.tolist() == [amount * 100 for amount in amounts]
    assert to_cents(from_cents(whole)).tolist() == whole.tolist()


def test_an_amount_too_long_for_its_type_is_refused_though_arrow_lets_it_be() -> None:
    # 2**64 cents: the low word is 0, and would be taken for nothing at all.
    words = np.array([500, 0, 0, 1], dtype="<i8")
    buffers = [None, pa.py_buffer(words)]
    array = pa.Array.from_buffers(MONEY_TYPE, 2, buffers)
    with pytest.raises(MeasureError, match="beyond 16 digits"):
        to_cents(pd.Series(pd.arrays.ArrowExtensionArray(array)))
    assert to_cents(pd.Series(pd.arrays.ArrowExtensionArray(array[:1]))).tolist() == [500]


def test_cents_of_a_slice_are_its_own() -> None:
    array = pa.array([Decimal("1.00"), None, Decimal("-0.03"), Decimal("4.00")], MONEY_TYPE)
    middle = to_cents(pd.Series(pd.arrays.ArrowExtensionArray(array[1:3])))
    assert middle.isna().tolist() == [True, False]
    assert middle[1] == -3

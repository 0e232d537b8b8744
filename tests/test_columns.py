"""Columns: values beside what is known of them, from every kind of Series and back."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.columns import Column, arrow
from merchantkit.money import exact


def of(values: list[Any], kind: str = "Int64") -> Column:
    return Column.of(pd.Series(values, dtype=kind))  # type: ignore[call-overload]


def plain(column: Column) -> list[Any]:
    return [None if value is pd.NA else value for value in column.series().tolist()]


def in_arrow(values: list[Any], kind: Any) -> "pd.Series[Any]":
    return pd.Series(
        pd.arrays.ArrowExtensionArray(pa.chunked_array([values[:1], values[1:]], kind))
    )


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series([7, 0], dtype="int64"), [7, 0]),
        (pd.Series([7, 0], dtype="uint64"), [7, 0]),
        (pd.Series([7, None], dtype="Int32"), [7, None]),
        (pd.Series([7.0, None], dtype="float64"), [7, None]),
        (in_arrow([7, None, 2**53 + 1], pa.int64()), [7, None, 2**53 + 1]),
        (in_arrow([7, None], pa.int16()), [7, None]),
        (pd.Series([True, False]), [True, False]),
        (pd.Series([True, None], dtype="boolean"), [True, None]),
        (in_arrow([True, None, False], pa.bool_()), [True, None, False]),
        (in_arrow([1, None, 3, 4], pa.int64()).iloc[1:3], [None, 3]),
        (pd.Series([], dtype="Int64"), []),
    ],
)
def test_every_kind_of_whole_numbers_and_flags(series: Any, expected: list[Any]) -> None:
    column = Column.of(series)
    assert plain(column) == expected
    assert column.values.dtype == (bool if True in expected else np.int64)
    assert not column.values[~column.known].any()


@pytest.mark.parametrize("values", [["x"], [1.5], [Decimal("0.5")]])
def test_what_is_not_whole_is_no_column(values: list[Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Column.of(pd.Series(values))


def test_one_that_is_not_known_makes_the_result_not_known() -> None:
    one, other = of([5, None, 3]), of([2, 1, None])
    assert plain(one + other) == [7, None, None]
    assert plain(one - other) == [3, None, None]
    assert plain(one * 10 - 1) == [49, None, 29]
    assert plain(one >= other) == [True, None, None]
    assert plain(one <= 3) == [False, None, True]
    assert plain(one > 5) == [False, None, False]
    assert plain(one.least(4)) == [5, None, 4]
    assert plain(one.most(4)) == [4, None, 3]
    assert one.equal(0).tolist() == [False, False, False]
    assert one.equal(3).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (False, False, False, False),
        (True, None, None, True),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_flags_are_combined_as_sql_does_it(left: Any, right: Any, both: Any, either: Any) -> None:
    one, other = of([left, right], "boolean"), of([right, left], "boolean")
    assert plain(one & other) == [both, both]
    assert plain(one | other) == [either, either]
    assert plain(~one) == [None if flag is None else not flag for flag in (left, right)]


def test_yes_and_no_are_what_is_known() -> None:
    # Where it is not known, either value may lie underneath.
    flags = Column(np.array([True, False, True, False]), np.array([True, True, False, False]))
    assert flags.yes.tolist() == [True, False, False, False]
    assert flags.no.tolist() == [False, True, False, False]
    assert plain(flags & ~flags) == [False, False, None, None]


def test_rows_are_replaced_and_hidden_in_a_new_column() -> None:
    old = of([1, None, 3, 4])
    where = np.array([True, True, False, False])
    assert plain(old.replaced(where, 9)) == [9, 9, 3, 4]
    assert plain(old.replaced(where, of([None, 8, 8, 8]))) == [None, 8, 3, 4]
    assert plain(old.hidden(where)) == [None, None, 3, 4]
    assert plain(old) == [1, None, 3, 4]


def test_columns_of_one_value_and_of_none() -> None:
    assert plain(Column.constant(7, 2)) == [7, 7]
    assert plain(Column.unknown(2)) == [None, None]
    assert plain(Column.all_known(np.array([True, False]))) == [True, False]
    assert Column.unknown(1, bool).array().dtype == "boolean"


@pytest.mark.parametrize("column", [Column.constant(7, 2), Column.of(in_arrow([1, 2], pa.int64()))])
def test_a_series_may_be_written_to(column: Column) -> None:
    series = column.series()
    series.iloc[0] = 0
    assert series.iloc[0] == 0
    assert column.values[0] != 0


def test_cents_become_decimals() -> None:
    money = pd.Series(exact(of([-5, None, 250000]))).tolist()
    assert money == [Decimal("-0.05"), pd.NA, Decimal("2500.00")]


def test_pieces_become_one_array() -> None:
    pieces = in_arrow([1, 2], pa.int64())
    assert arrow(pieces).equals(pa.array([1, 2]))

"""The door: measures become whole numbers and text, or an error that names the rows."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.errors import MeasureError
from merchantkit.programmes import door, rfq
from merchantkit.rulebook import rulebook

DOUBLE = pd.ArrowDtype(pa.float64())
WHOLE = pd.ArrowDtype(pa.decimal128(38, 0))


def read(kind: str, values: list[Any], dtype: Any = None) -> list[Any]:
    column = pd.Series(values, dtype=dtype)
    typed = door.read(pd.DataFrame({"n": column}), {"n": kind})["n"]  # type: ignore[dict-item]
    return [None if value is pd.NA else value for value in typed.tolist()]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["3", " 4 ", "", None], "str", [3, 4, None, None]),
        (["3", None], pd.ArrowDtype(pa.string()), [3, None]),
        ([3.0, None], "float64", [3, None]),
        ([3.0, None], DOUBLE, [3, None]),  # a Parquet file of whole numbers with gaps
        ([Decimal(3), None], WHOLE, [3, None]),  # DuckDB's sums
        ([Decimal("3.00"), None], object, [3, None]),
        ([10**14], "int64", [10**14]),
    ],
)
def test_counts_of_every_kind(values: list[Any], dtype: Any, expected: list[Any]) -> None:
    assert read("count", values, dtype) == expected


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["1.5"], "str"),
        ([1.5], "float64"),
        ([1.5], DOUBLE),
        ([Decimal("1.5")], pd.ArrowDtype(pa.decimal128(18, 1))),
        (["-1"], "str"),
        ([-1], "int64"),
        (["1_0"], "str"),
        (["many"], "str"),
        (["nan"], "str"),
        ([float("inf")], "float64"),
        ([True], "bool"),
        ([10**14 + 1], "int64"),
        (["9" * 30], "str"),
    ],
)
def test_what_is_no_count_is_refused_by_row(values: list[Any], dtype: Any) -> None:
    with pytest.raises(MeasureError) as caught:
        read("count", ["3", *values] if dtype == "str" else values, dtype)
    assert str(values[0]) in (caught.value.where or "")
    assert f"row {2 if dtype == 'str' else 1} " in (caught.value.where or "")
    assert caught.value.count == 1


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (
            ["007", "NA", "null", "9007199254740993"],
            "str",
            ["007", "NA", "null", "9007199254740993"],
        ),
        ([7, 9007199254740993], "int64", ["7", "9007199254740993"]),
        (["007", 8], object, ["007", "8"]),  # as pandas reads a spreadsheet's mixed column
        ([Decimal(7)], WHOLE, ["7"]),
    ],
)
def test_ids_come_out_as_they_went_in(values: list[Any], dtype: Any, expected: list[str]) -> None:
    assert read("id", values, dtype) == expected


@pytest.mark.parametrize(
    ("values", "dtype"), [([7.0], "float64"), ([7.0], DOUBLE), (["a", 7.0], object)]
)
def test_ids_with_a_point_have_lost_something(values: list[Any], dtype: Any) -> None:
    with pytest.raises(MeasureError, match="read as numbers with a point"):
        read("id", values, dtype)


@pytest.mark.parametrize("values", [["a", ""], ["a", None], ["a", "  "]])
def test_every_row_has_its_id(values: list[Any]) -> None:
    with pytest.raises(MeasureError, match="n is missing") as caught:
        read("id", values, object)
    assert caught.value.where == "row 2"


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["TRUE", "no", "1", "", None], "str", [True, False, True, None, None]),
        ([1, 0], "int64", [True, False]),
        ([1.0, None], "float64", [True, None]),
        ([True, None], pd.ArrowDtype(pa.bool_()), [True, None]),
        ([True, None], object, [True, None]),
    ],
)
def test_flags_of_every_kind(values: list[Any], dtype: Any, expected: list[Any]) -> None:
    assert read("flag", values, dtype) == expected


def test_a_flag_that_is_neither_is_refused() -> None:
    with pytest.raises(MeasureError, match="neither true nor false"):
        read("flag", ["maybe"], "str")


def test_a_column_twice_is_refused() -> None:
    frame = pd.DataFrame([["1", "2"]], columns=["n", "n"])
    with pytest.raises(MeasureError, match="the column n stands twice"):
        door.read(frame, {"n": "count"})


def test_a_negative_amount_is_named_as_it_was_given() -> None:
    with pytest.raises(MeasureError, match=r"usd=-1\.50\)"):
        door.read(pd.DataFrame({"usd": ["-1.5"]}), {"usd": "money"})


def test_rows_that_share_a_label_are_explained_each() -> None:
    row = {
        "track": "rts", "gmv_90d_usd": 25000, "free_quotes_granted": 20, "free_quotes_used": 12,
    }  # fmt: skip
    frame = pd.DataFrame([{"merchant_id": "a", **row}, {"merchant_id": "b", **row}], index=[0, 0])
    explained = rfq.explain(frame, rulebook().on("2021-05-31"))
    assert explained["subject"].tolist() == ["a"] * 5 + ["b"] * 5


def text(values: list[Any]) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array(values, pa.string())))


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ([["m1", "m2"]], ["m1", "m2"]),
        ([["m1"], ["m2"]], ["m1", "m2"]),  # as DuckDB and Parquet give them: in pieces
        ([[" m1", "m2"]], ["m1", "m2"]),
        ([["m1", "m2\t"]], ["m1", "m2"]),
        ([["m 1", "m2\u3000"]], ["m 1", "m2"]),  # the blank of Chinese input methods
        ([["商家", "m2"]], ["商家", "m2"]),
        ([[], ["m1"]], ["m1"]),
        ([[]], []),
    ],
)
def test_ids_are_trimmed_wherever_that_is_needed(given: list[Any], ids: list[str]) -> None:
    typed = door.read(pd.DataFrame({"n": text(given)}), {"n": "id"})["n"]
    assert typed.tolist() == ids


def test_ids_of_a_slice_are_its_own() -> None:
    column = text([["x ", "m1", "m2", " y"]]).iloc[1:3]
    assert door.read(pd.DataFrame({"n": column}), {"n": "id"})["n"].tolist() == ["m1", "m2"]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ([["rts"], ["customization", None]], ["rts", "customization", None]),
        ([[" rts", "", "  "]], ["rts", None, None]),
        ([[]], []),
    ],
)
def test_codes_are_trimmed_too_and_blanks_are_missing(given: list[Any], codes: list[Any]) -> None:
    frame = pd.DataFrame({"n": text(given)})
    typed = door.read(frame, {"n": "code"}, codes={"n": rfq.TRACKS})["n"]
    assert [None if code is pd.NA else code for code in typed.tolist()] == codes


def test_an_unknown_code_is_refused_by_row() -> None:
    frame = pd.DataFrame({"n": text([["rts", None, "rtz"]])})
    with pytest.raises(MeasureError, match="not a known code") as caught:
        door.read(frame, {"n": "code"}, codes={"n": rfq.TRACKS})
    assert caught.value.where == "row 3 (n=rtz)"


def test_what_is_done_to_the_facts_is_not_done_to_the_frame() -> None:
    frame = pd.DataFrame({"n": [1, 2], "on": [True, False]})
    facts = door.read(frame, {"n": "count", "on": "flag"})
    facts.loc[0, "n"], facts.loc[0, "on"] = 9, False
    assert (frame["n"].tolist(), frame["on"].tolist()) == ([1, 2], [True, False])


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("12.5", 125_000), (12.5, 125_000), (0.1 + 0.2, 3_000), (Decimal("0.00005"), 1),
        ("0.00004", 0), (7, 70_000), (None, None), ("  ", None),
        ("9" * 13, 9_999_999_999_999 * 10**4),
    ],
)  # fmt: skip
def test_a_quantity_is_whole_ten_thousandths(given: object, whole: int | None) -> None:
    assert read("quantity", [given], object) == [whole]
    assert read("quantity", [given, None], object) == [whole, None]


@pytest.mark.parametrize("given", ["-1", "x", "1e40", "9" * 20, "nan", "12,5"])
def test_what_is_no_quantity_is_refused(given: str) -> None:
    with pytest.raises(MeasureError, match="n is n"):
        read("quantity", [given])

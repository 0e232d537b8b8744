"""Reasons: whose comes first, and what stands beside a column."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from merchantkit.checks import TEXT
from merchantkit.columns import Column
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons


def texts(array: Any) -> list[str | None]:
    return [None if value is pd.NA else value for value in array.tolist()]


FACTS = pd.DataFrame(
    {
        "gmv": pd.Series([1, None, None, None], dtype="Int64"),
        "gmv_reason": pd.Series(["unused", "no_order_facts", "elsewhere", None], dtype=TEXT),
        "used": pd.Series([None, 2, None, 4], dtype="Int64"),
        "used_reason": pd.Series(["why not", None, None, None], dtype=TEXT),
    }
).set_axis([3, 3, 1, 0])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["gmv"], [None, "no_order_facts", "elsewhere", "no_spend"]),
        (["gmv", "used"], ["why not", "no_order_facts", "elsewhere", "no_spend"]),
        (["used", "gmv"], ["why not", "no_order_facts", "no_spend", "no_spend"]),
    ],
)
def test_the_first_missing_columns_own_reason_or_the_default(
    names: list[str], expected: list[str | None]
) -> None:
    found = reasons(FACTS, names, Reason.NO_SPEND)
    assert texts(found.array()) == expected
    series = found.series(FACTS.index)
    assert (texts(series), series.index.tolist()) == (expected, [3, 3, 1, 0])


def test_reasons_of_two_origins_are_joined_and_replaced() -> None:
    gmv, used = reasons(FACTS, ["gmv"]), reasons(FACTS, ["used"])
    assert texts(gmv.filled(used).array()) == [
        "why not", "no_order_facts", "elsewhere", "not_given",
    ]  # fmt: skip
    assert texts(used.filled(gmv).array()) == [
        "why not", "no_order_facts", "not_given", "not_given",
    ]  # fmt: skip
    last = np.array([False, False, False, True])
    assert texts(gmv.replaced(last, Reason.ADS_OFF).array()) == [
        None, "no_order_facts", "elsewhere", "ads_off",
    ]  # fmt: skip
    assert texts(gmv.array(last)) == [None, None, None, "not_given"]


def test_where_nothing_is_missing_there_is_no_reason() -> None:
    none = Reasons(np.full(2, -1, dtype=np.int32)).array()
    assert (texts(none), none.dtype) == ([None, None], TEXT)
    assert texts(reasons(FACTS.iloc[:0], ["gmv"]).array()) == []


def test_reasons_stand_beside_what_is_missing_only() -> None:
    column = Column(np.array([5, 0]), np.array([True, False]))
    coded = Reasons(np.array([0, 0], dtype=np.int32), ("no_spend",))
    series = pd.Series([None, 1], dtype="Int64")
    spoken = pd.Series(["a", "b"], dtype=TEXT)
    columns = beside(
        {"one": column, "same": column * 2, "two": series, "three": series, "bare": series},
        {"one": coded, "same": coded, "two": coded, "three": spoken},
    )
    frame = pd.DataFrame(columns)
    assert list(frame.columns) == [
        "one", "one_reason", "same", "same_reason", "two", "two_reason", "three", "three_reason",
        "bare",
    ]  # fmt: skip
    assert texts(frame["one_reason"]) == texts(frame["same_reason"]) == [None, "no_spend"]
    assert texts(frame["two_reason"]) == ["no_spend", None]
    assert texts(frame["three_reason"]) == ["a", None]
    assert {str(kind) for kind in frame.filter(like="_reason").dtypes} == {str(TEXT)}

"""Checks: every operator on whole columns, against a comparison of fractions done by hand."""

from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit import checks
from merchantkit.rulebook import ProgrammeRules, Rulebook
from merchantkit.rulebook.loader import load_text
from tests.properties import modest

HEAD = """
id: shop
title: {zh: 店铺, en: shop}
clock: {zone: Asia/Shanghai}
sources: {slide: {kind: deck, slide: 店铺规则}}
"""


def rules(unit: str, limit: str, check: str) -> ProgrammeRules:
    """A programme with one check, ``one``, and the parameter ``limit``."""
    text = f"""{HEAD}
parameters:
  limit:
    title: {{zh: 限, en: limit}}
    unit: {unit}
    values:
      2021-01-01: {{is: {limit}, source: slide}}
checks:
  one: {{{check}}}
"""
    return Rulebook({"shop": load_text(text, "shop.yaml")}).on("2021-05-31").programme("shop")


def verdict(book: ProgrammeRules, **columns: Any) -> checks.Verdict:
    return checks.evaluate(pd.DataFrame(columns, dtype="Int64"), book)["one"]


def plain(column: "pd.Series[Any]") -> list[Any]:
    return [None if value is pd.NA else value for value in column.tolist()]


@pytest.mark.parametrize(
    ("operator", "met", "gap"),
    [("at_least", [False, True, True, None], [1, 0, 0, None]),
     ("at_most", [True, True, False, None], [0, 0, 1, None])],
)  # fmt: skip
def test_below_at_and_above_a_limit(operator: str, met: list[Any], gap: list[Any]) -> None:
    book = rules("usd", "250.00", f"measure: sales_usd, {operator}: limit")
    found = verdict(book, sales_usd=[24999, 25000, 25001, None])
    assert plain(found.met) == met
    assert plain(found.gap) == gap
    assert (found.unit, found.required.tolist()[:1]) == ("usd", [25000])


@pytest.mark.parametrize(
    ("operator", "used", "met", "required"),
    [
        # 60 % of 7 is 4.2: five reach it, and four are the most that stay below it.
        ("at_least", 4, False, 5),
        ("at_least", 5, True, 5),
        ("at_most", 4, True, 4),
        ("at_most", 5, False, 4),
    ],
)
def test_a_share_that_is_no_whole_number(
    operator: str, used: int, met: bool, required: int
) -> None:
    book = rules("percent", "60", f"measure: sold, {operator}: limit, of: offered")
    found = verdict(book, sold=[used], offered=[7])
    assert (plain(found.met), plain(found.required)) == ([met], [required])
    assert plain(found.gap) == [0 if met else 1]


def test_a_share_of_nothing_is_not_reached_and_no_number_helps() -> None:
    book = rules("percent", "60", "measure: sold, at_least: limit, of: offered")
    found = verdict(book, sold=[0, None, 0], offered=[0, 0, None])
    assert plain(found.met) == [False, False, None]
    assert plain(found.gap) == [None, None, None]
    assert plain(found.required) == [None, None, None]


def test_where_no_limit_is_printed_nothing_can_be_said() -> None:
    book = rules("usd", "null", "measure: fee_usd, at_most: limit")
    found = verdict(book, fee_usd=[100])
    assert (plain(found.met), plain(found.gap)) == ([None], [None])


def test_a_share_that_no_rule_states_is_unknown_but_for_a_share_of_nothing() -> None:
    for operator in ("at_least", "at_most"):
        book = rules("percent", "null", f"measure: sold, {operator}: limit, of: offered")
        found = verdict(book, sold=[0, 7, None, 0], offered=[7, 7, 7, 0])
        assert plain(found.met) == [None, None, None, False]
        assert plain(found.required) == plain(found.gap) == [None] * 4
        assert plain(found.observed) == [0, 7, None, None]


@pytest.mark.parametrize(
    ("unit", "operator"),
    [("list", "one_of"), ("list", "not_one_of"), ("text", "equals"), ("flag", "equals")],
)
def test_words_and_flags_that_no_rule_states_are_unknown(unit: str, operator: str) -> None:
    values = [True, False, None] if unit == "flag" else ["customization", "rts", None]
    column = pd.Series(values, dtype="boolean" if unit == "flag" else checks.TEXT)
    book = rules(unit, "null", f"measure: seen, {operator}: limit")
    found = checks.evaluate(pd.DataFrame({"seen": column}), book)["one"]
    assert plain(found.met) == plain(found.required) == plain(found.gap) == [None] * 3
    long = checks.explanation(pd.Series(["a", "b", "c"]), [found])
    assert plain(long["met"]) == plain(long["required"]) == [None] * 3


def test_words_are_one_of_a_list_or_none_of_it() -> None:
    tracks = pd.DataFrame({"track": pd.Series(["customization", "rts", None], dtype=checks.TEXT)})
    for operator, met in (("one_of", [True, False, None]), ("not_one_of", [False, True, None])):
        book = rules("list", "[customization]", f"measure: track, {operator}: limit")
        found = checks.evaluate(tracks, book)["one"]
        assert plain(found.met) == met
        assert plain(found.required) == ["customization"] * 3
        assert plain(found.gap) == [None] * 3


def test_a_flag_equals_what_is_required() -> None:
    flags = pd.DataFrame({"on": pd.Series([True, False, None], dtype="boolean")})
    for wanted, met in (("true", [True, False, None]), ("false", [False, True, None])):
        found = checks.evaluate(flags, rules("flag", wanted, "measure: on, equals: limit"))["one"]
        assert plain(found.met) == met
        assert plain(found.required) == [wanted] * 3


def test_a_check_whose_measure_is_absent_is_left_out() -> None:
    book = rules("usd", "250", "measure: sales_usd, at_least: limit")
    assert checks.evaluate(pd.DataFrame({"other": [1]}), book) == {}


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [(True, True, True), (True, False, False), (False, None, False), (True, None, None),
     (None, None, None)],
)  # fmt: skip
def test_all_are_met_only_if_each_is_known_to_be(left: Any, right: Any, both: Any) -> None:
    book = rules("usd", "250", "measure: sales_usd, at_least: limit")
    made = [
        verdict(book, sales_usd=[{True: 25000, False: 0, None: None}[x]]) for x in (left, right)
    ]
    assert plain(checks.all_reached(made).series()) == [both]


def test_the_long_form_has_a_row_for_each_subject_and_check_in_their_order() -> None:
    book = rules("usd", "250", "measure: sales_usd, at_least: limit")
    facts = pd.DataFrame({"sales_usd": [24999, 25000]}, index=[7, 3], dtype="Int64")
    subjects = pd.Series(["b", "a"], index=[7, 3])
    long = checks.explanation(subjects, checks.evaluate(facts, book).values())
    assert tuple(long.columns) == checks.EXPLANATION_COLUMNS
    assert long["subject"].tolist() == ["b", "a"]
    assert long["observed"].tolist() == ["249.99", "250.00"]
    assert long["gap"].tolist() == ["0.01", "0.00"]
    assert long["source"].tolist() == ["「店铺规则」"] * 2
    assert checks.explanation(subjects, []).columns.tolist() == list(checks.EXPLANATION_COLUMNS)


# --- against fractions --------------------------------------------------------------------------

PERCENT = st.decimals(min_value=0, max_value=100, places=2)
COUNT = st.integers(0, 10**9)


@modest
@given(st.sampled_from(["at_least", "at_most"]), PERCENT, COUNT, COUNT)
def test_a_share_is_compared_as_fractions_are(
    operator: str, percent: Any, part: int, whole: int
) -> None:
    book = rules("percent", str(percent), f"measure: sold, {operator}: limit, of: offered")
    found = verdict(book, sold=[part], offered=[whole])
    if whole == 0:
        assert plain(found.met) == [False]
        return
    share, limit = Fraction(part, whole), Fraction(percent) / 100
    assert plain(found.met) == [share >= limit if operator == "at_least" else share <= limit]
    # What is required is the whole number just on the right side of the limit.
    (required,) = plain(found.required)
    just = Fraction(required, whole)
    beyond = Fraction(required + (-1 if operator == "at_least" else 1), whole)
    assert (just >= limit > beyond) if operator == "at_least" else (just <= limit < beyond)


@modest
@given(st.sampled_from(["at_least", "at_most"]), st.integers(0, 10**15), st.integers(0, 10**15))
def test_money_is_compared_as_fractions_are(operator: str, limit: int, amount: int) -> None:
    text = f"{limit // 100}.{limit % 100:02d}"
    found = verdict(
        rules("usd", text, f"measure: sales_usd, {operator}: limit"), sales_usd=[amount]
    )
    left, right = Fraction(amount, 100), Fraction(limit, 100)
    is_met = left >= right if operator == "at_least" else left <= right
    assert plain(found.met) == [is_met]
    assert plain(found.gap) == [0 if is_met else abs(amount - limit)]


def test_days_are_compared_as_days_and_nobody_is_told_to_act_in_the_past() -> None:
    # 2021-05-10 is the 18,757th day since 1970.
    book = rules("date", "2021-05-10", "measure: submitted_on, at_most: limit")
    found = verdict(book, submitted_on=[18756, 18757, 18758, None])
    assert plain(found.met) == [True, True, False, None]
    assert plain(found.gap) == [None] * 4
    ids = pd.Series(["a", "b", "c", "d"])
    long = checks.explanation(ids, [found])
    assert plain(long["observed"]) == ["2021-05-09", "2021-05-10", "2021-05-11", None]
    assert set(long["required"]) == {"2021-05-10"}

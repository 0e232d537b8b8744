"""Text to typed columns: every kind at its edges, singly and in one column."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.errors import MappingError
from merchantkit.facts.casts import CAST_REASONS, Clock, cast, trimmed
from merchantkit.facts.casts.date_formats import UNAMBIGUOUS, date_format
from merchantkit.facts.casts.numbers import counts, money
from merchantkit.facts.casts.times import dates, moments, months
from merchantkit.facts.schemas import TABLES

SHANGHAI = Clock()


def _one(found: tuple[pa.Array, ...]) -> list[object]:
    return [part[0].as_py() for part in found]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0.00"),
        ("25000", "25000.00"),
        ("24999.994", "24999.99"),
        ("24999.995", "25000.00"),
        ("0.005", "0.01"),
        ("0.0049999999999999999999", "0.00"),
        ("1,234.50", "1234.50"),
        ("1,234,567", "1234567.00"),
        (".5", "0.50"),
        ("12.", "12.00"),
        ("+7", "7.00"),
        ("-0.00", "0.00"),
        ("00012.30", "12.30"),
        ("1.2345E+5", "123450.00"),
        ("5e-3", "0.01"),
        ("9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_an_amount_is_exact_and_rounded_half_up_once(text: str, amount: str) -> None:
    assert _one(money(pa.array([text]))) == [Decimal(amount), None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-5", "negative"),
        ("-0.001", "negative"),
        ("12,5", "not_a_number"),
        ("1,2345", "not_a_number"),
        ("1.234,50", "not_a_number"),
        ("(5.00)", "not_a_number"),
        ("USD 5", "not_a_number"),
        ("５", "not_a_number"),
        ("1_000", "not_a_number"),
        ("nan", "not_a_number"),
        ("inf", "not_a_number"),
        ("=1+1", "not_a_number"),
        (".", "not_a_number"),
        ("9999999999999999.995", "number_too_large"),
        ("10000000000000000", "number_too_large"),
        ("1e300", "number_too_large"),
    ],
)
def test_what_is_no_amount_has_a_reason(text: str, reason: str) -> None:
    assert _one(money(pa.array([text]))) == [None, reason]


@given(
    st.lists(
        st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=None)
        | st.decimals(0, 10**9, places=3)
    )
)
@pytest.mark.slow
def test_money_agrees_with_decimal(amounts: list[Decimal]) -> None:
    texts = [format(amount, "f") for amount in amounts]
    values, reasons = money(pa.array(texts, type=pa.string()))
    by_hand = [Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP) for text in texts]
    assert values.to_pylist() == by_hand
    assert reasons.null_count == len(texts)


@given(st.integers(0, 10**17))
def test_grouping_marks_change_nothing(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert _one(money(pa.array([f"{amount:,.2f}"]))) == [amount, None]


@given(st.floats(0, 1e12))
def test_a_float_enters_as_it_is_written(amount: float) -> None:
    expected = Decimal(repr(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert _one(money(pa.array([repr(amount)]))) == [expected, None]


def test_a_percent_sign_is_read_where_the_column_is_a_percentage_and_nowhere_else() -> None:
    rate = TABLES["star_indicators"]["lead_conversion_percent"]
    found = cast(rate, pa.array(["15.3%", "15.3 %", "15.3", "-1%", "%", "1%%"]), SHANGHAI)
    assert found.values[rate.name].to_pylist() == [*([Decimal("15.30")] * 3), None, None, None]
    assert found.reasons.to_pylist()[3:] == ["negative", "not_a_number", "not_a_number"]
    score = TABLES["pillar_scores"]["product_score"]
    leads = TABLES["star_indicators"]["leads"]
    for column in (score, leads, TABLES["orders"]["received_usd"]):
        assert cast(column, pa.array(["15%"]), SHANGHAI).reasons.to_pylist() == ["not_a_number"]


def test_counts_are_whole_numbers_from_zero() -> None:
    values, reasons = counts(
        pa.array(["0", "1,200", "12.0", "1.5", "-1", "9" * 18, "9" * 19, None])
    )
    assert values.to_pylist() == [0, 1200, 12, None, None, 10**18 - 1, None, None]
    assert reasons.to_pylist() == [
        *(None, None, None, "not_a_whole_number", "negative"),
        *(None, "number_too_large", None),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-05-31", dt.date(2021, 5, 31)),
        ("2021/5/1", dt.date(2021, 5, 1)),
        ("2021.5.31", dt.date(2021, 5, 31)),
        ("2021年5月31日", dt.date(2021, 5, 31)),
        ("20210531", dt.date(2021, 5, 31)),
        ("2021-05-31 23:59:59", dt.date(2021, 5, 31)),
        ("2020-02-29", dt.date(2020, 2, 29)),
        ("1990-01-01", dt.date(1990, 1, 1)),
        ("2100-12-31", dt.date(2100, 12, 31)),
    ],
)
def test_unambiguous_days_are_read(text: str, day: dt.date) -> None:
    assert _one(dates(pa.array([text]), SHANGHAI)) == [day, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2021-02-30", "no_such_day"),
        ("2021-02-29", "no_such_day"),
        ("2021-13-01", "no_such_day"),
        ("2021-00-10", "no_such_day"),
        ("1989-12-31", "date_out_of_range"),
        ("2101-01-01", "date_out_of_range"),
        ("5/6/2021", "not_a_date"),
        ("Date Not Captured", "not_a_date"),
        ("44347", "not_a_date"),
        ("2021-05-31 24:00", "no_such_time"),
        ("2021-05-31T00:00:00Z", "date_with_offset"),
    ],
)
def test_what_is_no_day_has_a_reason(text: str, reason: str) -> None:
    assert _one(dates(pa.array([text]), SHANGHAI)) == [None, reason]


def test_a_mapping_says_which_of_two_days_is_meant() -> None:
    american = Clock(formats=(date_format("m/d/yyyy"), date_format("d-Mon-yy"), *UNAMBIGUOUS))
    texts = pa.array(["5/6/2021", "13/1/2021", "9-Mar-12", "9-mar-89", "9-Mar-90", "2021-05-06"])
    values, reasons = dates(texts, american)
    assert values.to_pylist() == [
        *(dt.date(2021, 5, 6), None, dt.date(2012, 3, 9)),
        *(dt.date(2089, 3, 9), dt.date(1990, 3, 9), dt.date(2021, 5, 6)),
    ]
    assert reasons.to_pylist() == [None, "no_such_day", None, None, None, None]


@pytest.mark.parametrize("text", ["", "yyyy", "d.q.yyyy", "d/d/yyyy", "d-Mon-m-yyyy", "d/m/yyyy H"])
def test_a_format_that_names_no_day_is_refused(text: str) -> None:
    with pytest.raises(MappingError, match="no date format"):
        date_format(text)


@pytest.mark.parametrize(
    ("text", "utc", "is_date"),
    [
        ("2021-05-31", dt.datetime(2021, 5, 31), True),
        ("2021-05-31 00:00", dt.datetime(2021, 5, 30, 16), False),
        ("2021-05-31 08:00:01.5", dt.datetime(2021, 5, 31, 0, 0, 1, 500_000), False),
        ("2021-05-31T08:00:00+08:00", dt.datetime(2021, 5, 31), False),
        ("2021-05-31T08:00:00 -0730", dt.datetime(2021, 5, 31, 15, 30), False),
        ("2021-05-31 08:00Z", dt.datetime(2021, 5, 31, 8), False),
        ("2021年5月31日 8:05", dt.datetime(2021, 5, 31, 0, 5), False),
    ],
)
def test_a_moment_is_what_it_says(text: str, utc: dt.datetime, is_date: bool) -> None:
    assert _one(moments(pa.array([text]), SHANGHAI)) == [utc, is_date, None]


@pytest.mark.parametrize(
    "text",
    ["2021-05-31 25:00", "2021-05-31 10:60", "2021-05-31 10:00:60", "2021-05-31 10:00+15:00"],
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    assert _one(moments(pa.array([text]), SHANGHAI)) == [None, None, "no_such_time"]


def test_an_hour_that_the_clock_skips_or_repeats_is_never_guessed() -> None:
    texts = pa.array(
        ["2021-03-14 02:30", "2021-11-07 01:30", "2021-11-07 01:30-08:00", "2021-11-07"]
    )
    angeles = "America/Los_Angeles"
    values, is_date, reasons = moments(texts, Clock(zone=angeles))
    assert reasons.to_pylist() == ["nonexistent_local_time", "ambiguous_local_time", None, None]
    assert values.to_pylist()[2:] == [dt.datetime(2021, 11, 7, 9, 30), dt.datetime(2021, 11, 7)]
    assert is_date.to_pylist() == [None, None, False, True]
    earlier, *_ = moments(texts, Clock(zone=angeles, ambiguous="earlier"))
    later, *_ = moments(texts, Clock(zone=angeles, ambiguous="later"))
    assert earlier[1].as_py() == dt.datetime(2021, 11, 7, 8, 30)
    assert later[1].as_py() == dt.datetime(2021, 11, 7, 9, 30)


@given(st.datetimes(dt.datetime(1992, 1, 1), dt.datetime(2100, 12, 31)))
@pytest.mark.slow
def test_times_in_shanghai_are_eight_hours_ahead(local: dt.datetime) -> None:
    found = moments(pa.array([local.isoformat(sep=" ")]), SHANGHAI)
    assert _one(found) == [local - dt.timedelta(hours=8), False, None]


def test_months_are_read_and_excels_first_of_the_month_is_one() -> None:
    texts = ["2021-05", "2021/5", "202105", "2021年5月", "2021-05-01", "2021-05-01 00:00:00"]
    texts.append("2021-05-01 00:00:00.000000")
    assert months(pa.array(texts))[0].to_pylist() == ["2021-05"] * 7
    wrong = ["2021-13", "2021-00", "20215", "1989-12", "2021-05-02", "May 2021"]
    wrong.append("2021-05-01 00:00:00.000001")
    values, reasons = months(pa.array(wrong))
    assert values.to_pylist() == [None] * 7
    assert reasons.to_pylist() == ["not_a_month"] * 7


def test_flags_and_codes_know_both_languages() -> None:
    genuine = TABLES["orders"]["genuine"]
    words = ["是", "否", "yes", "NO", "True", "false", "1", "0", "perhaps", None]
    found = cast(genuine, pa.array(words), SHANGHAI)
    assert found.values["genuine"].to_pylist() == [*([True, False] * 4), None, None]
    assert found.reasons.to_pylist() == [None] * 8 + ["not_a_flag", None]
    review = TABLES["quotes"]["review_status"]
    found = cast(review, pa.array(["审核通过", "Rejected", "审核不通过", "lost"]), SHANGHAI)
    assert found.values["review_status"].to_pylist() == ["approved", "rejected", "rejected", None]
    assert found.reasons.to_pylist() == [None, None, None, "unknown_code"]


def test_an_id_is_what_it_is_but_for_surrounding_blanks() -> None:
    texts = ["007", "NA", "null", "9007199254740993", " 1 \u3000", "", "  ", "1E5", "nan", "a\x00b"]
    column = TABLES["orders"]["order_id"]
    found = cast(column, trimmed(pa.array(texts)), SHANGHAI)
    assert found.values["order_id"].to_pylist() == [
        *("007", "NA", "null", "9007199254740993", "1", None, None, "1E5", "nan", "a\x00b")
    ]
    assert found.reasons.null_count == len(texts)


@pytest.mark.parametrize("name", list(TABLES))
def test_casts_keep_to_the_declared_types_and_reasons(name: str) -> None:
    for column in TABLES[name].columns:
        for texts in (
            pa.array(["\x00'; DROP", None]),
            pa.nulls(3, pa.string()),
            pa.array([], pa.string()),
        ):
            found = cast(column, texts, SHANGHAI)
            assert {key: array.type for key, array in found.values.items()} == {
                field.name: field.arrow for field in column.fields
            }
            assert set(found.reasons.drop_null().to_pylist()) <= CAST_REASONS
            assert len(found.reasons) == len(texts)

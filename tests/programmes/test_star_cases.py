"""Stars, RFQ points, response times and traffic: every limit and day, singly and in one batch."""

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.programmes import star
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

BOOK = rulebook()
CASES = cases("star")
INDICATORS = cases("star_indicators")
GIVEN = [
    "track", "product_score", "marketing_score", "transaction_score", "assurance_score",
    "rfq_points_in_score",
]  # fmt: skip
SCORES = GIVEN[1:5]


def outcomes(book: pd.DataFrame) -> list[str]:
    """The columns that a casebook expects: those that it does not give."""
    given = {*GIVEN, *star.OPTIONAL, "day", "why"}
    return [column for column in book.columns if column not in given]


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    given = [column for column in rows.columns if column in {*GIVEN, *star.OPTIONAL}]
    frame = rows[given].assign(merchant_id=[f"m{i}" for i in range(len(rows))])
    # The indicators' cases are not about scores.
    return frame.reindex(columns=[*dict.fromkeys([*star.COLUMNS, *frame.columns])], fill_value="")


@pytest.mark.parametrize("book", [CASES, INDICATORS], ids=["pillars", "indicators"])
@pytest.mark.slow
def test_each_case_alone(book: pd.DataFrame) -> None:
    columns, wrong = outcomes(book), {}
    for case in book.index:
        row = book.loc[[case]]
        outcome = star.assess(measures(row), BOOK.on(row["day"].iloc[0]))
        for column in columns:
            if as_text(outcome[column]) != row[column].tolist():
                wrong[case, column] = as_text(outcome[column]), row[column].tolist()
    assert wrong == {}


@pytest.mark.parametrize("book", [CASES, INDICATORS], ids=["pillars", "indicators"])
def test_all_cases_of_a_day_in_one_shuffled_batch(book: pd.DataFrame) -> None:
    columns = outcomes(book)
    for day in sorted(set(book["day"])):
        rows = book[book["day"] == day].sample(frac=1, random_state=7)
        outcome = star.assess(measures(rows), BOOK.on(day))
        assert outcome.index.tolist() == rows.index.tolist()
        for column in columns:
            assert as_text(outcome[column]) == rows[column].tolist(), (day, column)


def test_what_each_pillar_lacks_to_the_next_star() -> None:
    # 2 stars; 80 is next: marketing lacks 2.50, transaction 0.75, the others nothing.
    row = {"merchant_id": "a", "track": "rts", "product_score": "95", "marketing_score": "77.5",
           "transaction_score": "79.25", "assurance_score": "80"}  # fmt: skip
    outcome = star.assess(pd.DataFrame([row]), BOOK.on("2021-05-31")).iloc[0]
    lacks = [str(outcome[f"{p}_to_next"]) for p in star.PILLARS]
    alone = [outcome[f"{p}_star"] for p in star.PILLARS]
    assert (lacks, alone) == (["0.00", "2.50", "0.75", "0.00"], [5, 2, 2, 3])


def test_at_five_stars_nothing_is_next() -> None:
    row = {"merchant_id": "a", "track": "rts", **dict.fromkeys(SCORES, "90")}
    outcome = star.assess(pd.DataFrame([row]), BOOK.on("2021-05-31")).iloc[0]
    assert all(pd.isna(outcome[f"{p}_to_next"]) for p in star.PILLARS)


def test_there_is_no_star_before_the_public_rule() -> None:
    with pytest.raises(NotInForceError, match="2020-09-07"):
        star.assess(measures(CASES.iloc[[0]]), BOOK.on("2020-09-06"))


@pytest.mark.parametrize("column", ["merchant_id", "track", *SCORES])
def test_a_missing_column_is_named(column: str) -> None:
    frame = measures(CASES.iloc[[0]]).drop(columns=column)
    with pytest.raises(MeasureError, match=column):
        star.assess(frame, BOOK.on("2021-05-31"))


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("marketing_score", "100.01", "above the full score"),
        ("product_score", "-0.01", "negative"),
        ("assurance_score", "good", "no number"),
        ("rfq_points_in_score", "60", "more RFQ points"),
        ("track", "bespoke", "track"),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: str, what: str) -> None:
    frame = measures(CASES.iloc[[0]])
    frame[column] = [value]
    with pytest.raises(MeasureError, match=what):
        star.assess(frame, BOOK.on("2021-05-31"))


def test_the_explanation_has_the_lowest_score_at_each_cut_off() -> None:
    rows = star.explain(measures(CASES.loc[["exactly 3 stars"]]), BOOK.on("2021-05-31"))
    by_check = rows.set_index("check")
    third, fourth = by_check.loc["star_3.lowest"], by_check.loc["star_4.lowest"]
    assert (third["observed"], third["required"], third["met"]) == ("80.00", "80.00", True)
    assert (fourth["observed"], fourth["required"], fourth["gap"]) == ("80.00", "85.00", "5.00")
    assert (fourth["met"], fourth["status"], fourth["unit"]) == (False, "assumed", "score")
    assert "11002943" in fourth["source"]
    response = by_check.loc["threshold.response"]
    assert pd.isna(response["required"]) and pd.isna(response["met"])
    unknown = star.explain(measures(CASES.loc[["one pillar unknown"]]), BOOK.on("2021-05-31"))
    assert unknown["met"].isna().all()


def test_measures_are_not_changed() -> None:
    frame = measures(CASES)
    before = frame.copy(deep=True)
    star.assess(frame, BOOK.on("2021-05-31"))
    pd.testing.assert_frame_equal(frame, before)


def test_a_reform_of_a_cut_off_changes_only_the_rules() -> None:
    lower = {"star_3_score": {"values": {"2021-05-01": {"is": 79}}}}
    reform = rulebook({"id": "star", "parameters": lower})
    frame = measures(CASES.loc[["a hundredth below 3 stars"]])
    assert star.assess(frame, reform.on("2021-05-31"))["star"].tolist() == [3]
    assert star.assess(frame, reform.on("2021-04-30"))["star"].tolist() == [2]


def test_who_keeps_the_quote_rate_is_told_that_it_stays() -> None:
    kept = {"quote_rate_in_traffic": {"values": {"2021-05-06": {"is": True}}}}
    book = rulebook({"id": "star", "parameters": kept}).on("2021-05-31")
    outcome = star.assess(measures(INDICATORS.loc[["only quotes"]]), book).iloc[0]
    assert (outcome["traffic_effect"], outcome["quote_rate_counts"]) == ("stays", True)
    assert pd.isna(outcome["quote_rate_until"])


def test_a_limit_of_the_response_time_needs_an_overlay() -> None:
    limit = {"response_hours_limit": {"values": {"2021-05-01": {"is": 5.5}}}}
    book = rulebook({"id": "star", "parameters": limit}).on("2021-05-31")
    frame = measures(INDICATORS.loc[["a time although nobody is counted"]])
    met = [star.explain(frame.assign(average_response_hours=hours), book).set_index("check")
           .loc["threshold.response", "met"] for hours in ("5.49", "5.5", "5.51")]  # fmt: skip
    assert met == [True, True, False]

"""Duty on a line: every form of rate, limit and date, singly and in one shuffled batch a day."""

import numpy as np
import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.programmes import tariff
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("tariff")
BOOK = rulebook()
GIVEN = [
    "origin", "destination", "value_usd", "general_rate", "special_rate", "column_2_rate",
    "added_headings", "column_2_headings",
    "quantity_1", "unit_1", "quantity_2", "unit_2", "quantity_3", "unit_3",
    "quantity_4", "unit_4",
]  # fmt: skip
OUTCOME = [
    "base_duty_usd", "added_duty_usd", "duty_usd", "effective_percent", "rate_column",
    "quantity_needed", "added_heading", "base_duty_usd_reason", "added_duty_usd_reason",
    "duty_usd_reason", "effective_percent_reason",
]  # fmt: skip


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    given = rows[GIVEN]
    return given.assign(line_id=[f"x{i}" for i in range(len(rows))], merchant_id="m")


def found(outcome: pd.DataFrame) -> dict[str, list[str]]:
    return {column: as_text(outcome[column]) for column in OUTCOME}


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    row = CASES.loc[[case]]
    outcome = tariff.assess(measures(row), BOOK.on(row["on"].iloc[0]))
    assert found(outcome) == {column: row[column].tolist() for column in OUTCOME}


@pytest.mark.parametrize("day", sorted(set(CASES["on"])))
def test_shuffled_batch(day: str) -> None:
    mixed = CASES[CASES["on"] == day].sample(frac=1, random_state=7)
    frame = measures(mixed)
    before = frame.copy(deep=True)
    outcome = tariff.assess(frame, BOOK.on(day))
    assert outcome.index.tolist() == mixed.index.tolist()
    assert found(outcome) == {column: mixed[column].tolist() for column in OUTCOME}
    pd.testing.assert_frame_equal(frame, before)


def line(**given: object) -> pd.DataFrame:
    plain = {
        "line_id": "1", "merchant_id": "m", "origin": "CN", "destination": "US",
        "value_usd": "1000", "general_rate": "4.4¢/kg",
    }  # fmt: skip
    return pd.DataFrame([{**plain, **given}])


@pytest.mark.parametrize("amount", ["12.5", 12.5, "12.50000", np.float64(12.5)])
def test_a_quantity_may_be_text_or_number(amount: object) -> None:
    outcome = tariff.assess(line(quantity_1=amount, unit_1="kg"), BOOK.on("2021-04-29"))
    assert as_text(outcome["base_duty_usd"]) == ["0.55"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"value_usd": "-1"}, "value_usd is negative"),
        ({"value_usd": "x"}, "no amount of money"),
        ({"value_usd": "1000000000000"}, "value_usd is absurdly large"),
        ({"quantity_1": "-0.0001", "unit_1": "kg"}, "quantity_1 is negative"),
        ({"quantity_1": "many", "unit_1": "kg"}, "quantity_1 is no quantity"),
        ({"quantity_1": "10000000000", "unit_1": "kg"}, "quantity_1 is absurdly large"),
        ({"quantity_1": "1e60", "unit_1": "kg"}, "quantity_1 is no quantity"),
        ({"line_id": ""}, "line_id is missing"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(given: dict[str, object], said: str) -> None:
    with pytest.raises(MeasureError, match=said):
        tariff.assess(line(**given), BOOK.on("2021-04-29"))


def test_a_duty_absurdly_large_beside_the_value_has_no_share() -> None:
    # 4.4¢ × 9,999,999,999 kg on one cent: a slip that stops nobody else
    given = line(quantity_1="9999999999", unit_1="kg", value_usd="0.01")
    (outcome,) = tariff.assess(given, BOOK.on("2021-04-29")).to_dict("records")
    assert str(outcome["base_duty_usd"]) == "439999999.96"
    assert outcome["effective_percent_reason"] == "beyond_money"


def test_the_largest_value_has_an_exact_share() -> None:
    given = line(value_usd="999999999999.99", general_rate="90%")
    outcome = tariff.assess(given, BOOK.on("2021-04-29"))
    assert as_text(outcome["duty_usd"]) == ["899999999999.99"]  # …999.991
    assert as_text(outcome["effective_percent"]) == ["90.00"]


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(MeasureError, match="lacks general_rate"):
        tariff.assess(line().drop(columns="general_rate"), BOOK.on("2021-04-29"))


def test_before_the_first_list_nothing_is_on_record() -> None:
    with pytest.raises(NotInForceError, match="2018-07-05"):
        tariff.assess(line(), BOOK.on("2018-07-05"))


def test_explain_names_the_rule_and_its_source() -> None:
    long = tariff.explain(line(), BOOK.on("2021-04-29")).set_index("check")
    assert long["met"].tolist() == [True, True, False]
    added = long.loc["origin.added"]
    assert (added["observed"], added["required"], added["rule"], str(added["since"])) == (
        "CN", "CN", "tariff.added_duty_origins", "2018-07-06",
    )  # fmt: skip
    assert "83 FR 28710" in added["source"]
    assert set(long["merchant_id"]) == {"m"}


def test_summary_counts_what_is_known_and_sums_it() -> None:
    frame = pd.concat([line(quantity_1="1000", unit_1="kg"), line(), line(merchant_id="n")])
    told = tariff.summary(tariff.assess(frame, BOOK.on("2021-04-29")))
    assert told[["merchant_id", "lines", "lines_known"]].values.tolist() == [
        ["m", 2, 1], ["n", 1, 0],
    ]  # fmt: skip
    assert as_text(told["duty_usd"]) == ["44.00", ""]
    assert as_text(told["duty_usd_reason"]) == ["", "quantity_needed"]


# --- the rules as cited -------------------------------------------------------------------------


def test_a_rule_says_since_when_it_holds_or_since_when_it_is_on_record() -> None:
    # All of these began before the first day on record, before which the programme does not hold.
    first = {p.rule: p for p in BOOK.on("2018-07-06").programme("tariff").provisions()}
    for rule in ("tariff.column_2_origins", "tariff.special_programmes", "tariff.hmf"):
        assert first[rule].since.isoformat() == "2018-07-06"
        why = first[rule].why
        assert why is not None
        assert why.zh == "自此日起收录，实际适用更早"
        assert why.en == "on record from this day; in fact it held before"


def test_the_lists_as_they_stood_in_april_2021() -> None:
    rules = {p.rule: p for p in BOOK.on("2021-04-29").programme("tariff").provisions()}
    lists = {rule: (str(p.value), p.since.isoformat()) for rule, p in rules.items()
             if rule.startswith("tariff.added_9903")}  # fmt: skip
    assert lists == {
        "tariff.added_9903_88_01": ("25", "2018-07-06"),
        "tariff.added_9903_88_02": ("25", "2018-08-23"),
        "tariff.added_9903_88_03": ("25", "2019-05-10"),
        "tariff.added_9903_88_04": ("25", "2019-05-10"),
        "tariff.added_9903_88_15": ("7.5", "2020-02-14"),
        "tariff.added_9903_88_16": ("0", "2019-12-15"),
    }
    assert all(rules[rule].source.kind == "public" for rule in lists)

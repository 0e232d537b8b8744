"""Order assignment: desks worked by hand, and what is made of a simulation's sums."""

import numpy as np
import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError, RuleFileError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import assignment
from merchantkit.programmes.assignment import measuring
from merchantkit.programmes.assignment.desks import Orders, TakeOver, Team, handled
from merchantkit.rulebook import Rulebook, rulebook
from tests.programmes.casebook import as_text, cases

CASES, DESKS = cases("assignment"), cases("assignment_desks")
GIVEN = [column for column in assignment.COLUMNS if column != "merchant_id"]
OUTCOME = [
    *(f"{part}_{way}" for part in ("average_wait_minutes", "evenness_percent", "busiest_percent")
      for way in ("without", "with")),
    "wait_saved_minutes", "taken_over_percent", "sharing", "waiting", "advice", "advice_reason",
]  # fmt: skip
BOOK = rulebook()
RULES = BOOK.on("2021-05-31")
FULL_AT = 2  # the cases' own, so that two orders tell


def numbers(text: str) -> np.ndarray:
    return np.array([int(part) for part in text.split()], dtype=np.int64)


def team(row: "pd.Series[str]") -> Team:
    others = [-1 if part == "-" else int(part) for part in row["substitutes"].split()]
    away = np.zeros((len(others), 2), dtype=np.int64)
    for spell in row["away"].split():
        who, _, span = spell.partition(":")
        away[int(who)] = [int(end) for end in span.split("-")]
    return Team(np.array(others), away)


@pytest.mark.parametrize("case", DESKS.index)
def test_desks_worked_by_hand(case: str) -> None:
    row = DESKS.loc[case]
    why = row["takes_over"].split()
    full = np.arange(FULL_AT + 2) >= FULL_AT
    rule = TakeOver("owner_away" in why, full & ("owner_full" in why))
    orders = Orders(numbers(row["arrivals"]), numbers(row["owners"]), numbers(row["minutes"]))
    without, with_ = handled(team(row), orders, rule)
    for way, (takers, waits) in (("without", without), ("with", with_)):
        assert takers.tolist() == numbers(row[f"takers_{way}"]).tolist(), way
        assert waits.tolist() == numbers(row[f"waits_{way}"]).tolist(), way


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[GIVEN].assign(merchant_id=[f"{n:05d}" for n in range(len(rows))])


def told(rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    outcome = assignment.assess(measures(rows), RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    found = pd.DataFrame({c: as_text(outcome[c]) for c in OUTCOME}, index=rows.index)
    return {
        case: {c: f"{found.loc[case, c]} ≠ {rows.loc[case, c]}"
               for c in OUTCOME if found.loc[case, c] != rows.loc[case, c]}
        for case in rows.index
        if (found.loc[case] != rows.loc[case, OUTCOME]).any()
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    assert told(CASES.loc[[case]]) == {}


def test_shuffled_batch() -> None:
    assert told(CASES.sample(frac=1, random_state=7)) == {}


def test_every_reading_and_advice_has_a_case() -> None:
    assert set(assignment.SHARES) <= set(CASES["sharing"])
    assert set(assignment.WAITS) <= set(CASES["waiting"])
    assert set(assignment.ADVICE) <= set(CASES["advice"])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("busiest_load_with", "5"),  # more than the four orders
        ("load_squares_without", "17"),  # more than all with one
        ("load_squares_with", "7"),  # less than two each
    ],
)
def test_sums_that_contradict_each_other_are_refused(column: str, value: str) -> None:
    frame = measures(CASES.loc[["three to one becomes two to two"]])
    frame[column] = value
    with pytest.raises(MeasureError, match="do not add up"):
        assignment.assess(frame, RULES)


def test_the_largest_counts_are_no_contradiction() -> None:
    row = {"takers": 1, "substitutes_set": 0, "orders": 10**7, "runs": 1, "taken_over": 0}
    loads = {f"load_squares_{way}": 10**14 for way in ("without", "with")}
    busiest = {f"busiest_load_{way}": 10**7 for way in ("without", "with")}
    waits = {f"{n}_{w}": 10**14 for n in ("wait_minutes", "longest_wait_minutes")
             for w in ("without", "with")}  # fmt: skip
    frame = pd.DataFrame([{"merchant_id": "a", **row, **loads, **busiest, **waits}])
    outcome = assignment.assess(frame, RULES)
    assert as_text(outcome["average_wait_minutes_with"]) == ["10000000.00"]


@pytest.mark.parametrize(
    ("lost", "without"),
    [
        ("wait_minutes_with", ["average_wait_minutes_with", "wait_saved_minutes"]),
        ("load_squares_with", ["evenness_percent_with"]),
        ("busiest_load_without", ["busiest_percent_without"]),
        ("taken_over", ["taken_over_percent"]),
    ],
)
def test_one_missing_sum_costs_what_is_made_of_it(lost: str, without: list[str]) -> None:
    frame = measures(CASES.loc[["three to one becomes two to two"]])
    frame[lost] = None
    outcome = assignment.assess(frame, RULES)
    percents = [c for c in OUTCOME if c.endswith(("without", "with", "minutes", "percent"))]
    assert [c for c in percents if pd.isna(outcome[c].iloc[0])] == sorted(
        without, key=percents.index
    )
    assert {outcome[f"{c}_reason"].iloc[0] for c in without} == {"not_given"}


def test_the_rules_are_those_of_the_broadcasts_day() -> None:
    with pytest.raises(NotInForceError, match="2021-04-29"):
        assignment.assess(measures(CASES.iloc[[0]]), BOOK.on("2021-04-28"))


@pytest.mark.parametrize("missing", ["merchant_id", "takers", "load_squares_with"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(MeasureError, match=missing):
        assignment.assess(measures(CASES.iloc[[0]]).drop(columns=missing), RULES)


def reformed(parameter: str, value: object) -> Rulebook:
    changed = {parameter: {"values": {"2021-05-01": {"is": value}}}}
    return rulebook({"id": "assignment", "parameters": changed})


@pytest.mark.parametrize("setting", ["evenness", "suggested_substitute", "advice_by"])
def test_a_way_that_the_kit_does_not_know_is_refused(setting: str) -> None:
    rules = reformed(setting, "another_way").on("2021-05-31")
    with pytest.raises(RuleFileError, match="another_way"):
        assignment.assess(measures(CASES.iloc[:1]), rules)
    with pytest.raises(RuleFileError, match="another_way"):
        assignment.measure(Warehouse.in_memory(), "2021-05-31", rules)


def test_a_reform_of_how_many_make_a_team() -> None:
    frame = measures(CASES.loc[["three to one becomes two to two"]])
    outcome = assignment.assess(frame, reformed("least_takers", 3).on("2021-05-31"))
    assert outcome["advice_reason"].tolist() == ["one_order_taker"]
    outcome = assignment.assess(frame, reformed("least_substitutes", 2).on("2021-05-31"))
    assert outcome["advice"].tolist() == ["set"]


@pytest.mark.parametrize(
    ("parameter", "value", "away", "full"),
    [
        ("full_orders", 3, True, [False, False, False, True, True]),
        ("full_orders", 1, True, [False, True, True]),
        ("takes_over", ["owner_away"], True, [False] * 5),
        ("takes_over", ["owner_full"], False, [False, False, False, True, True]),
    ],
)
def test_when_a_desk_is_full_comes_from_the_rules(
    parameter: str, value: object, away: bool, full: list[bool]
) -> None:
    book = reformed(parameter, value).on("2021-05-31").programme("assignment")
    rule = measuring._take_over(book)
    assert (rule.away, rule.full.tolist()) == (away, full)
    assert rule.is_full(99) == full[-1]


def test_explanation_tells_who_could_stand_in_and_who_does() -> None:
    rows = assignment.explain(measures(CASES.loc[["one order-taker"]]), RULES)
    assert rows["check"].tolist() == ["takers.enough", "substitutes.some"]
    assert rows[["observed", "required", "gap", "unit"]].values.tolist() == [
        ["1", "2", "1", "person"], ["0", "1", "1", "person"],
    ]  # fmt: skip
    assert not rows["met"].any()
    assert set(rows["source"]) == {"「订单分配设置 - 设置替补接单员，订单分配更平均」"}
    assert len(assignment.explain(measures(CASES.loc[["no order-takers"]]), RULES)) == 0


def test_measures_are_not_changed_and_summary_is_the_outcomes_rows() -> None:
    frame = measures(CASES)
    before = frame.copy(deep=True)
    outcome = assignment.assess(frame, RULES)
    pd.testing.assert_frame_equal(frame, before)
    assert assignment.summary(outcome)["advice"].tolist() == outcome["advice"].tolist()

"""Shipping on time: every method's deciding moment, each limit's day and second, and tracking."""

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.programmes import fulfilment
from merchantkit.rulebook import Rulebook, rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("fulfilment")
GIVEN = [
    "method", "agreed_ship_on", "as_of", "period_from", "door_ordered_at", "picked_up_at",
    "warehoused_at", "details_right", "information_at", "proof_at", "trace_gap",
    "failed_check_number",
]  # fmt: skip
OUTCOME = [
    "dispatched_by", "dispatched_on", "dispatched_on_reason", "days_late", "overdue",
    "overdue_reason", "exemption", "state", "state_reason", "settled_on", "counted", "way",
    "act_by", "spot_check", "penalty_points", "gap_exempt",
]  # fmt: skip
BOOK = rulebook()


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    orders = [f"{n:05d}" for n in range(len(rows))]
    return rows[GIVEN].assign(merchant_id="007", order_id=orders)


def told(outcome: pd.DataFrame, rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    found = pd.DataFrame({c: as_text(outcome[c]) for c in OUTCOME}, index=rows.index)
    differing = found[(found != rows[OUTCOME]).any(axis=1)]
    return {
        case: {c: f"{row[c]} ≠ {rows.loc[case, c]}" for c in OUTCOME if row[c] != rows.loc[case, c]}
        for case, row in differing.to_dict("index").items()
    }


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    row = CASES.loc[[case]]
    assert told(fulfilment.assess(measures(row), BOOK.on(row["day"].iloc[0])), row) == {}


@pytest.mark.parametrize("day", sorted(set(CASES["day"])))
def test_shuffled_batch(day: str) -> None:
    rows = CASES[CASES["day"] == day].sample(frac=1, random_state=7)
    outcome = fulfilment.assess(measures(rows), BOOK.on(day))
    assert outcome.index.tolist() == rows.index.tolist()
    assert told(outcome, rows) == {}


def test_every_method_state_way_and_event_has_a_case() -> None:
    assert set(fulfilment.METHODS) <= set(CASES["method"])
    assert set(fulfilment.STATES) <= set(CASES["state"])
    assert set(fulfilment.WAYS) <= set(CASES["way"])
    assert set(fulfilment.EVENTS) <= set(CASES["dispatched_by"])
    assert set(fulfilment.EXEMPTIONS) <= set(CASES["exemption"])


def test_the_rules_are_those_of_the_broadcasts_day() -> None:
    with pytest.raises(NotInForceError, match="2021-04-29"):
        fulfilment.assess(measures(CASES.iloc[[0]]), BOOK.on("2021-04-28"))


@pytest.mark.parametrize("missing", ["merchant_id", "order_id", "method", "agreed_ship_on"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(MeasureError, match=missing):
        fulfilment.assess(measures(CASES.iloc[[0]]).drop(columns=missing), BOOK.on("2021-05-31"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("method", "by camel"),
        ("agreed_ship_on", "2021-02-30"),
        ("agreed_ship_on", "0201-05-06"),
        ("as_of", ""),
        ("picked_up_at", "yesterday"),
        ("details_right", "perhaps"),
        ("failed_check_number", "-1"),
        ("trace_gap", "weather"),
        ("order_id", None),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    frame = measures(CASES.iloc[[0]]).astype(object)
    frame[column] = [value]
    with pytest.raises(MeasureError, match=column):
        fulfilment.assess(frame, BOOK.on("2021-05-31"))


def test_what_may_be_absent_may_be_absent() -> None:
    frame = measures(CASES.loc[["door: never picked up"]])
    bare = frame[["merchant_id", "order_id", "method", "agreed_ship_on", "as_of"]]
    outcome = fulfilment.assess(bare, BOOK.on("2021-05-31"))
    assert outcome["state"].tolist() == ["late"]
    assert outcome["counted"].tolist() == [True]  # no period: all that is settled counts


def test_the_deciding_moment_is_told_to_the_second() -> None:
    frame = measures(CASES.loc[["door: picked up in the last second of T"]])
    found = fulfilment.assess(frame, BOOK.on("2021-05-31"))["dispatched_at"].iloc[0]
    assert found == pd.Timestamp("2021-05-07 06:59:59", tz="UTC")


def test_explanation_tells_the_order_its_merchant_and_the_slide() -> None:
    frame = measures(CASES.loc[["platform pickup: a second after T+1"]])
    rows = fulfilment.explain(frame, BOOK.on("2021-05-31")).set_index("check")
    assert rows.index.tolist() == ["ship.on_time", "trace.in_time"]
    trace = rows.loc["trace.in_time"]
    assert (trace["observed"], trace["required"], trace["gap"]) == ("2", "1", "1")
    assert not trace["met"]
    assert (trace["subject"], trace["merchant_id"]) == ("00000", "007")
    assert trace["rule"] == "fulfilment.trace_working_days"
    assert trace["unit"] == "working_day"
    assert trace["source"] == "「平台物流权益介绍」 (2)"


def test_explanation_tells_apart_two_merchants_with_one_order_id() -> None:
    names = ["platform pickup: a second after T+1", "door: picked up before T"]
    frame = measures(CASES.loc[names]).assign(merchant_id=["007", "008"], order_id="same")
    rows = fulfilment.explain(frame, BOOK.on("2021-05-31"))
    assert rows[["merchant_id", "check"]].values.tolist() == [
        ["007", "ship.on_time"], ["007", "trace.in_time"], ["008", "ship.on_time"],
    ]  # fmt: skip


def test_the_rate_with_and_without_exemptions() -> None:
    # Three on time, one exempt, two late; one open, for which nothing can be done, and one by sea
    # are in neither.
    names = [
        "door: picked up before T", "platform pickup: on T", "self sent: right and captured",
        "platform pickup: T+1", "own: no proof", "door: never picked up",
        "own: 72 hours not over", "other modes are not covered",
    ]  # fmt: skip
    outcome = fulfilment.assess(measures(CASES.loc[names]), BOOK.on("2021-05-31"))
    row = fulfilment.summary(outcome).iloc[0]
    counts = ["orders", "on_time", "exempt", "late", "overdue", "open", "savable"]
    assert [int(row[name]) for name in counts] == [6, 3, 1, 2, 3, 1, 0]
    # 4 of 6 and 3 of 6, rounded down.
    assert (str(row["on_time_percent"]), str(row["shipped_on_time_percent"])) == ("66.66", "50.00")


def test_penalty_points_add_up_from_the_third_failure() -> None:
    names = [f"{n} failed spot check" for n in ("first", "second", "third", "seventh")]
    outcome = fulfilment.assess(measures(CASES.loc[names]), BOOK.on("2021-05-31"))
    row = fulfilment.summary(outcome).iloc[0]
    assert (int(row["warnings"]), int(row["penalty_points"])) == (2, 24)


def test_who_has_nothing_settled_has_no_rate() -> None:
    outcome = fulfilment.assess(measures(CASES.loc[["open: due today"]]), BOOK.on("2021-05-31"))
    row = fulfilment.summary(outcome).iloc[0]
    assert pd.isna(row["on_time_percent"])
    assert row["on_time_percent_reason"] == "nothing_settled"


def test_measures_are_not_changed() -> None:
    frame = measures(CASES)
    before = frame.copy(deep=True)
    fulfilment.assess(frame, BOOK.on("2021-05-31"))
    pd.testing.assert_frame_equal(frame, before)


def reformed(parameter: str, value: object) -> Rulebook:
    changed = {parameter: {"values": {"2021-05-01": {"is": value}}}}
    return rulebook({"id": "fulfilment", "parameters": changed})


@pytest.mark.parametrize(
    ("case", "parameter", "value", "state"),
    [
        ("door: picked up a second later", "grace_days", 1, "on_time"),
        ("platform pickup: a second after T+1", "trace_working_days", 2, "exempt"),
        ("T of 7 May: Sunday 9 May is past T+1", "make_up_days_work", False, "exempt"),
        ("door: late and ordered the day before T", "door_order_working_days", 0, "exempt"),
        ("own: found and picked up late", "information_hours", 47, "on_time"),
        ("own: never exempt", "trace_methods", ["own_express"], "exempt"),
    ],
)
def test_a_reform_changes_only_the_rules(
    case: str, parameter: str, value: object, state: str
) -> None:
    frame, rules = measures(CASES.loc[[case]]), reformed(parameter, value).on("2021-05-31")
    assert CASES.loc[case, "state"] != state
    assert fulfilment.assess(frame, rules)["state"].tolist() == [state]


@pytest.mark.parametrize(
    ("as_of", "proof", "state", "days_late", "settled_on", "counted", "way", "act_by"),
    [
        # T is 6 May, so that with a day of grace the 7th is the last day that is on time.
        ("2021-05-07", "", "open", "", "", "False", "ship", "2021-05-07"),
        ("2021-05-08", "", "late", "2", "2021-05-08", "True", "", ""),
        # Proved on the 7th, and not found within 72 hours, which end on the 10th.
        ("2021-05-31", "2021-05-07", "on_time", "1", "2021-05-11", "True", "", ""),
        ("2021-05-31", "2021-05-08", "late", "2", "2021-05-08", "True", "", ""),
    ],
)
def test_days_of_grace_are_days_on_which_it_can_still_be_dispatched(
    as_of: str, proof: str, state: str, days_late: str, settled_on: str, counted: str,
    way: str, act_by: str,
) -> None:  # fmt: skip
    frame = measures(CASES.loc[["overdue own logistics is past saving"]])
    outcome = fulfilment.assess(
        frame.assign(as_of=as_of, proof_at=proof),
        reformed("grace_days", 1).on("2021-05-31"),
    )
    found = {
        name: as_text(outcome[name])[0]
        for name in ("state", "days_late", "settled_on", "counted", "way", "act_by")
    }
    assert found == {
        "state": state, "days_late": days_late, "settled_on": settled_on, "counted": counted,
        "way": way, "act_by": act_by,
    }  # fmt: skip

"""The showroom: each deadline's day, the chain's order, and the change with its interval."""

import numpy as np
import pandas as pd
import pytest

from merchantkit import checks
from merchantkit.errors import MeasureError, NotInForceError, RuleFileError
from merchantkit.programmes import showroom
from merchantkit.programmes.showroom import effect
from merchantkit.rulebook import Rulebook, rulebook
from tests.programmes.casebook import as_text, cases

CASES, EFFECTS = cases("showroom"), cases("showroom_effect")
GIVEN = ["as_of", *(column for column in CASES if column.endswith("_on"))]
OUTCOME = [
    "stage", "stage_reason", "next_action", "next_action_reason", "act_by", "act_by_reason",
    "days_left", "lapsed", "lapsed_reason", "venue_chance", "venue_chance_reason",
]  # fmt: skip
SUMS = ["days", "before", "after", "before_squares", "after_squares"]
READ = ["change", "low", "high", "effect", "against_visitors", "against_inquiries",
        "against_monthly", "reason"]  # fmt: skip
BOOK = rulebook()
RULES = BOOK.on("2021-05-31")


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[GIVEN].assign(merchant_id=[f"{n:05d}" for n in range(len(rows))])


def told(rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    outcome = showroom.assess(measures(rows), RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    found = pd.DataFrame({c: as_text(outcome[c]) for c in OUTCOME}, index=rows.index)
    return differing(found, rows[OUTCOME])


def differing(found: pd.DataFrame, wanted: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {
        case: {
            column: f"{found.loc[case, column]} ≠ {wanted.loc[case, column]}"
            for column in wanted
            if found.loc[case, column] != wanted.loc[case, column]
        }
        for case in wanted.index
        if not found.loc[case].equals(wanted.loc[case])
    }


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    assert told(CASES.loc[[case]]) == {}


def test_shuffled_batch() -> None:
    assert told(CASES.sample(frac=1, random_state=7)) == {}


def test_every_stage_and_next_step_has_a_case() -> None:
    assert set(showroom.STAGES) <= set(CASES["stage"])
    assert set(showroom.STEPS) <= set(CASES["next_action"])


def counted(rows: pd.DataFrame, count: str) -> pd.DataFrame:
    sums = rows[SUMS].rename(columns={name: f"{count}_{name}" for name in SUMS})
    nothing = dict.fromkeys([c for c in GIVEN if c.endswith("_on")])
    return sums.assign(merchant_id=list(rows.index), as_of="2021-05-31", **nothing)


def changed(rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    visitors, inquiries = (
        showroom.assess(counted(rows, count), RULES) for count in ("visitors", "inquiries")
    )
    columns = {
        "change": visitors["visitors_change_percent"],
        "low": visitors["visitors_low_percent"],
        "high": visitors["visitors_high_percent"],
        "effect": visitors["visitors_effect"],
        "against_visitors": visitors["against_case_visitors"],
        "against_inquiries": inquiries["against_case_inquiries"],
        "against_monthly": inquiries["against_case_monthly_inquiries"],
        "reason": visitors["visitors_low_percent_reason"],
    }
    found = pd.DataFrame({c: as_text(column) for c, column in columns.items()}, index=rows.index)
    return differing(found, rows[READ])


@pytest.mark.parametrize("case", EFFECTS.index)
def test_a_single_change(case: str) -> None:
    assert changed(EFFECTS.loc[[case]]) == {}


def test_changes_in_a_shuffled_batch() -> None:
    assert changed(EFFECTS.sample(frac=1, random_state=3)) == {}


def test_a_claim_on_either_end_of_the_interval_is_within_it() -> None:
    # 访问人数增加60%: the interval's ends just below, at and just above it.
    ends = pd.Series([5999, 6000, 6001], dtype="Int64")
    book = RULES.programme("showroom")
    frame = pd.DataFrame({"visitors_low_percent": ends, "visitors_high_percent": ends + 100})
    found = checks.evaluate(frame, book)
    low, high = (found[f"case_visitors.{end}"].reached for end in ("low", "high"))
    assert effect.against(low, high, frame.index).tolist() == ["within", "within", "above"]
    frame = pd.DataFrame({"visitors_low_percent": ends - 100, "visitors_high_percent": ends})
    found = checks.evaluate(frame, book)
    low, high = (found[f"case_visitors.{end}"].reached for end in ("low", "high"))
    assert effect.against(low, high, frame.index).tolist() == ["below", "within", "within"]


def test_the_quantiles_leave_two_and_a_half_percent_on_either_side() -> None:
    # Student's density by the gamma function, summed up: the table is held to the formula itself.
    from math import gamma, pi, sqrt

    t = effect.quantiles(RULES.programme("showroom"))
    for freedom in range(1, len(t)):
        n = float(freedom)
        scale = gamma((n + 1) / 2) / (sqrt(n * pi) * gamma(n / 2))
        x = np.linspace(0, t[freedom], 200_001)
        y = scale * (1 + x * x / n) ** (-(n + 1) / 2)
        inside = 2 * float(np.sum((y[1:] + y[:-1]) / 2) * (x[1] - x[0]))
        assert abs(inside - 0.95) < 5e-5, freedom
    assert t[0] == t[1]


def test_beyond_the_table_its_last_row_is_taken_and_a_gap_is_filled_by_the_fewer() -> None:
    each = {1: 12.706, 4: 2.776}
    rows = [{"confidence": 95, "freedom": n, "t": t} for n, t in each.items()]
    book = reformed("t_quantiles", rows).on("2021-05-31").programme("showroom")
    assert effect.quantiles(book).tolist() == [12.706, 12.706, 12.706, 12.706, 2.776]


def test_another_confidence_has_its_own_rows_or_is_refused() -> None:
    frame = counted(EFFECTS.loc[["sixty percent more"]], "visitors")
    with pytest.raises(RuleFileError, match="a confidence of 90 %"):
        showroom.assess(frame, reformed("confidence", 90).on("2021-05-31"))
    table = RULES.programme("showroom")["t_quantiles"]
    narrow = [{**row, "confidence": 90, "t": row["t"] / 2} for row in table]
    both = {"confidence": 90, "t_quantiles": [*table, *narrow]}
    changed = {name: {"values": {"2021-05-01": {"is": value}}} for name, value in both.items()}
    rules = rulebook({"id": "showroom", "parameters": changed}).on("2021-05-31")
    one, other = (showroom.assess(frame, each).iloc[0] for each in (RULES, rules))
    assert one["visitors_low_percent"] < other["visitors_low_percent"]
    assert other["visitors_high_percent"] < one["visitors_high_percent"]


def test_sums_without_their_squares_have_a_change_and_no_interval() -> None:
    frame = counted(EFFECTS.loc[["sixty percent more"]], "visitors")
    bare = frame.drop(columns=["visitors_before_squares", "visitors_after_squares"])
    outcome = showroom.assess(bare, RULES)
    assert as_text(outcome["visitors_change_percent"]) == ["60.00"]
    assert as_text(outcome["visitors_low_percent"]) == [""]
    assert outcome["visitors_low_percent_reason"].tolist() == ["not_given"]


def test_the_reason_of_a_missing_change_is_the_first_that_applies() -> None:
    row = CASES.loc[["submitted on 9 May"]]
    frame = measures(row).assign(live_on="2021-05-09", visitors_days=21, inquiries_days=21)
    found = showroom.assess(frame, RULES)["visitors_change_percent_reason"]
    assert found.tolist() == ["live_too_short"]
    frame = frame.assign(as_of="2021-06-06")  # 28 days later
    assert showroom.assess(frame, RULES)["visitors_change_percent_reason"].tolist() == [
        "days_incomplete"
    ]
    unseen = measures(CASES.loc[["to be shot today"]])
    assert showroom.assess(unseen, RULES)["visitors_change_percent_reason"].tolist() == ["not_live"]


def test_the_rules_are_those_of_the_broadcasts_day() -> None:
    with pytest.raises(NotInForceError, match="2021-04-29"):
        showroom.assess(measures(CASES.iloc[[0]]), BOOK.on("2021-04-28"))
    assert len(showroom.assess(measures(CASES.iloc[[0]]), BOOK.on("2021-04-29"))) == 1


@pytest.mark.parametrize("missing", ["merchant_id", "as_of", "credited_on", "sent_on"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(MeasureError, match=missing):
        showroom.assess(measures(CASES.iloc[[1]]).drop(columns=missing), RULES)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("as_of", None),
        ("credited_on", "2021-02-30"),
        ("shot_on", "0201-05-06"),
        ("merchant_id", None),
        ("visitors_before", "-1"),
        ("inquiries_days", "many"),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    frame = measures(CASES.loc[["all is done"]]).astype(object)
    frame[column] = [value]
    with pytest.raises(MeasureError, match=column):
        showroom.assess(frame, RULES)


def reformed(parameter: str, value: object) -> Rulebook:
    changed = {parameter: {"values": {"2021-05-01": {"is": value}}}}
    return rulebook({"id": "showroom", "parameters": changed})


@pytest.mark.parametrize(
    ("case", "parameter", "value", "column", "wanted"),
    [
        ("the task was due yesterday", "task_by", "2021-05-11", "stage", "credited"),
        ("shot a day late", "shoot_by", "2021-07-01", "stage", "shot"),
        ("submitted on 11 May", "venue_by", "2021-05-11", "venue_chance", "True"),
        ("credited the day before the batch", "credited_from", "2020-12-09", "stage", "lapsed"),
        (
            "submitted on 9 May", "chain",
            ["modelled", "submitted", "sent", "shop_decorated", "products_decorated"],
            "next_action", "sent",
        ),
    ],
)  # fmt: skip
def test_a_reform_changes_only_the_rules(
    case: str, parameter: str, value: object, column: str, wanted: str
) -> None:
    import datetime as dt

    is_ = dt.date.fromisoformat(value) if isinstance(value, str) else value
    rules = reformed(parameter, is_).on("2021-05-31")
    assert CASES.loc[case, column] != wanted
    assert as_text(showroom.assess(measures(CASES.loc[[case]]), rules)[column]) == [wanted]


def test_explanation_tells_days_their_limit_and_slide() -> None:
    rows = showroom.explain(measures(CASES.loc[["task submitted a day late"]]), RULES)
    assert rows["check"].tolist() == ["batch.from", "batch.to", "task.by"]
    task = rows.iloc[2]
    assert (task["observed"], task["required"], task["unit"]) == (
        "2021-05-11", "2021-05-10", "date",
    )  # fmt: skip
    assert not task["met"]
    assert pd.isna(task["gap"])
    assert task["rule"] == "showroom.task_by"
    assert task["source"] == "「3D实景展厅-拍摄作废预警 (销售须知)」"


def test_explanation_leaves_out_what_decides_nothing() -> None:
    unprinted = "of another batch it is not told whether it was given up"
    names = [unprinted, "nothing known", "all is done"]
    rows = showroom.explain(measures(CASES.loc[names]), RULES)
    by = {m: its["check"].tolist() for m, its in rows.groupby("subject")}
    assert by == {
        "00000": ["batch.from", "batch.to", "venue.yet"],
        "00002": ["batch.from", "batch.to", "task.by", "shoot.by", "venue.by"],
    }


def test_measures_are_not_changed_and_summary_is_the_outcomes_rows() -> None:
    frame = measures(CASES)
    before = frame.copy(deep=True)
    outcome = showroom.assess(frame, RULES)
    pd.testing.assert_frame_equal(frame, before)
    summary = showroom.summary(outcome)
    assert summary.index.tolist() == outcome.index.tolist()
    assert summary["stage"].tolist() == outcome["stage"].tolist()


@pytest.mark.parametrize(
    ("case", "own"),
    [
        # 「3D实景展厅-拍摄作废预警 (销售须知)」: the batch's days are nobody else's.
        ("credited the day before the batch", ["venue_by"]),
        ("credited on its first day", ["task_by", "shoot_by", "venue_by"]),
        ("nothing known", []),
        ("all is done", []),
    ],
)
def test_the_calendar_has_the_last_days_of_what_is_still_to_be_done(
    case: str, own: list[str]
) -> None:
    frame = measures(CASES.loc[[case]]).assign(as_of="2021-05-08")
    found = showroom.own_days(frame, RULES)
    assert found["parameter"].tolist() == own
    last = {"task_by": "2021-05-10", "shoot_by": "2021-06-30", "venue_by": "2021-05-10"}
    assert found["day"].astype(str).tolist() == [last[name] for name in own]


def test_what_was_given_up_has_no_last_day() -> None:
    # 逾期未能配合拍摄视为放弃: no task by 10 May.
    frame = measures(CASES.loc[["credited on its first day"]])
    for as_of, left in (("2021-05-10", 3), ("2021-05-11", 0)):
        assert len(showroom.own_days(frame.assign(as_of=as_of), RULES)) == left

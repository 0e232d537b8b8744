"""Chargeback measured: which coverage a payment falls under, and what was done by the day."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import chargeback
from merchantkit.programmes.chargeback import coverage
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text

RULES = rulebook().on("2021-05-31")
DAY = dt.date(2021, 5, 31)
ZONE = ZoneInfo("America/Los_Angeles")
Row = dict[str, Any]


def moment(name: str, text: str | None) -> Row:
    """A moment of Los Angeles as the warehouse holds it; ten characters are only a day."""
    if text is None:
        return {name: None, f"{name}_is_date": None}
    at = dt.datetime.fromisoformat(text)
    if len(text) == 10:
        return {name: at, f"{name}_is_date": True}
    utc = at.replace(tzinfo=ZONE).astimezone(dt.UTC).replace(tzinfo=None)
    return {name: utc, f"{name}_is_date": False}


def applied(number: str, at: str = "2021-03-01 09:00:00", **given: Any) -> Row:
    row = {"merchant_id": "m", "approved": True, "protected_from": None, "protected_to": None,
           "limit_usd": Decimal(1000), **given}  # fmt: skip
    ends = {name: moment(name, row.pop(name)) for name in ("protected_from", "protected_to")}
    return {"coverage_id": number, **moment("applied_at", at), **row,
            **ends["protected_from"], **ends["protected_to"]}  # fmt: skip


def disputed(number: str, **given: Any) -> Row:
    row = {
        "merchant_id": "m", "order_id": None, "online_order": True, "payment": "card_direct",
        "paid_at": "2021-05-01 10:00:00", "disputed_at": "2021-05-10 10:00:00",
        "evidence_at": "2021-05-12 10:00:00", "reviewed_at": "2021-05-15 10:00:00",
        "evidence_review": "approved", "disputed_usd": Decimal(100), "bank_result": None, **given,
    }  # fmt: skip
    names = ("paid_at", "disputed_at", "evidence_at", "reviewed_at")
    moments: Row = {}
    for name in names:
        moments |= moment(name, row.pop(name))
    return {"dispute_id": number, **row, **moments}


def warehouse(
    disputes: list[Row], coverages: list[Row], orders: list[Row] | None = None
) -> Warehouse:
    made = Warehouse.in_memory()
    whence = {"source_file": "t", "source_row": 2}
    facts = {"disputes": disputes, "coverages": coverages, "orders": orders or []}
    with made.write() as connection:
        for name, rows in facts.items():
            stored = [{**whence, **row} for row in rows]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    return made


def measured(disputes: list[Row], coverages: list[Row], day: str = "2021-05-31") -> pd.DataFrame:
    return chargeback.measure(warehouse(disputes, coverages), day, RULES)


def of(frame: pd.DataFrame, column: str) -> dict[str, str]:
    return dict(zip(frame["dispute_id"], as_text(frame[column]), strict=True))


@pytest.mark.parametrize(
    ("paid", "within"),
    [
        ("2021-04-30 23:59:59", "False"),
        ("2021-05-01 00:00:00", "True"),
        ("2021-05-20 23:59:59", "True"),
        ("2021-05-21 00:00:00", "False"),
        ("2021-05-01", "True"),
        ("2021-04-30", "False"),
        ("2021-05-20", "True"),
        ("2021-05-21", "False"),
        (None, ""),
    ],
)
def test_a_payment_lies_in_the_days_of_a_period_to_the_second(
    paid: str | None, within: str
) -> None:
    period = {"protected_from": "2021-05-01", "protected_to": "2021-05-20"}
    found = measured([disputed("1", paid_at=paid)], [applied("c", **period)])
    assert as_text(found["paid_in_period"]) == [within]
    why = "" if paid else "payment_time_unknown"
    assert as_text(found["paid_in_period_reason"]) == [why]
    assert as_text(found["coverage_id"]) == ["" if within == "False" else "c"]
    assert as_text(found["limit_usd"]) == ["" if within == "False" else "1000.00"]


@pytest.mark.parametrize(
    ("paid", "within"),
    [
        ("2021-05-01 11:59:59", "False"), ("2021-05-01 12:00:00", "True"), ("2021-05-01", ""),
        ("2021-05-02", "True"), ("2021-04-30", "False"), ("2021-05-20 12:00:00", "True"),
        ("2021-05-20 12:00:01", "False"), ("2021-05-20", ""), ("2021-05-19", "True"),
    ],
)  # fmt: skip
def test_a_period_may_begin_and_end_within_a_day(paid: str, within: str) -> None:
    period = {"protected_from": "2021-05-01 12:00:00", "protected_to": "2021-05-20 12:00:00"}
    found = measured([disputed("1", paid_at=paid)], [applied("c", **period)])
    assert as_text(found["paid_in_period"]) == [within]
    assert as_text(found["paid_in_period_reason"]) == ["" if within else "payment_day_only"]


def test_a_passed_application_is_active_at_once_and_runs_on() -> None:
    # 评估通过即时成功开通; no period in the facts.
    rows = [
        disputed("before", paid_at="2021-03-01 08:59:59"),
        disputed("at", paid_at="2021-03-01 09:00:00"),
        disputed("after", paid_at="2021-05-01 10:00:00"),
    ]
    found = measured(rows, [applied("c")])
    assert of(found, "paid_in_period") == {"before": "False", "at": "True", "after": "True"}
    assert of(found, "coverage_disputes") == {"before": "", "at": "2", "after": "2"}


def test_who_was_refused_or_never_applied_is_told_so() -> None:
    rows = [disputed("1"), disputed("2", merchant_id="n"), disputed("3", merchant_id="o")]
    made = [
        applied("c", approved=False, limit_usd=None),
        applied("d", merchant_id="n", at="2021-05-02 10:00:00"),
    ]
    outcome = chargeback.assess(measured(rows, made), RULES)
    assert of(outcome, "no_refund_usd_reason") == {
        "1": "coverage_refused", "2": "outside_period", "3": "no_coverage",
    }  # fmt: skip


def test_without_any_facts_of_applications_it_is_not_known() -> None:
    found = measured([disputed("1")], [])
    assert as_text(found["paid_in_period_reason"]) == ["no_coverage_facts"]
    outcome = chargeback.assess(found, RULES)
    assert as_text(outcome["state"]) == [""]
    assert as_text(outcome["no_refund_usd_reason"]) == ["no_coverage_facts"]


def test_of_two_periods_that_hold_a_payment_the_later_counts() -> None:
    made = [
        applied("old", protected_from="2021-01-01", protected_to="2021-06-30"),
        applied("new", protected_from="2021-04-15", protected_to="2021-12-31"),
        applied("next", protected_from="2021-05-20", protected_to="2021-12-31"),
    ]
    rows = [disputed("1"), disputed("2", paid_at="2021-04-14 10:00:00")]
    assert of(measured(rows, made), "coverage_id") == {"1": "new", "2": "old"}


def test_an_application_after_the_day_is_not_made_yet() -> None:
    made = [applied("c", at="2021-05-20 10:00:00", protected_from="2021-01-01")]
    assert as_text(measured([disputed("1")], made, "2021-05-19")["standing"]) == ["never_applied"]
    assert as_text(measured([disputed("1")], made, "2021-05-20")["standing"]) == ["approved"]


@pytest.mark.parametrize(
    ("day", "given", "review", "state"),
    [
        ("2021-05-10", "False", "not_submitted", "open"),
        ("2021-05-11", "False", "not_submitted", "open"),
        ("2021-05-12", "True", "pending", "open"),
        ("2021-05-14", "True", "pending", "open"),
        ("2021-05-15", "True", "approved", "protected"),
    ],
)
def test_what_is_submitted_or_approved_later_is_not_yet(
    day: str, given: str, review: str, state: str
) -> None:
    found = measured([disputed("1")], [applied("c")], day)
    assert as_text(found["evidence_given"]) == [given]
    assert as_text(found["evidence_review"]) == [review]
    assert as_text(chargeback.assess(found, RULES)["state"]) == [state]


def test_a_dispute_counts_from_its_day_on_the_rules_clock() -> None:
    rows = [disputed("1", disputed_at="2021-05-31 23:59:59"),
            disputed("2", disputed_at="2021-06-01 00:00:00"),
            disputed("3", disputed_at="2021-05-31")]  # fmt: skip
    assert set(measured(rows, [applied("c")])["dispute_id"]) == {"1", "3"}


def test_a_review_without_the_evidences_moment_speaks_for_it() -> None:
    rows = [
        disputed("undated", evidence_at=None, reviewed_at=None),
        disputed("dated", evidence_at=None),
        disputed("later", evidence_at=None, reviewed_at="2021-06-02 10:00:00"),
        disputed("none", evidence_at=None, reviewed_at=None, evidence_review=None),
    ]
    assert of(measured(rows, [applied("c")]), "evidence_review") == {
        "undated": "approved", "dated": "approved", "later": "not_submitted",
        "none": "not_submitted",
    }  # fmt: skip


def test_without_any_facts_of_evidence_it_is_not_known_what_was_submitted() -> None:
    row = disputed("1", evidence_at=None, reviewed_at=None, evidence_review=None)
    found = measured([row], [applied("c")])
    assert as_text(found["evidence_given_reason"]) == ["no_evidence_facts"]
    assert as_text(chargeback.assess(found, RULES)["unclear"]) == ["evidence,approval"]


def test_an_order_on_record_tells_what_the_dispute_does_not() -> None:
    order = {
        "order_id": "o", "merchant_id": "m", "received_usd": Decimal(500), "genuine": True,
        "via": "direct", "buyer_id": "b", **moment("paid_at", "2021-05-03 10:00:00"),
    }  # fmt: skip
    rows = [
        disputed("own", order_id="o", online_order=None, paid_at=None),
        disputed("anothers", merchant_id="n", order_id="o", online_order=None, paid_at=None),
    ]
    found = chargeback.measure(warehouse(rows, [applied("c")], [order]), DAY, RULES)
    assert of(found, "online_order") == {"own": "True", "anothers": ""}
    assert of(found, "paid_in_period")["own"] == "True"
    told = chargeback.of_orders(warehouse(rows, [applied("c")], [order]), DAY, RULES)
    assert told[["order_id", "merchant_id", "verdict"]].values.tolist() == [["o", "m", "protected"]]


def test_the_latest_dispute_of_an_order_is_told() -> None:
    order = {
        "order_id": "o", "merchant_id": "m", "received_usd": Decimal(500), "genuine": True,
        "via": "direct", "buyer_id": "b", **moment("paid_at", "2021-05-03 10:00:00"),
    }  # fmt: skip
    rows = [
        disputed("1", order_id="o"),
        disputed("2", order_id="o", disputed_at="2021-05-20 10:00:00", payment="not_card"),
    ]
    facts = warehouse(rows, [applied("c")], [order])
    told = chargeback.of_orders(facts, DAY, RULES, "o")
    assert told[["dispute_id", "verdict", "reason"]].values.tolist() == [
        ["2", "unprotected", "not_card_direct"]
    ]


# --- what became of applications ----------------------------------------------------------------


def standing(coverages: list[Row], day: str, disputes: list[Row] | None = None) -> pd.DataFrame:
    facts, on = warehouse(disputes or [], coverages), dt.date.fromisoformat(day)
    measures = chargeback.measure(facts, on, RULES)
    outcome = chargeback.assess(measures, RULES)
    return chargeback.details(facts, on, RULES, measures, outcome)["coverage"]


@pytest.mark.parametrize(
    ("day", "state", "may_apply"),
    [
        ("2021-04-30", "coming", "False"),
        ("2021-05-01", "active", "False"),
        ("2021-05-20", "active", "False"),
        ("2021-05-21", "ended", "True"),
    ],
)
def test_a_coverage_comes_holds_and_ends(day: str, state: str, may_apply: str) -> None:
    found = standing([applied("c", protected_from="2021-05-01", protected_to="2021-05-20")], day)
    assert as_text(found["state"]) == [state]
    assert as_text(found["may_apply"]) == [may_apply]
    assert as_text(found["from_on"]) == ["2021-05-01"]


@pytest.mark.parametrize(
    ("begins", "ends", "day", "state"),
    [
        # As of a day's last second: what ended at its noon is over, what ends with it is not.
        ("2021-05-01 12:00:00", "2021-05-20 12:00:00", "2021-04-30", "coming"),
        ("2021-05-01 23:59:59", "2021-05-20 12:00:00", "2021-05-01", "active"),
        ("2021-05-01 12:00:00", "2021-05-20 12:00:00", "2021-05-19", "active"),
        ("2021-05-01 12:00:00", "2021-05-20 12:00:00", "2021-05-20", "ended"),
        ("2021-05-01 12:00:00", "2021-05-20 23:59:58", "2021-05-20", "ended"),
        ("2021-05-01 12:00:00", "2021-05-20 23:59:59", "2021-05-20", "active"),
        ("2021-05-01 12:00:00", "2021-05-21 00:00:00", "2021-05-20", "active"),
        ("2021-05-01 12:00:00", "2021-05-21 00:00:00", "2021-05-21", "ended"),
    ],
)
def test_a_coverage_begins_and_ends_at_its_moments(
    begins: str, ends: str, day: str, state: str
) -> None:
    found = standing([applied("c", protected_from=begins, protected_to=ends)], day)
    assert as_text(found["state"]) == [state]
    at = dt.datetime.fromisoformat(ends).replace(tzinfo=ZONE)
    assert found["to_at"].tolist() == [pd.Timestamp(at)]
    (own,) = coverage.own_days(found).to_dict("records")
    assert (own["parameter"], own["at"]) == ("period_required", pd.Timestamp(at))


def test_an_end_that_is_only_a_day_has_no_time() -> None:
    found = standing([applied("c", protected_to="2021-05-20")], "2021-05-10")
    assert as_text(found["to_on"]) == ["2021-05-20"]
    assert found["to_at"].isna().all()
    assert coverage.own_days(found)["at"].isna().all()


@pytest.mark.parametrize(
    ("refused", "reminder"),
    [
        ("2021-05-31 23:59:59", "2021-06-01"),
        ("2021-06-01 00:00:00", "2021-07-01"),
        ("2021-12-15 10:00:00", "2022-01-01"),
    ],
)
def test_a_refusal_is_followed_by_an_e_mail_early_in_the_next_month(
    refused: str, reminder: str
) -> None:
    # 次月初如果符合开通条件，会有邮件提醒: the month after, on the rule's clock.
    found = standing([applied("c", at=refused, approved=False, limit_usd=None)], "2021-12-31")
    assert as_text(found["state"]) == ["refused"]
    assert as_text(found["reminder_month"]) == [reminder]
    assert as_text(found["left_usd_reason"]) == ["coverage_refused"]


@pytest.mark.slow
def test_what_came_last_decides_unless_a_coverage_holds() -> None:
    refused = {"approved": False, "limit_usd": None}
    passed_after = [
        applied("1", "2021-04-01 10:00:00", **refused),
        applied("2", "2021-05-01 10:00:00"),
    ]
    assert as_text(standing(passed_after, "2021-05-31")["coverage_id"]) == ["2"]
    refused_meanwhile = [
        applied("1", "2021-04-01 10:00:00"),
        applied("2", "2021-05-01 10:00:00", **refused),
    ]
    assert as_text(standing(refused_meanwhile, "2021-05-31")["coverage_id"]) == ["1"]
    ended_then_refused = [
        applied("1", "2021-02-01 10:00:00", protected_to="2021-04-30"),
        applied("2", "2021-05-05 10:00:00", **refused),
    ]
    assert as_text(standing(ended_then_refused, "2021-05-31")["state"]) == ["refused"]
    refused_then_ended = [
        applied("1", "2021-02-01 10:00:00", protected_to="2021-05-10"),
        applied("2", "2021-05-05 10:00:00", **refused),
    ]
    assert as_text(standing(refused_then_ended, "2021-05-31")["state"]) == ["ended"]


def test_used_and_left_are_the_coverages() -> None:
    rows = [disputed("1"), disputed("2", disputed_usd=Decimal("250.50"))]
    found = standing([applied("c"), applied("d", merchant_id="n")], "2021-05-31", rows)
    told = found.set_index("merchant_id")[["limit_usd", "used_usd", "left_usd"]]
    assert as_text(told.loc["m"]) == ["1000.00", "350.50", "649.50"]
    assert as_text(told.loc["n"]) == ["1000.00", "0.00", "1000.00"]


def test_nobody_applied() -> None:
    assert len(standing([], "2021-05-31", [disputed("1")])) == 0

"""Fees by both routes: every limit, singly and in one shuffled batch; the rules as printed."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.programmes import fees
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("fees")
DAYS = ["days_to_warehouse_out", "days_to_buyer_receipt", "days_to_automatic_receipt"]
OUTCOME = [
    "fee_platform_usd", "fee_offline_usd", "difference_by_rate_usd", "difference_by_cap_usd",
    "difference_usd", "capped", "fee_usd", "kept_usd", "missed_usd", "insurance_cny",
    "may_be_exempt", "limit_days_platform", "limit_days_offline", "limit_days", "fee_usd_reason",
    "insurance_cny_reason", "limit_days_reason",
]  # fmt: skip
BOOK = rulebook()
RULES = BOOK.on("2021-05-31")
SLIDE = "「平台物流权益介绍」"

# rule → value, status: the slide's two columns, and what is assumed where it is silent.
PRINTED = {
    "fees.platform_rate": (1, "in_force"),
    "fees.platform_cap": (100, "in_force"),
    "fees.offline_rate": (2, "in_force"),
    "fees.offline_cap": (None, "assumed"),
    "fees.privileged_routes": (["platform"], "in_force"),
    "fees.platform_insurance": (30000, "assumed"),
    "fees.offline_insurance": (None, "in_force"),
    "fees.platform_release": (["warehouse_out"], "in_force"),
    "fees.offline_release": (["buyer_receipt", "automatic_receipt"], "in_force"),
    "fees.platform_exemption": (True, "in_force"),
    "fees.offline_exemption": (False, "in_force"),
    "fees.platform_overdue_touches_stars": (False, "assumed"),
    "fees.offline_overdue_touches_stars": (True, "in_force"),
}


def measures(rows: pd.DataFrame) -> pd.DataFrame:
    given = rows[["received_usd", "route", *DAYS]]
    return given.assign(order_id=[f"o{i}" for i in range(len(rows))], merchant_id="m")


def found(outcome: pd.DataFrame) -> dict[str, list[str]]:
    flags = ("capped", "may_be_exempt")
    return {
        c: [text.lower() if c in flags else text for text in as_text(outcome[c])] for c in OUTCOME
    }


@pytest.mark.parametrize("case", CASES.index)
def test_single_row(case: str) -> None:
    row = CASES.loc[[case]]
    expected = {column: row[column].tolist() for column in OUTCOME}
    assert found(fees.assess(measures(row), RULES)) == expected


def test_shuffled_batch() -> None:
    rows = CASES.sample(frac=1, random_state=7)
    frame = measures(rows)
    before = frame.copy(deep=True)
    outcome = fees.assess(frame, RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    assert found(outcome) == {column: rows[column].tolist() for column in OUTCOME}
    pd.testing.assert_frame_equal(frame, before)


def test_every_value_is_the_slides() -> None:
    provisions = {p.rule: p for p in RULES.programme("fees").provisions()}
    spelled = {"fees.platform_names", "fees.offline_names"}
    assert provisions.keys() - spelled == PRINTED.keys()
    assert {rule: (provisions[rule].value, provisions[rule].status) for rule in PRINTED} == PRINTED
    assert {(p.source.text, p.since.isoformat()) for p in provisions.values()} == {
        (SLIDE, "2021-04-01")
    }
    assert all(provisions[rule].status == "assumed" for rule in spelled)


def test_half_off_is_half_the_rate_without_discount() -> None:
    # 信保手续费5折 and 1% are printed in one cell, 2% in the other: they agree.
    rates = RULES.programme("fees")
    assert Decimal(rates["platform_rate"]) * 100 == Decimal(rates["offline_rate"]) * 50


def test_the_fees_are_no_news_of_the_broadcast() -> None:
    with pytest.raises(NotInForceError, match="2021-04-01"):
        BOOK.on("2021-03-31").programme("fees")
    assert BOOK.on("2021-04-01").fingerprint("fees") == RULES.fingerprint("fees")


def test_the_cap_bites_at_ten_thousand_and_offline_nowhere() -> None:
    book = RULES.programme("fees")
    assert fees.cap_bites_at(book, "platform") == Decimal("10000.00")
    assert fees.cap_bites_at(book, "offline") is None


@pytest.mark.parametrize(
    ("changed", "route", "size"),
    [
        (
            {"platform_rate": 3},
            "platform",
            "3333.34",
        ),  # 3333.33 pays 99.9999: the next cent pays it
        ({"platform_cap": 150}, "platform", "15000.00"),
        ({"offline_cap": 300}, "offline", "15000.00"),
        ({"platform_rate": 0}, "platform", None),
    ],
)
def test_a_reform_moves_where_a_cap_bites(
    changed: dict[str, int], route: str, size: str | None
) -> None:
    book = reform(**changed).on("2021-05-31").programme("fees")
    assert fees.cap_bites_at(book, route) == (size and Decimal(size))


def reform(**changed: Any) -> Any:
    values = {name: {"values": {"2021-05-01": {"is": value}}} for name, value in changed.items()}
    return rulebook({"id": "fees", "parameters": values})


def test_a_cap_for_offline_logistics_would_let_off_what_exceeds_it() -> None:
    frame = measures(CASES.loc[["double the size"]])
    capped = fees.assess(frame, reform(offline_cap=300).on("2021-05-31"))
    # 400.00 stops at 300.00, 200.00 at 100.00: of 200.00 by the rate, 100 and 100 off cancel out.
    assert capped["fee_usd"].tolist() == [Decimal("300.00")]
    assert capped["difference_by_cap_usd"].tolist() == [Decimal("0.00")]
    assert capped["difference_usd"].tolist() == [Decimal("200.00")]


def test_what_releases_the_limit_is_the_rules() -> None:
    frame = measures(CASES.loc[["a round order by platform logistics"]])
    by_receipt = reform(platform_release=["buyer_receipt"]).on("2021-05-31")
    assert fees.assess(frame, by_receipt)["limit_days"].tolist() == [15]


def test_an_order_and_its_amount_are_enough() -> None:
    frame = pd.DataFrame({"order_id": ["a"], "merchant_id": ["m"], "received_usd": ["12000"]})
    (row,) = fees.assess(frame, RULES).to_dict("records")
    assert (row["fee_platform_usd"], row["fee_offline_usd"]) == (Decimal(100), Decimal(240))
    assert row["fee_usd_reason"] == "route_unknown"
    assert row["limit_days_platform_reason"] == "not_given"


@pytest.mark.parametrize("missing", ["order_id", "merchant_id", "received_usd"])
def test_a_missing_column_is_named(missing: str) -> None:
    with pytest.raises(MeasureError, match=missing):
        fees.assess(measures(CASES.iloc[[0]]).drop(columns=missing), RULES)


@pytest.mark.parametrize(
    ("column", "value"),
    [("received_usd", "-0.01"), ("received_usd", "lots"), ("route", "by sea"), ("order_id", None),
     ("days_to_buyer_receipt", -1)],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    frame = measures(CASES.iloc[[0]]).astype(object)
    frame[column] = [value]
    with pytest.raises(MeasureError, match=column):
        fees.assess(frame, RULES)


def test_explanation_names_rule_status_slide_and_whose_order_it_is() -> None:
    rows = fees.explain(measures(CASES.loc[["a dollar above", "double the size"]]), RULES)
    assert rows["subject"].tolist() == ["o0"] * 3 + ["o1"] * 3
    assert set(rows["merchant_id"]) == {"m"}
    cap, no_cap, route = rows.iloc[:3].to_dict("records")
    assert (cap["observed"], cap["required"], cap["gap"]) == ("100.01", "100.00", "0.01")
    assert (cap["met"], cap["rule"], cap["source"]) == (False, "fees.platform_cap", SLIDE)
    assert (no_cap["rule"], no_cap["status"]) == ("fees.offline_cap", "assumed")
    assert pd.isna(no_cap["met"]) and pd.isna(no_cap["required"])
    assert (route["observed"], route["met"]) == ("platform", True)
    assert (rows["observed"].iloc[3], rows["gap"].iloc[3]) == ("200.00", "100.00")

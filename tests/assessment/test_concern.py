"""Whom a programme concerns: anyone of whom it knows something."""

import pandas as pd
import pytest

from merchantkit.assessment import Assessment, assess_month, open_month
from merchantkit.assessment.concern import concerned, concerns, concerns_any
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.rulebook import rulebook

NOTHING = {
    "merchant_id": "a", "visitors_before": None, "visitors_during": None, "inquiries_before": None,
    "inquiries_during": None, "tm_before": None, "tm_during": None, "spend_cny": None,
    "enrolled": None, "ads_on": None, "counts_assumed": False,
    "visitors_before_reason": "no_traffic_facts",
}  # fmt: skip


@pytest.mark.parametrize(
    ("known", "concerns_it"),
    [
        ({}, False),
        ({"enrolled": False, "ads_on": False}, False),  # as everyone who did not enrol
        ({"enrolled": True}, True),
        ({"visitors_during": 0}, True),  # counted, and none came: known
        ({"spend_cny": "0.00"}, True),
        ({"merchant_id": "b"}, False),
    ],
)
def test_what_is_known_decides(known: dict[str, object], concerns_it: bool) -> None:
    row = {**NOTHING, **known}
    assert concerned("campaign", pd.DataFrame([row])).tolist() == [concerns_it]
    assert concerns_any("campaign", [row]) is concerns_it


def test_a_track_is_the_merchants_and_no_fact_of_the_index() -> None:
    row = {"merchant_id": "a", "track": "rts", "gmv_90d_usd": None, "free_quotes_granted": None,
           "free_quotes_used": None}  # fmt: skip
    assert concerned("rfq", pd.DataFrame([row])).tolist() == [False]
    assert concerned("rfq", pd.DataFrame([{**row, "free_quotes_used": 0}])).tolist() == [True]


def test_a_merchant_of_several_rows_is_concerned_by_any() -> None:
    board = pd.DataFrame([NOTHING, {**NOTHING, "enrolled": True}, {**NOTHING, "merchant_id": "b"}])
    assert concerns("campaign", board).to_dict() == {"a": True, "b": False}


@pytest.mark.slow
def test_rows_are_told_as_frames_are() -> None:
    whole = open_month("").assessment
    for name, month in whole.programmes.items():
        told = [concerns_any(name, [row]) for row in month.rows("measures")]
        assert told == concerned(name, month.measures).tolist()
        # Where orders, products, lines or disputes are measured, each row concerns its merchant.
        every = {"rfq", "fees", "fulfilment", "express", "quick_custom", "tariff", "chargeback"}
        assert len(set(told)) == (1 if name in every else 2)


@pytest.mark.slow
def test_who_is_not_concerned_has_no_part_of_the_programme_in_its_case() -> None:
    board = open_month("")
    # The demo's merchant that is only an id: no counts, and not enrolled.
    assert board.case("2100000022").programme("campaign") is None
    assert board.case("2100000022").programme("rfq") is not None  # no order is USD 0, and known
    # Enrolled without counts: the page says that the counts are missing.
    assert board.case("2100000015").programme("campaign") is not None


@pytest.mark.slow
def test_who_applied_is_concerned_without_any_dispute() -> None:
    board = open_month("")
    told = board.assessment.concerns()["chargeback"]
    # Covered and not disputed; passed and yet to begin; disputed and never covered; nothing at all.
    merchants = ["000123", "2100000008", "9007199254740992", "2100000022"]
    assert told[merchants].tolist() == [True, True, True, False]
    cases = [board.case(merchant).programme("chargeback") is not None for merchant in told.index]
    assert told.tolist() == cases


@pytest.mark.slow
def test_rules_of_a_programme_are_in_the_fingerprint_of_those_alone_whom_it_concerns() -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse)
    fewer = {"id": "campaign", "parameters": {"top_ranks": {"values": {"2021-05-01": {"is": 9}}}}}

    def month(overlay: object) -> Assessment:
        return assess_month(warehouse, "2021-05-31", rulebook(overlay).on("2021-05-31"))  # type: ignore[arg-type]

    one, other = month(None), month(fewer)
    before, after = one.fingerprints(), other.fingerprints()
    changed = set(before.index[before != after])
    flags = one.concerns()["campaign"]
    assert "2100000022" in set(flags.index[~flags])
    assert changed & set(flags.index[~flags]) == set()
    assert changed <= set(flags.index[flags])
    assert changed

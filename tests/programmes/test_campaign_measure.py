"""The campaign measured: who counts as enrolled, by whatever name an export gives the campaign."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import campaign

CODE = "recommendation_star_2021_05"


def warehouse(*enrolments: dict[str, Any]) -> Warehouse:
    """Return facts of merchants a, b and c, and these enrolments."""
    made = Warehouse.in_memory()
    whence = {"source_file": "t", "source_row": 2}
    facts = {
        "merchants": [{"merchant_id": merchant_id} for merchant_id in "abc"],
        "campaign_enrolments": [{"enrolled_at_is_date": False, **row} for row in enrolments],
    }
    with made.write() as connection:
        for name, rows in facts.items():
            stored = [{**whence, **row} for row in rows]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    return made


def enrolment(merchant_id: str, at: dt.datetime, name: str = CODE) -> dict[str, Any]:
    return {"merchant_id": merchant_id, "campaign": name, "enrolled_at": at, "ads_on": True}


def test_enrolment_is_open_from_the_first_to_the_last_second_of_may_in_los_angeles() -> None:
    # Daylight time: midnight there is 07:00 UTC.
    facts = warehouse(
        enrolment("a", dt.datetime(2021, 5, 1, 6, 59, 59)),
        enrolment("b", dt.datetime(2021, 5, 1, 7)),
        enrolment("c", dt.datetime(2021, 6, 1, 6, 59, 59)),
    )
    assert campaign.measure(facts, "2021-05-31")["enrolled"].tolist() == [False, True, True]
    late = warehouse(enrolment("a", dt.datetime(2021, 6, 1, 7)))
    assert campaign.measure(late, "2021-05-31")["enrolled"].tolist() == [False] * 3


@pytest.mark.parametrize(
    "name", [CODE, "5月推荐之星", "5月推荐之星活动", "May Recommendation Star"]
)
def test_an_export_may_call_the_campaign_as_the_slide_does(name: str) -> None:
    row = {**enrolment("a", dt.datetime(2021, 5, 9), name), "ads_on": False}
    measures = campaign.measure(warehouse(row), "2021-05-31")
    assert measures["enrolled"].tolist() == [True, False, False]
    assert measures["ads_on"].tolist() == [False] * 3


def test_one_merchant_under_two_names_stands_once() -> None:
    again = enrolment("a", dt.datetime(2021, 5, 9), "5月推荐之星")
    facts = warehouse(enrolment("a", dt.datetime(2021, 5, 8)), again)
    assert campaign.measure(facts, "2021-05-31")["merchant_id"].tolist() == ["a", "b", "c"]


def test_without_enrolment_facts_it_is_not_known_who_is_enrolled() -> None:
    other = enrolment("a", dt.datetime(2021, 5, 9), "六月活动")
    assert campaign.measure(warehouse(other), "2021-05-31")["enrolled"].isna().all()


def test_who_enrols_after_the_day_is_not_enrolled_yet() -> None:
    facts = warehouse(enrolment("a", dt.datetime(2021, 5, 25)))
    assert campaign.measure(facts, "2021-05-10")["enrolled"].tolist() == [False] * 3
    assert campaign.measure(facts, "2021-05-25")["enrolled"].tolist() == [True, False, False]

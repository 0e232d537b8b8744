"""What is measured for the star rating: month, record, lost records, and traffic by tool."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from merchantkit.facts import demo
from merchantkit.facts.demo.personas import PERSONAS
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import star
from merchantkit.rulebook import rulebook

MAY, APRIL = "2021-05-31", "2021-04-30"
# By hand from the scores in the demo's module and the public rule's cut-offs: stars or their range,
# then what 3 and what 5 points do.
READINGS = {
    "007": ((2, 2), "tied", "tied"),
    "NA": ((2, 2), "other_lowest", "other_lowest"),
    "null": ((0, 3), "no_cut_off", "other_holds"),  # 84 < 85; 86, but transaction is at 83.25
    "9007199254740993": ((2, 2), "no_cut_off", "no_cut_off"),  # 77, 79
    "9007199254740992": ((4, 4), "counted", "no_cut_off"),  # 83 without points, 86, 88
    "000123": ((5, 5), "top_star", "top_star"),
    "2100000007": ((2, 2), "track", "track"),
    "2100000008": ((0, 0), "other_holds", "other_holds"),
    "2100000009": ((0, 3), "marketing_unknown", "marketing_unknown"),
    "2100000011": ((2, 2), "lifts", "lifts"),
    "2100000012": ((2, 2), "other_holds", "other_holds"),
    "2100000014": ((3, 3), "track", "track"),
    "2100000016": ((0, 2), "may_lift", "may_lift"),
    "2100000017": ((2, 2), None, None),
}


def warehouse(**tables: list[dict[str, Any]]) -> Warehouse:
    tables.setdefault("merchants", [{"merchant_id": "a", "track": "customization"}])
    made = Warehouse.in_memory()
    with made.write() as connection:
        for name, rows in tables.items():
            known = {part.name: part for part in TABLES[name].fields}
            full = [
                {"source_file": "by hand", "source_row": n + 2, **row} for n, row in enumerate(rows)
            ]
            frame = pd.DataFrame(
                {
                    column: pd.array([row.get(column) for row in full], dtype=kind)
                    for column, kind in TABLES[name].dtypes.items()
                    if column in known
                }
            )
            upsert(connection, name, frame)
    return made


def record(day: str, hours: str | None, buyers: int | None = 3, **more: Any) -> dict[str, Any]:
    return {
        "merchant_id": "a", "day": dt.date.fromisoformat(day), "enquiring_buyers": buyers,
        "average_response_hours": None if hours is None else Decimal(hours), **more,
    }  # fmt: skip


def test_each_hand_made_merchant_reads_as_worked_out() -> None:
    made = Warehouse.in_memory()
    demo.fill(made, merchants=len(PERSONAS))
    outcome = star.assess(star.measure(made, MAY), rulebook().on(MAY))
    columns = ["merchant_id", "star_low", "star_high", "effect_tier_1", "effect_tier_2"]
    found = {
        row["merchant_id"]: (
            (row["star_low"], row["star_high"]),
            *(
                None if pd.isna(row[f"effect_tier_{n}"]) else row[f"effect_tier_{n}"]
                for n in (1, 2)
            ),
        )
        for row in outcome[columns].to_dict("records")
    }
    others = found.keys() - READINGS.keys()
    assert {merchant: found[merchant] for merchant in READINGS} == READINGS
    assert {found[merchant] for merchant in others} == {((0, 5), None, None)}


def test_scores_are_those_of_the_days_month() -> None:
    rows = [
        {"merchant_id": "a", "month": month, "marketing_score": Decimal(score)}
        for month, score in (("2021-04", "70.00"), ("2021-05", "80.00"), ("2021-06", "90.00"))
    ]
    made = warehouse(pillar_scores=rows)
    found = [star.measure(made, day)["marketing_score"].tolist() for day in (APRIL, "2021-05-01")]
    assert found == [[Decimal("70.00")], [Decimal("80.00")]]


def test_the_last_record_of_the_trends_days_is_read() -> None:
    rows = [record("2021-05-02", "2.00", leads=1), record("2021-05-30", "3.00", leads=2),
            record("2021-06-01", "4.00", leads=3)]  # fmt: skip
    made = warehouse(star_indicators=rows)
    assert star.measure(made, MAY)["leads"].tolist() == [2]
    assert star.measure(made, "2021-05-29")["leads"].tolist() == [1]
    # 30 days that end on 31 May begin on 2 May; on 1 May nothing was recorded.
    only_first = warehouse(star_indicators=rows[:1])
    assert star.measure(only_first, MAY)["leads"].tolist() == [1]
    gone = star.measure(only_first, "2021-06-01", rulebook().on(MAY))
    assert gone["leads"].isna().all()
    assert gone["average_response_hours_reason"].tolist() == ["no_star_indicators"]


@pytest.mark.parametrize(
    ("day", "hours", "buyers", "shown", "why"),
    [
        ("2021-04-06", "0.00", 4, None, "record_missing"),
        ("2021-04-06", "0.00", 0, None, "no_enquiries"),
        ("2021-04-06", "5.50", 4, "5.50", None),  # from 数据分析—员工分析, not from the trend
        ("2021-04-07", "0.00", 4, "0.00", None),
        ("2021-04-07", "0.00", 0, None, "no_enquiries"),
        ("2021-04-07", "0.00", None, None, "zero_without_enquiries"),
        ("2021-04-08", "0.00", 4, "0.00", None),
    ],
)
def test_a_zero_before_7_april_is_missing(
    day: str, hours: str, buyers: int | None, shown: str | None, why: str | None
) -> None:
    made = warehouse(star_indicators=[record(day, hours, buyers)])
    rules = rulebook().on(APRIL)
    expected = [None if shown is None else Decimal(shown), why]
    row = star.trend(made, dt.date(2021, 4, 30), rules).iloc[0]
    outcome = star.assess(star.measure(made, APRIL), rules).iloc[0]
    for found in (row, outcome):
        values = [found["response_hours"], found["response_hours_reason"]]
        assert [None if pd.isna(value) else value for value in values] == expected


def test_the_trend_has_thirty_days() -> None:
    days = pd.date_range("2021-03-25", "2021-05-02").strftime("%Y-%m-%d")
    made = warehouse(star_indicators=[record(day, "1.00") for day in days])
    found = star.trend(made, dt.date(2021, 4, 30), rulebook().on(APRIL))
    assert (len(found), str(found["day"].min())[:10]) == (30, "2021-04-01")


def test_tools_without_a_row_have_no_visits_where_others_have() -> None:
    rows = [
        {"merchant_id": "a", "month": "2021-05", "tool": "p4p", "visits": 7},
        {"merchant_id": "a", "month": "2021-04", "tool": "fans", "visits": 9},
    ]
    made = warehouse(merchants=[{"merchant_id": "a"}, {"merchant_id": "b"}], marketing_traffic=rows)
    found = star.measure(made, MAY)[list(star.TRAFFIC)]
    assert found.iloc[0].tolist() == [7, 0, 0, 0, 0, 0]
    assert found.iloc[1].isna().all()

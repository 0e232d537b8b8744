"""Export lines of a month with what the schedule says: the demo's, by hand; days and countries."""

import datetime as dt

import pandas as pd
import pytest

import merchantkit as mk
from merchantkit.facts.tariff.countries import country
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff.measuring import described
from merchantkit.programmes.tariff.schedule import schedule
from tests.programmes.casebook import as_text

RULES = mk.rulebook().on("2021-05-31")

# Worked out by hand in facts/demo/tariff.py: line → base, added, why no total.
DEMO = {
    "X00000001": ("115.00", "75.00", ""),
    "X00000002": ("93.60", "0.00", ""),
    "X00000003": ("66.97", "250.00", ""),
    "X00000004": ("", "", "several_candidates"),
    "X00000005": ("", "", "destination_without_schedule"),
    "X00000006": ("0.00", "225.00", ""),
    "X00000007": ("", "", "code_retired"),
    "X00000008": ("13.88", "30.00", ""),
    "X00000009": ("", "250.00", "quantity_needed"),
    "X00000010": ("330.00", "0.00", ""),
}


@pytest.fixture(scope="module")
def demo() -> Warehouse:
    return mk.demo()


def test_the_demos_lines_are_those_worked_by_hand(demo: Warehouse) -> None:
    outcome = tariff.assess(tariff.measure(demo, "2021-05-31"), RULES)
    mine = outcome[outcome["line_id"].isin(DEMO)].sort_values("line_id")
    columns = ("base_duty_usd", "added_duty_usd", "duty_usd_reason")
    found = zip(*(as_text(mine[column]) for column in columns), strict=True)
    assert dict(zip(mine["line_id"], found, strict=True)) == DEMO


def test_measures_say_which_schedule_and_which_row(demo: Warehouse) -> None:
    lines = tariff.measure(demo, "2021-05-31").set_index("line_id")
    dress = lines.loc["X00000001"]
    assert (dress["us_code"], dress["rate_row"]) == ("6104.42.00", "6104.42.00")
    assert (dress["edition"], str(dress["edition_dated"])) == (
        "us-2025-basic-excerpt", "2025-01-01",
    )  # fmt: skip
    assert lines.loc["X00000004", "general_rate_reason"] == "several_candidates"
    assert pd.isna(lines.loc["X00000004", "us_code"])


def test_lines_to_another_country_have_no_rate_of_this_one(demo: Warehouse) -> None:
    """Also where the rules know that country: an edition has one country's duties."""
    line = tariff.measure(demo, "2021-05-31").set_index("line_id").loc["X00000005"]
    for name in ("general_rate", "special_rate", "column_2_rate", "added_headings"):
        assert pd.isna(line[name])
    assert line["general_rate_reason"] == "destination_without_schedule"
    overlay = {
        "id": "tariff",
        "parameters": {"ruled_destinations": {"values": {"2021-04-01": {"is": ["US", "DE"]}}}},
    }
    rules = mk.rulebook(overlay).on("2021-05-31")
    outcome = tariff.assess(tariff.measure(demo, "2021-05-31", rules), rules).set_index("line_id")
    assert pd.isna(outcome.loc["X00000005", "duty_usd"])
    assert outcome.loc["X00000005", "duty_usd_reason"] == "destination_without_schedule"


def test_measures_point_to_exclusions_and_provisions_of_a_line_or_of_some_below() -> None:
    """By the schedule: 3926.90.99.10 has "See 9903.88.69." in its description, …99 has not."""
    own = schedule()
    keys = ("3926.90.99.10 us", "3926.90.99 us", "6104.42.00 us", "3926909090 cn", "6104420000 cn")
    told = described(own, keys, RULES.programme("tariff"))
    names = ("may_be_excluded", "may_be_excluded_below", "other_provisions")
    assert [tuple(told[key][name] for name in names) for key in keys] == [
        ("9903.88.69", None, None), (None, "9903.88.69", None), (None, None, None),
        (None, None, None), (None, None, None),
    ]  # fmt: skip


def test_a_measured_month_has_the_columns_of_the_contract(demo: Warehouse) -> None:
    lines = tariff.measure(demo, "2021-05-31")
    assert set(tariff.COLUMNS) | set(tariff.OPTIONAL) <= set(lines.columns)
    assert str(lines["may_be_excluded"].dtype) == str(lines["other_provisions"].dtype)
    # One that lacks them is a line without such footnotes.
    names = ["may_be_excluded", "may_be_excluded_below"]
    pd.testing.assert_frame_equal(
        tariff.assess(lines.drop(columns=names), RULES), tariff.assess(lines, RULES)
    )


def test_the_outcome_tells_a_heading_that_covers_certain_goods_only() -> None:
    lines = pd.DataFrame(
        {"line_id": ["1", "2", "3"], "merchant_id": "m", "origin": ["CN", "CN", "VN"],
         "destination": "US", "value_usd": "1000", "general_rate": "3.7%",
         "added_headings": ["9903.88.04", "9903.88.03", "9903.88.04"]}
    )  # fmt: skip
    outcome = tariff.assess(lines, RULES)
    assert outcome["added_in_part"].tolist() == [True, False, False]
    assert str(outcome["added_in_part"].dtype) == "boolean"
    # List 3 in part is on record from 24 September 2018
    early = tariff.assess(lines, mk.rulebook().on("2018-09-23"))
    assert early["added_in_part"].tolist() == [False, False, False]


def test_one_lines_slip_stops_nobodys_month() -> None:
    warehouse = mk.demo()
    with warehouse.write() as connection:
        connection.execute(
            "UPDATE export_lines SET value_usd = 1000000000000 WHERE line_id = 'X00000001'"
        )
        connection.execute(
            "UPDATE export_lines SET quantity_1 = 10000000000 WHERE line_id = 'X00000003'"
        )
    outcome = tariff.assess(tariff.measure(warehouse, "2021-05-31"), RULES).set_index("line_id")
    assert outcome.loc["X00000001", "duty_usd_reason"] == "beyond_money"
    assert outcome.loc["X00000003", "duty_usd_reason"] == "quantity_needed"
    assert outcome["duty_usd"].notna().any()


def test_a_country_that_nobody_knows_is_told_as_that_and_as_it_was_written() -> None:
    warehouse = mk.demo()
    with warehouse.write() as connection:
        connection.execute("UPDATE export_lines SET origin = 'Cathay' WHERE line_id = 'X00000001'")
        connection.execute(
            "UPDATE export_lines SET destination = '欧盟' WHERE line_id = 'X00000002'"
        )
        connection.execute("UPDATE export_lines SET origin = NULL WHERE line_id = 'X00000003'")
    lines = tariff.measure(warehouse, "2021-05-31").set_index("line_id", drop=False)
    assert lines.loc["X00000001", "origin"] == "Cathay"
    assert lines.loc["X00000002", "destination"] == "欧盟"
    names = ["X00000001", "X00000002", "X00000003"]
    outcome = tariff.assess(lines, RULES)
    told = ["country_unknown", "country_unknown", "not_given"]
    assert outcome.loc[names, "duty_usd_reason"].tolist() == told
    # The same lines as text, without what measuring says beside them, are judged alike.
    bare = lines[[*tariff.COLUMNS, "special_rate", "added_headings"]].loc[names]
    assert tariff.assess(bare, RULES)["duty_usd_reason"].tolist() == told


def test_a_month_is_counted_up_to_the_day(demo: Warehouse) -> None:
    # X00000001 left on 5 May, X00000002 on the 10th.
    for day, there in (("2021-05-04", False), ("2021-05-05", True), ("2021-06-05", False)):
        assert ("X00000001" in set(tariff.measure(demo, day)["line_id"])) is there
    until = tariff.measure(demo, dt.date(2021, 5, 10))
    assert until["exported_on"].max() == dt.date(2021, 5, 10)


def test_no_lines_at_all_are_an_empty_month() -> None:
    lines = tariff.measure(Warehouse.in_memory(), "2021-05-31")
    outcome = tariff.assess(lines, RULES)
    assert len(lines) == len(outcome) == len(tariff.summary(outcome)) == 0
    assert len(tariff.explain(lines, RULES)) == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("中国", "CN"), ("中国大陆", "CN"), ("cn", "CN"), ("Mainland China", "CN"), ("美国", "US"),
        ("U.S.A.", "US"), ("United States", "US"), ("德国", "DE"), ("Viet Nam", "VN"),
        ("越南", "VN"), ("European Union", None), ("Atlantis", None), ("", None), ("C", None),
    ],
)  # fmt: skip
def test_countries_as_exports_write_them(text: str, code: str | None) -> None:
    assert country(text) == code


def test_of_each_merchant_the_line_with_the_most_duty_is_explained(demo: Warehouse) -> None:
    outcome = tariff.assess(tariff.measure(demo, "2021-05-31"), RULES)
    told = outcome[tariff.noteworthy(outcome)]
    assert sorted(told["merchant_id"]) == sorted(set(outcome["merchant_id"]))
    assert "X00000003" in set(told["line_id"])  # 316.97

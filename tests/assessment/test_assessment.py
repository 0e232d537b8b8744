"""The month computed once: what is written is what is read, and a slice is one merchant's alone."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from merchantkit.assessment import Assessment, assess_month, demo_month, open_case, open_month
from merchantkit.assessment.parts import merchant_column
from merchantkit.errors import NotInForceError, ReportError
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.rulebook import rulebook


@pytest.fixture(scope="module")
def month() -> Assessment:
    return demo_month()[0]


def frames(assessment: Assessment) -> dict[str, pd.DataFrame]:
    return {
        f"{name}.{part}": frame.reset_index(drop=True)
        for name, programme in assessment.programmes.items()
        for part, _, frame in programme.frames()
    }


@pytest.mark.slow
def test_written_and_read_back_it_is_the_same(month: Assessment, tmp_path: Path) -> None:
    month.write(tmp_path)
    again = Assessment.read(tmp_path)
    assert (again.month, again.day, again.rules_day) == (month.month, month.day, month.rules_day)
    for name, frame in frames(again).items():
        made = frames(month)[name]
        made = made.sort_values(merchant_column(made), kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(frame, made, check_dtype=False)


@pytest.mark.slow
def test_a_slice_of_the_files_is_one_merchants_rows(month: Assessment, tmp_path: Path) -> None:
    month.write(tmp_path)
    mine = Assessment.read(tmp_path, "007")
    for name, frame in frames(mine).items():
        column = merchant_column(frame)
        assert set(frame[column]) <= {"007"}, name
        pd.testing.assert_frame_equal(frame, frames(month.slice("007"))[name], check_dtype=False)


def test_an_id_that_is_not_there_is_a_clear_error(month: Assessment, tmp_path: Path) -> None:
    month.write(tmp_path)
    with pytest.raises(ReportError, match="'7'"):
        open_case(tmp_path, "7")


def test_an_unfinished_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no finished assessment"):
        open_month(tmp_path)


@pytest.mark.slow
def test_a_fingerprint_changes_with_the_merchants_own_facts_only(month: Assessment) -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse)
    with warehouse.write() as connection:
        connection.execute(
            "UPDATE orders SET received_usd = received_usd + 0.01 WHERE order_id = "
            "(SELECT min(order_id) FROM orders WHERE merchant_id = '007' AND genuine"
            " AND paid_at >= TIMESTAMP '2021-05-01')"
        )
    changed = assess_month(warehouse, month.day, rulebook().on(month.day)).fingerprints()
    before = month.fingerprints()
    assert before.index.tolist() == changed.index.tolist()
    assert before.index[before != changed].tolist() == ["007"]


@pytest.mark.slow
def test_two_runs_have_the_same_fingerprints(month: Assessment) -> None:
    assert month.fingerprints().equals(demo_month()[0].fingerprints())


def test_a_parameter_that_an_overlay_ended_is_an_error_not_a_programme_left_out() -> None:
    ended = {"id": "rfq", "parameters": {"tier_2_gmv": {"values": {dt.date(2021, 5, 1): None}}}}
    rules = rulebook(ended).on("2021-05-31")
    with pytest.raises(NotInForceError, match=r"rfq\.tier_2_gmv does not hold on 2021-05-31"):
        assess_month(Warehouse.in_memory(), "2021-05-31", rules)


@pytest.mark.slow
def test_a_programme_that_is_not_in_force_is_absent_with_the_remedy() -> None:
    april = demo_month("2021-05", "2021-04-30")[0]
    assert "campaign" not in april.programmes
    assert "rfq" in april.programmes
    assert "2021-05-01" in april.absent["campaign"]


@pytest.mark.slow
def test_a_case_in_memory_holds_one_merchant() -> None:
    case = open_case("", "NA")
    assert case.merchant["merchant_id"] == "NA"
    rfq = case.programme("rfq")
    assert rfq is not None
    assert rfq.outcome["tier"].tolist() == [1]


@pytest.mark.slow
def test_a_merchant_that_is_only_an_id_has_none_where_nothing_is_known() -> None:
    case = open_case("", "2100000022")
    assert case.merchant["company_name"] is None
    assert case.merchant["merchant_id"] == "2100000022"


@pytest.mark.slow
def test_only_what_is_asked_for_is_assessed_and_as_among_the_others(month: Assessment) -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse)
    found = assess_month(warehouse, month.day, rulebook().on(month.day), only=("rfq",))
    assert (list(found.programmes), found.absent) == (["rfq"], {})
    pd.testing.assert_frame_equal(found.programmes["rfq"].outcome, month.programmes["rfq"].outcome)

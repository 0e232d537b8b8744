"""The mapping of a real foreign export: counted again by hand, with csv and Decimal."""

import csv
import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from merchantkit.facts.intake import FileReport, import_facts
from merchantkit.facts.warehouse import Warehouse

STOCK, NO_QUOTE = "SCMS from RDC", "Pre-PQ Process"


def load(path: Path) -> tuple[Warehouse, FileReport]:
    warehouse = Warehouse.in_memory()
    (report,) = import_facts(warehouse, path, mapping="scms").files
    return warehouse, report


def accepted(path: Path) -> list[dict[str, str]]:
    """The lines of the real file that should load, by nothing but the issue's words."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    return [
        line
        for line in lines
        if line["vendor"] != STOCK and line["po sent to vendor date"] != "Date Not Captured"
    ]


def totals(lines: Iterable[dict[str, str]]) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        value = Decimal(line["line item value"])
        found[line["po / so #"]] += value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return dict(found)


@pytest.fixture(scope="module")
def excerpt() -> tuple[Warehouse, FileReport]:
    return load(Path(__file__).parents[1] / "data" / "scms_excerpt.csv")


@pytest.mark.slow
def test_the_excerpt_adds_up(excerpt: tuple[Warehouse, FileReport]) -> None:
    _, report = excerpt
    assert (report.read, report.loaded, report.rejected, report.excluded) == (11, 6, 2, 3)
    assert report.rejected_for == {"missing": 1, "not_a_number": 1}
    assert report.excluded_for == {"duplicate": 1, "internal_stock": 2}
    assert [(each.table, each.lines, each.rows) for each in report.tables] == [
        ("merchants", 6, 2),
        ("quotes", 5, 3),
        ("orders", 6, 4),
    ]


def test_an_order_is_the_sum_of_its_lines(excerpt: tuple[Warehouse, FileReport]) -> None:
    warehouse, _ = excerpt
    orders = warehouse.frame(
        "SELECT order_id, merchant_id, buyer_id, quote_id, via, paid_at, "
        "received_usd::VARCHAR AS usd, logistics, source_row FROM orders ORDER BY order_id"
    )
    kestrel, lapwing = "Kestrel Diagnostics, Ltd.", "Lapwing Pharma S.A."
    november, april = dt.datetime(2012, 11, 30), dt.datetime(2013, 4, 9)
    may, quoted = dt.datetime(2013, 5, 31), "quote_management"
    by_hand = [
        ("SCMS-9001", kestrel, "Ghana", f"FPQ-901 | {kestrel}", quoted, april, "1250.15", "Air", 2),
        ("SCMS-9002", lapwing, "Ghana", f"FPQ-901 | {lapwing}", quoted, april, "600.40", "Air", 4),
        ("SCMS-9003", lapwing, "Côte d'Ivoire", None, "direct", november, "75.00", None, 5),
        ("SCMS-9005", kestrel, "Haiti", f"FPQ-902 | {kestrel}", quoted, may, "0.02", "Air", 9),
    ]
    found = orders.astype(object).where(orders.notna(), None)
    assert [tuple(record) for record in found.to_numpy()] == by_hand
    assert warehouse.frame("SELECT bool_and(genuine AND paid_at_is_date) AS a FROM orders")[
        "a"
    ].all()


def test_a_quote_belongs_to_its_vendor_and_buyer(excerpt: tuple[Warehouse, FileReport]) -> None:
    warehouse, _ = excerpt
    quotes = warehouse.frame("SELECT * FROM quotes ORDER BY rfq_id, merchant_id")
    assert quotes["rfq_id"].tolist() == ["FPQ-901", "FPQ-901", "FPQ-902"]
    assert quotes["buyer_id"].tolist() == ["Ghana", "Ghana", "Haiti"]
    assert quotes["quoted_at"].tolist() == [
        dt.datetime(2013, 3, 4),
        dt.datetime(2013, 3, 4),
        dt.datetime(2013, 5, 2),
    ]
    assert warehouse.frame("SELECT track FROM merchants")["track"].isna().all()


def test_rejected_lines_say_row_column_value_and_reason(
    excerpt: tuple[Warehouse, FileReport],
) -> None:
    warehouse, _ = excerpt
    rejects = warehouse.frame(
        "SELECT source_row, column_name, value, reason, merchant_id FROM rejects "
        "ORDER BY source_row"
    )
    assert rejects.to_numpy().tolist() == [
        [6, "po sent to vendor date", "Date Not Captured", "missing", "Plover Labs"],
        [12, "received_usd", "12,5", "not_a_number", "=Finch & Sons"],
    ]


@pytest.fixture(scope="module")
def whole_path(outside_data: Path) -> Path:
    path = outside_data / "SCMS_Delivery_History_Dataset.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not in {outside_data}")
    return path


@pytest.fixture(scope="module")
def whole(whole_path: Path) -> tuple[Warehouse, FileReport, float]:
    start = time.perf_counter()
    warehouse, report = load(whole_path)
    return warehouse, report, time.perf_counter() - start


@pytest.mark.slow
def test_the_whole_file_adds_up(whole: tuple[Warehouse, FileReport, float]) -> None:
    _, report, _ = whole
    assert (report.read, report.loaded, report.rejected, report.excluded) == (
        *(10_324, 4_592, 328, 5_404),
    )
    assert report.rejected_for == {"missing": 328}
    assert report.excluded_for == {"internal_stock": 5_404}
    assert {each.table: each.rows for each in report.tables} == {
        "merchants": 68,
        "quotes": 1_318,
        "orders": 2_694,
    }


@pytest.mark.slow
def test_the_whole_file_agrees_with_a_count_by_hand(
    whole: tuple[Warehouse, FileReport, float], whole_path: Path
) -> None:
    warehouse, _, _ = whole
    lines = accepted(whole_path)
    orders = warehouse.frame("SELECT order_id, received_usd, quote_id, merchant_id FROM orders")
    loaded = dict(zip(orders["order_id"], orders["received_usd"], strict=True))
    assert loaded == totals(lines)
    assert sum(loaded.values()) == Decimal("530408701.33")
    assert set(orders["merchant_id"]) == {line["vendor"] for line in lines}
    quoted = {line["po / so #"] for line in lines if line["pq #"] != NO_QUOTE}
    assert set(orders.loc[orders["quote_id"].notna(), "order_id"]) == quoted
    assert len(quoted) == 2_179
    pairs = {(line["pq #"], line["vendor"]) for line in lines if line["pq #"] != NO_QUOTE}
    quotes = warehouse.frame("SELECT rfq_id, merchant_id FROM quotes")
    assert set(zip(quotes["rfq_id"], quotes["merchant_id"], strict=True)) == pairs


def test_every_order_with_a_quote_rests_on_one_of_its_merchant_and_buyer(
    whole: tuple[Warehouse, FileReport, float],
) -> None:
    warehouse, _, _ = whole
    found = warehouse.frame(
        "SELECT count(*) AS n FROM orders o JOIN quotes q "
        "USING (quote_id, merchant_id, buyer_id) WHERE o.paid_at IS NOT NULL"
    )
    assert found["n"].tolist() == [2_179]


def test_the_whole_file_takes_seconds(whole: tuple[Warehouse, FileReport, float]) -> None:
    assert whole[2] < 10

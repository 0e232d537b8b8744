"""The sheets of one workbook: each keeps its own rejects, also after a mend and an older kit."""

import csv
from pathlib import Path

import openpyxl
import pytest

from merchantkit.facts.intake import FileReport, import_facts
from merchantkit.facts.intake.mapping import Mapping
from merchantkit.facts.intake.rejects import forget_in_files, rejects_path
from merchantkit.facts.warehouse import Warehouse

HEADERS = ["order_id", "merchant_id", "via", "paid_at", "received_usd", "genuine"]
Line = list[str]


def order(order_id: str, day: str, merchant: str = "m1") -> Line:
    return [order_id, merchant, "direct", day, "10", "yes"]


def mapping(sheet: str, *date_formats: str) -> Mapping:
    """One for a sheet; how it writes dates is what is mended."""
    columns = {name: {"header": name} for name in HEADERS}
    blocks = {"orders": {"columns": columns}}
    return Mapping.model_validate(
        {"name": "sheets", "sheet": sheet, "date_formats": date_formats, "tables": blocks}
    )


def workbook(path: Path, **sheets: list[Line]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def bring(warehouse: Warehouse, path: Path, given: Mapping) -> FileReport:
    (report,) = import_facts(warehouse, path, mapping=given).files
    return report


def rejected(warehouse: Warehouse) -> list[list[str]]:
    rows = "SELECT file_name, value FROM rejects ORDER BY file_name, source_row"
    found: list[list[str]] = warehouse.frame(rows).to_numpy().tolist()
    return found


def kept_in(report: FileReport) -> list[str]:
    assert report.rejects_file is not None
    with report.rejects_file.open(encoding="utf-8-sig", newline="") as stream:
        return [line["value"] for line in csv.DictReader(stream)]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse.open(tmp_path / "w.duckdb", create=True)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    april = [HEADERS, order("1", "5/6/2021"), order("2", "2021-04-01")]
    return workbook(tmp_path / "b.xlsx", april=april, may=[HEADERS, order("3", "31.5.2021", "m3")])


def test_the_second_sheet_leaves_the_rejects_of_the_first(warehouse: Warehouse, book: Path) -> None:
    april = bring(warehouse, book, mapping("april"))
    may = bring(warehouse, book, mapping("may"))
    assert rejected(warehouse) == [["b.xlsx/april", "5/6/2021"], ["b.xlsx/may", "31.5.2021"]]
    assert (kept_in(april), kept_in(may)) == (["5/6/2021"], ["31.5.2021"])
    assert warehouse.path is not None
    assert forget_in_files(warehouse.path, "m3").removed == 1
    assert warehouse.forget("m3") == {"rejects": 1}
    assert (kept_in(april), kept_in(may)) == (["5/6/2021"], [])


def test_a_sheet_that_is_mended_takes_its_own_rejects_away(
    warehouse: Warehouse, book: Path
) -> None:
    april = bring(warehouse, book, mapping("april"))
    may = bring(warehouse, book, mapping("may"))
    assert bring(warehouse, book, mapping("april", "m/d/yyyy")).rejected == 0
    assert rejected(warehouse) == [["b.xlsx/may", "31.5.2021"]]
    assert april.rejects_file is not None
    assert not april.rejects_file.exists()
    assert kept_in(may) == ["31.5.2021"]


def test_a_file_is_known_by_what_it_holds_not_by_its_name(warehouse: Warehouse, book: Path) -> None:
    bring(warehouse, book, mapping("april"))
    bring(warehouse, book.rename(book.with_name("c.xlsx")), mapping("april"))
    assert rejected(warehouse) == [["c.xlsx/april", "5/6/2021"]]


def test_sheets_whose_names_look_alike_have_files_of_their_own() -> None:
    places = {
        rejects_path(Path("w.duckdb"), Path("b.xlsx"), "0" * 64, name)
        for name in ("四月 1", "四月?1")
    }
    assert len({place.name for place in places}) == 2


def test_a_workbook_of_one_sheet_is_called_by_its_name(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    book = workbook(tmp_path / "b.xlsx", april=[HEADERS, order("1", "5/6/2021")])
    report = bring(warehouse, book, mapping("april"))
    assert rejected(warehouse) == [["b.xlsx", "5/6/2021"]]
    assert report.rejects_file is not None
    assert report.rejects_file.name == f"b-{report.sha256[:8]}.csv"


@pytest.mark.parametrize(
    ("table", "left"), [("orders", False), ("orders+quotes", False), ("quotes", True)]
)
def test_rejects_of_an_earlier_kit_go_with_the_sheet_that_fills_their_table(
    warehouse: Warehouse, book: Path, table: str, left: bool
) -> None:
    report = bring(warehouse, book, mapping("april"))
    assert warehouse.path is not None
    older = rejects_path(warehouse.path, book, report.sha256)
    older.write_text("as an earlier kit wrote it", encoding="utf-8")
    with warehouse.write() as connection:
        connection.execute(
            "UPDATE rejects SET file_name = 'b.xlsx', table_name = $table, value = 'older'",
            {"table": table},
        )
    bring(warehouse, book, mapping("april"))
    assert (["b.xlsx", "older"] in rejected(warehouse)) is left
    assert ["b.xlsx/april", "5/6/2021"] in rejected(warehouse)
    assert older.exists() is left

"""A file that lacks columns: what is stored there stays, in an import as in a dry run."""

import csv
from pathlib import Path

import pytest

from merchantkit.facts.intake import FileReport, ImportReport, import_facts
from merchantkit.facts.intake.mapping import Mapping
from merchantkit.facts.warehouse import Warehouse

FULL = ["merchant_id", "company_name", "track", "region"]
INDUSTRY = ["merchant_id", "company_name", "main_industry"]
JOINED = ["merchant_id", "joined_on", "region"]


def write(path: Path, *lines: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    return path


def merchants(warehouse: Warehouse) -> dict[str, tuple[str | None, ...]]:
    frame = warehouse.frame(
        "SELECT merchant_id, company_name, track, region, main_industry FROM merchants"
    ).astype(object)
    return {row[0]: row[1:] for row in frame.where(frame.notna(), None).itertuples(index=False)}


def counts(report: FileReport) -> tuple[int, int, int]:
    return report.inserted, report.replaced, report.unchanged


@pytest.fixture(params=["a file", "in memory"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    if request.param == "in memory":
        return Warehouse.in_memory()
    return Warehouse.open(tmp_path / "w.duckdb", create=True)


def test_columns_that_a_file_does_not_have_stay_as_they_were(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = write(tmp_path / "m1.csv", FULL, ["007", "甲", "定制", "华南"], ["8", "乙", "RTS", ""])
    import_facts(warehouse, first)
    second = write(tmp_path / "m2.csv", INDUSTRY, ["007", "甲", "五金"], ["9", "丙", "家具"])
    (report,) = import_facts(warehouse, second).files
    assert counts(report) == (1, 1, 0)
    assert merchants(warehouse) == {
        "007": ("甲", "customization", "华南", "五金"),
        "8": ("乙", "rts", None, None),
        "9": ("丙", None, None, "家具"),
    }
    assert {"track", "region"} <= set(report.kept["merchants"])
    assert not {"merchant_id", "company_name", "main_industry"} & set(report.kept["merchants"])
    came_from = warehouse.frame("SELECT source_file FROM merchants WHERE merchant_id = '007'")
    assert came_from["source_file"].tolist() == [report.sha256]


def test_an_empty_cell_empties_what_was_there(warehouse: Warehouse, tmp_path: Path) -> None:
    import_facts(warehouse, write(tmp_path / "m1.csv", FULL, ["007", "甲", "定制", "华南"]))
    emptied = write(tmp_path / "m2.csv", FULL[:2] + FULL[3:], ["007", "甲", ""])
    (report,) = import_facts(warehouse, emptied).files
    assert counts(report) == (0, 1, 0)
    assert merchants(warehouse) == {"007": ("甲", "customization", None, None)}


def test_what_a_file_repeats_is_unchanged_whatever_else_is_known(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = write(tmp_path / "m1.csv", FULL, ["007", "甲", "定制", "华南"])
    import_facts(warehouse, first)
    (report,) = import_facts(warehouse, write(tmp_path / "m2.csv", FULL[:2], ["007", "甲"])).files
    assert counts(report) == (0, 0, 1)
    assert report.kept == {}
    # Nor does a day, stored as two columns, count as emptied where nobody speaks of it.
    joined = write(tmp_path / "m3.csv", JOINED, ["007", "2020-05-01", "华南"])
    assert counts(import_facts(warehouse, joined).files[0]) == (0, 1, 0)
    assert counts(import_facts(warehouse, first).files[0]) == (0, 0, 1)
    found = warehouse.frame("SELECT joined_on::VARCHAR AS day FROM merchants")
    assert found["day"].tolist() == ["2020-05-01"]


def every_count(report: ImportReport) -> list[tuple[int, int, int]]:
    return [counts(file) for file in report.files]


def test_a_dry_run_meets_what_earlier_files_keep(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = ["007", "甲", "定制", "华南"], ["8", "乙", "RTS", "华东"]
    import_facts(warehouse, write(tmp_path / "m1.csv", FULL, *lines))
    files = [
        # 007 changes, 8 says what is there, 9 is new; all keep track and region.
        write(tmp_path / "m2.csv", INDUSTRY[:2], ["007", "丁"], ["8", "乙"], ["9", "丙"]),
        # 007 and 8 are what is known of them by now, 9 hears of its track.
        write(tmp_path / "m3.csv", FULL[::2], ["007", "定制"], ["8", "RTS"], ["9", "RTS"]),
        write(tmp_path / "m4.csv", FULL, ["007", "丁", "定制", "华南"], ["8", "乙", "RTS", "华北"]),
    ]
    dry = import_facts(warehouse, files, dry_run=True)
    wet = import_facts(warehouse, files)
    assert every_count(dry) == every_count(wet) == [(1, 1, 1), (0, 1, 2), (0, 1, 1)]
    assert [file.kept for file in dry.files] == [file.kept for file in wet.files]
    assert merchants(warehouse)["9"] == ("丙", "rts", None, None)


def test_sums_of_lines_keep_what_no_line_tells(warehouse: Warehouse, tmp_path: Path) -> None:
    headers = ["order_id", "merchant_id", "via", "paid_at", "received_usd", "genuine", "logistics"]
    told = ["1", "m1", "direct", "2021-05-01", "3.00", "yes"]
    import_facts(warehouse, write(tmp_path / "o1.csv", headers, [*told, "海运"]))
    summed = Mapping.model_validate(
        {
            "name": "summed",
            "tables": {
                "orders": {"columns": {name: name for name in headers[:6]}, "sum": ["received_usd"]}
            },
        }
    )
    told[4] = "1.00"
    lines = write(tmp_path / "o2.csv", headers[:6], told, told)
    (report,) = import_facts(warehouse, lines, mapping=summed).files
    assert counts(report) == (0, 1, 0)
    found = warehouse.frame("SELECT received_usd::VARCHAR AS usd, logistics FROM orders")
    assert found.to_numpy().tolist() == [["2.00", "海运"]]

"""Lines that only an unread column tells apart: rejected where amounts are at stake, told why."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from merchantkit.facts.intake.mapping import Mapping
from merchantkit.facts.warehouse import Warehouse
from tests.facts.imported import HEADERS, lines_of, load, orders

ITEMS = [*HEADERS, "item", "颜色"]


def line(order_id: str, *rest: str) -> list[str]:
    return [order_id, "m1", "direct", "2021-05-01", "10.00", "yes", *rest]


def write(path: Path, headers: list[str], *lines: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headers, *lines])
    return path


def mapping(**block: Any) -> Mapping:
    key = block.pop("line_key", [])
    blocks = {"orders": {"columns": {name: name for name in HEADERS}, **block}}
    return Mapping.model_validate({"name": "lines", "line_key": key, "tables": blocks})


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse.in_memory()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write(
        tmp_path / "o.csv",
        ITEMS,
        line("1", "hat", "red"),
        line("1", "cap", "red"),
        line("2", "hat", "red"),
        line("2", " hat ", "red"),
        line("3", "hat", "red"),
        line("4", "hat", "red"),
        line("4", "hat", "red"),
        line("4", "", "blue"),
    )


def test_only_lines_that_are_alike_in_all_columns_are_duplicates(
    warehouse: Warehouse, export: Path
) -> None:
    report = load(warehouse, export)
    assert lines_of(report) == (8, 2, 5, 1)
    assert report.rejected_for == {"alike_but_for_unread": 5}
    assert report.excluded_for == {"duplicate": 1}
    assert orders(warehouse) == {"2": Decimal(10), "3": Decimal(10)}
    rejects = warehouse.frame(
        "SELECT source_row, table_name, column_name, value, detail FROM rejects ORDER BY source_row"
    )
    assert rejects["source_row"].tolist() == [2, 3, 7, 8, 9]
    assert rejects.iloc[0, 1:4].tolist() == ["orders", "order_id", "1"]
    assert str(rejects["detail"][0]).startswith(
        "rows 2, 3, alike but for item, not read: a mapping"
    )
    assert str(rejects["detail"][2]).startswith(
        "rows 7, 8, 9, alike but for item, 颜色, not read: "
    )


def test_a_mapping_says_whether_they_add_up_or_are_one(warehouse: Warehouse, export: Path) -> None:
    # Of order 2 the second line may be a second hat, too: what is summed is what the file says.
    assert lines_of(load(warehouse, export, mapping=mapping(sum=["received_usd"]))) == (8, 8, 0, 0)
    assert {name: int(usd) for name, usd in orders(warehouse).items()} == {
        "1": 20, "2": 20, "3": 10, "4": 30,
    }  # fmt: skip
    report = load(warehouse, export, mapping=mapping(line_key=["order_id"]))
    assert lines_of(report) == (8, 4, 0, 4)
    assert orders(warehouse) == dict.fromkeys("1234", Decimal(10))
    assert lines_of(load(warehouse, export, mapping=mapping())) == (8, 2, 5, 1)


def test_a_dry_run_says_so_too(warehouse: Warehouse, export: Path) -> None:
    assert lines_of(load(warehouse, export, dry_run=True)) == (8, 2, 5, 1)


def test_where_no_amount_is_at_stake_a_repetition_is_one(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    headers = ["商家ID", "公司名称", "联系人"]
    path = write(tmp_path / "m.csv", headers, ["007", "甲", "王"], ["007", "甲", "李"])
    assert lines_of(load(warehouse, path)) == (2, 1, 0, 1)


@pytest.mark.parametrize("header", ["序号", "No.", " # ", ""])
def test_the_number_of_a_line_tells_nothing_apart(
    warehouse: Warehouse, tmp_path: Path, header: str
) -> None:
    lines = [["1", *line("1")], ["2", *line("1")]]
    report = load(warehouse, write(tmp_path / "o.csv", [header, *HEADERS], *lines))
    assert lines_of(report) == (2, 1, 0, 1)


def test_headers_that_are_there_twice_and_lists_are_not_compared(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    twice = write(
        tmp_path / "o.csv", [*HEADERS, "x", "x"], line("1", "a", "b"), line("1", "c", "d")
    )
    assert lines_of(load(warehouse, twice)) == (2, 1, 0, 1)
    columns: dict[str, Any] = dict(
        zip(
            HEADERS,
            map(list, zip(line("2"), line("2"), line("3"), line("3"), strict=True)),
            strict=True,
        )
    )
    columns |= {"tags": [["a"], ["b"], ["c"], ["d"]], "size": [1.5, 1.5, 1.5, 2.5]}
    pq.write_table(pa.table(columns), tmp_path / "o.parquet")
    report = load(warehouse, tmp_path / "o.parquet")
    assert lines_of(report) == (4, 1, 2, 1)
    assert list(orders(warehouse)) == ["1", "2"]


def test_a_file_without_repetitions_is_read_once(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[tuple[str, ...]] = []
    from merchantkit.facts.readers.csv_files import CsvSource

    chunks = CsvSource.chunks

    def watched(source: CsvSource, *given: Any) -> Any:
        wanted.append(tuple(given[0]))
        return chunks(source, *given)

    monkeypatch.setattr(CsvSource, "chunks", watched)
    load(warehouse, write(tmp_path / "o.csv", ITEMS, line("1", "a", "b"), line("2", "a", "c")))
    assert wanted == [tuple(HEADERS)]

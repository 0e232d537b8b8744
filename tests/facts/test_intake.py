"""Exports into the warehouse: counts that add up, rejects with their reason, nothing by halves."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from merchantkit.errors import IntakeError, MappingError
from merchantkit.facts import intake
from merchantkit.facts.intake import FileReport, import_facts
from merchantkit.facts.intake.lines import sort_lines
from merchantkit.facts.intake.mapping import Mapping
from merchantkit.facts.intake.plan import Plan, mapped_plan, plain_plan
from merchantkit.facts.intake.rejects import (
    EXCLUDE_REASONS,
    REJECT_REASONS,
    forget_in_files,
    rejects_file,
    rejects_path,
)
from merchantkit.facts.readers import Chunk, Flaw, open_export
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import claim
from merchantkit.facts.warehouse import Warehouse
from tests.facts.imported import HEADERS, lines_of, load, orders

ZH = ["订单号", "商家ID", "生成路径", "支付时间", "实收金额(USD)", "是否真实交易"]


def order(order_id: str, received: str = "10.00", **other: str) -> list[str]:
    filled = dict.fromkeys(HEADERS, "")
    filled |= {"order_id": order_id, "merchant_id": "m1", "via": "direct", "genuine": "yes"}
    filled |= {"paid_at": "2021-05-01", "received_usd": received, **other}
    return list(filled.values())


def write(path: Path, lines: list[list[str]], headers: list[str] = HEADERS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headers, *lines])
    return path


def everything(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    names = (*TABLES, "meta", "imports", "rejects")
    return {name: warehouse.frame(f"SELECT * FROM {name} ORDER BY ALL") for name in names}  # noqa: S608


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse.in_memory()


@pytest.fixture
def on_disk(tmp_path: Path) -> Warehouse:
    return Warehouse.open(tmp_path / "home" / "w.duckdb", create=True)


@pytest.fixture(autouse=True)
def home_folder(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("headers", [HEADERS, ZH])
def test_ids_and_money_come_out_of_every_format_as_they_went_in(
    warehouse: Warehouse, tmp_path: Path, suffix: str, headers: list[str]
) -> None:
    ids = ["007", "NA", "null", "9007199254740993", "=1+1", "<script>", "a'; DROP TABLE orders;--"]
    lines = [order(each, "0.285") for each in ids]
    path = tmp_path / f"orders.{suffix}"
    if suffix == "csv":
        write(path, lines, headers)
    elif suffix == "parquet":
        columns = zip(*lines, strict=True)
        pq.write_table(pa.table(dict(zip(headers, map(list, columns), strict=True))), path)
    else:
        book = openpyxl.Workbook()
        for line in [headers, *lines]:
            book.active.append(line)
        book.active["A6"].data_type = "s"  # else openpyxl itself makes =1+1 a formula
        book.save(path)
    report = load(warehouse, path)
    assert lines_of(report) == (7, 7, 0, 0)
    assert orders(warehouse) == dict.fromkeys(sorted(ids), Decimal("0.29"))
    assert warehouse.origin == "imported"


@pytest.mark.slow
def test_each_line_is_loaded_rejected_or_excluded(on_disk: Warehouse, tmp_path: Path) -> None:
    path = write(
        tmp_path / "orders.csv",
        [
            order("1"),
            order("2", "-5"),
            order("1"),  # word for word the first
            order("3"),
            order("3", "11.00"),  # contradicts the one before
            order("", "7"),
            order("4", "abc", via="by pigeon", paid_at="2021-02-30"),
            order("5", merchant_id="=cmd()", genuine="maybe"),
        ],
    )
    with path.open("a", encoding="utf-8") as stream:
        stream.write("6,m1\n")
    report = load(on_disk, path)
    assert lines_of(report) == (9, 1, 7, 1)
    assert report.excluded_for == {"duplicate": 1}
    assert orders(on_disk) == {"1": Decimal("10.00")}
    rejects = on_disk.frame(
        "SELECT source_row, column_name, value, reason, detail FROM rejects "
        "ORDER BY source_row, column_name"
    )
    assert rejects.astype(object).where(rejects.notna(), None).to_numpy().tolist() == [
        [3, "received_usd", "-5", "negative", None],
        [5, "order_id", "3", "conflicting_duplicates", "rows 5, 6"],
        [6, "order_id", "3", "conflicting_duplicates", "rows 5, 6"],
        [7, "order_id", None, "missing", None],
        [8, "paid_at", "2021-02-30", "no_such_day", None],
        [8, "received_usd", "abc", "not_a_number", None],
        [8, "via", "by pigeon", "unknown_code", None],
        [9, "genuine", "maybe", "not_a_flag", None],
        [10, None, "6,m1", "too_few_cells", None],
    ]
    assert report.rejects_file == tmp_path / "home" / "rejects" / f"orders-{report.sha256[:8]}.csv"
    with report.rejects_file.open(encoding="utf-8-sig", newline="") as stream:
        kept = list(csv.DictReader(stream))
    assert [line["source_row"] for line in kept] == ["3", "5", "6", "7", "8", "8", "8", "9", "10"]
    assert kept[0]["value"] == "'-5"
    assert kept[7]["merchant_id"] == "'=cmd()"
    assert set(report.rejected_for) <= REJECT_REASONS
    assert set(report.excluded_for) <= EXCLUDE_REASONS


def test_lines_are_held_against_each_other_over_chunks(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CHUNK_ROWS", 2)
    lines = [order("1"), order("2"), order("3"), order("1", "9"), order("2"), order("x", "bad")]
    report = load(warehouse, write(tmp_path / "orders.csv", lines))
    assert lines_of(report) == (6, 2, 3, 1)
    assert list(orders(warehouse)) == ["2", "3"]
    rows = warehouse.frame("SELECT source_row FROM rejects ORDER BY 1")["source_row"]
    assert rows.tolist() == [2, 5, 7]


@pytest.mark.slow
def test_the_same_file_again_changes_nothing(on_disk: Warehouse, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", [order("1"), order("2"), order("3", "bad")])
    first = load(on_disk, path)
    assert (first.inserted, first.replaced, first.unchanged) == (2, 0, 0)
    before = everything(on_disk)
    again = load(on_disk, path)
    assert (again.inserted, again.replaced, again.unchanged) == (0, 0, 2)
    for name, frame in everything(on_disk).items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert lines_of(again) == lines_of(first)


def test_a_later_file_replaces_by_key_and_is_logged(warehouse: Warehouse, tmp_path: Path) -> None:
    load(warehouse, write(tmp_path / "may.csv", [order("1"), order("2")]))
    later = load(warehouse, write(tmp_path / "june.csv", [order("2", "20"), order("3")]))
    assert (later.inserted, later.replaced, later.unchanged) == (1, 1, 0)
    assert orders(warehouse) == {"1": Decimal(10), "2": Decimal(20), "3": Decimal(10)}
    log = warehouse.frame(
        "SELECT file_name, table_name, rows_read, rows_loaded, inserted, replaced FROM imports "
        "ORDER BY imported_at"
    )
    assert log.to_numpy().tolist() == [
        ["may.csv", "orders", 2, 2, 2, 0],
        ["june.csv", "orders", 2, 2, 1, 1],
    ]


@pytest.mark.slow
def test_a_mended_mapping_takes_the_rejects_away(on_disk: Warehouse, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [order("1", paid_at="5/6/2021")])
    plain = load(on_disk, path)
    assert plain.rejected == 1
    assert plain.rejects_file is not None
    assert plain.rejects_file.exists()
    mapped = {name: {"header": name} for name in HEADERS}
    mapping = Mapping.model_validate(
        {"name": "us", "date_formats": ["m/d/yyyy"], "tables": {"orders": {"columns": mapped}}}
    )
    assert lines_of(load(on_disk, path, mapping=mapping)) == (1, 1, 0, 0)
    assert not plain.rejects_file.exists()
    assert on_disk.frame("SELECT * FROM rejects").empty


@pytest.mark.slow
def test_a_dry_run_says_the_same_and_writes_nothing(on_disk: Warehouse, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", [order("1"), order("2"), order("3", "bad")])
    dry = import_facts(on_disk, [path], dry_run=True)
    assert dry.dry_run
    assert list((tmp_path / "home").iterdir()) == []
    wet = load(on_disk, path)
    told = ("read", "loaded", "rejected", "excluded", "tables", "rejected_for", "excluded_for")
    assert [getattr(dry.files[0], name) for name in told] == [getattr(wet, name) for name in told]
    before = everything(on_disk)
    write(path, [order("1"), order("2", "20"), order("9")])
    (changed,) = import_facts(on_disk, [path], dry_run=True).files
    assert (changed.inserted, changed.replaced, changed.unchanged) == (1, 1, 1)
    for name, frame in everything(on_disk).items():
        pd.testing.assert_frame_equal(frame, before[name])


@pytest.mark.slow
def test_a_failure_on_the_way_leaves_no_trace(
    on_disk: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(on_disk, write(tmp_path / "a.csv", [order("1")]))
    before = everything(on_disk)

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(intake, "_log", broken)
    path = write(tmp_path / "b.csv", [order("1", "99"), order("2", "bad")])
    with pytest.raises(RuntimeError, match="full"):
        load(on_disk, path)
    for name, frame in everything(on_disk).items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert list((tmp_path / "home" / "rejects").iterdir()) == []


def test_an_unreadable_file_keeps_all_files_out(warehouse: Warehouse, tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", [order("1")])
    (tmp_path / "bad.csv").write_bytes(b"")
    with pytest.raises(IntakeError, match="empty"):
        import_facts(warehouse, [good, tmp_path / "bad.csv"])
    assert orders(warehouse) == {}


def test_a_missing_column_is_named_with_what_was_seen_and_accepted(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write(tmp_path / "orders.csv", [["1", "m1", "5"]], ["订单号", "商家ID", "实收"])
    with pytest.raises(IntakeError, match="paid_at") as raised:
        load(warehouse, path, table="orders")
    assert "'订单号', '商家ID', '实收'" in str(raised.value.where)
    assert "支付时间" in str(raised.value.remedy)
    assert "Payment Date" in str(raised.value.remedy)


def test_headers_of_no_table_are_an_error(warehouse: Warehouse, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [["1", "2"]], ["alpha", "beta"])
    with pytest.raises(IntakeError, match="no table") as raised:
        load(warehouse, path)
    assert "x.csv" in str(raised.value.where)


def test_unknown_columns_are_told_and_the_table_can_be_named(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write(tmp_path / "x.csv", [["m1", "甲", "x"]], ["商家ID", "公司名称", "备注"])
    report = load(warehouse, path, table="merchants")
    assert report.ignored == ("备注",)
    assert [each.table for each in report.tables] == ["merchants"]
    with pytest.raises(IntakeError, match="no table"):
        load(warehouse, path, table="merchant'; DROP TABLE orders")
    with pytest.raises(IntakeError, match="both"):
        load(warehouse, path, table="merchants", mapping="scms")


def test_months_and_counts_of_a_campaign_load(warehouse: Warehouse, tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.csv",
        [["m1", "2021年5月", "1,200", ""], ["m2", "2021-05", "12.5", "3"]],
        ["商家ID", "月份", "访客数", "询盘数"],
    )
    report = load(warehouse, path)
    assert lines_of(report) == (2, 1, 1, 0)
    (found,) = warehouse.frame("SELECT month, visitors, inquiries FROM campaign_counts").to_numpy()
    assert found[:2].tolist() == ["2021-05", 1200]
    assert pd.isna(found[2])
    assert report.rejected_for == {"not_a_whole_number": 1}


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_a_frame_whose_months_are_stamps_loads_from_every_format(
    warehouse: Warehouse, tmp_path: Path, suffix: str
) -> None:
    frame = pd.DataFrame(
        {"商家ID": ["m1"], "月份": pd.to_datetime(["2021-05-01"]), "访客数": [1200]}
    )
    path = tmp_path / f"c.{suffix}"
    {"csv": frame.to_csv, "xlsx": frame.to_excel, "parquet": frame.to_parquet}[suffix](
        path, index=False
    )
    assert lines_of(load(warehouse, path)) == (1, 1, 0, 0)
    found = warehouse.frame("SELECT month, visitors FROM campaign_counts").to_numpy().tolist()
    assert found == [["2021-05", 1200]]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_percentage_is_the_same_figure_in_csv_and_xlsx(
    warehouse: Warehouse, tmp_path: Path, suffix: str
) -> None:
    headers = ["商家ID", "日期", "商机转化率(%)"]
    path = tmp_path / f"star.{suffix}"
    if suffix == "csv":
        write(path, [["m1", "2021-05-01", "15.3%"], ["m2", "2021-05-01", "15.3"]], headers)
    else:
        book = openpyxl.Workbook()
        for line in (headers, ["m1", "2021-05-01", 0.153], ["m2", "2021-05-01", 15.3]):
            book.active.append(line)
        book.active["C2"].number_format = "0.0%"
        book.save(path)
    assert lines_of(load(warehouse, path)) == (2, 2, 0, 0)
    rates = warehouse.frame("SELECT lead_conversion_percent FROM star_indicators").iloc[:, 0]
    assert rates.tolist() == [Decimal("15.30")] * 2


def test_a_count_below_its_minimum_is_rejected_by_the_schema(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    headers = ["entitlement_id", "merchant_id", "source", "granted_at", "quantity"]
    lines = [["e1", "m1", "base", "2021-05-01", "20"], ["e2", "m1", "返赠", "2021-05-01", "0"]]
    report = load(warehouse, write(tmp_path / "e.csv", lines, headers))
    assert lines_of(report) == (2, 1, 1, 0)
    assert report.rejected_for == {"below_minimum": 1}


def test_strangers_text_is_inert(on_disk: Warehouse, tmp_path: Path) -> None:
    evil = 'x\'; DROP TABLE orders;-- "q" {a} $b'
    path = tmp_path / "=cmd|' 5月 $(x);'.csv"
    nul = "a\x00b"
    write(
        path,
        [[nul, *order("")[1:], evil], [evil, *order("")[1:], "bad"]],
        [*HEADERS[:-1], evil, "k"],
    )
    columns: dict[str, Any] = {name: {"header": name} for name in HEADERS[:-1]}
    columns["genuine"] = {"when": evil, "then": {"header": evil}}
    mapping = Mapping.model_validate(
        {"name": "evil", "line_key": ["k"], "tables": {"orders": {"columns": columns}}}
    )
    report = load(on_disk, path, mapping=mapping)
    assert lines_of(report) == (2, 2, 0, 0)
    assert list(orders(on_disk)) == sorted([nul, evil])
    assert rejects_path(Path("w/m.duckdb"), path, "0" * 64).name == "cmd_5月_x-00000000.csv"


def test_a_workbook_with_notes_is_read_and_one_with_two_tables_is_asked_about(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("订单")
    for line in [ZH, order("1")]:
        sheet.append(line)
    book.save(tmp_path / "notes.xlsx")
    report = load(warehouse, tmp_path / "notes.xlsx")
    assert (report.sheet, report.ignored_sheets, report.loaded) == ("订单", ("Sheet",), 1)
    copied = book.create_sheet("more")
    for line in [ZH, order("2")]:
        copied.append(line)
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(IntakeError, match="several sheets"):
        load(warehouse, tmp_path / "two.xlsx")


def test_a_spoiled_id_of_a_workbook_is_rejected(warehouse: Warehouse, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    for order_id in (123456789012345, 1234567890123456, 7):
        book.active.append([order_id, *order("")[1:]])
    book.active["A4"].number_format = "000"
    book.save(tmp_path / "ids.xlsx")
    report = load(warehouse, tmp_path / "ids.xlsx")
    assert list(orders(warehouse)) == ["007", "123456789012345"]
    assert report.rejected_for == {"digits_lost": 1}


def test_a_row_with_a_formula_that_nobody_calculated_is_rejected(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for line in (["商家ID", "月份", "访客数", "询盘数"], ["m1", "2021-05", 7, "=3+4"]):
        book.active.append(line)
    book.save(tmp_path / "made.xlsx")
    report = load(warehouse, tmp_path / "made.xlsx")
    assert report.rejected_for == {"formula_without_value": 1}
    assert warehouse.frame("SELECT value FROM rejects").iloc[0, 0] == "=3+4"


def test_what_excel_did_to_an_id_of_a_csv_is_undone_or_rejected(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    ids = ['="007"', "2.10001E+15", "1E5", "210001"]
    report = load(warehouse, write(tmp_path / "ids.csv", [order(each, "1E+01") for each in ids]))
    assert orders(warehouse) == dict.fromkeys(["007", "1E5", "210001"], Decimal("10.00"))
    assert report.rejected_for == {"digits_lost": 1}


def test_an_id_keeps_the_shape_that_its_format_gives(warehouse: Warehouse, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    shapes = ["General", "000000;@", "000-000", '"A"00000', '"A"#']
    for row, shape in enumerate(shapes, start=2):
        book.active.append([123, *order("")[1:]])
        book.active.cell(row, 1).number_format = shape
    book.save(tmp_path / "shapes.xlsx")
    report = load(warehouse, tmp_path / "shapes.xlsx")
    assert list(orders(warehouse)) == ["000-123", "000123", "123", "A00123"]
    assert report.rejected_for == {"shown_otherwise": 1}
    rejects = warehouse.frame("SELECT source_row, column_name, value FROM rejects")
    assert rejects.to_numpy().tolist() == [[6, "order_id", "123"]]


def test_a_number_keeps_its_digits_whatever_its_format_adds(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for line in (["商家ID", "月份", "访客数"], ["m1", "2021-05", 1200], ["m2", "2021-05", 7]):
        book.active.append(line)
    book.active["C2"].number_format = '0"人"'
    book.active["C3"].number_format = '"约"000'
    book.save(tmp_path / "counts.xlsx")
    assert lines_of(load(warehouse, tmp_path / "counts.xlsx")) == (2, 2, 0, 0)
    counts = warehouse.frame("SELECT visitors FROM campaign_counts ORDER BY 1").iloc[:, 0]
    assert counts.tolist() == [7, 1200]


def test_what_becomes_an_id_or_a_part_of_one_is_known() -> None:
    when = {"when": "line", "then": {"join": ["a", "b"], "between": "-"}, "otherwise": "c"}
    columns = {"order_id": when, "merchant_id": "m", "received_usd": "n"}
    mapping = Mapping.model_validate({"name": "ids", "tables": {"orders": {"columns": columns}}})
    assert Plan(mapping.tables, ("line", "a", "b", "c", "m", "n"), ()).ids == {"a", "b", "c", "m"}


def test_a_narrow_float_says_no_more_than_it_can(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = [
        ("1", 16777215.0, 131071.99),
        ("2", 16777217.0, 10.0),
        ("3", 7.0, 1234567.89),
        ("4", 7.0, 300000.01),  # in 32 bits this is 300000
    ]
    ids, merchants, amounts = zip(*lines, strict=True)
    table = {
        "order_id": pa.array(ids),
        "merchant_id": pa.array(merchants, pa.float32()),
        "received_usd": pa.array(amounts, pa.float32()),
        "via": ["direct"] * 4,
        "paid_at": ["2021-05-01"] * 4,
        "genuine": [True] * 4,
    }
    pq.write_table(pa.table(table), tmp_path / "narrow.parquet")
    report = load(warehouse, tmp_path / "narrow.parquet")
    assert report.rejected_for == {"digits_lost": 3}
    assert orders(warehouse) == {"1": Decimal("131071.99")}
    assert warehouse.frame("SELECT merchant_id FROM orders").loc[0, "merchant_id"] == "16777215"
    rejects = warehouse.frame("SELECT source_row, column_name FROM rejects ORDER BY source_row")
    assert rejects.to_numpy().tolist() == [
        [3, "merchant_id"],
        [4, "received_usd"],
        [5, "received_usd"],
    ]


def test_what_is_spoiled_in_every_line_is_rejected_together(tmp_path: Path) -> None:
    # A table for each flaw took all memory. By hand: whole lines first, then column by column.
    chunk, plan = flawed(tmp_path, exclude=[{"column": "via", "equals": ["test"], "reason": "x"}])
    found = sort_lines(chunk, plan, "0" * 64)
    told = [tuple(row.values()) for row in found.rejects.to_pylist()]
    assert [(row, column, value, reason) for _, row, column, value, reason, *_ in told] == [
        (4, None, "a;b", "too_many_cells"),
        (5, None, "c", "too_few_cells"),
        (2, "received_usd", "300000", "digits_lost"),
        (6, "received_usd", "300001", "digits_lost"),
        (6, "genuine", "#N/A", "excel_error"),
    ]
    assert {table for table, *_ in told} == {"merchants+orders"}
    assert {merchant for *_, merchant in told} == {"m1"}
    assert found.excluded.to_pylist() == [{"source_row": 3, "reason": "x"}]
    for header in ("via", None):
        many = Chunk(chunk.rows, chunk.columns, [Flaw(0, header, "v", "digits_lost")] * 1000)
        batches = sort_lines(many, plan, "0" * 64).rejects.to_batches()
        assert [batch.num_rows for batch in batches if batch.num_rows] == [1000]


def flawed(folder: Path, **changes: Any) -> tuple[Chunk, Plan]:
    """Five lines, rows 2 to 6, with flaws in each; the one of row 3 is a test."""
    vias = ["direct", "test", "direct", "direct", "direct"]
    lines = [order(str(at), via=via) for at, via in enumerate(vias)]
    (source,) = open_export(write(folder / "a.csv", lines)).sources
    plan = mapped_plan(source, mapping_of(**changes))
    (read,) = source.chunks(plan.wanted)
    flaws = [
        Flaw(0, "received_usd", "300000", "digits_lost"),
        Flaw(1, "received_usd", "300000", "digits_lost"),
        Flaw(2, None, "a;b", "too_many_cells"),
        Flaw(3, None, "c", "too_few_cells"),
        Flaw(4, "received_usd", "300001", "digits_lost"),
        Flaw(4, "genuine", "#N/A", "excel_error"),
    ]
    return Chunk(read.rows, read.columns, flaws), plan


def test_whole_quantities_of_a_narrow_float_are_loaded(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    table = {
        "line_id": ["1", "2", "3"],
        "merchant_id": ["m1"] * 3,
        "exported_on": ["2021-05-01"] * 3,
        "hts": ["6104.42.00.10"] * 3,
        "value_usd": pa.array([10.0, 10.0, 300000.0], pa.float32()),
        "origin": ["CN"] * 3,
        "destination": ["US"] * 3,
        "quantity_1": pa.array([5000.0, 2000.5, 5000.0], pa.float32()),
        "unit_1": ["pcs"] * 3,
    }
    pq.write_table(pa.table(table), tmp_path / "narrow.parquet")
    report = load(warehouse, tmp_path / "narrow.parquet", table="export_lines")
    loaded = warehouse.frame("SELECT line_id, quantity_1 FROM export_lines")
    assert loaded.to_numpy().tolist() == [["1", Decimal("5000.0000")]]
    assert report.rejected_for == {"digits_lost": 2}


def test_what_becomes_money_and_a_quantity_is_held_to_cents(tmp_path: Path) -> None:
    columns = {"merchant_id": "m", "value_usd": "n", "quantity_1": "n"}
    mapping = Mapping.model_validate(
        {"name": "both", "tables": {"export_lines": {"columns": columns}}}
    )
    plan = Plan(mapping.tables, ("m", "n"), ())
    assert plan.decimals == {"n": 2}


def test_a_mapping_knows_whose_decimals_count(warehouse: Warehouse, tmp_path: Path) -> None:
    paid = {"when": "buyer", "then": "usd", "otherwise": {"constant": "0"}}
    named = {name: name for name in ("order_id", "merchant_id", "via", "paid_at", "genuine")}
    mapping = Mapping.model_validate(
        {
            "name": "narrow",
            "tables": {"orders": {"columns": {**named, "received_usd": paid, "buyer_id": "buyer"}}},
        }
    )
    wide = dict(zip(HEADERS, order("1"), strict=True))
    texts = {name: [text] * 2 for name, text in wide.items() if name in named}
    # An id that only decides is sure for longer than the money it lets through.
    floats = {"buyer": [200000.0, 200000.0], "usd": [131071.0, 131072.0]}
    narrow = {name: pa.array(values, pa.float32()) for name, values in floats.items()}
    pq.write_table(pa.table(texts | {"order_id": ["1", "2"]} | narrow), tmp_path / "a.parquet")
    report = load(warehouse, tmp_path / "a.parquet", mapping=mapping)
    assert orders(warehouse) == {"1": Decimal("131071.00")}
    assert report.rejected_for == {"digits_lost": 1}


def mapping_of(**changes: Any) -> Mapping:
    columns: dict[str, Any] = {name: {"header": name} for name in HEADERS}
    blocks = {
        "merchants": {"columns": {"merchant_id": {"header": "merchant_id"}}},
        "orders": {"columns": columns, "sum": ["received_usd"]},
    }
    return Mapping.model_validate({"name": "lines", "tables": blocks, **changes})


def test_lines_of_an_order_are_summed_and_have_to_agree(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    lines = [
        order("1", "0.10"),
        order("1", "0.10"),
        order("2", "5"),
        order("2", "5", via="报价管理"),
    ]
    report = load(warehouse, write(tmp_path / "l.csv", lines), mapping=mapping_of())
    assert lines_of(report) == (4, 2, 2, 0)
    assert report.rejected_for == {"conflicting_lines": 2}
    assert orders(warehouse) == {"1": Decimal("0.20")}


def test_a_line_key_tells_a_repetition_from_a_second_line(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    lines = [
        [*order("1", "1"), "a"], [*order("1", "1"), "a"], [*order("1", "1"), "b"],
        [*order("2", "1"), "c"], [*order("2", "2"), "c"], [*order("3", "1"), ""],
    ]  # fmt: skip
    path = write(tmp_path / "l.csv", lines, [*HEADERS, "k"])
    report = load(warehouse, path, mapping=mapping_of(line_key=["k"]))
    assert lines_of(report) == (6, 2, 3, 1)
    assert report.excluded_for == {"duplicate": 1}
    assert report.rejected_for == {"conflicting_duplicates": 2, "missing": 1}
    assert orders(warehouse) == {"1": Decimal(2)}


def test_a_line_rejected_for_one_table_is_rejected_for_all(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    lines = [order("1"), order("2", "bad", merchant_id="m2")]
    report = load(warehouse, write(tmp_path / "l.csv", lines), mapping=mapping_of())
    assert lines_of(report) == (2, 1, 1, 0)
    assert warehouse.frame("SELECT merchant_id FROM merchants")["merchant_id"].tolist() == ["m1"]


def test_a_sum_too_large_is_rejected(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = [order("1", "9" * 16), order("1", "9" * 16), order("2")]
    report = load(warehouse, write(tmp_path / "l.csv", lines), mapping=mapping_of())
    assert lines_of(report) == (3, 1, 2, 0)
    assert report.rejected_for == {"number_too_large": 2}


def test_missing_words_and_skipped_tables_say_so(warehouse: Warehouse, tmp_path: Path) -> None:
    block = {
        "columns": {"merchant_id": {"header": "merchant_id"}, "region": {"header": "region"}},
        "skip_unless": ["region"],
    }
    mapping = Mapping.model_validate(
        {
            "name": "skips",
            "missing": ["n/a"],
            "exclude": [{"column": "merchant_id", "equals": "us", "reason": "ourselves"}],
            "tables": {"merchants": block},
        }
    )
    lines = [["m1", "n/a"], ["m2", "华南"], ["us", "x"], ["m3", ""]]
    path = write(tmp_path / "m.csv", lines, ["merchant_id", "region"])
    report = load(warehouse, path, mapping=mapping)
    assert lines_of(report) == (4, 1, 0, 3)
    assert report.excluded_for == {"nothing_for_any_table": 2, "ourselves": 1}


def test_a_value_that_holds_the_joining_mark_is_rejected(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    columns = {"merchant_id": {"join": ["a", "b"], "between": " | "}}
    mapping = Mapping.model_validate(
        {"name": "joins", "tables": {"merchants": {"columns": columns}}}
    )
    path = write(tmp_path / "m.csv", [["x | y", "z"], ["x", "y"], ["x", ""]], ["a", "b"])
    report = load(warehouse, path, mapping=mapping)
    assert report.rejected_for == {"missing": 1, "separator_in_value": 1}
    assert warehouse.frame("SELECT merchant_id FROM merchants")["merchant_id"].tolist() == ["x | y"]


def test_a_mapping_that_does_not_fit_the_file_or_the_tables_is_an_error(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write(tmp_path / "m.csv", [["x"]], ["a"])
    with pytest.raises(IntakeError, match="lacks: 'merchant_id'") as raised:
        load(warehouse, path, mapping=mapping_of())
    assert "headers 'a'" in str(raised.value.where)
    wrong = Mapping.model_validate({"name": "x", "tables": {"nothing": {"columns": {}}}})
    with pytest.raises(MappingError, match="no table nothing"):
        load(warehouse, path, mapping=wrong)


@pytest.mark.slow
def test_a_quarter_of_a_million_dimes_reach_the_threshold_in_any_order(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    count = 250_000
    ids = [str(number * 7919 % count) for number in range(count)]  # 7919 shares no factor with it
    table = pa.table(
        {
            "order_id": ids,
            "merchant_id": ["m1"] * count,
            "via": ["direct"] * count,
            "paid_at": ["2021-05-01"] * count,
            "received_usd": [0.1] * count,
            "genuine": [True] * count,
        }
    )
    pq.write_table(table, tmp_path / "dimes.parquet")
    assert load(warehouse, tmp_path / "dimes.parquet").inserted == count
    total = warehouse.frame("SELECT sum(received_usd) AS usd FROM orders")["usd"]
    assert total.tolist() == [Decimal("25000.00")]


def test_facts_beside_a_demo_are_told(warehouse: Warehouse, tmp_path: Path) -> None:
    with warehouse.write() as connection:
        claim(connection, "demo")
    path = write(tmp_path / "orders.csv", [order("1")])
    assert import_facts(warehouse, path).joins_demo
    assert not import_facts(warehouse, path).joins_demo


def test_a_report_that_does_not_add_up_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    report = load(warehouse, write(tmp_path / "orders.csv", [order("1")]))
    with pytest.raises(IntakeError, match="2 lines were read, but 1 loaded"):
        FileReport(**{**vars(report), "read": 2})


def test_a_report_is_plain_data(warehouse: Warehouse, tmp_path: Path) -> None:
    path = write(tmp_path / "orders.csv", [order("1"), order("2", "x")])
    (plain,) = import_facts(warehouse, [str(path)]).as_dict()["files"]
    assert plain["path"] == str(path)
    assert plain["tables"] == (
        {"table": "orders", "lines": 1, "inserted": 1, "replaced": 0, "unchanged": 0},
    )


def test_a_merchants_rejects_can_be_forgotten(on_disk: Warehouse, tmp_path: Path) -> None:
    lines = [order("1", "x", merchant_id="=m"), order("2", "x"), order("3", "x", merchant_id="=m")]
    report = load(on_disk, write(tmp_path / "orders.csv", lines))
    assert on_disk.path is not None
    assert report.rejects_file is not None
    assert forget_in_files(on_disk.path, "=m") == (2, ())
    assert "=m" not in report.rejects_file.read_text(encoding="utf-8-sig")
    assert forget_in_files(on_disk.path, "=m") == (0, ())


SHIFTED = (
    "order_id,merchant_id,paid_at,via,received_usd,genuine\n"
    "O1,extra,VICTIM-77,2021-05-01,direct,10,yes\n"  # a comma too many
    "O2,extra,VICTIM-778,2021-05-01,direct,10,yes\n"
    "O3,=m,2021-05-01\n"  # too few cells
    "O4,VICTIM-77,2021-05-01,direct,10,yes\n"
)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize(("merchant_id", "lines"), [("VICTIM-77", 1), ("=m", 1), ("extra", 2)])
def test_a_merchant_is_forgotten_in_rows_whose_cells_are_shifted(
    on_disk: Warehouse, tmp_path: Path, mark: str, merchant_id: str, lines: int
) -> None:
    export = tmp_path / "orders.csv"
    export.write_text(SHIFTED.replace(",", mark), encoding="utf-8")
    report = load(on_disk, export)
    assert (report.rejected, report.loaded) == (3, 1)
    assert on_disk.path is not None
    assert report.rejects_file is not None
    assert on_disk.forget(merchant_id)["rejects"] == lines
    assert forget_in_files(on_disk.path, merchant_id) == (lines, ())
    left = on_disk.frame("SELECT value FROM rejects")["value"].tolist()
    assert len(left) == 3 - lines
    for kept in (*left, *report.rejects_file.read_text(encoding="utf-8-sig").splitlines()):
        assert merchant_id not in kept.split(mark)


def test_files_that_are_no_rejects_stay_and_the_others_are_done(
    on_disk: Warehouse, tmp_path: Path
) -> None:
    report = load(on_disk, write(tmp_path / "x.csv", [order("1", "x", merchant_id="m")]))
    assert report.rejects_file is not None
    assert on_disk.path is not None
    folder = report.rejects_file.parent
    # 甲 as Excel saves it in China, an empty file, other headers, a line that breaks off, a folder.
    strange = {
        "a.csv": b"merchant_id,column_name,value\r\nm,,\xbc\xd7\r\n",
        "b.csv": b"",
        "c.csv": b"merchant_id,note\r\nm,mine\r\n",
        "d.csv": b"merchant_id,column_name,value\r\nm\r\n",
    }
    for name, content in strange.items():
        (folder / name).write_bytes(content)
    (folder / "e.csv").mkdir()
    found = forget_in_files(on_disk.path, "m")
    assert found.removed == 1
    assert found.unread == tuple(str(folder / f"{name}.csv") for name in "abcde")
    assert {name: (folder / name).read_bytes() for name in strange} == strange


def test_rejects_beside_a_link_are_forgotten_too(on_disk: Warehouse, tmp_path: Path) -> None:
    with on_disk.write():
        pass
    assert on_disk.path is not None
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.symlink_to(on_disk.path)
    export = write(tmp_path / "x.csv", [order("1", "x", merchant_id="m")])
    files = [load(each, export).rejects_file for each in (on_disk, Warehouse.open(link))]
    assert len({str(file) for file in files}) == 2
    assert forget_in_files(link, "m") == (2, ())


def test_a_file_of_rejects_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "rejects" / "x.csv"
    export = write(tmp_path / "orders.csv", [order("1", "x")])
    file = open_export(export)
    plan = plain_plan(file.sources[0], None)
    (chunk,) = file.sources[0].chunks(plan.wanted)
    found = sort_lines(chunk, plan, file.sha256).rejects.to_batches
    with pytest.raises(KeyboardInterrupt), rejects_file(path, found):
        assert not path.exists()
        raise KeyboardInterrupt
    assert list(path.parent.iterdir()) == []
    with rejects_file(path, found):
        pass
    assert [each.name for each in path.parent.iterdir()] == ["x.csv"]

"""demo, import, schema, forget: what they print, and that ids stay as they are."""

import csv
from pathlib import Path

import openpyxl
import pytest

import merchantkit as mk
from merchantkit.facts.schemas import TABLES
from merchantkit.programmes import NAMES
from tests.cli.conftest import Kit

MERCHANTS = (
    "商家ID,公司名称,赛道\n007,深圳澄电子,定制\nNA,佛山板,RTS\n9007199254740993,杭州饰,定制\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "商家.csv").write_text(MERCHANTS, encoding="utf-8")
    return folder


def test_a_demo_counts_its_rows(kit: Kit, demo: Path) -> None:
    told = kit("demo", "--merchants", "4", "--warehouse", demo, "--json")
    counts = {record["table"]: record["rows"] for record in told.records}
    assert counts["merchants"] == 4
    assert counts == mk.warehouse(demo).counts()
    assert str(demo) in told.err


def test_a_demo_says_how_to_go_on_with_the_facts_that_it_made(kit: Kit) -> None:
    named = kit("demo", "--merchants", "2", "--month", "2021-06", "--warehouse", "a trial.duckdb")
    assert "next: merchantkit report 2021-06 --warehouse 'a trial.duckdb'\n" in named.err
    assert "next: merchantkit report 2021-05\n" in kit("demo", "--merchants", "2").err


@pytest.mark.slow
def test_a_demo_does_not_take_the_place_of_imported_facts(kit: Kit, export: Path) -> None:
    assert kit("import", export, "--warehouse", "w.duckdb").code == 0
    told = kit("demo", "--warehouse", "w.duckdb")
    assert (told.code, told.out) == (2, "")
    assert mk.warehouse("w.duckdb").counts()["merchants"] == 3


@pytest.mark.slow
def test_an_import_adds_up_and_a_second_changes_nothing(kit: Kit, export: Path) -> None:
    first = kit("import", export, "--warehouse", "w.duckdb", "--json").records
    again = kit("import", export / "商家.csv", "--warehouse", "w.duckdb", "--json").records
    assert [record["read"] for record in first] == [3]
    assert [record["loaded"] for record in first] == [3]
    assert [table["inserted"] for table in first[0]["tables"]] == [3]
    assert [table["unchanged"] for table in again[0]["tables"]] == [3]
    found = mk.warehouse("w.duckdb").frame("SELECT merchant_id FROM merchants ORDER BY 1")
    assert found["merchant_id"].tolist() == ["007", "9007199254740993", "NA"]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    kit: Kit, export: Path, tmp_path: Path
) -> None:
    told = kit("import", export, "--dry-run", "--warehouse", "w.duckdb")
    assert told.code == 0
    assert "merchants: 3 new, 0 replaced, 0 unchanged" in told.out
    assert "3 rows read = 3 would be loaded" in told.out
    assert not (tmp_path / "w.duckdb").exists()


def test_rejected_rows_are_told_with_their_reason(kit: Kit, export: Path) -> None:
    (export / "商家.csv").write_text(MERCHANTS + ",无名,定制\n", encoding="utf-8")
    told = kit("import", export, "--warehouse", "w.duckdb")
    assert told.code == 0
    assert "4 rows read = 3 loaded + 1 rejected + 0 excluded" in told.out
    (file,) = Path("rejects").glob("*.csv")
    assert file.name in told.out
    assert (
        "rejected for missing: 1 (empty, and the table or the mapping requires it; fill it in)\n"
        in told.out
    )
    with file.open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 1


@pytest.mark.parametrize("line", ["", ",无名,定制\n"], ids=["all well", "a reject"])
def test_no_place_for_rejects_is_said_before_anything_is_loaded(
    kit: Kit, export: Path, line: str
) -> None:
    (export / "商家.csv").write_text(MERCHANTS + line, encoding="utf-8")
    told = kit("import", export, "--warehouse", "nowhere/w.duckdb")
    assert (told.code, told.out) == (2, "")
    assert "the folder of the warehouse does not exist\n  where: nowhere\n" in told.err
    assert not Path("nowhere").exists()
    Path("rejects").write_text("mine", encoding="utf-8")
    told = kit("import", export, "--warehouse", "w.duckdb")
    assert (told.code, told.out) == (2, "")
    assert "a file stands where the folder of rejects belongs\n  where: rejects\n" in told.err
    assert not Path("w.duckdb").exists()
    assert Path("rejects").read_text(encoding="utf-8") == "mine"


def test_a_reason_that_a_mapping_gives_is_its_own_word(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "name: own\nexclude:\n- {column: 类型, equals: [旧], reason: missing}\n"
        "tables:\n  merchants:\n    columns:\n      merchant_id: 商家ID\n",
        encoding="utf-8",
    )
    (tmp_path / "a.csv").write_text("商家ID,类型\n1,旧\n2,新\n,新\n", encoding="utf-8")
    told = kit("import", "a.csv", "--mapping", "own.yaml", "--warehouse", "w.duckdb")
    assert "  excluded for missing: 1\n" in told.out
    assert "  rejected for missing: 1 (empty, and the table or the mapping requires it" in told.out


def test_the_first_places_are_told_also_by_a_dry_run(kit: Kit, tmp_path: Path) -> None:
    rows = [f"{number},x,{joined}" for number, joined in enumerate("abcd", start=1)]
    rows += ["5,\x1b[31m红,2021-05-20", "6,x,2021-05-20,多余"]
    head = "商家ID,公司名称,入驻日期"
    (tmp_path / "a.csv").write_text("\n".join([head, *rows, ",y,"]), encoding="utf-8")
    told = kit("import", "a.csv", "--table", "merchants", "--dry-run", "--warehouse", "w.duckdb")
    lines = told.out.splitlines()
    at = next(place for place, line in enumerate(lines) if "not_a_date: 4" in line)
    assert lines[at + 1 : at + 4] == [
        "    row 2, joined_on: a", "    row 3, joined_on: b", "    row 4, joined_on: c",
    ]  # fmt: skip
    assert lines[at + 4].startswith("  rejected for too_many_cells: 1 ")
    assert lines[at + 5] == "    row 7: 6,x,2021-05-20,多余"
    assert "    row 8, merchant_id" in lines
    (record,) = kit(
        "import", "a.csv", "--table", "merchants", "--dry-run", "--warehouse", "w.duckdb", "--json"
    ).records
    assert record["rejected_at"]["missing"] == [{"row": 8, "column": "merchant_id", "value": None}]


def test_schema_lists_what_else_means_a_code(kit: Kit) -> None:
    told = kit("schema", "orders").out
    assert "via: quote_management = " in told
    assert "报价管理" in told.split("via: quote_management = ")[1].splitlines()[0]
    assert "genuine: false = 否, " in told
    assert " = " not in kit("schema", "rfq").out


def test_items_of_one_order_are_not_called_a_conflict(kit: Kit, tmp_path: Path) -> None:
    head = "订单ID,商家ID,生成路径,支付时间,实收金额,是否真实交易,颜色"
    lines = [f"1,007,direct,2021-05-20,10.00,true,{colour}" for colour in ("红", "蓝")]
    (tmp_path / "orders.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    told = kit("import", "orders.csv", "--table", "orders", "--warehouse", "w.duckdb")
    (line,) = [line for line in told.out.splitlines() if "rejected for" in line]
    assert line.startswith("  rejected for alike_but_for_unread: 2 (")
    assert "sum, line_key" in line


@pytest.mark.parametrize(
    ("encoding", "recorded", "told"),
    [("gb18030", "gb18030", ", read as GB18030\n"), ("utf-8", "utf-8", "商家.csv\n"),
     ("utf-8-sig", "utf-8-sig", "商家.csv\n"), ("utf-16", "utf-16", "商家.csv\n")],
)  # fmt: skip
def test_what_can_only_be_guessed_of_a_files_characters_is_said(
    kit: Kit, export: Path, encoding: str, recorded: str, told: str
) -> None:
    (export / "商家.csv").write_text(MERCHANTS, encoding=encoding)
    said = kit("import", export, "--dry-run", "--warehouse", "w.duckdb")
    assert told in said.out
    assert "3 rows read = 3 would be loaded" in said.out
    (record,) = kit("import", export, "--dry-run", "--warehouse", "w.duckdb", "--json").records
    assert record["encoding"] == recorded


def test_a_name_with_control_marks_is_shown_inert(kit: Kit, export: Path) -> None:
    (export / "商家.csv").write_text("商家ID,公司名称,\x1b[31m红\n007,a,b\n", encoding="utf-8")
    told = kit("import", export, "--warehouse", "w.duckdb")
    assert "\x1b" not in told.out + told.err
    assert "\\x1b[31m红" in told.out


def test_schema_lists_tables_programmes_and_files(kit: Kit) -> None:
    shapes = {record["name"]: record for record in kit("schema", "--json").records}
    assert set(shapes) == {*TABLES, *NAMES, "rule_file", "overlay", "mapping"}
    orders = {column["name"]: column for column in shapes["orders"]["columns"]}
    assert orders["received_usd"]["type"] == "DECIMAL(18,2)"
    assert shapes["campaign"]["scope"] == "population"
    assert [column["name"] for column in shapes["rfq"]["columns"]] == [
        "merchant_id", "track", "gmv_90d_usd", "free_quotes_granted", "free_quotes_used",
    ]  # fmt: skip
    outcome = [column["name"] for column in shapes["rfq"]["outcome"]]
    assert {"tier", "points", "usd_to_tier_1", "usd_to_tier_2"} <= set(outcome)
    assert "no_entitlement_facts" in shapes["rfq"]["reasons"]
    assert shapes["rule_file"]["schema"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("orders", ["received_usd", "实收金额", "quote_management"]),
        ("rfq", ["gmv_90d_usd", "customization, rts", "usd_to_tier_1", "outcome"]),
        ("campaign", ["measure, optional", "tie_at_cutoff"]),
        ("overlay", ["parameters"]),
    ],
)
@pytest.mark.slow
def test_schema_of_one_name(kit: Kit, name: str, words: list[str]) -> None:
    assert len(kit("schema", name, "--json").records) == 1
    told = kit("schema", name).out
    assert [word for word in words if word not in told] == []
    assert "{'" not in kit("schema").out


def test_forget_asks_at_a_terminal_and_then_removes_one_merchant(
    kit: Kit, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = "SELECT merchant_id FROM merchants ORDER BY merchant_id"
    ids = mk.warehouse(demo).frame(everyone)["merchant_id"].tolist()
    with monkeypatch.context() as terminal:
        terminal.setattr("merchantkit.cli.upkeep._agreed", lambda merchant: False)
        told = kit("forget", "007", "--warehouse", demo)
    assert (told.code, told.out) == (2, "")
    assert "add --yes" in told.err
    assert mk.warehouse(demo).counts()["merchants"] == len(ids)
    where = ("--warehouse", demo, "--out", demo.parent, "--json")
    gone = kit("forget", "007", *where).records
    assert {"place": "merchants", "removed": 1} in gone
    left = mk.warehouse(demo).frame(everyone)
    assert left["merchant_id"].tolist() == [one for one in ids if one != "007"]


def test_a_report_that_cannot_be_read_is_said_and_the_facts_are_forgotten(
    kit: Kit, demo: Path, tmp_path: Path
) -> None:
    (tmp_path / "2021-05" / "_team" / "closed.parquet").mkdir(parents=True)
    told = kit("forget", "007", "--yes", "--warehouse", demo, "--out", tmp_path, "--json")
    assert told.code == 2
    assert "2021-05/_team/closed.parquet" in told.err
    assert {"place": "merchants", "removed": 1} in told.records
    assert mk.warehouse(demo).frame("SELECT 1 FROM merchants WHERE merchant_id = '007'").empty


def test_a_file_of_rejects_that_cannot_be_read_is_said_and_all_else_is_forgotten(
    kit: Kit, export: Path
) -> None:
    (export / "商家.csv").write_text(MERCHANTS + "多,VICTIM-77,深圳,定制\n", encoding="utf-8")
    kit("import", export, "--warehouse", "w.duckdb")
    Path("rejects", "a 甲.csv").write_bytes("商家ID,备注\nVICTIM-77,甲\n".encode("gb18030"))
    told = kit("forget", "VICTIM-77", "--yes", "--warehouse", "w.duckdb", "--json")
    assert told.code == 2
    assert "rejects/a 甲.csv" in told.err
    assert "how many: 1" in told.err
    assert "save them as UTF-8" in told.err
    assert told.records == [
        {"place": "rejects", "removed": 1}, {"place": "rejects files", "removed": 1}
    ]  # fmt: skip
    Path("2021-05", "_team", "closed.parquet").mkdir(parents=True)
    both = kit("forget", "007", "--yes", "--warehouse", "w.duckdb", "--out", ".").err
    assert "how many: 2" in both
    assert "2021-05/_team/closed.parquet, rejects/a 甲.csv" in both


@pytest.mark.parametrize("other", ["7", "0007", "nobody"])
@pytest.mark.slow
def test_forget_does_not_take_one_id_for_another(kit: Kit, demo: Path, other: str) -> None:
    before = mk.warehouse(demo).counts()
    told = kit("forget", other, "--yes", "--warehouse", demo, "--out", demo.parent, "--json")
    assert (told.code, told.records) == (0, [])
    assert f"nothing of {other}" in told.err
    assert mk.warehouse(demo).counts() == before


def test_a_folder_names_what_it_passes_over(kit: Kit, export: Path) -> None:
    (export / "taker.TSV").write_text("商家ID\t业务员ID\t业务员\n007\tt1\t王\n", encoding="utf-8")
    for name in ("c.xls", "~$a.xlsx", "read\x1bme.txt", ".hidden.csv"):
        (export / name).write_bytes(b"x")
    (export / "april.csv").mkdir()
    told = kit("import", export, "--dry-run", "--warehouse", "w.duckdb", "--json")
    assert [Path(record["path"]).name for record in told.records] == ["taker.TSV", "商家.csv"]
    assert f"not read in {export}: april.csv/, c.xls, read\\x1bme.txt, ~$a.xlsx\n" in told.err


def test_a_workbook_with_macros_is_taken_from_a_folder(kit: Kit, export: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["商家ID", "公司名称"], ["8", "甲"]):
        book.active.append(line)
    book.save(export / "八.xlsm")
    told = kit("import", export, "--dry-run", "--warehouse", "w.duckdb", "--json")
    assert [record["read"] for record in told.records] == [1, 3]
    assert "not read" not in told.err


def test_a_folder_without_exports_says_what_it_holds(kit: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    assert "old: empty" in kit("import", folder, "--warehouse", "w.duckdb").err
    (folder / "c.xls").write_bytes(b"x")
    told = kit("import", folder, "--warehouse", "w.duckdb")
    assert told.code == 2
    assert "old: c.xls" in told.err


def test_a_lock_file_of_excel_is_passed_over_where_it_is_named(kit: Kit, export: Path) -> None:
    lock = export / "~$商家.xlsx"
    lock.write_bytes(b"x")
    told = kit("import", export / "商家.csv", lock, "--dry-run", "--warehouse", "w.duckdb")
    assert told.code == 0
    assert "3 rows read = 3 would be loaded" in told.out
    assert str(lock) in told.err
    alone = kit("import", lock, "--dry-run", "--warehouse", "w.duckdb")
    assert (alone.code, alone.out) == (2, "")
    assert "name the workbooks themselves" in alone.err


@pytest.fixture
def broken(export: Path) -> list[Path]:
    """Three files, of which the second breaks off in the middle of a value."""
    (export / "late.csv").write_text('商家ID,公司名称\n8,"甲\n', encoding="utf-8")
    (export / "last.csv").write_text("商家ID,公司名称\n9,乙\n", encoding="utf-8")
    return [export / name for name in ("商家.csv", "late.csv", "last.csv")]


def test_files_before_one_that_breaks_are_told(kit: Kit, broken: list[Path]) -> None:
    told = kit("import", *broken, "--warehouse", "w.duckdb")
    assert told.code == 2
    assert "merchants: 3 new, 0 replaced, 0 unchanged" in told.out
    assert "3 rows read = 3 loaded + 0 rejected + 0 excluded" in told.out
    assert "; 1 of 3 files was loaded: 商家.csv\n  where: " in told.err
    assert "late.csv, row 2" in told.err
    assert mk.warehouse("w.duckdb").counts()["merchants"] == 3
    more = kit("import", broken[2], *broken[:2], "--warehouse", "w.duckdb", "--json")
    assert more.code == 2
    assert [[each["inserted"] for each in file["tables"]] for file in more.records] == [[1], [0]]
    assert "; 2 of 3 files were loaded: last.csv, 商家.csv\n" in more.err


def test_where_the_first_file_breaks_none_was_loaded(kit: Kit, broken: list[Path]) -> None:
    told = kit("import", *broken[1:], "--warehouse", "w.duckdb", "--json")
    assert (told.code, told.out) == (2, "")
    assert "; 0 of 2 files were loaded\n" in told.err
    alone = kit("import", broken[1], "--warehouse", "w.duckdb")
    assert (alone.code, alone.out) == (2, "")
    assert "files" not in alone.err


def test_a_dry_run_tells_them_too(kit: Kit, broken: list[Path]) -> None:
    told = kit("import", *broken, "--dry-run", "--warehouse", "w.duckdb")
    assert told.code == 2
    assert "3 rows read = 3 would be loaded" in told.out
    assert "; 1 of 3 files would be loaded: 商家.csv\n" in told.err

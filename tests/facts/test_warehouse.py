"""The warehouse among other programs: real second processes hold the file."""

import contextlib
import datetime as dt
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.errors import WarehouseBusy, WarehouseError, WarehouseMissing
from merchantkit.facts import demo, migrations
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import Upserted, claim, compare, upsert
from merchantkit.facts.warehouse import Warehouse, fetch

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reader")
print("held", flush=True)
sys.stdin.readline()
connection.close()
print("released", flush=True)
sys.stdin.readline()
"""


@contextlib.contextmanager
def held_elsewhere(path: Path, how: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLDER, str(path), how]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        try:
            assert other.stdout.readline() == "held\n"
            yield other
        finally:
            with contextlib.suppress(BrokenPipeError, ValueError):
                other.communicate("\n\n", timeout=20)


def release(other: "subprocess.Popen[str]") -> None:
    assert other.stdin is not None
    other.stdin.write("\n")
    other.stdin.flush()


def merchants(*ids: str, name: str = "甲公司", file: str = "file-1") -> pa.Table:
    rows = [
        {"merchant_id": merchant_id, "company_name": name, "source_file": file, "source_row": row}
        for row, merchant_id in enumerate(ids, start=2)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["merchants"].arrow_schema)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse.open(tmp_path / "w.duckdb", create=True, wait_seconds=0.4)
    with made.write() as connection:
        upsert(connection, "merchants", merchants("007", "NA"))
    return made


def path_of(warehouse: Warehouse) -> Path:
    assert warehouse.path is not None
    return warehouse.path


def ids(warehouse: Warehouse) -> list[str]:
    frame = warehouse.frame("SELECT merchant_id FROM merchants ORDER BY ALL")
    return [str(value) for value in frame["merchant_id"]]


# Among other programs


@pytest.mark.parametrize("how", ["reader", "writer"])
@pytest.mark.slow
def test_a_writer_waits_for_a_holder_elsewhere_then_names_it(
    warehouse: Warehouse, how: str
) -> None:
    with held_elsewhere(path_of(warehouse), how) as other:
        start = time.monotonic()
        with pytest.raises(WarehouseBusy) as caught, warehouse.write():
            pytest.fail("the write began while the file was held")
        assert time.monotonic() - start >= 0.4
        assert f"(pid {other.pid})" in caught.value.what
        assert "python" in caught.value.what
        assert caught.value.where == str(warehouse.path)
        assert caught.value.remedy
        assert caught.value.exit_code == 3
    with warehouse.write() as connection:
        upsert(connection, "merchants", merchants("null"))
    assert ids(warehouse) == ["007", "NA", "null"]


@pytest.mark.slow
def test_a_reader_waits_for_a_writer_elsewhere_then_names_it(warehouse: Warehouse) -> None:
    with (
        held_elsewhere(path_of(warehouse), "writer") as other,
        pytest.raises(WarehouseBusy, match=rf"\(pid {other.pid}\)"),
    ):
        ids(warehouse)
    assert ids(warehouse) == ["007", "NA"]


@pytest.mark.slow
def test_readers_elsewhere_do_not_disturb_a_reader(warehouse: Warehouse) -> None:
    with held_elsewhere(path_of(warehouse), "reader"):
        assert ids(warehouse) == ["007", "NA"]


@pytest.mark.parametrize("how", ["reader", "writer"])
@pytest.mark.slow
def test_both_get_along_once_the_other_lets_go(warehouse: Warehouse, how: str) -> None:
    patient = Warehouse.open(warehouse.path, wait_seconds=20)
    with held_elsewhere(path_of(warehouse), how) as other:
        later = threading.Timer(0.5, release, [other])
        later.start()
        start = time.monotonic()
        with patient.write() as connection:
            upsert(connection, "merchants", merchants("null"))
        assert 0.4 <= time.monotonic() - start < 15
        later.join()
        assert ids(patient) == ["007", "NA", "null"]


@pytest.mark.slow
def test_a_read_left_open_in_this_program_is_named_as_such(warehouse: Warehouse) -> None:
    with (
        warehouse.read(),
        pytest.raises(WarehouseBusy, match="same program"),
        warehouse.write(),
    ):
        pytest.fail("the write began beside a read")
    with warehouse.write():
        pass


@pytest.mark.slow
def test_no_handle_outlives_its_block(warehouse: Warehouse) -> None:
    assert ids(warehouse) == ["007", "NA"]
    with held_elsewhere(path_of(warehouse), "writer") as other:
        assert other.poll() is None


KILLED = """
import os, signal, sys
from merchantkit.facts.warehouse import Warehouse
with Warehouse.open(sys.argv[1]).write() as connection:
    connection.execute("DELETE FROM merchants")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_a_writer_killed_on_the_way_changes_nothing_and_holds_nothing(
    warehouse: Warehouse,
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(warehouse.path)], check=False)
    assert done.returncode == -9
    assert ids(warehouse) == ["007", "NA"]
    with warehouse.write() as connection:
        upsert(connection, "merchants", merchants("null"))
    assert ids(warehouse) == ["007", "NA", "null"]


@pytest.mark.slow
def test_threads_read_side_by_side_and_a_write_waits_for_them(warehouse: Warehouse) -> None:
    patient = Warehouse.open(warehouse.path, wait_seconds=20)
    found: list[list[str]] = []
    with patient.read():
        readers = [threading.Thread(target=lambda: found.append(ids(patient))) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert found == [["007", "NA"]] * 4
    block = patient.read()
    block.__enter__()
    leaving = threading.Timer(0.3, block.__exit__, (None, None, None))
    leaving.start()
    with patient.write() as connection:
        upsert(connection, "merchants", merchants("null"))
    leaving.join()
    assert ids(patient) == ["007", "NA", "null"]


# Files


def test_reading_never_creates_a_file(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing, match="merchantkit demo"):
        Warehouse.open(tmp_path / "none.duckdb")
    with pytest.raises(WarehouseMissing):
        Warehouse.open(tmp_path / "none.duckdb", create=True).frame("SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_went_away_is_not_made_anew_by_a_write(warehouse: Warehouse) -> None:
    again = Warehouse.open(warehouse.path)
    path_of(warehouse).unlink()
    with pytest.raises(WarehouseMissing), again.write():
        pytest.fail("a write made the file")
    assert not path_of(warehouse).exists()


def test_a_first_write_that_fails_leaves_no_file(tmp_path: Path) -> None:
    fresh = Warehouse.open(tmp_path / "w.duckdb", create=True)
    with pytest.raises(ZeroDivisionError), fresh.write() as connection:
        upsert(connection, "merchants", merchants("007"))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_write_is_undone_by_an_exception(warehouse: Warehouse) -> None:
    with pytest.raises(ZeroDivisionError), warehouse.write() as connection:
        upsert(connection, "merchants", merchants("null"))
        raise ZeroDivisionError
    assert ids(warehouse) == ["007", "NA"]


def test_in_memory_a_write_is_undone_too() -> None:
    memory = Warehouse.in_memory()
    with pytest.raises(ZeroDivisionError), memory.write() as connection:
        upsert(connection, "merchants", merchants("null"))
        raise ZeroDivisionError
    assert ids(memory) == []


def test_a_read_inside_a_write_sees_what_was_written(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        upsert(connection, "merchants", merchants("null"))
        assert "null" in ids(warehouse)
        with pytest.raises(WarehouseError, match="under way"), warehouse.write():
            pytest.fail("a write began inside a write")


def test_a_read_handle_cannot_write(warehouse: Warehouse) -> None:
    with warehouse.read() as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("DELETE FROM merchants")


@pytest.mark.parametrize("content", [b"", b"merchant_id,company_name\n" * 500])
def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    for attempt in (Warehouse.open(path).read(), Warehouse.open(path, create=True).write()):
        with pytest.raises(WarehouseError, match=r"orders\.csv"), attempt:
            pytest.fail("it was opened")
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE theirs AS SELECT 1 AS a")
    for attempt in (Warehouse.open(path).read(), Warehouse.open(path, create=True).write()):
        with pytest.raises(WarehouseError, match="no warehouse of merchantkit"), attempt:
            pytest.fail("it was opened")
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [
            ("theirs",)
        ]


def test_a_folder_that_does_not_exist_is_a_clear_error(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match="nowhere"),
        Warehouse.open(tmp_path / "nowhere" / "w.duckdb", create=True).write(),
    ):
        pytest.fail("it was opened")


# Versions


def test_a_new_file_carries_the_version(warehouse: Warehouse) -> None:
    assert warehouse.schema_version == migrations.SCHEMA_VERSION


def test_a_newer_file_is_refused(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    known = f"schema version 99, this kit knows {migrations.SCHEMA_VERSION}"
    for attempt in (warehouse.read(), warehouse.write()):
        with pytest.raises(WarehouseError, match=known), attempt:
            pytest.fail("it was opened")


def test_an_older_file_migrates_itself_when_read(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.write() as connection:
        connection.execute("DROP TABLE campaign_enrolments")
    now = migrations.SCHEMA_VERSION
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", now + 1)
    monkeypatch.setattr(
        migrations, "STEPS", {now: ("ALTER TABLE merchants ADD COLUMN note VARCHAR",)}
    )
    frame = warehouse.frame("SELECT merchant_id, note FROM merchants ORDER BY merchant_id")
    assert frame["merchant_id"].tolist() == ["007", "NA"]
    assert frame["note"].isna().all()
    assert warehouse.schema_version == now + 1
    assert warehouse.counts()["campaign_enrolments"] == 0


def test_a_file_from_before_a_table_was_added_gets_it_and_keeps_its_rows(
    warehouse: Warehouse,
) -> None:
    with warehouse.write() as connection:
        connection.execute("DROP TABLE pillar_scores")
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
    assert ids(warehouse) == ["007", "NA"]
    assert warehouse.schema_version == migrations.SCHEMA_VERSION
    assert warehouse.counts()["pillar_scores"] == 0


def test_a_warehouse_of_the_first_version_gains_the_new_tables(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        connection.execute("DROP TABLE shipments")
        connection.execute("DROP TABLE spot_checks")
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
    counts = warehouse.counts()
    assert (counts["shipments"], counts["spot_checks"], counts["merchants"]) == (0, 0, 2)
    assert warehouse.schema_version == migrations.SCHEMA_VERSION


def test_a_file_of_version_3_gains_the_fourth_quantity_and_takes_new_rows(
    warehouse: Warehouse,
) -> None:
    facts = TABLES["export_lines"]
    plain = {
        "line_id": "1", "merchant_id": "007", "exported_on": dt.date(2021, 5, 4),
        "quantity_1": Decimal(3), "unit_1": "kg", "source_file": "f", "source_row": 2,
    }  # fmt: skip
    with warehouse.write() as connection:
        connection.execute("ALTER TABLE export_lines DROP COLUMN quantity_4")
        connection.execute("ALTER TABLE export_lines DROP COLUMN unit_4")
        names = ", ".join(plain)
        connection.execute(
            f"INSERT INTO export_lines ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [*plain.values()],
        )
        connection.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")
    # The column that was added stands last in the file, behind where each row came from.
    second = {**plain, "line_id": "2", "quantity_4": Decimal("6.5"), "unit_4": "battery"}
    with warehouse.write() as connection:
        upsert(connection, "export_lines", pa.Table.from_pylist([second], facts.arrow_schema))
    rows = warehouse.frame(
        "SELECT line_id, quantity_1, quantity_4, unit_4, source_row FROM export_lines ORDER BY 1"
    )
    assert rows["quantity_1"].tolist() == [Decimal(3), Decimal(3)]
    assert rows["unit_4"].isna().tolist() == [True, False]
    assert (rows["quantity_4"].iloc[1], rows["unit_4"].iloc[1]) == (Decimal("6.5"), "battery")
    assert rows["source_row"].tolist() == [2, 2]


def test_a_lead_time_of_the_third_version_says_nothing_of_negotiation(
    warehouse: Warehouse,
) -> None:
    with warehouse.write() as connection:
        connection.execute("ALTER TABLE customization_lead_times DROP COLUMN lead_time_negotiated")
        connection.execute(
            "INSERT INTO customization_lead_times (model_id, merchant_id, up_to_pieces, "
            "lead_time_days, source_file, source_row) VALUES ('M', '007', 50, NULL, 't', 2)"
        )
        connection.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")
    (row,) = warehouse.frame("FROM customization_lead_times").to_dict("records")
    assert row["up_to_pieces"] == 50
    assert pd.isna(row["lead_time_negotiated"])
    assert warehouse.schema_version == migrations.SCHEMA_VERSION


def test_a_migration_that_fails_changes_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ("ALTER TABLE merchants ADD COLUMN note VARCHAR", "SELECT nonsense")
    now = migrations.SCHEMA_VERSION
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "SCHEMA_VERSION", now + 1)
        patched.setattr(migrations, "STEPS", {now: steps})
        with pytest.raises(duckdb.Error):
            ids(warehouse)
    assert warehouse.schema_version == now
    assert "note" not in warehouse.frame("SELECT * FROM merchants").columns


# Rows


def test_frames_keep_decimals_ids_and_whole_sums_exact() -> None:
    frame = Warehouse.in_memory().frame(
        "SELECT $id AS id, 0.10::DECIMAL(18,2) AS usd, sum(n) AS n, NULL::DATE AS day "
        "FROM range(3) AS t(n)",
        {"id": "9007199254740993"},
    )
    assert frame.loc[0, ["id", "usd", "n"]].tolist() == ["9007199254740993", Decimal("0.10"), 3]
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes)
    assert frame["n"].dtype == pd.ArrowDtype(pa.int64())


def test_a_parameter_is_never_sql(warehouse: Warehouse) -> None:
    nasty = "007' OR '1'='1"
    frame = warehouse.frame("SELECT * FROM merchants WHERE merchant_id = $id", {"id": nasty})
    assert len(frame) == 0


def test_sql_reaches_no_file_and_no_python_variable(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    stranger = merchants("x")
    assert stranger.num_rows == 1
    for sql in (f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", "SELECT * FROM stranger"):  # noqa: S608
        with pytest.raises(duckdb.Error):
            warehouse.frame(sql)


def test_the_same_rows_twice_change_nothing(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        again = upsert(connection, "merchants", merchants("007", "NA", file="file-2"))
    assert again == Upserted(inserted=0, replaced=0, unchanged=2)
    files = warehouse.frame("SELECT DISTINCT source_file FROM merchants")["source_file"]
    assert files.tolist() == ["file-1"]


def test_a_later_row_replaces_by_key(warehouse: Warehouse) -> None:
    later = pa.concat_tables(
        [merchants("NA", file="file-2"), merchants("007", "null", name="乙公司", file="file-2")]
    )
    with warehouse.read() as connection:
        foreseen = compare(connection, "merchants", later, merchants())
    assert ids(warehouse) == ["007", "NA"]
    with warehouse.write() as connection:
        done = upsert(connection, "merchants", later)
    assert done == foreseen == Upserted(inserted=1, replaced=1, unchanged=1)
    rows = warehouse.frame(
        "SELECT merchant_id, company_name, source_file FROM merchants ORDER BY ALL"
    )
    assert rows.to_numpy().tolist() == [
        ["007", "乙公司", "file-2"],
        ["NA", "甲公司", "file-1"],
        ["null", "乙公司", "file-2"],
    ]


def test_rows_are_compared_with_those_beneath_where_the_table_has_none(
    warehouse: Warehouse,
) -> None:
    beneath = pa.concat_tables([merchants("007", name="乙公司"), merchants("null", "8")])
    with warehouse.read() as connection:
        found = compare(connection, "merchants", merchants("007", "null", "9"), beneath)
    # 007 of the table hides the other, null is there, 9 nowhere.
    assert found == Upserted(inserted=1, replaced=0, unchanged=2)


def test_a_value_that_becomes_missing_is_a_change(warehouse: Warehouse) -> None:
    gone = pa.Table.from_pylist(
        [{"merchant_id": "007", "source_file": "file-2", "source_row": 2}],
        schema=TABLES["merchants"].arrow_schema,
    )
    with warehouse.write() as connection:
        assert upsert(connection, "merchants", gone).replaced == 1
        assert upsert(connection, "merchants", gone).unchanged == 1


def test_a_two_part_key_replaces_only_its_own_row() -> None:
    def counts(month: str, visitors: int) -> pa.Table:
        row = {
            "merchant_id": "007",
            "month": month,
            "visitors": visitors,
            "source_file": "f",
            "source_row": 2,
        }
        return pa.Table.from_pylist([row], schema=TABLES["campaign_counts"].arrow_schema)

    memory = Warehouse.in_memory()
    with memory.write() as connection:
        upsert(connection, "campaign_counts", counts("2021-04", 1))
        upsert(connection, "campaign_counts", counts("2021-05", 2))
        assert upsert(connection, "campaign_counts", counts("2021-05", 3)).replaced == 1
    rows = memory.frame("SELECT month, visitors FROM campaign_counts ORDER BY ALL")
    assert rows.to_numpy().tolist() == [["2021-04", 1], ["2021-05", 3]]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (merchants("007", "007"), "more than once"),
        (merchants("007").drop_columns(["region"]), "missing: region"),
        (merchants("007").append_column("tier", pa.array([1])), "unknown: tier"),
        (
            pa.table(
                {**merchants("007").to_pydict(), "merchant_id": pa.array([None], pa.string())}
            ),
            "do not fit",
        ),
    ],
    ids=["key twice", "column missing", "column unknown", "key missing"],
)
def test_rows_that_do_not_fit_are_refused_whole(
    warehouse: Warehouse, rows: pa.Table, said: str
) -> None:
    with pytest.raises(WarehouseError, match=said), warehouse.write() as connection:
        upsert(connection, "merchants", merchants("null"))
        upsert(connection, "merchants", rows)
    assert ids(warehouse) == ["007", "NA"]


@pytest.mark.slow
def test_a_quarter_of_a_million_dimes_are_25000_to_the_cent() -> None:
    rows = 250_000
    orders = pa.table(
        {
            "order_id": pa.array([str(row) for row in range(rows)]),
            "merchant_id": pa.array(["007"] * rows),
            "buyer_id": pa.nulls(rows, pa.string()),
            "quote_id": pa.nulls(rows, pa.string()),
            "via": pa.array(["direct"] * rows),
            "paid_at": pa.array([dt.date(2021, 5, 1)] * rows).cast(pa.timestamp("us")),
            "paid_at_is_date": pa.array([True] * rows),
            "received_usd": pa.array([Decimal("0.10")] * rows, pa.decimal128(18, 2)),
            "genuine": pa.array([True] * rows),
            "payment_method": pa.nulls(rows, pa.string()),
            "logistics": pa.nulls(rows, pa.string()),
            "source_file": pa.array(["f"] * rows),
            "source_row": pa.array(range(2, rows + 2)),
        }
    )
    memory = Warehouse.in_memory()
    with memory.write() as connection:
        assert upsert(connection, "orders", orders).inserted == rows
        total = fetch(connection, "SELECT sum(received_usd) AS usd FROM orders")
    assert total["usd"].tolist() == [Decimal("25000.00")]


# Origin and forgetting


def test_origin_says_for_good_that_facts_lie_beside_a_demo(warehouse: Warehouse) -> None:
    assert warehouse.origin is None
    with warehouse.write() as connection:
        claim(connection, "demo")
    assert warehouse.origin == "demo"
    with warehouse.write() as connection:
        claim(connection, "imported")
    assert warehouse.origin == "mixed"
    with pytest.raises(WarehouseError, match="--warehouse"), warehouse.write() as connection:
        claim(connection, "demo")
    with warehouse.write() as connection:
        claim(connection, "imported")
    assert warehouse.origin == "mixed"


def test_origin_says_imported_for_good(warehouse: Warehouse) -> None:
    with warehouse.write() as connection:
        claim(connection, "imported")
    with pytest.raises(WarehouseError, match="--warehouse"), warehouse.write() as connection:
        claim(connection, "demo")
    with warehouse.write() as connection:
        claim(connection, "imported")
    assert warehouse.origin == "imported"


def test_forgetting_leaves_nothing_of_the_merchant_not_even_bytes(tmp_path: Path) -> None:
    # The marks are long and unlike each other, so that no compression hides them from the search.
    marks = {"gone": "Zq7-gone-4f9a81c2", "main": "Kx3-stays-b07de551"}
    warehouse = Warehouse.open(tmp_path / "w.duckdb", create=True)
    rows = pa.Table.from_pylist(
        [
            {"merchant_id": marks["gone"], "company_name": "忘记我贸易有限公司"},
            {"merchant_id": marks["main"], "main_account_id": marks["gone"]},
        ],
        schema=pa.schema([f.with_nullable(True) for f in TABLES["merchants"].arrow_schema]),
    )
    rows = rows.set_column(8, "source_file", pa.array(["f", "f"]))
    rows = rows.set_column(9, "source_row", pa.array([2, 3]))
    counted = pa.Table.from_pylist(
        [{"merchant_id": marks["gone"], "month": "2021-05", "source_file": "f", "source_row": 2}],
        schema=TABLES["campaign_counts"].arrow_schema,
    )
    reject = "INSERT INTO rejects VALUES ('f', 'orders.csv', 'orders', $row, $column, $value, "
    with warehouse.write() as connection:
        upsert(connection, "merchants", rows)
        upsert(connection, "campaign_counts", counted)
        connection.execute(
            reject + "'not_money', NULL, $id)",
            {"row": 7, "column": "received_usd", "value": "abc", "id": marks["gone"]},
        )
        connection.execute(
            reject + "'key_twice', NULL, NULL)",
            {"row": 8, "column": "merchant_id", "value": marks["gone"]},
        )
    assert marks["gone"].encode() in path_of(warehouse).read_bytes()
    assert warehouse.forget(marks["gone"]) == {
        "merchants": 1,
        "campaign_counts": 1,
        "rejects": 2,
        "main_account_id": 1,
    }
    assert ids(warehouse) == [marks["main"]]
    kept = path_of(warehouse).read_bytes()
    assert marks["gone"].encode() not in kept
    assert marks["main"].encode() in kept
    assert [path.name for path in tmp_path.iterdir()] == ["w.duckdb"]


def test_forgetting_through_a_link_reaches_the_file_and_keeps_who_may_open_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    file = path_of(warehouse)
    with warehouse.write() as connection:
        upsert(connection, "merchants", merchants("Zq7-gone-4f9a81c2"))
    file.chmod(0o664)
    (tmp_path / "here").mkdir()
    link = tmp_path / "here" / "link.duckdb"
    link.symlink_to(file)
    # What a rewrite that was killed has left: a copy that may hold anyone.
    left = tmp_path / f".{file.name}.1.tmp"
    left.write_bytes(b"Zq7-gone-4f9a81c2")
    assert Warehouse.open(link).forget("Zq7-gone-4f9a81c2") == {"merchants": 1}
    assert link.is_symlink()
    assert b"Zq7-gone-4f9a81c2" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o664
    assert ids(Warehouse.open(link)) == ids(warehouse) == ["007", "NA"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "w.duckdb"]


def test_forgetting_someone_unknown_removes_nothing(warehouse: Warehouse) -> None:
    assert warehouse.forget("nobody") == {}
    assert ids(warehouse) == ["007", "NA"]


def test_forgetting_works_in_memory() -> None:
    memory = Warehouse.in_memory()
    with memory.write() as connection:
        upsert(connection, "merchants", merchants("007", "NA"))
    assert memory.forget("007") == {"merchants": 1}
    assert ids(memory) == ["NA"]


def test_a_notebook_finds_the_projects_warehouse_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params" / "rules").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    demo.fill(Warehouse.open(tmp_path / "merchants.duckdb", create=True), merchants=2)
    monkeypatch.chdir(tmp_path / "notebooks")
    assert Warehouse.open("merchants.duckdb").counts()["merchants"] == 2
    with pytest.raises(WarehouseMissing):
        Warehouse.open("other.duckdb")


def test_a_relative_path_means_one_file_to_those_who_read_and_those_who_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params" / "rules").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    with Warehouse.open(tmp_path / "trial.duckdb", create=True).write() as connection:
        upsert(connection, "merchants", merchants("007"))
    monkeypatch.chdir(tmp_path / "notebooks")
    with Warehouse.open("trial.duckdb", create=True).write() as connection:
        upsert(connection, "merchants", merchants("NA"))
    assert not (tmp_path / "notebooks" / "trial.duckdb").exists()
    assert ids(Warehouse.open("trial.duckdb")) == ["007", "NA"]
    with Warehouse.open("new.duckdb", create=True).write() as connection:
        upsert(connection, "merchants", merchants("8"))
    assert (tmp_path / "notebooks" / "new.duckdb").exists()


def test_one_reading_is_one_connection_and_gives_the_file_back(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    real = Warehouse._reader
    monkeypatch.setattr(Warehouse, "_reader", lambda self: opened.append(self) or real(self))
    with warehouse.one_reading():
        assert ids(warehouse) == ids(warehouse) == ["007", "NA"]
        with warehouse.one_reading():
            assert warehouse.counts()["merchants"] == 2
        assert ids(warehouse) == ["007", "NA"]
    assert len(opened) == 1
    with warehouse.write() as connection:  # nothing holds it any more
        connection.execute("DELETE FROM merchants WHERE merchant_id = 'NA'")
    assert ids(warehouse) == ["007"]

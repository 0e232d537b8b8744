"""A dry run: the counts of the import that follows, nothing written, and a bound on memory."""

import contextlib
import csv
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from merchantkit.facts import store
from merchantkit.facts.connect import bounded, connect
from merchantkit.facts.intake import ImportReport, import_facts
from merchantkit.facts.intake.mapping import Mapping
from merchantkit.facts.intake.staging import Staging
from merchantkit.facts.warehouse import Warehouse

HEADERS = ["order_id", "merchant_id", "via", "paid_at", "received_usd", "genuine"]
# What DuckDB calls 1 GB.
BOUND = "953.6 MiB"
# Two lines of one order are its sum, and say twice who the merchant is.
SUMMED = Mapping.model_validate(
    {
        "name": "summed",
        "tables": {
            "merchants": {"columns": {"merchant_id": "merchant_id"}},
            "orders": {"columns": {name: name for name in HEADERS}, "sum": ["received_usd"]},
        },
    }
)


def write(path: Path, *orders: tuple[str, str]) -> Path:
    lines = [[number, "m1", "direct", "2021-05-01", usd, "yes"] for number, usd in orders]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADERS, *lines])
    return path


@pytest.fixture(params=["no file yet", "a file", "in memory"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    (tmp_path / "home").mkdir()
    if request.param == "in memory":
        return filled(Warehouse.in_memory(), tmp_path)
    made = Warehouse.open(tmp_path / "home" / "w.duckdb", create=True)
    return made if request.param == "no file yet" else filled(made, tmp_path)


def filled(warehouse: Warehouse, folder: Path) -> Warehouse:
    import_facts(warehouse, write(folder / "before.csv", ("1", "10"), ("3", "5"), ("8", "1")))
    return warehouse


def exists(warehouse: Warehouse) -> bool:
    return warehouse.path is None or warehouse.path.exists()


def state(warehouse: Warehouse) -> tuple[Any, ...]:
    if not exists(warehouse):
        return ()
    orders = warehouse.frame("SELECT * FROM orders ORDER BY order_id").to_numpy().tolist()
    return orders, warehouse.counts(), len(warehouse.frame("SELECT * FROM imports"))


def counts(report: ImportReport) -> list[dict[str, tuple[int, int, int]]]:
    return [
        {each.table: (each.inserted, each.replaced, each.unchanged) for each in file.tables}
        for file in report.files
    ]


def test_a_dry_run_counts_what_the_import_then_counts(warehouse: Warehouse, tmp_path: Path) -> None:
    files = [
        write(tmp_path / "a.csv", ("1", "10"), ("2", "10"), ("9", "bad")),
        write(tmp_path / "b.csv", ("2", "10"), ("1", "20"), ("3", "10"), ("4", "1")),
        write(tmp_path / "c.csv", ("1", "20"), ("3", "5"), ("8", "1"), ("5", "1")),
    ]
    # By hand, file by file; before them the warehouse holds 1 for 10, 3 for 5 and 8 for 1.
    expected = [(1, 0, 1), (1, 2, 1), (1, 1, 2)] if exists(warehouse) else [
        (2, 0, 0), (2, 1, 1), (2, 1, 1),
    ]  # fmt: skip
    before = state(warehouse)
    dry = import_facts(warehouse, files, dry_run=True)
    assert state(warehouse) == before
    wet = import_facts(warehouse, files)
    assert counts(dry) == counts(wet) == [{"orders": each} for each in expected]
    told = ("read", "loaded", "rejected", "excluded", "rejected_for", "excluded_for")
    for one, other in zip(dry.files, wet.files, strict=True):
        assert [getattr(one, name) for name in told] == [getattr(other, name) for name in told]


def test_sums_over_lines_are_counted_by_order(warehouse: Warehouse, tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", ("1", "4"), ("1", "6"), ("2", "1"), ("2", "1"), ("3", "1"))
    expected = {"merchants": (1, 0, 0), "orders": (3, 0, 0)}
    if exists(warehouse):
        # 1 is 10 again, 3 was 5.
        expected["orders"] = (1, 1, 1)
    dry = import_facts(warehouse, file, mapping=SUMMED, dry_run=True)
    wet = import_facts(warehouse, file, mapping=SUMMED)
    assert counts(dry) == counts(wet) == [expected]


def test_a_dry_run_holds_no_more_than_an_import(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[tuple[str, bool]] = []
    count = store._count

    def watched(connection: duckdb.DuckDBPyConnection, *given: Any) -> Any:
        places.extend(
            connection.execute(
                "SELECT current_setting('memory_limit'), path IS NOT NULL "
                "FROM duckdb_databases() WHERE database_name = current_database()"
            ).fetchall()
        )
        if warehouse.path is not None and warehouse.path.exists():
            # A second reader of the file shares what the first one, still open, has.
            shared = warehouse.frame("SELECT current_setting('memory_limit') AS bound")
            places.append((shared.loc[0, "bound"], True))
        return count(connection, *given)

    monkeypatch.setattr(store, "_count", watched)
    import_facts(warehouse, write(tmp_path / "a.csv", ("1", "10")), dry_run=True)
    assert set(places) == {(BOUND, True)}


def test_a_dry_run_leaves_no_file_behind(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    file = write(tmp_path / "a.csv", ("1", "10"), ("2", "10"))
    kept = sorted((tmp_path / "home").iterdir())
    import_facts(warehouse, [file, file], dry_run=True)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert sorted((tmp_path / "home").iterdir()) == kept


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_dry_run_gives_a_borrowed_connection_its_memory_back(tmp_path: Path, how: str) -> None:
    warehouse = filled(Warehouse.open(tmp_path / "w.duckdb", create=True), tmp_path)
    lent = warehouse.one_reading() if how == "read" else warehouse.write()
    limit = "SELECT current_setting('memory_limit')"
    with lent, warehouse.read() as connection:
        before = connection.execute(limit).fetchall()
        (file,) = import_facts(warehouse, tmp_path / "before.csv", dry_run=True).files
        assert connection.execute(limit).fetchall() == before
    assert (file.inserted, file.replaced, file.unchanged) == (0, 0, 3)


def test_the_last_of_several_dry_runs_lifts_the_bound(tmp_path: Path) -> None:
    warehouse = filled(Warehouse.open(tmp_path / "w.duckdb", create=True), tmp_path)

    def limit() -> str:
        return str(reader.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])

    def reading() -> duckdb.DuckDBPyConnection:
        return lent.enter_context(contextlib.closing(connect(warehouse.path, read_only=True)))

    with contextlib.ExitStack() as lent:
        reader = reading()
        before = limit()
        assert before != BOUND
        for _ in range(2):
            with contextlib.ExitStack() as second:
                with bounded(reading()):
                    second.enter_context(bounded(reading()))
                assert limit() == BOUND
            assert limit() == before


def test_a_failure_on_the_way_is_told_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = filled(Warehouse.open(tmp_path / "w.duckdb", create=True), tmp_path)

    def full(staging: Staging, name: str) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Staging, "unordered_rows", full)
    with warehouse.one_reading(), pytest.raises(OSError, match="no space"):
        import_facts(warehouse, tmp_path / "before.csv", dry_run=True)
    assert warehouse.counts()["orders"] == 3

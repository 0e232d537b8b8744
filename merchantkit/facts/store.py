"""Putting rows into tables of facts: replaced by key, left alone where nothing changed."""

# ruff: noqa: S608  (names of tables and columns come from the declaration, values never do)

import contextlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

import duckdb
import pandas as pd
import pyarrow as pa

from merchantkit.errors import WarehouseError
from merchantkit.facts.schemas import TABLES, Table, table

Origin = Literal["demo", "imported", "mixed"]


class Upserted(NamedTuple):
    """What becomes of the rows that were brought; their sum is how many those were."""

    inserted: int
    replaced: int
    unchanged: int


def upsert(
    connection: duckdb.DuckDBPyConnection,
    table_name: str,
    rows: pa.Table | pa.RecordBatchReader | pd.DataFrame,
) -> Upserted:
    """Bring rows into a table, replacing those of the same key.

    A row that says the same as the one there leaves it alone, with its old file and row number:
    importing a file twice changes nothing.

    Args:
        connection: Lent by ``Warehouse.write``.
        table_name: A table of facts.
        rows: Typed, with every stored column; validated by the caller (``Table.schema``).

    Raises:
        WarehouseError: Columns are missing or unknown, a key is there twice, a required value is
            missing.
    """
    facts = table(table_name)
    with _staged(connection, facts, rows):
        counts = _count(connection, facts, "temp.staged_rows", facts.name)
        if counts.replaced or counts.unchanged:
            _keep_changed(connection, facts)
        names = ", ".join(facts.names)
        # By name: a column that a migration added stands last in the file.
        connection.execute(
            f"INSERT INTO {facts.name} ({names}) SELECT {names} FROM temp.staged_rows"
        )
    return counts


def compare(
    connection: duckdb.DuckDBPyConnection,
    table_name: str,
    rows: pa.Table | pa.RecordBatchReader,
    beneath: pa.Table | pa.RecordBatchReader,
) -> Upserted:
    """Say what ``upsert`` would do, and do nothing; no row is copied.

    Args:
        connection: To a database that has the table; a read-only one is enough.
        table_name: A table of facts.
        rows: As for ``upsert``, each key once.
        beneath: What the table is taken to hold too, where it has no row of that key itself.
    """
    facts = table(table_name)
    _require_columns(facts, rows.schema.names)
    names, keys = ", ".join(facts.names), ", ".join(facts.key)
    known = (
        f"(SELECT {names} FROM {facts.name} UNION ALL "
        f"SELECT {names} FROM rows_beneath ANTI JOIN {facts.name} USING ({keys}))"
    )
    connection.register("brought_rows", rows)
    connection.register("rows_beneath", beneath)
    try:
        return _count(connection, facts, "brought_rows", known)
    finally:
        # After an error both may be lost, and the first one is the one to tell.
        with contextlib.suppress(duckdb.Error):
            connection.unregister("brought_rows")
            connection.unregister("rows_beneath")


def claim(connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    """Record where the facts come from; what is imported beside a demo makes them ``mixed``.

    Raises:
        WarehouseError: A demo is to go into a warehouse that holds imported facts.
    """
    rows = connection.execute("SELECT value FROM meta WHERE key = 'origin'").fetchall()
    before = rows[0][0] if rows else None
    if origin == "demo" and before not in (None, "demo"):
        raise WarehouseError(
            "the warehouse holds imported facts; a demo would mix invented merchants in",
            remedy="name another file with --warehouse",
        )
    if before in ("demo", "mixed") and origin == "imported":
        origin = "mixed"
    connection.execute("DELETE FROM meta WHERE key = 'origin'")
    connection.execute("INSERT INTO meta VALUES ('origin', $origin)", {"origin": origin})


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove every fact; the log of imports and the rejects stay."""
    for name in TABLES:
        connection.execute(f"DELETE FROM {name}")


def _keep_changed(connection: duckdb.DuckDBPyConnection, facts: Table) -> None:
    """Drop staged rows that say nothing new, and the rows that the others replace."""
    same_key = _all_equal(facts.key, "=")
    connection.execute(
        f"DELETE FROM temp.staged_rows s USING {facts.name} t "
        f"WHERE {same_key} AND {_same_content(facts)}"
    )
    connection.execute(f"DELETE FROM {facts.name} t USING temp.staged_rows s WHERE {same_key}")


@contextlib.contextmanager
def _staged(
    connection: duckdb.DuckDBPyConnection,
    facts: Table,
    rows: pa.Table | pa.RecordBatchReader | pd.DataFrame,
) -> Iterator[None]:
    if isinstance(rows, pd.DataFrame):
        rows = pa.Table.from_pandas(rows, preserve_index=False)
    _require_columns(facts, rows.schema.names)
    connection.register("brought_rows", rows)
    try:
        made = f"CREATE TABLE {facts.name} "
        connection.execute(facts.ddl.replace(made, "CREATE TEMP TABLE staged_rows ", 1))
        connection.execute(
            f"INSERT INTO temp.staged_rows SELECT {', '.join(facts.names)} FROM brought_rows"
        )
        _require_unique(connection, facts)
        yield
    except (duckdb.ConstraintException, duckdb.ConversionException) as error:
        raise WarehouseError(
            f"rows do not fit the table: {str(error).splitlines()[0]}",
            where=facts.name,
            remedy="validate them with the table's schema first",
        ) from None
    finally:
        # After an error the transaction is lost, and both with it.
        with contextlib.suppress(duckdb.Error):
            connection.unregister("brought_rows")
            connection.execute("DROP TABLE IF EXISTS temp.staged_rows")


def _require_columns(facts: Table, names: list[str]) -> None:
    missing = [name for name in facts.names if name not in names]
    unknown = [name for name in names if name not in facts.names]
    if missing or unknown:
        raise WarehouseError(
            f"the columns are not those of {facts.name}",
            where=f"missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(unknown) or 'none'}",
            remedy="bring exactly the stored columns (Table.names)",
        )


def _require_unique(connection: duckdb.DuckDBPyConnection, facts: Table) -> None:
    keys = ", ".join(facts.key)
    twice = connection.execute(
        f"SELECT {keys} FROM temp.staged_rows GROUP BY {keys} HAVING count(*) > 1 ORDER BY ALL"
    ).fetchall()
    if twice:
        raise WarehouseError(
            f"the same {' and '.join(facts.key)} is there more than once",
            where=f"{facts.name}: {', '.join(str(value)[:40] for value in twice[0])}",
            count=len(twice),
            remedy="bring one row for each key",
        )


def _count(
    connection: duckdb.DuckDBPyConnection, facts: Table, brought: str, known: str
) -> Upserted:
    ((rows, there, same),) = connection.execute(
        f"SELECT count(*), count(t.source_row), "
        f"count(*) FILTER (t.source_row IS NOT NULL AND {_same_content(facts)}) "
        f"FROM {brought} s LEFT JOIN {known} t ON {_all_equal(facts.key, '=')}"
    ).fetchall()
    return Upserted(inserted=rows - there, replaced=there - same, unchanged=same)


def _same_content(facts: Table) -> str:
    return _all_equal(tuple(part.name for part in facts.content), "IS NOT DISTINCT FROM")


def _all_equal(names: tuple[str, ...], operator: str) -> str:
    return " AND ".join(f"t.{name} {operator} s.{name}" for name in names)

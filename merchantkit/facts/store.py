"""Putting rows into tables of facts: replaced by key, left alone where nothing changed."""

# ruff: noqa: S608  (names of tables and columns come from the declaration, values never do)

import contextlib
from collections.abc import Collection, Iterator
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
    silent: Collection[str] = (),
) -> Upserted:
    """Bring rows into a table, replacing those of the same key.

    A row that says the same as the one there leaves it alone, with its old file and row number:
    importing a file twice changes nothing.

    Args:
        connection: Lent by ``Warehouse.write``.
        table_name: A table of facts.
        rows: Typed, with every stored column; validated by the caller (``Table.schema``).
        silent: Columns of which the rows say nothing: a row that takes the place of another keeps
            what that one has there.

    Raises:
        WarehouseError: Columns are missing or unknown, a key is there twice, a required value is
            missing.
    """
    facts = table(table_name)
    with _staged(connection, facts, rows):
        counts = _count(connection, facts, "temp.staged_rows", facts.name, silent)
        if counts.replaced or counts.unchanged:
            _keep_changed(connection, facts, silent)
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
    silent: Collection[str] = (),
) -> Upserted:
    """Say what ``upsert`` would do, and do nothing; no row is copied.

    Args:
        connection: To a database that has the table; a read-only one is enough.
        table_name: A table of facts.
        rows: As for ``upsert``, each key once.
        beneath: What the table is taken to hold too, where it has no row of that key itself.
        silent: As for ``upsert``.
    """
    facts = table(table_name)
    _require_columns(facts, rows.schema.names)
    known = f"(SELECT {', '.join(facts.names)} FROM {facts.name} UNION ALL {_beneath(facts)})"
    with _registered(connection, brought_rows=rows, rows_beneath=beneath):
        return _count(connection, facts, "brought_rows", known, silent)


def lift(
    connection: duckdb.DuckDBPyConnection,
    table_name: str,
    rows: pa.Table | pa.RecordBatchReader,
    beneath: pa.Table | pa.RecordBatchReader,
) -> None:
    """Copy into a table what lies beneath it of the keys that are brought.

    Args:
        connection: To a database that has the table.
        table_name: A table of facts.
        rows: As for ``compare``; they themselves are not brought.
        beneath: As for ``compare``.
    """
    facts = table(table_name)
    keys = ", ".join(facts.key)
    with _registered(connection, brought_rows=rows, rows_beneath=beneath):
        connection.execute(
            f"INSERT INTO {facts.name} ({', '.join(facts.names)}) "
            f"FROM ({_beneath(facts)}) SEMI JOIN brought_rows USING ({keys})"
        )


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


def _keep_changed(
    connection: duckdb.DuckDBPyConnection, facts: Table, silent: Collection[str]
) -> None:
    """Drop staged rows that say nothing new, and the rows that the others replace."""
    same_key = _all_equal(facts.key, "=")
    connection.execute(
        f"DELETE FROM temp.staged_rows s USING {facts.name} t "
        f"WHERE {same_key} AND {_same_content(facts, silent)}"
    )
    kept = ", ".join(f"{f.name} = t.{f.name}" for name in silent for f in facts[name].fields)
    if kept:
        connection.execute(
            f"UPDATE temp.staged_rows s SET {kept} FROM {facts.name} t WHERE {same_key}"
        )
    connection.execute(f"DELETE FROM {facts.name} t USING temp.staged_rows s WHERE {same_key}")


def _beneath(facts: Table) -> str:
    keys = ", ".join(facts.key)
    return (
        f"SELECT {', '.join(facts.names)} FROM rows_beneath ANTI JOIN {facts.name} USING ({keys})"
    )


@contextlib.contextmanager
def _registered(
    connection: duckdb.DuckDBPyConnection, **views: pa.Table | pa.RecordBatchReader
) -> Iterator[None]:
    for name, rows in views.items():
        connection.register(name, rows)
    try:
        yield
    finally:
        # After an error they may be lost, and the first one is the one to tell.
        with contextlib.suppress(duckdb.Error):
            for name in views:
                connection.unregister(name)


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
    connection: duckdb.DuckDBPyConnection,
    facts: Table,
    brought: str,
    known: str,
    silent: Collection[str],
) -> Upserted:
    ((rows, there, same),) = connection.execute(
        f"SELECT count(*), count(t.source_row), "
        f"count(*) FILTER (t.source_row IS NOT NULL AND {_same_content(facts, silent)}) "
        f"FROM {brought} s LEFT JOIN {known} t ON {_all_equal(facts.key, '=')}"
    ).fetchall()
    return Upserted(inserted=rows - there, replaced=there - same, unchanged=same)


def _same_content(facts: Table, silent: Collection[str]) -> str:
    spoken = (column for column in facts.columns if column.name not in silent)
    names = tuple(part.name for column in spoken for part in column.fields)
    return _all_equal(names, "IS NOT DISTINCT FROM")


def _all_equal(names: tuple[str, ...], operator: str) -> str:
    return " AND ".join(f"t.{name} {operator} s.{name}" for name in names)

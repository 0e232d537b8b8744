"""The warehouse's own shape: its version, and how an older file becomes a current one."""

import duckdb

from merchantkit.errors import WarehouseError
from merchantkit.facts.schemas import BOOKKEEPING, TABLES

SCHEMA_VERSION = 4

# From version n to n + 1: statements that keep every row. A table that is only new needs none,
# but the version still rises, so that an older kit refuses the file instead of half reading it.
STEPS: dict[int, tuple[str, ...]] = {
    1: (),  # 2: star, fees, fulfilment and express
    2: (),  # 3: quick_custom, showroom, assignment, tariff and chargeback
    # 4: a fourth quantity of an export line, and 待协商 by a flag of its own, which files of
    # version 3 lack; a table that version 2 lacked is made new.
    3: (
        "ALTER TABLE IF EXISTS export_lines ADD COLUMN IF NOT EXISTS quantity_4 DECIMAL(18, 4)",
        "ALTER TABLE IF EXISTS export_lines ADD COLUMN IF NOT EXISTS unit_4 VARCHAR",
        "ALTER TABLE IF EXISTS customization_lead_times "
        "ADD COLUMN IF NOT EXISTS lead_time_negotiated BOOLEAN",
    ),
}


def version_of(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Return a file's schema version; None where the file holds no table at all.

    Raises:
        WarehouseError: The file holds tables, but is no warehouse of this kit.
    """
    tables = _tables(connection)
    if not tables:
        return None
    if "meta" in tables:
        rows = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchall()
        if rows and str(rows[0][0]).isdecimal():
            return int(rows[0][0])
    raise WarehouseError(
        "the file is a DuckDB database, but no warehouse of merchantkit",
        count=len(tables),
        remedy="name another file with --warehouse",
    )


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Make an empty file a warehouse, or an older warehouse a current one.

    Runs in the caller's transaction: a file is migrated whole or not at all.

    Raises:
        WarehouseError: The file is newer than the kit, or too old for it.
    """
    version = version_of(connection)
    if version is None:
        _create_missing(connection)
        connection.execute(
            "INSERT INTO meta VALUES ('schema_version', $version)",
            {"version": str(SCHEMA_VERSION)},
        )
        return
    refuse_newer(version)
    for step in range(version, SCHEMA_VERSION):
        if step not in STEPS:
            raise WarehouseError(
                f"the warehouse has schema version {version}, from which no way leads to "
                f"{SCHEMA_VERSION}",
                remedy="import the exports into a new file",
            )
        for statement in STEPS[step]:
            connection.execute(statement)
    if version < SCHEMA_VERSION:
        _create_missing(connection)
        connection.execute(
            "UPDATE meta SET value = $version WHERE key = 'schema_version'",
            {"version": str(SCHEMA_VERSION)},
        )


def refuse_newer(version: int) -> None:
    """Raise WarehouseError for a file that a newer kit wrote.

    >>> refuse_newer(1)
    """
    if version > SCHEMA_VERSION:
        raise WarehouseError(
            f"the warehouse has schema version {version}, this kit knows {SCHEMA_VERSION}",
            remedy="use the newer merchantkit that wrote it, or another --warehouse",
        )


def _create_missing(connection: duckdb.DuckDBPyConnection) -> None:
    there = _tables(connection)
    statements = {name: each.ddl for name, each in TABLES.items()} | BOOKKEEPING
    for name, statement in statements.items():
        if name not in there:
            connection.execute(statement)


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    )
    return {str(row[0]) for row in found.fetchall()}

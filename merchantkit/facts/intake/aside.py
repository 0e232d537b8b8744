"""Rejects in the warehouse: which of them are an export's, and that it replaces no others."""

from collections.abc import Collection

import duckdb
import pyarrow as pa

# Between the names of a workbook and its sheet; neither can hold it.
_MARK = "/"


def put_aside(
    connection: duckdb.DuckDBPyConnection,
    sha256: str,
    name: str,
    sheet: str | None,
    tables: Collection[str],
    rows: pa.RecordBatchReader,
) -> None:
    """Put an export's rejects in the place of those of its last import.

    Args:
        connection: Lent by ``Warehouse.write``.
        sha256: The file's hash.
        name: The file's name.
        sheet: The sheet, of a workbook that has several; each has rejects of its own.
        tables: The tables that the export fills.
        rows: Of ``rejects.SCHEMA``.
    """
    _remove(connection, sha256, sheet, tables)
    connection.register("incoming_rejects", rows)
    connection.execute(
        "INSERT INTO rejects (source_file, file_name, table_name, source_row, column_name, value, "
        "reason, detail, merchant_id) SELECT $sha256, $name, table_name, source_row, column_name, "
        "value, reason, detail, merchant_id FROM incoming_rejects",
        {"sha256": sha256, "name": name if sheet is None else f"{name}{_MARK}{sheet}"},
    )
    connection.unregister("incoming_rejects")


def without_sheet(connection: duckdb.DuckDBPyConnection, sha256: str) -> set[str]:
    """Return the tables of a file's rejects that do not say of which sheet they are.

    >>> from merchantkit.facts.warehouse import Warehouse
    >>> with Warehouse.in_memory().read() as connection:
    ...     without_sheet(connection, "0123456789")
    set()
    """
    found = connection.execute(
        "SELECT DISTINCT table_name FROM rejects "
        "WHERE source_file = $sha256 AND NOT contains(file_name, $mark)",
        {"sha256": sha256, "mark": _MARK},
    )
    return {table for (names,) in found.fetchall() for table in names.split("+")}


def _remove(
    connection: duckdb.DuckDBPyConnection,
    sha256: str,
    sheet: str | None,
    tables: Collection[str],
) -> None:
    which = "DELETE FROM rejects WHERE source_file = $sha256"
    if sheet is None:
        connection.execute(which, {"sha256": sha256})
        return
    given = {"sha256": sha256, "mark": _MARK}
    # The file may have another name by now.
    connection.execute(
        f"{which} AND contains(file_name, $mark) "
        "AND substr(file_name, instr(file_name, $mark) + 1) = $sheet",
        {**given, "sheet": sheet},
    )
    # Earlier kits did not name the sheet, and held the rejects of one alone: it is taken to be the
    # one that fills the same table.
    if without_sheet(connection, sha256) & set(tables):
        connection.execute(f"{which} AND NOT contains(file_name, $mark)", given)

"""An assessment's files: Parquet in small row groups, so that a slice is read alone."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from merchantkit.errors import ReportError


def header(folder: Path) -> dict[str, Any]:
    """Return what month.json says.

    Raises:
        ReportError: There is none: the assessment was never finished.
    """
    try:
        found: dict[str, Any] = json.loads((folder / "month.json").read_text())
    except FileNotFoundError:
        raise ReportError(
            "there is no finished assessment here",
            where=str(folder),
            remedy="run merchantkit report for the month first",
        ) from None
    return found


def write(frame: pd.DataFrame, file: Path, column: str) -> None:
    """Write a frame, sorted by its merchant column."""
    # Sorted, in small row groups: one merchant's slice is found by the statistics alone.
    table = pa.Table.from_pandas(frame.sort_values(column, kind="stable"), preserve_index=False)
    pq.write_table(table, file, row_group_size=4096)


def read(file: Path, column: str, merchant_id: str | None) -> pd.DataFrame:
    """Return a frame, or one merchant's rows of it."""
    filters = [(column, "=", merchant_id)] if merchant_id is not None else None
    table = pq.read_table(file, filters=filters, memory_map=True)
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    if merchant_id is not None:
        frame.attrs.clear()
    return frame


def hashes(
    connection: duckdb.DuckDBPyConnection, column: str, frame: pd.DataFrame, label: str
) -> "pd.Series[Any]":
    """Return a hash of each merchant's rows, whatever their order, by merchant_id."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    connection.register("slice", table)
    rows = f'SELECT "{column}" AS merchant_id, s::VARCHAR AS line FROM slice s'  # noqa: S608 - ours
    found = connection.execute(
        f"SELECT merchant_id, md5(string_agg(line, chr(10) ORDER BY line)) FROM ({rows}) GROUP BY 1"  # noqa: S608 - the same
    ).fetchall()
    connection.unregister("slice")
    return pd.Series(dict(found), name=label, dtype="object")

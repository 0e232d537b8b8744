"""An assessment's files: each frame whole, as Parquet, and what stands beside them."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from merchantkit.errors import ReportError

# What says how a final month has changed since; not every month has one.
RESTATEMENT = "restatement.parquet"


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


def write(frame: pd.DataFrame, file: Path, column: str) -> pa.Table:
    """Write a frame, sorted by its merchant column, and return it as it was written."""
    # Sorted, in small row groups: whoever looks for one merchant finds it by the statistics alone.
    table = _in_milliseconds(pa.Table.from_pandas(_sorted(frame, column), preserve_index=False))
    pq.write_table(table, file, row_group_size=4096)
    return table


def _in_milliseconds(table: pa.Table) -> pa.Table:
    # Parquet has no seconds: what is read whole and what is read by merchant shall be of one type.
    for at, field in enumerate(table.schema):
        if field.type == pa.timestamp("s"):
            moments = field.with_type(pa.timestamp("ms"))
            table = table.set_column(at, moments, table[at].cast(moments.type))
    return table


def _sorted(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    keys = frame[column]
    if keys.notna().all() and keys.is_monotonic_increasing:
        return frame
    return frame.sort_values(column, kind="stable")


def read(file: Path) -> pd.DataFrame:
    """Return a whole frame."""
    frame: pd.DataFrame = pq.read_table(file, memory_map=True).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def rows_of(file: Path, column: str, merchant_id: str) -> pd.DataFrame:
    """Return one merchant's rows of a Parquet file that stands beside an assessment.

    Nothing here starts a thread: it runs in the process that briefings are forked from.
    """
    with pq.ParquetFile(file, memory_map=True, pre_buffer=False) as parquet:
        at = parquet.schema_arrow.get_field_index(column)
        groups = [
            n for n in range(parquet.num_row_groups)
            if _may_hold(parquet.metadata.row_group(n).column(at).statistics, merchant_id)
        ]  # fmt: skip
        table = parquet.read_row_groups(groups, use_threads=False)
    mine = table.filter(pc.equal(table[column], merchant_id))
    frame: pd.DataFrame = mine.to_pandas(types_mapper=pd.ArrowDtype, use_threads=False)
    frame.attrs.clear()
    return frame


def _may_hold(known: Any, merchant_id: str) -> bool:
    return known is None or not known.has_min_max or known.min <= merchant_id <= known.max


def hashes(
    connection: duckdb.DuckDBPyConnection, column: str, frame: pd.DataFrame
) -> dict[str, str]:
    """Return a hash of each merchant's rows, whatever their order, by merchant_id."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    connection.register("slice", table)
    rows = f'SELECT "{column}" AS merchant_id, s::VARCHAR AS line FROM slice s'  # noqa: S608 - ours
    found = connection.execute(
        f"SELECT merchant_id, md5(string_agg(line, chr(10) ORDER BY line)) FROM ({rows}) GROUP BY 1"  # noqa: S608 - the same
    ).fetchall()
    connection.unregister("slice")
    return dict(found)

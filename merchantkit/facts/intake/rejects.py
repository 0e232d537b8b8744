"""Rejects: what could not be loaded, with row, column, value and reason; as rows and as a file."""

import csv
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pyarrow as pa

from merchantkit.facts.casts import CAST_REASONS

FOLDER = "rejects"

# Every reason that a line may be rejected for; the catalogue of words has one entry for each.
REJECT_REASONS = CAST_REASONS | {
    "below_minimum",
    "conflicting_duplicates",
    "conflicting_lines",
    "digits_lost",
    "empty_id",
    "excel_error",
    "formula_without_value",
    "missing",
    "separator_in_value",
    "shown_otherwise",
    "too_few_cells",
    "too_many_cells",
}
# Why a line may be left out without being wrong; mappings add reasons of their own.
EXCLUDE_REASONS = frozenset({"duplicate", "nothing_for_any_table"})

SCHEMA = pa.schema(
    [
        pa.field("table_name", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("column_name", pa.string()),
        pa.field("value", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string()),
        pa.field("merchant_id", pa.string()),
    ]
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def rejects_path(warehouse: Path, export: Path, sha256: str) -> Path:
    """Return where the rejects of an export go, beside the warehouse.

    >>> rejects_path(Path("w/merchants.duckdb"), Path("五月 订单.csv"), "0123456789").name
    '五月_订单-01234567.csv'
    """
    stem = re.sub(r"[^\w.-]+", "_", export.stem).strip("._-")[:60] or "export"
    return warehouse.parent / FOLDER / f"{stem}-{sha256[:8]}.csv"


@contextmanager
def rejects_file(
    path: Path | None, batches: Callable[[], Iterable[pa.RecordBatch]]
) -> Iterator[None]:
    """Put a file of rejects in place when the block ends well, and leave no trace otherwise.

    Where there are no rejects, an older file of the same name is removed.

    Args:
        path: The file; None writes none.
        batches: Gives the rows, of ``SCHEMA``.
    """
    if path is None:
        yield
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        rows = _write(part, path.parent, batches())
        yield
        if rows:
            part.replace(path)
        else:
            path.unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)


def _write(part: Path, folder: Path, batches: Iterable[pa.RecordBatch]) -> int:
    filled = (batch for batch in batches if batch.num_rows)
    first = next(filled, None)
    if first is None:
        return 0
    rows = 0
    folder.mkdir(parents=True, exist_ok=True)
    # With its mark, so that Excel reads the Chinese in it.
    with part.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(SCHEMA.names)
        for batch in chain([first], filled):
            columns = [batch.column(name).to_pylist() for name in SCHEMA.names]
            writer.writerows(
                [guarded(cell) for cell in record] for record in zip(*columns, strict=True)
            )
            rows += batch.num_rows
        stream.flush()
        os.fsync(stream.fileno())
    return rows


def guarded(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("007"), guarded(None)
    ("'=1+1", '007', '')
    """
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def forget_in_files(warehouse: Path, merchant_id: str) -> int:
    """Remove a merchant's lines from the files of rejects beside a warehouse; return how many."""
    removed = 0
    for path in sorted((warehouse.parent / FOLDER).glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names, *records = csv.reader(stream)
        told = {str(guarded(merchant_id))}
        at = [names.index("merchant_id"), names.index("value")]
        kept = [record for record in records if not told & {record[place] for place in at}]
        if len(kept) < len(records):
            removed += len(records) - len(kept)
            part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            with part.open("w", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream).writerows([names, *kept])
            part.replace(path)
    return removed

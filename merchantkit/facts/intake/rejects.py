"""Rejects: what could not be loaded, with row, column, value and reason; as rows and as a file."""

import csv
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from merchantkit.errors import WarehouseError
from merchantkit.facts.casts import CAST_REASONS
from merchantkit.facts.oblivion import tells_of

FOLDER = "rejects"

# Every reason that a line may be rejected for; in words in the catalogues (``import.reason.*``).
REJECT_REASONS = CAST_REASONS | {
    "alike_but_for_unread",
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


def rejects_path(warehouse: Path, export: Path, sha256: str, sheet: str | None = None) -> Path:
    """Return where the rejects of an export go, beside the warehouse.

    Args:
        warehouse: The warehouse's file.
        export: The export.
        sha256: Its hash.
        sheet: The sheet, of a workbook that has several; each has a file of its own.

    >>> rejects_path(Path("w/merchants.duckdb"), Path("五月 订单.csv"), "0123456789").name
    '五月_订单-01234567.csv'
    >>> rejects_path(Path("w/merchants.duckdb"), Path("五月.xlsx"), "0123456789", "订单").name
    '五月-订单-13c73e87.csv'
    """
    name = export.stem
    if sheet is not None:
        name += f"-{sheet}"
        # Two sheets may be called alike but for marks that no file name may hold.
        sha256 = hashlib.sha256(f"{sha256}/{sheet}".encode()).hexdigest()
    stem = re.sub(r"[^\w.-]+", "_", name).strip("._-")[:60] or "export"
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

    Raises:
        WarehouseError: There is no place for it, whether or not there are rejects.
    """
    if path is None:
        yield
        return
    _require_place(path.parent)
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


def _require_place(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise WarehouseError(
            "the folder of the warehouse does not exist",
            where=str(folder.parent),
            remedy="make it, or name a file elsewhere with --warehouse",
        )
    if folder.exists() and not folder.is_dir():
        raise WarehouseError(
            "a file stands where the folder of rejects belongs",
            where=str(folder),
            remedy="give it another name, or move it elsewhere",
        )


def _write(part: Path, folder: Path, batches: Iterable[pa.RecordBatch]) -> int:
    filled = (batch for batch in batches if batch.num_rows)
    first = next(filled, None)
    if first is None:
        return 0
    rows = 0
    folder.mkdir(exist_ok=True)
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


class Forgotten(NamedTuple):
    """What came of forgetting a merchant in the files of rejects.

    Args:
        removed: Lines that are gone.
        unread: Files (or the folder of them) that could not be read and may hold the merchant.
    """

    removed: int
    unread: tuple[str, ...]


def forget_in_files(warehouse: Path, merchant_id: str) -> Forgotten:
    """Remove a merchant's lines from the files of rejects beside a warehouse.

    A file that is no file of rejects any more (saved by another program, or put there by hand)
    stays, and is told: nobody can say what of it is the merchant's.
    """
    removed, unread = 0, []
    # An import may have named the warehouse by a link, or where that leads.
    named = (warehouse.resolve().parent, warehouse.parent)
    for place in {place.resolve(): place for place in named}.values():
        folder = place / FOLDER
        try:
            files = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError:
            unread.append(str(folder))
            continue
        for path in files:
            if path.suffix == ".csv":
                try:
                    removed += _forget_in_file(path, merchant_id)
                except (OSError, ValueError, csv.Error):
                    unread.append(str(path))
    return Forgotten(removed, tuple(unread))


def _forget_in_file(path: Path, merchant_id: str) -> int:
    """Remove a merchant's lines from one file.

    Raises:
        OSError: It cannot be read or written.
        ValueError: It is not UTF-8, or has not the headers and cells of a file of rejects.
        csv.Error: It is no csv file.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        names, *records = csv.reader(stream)
    at = [names.index(name) for name in ("merchant_id", "column_name", "value")]
    if any(len(record) != len(names) for record in records):
        raise ValueError("a line has other cells than the headers")
    tells = tells_of(merchant_id)
    kept = [record for record in records if not tells(*(_bare(record[place]) for place in at))]
    if len(kept) < len(records):
        part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with part.open("w", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream).writerows([names, *kept])
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return len(records) - len(kept)


def _bare(cell: str) -> str:
    """Return a cell without the mark of ``guarded``."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell

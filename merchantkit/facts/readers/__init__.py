"""Readers: a csv, xlsx or parquet file as chunks of text, whatever its size and encoding.

Every cell arrives as text (or missing), so that one set of casts serves all three formats. What a
format has already spoiled (digits that Excel dropped, a row with a comma too many) comes along as
a flaw of that cell or row, to be rejected with its reason instead of being guessed at.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.errors import IntakeError

CHUNK_ROWS = 100_000
NO_DECIMALS: Mapping[str, int] = MappingProxyType({})
_BLOCK = 1 << 20
# What Excel saves of a long number that it shows in a narrow column, and other programs of one that
# they took for a fraction; the digits are gone, whatever the text then went through.
_SHORTENED = r"^\s*[0-9](\.[0-9]+)?[eE]\+[0-9]{2,}\s*$"

XLSX_MAGIC = b"PK\x03\x04"
PARQUET_MAGIC = b"PAR1"
# The container of password-protected workbooks and of the .xls that preceded .xlsx.
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BINARY = frozenset({".xlsx", ".xlsm", ".parquet"})
# What a folder is searched for; a file that is named is read for what it holds.
SUFFIXES = _BINARY | {".csv", ".tsv"}


class Flaw(NamedTuple):
    """What the file itself spoiled: a cell, or with ``header`` None a whole row.

    ``position`` counts rows within the chunk from 0.
    """

    position: int
    header: str | None
    value: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Some consecutive rows of a file, column by column.

    Args:
        rows: Row numbers as a spreadsheet shows them: the headers are row 1, int64, ascending.
        columns: Header → Arrow strings, one per row; null where the cell is empty.
        flaws: Cells and rows that the file itself spoiled.
    """

    rows: npt.NDArray[np.int64]
    columns: dict[str, pa.Array]
    flaws: list[Flaw] = field(default_factory=list)


class Source(Protocol):
    """One table of cells in a file: its headers, and its rows in chunks.

    Attributes:
        encoding: As what the file's characters are read; None where its format leaves no choice.
    """

    path: Path
    headers: tuple[str, ...]
    sheet: str | None
    encoding: str | None

    def chunks(
        self,
        wanted: Sequence[str],
        size: int = CHUNK_ROWS,
        decimals: Mapping[str, int] = NO_DECIMALS,
        ids: Collection[str] = (),
    ) -> Iterator[Chunk]:
        """Yield the rows that are not blank, with the wanted columns only.

        Args:
            wanted: Their headers.
            size: How many rows a chunk has.
            decimals: Header → how many decimals of its numbers are kept, for those that have any;
                a float may be too coarse to say them.
            ids: Headers that become ids, or parts of them: a workbook's format may say more of
                such a cell than its number does.
        """
        ...


@dataclass(frozen=True)
class ExportFile:
    """A file that was opened: what it is, its hash, and the tables of cells in it.

    Only a workbook has more than one, a sheet each; blank sheets are left out.
    """

    path: Path
    sha256: str
    sources: tuple[Source, ...]


def open_export(path: Path) -> ExportFile:
    """Open an export, recognising its format by its content.

    Raises:
        IntakeError: It is missing, empty, password-protected, truncated or no table at all.
    """
    head, sha256 = _fingerprint(path)
    if head.startswith(OLE_MAGIC):
        raise IntakeError(
            "the workbook is password-protected, or of the format before xlsx",
            where=str(path),
            remedy="open it in Excel and save it as .xlsx without a password",
        )
    if head.startswith(XLSX_MAGIC):
        from merchantkit.facts.readers.workbooks import open_workbook

        return ExportFile(path, sha256, open_workbook(path))
    if head.startswith(PARQUET_MAGIC):
        from merchantkit.facts.readers.parquet_files import ParquetSource

        return ExportFile(path, sha256, (ParquetSource(path),))
    if path.suffix.lower() in _BINARY | {".xls"}:
        raise unreadable(path, f"its content is not that of a {path.suffix} file")
    from merchantkit.facts.readers.csv_files import CsvSource

    return ExportFile(path, sha256, (CsvSource(path),))


def _fingerprint(path: Path) -> tuple[bytes, str]:
    digest = hashlib.sha256()
    head = b""
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                head = head or block[:16]
                digest.update(block)
    except OSError as error:
        raise IntakeError(
            f"the file cannot be read: {error.strerror or type(error).__name__}",
            where=str(path),
            remedy="name a csv, xlsx or parquet file that exists",
        ) from None
    if not head:
        raise IntakeError("the file is empty", where=str(path), remedy="export it again")
    return head, digest.hexdigest()


def unreadable(path: Path, why: str, where: str | None = None) -> IntakeError:
    """Return the error for a file that breaks off or is not what it says."""
    return IntakeError(
        f"the file cannot be read: {why}",
        where=str(path) + (f", {where}" if where else ""),
        remedy="export it again, as csv (UTF-8 or GB18030), xlsx or parquet",
    )


def header_names(path: Path, cells: Sequence[object], where: str | None = None) -> tuple[str, ...]:
    """Return the headers of row 1, trimmed; empty cells at the right end are dropped.

    Raises:
        IntakeError: The row is blank.
    """
    # A mark of Unicode is no blank to strip(), and there may be blanks on either side of it.
    names = ["" if cell is None else str(cell).strip().strip("\ufeff").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise IntakeError(
            "the first row holds no headers",
            where=str(path) + (f", {where}" if where else ""),
            remedy="put the headers into row 1 and the data below",
        )
    return tuple(names)


def wanted_positions(source: Source, wanted: Sequence[str]) -> dict[str, int]:
    """Return header → its position for the wanted headers.

    Raises:
        IntakeError: One of them is not there, or is there twice.
    """
    positions: dict[str, int] = {}
    for header in wanted:
        found = source.headers.count(header)
        if found != 1:
            raise IntakeError(
                f"the header {header[:60]!r} is there {found} times"
                if found
                else f"there is no header {header[:60]!r}",
                where=str(source.path),
                remedy="rename all but one" if found else "correct the mapping or the export",
            )
        positions[header] = source.headers.index(header)
    return positions


def columns_of(
    records: Sequence[Sequence[str | None]], positions: dict[str, int]
) -> dict[str, pa.Array]:
    """Return the wanted columns of rows of text as Arrow strings, empty cells as null."""
    return {
        header: pa.array([record[at] or None for record in records], type=pa.string())
        for header, at in positions.items()
    }


def shortened(columns: Mapping[str, pa.Array], ids: Collection[str]) -> Iterator[Flaw]:
    """Find the ids in a chunk's columns that are a rounded number's text."""
    for header, texts in columns.items():
        if header not in ids:
            continue
        for at in pc.indices_nonzero(pc.match_substring_regex(texts, _SHORTENED)).to_pylist():
            yield Flaw(at, header, texts[at].as_py(), "digits_lost")

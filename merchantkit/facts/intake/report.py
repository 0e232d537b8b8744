"""What an import says of itself: files counted in lines, tables in rows."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from merchantkit.errors import IntakeError


@dataclass(frozen=True)
class TableReport:
    """What a file brought to one table.

    Args:
        table: The table.
        lines: How many lines of the file have a part in it.
        inserted: Rows that are new.
        replaced: Rows that took the place of others of the same key.
        unchanged: Rows that the warehouse had already.
    """

    table: str
    lines: int
    inserted: int
    replaced: int
    unchanged: int

    @property
    def rows(self) -> int:
        """How many rows the lines make."""
        return self.inserted + self.replaced + self.unchanged


@dataclass(frozen=True)
class Place:
    """A cell of a file, or with ``column`` None a whole row.

    Args:
        row: The row's number as a spreadsheet shows it.
        column: The column of the table that the cell is for; of a key of several, with ``+``.
        value: What stands there; None where nothing does.
    """

    row: int
    column: str | None
    value: str | None


@dataclass(frozen=True)
class FileReport:
    """What became of a file, counted in its lines: ``read == loaded + rejected + excluded``.

    Args:
        path: The file.
        sheet: The sheet that was read, of a workbook.
        encoding: As what a csv's characters were read; None for other formats.
        sha256: The file's hash: ``source_file`` of its rows.
        mapping: The mapping's name; None for a plain export.
        read: Lines that are not blank.
        loaded: Lines that are in the warehouse now, or were before.
        rejected: Lines that were kept aside.
        excluded: Lines left out on purpose.
        tables: What they brought to each table.
        rejected_for: Reason → lines (a line may have several reasons).
        excluded_for: Reason → lines.
        rejected_at: Reason → the first places of it; all are among the rejects.
        ignored: Headers that were not read.
        kept: Table → columns that the file does not have; the rows that it replaced keep theirs.
        ignored_sheets: Sheets that were not read.
        rejects_file: Where the rejects are; None where there are none, or it was a dry run.
    """

    path: Path
    sheet: str | None
    encoding: str | None
    sha256: str
    mapping: str | None
    read: int
    loaded: int
    rejected: int
    excluded: int
    tables: tuple[TableReport, ...]
    rejected_for: dict[str, int]
    excluded_for: dict[str, int]
    rejected_at: dict[str, tuple[Place, ...]]
    ignored: tuple[str, ...]
    kept: dict[str, tuple[str, ...]]
    ignored_sheets: tuple[str, ...]
    rejects_file: Path | None

    def __post_init__(self) -> None:
        if self.read != self.loaded + self.rejected + self.excluded:
            raise IntakeError(
                f"{self.read} lines were read, but {self.loaded} loaded, {self.rejected} rejected "
                f"and {self.excluded} excluded; nothing was changed",
                where=str(self.path),
                remedy="report this as a defect of merchantkit, with the file's headers",
            )

    @property
    def inserted(self) -> int:
        """Rows that are new, over all tables."""
        return sum(each.inserted for each in self.tables)

    @property
    def replaced(self) -> int:
        """Rows that took the place of others, over all tables."""
        return sum(each.replaced for each in self.tables)

    @property
    def unchanged(self) -> int:
        """Rows that were there already, over all tables."""
        return sum(each.unchanged for each in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        plain = asdict(self)
        plain["path"] = str(self.path)
        plain["rejects_file"] = str(self.rejects_file) if self.rejects_file else None
        return plain


@dataclass(frozen=True)
class ImportReport:
    """What became of the files of one import.

    Args:
        files: One report per file, in the order given.
        dry_run: Whether nothing was written.
        joins_demo: Whether the facts came to lie beside those of a demo.
    """

    files: tuple[FileReport, ...]
    dry_run: bool
    joins_demo: bool

    @property
    def read(self) -> int:
        """Lines read."""
        return sum(each.read for each in self.files)

    @property
    def loaded(self) -> int:
        """Lines loaded."""
        return sum(each.loaded for each in self.files)

    @property
    def rejected(self) -> int:
        """Lines rejected."""
        return sum(each.rejected for each in self.files)

    @property
    def excluded(self) -> int:
        """Lines left out on purpose."""
        return sum(each.excluded for each in self.files)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        files = [each.as_dict() for each in self.files]
        return {"dry_run": self.dry_run, "joins_demo": self.joins_demo, "files": files}

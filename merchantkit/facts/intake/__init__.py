"""Intake: exports into the warehouse; what fails is kept aside with its reason, nothing is lost."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from merchantkit.errors import IntakeError, MerchantkitError
from merchantkit.facts.intake.aside import put_aside, without_sheet
from merchantkit.facts.intake.lines import sort_lines
from merchantkit.facts.intake.mapping import Mapping, load_mapping
from merchantkit.facts.intake.plan import Plan, mapped_plan, place, plain_plan
from merchantkit.facts.intake.rejects import rejects_file, rejects_path
from merchantkit.facts.intake.report import FileReport, ImportReport, TableReport
from merchantkit.facts.intake.staging import Staging, staged
from merchantkit.facts.intake.trial import Trial, tried
from merchantkit.facts.readers import CHUNK_ROWS, ExportFile, Source, open_export
from merchantkit.facts.store import Upserted, claim, upsert
from merchantkit.facts.warehouse import Warehouse

__all__ = ["FileReport", "ImportReport", "TableReport", "import_facts"]


def import_facts(
    warehouse: Warehouse,
    paths: str | Path | Iterable[str | Path],
    *,
    table: str | None = None,
    mapping: str | Path | Mapping | None = None,
    dry_run: bool = False,
    told: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Load exports (csv, xlsx, parquet) into a warehouse, each file whole or not at all.

    Every file is opened, and its headers are understood, before the first is loaded. One that
    breaks later ends the import; those before it stay loaded, and the error says which they are.

    Args:
        warehouse: Where to.
        paths: The files.
        table: Which table they are; by default each is recognised by its headers.
        mapping: How a foreign export's headers become facts: a file, or the name of one in
            params/mappings/.
        dry_run: Do all of it, and write nothing.
        told: Is given the report of the files so far after each of them.

    Raises:
        IntakeError: A file is unreadable, or its headers do not fit; says which and why.
        MappingError: The mapping is malformed.
        WarehouseBusy: Another program holds the warehouse.
    """
    if table is not None and mapping is not None:
        raise IntakeError(
            "a table and a mapping were both named",
            remedy="leave the table out: the mapping says which tables it fills",
        )
    if mapping is not None and not isinstance(mapping, Mapping):
        mapping = load_mapping(mapping)
    listed = [paths] if isinstance(paths, (str, Path)) else list(paths)
    opened = [_Export.open(Path(path), table, mapping) for path in listed]
    report = ImportReport((), dry_run, _holds_demo(warehouse))
    with _bringing(warehouse, opened, dry_run) as bring:
        for export in opened:
            try:
                file = bring(export)
            except MerchantkitError as error:
                raise _so_far(error, report, len(opened)) from error
            report = replace(report, files=(*report.files, file))
            if told is not None:
                told(report)
    return report


@dataclass(frozen=True)
class _Export:
    """A file, the sheet of it that is read, and what becomes of its headers."""

    file: ExportFile
    source: Source
    plan: Plan

    @property
    def one_of_several(self) -> str | None:
        """The sheet, where the workbook has others."""
        return self.source.sheet if len(self.file.sources) > 1 else None

    @classmethod
    def open(cls, path: Path, table: str | None, mapping: Mapping | None) -> "_Export":
        file = open_export(path)
        sheet = mapping.sheet if mapping is not None else None
        fitting: list[tuple[Source, Plan]] = []
        errors: list[IntakeError] = []
        for source in file.sources:
            if sheet is not None and source.sheet not in (None, sheet):
                continue
            try:
                plan = mapped_plan(source, mapping) if mapping else plain_plan(source, table)
            except IntakeError as error:
                errors.append(error)
            else:
                fitting.append((source, plan))
        if len(fitting) == 1:
            return cls(file, *fitting[0])
        raise _no_one_sheet(path, sheet, fitting, errors)


def _no_one_sheet(
    path: Path, sheet: str | None, fitting: list[tuple[Source, Plan]], errors: list[IntakeError]
) -> IntakeError:
    if fitting:
        return IntakeError(
            "several sheets of the workbook hold facts",
            where="; ".join(place(source) for source, _ in fitting),
            count=len(fitting),
            remedy="save each as a file of its own, or name one in a mapping (sheet: NAME)",
        )
    if errors:
        return errors[0]
    return IntakeError(
        f"the workbook has no sheet {sheet!r} that holds anything",
        where=str(path),
        remedy="correct the mapping's sheet",
    )


def _holds_demo(warehouse: Warehouse) -> bool:
    if warehouse.path is not None and not warehouse.path.exists():
        return False
    return warehouse.origin == "demo"


@contextmanager
def _bringing(
    warehouse: Warehouse, opened: list[_Export], dry_run: bool
) -> Iterator[Callable[[_Export], FileReport]]:
    if not dry_run:
        yield partial(_load, warehouse)
        return
    with tried(warehouse, [export.plan for export in opened]) as trial:
        yield partial(_try, trial)


def _so_far(error: MerchantkitError, report: ImportReport, of: int) -> MerchantkitError:
    """Return an error that also says which files came before it, where there are several."""
    if of == 1:
        return error
    done = "would be loaded" if report.dry_run else "was loaded"
    names = ", ".join(file.path.name for file in report.files)
    if len(report.files) != 1:
        done = done.replace("was", "were")
    return type(error)(
        f"{error.what}; {len(report.files)} of {of} files {done}" + (f": {names}" if names else ""),
        where=error.where,
        count=error.count,
        remedy=error.remedy,
        kind=error.kind,
        parts=error.parts,
    )


def _try(trial: Trial, export: _Export) -> FileReport:
    with _settled(export) as staging:
        return _report(export, staging, trial.bring(staging), None)


def _load(warehouse: Warehouse, export: _Export) -> FileReport:
    file = export.file.path, export.file.sha256
    path = warehouse.path and rejects_path(warehouse.path, *file, export.one_of_several)
    with (
        _settled(export) as staging,
        rejects_file(path, staging.rejects),
        warehouse.write() as connection,
    ):
        brought = {
            name: upsert(connection, name, staging.rows(name), export.plan.silent(name))
            for name in export.plan.blocks
        }
        report = _report(export, staging, brought, path)
        _record(connection, staging, report, export.one_of_several)
        sheetless = without_sheet(connection, report.sha256)
    if warehouse.path is not None and export.one_of_several and not sheetless:
        # What an earlier kit kept of the workbook, as it kept one file for all sheets.
        rejects_path(warehouse.path, *file).unlink(missing_ok=True)
    return report


@contextmanager
def _settled(export: _Export) -> Iterator[Staging]:
    """Lend the staging area of an export, whole and settled."""
    plan = export.plan
    with staged(plan) as staging:
        for chunk in export.source.chunks(plan.wanted, CHUNK_ROWS, plan.decimals, plan.ids):
            found = sort_lines(chunk, plan, export.file.sha256)
            staging.add(found, len(chunk.rows))
        staging.settle(export.source)
        yield staging


def _report(
    export: _Export, staging: Staging, brought: dict[str, Upserted], rejects: Path | None
) -> FileReport:
    rejected = staging.rejected()
    sheets = (source.sheet for source in export.file.sources if source is not export.source)
    return FileReport(
        path=export.file.path,
        sheet=export.source.sheet,
        encoding=export.source.encoding,
        sha256=export.file.sha256,
        mapping=export.plan.mapping,
        read=staging.read,
        loaded=staging.loaded(),
        rejected=rejected,
        excluded=staging.excluded(),
        tables=tuple(
            TableReport(name, staging.loaded_lines(name), *counts)
            for name, counts in brought.items()
        ),
        rejected_for=staging.reasons("rejects"),
        excluded_for=staging.reasons("excluded"),
        rejected_at=staging.first_rejected(),
        ignored=export.plan.ignored,
        kept={
            name: export.plan.silent(name)
            for name, counts in brought.items()
            if counts.replaced and export.plan.silent(name)
        },
        ignored_sheets=tuple(name for name in sheets if name is not None),
        rejects_file=rejects if rejected else None,
    )


def _record(
    connection: duckdb.DuckDBPyConnection, staging: Staging, report: FileReport, sheet: str | None
) -> None:
    """Write the rejects and the log, in the facts' own transaction."""
    tables = staging.plan.blocks
    put_aside(connection, report.sha256, report.path.name, sheet, tables, staging.rejects())
    for each in report.tables:
        _log(connection, report, each)
    if report.loaded:
        claim(connection, "imported")


_SAME_BEFORE = (
    "SELECT count(*) FROM imports WHERE source_file = $sha256 AND table_name = $table "
    "AND mapping IS NOT DISTINCT FROM $mapping AND rows_read = $read AND rows_loaded = $loaded "
    "AND rows_rejected = $rejected AND rows_excluded = $excluded"
)
_LOG = (
    "INSERT INTO imports (imported_at, source_file, file_name, table_name, mapping, rows_read, "
    "rows_loaded, rows_rejected, rows_excluded, inserted, replaced, unchanged) VALUES ($now, "
    "$sha256, $name, $table, $mapping, $read, $loaded, $rejected, $excluded, $inserted, "
    "$replaced, $unchanged)"
)


def _log(connection: duckdb.DuckDBPyConnection, report: FileReport, each: TableReport) -> None:
    told: dict[str, Any] = {
        "sha256": report.sha256,
        "table": each.table,
        "mapping": report.mapping,
        "read": report.read,
        "loaded": each.lines,
        "rejected": report.rejected,
        "excluded": report.read - each.lines - report.rejected,
    }
    if not each.inserted and not each.replaced:
        # The same file again changes nothing, and so leaves nothing to log.
        before = connection.execute(_SAME_BEFORE, told).fetchone()
        if before is not None and before[0]:
            return
    told |= {
        "now": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "name": report.path.name,
        "inserted": each.inserted,
        "replaced": each.replaced,
        "unchanged": each.unchanged,
    }
    connection.execute(_LOG, told)

"""Commands that fill the warehouse: demo, import."""

import shlex
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merchantkit.cli.console import inert, note, print_json, print_table, say
from merchantkit.cli.exports import exports_of
from merchantkit.cli.options import AsJson, WarehouseFile, epilog

if TYPE_CHECKING:
    from merchantkit.facts.intake import FileReport, ImportReport
    from merchantkit.facts.intake.report import Place

# How much of a cell is told of one that was not loaded.
_SHOWN = 60


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("demo", epilog=_DEMO)(demo)
    app.command("import", epilog=_IMPORT)(import_)


_DEMO = epilog(
    "merchantkit demo",
    "merchantkit demo --month 2021-05 --merchants 200 --seed 7 --warehouse trial.duckdb",
    codes=(0, 2, 3),
)


def demo(
    month: Annotated[
        str | None,
        typer.Option(metavar="M", help="The demo's month. [default: 2021-05]"),
    ] = None,
    merchants: Annotated[
        int | None,
        typer.Option(metavar="N", help="How many; the hand-made ones first. [default: 24]"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="S", help="Decides all that is drawn. [default: 20210429]"),
    ] = None,
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a demo month of invented merchants.

    One seed makes one set of facts. An earlier demo is replaced; a warehouse that holds imported
    facts is refused.
    """
    from merchantkit.facts import demo as facts
    from merchantkit.facts.warehouse import Warehouse

    target = Warehouse.open(warehouse, create=True)
    given = {"month": month, "merchants": merchants, "seed": seed}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    counts = facts.fill(target, **options)
    rows = [{"table": name, "rows": rows} for name, rows in counts.items()]
    note(f"a demo month is in {target.path}")
    if as_json:
        print_json(rows)
    else:
        print_table(rows)
        there = f" --warehouse {shlex.quote(str(warehouse))}" if warehouse else ""
        note(f"next: merchantkit report {month or facts.MONTH}{inert(there)}")


_IMPORT = epilog(
    "merchantkit import exports/2021-05/*.xlsx",
    "merchantkit import exports/2021-05 --dry-run",
    "merchantkit import SCMS_Delivery_History_Dataset.csv --mapping scms",
    codes=(0, 2, 3),
)


def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", show_default=False, help="Files (csv, xlsx, parquet), or their folders."
        ),
    ],
    mapping: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="How a foreign export becomes facts: a mapping file, or the name of one in "
            "params/mappings/.",
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE", help="Which table the files are. [default: found by the headers]"
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")
    ] = False,
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Load exports into the warehouse.

    Headers may be Chinese or English; schema lists them. Of a folder its .csv, .tsv, .xlsx, .xlsm
    and .parquet files are read, not those of folders in it. Rows that fail are kept aside with row,
    column, value and reason, the rest load: read = loaded + rejected + excluded. A later import
    replaces rows by their key, and the same file twice changes nothing. An empty cell empties what
    was there; a column that a file does not have stays as it was.
    """
    from merchantkit.facts.cautions import cautions
    from merchantkit.facts.intake import import_facts
    from merchantkit.facts.warehouse import Warehouse

    target = Warehouse.open(warehouse, create=True)
    files = exports_of(paths)
    so_far: list[ImportReport] = []
    try:
        import_facts(
            target, files, table=table, mapping=mapping, dry_run=dry_run, told=so_far.append
        )
        if not dry_run:
            for caution in cautions(target):
                note(caution)
    finally:
        # Also where a later file breaks: those before it are loaded.
        for report in so_far[-1:]:
            _tell(report, as_json)


def _tell(report: "ImportReport", as_json: bool) -> None:
    if report.joins_demo:
        note(
            "careful: these facts lie beside those of a demo in the same warehouse; "
            "to have them alone, import into a new file: --warehouse FILE"
        )
    if as_json:
        print_json({**each, "dry_run": report.dry_run} for each in report.as_dict()["files"])
        return
    for each in report.files:
        _tell_file(each)
    done = "would be loaded (dry run: nothing was written)" if report.dry_run else "loaded"
    say(
        f"{report.read} rows read = {report.loaded} {done} + {report.rejected} rejected "
        f"+ {report.excluded} excluded"
    )


def _tell_file(report: "FileReport") -> None:
    from merchantkit.facts.intake.rejects import EXCLUDE_REASONS, REJECT_REASONS

    sheet = f", sheet {inert(report.sheet)}" if report.sheet else ""
    # UTF-8 is known by its form; what has not that form is taken for this, whatever it is.
    guessed = ", read as GB18030" if report.encoding == "gb18030" else ""
    say(f"{inert(str(report.path))}{sheet}{guessed}")
    for each in report.tables:
        counts = f"{each.inserted} new, {each.replaced} replaced, {each.unchanged} unchanged"
        say(f"  {each.table}: {counts}")
        if each.table in report.kept:
            say(f"    as before, not in the file: {', '.join(report.kept[each.table])}")
    _tell_reasons("rejected", report.rejected_for, REJECT_REASONS, report.rejected_at)
    _tell_reasons("excluded", report.excluded_for, EXCLUDE_REASONS, {})
    if report.ignored:
        say(f"  not read: {', '.join(inert(header) for header in report.ignored)}")
    if report.ignored_sheets:
        say(f"  sheets not read: {', '.join(inert(sheet) for sheet in report.ignored_sheets)}")
    if report.rejects_file:
        say(f"  rejects: {report.rejects_file}")


def _tell_reasons(
    what: str,
    found: dict[str, int],
    known: Collection[str],
    places: "dict[str, tuple[Place, ...]]",
) -> None:
    from merchantkit.present.words import words

    said = words("en")  # as all that this program says of itself
    for reason, lines in found.items():
        # A mapping's own reasons are its own words, whatever else is called like them.
        meant = f" ({said.t(f'import.reason.{reason}')})" if reason in known else ""
        say(f"  {what} for {inert(reason)}: {lines}{meant}")
        for place in places.get(reason, ()):
            cell = f", {place.column}" if place.column else ""
            value = "" if place.value is None else f": {inert(place.value[:_SHOWN])}"
            say(f"    row {place.row}{cell}{value}")

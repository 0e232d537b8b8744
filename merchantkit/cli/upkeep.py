"""Commands that say what shapes there are, and forget a merchant: schema, forget."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from merchantkit.cli.console import inert, note, print_json, print_table, say
from merchantkit.cli.options import AsJson, Out, WarehouseFile, epilog
from merchantkit.errors import (
    IntakeError,
    MerchantkitError,
    ReportError,
    RunLocked,
    WarehouseError,
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("schema", epilog=_SCHEMA)(schema)
    app.command("forget", epilog=_FORGET)(forget)


_SCHEMA = epilog("merchantkit schema", "merchantkit schema orders", "merchantkit schema rfq --json")


def schema(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", show_default="all", help="A table, programme or file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the shapes of facts, measures and files.

    Without a name it lists what there is. With a table's name it lists the headers by which an
    export's columns are recognised; with a programme's, its measures and outcome.
    """
    from merchantkit.cli.shapes import shapes

    found = shapes()
    if name is not None and name not in found:
        raise IntakeError(f"there is no schema {name!r}", remedy=f"there are: {', '.join(found)}")
    chosen = [found[name]] if name else list(found.values())
    if as_json:
        print_json(chosen)
    elif name is None:
        print_table([_listed(each) for each in chosen])
    else:
        print_table(list(_columns(chosen[0])))
        for line in _words(chosen[0]):
            say(line)


def _listed(shape: dict[str, Any]) -> dict[str, Any]:
    titles = shape["title"]
    return {
        "name": shape["name"],
        "kind": shape["kind"],
        "about": " / ".join(titles[lang] for lang in ("zh", "en") if lang in titles),
    }


def _columns(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for column in shape.get("columns", ()):
        row = {"column": column["name"], "kind": column["kind"]}
        row["may be missing"] = column["nullable"]
        row["codes"] = ", ".join(column["codes"])
        if shape["kind"] == "table":
            row["headers"] = ", ".join([*column["title"].values(), *column["aliases"]])
        else:
            row["part"] = "measure" if column["required"] else "measure, optional"
        yield row
    for column in shape.get("outcome", ()):
        yield {
            "column": column["name"], "kind": column["kind"],
            "may be missing": column["nullable"], "codes": "", "part": "outcome",
        }  # fmt: skip
    properties = shape.get("schema", {}).get("properties", {})
    required = shape.get("schema", {}).get("required", ())
    yield from ({"key": key, "required": key in required} for key in properties)


def _words(shape: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each code of a table, with what else means it in an export."""
    for column in shape.get("columns", ()) if shape["kind"] == "table" else ():
        for code, words in column["codes"].items():
            yield f"{column['name']}: {code} = {', '.join(words)}"


_FORGET = epilog("merchantkit forget 2100000011", codes=(0, 2, 3))


def forget(
    merchant: Annotated[
        str, typer.Argument(metavar="MERCHANT", show_default=False, help="The merchant's id.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask at a terminal.")] = False,
    warehouse: WarehouseFile = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Remove a merchant everywhere.

    It goes from every table of the warehouse, from the rejects and their files, and from every
    month's pages, assessments and records in reports/. A portfolio that named it is removed, and
    made again when report next runs. What is removed cannot be brought back, so at a terminal it
    asks first.
    """
    from merchantkit.briefing import forget as forget_in_reports
    from merchantkit.facts.intake.rejects import forget_in_files
    from merchantkit.facts.warehouse import Warehouse

    target = Warehouse.open(warehouse)
    if not (yes or _agreed(merchant)):
        raise WarehouseError(
            f"nothing was removed of {inert(merchant)}",
            where=str(target.path),
            remedy="agree, or add --yes: what is removed cannot be brought back",
        )
    pages: dict[str, int] = {}
    unread: list[MerchantkitError] = []
    # The reports first: a run under way refuses, and then nothing has gone yet.
    try:
        pages = forget_in_reports(merchant, out=out)
    except RunLocked:
        raise
    except ReportError as error:
        unread.append(error)  # what could be read is done, and the facts shall not wait for it
    removed = [{"place": name, "removed": rows} for name, rows in target.forget(merchant).items()]
    if target.path:
        found = forget_in_files(target.path, merchant)
        if found.removed:
            removed.append({"place": "rejects files", "removed": found.removed})
        if found.unread:
            unread.append(_unread_rejects(found.unread))
    removed += [{"place": f"reports/{label}", "removed": count} for label, count in pages.items()]
    if not (removed or unread):
        note(f"there was nothing of {inert(merchant)}")
    if as_json:
        print_json(removed)
    else:
        print_table(removed)
    if unread:
        raise _together(unread)


def _unread_rejects(files: tuple[str, ...]) -> MerchantkitError:
    return WarehouseError(
        "some files of rejects are not as import writes them, and may hold the merchant",
        where=", ".join(files),
        count=len(files),
        remedy="remove them, or save them as UTF-8 with their own headers, then forget the "
        "merchant again; all else is done",
    )


def _together(errors: list[MerchantkitError]) -> MerchantkitError:
    """Return one error that says what each of them does."""
    if len(errors) == 1:
        return errors[0]
    return WarehouseError(
        "; ".join(error.what for error in errors),
        where=", ".join(error.where or "" for error in errors),
        count=sum(error.count or 0 for error in errors),
        remedy="; ".join(error.remedy or "" for error in errors),
    )


def _agreed(merchant: str) -> bool:
    # A script has nobody to ask, and has said what it wants.
    return not sys.stdin.isatty() or typer.confirm(
        f"Remove {inert(merchant)} everywhere?", err=True
    )

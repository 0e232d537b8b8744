"""Commands about a month's briefings: report, status, verify, mark."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merchantkit.cli.console import inert, note, print_json, print_table, say
from merchantkit.cli.options import (
    AsJson,
    Lang,
    MonthLabel,
    Out,
    Overlays,
    WarehouseFile,
    epilog,
)

if TYPE_CHECKING:
    from merchantkit.briefing import RunResult

_FEW = 5


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("report", epilog=_REPORT)(report)
    app.command("status", epilog=_STATUS)(status)
    app.command("verify", epilog=_VERIFY)(verify)
    app.command("mark", epilog=_MARK)(mark)


_REPORT = epilog(
    "merchantkit report 2021-05",
    "merchantkit report 2021-05 --merchant 2100000011 --merchant 007 --lang zh --lang en",
    "merchantkit report 2013-06 --rules-on 2021-05-31",
    "merchantkit report 2021-05 --rules reform.yaml",
    codes=(0, 1, 2, 3),
)


def report(
    month: Annotated[
        str,
        typer.Argument(metavar="MONTH", show_default=False, help="The month, such as 2021-05."),
    ],
    merchant: Annotated[
        list[str] | None,
        typer.Option(
            "--merchant", metavar="ID", help="Only this merchant's briefing; may be repeated."
        ),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option(
            "--day", metavar="DATE", help="Assess as of this day. [default: the month's last]"
        ),
    ] = None,
    rules_on: Annotated[
        str | None,
        typer.Option(
            "--rules-on", metavar="DATE", help="Judge by the rules of this day. [default: --day]"
        ),
    ] = None,
    rules: Overlays = None,
    lang: Annotated[
        list[Lang] | None,
        typer.Option(
            "--lang",
            help="zh or en; may be repeated. [default: those of the month, or zh]",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, help="How many processes. [default: one a core]"
        ),
    ] = None,
    stock_kernels: Annotated[
        bool,
        typer.Option(
            "--stock-kernels", help="A kernel of its own for each page: as papermill does, slowly."
        ),
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="A Dask scheduler whose workers make them, such as tcp://10.0.0.1:8786.",
        ),
    ] = None,
    publish: Annotated[
        str | None,
        typer.Option(
            "--publish",
            metavar="URL",
            help="Put a copy of the pages there, too: a folder, or any URL that fsspec knows.",
        ),
    ] = None,
    out: Out = None,
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a month's briefings, one for each merchant, and the team's portfolio.

    A second run makes only what is missing, failed, or changed in its facts or rules. One
    merchant's failure is a line in the month's index and in status; the others finish. Under an
    overlay, or the rules of another day, the pages land in a folder of their own
    (reports/2021-05+reform/), never over the official month.
    """
    from merchantkit import briefing

    made = briefing.report(
        month,
        merchants=merchant,
        rules_on=rules_on,
        overlay=rules,
        lang=[str(one) for one in lang] if lang else None,
        workers=workers,
        stock_kernels=stock_kernels,
        scheduler=scheduler,
        publish=publish,
        out=out,
        warehouse=warehouse,
        day=day,
    )
    _summarise(made)
    if as_json:
        print_json(briefing.status(made.label, out=out))
    else:
        say(str(made.index))
    if made.exit_code:
        raise typer.Exit(made.exit_code)


def _summarise(made: "RunResult") -> None:
    note(
        f"{made.label}: {made.executed} pages made, {made.kept} unchanged, "
        f"{len(made.failures)} failed"
    )
    for entry in made.failures[:_FEW]:
        name = inert(entry.merchant_id) or "portfolio"
        note(f"  failed: {name} ({entry.lang}): {entry.reason} {inert(entry.detail)}".rstrip())
    if len(made.failures) > _FEW:
        note(f"  and {len(made.failures) - _FEW} more: merchantkit status {made.label}")
    if made.left:
        note(f"  {made.left} pages that were not asked for are missing or out of date")
    if made.removed:
        note(f"  pages of {len(made.removed)} merchants that the facts no longer hold were removed")
    if made.restatement is not None:
        note(f"  this is restatement {made.restatement} of a final month")


_STATUS = epilog("merchantkit status 2021-05", "merchantkit status 2021-05+reform --json")


def status(month: MonthLabel, out: Out = None, as_json: AsJson = False) -> None:
    """Say how each briefing of a month stands.

    done: made and verified. failed: see the reason. pending: not made yet. stale: its facts or
    rules have changed since. Paths are relative to the month's folder.
    """
    from merchantkit import briefing

    records = briefing.status(month, out=out)
    if as_json:
        print_json(records)
        return
    print_table(records, ("merchant_id", "lang", "state", "reason", "html"))
    note(_counted(Counter(str(record["state"]) for record in records)))


_VERIFY = epilog("merchantkit verify 2021-05", codes=(0, 1, 2))


def verify(month: MonthLabel, out: Out = None, as_json: AsJson = False) -> None:
    """Open every page and notebook of a month, and count what they hold.

    Each must have its sections, charts and final mark, hold nothing foreign, load nothing from
    the network, and be what report made. Exit code 1 means that some are not well.
    """
    from merchantkit import briefing

    records = briefing.verify(month, out=out)
    bad = [record for record in records if not record["ok"]]
    if as_json:
        print_json(records)
    else:
        print_table([_problems(record) for record in bad])
        say(f"{len(records)} opened: {len(records) - len(bad)} well, {len(bad)} not")
    if bad:
        raise typer.Exit(1)


def _problems(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "merchant_id": record["merchant_id"],
        "page": record["html"],
        "problems": "; ".join(record["problems"]),
    }


class Standing(StrEnum):
    """How a month is meant."""

    draft = "draft"
    final = "final"


_MARK = epilog("merchantkit mark 2021-05 final", codes=(0, 2, 3))


def mark(
    month: MonthLabel,
    standing: Annotated[
        Standing,
        typer.Argument(metavar="draft|final", help="final: handed over; draft: not yet."),
    ],
    out: Out = None,
) -> None:
    """Mark a month as draft or final.

    New facts replace what a draft says. For a final month, which merchants have in hand, they
    make a restatement that says what changed. A month with failed or missing pages cannot be final.
    """
    from merchantkit import briefing

    briefing.mark(month, standing.value, out=out)
    note(f"{month} is {standing.value}")


def _counted(counts: Counter[str]) -> str:
    ordered: Sequence[tuple[str, int]] = counts.most_common()
    return ", ".join(f"{number} {state}" for state, number in ordered) or "no briefings"

"""The command that judges a file of measures by the rules of a day."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merchantkit.cli.console import print_json, print_table
from merchantkit.cli.options import AsJson, Overlays, epilog

if TYPE_CHECKING:
    import pandas as pd


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("assess", epilog=_ASSESS)(assess)


_ASSESS = epilog(
    "merchantkit assess rfq measures.csv --on 2021-05-31",
    "merchantkit assess rfq measures.xlsx --on 2021-05-31 --explain --json",
    "merchantkit assess campaign board.parquet --on 2021-05-31 --rules reform.yaml",
    "merchantkit assess fees orders.csv --on 2021-05-31 --json",
    "merchantkit assess fulfilment orders.csv --on 2021-05-31 --explain",
    "merchantkit assess express orders.csv --on 2021-05-31 --json",
    "merchantkit assess quick_custom products.csv --on 2021-05-31 --explain",
    "merchantkit assess chargeback disputes.csv --on 2021-05-31 --json",
    "merchantkit assess assignment teams.csv --on 2021-05-31 --json",
    "merchantkit assess showroom showrooms.csv --on 2021-05-31 --explain",
    "merchantkit assess tariff lines.csv --on 2021-05-31 --json",
)


def assess(
    programme: Annotated[
        str,
        typer.Argument(
            metavar="PROGRAMME",
            show_default=False,
            help="Its id, such as rfq or fees; schema lists them.",
        ),
    ],
    frame: Annotated[
        Path,
        typer.Argument(
            metavar="FRAME",
            show_default=False,
            help="A csv, xlsx or parquet file; its headers are the names of the measures.",
        ),
    ],
    on: Annotated[
        str,
        typer.Option(
            "--on", metavar="DATE", show_default=False, help="By the rules of this day: 2021-05-31."
        ),
    ],
    explain: Annotated[
        bool, typer.Option("--explain", help="Print one record for each row and check instead.")
    ] = False,
    rules: Overlays = None,
    as_json: AsJson = False,
) -> None:
    """Judge a file of measures by the rules of a day.

    It needs no warehouse. It prints one record for each row: its measures, then what they earn.
    With --explain, one record for each row and check: what was observed and required, whether it
    is met, what is missing, and by which rule, since when, from which slide. schema PROGRAMME
    lists the measures.
    """
    from merchantkit.cli.frames import read_measures, records
    from merchantkit.programmes import programme as named
    from merchantkit.rulebook import rulebook

    module = named(programme)
    book = rulebook(rules).on(on)
    book.programme(programme)
    measures = read_measures(frame, module.COLUMNS)
    if explain:
        result = module.explain(measures, book)
    else:
        result = _beside(measures, module.assess(measures, book), module)
    if as_json:
        print_json(records(result))
    else:
        print_table(records(result))


def _beside(measures: "pd.DataFrame", outcome: "pd.DataFrame", module: Any) -> "pd.DataFrame":
    """The file's columns, typed where they are measures, then the outcome's."""
    import pandas as pd

    from merchantkit.money import from_cents, from_units
    from merchantkit.programmes import door

    kinds = {**module.COLUMNS, **getattr(module, "OPTIONAL", {})}
    # Codes, days and moments were read by assess, which knows their lists and the clock.
    asked = {
        n: k for n, k in kinds.items()
        if n in measures.columns and k not in ("code", "day", "moment")
    }  # fmt: skip
    typed = door.read(measures, asked)
    for name, kind in asked.items():
        if kind in ("money", "decimal"):
            typed[name] = from_cents(typed[name])
        elif kind == "quantity":
            typed[name] = from_units(typed[name], door.QUANTITY_PLACES)
    given = {
        name: typed[name] if name in asked else measures[name]
        for name in measures.columns
        if name in kinds or name not in outcome.columns
    }
    earned = {name: outcome[name] for name in outcome.columns if name not in given}
    return pd.DataFrame({**given, **earned}, index=measures.index)

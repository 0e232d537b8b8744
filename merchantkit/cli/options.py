"""What several commands share: options, examples and exit codes."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES = {
    0: "all is well",
    1: "some merchants failed; status says which and why",
    2: "the input is wrong; the error says what, where, how many and the remedy",
    3: "locked: another process holds the warehouse or the month; the error names it",
}


def epilog(
    *examples: str, codes: Iterable[int] = (0, 2), also: Iterable[tuple[int, str]] = ()
) -> str:
    """Return the end of a command's help: examples to copy, and the exit codes that it has.

    Args:
        examples: As they are typed.
        codes: Those that mean what they mean everywhere.
        also: What else a code means of this command.
    """
    shown = "\n".join(f"  {example}" for example in examples)
    means = [*((code, EXIT_CODES[code]) for code in codes), *also]
    ends = "\n".join(
        f"  {code}  {meant}" for code, meant in sorted(means, key=lambda each: each[0])
    )
    return f"\b\nExamples:\n{shown}\n\n\b\nExit codes:\n{ends}"


class Lang(StrEnum):
    """The languages that the kit speaks."""

    zh = "zh"
    en = "en"


WarehouseFile = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        metavar="FILE",
        help="The warehouse of facts. [default: merchants.duckdb in the project's root]",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print one JSON array of records: ids and money are text, what is missing is null "
        "beside its reason.",
    ),
]
Overlays = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="OVERLAY",
        help="An overlay file, laid over the rules for a what-if or a reform; may be repeated.",
    ),
]
Language = Annotated[Lang, typer.Option("--lang", help="The language: Chinese or English.")]
MonthLabel = Annotated[
    str,
    typer.Argument(
        metavar="MONTH",
        show_default=False,
        help="The month, such as 2021-05, or the label of another run, such as 2021-05+reform.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="The folder of all months. [default: reports/ in the project's root]",
    ),
]

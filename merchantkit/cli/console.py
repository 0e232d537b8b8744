"""How the program speaks: results on stdout, notes on stderr, nothing of a stranger's alive."""

import datetime as dt
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import typer

NONE = "—"
Record = Mapping[str, Any]


def say(text: str = "") -> None:
    """Print a line of the result."""
    typer.echo(text)


def note(text: str) -> None:
    """Print a line about the work, where it does not mix with the result."""
    typer.echo(text, err=True)


def print_json(records: Iterable[Record]) -> None:
    """Print one JSON array, a record a line; money is expected as decimals with two places."""
    # Escapes keep it JSON on a terminal that has no Chinese.
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    lines = [json.dumps(dict(r), ensure_ascii=plain, default=_json_value) for r in records]
    say("[" + ",".join(f"\n{line}" for line in lines) + "\n]" if lines else "[]")


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def print_table(records: Sequence[Record], columns: Sequence[str] | None = None) -> None:
    """Print records as aligned columns, numbers to the right; the first record names them."""
    from rich.cells import cell_len

    names = list(columns if columns is not None else (records[0] if records else ()))
    if not names:
        return
    rows = [[_shown(record.get(name)) for name in names] for record in records]
    right = [_is_number_column([record.get(name) for record in records]) for name in names]
    widths = [max(map(cell_len, cells)) for cells in zip(names, *rows, strict=True)]
    for row in [names, *rows]:
        padded = []
        for cell, width, to_the_right in zip(row, widths, right, strict=True):
            blank = " " * (width - cell_len(cell))
            padded.append(blank + cell if to_the_right else cell + blank)
        say("  ".join(padded).rstrip())


def _shown(value: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return inert(format(value, "f") if isinstance(value, Decimal) else str(value))


def _is_number_column(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(
        isinstance(value, int | Decimal) and not isinstance(value, bool) for value in known
    )


def inert(text: str) -> str:
    r"""Return a text that cannot steer a terminal: control and direction marks are spelled out.

    >>> inert("a\x1b[31m b")
    'a\\x1b[31m b'
    """
    return "".join(
        mark if mark.isprintable() or unicodedata.category(mark) == "Zs"
        else mark.encode("unicode_escape").decode()
        for mark in text
    )  # fmt: skip

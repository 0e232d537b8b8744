"""Loading an edition, with a count of what its rates are."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from merchantkit.facts import tariff as facts
from merchantkit.facts.tariff import Edition
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff.rates import Form, parse
from merchantkit.programmes.tariff.schedule import schedule


class Report(NamedTuple):
    """What a load found.

    Attributes:
        edition: Name, country, date, rows.
        unchanged: Whether the same file was there already.
        lines: How many codes can be declared.
        forms: Form of the general rate → how many lines have it.
        refused: Lines whose rate the grammar does not know: code → text. They load, and refuse.
        beside: Codes that stand beside their subheading and not below it, as published.
    """

    edition: Edition
    unchanged: bool
    lines: int
    forms: dict[str, int]
    refused: dict[str, str]
    beside: tuple[str, ...] = ()


def load(
    warehouse: Warehouse,
    path: Path | str,
    *,
    edition: str | None = None,
    dated: dt.date | str | None = None,
    country: str = "US",
    partial: bool = False,
) -> Report:
    """Put a schedule file into the warehouse; see ``facts.tariff.load``.

    Raises:
        IntakeError: The file is not whole, its day is not known, another file was loaded under this
            name, or it is the excerpt's. The editions that are there stay as they are.
    """
    done = facts.load(
        warehouse, Path(path), edition=edition, dated=dated, country=country, partial=partial
    )
    found = schedule(warehouse, done.edition.name)
    rows = np.flatnonzero(found.is_line).tolist()
    forms = {row: parse(found.general[row]).form for row in rows}
    refused = {
        found.code(row): found.general[row]
        for row, form in forms.items()
        if form in (Form.REFUSED, Form.ADDED)
    }
    counted = Counter(form.value for form in forms.values())
    return Report(
        done.edition, done.unchanged, len(rows), dict(counted.most_common()), refused, done.beside
    )

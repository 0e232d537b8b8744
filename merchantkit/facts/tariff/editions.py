"""Editions in the warehouse: loaded whole, named and dated, never changed afterwards."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from merchantkit.days import as_day
from merchantkit.errors import IntakeError
from merchantkit.facts.declared.tariff import EXCERPT
from merchantkit.facts.tariff.files import ScheduleFile, read
from merchantkit.facts.tariff.rows import Row
from merchantkit.facts.warehouse import Warehouse

# What the USITC calls a file says of its year only that the basic edition begins with it.
_BASIC = re.compile(r"(20\d\d)[_-]?(?:hts)?[_-]?basic", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_COUNTRY = re.compile(r"[A-Z]{2}")


class Edition(NamedTuple):
    """A schedule as published at one time.

    Attributes:
        name: What it is called in questions and answers.
        country: Whose duties they are: ISO 3166 alpha-2.
        dated: The day from which it holds.
        sha256: Of the file's bytes.
        rows: How many rows it has.
        excerpt: Whether it is the kit's own small excerpt, and not a whole schedule.
    """

    name: str
    country: str
    dated: dt.date
    sha256: str
    rows: int
    excerpt: bool = False


class Loaded(NamedTuple):
    """What a load did.

    Attributes:
        edition: What was loaded.
        unchanged: Whether the same file was there under that name already.
        beside: Codes that stand beside their subheading, as published; see ``order.checked``.
    """

    edition: Edition
    unchanged: bool
    beside: tuple[str, ...] = ()


def load(
    warehouse: Warehouse,
    path: Path,
    *,
    edition: str | None = None,
    dated: dt.date | str | None = None,
    country: str = "US",
    partial: bool = False,
) -> Loaded:
    """Put a schedule file into the warehouse beside the editions that are there.

    Args:
        warehouse: The facts.
        path: The USITC's JSON export, plain or gzipped.
        edition: Its name; the file's, if not given.
        dated: The day from which it holds; needed unless the file is called a basic edition, which
            holds from 1 January of its year.
        country: Whose duties they are: ISO 3166 alpha-2.
        partial: Whether chapters may be missing.

    Raises:
        IntakeError: The file is not whole, its day is not known, another file was loaded under this
            name, or it is the excerpt's. Nothing is changed then.
    """
    brought = read(path, partial=partial)
    name = _named(path, edition)
    if not _COUNTRY.fullmatch(country):
        raise IntakeError(f"{country[:40]!r} is no country", remedy="write two letters, such as US")
    made = Edition(name, country, _dated(path, dated), brought.sha256, len(brought.rows))
    with warehouse.write() as connection:
        there = {each.name: each for each in editions(warehouse)}
        if name in there:
            return Loaded(_same(there[name], made, path), unchanged=True, beside=brought.beside)
        connection.execute("INSERT INTO tariff_editions VALUES (?, ?, ?, ?, ?)", [*made[:5]])
        connection.register("brought_schedule", _table(made, brought))
        connection.execute("INSERT INTO tariff_rows SELECT * FROM brought_schedule")
        connection.unregister("brought_schedule")
    return Loaded(made, unchanged=False, beside=brought.beside)


def editions(warehouse: Warehouse) -> list[Edition]:
    """Return the loaded editions, the oldest first.

    >>> editions(Warehouse.in_memory())
    []
    """
    found = warehouse.frame(
        "SELECT edition, country, dated, sha256, rows FROM tariff_editions ORDER BY dated, edition"
    )
    return [
        Edition(*cells) for cells in zip(*(found[name].tolist() for name in found), strict=True)
    ]


def rows_of(warehouse: Warehouse, name: str) -> pd.DataFrame:
    """Return an edition's rows in order.

    Returns:
        ``code`` (with dots, empty where the row has none), ``indent`` (int), ``description``,
        ``units`` and ``footnotes`` (JSON text), ``general``, ``special``, ``other``.
    """
    columns = "code, indent, description, units, general, special, other, footnotes"
    return warehouse.frame(
        f"SELECT {columns} FROM tariff_rows WHERE edition = $name ORDER BY row",  # noqa: S608
        {"name": name},
    )


def table_of(rows: list[Row]) -> pa.Table:
    """Return rows as the columns that ``rows_of`` gives."""
    columns: dict[str, pa.Array] = {
        "code": pa.array([row.htsno for row in rows], pa.string()),
        "indent": pa.array([int(row.indent) for row in rows], pa.int64()),
        "description": pa.array([row.description for row in rows], pa.string()),
        "units": pa.array([_json(row.units) for row in rows], pa.string()),
        "general": pa.array([row.general for row in rows], pa.string()),
        "special": pa.array([row.special for row in rows], pa.string()),
        "other": pa.array([row.other for row in rows], pa.string()),
        "footnotes": pa.array(
            [_json([note.model_dump() for note in row.footnotes]) for row in rows], pa.string()
        ),
    }
    return pa.table(columns)


def _table(edition: Edition, brought: ScheduleFile) -> pa.Table:
    count = len(brought.rows)
    named = pa.array([edition.name] * count, pa.string())
    numbered = pa.array(range(1, count + 1), pa.int64())
    return table_of(brought.rows).add_column(0, "row", numbered).add_column(0, "edition", named)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _named(path: Path, given: str | None) -> str:
    name = given or path.name.split(".")[0]
    if not _NAME.fullmatch(name):
        raise IntakeError(
            f"{name[:40]!r} is no name of an edition", remedy="use up to 40 letters, digits, . _ -"
        )
    # Whoever reads this name, in an answer or on a page, takes it for the kit's own few headings.
    if name.casefold() == EXCERPT:
        raise IntakeError(
            f"{name} is the name of the kit's own excerpt", where=str(path),
            remedy="give this edition a name of its own: --edition NAME",
        )  # fmt: skip
    return name


def _dated(path: Path, given: dt.date | str | None) -> dt.date:
    if given is not None:
        return as_day(given)
    named = _BASIC.search(path.name)
    if named is None:
        raise IntakeError(
            "the file does not say since when its rates hold", where=str(path),
            remedy="give the day of the edition: --dated 2025-01-01",
        )  # fmt: skip
    return dt.date(int(named[1]), 1, 1)


def _same(there: Edition, brought: Edition, path: Path) -> Edition:
    if there.sha256 != brought.sha256:
        raise IntakeError(
            f"another file was loaded as {there.name} ({there.rows} rows; this one has "
            f"{brought.rows})",
            where=str(path), remedy="give this edition a name of its own: --edition NAME",
        )  # fmt: skip
    if there != brought:
        raise IntakeError(
            f"the same file was loaded as {there.name} for {there.country} from {there.dated}",
            where=str(path), remedy="give this edition a name of its own: --edition NAME",
        )  # fmt: skip
    return there

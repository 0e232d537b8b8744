"""A schedule in columns: each row with the rates and footnotes that it has from its ancestors."""

import bisect
import datetime as dt
import json
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.columns import Flags
from merchantkit.errors import MeasureError
from merchantkit.facts import tariff as facts
from merchantkit.facts.tariff import Edition
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff import footnotes
from merchantkit.programmes.tariff.ancestors import Rows, lineage, nearest, parents
from merchantkit.programmes.tariff.rates import parse

FULL, RATE_LINE, INTERNATIONAL, HEADING = 10, 8, 6, 4
BELOW = " › "  # stands between a row and its ancestors in its description
_LAST = ":"  # stands after every digit
GOODS_END = "98"  # chapters from here on are no goods, but provisions about them


@dataclass(frozen=True)
class Schedule:
    """One edition's rows, in order.

    Attributes:
        edition: Which it is.
        rows: As ``facts.tariff.rows_of`` gives them.

    >>> schedule = Schedule(*facts.excerpt())
    >>> row = schedule.position("6104.42.00.10")
    >>> schedule.code(schedule.general_row[row]), schedule.general[row]
    ('6104.42.00', '11.5%')
    """

    edition: Edition
    rows: pd.DataFrame

    @cached_property
    def codes(self) -> list[str]:
        """Each row's code with its dots; empty where the row has none."""
        return _texts(self.rows["code"])

    @cached_property
    def digits(self) -> list[str]:
        """Each row's code without dots."""
        return [code.replace(".", "") for code in self.codes]

    @cached_property
    def descriptions(self) -> list[str]:
        """Each row's own description."""
        return _texts(self.rows["description"])

    @cached_property
    def parent(self) -> Rows:
        """The position of each row's parent, -1 for none."""
        return parents(self.rows["indent"].to_numpy(np.int64))

    @cached_property
    def general_row(self) -> Rows:
        """Where each row's general rate stands: itself or an ancestor; -1 for nowhere."""
        return nearest(_filled(self.rows["general"]), self.parent)

    @cached_property
    def other_row(self) -> Rows:
        """Where each row's rate of column 2 stands."""
        return nearest(_filled(self.rows["other"]), self.parent)

    @cached_property
    def general(self) -> list[str]:
        """Each row's general rate as published, its own or inherited; empty for none."""
        return _taken(self.rows["general"], self.general_row)

    @cached_property
    def special(self) -> list[str]:
        """Each row's special rates, of the row that sets the general one."""
        return _taken(self.rows["special"], self.general_row)

    @cached_property
    def other(self) -> list[str]:
        """Each row's rate of column 2."""
        return _taken(self.rows["other"], self.other_row)

    @cached_property
    def is_line(self) -> Flags:
        """Whether a row of chapters 1–97 is one to declare: it has a rate and no code below it."""
        coded = np.array([len(code) >= RATE_LINE for code in self.digits])
        goods = np.array([code[:2] < GOODS_END for code in self.digits])
        above = np.zeros(len(coded), dtype=bool)
        step = self.parent[coded]
        while bool((step >= 0).any()):
            step = step[step >= 0]
            above[step] = True
            step = self.parent[step]
        lines: Flags = coded & goods & ~above & (self.general_row >= 0)
        return lines

    @cached_property
    def _footnotes(self) -> list[str]:
        return _texts(self.rows["footnotes"])

    @cached_property
    def _at(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.digits) if code}

    @cached_property
    def _lines(self) -> tuple[list[str], list[int]]:
        rows: list[int] = np.flatnonzero(self.is_line).tolist()
        return [self.digits[row] for row in rows], rows  # codes ascend, as the file was checked to

    def code(self, row: int) -> str:
        """Return a row's code with its dots."""
        return self.codes[row]

    def position(self, code: str) -> int | None:
        """Return the row that has just this code, with or without dots; None if none has."""
        return self._at.get(code.replace(".", ""))

    def lines_below(self, digits: str) -> list[int]:
        """Return the rows to declare whose code begins so."""
        codes, rows = self._lines
        first = bisect.bisect_left(codes, digits)
        return rows[first : bisect.bisect_left(codes, digits + _LAST, lo=first)]

    def stands_for(self, row: int) -> list[int]:
        """Return the rows to declare that a row stands for: itself, or those below it."""
        if self.is_line[row] or not self.digits[row]:
            return [row]
        return self.lines_below(self.digits[row]) or [row]

    def lineage(self, row: int) -> list[int]:
        """Return a row and its ancestors, itself first."""
        return lineage(row, self.parent)

    def description(self, row: int) -> str:
        """Return a row's description below those of its ancestors."""
        parts = [self.descriptions[each].rstrip(":") for each in reversed(self.lineage(row))]
        return BELOW.join(parts)

    def notes(self, row: int) -> list[tuple[int, footnotes.Footnotes]]:
        """Return the footnotes of a row and of its ancestors, each with its row, nearest first."""
        own = [(each, footnotes.read(self._footnotes[each])) for each in self.lineage(row)]
        return [(each, found) for each, found in own if any(found)]

    def added_headings(self, row: int) -> list[str]:
        """Return the headings of chapter 99 that the general rate's footnotes name, each once."""
        mine = footnotes.read(self._footnotes[row])
        named = (
            heading
            for at, own in self.notes(row)
            for heading in own.headings
            if at == row or heading not in own.partly or heading in mine.described
        )
        return list(dict.fromkeys(named))

    def column_2_headings(self, row: int) -> list[str]:
        """Return the headings of chapter 99 that stand in place of a row's rate of column 2."""
        named = (
            heading for _, own in self.notes(row) for heading in own.column_2
            if heading.startswith("9903.")
        )  # fmt: skip
        return list(dict.fromkeys(named))

    def adds(self, heading: str) -> Fraction | None:
        """Return what a heading of chapter 99 adds to a duty; None if it is no such heading."""
        row = self.position(heading)
        return parse(self.general[row]).added if row is not None else None

    def units(self, row: int) -> list[str]:
        """Return the units in which a row's quantities are reported, as published."""
        found: list[str] = json.loads(self.rows["units"].array[row])
        return [unit.strip() for unit in found if unit.strip()]


# An edition never changes, so what was made of one is kept as long as its warehouse is.
_MADE: "weakref.WeakKeyDictionary[Warehouse, dict[str, Schedule]]" = weakref.WeakKeyDictionary()


def schedule(
    warehouse: Warehouse | None = None,
    edition: str | None = None,
    country: str | None = None,
    on: dt.date | None = None,
) -> Schedule:
    """Return a schedule: the edition of that name, else the country's that holds on a day.

    Where the warehouse has none of the country, or there is no warehouse, it is the kit's excerpt.

    Args:
        warehouse: Where editions are loaded.
        edition: The name of one.
        country: Whose duties; of a named edition any by default, else the US's.
        on: The day: the latest edition that is no younger, else the earliest; the latest of all
            by default.

    Raises:
        MeasureError: There is no edition of that name, it is another country's, or there is none
            of that country.

    >>> schedule().edition.name
    'us-2025-basic-excerpt'
    """
    loaded = _editions(warehouse) if warehouse is not None else []
    chosen = _chosen(loaded, edition, country, on)
    if chosen.excerpt or warehouse is None:
        return _of_excerpt()
    made = _MADE.setdefault(warehouse, {})
    if (kept := made.get(chosen.name)) is None or kept.edition != chosen:
        kept = made[chosen.name] = Schedule(chosen, facts.rows_of(warehouse, chosen.name))
    return kept


def _chosen(
    loaded: list[Edition], edition: str | None, country: str | None, on: dt.date | None
) -> Edition:
    own, _ = facts.excerpt()
    known = [own, *loaded]
    where = "loaded: " + ", ".join(f"{e.name} ({e.country}, {e.dated})" for e in known)
    if edition is not None:
        named = next((each for each in known if each.name == edition), None)
        if named is None:
            problem, kind = f"there is no edition {edition!r}", "edition_unknown"
        elif country not in (None, named.country):
            problem = f"edition {edition} has the duties of {named.country}, not of {country}"
            kind = "edition_of_another_country"
        else:
            return named
    else:
        whose = country or own.country
        # Loaded ones come first: the excerpt is for where there is none.
        mine = [e for e in loaded if e.country == whose] or [e for e in [own] if e.country == whose]
        if mine:
            held = [each for each in mine if on is None or each.dated <= on]
            return held[-1] if held else mine[0]
        problem, kind = f"there is no schedule of {whose}", "schedule_missing"
    raise MeasureError(
        problem, where=where, remedy="load its file: merchantkit tariff load FILE", kind=kind,
        parts={"edition": edition, "country": country or own.country,
               "loaded": tuple(each.name for each in known)},
    )  # fmt: skip


# Opening the file takes longer than most questions, so who asks again is told what it held, as long
# as nothing was written to it.
_LISTED: "weakref.WeakKeyDictionary[Warehouse, tuple[object, list[Edition]]]" = (
    weakref.WeakKeyDictionary()
)


def _editions(warehouse: Warehouse) -> list[Edition]:
    if warehouse.path is None or not warehouse.path.exists():
        return facts.editions(warehouse)
    log = warehouse.path.with_name(warehouse.path.name + ".wal")
    now = [(f.stat().st_mtime_ns, f.stat().st_size) for f in (warehouse.path, log) if f.exists()]
    kept = _LISTED.get(warehouse)
    if kept is None or kept[0] != now:
        kept = _LISTED[warehouse] = (now, facts.editions(warehouse))
    return kept[1]


_EXCERPT: list[Schedule] = []


def _of_excerpt() -> Schedule:
    if not _EXCERPT:
        _EXCERPT.append(Schedule(*facts.excerpt()))
    return _EXCERPT[0]


def _filled(column: "pd.Series[Any]") -> Flags:
    return np.array([bool(text.strip()) for text in _texts(column)])


def _taken(column: "pd.Series[Any]", rows: Rows) -> list[str]:
    texts = _texts(column)
    return [" ".join(texts[row].split()) if row >= 0 else "" for row in rows]


def _texts(column: "pd.Series[Any]") -> list[str]:
    found: Sequence[str] = column.tolist()
    return list(found)

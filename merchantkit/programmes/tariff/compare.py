"""Two editions side by side: what came, what went, and what of a rate or a footnote changed.

Compared are the lines to declare, and all headings of chapters 98 and 99. Footnotes name these: a
higher rate of 9903.88.15 changes the duty on thousands of lines of which no word changed.
"""

from typing import NamedTuple

from merchantkit.errors import MeasureError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff.pointers import exclusions, other_provisions
from merchantkit.programmes.tariff.schedule import GOODS_END, Schedule, schedule

Told = dict[str, str]


class Difference(NamedTuple):
    """One line, or heading of chapter 98 or 99, that differs.

    Attributes:
        code: The line's or heading's.
        kind: ``new``, ``gone``, or what changed: ``general``, ``special``, ``column_2``,
            ``units``, ``description``; of a line also ``added`` (headings of chapter 99),
            ``excluded`` (where exclusions may be found), ``column_2_headings`` (that replace the
            rate of column 2); of both ``other_provisions`` (what else the footnotes point to).
        before: What it was; None for a new one.
        after: What it is; None for one that is gone.
    """

    code: str
    kind: str
    before: str | None
    after: str | None


def diff(one: str, other: str, warehouse: Warehouse | None = None) -> list[Difference]:
    """Return how an edition differs from an earlier one, code by code, in their order.

    Args:
        one: The edition before.
        other: The edition after.
        warehouse: Where they are loaded.

    Raises:
        MeasureError: There is no edition of that name, or they are two countries'.

    >>> diff("us-2025-basic-excerpt", "us-2025-basic-excerpt")
    []
    """
    editions = schedule(warehouse, one), schedule(warehouse, other)
    _refuse_two_countries(*editions)
    before, after = (_lines(each) | _provisions(each) for each in editions)
    found = []
    for code in sorted(before.keys() | after.keys()):
        if code not in before:
            found.append(Difference(code, "new", None, after[code]["general"]))
        elif code not in after:
            found.append(Difference(code, "gone", before[code]["general"], None))
        else:
            found += [
                Difference(code, kind, text, after[code][kind])
                for kind, text in before[code].items()
                if text != after[code][kind]
            ]
    return found


def _refuse_two_countries(*editions: Schedule) -> None:
    one, other = (each.edition for each in editions)
    if one.country != other.country:
        raise MeasureError(
            f"{one.name} has the duties of {one.country}, {other.name} those of {other.country}",
            remedy="compare two editions of one country",
        )


def _lines(edition: Schedule) -> dict[str, Told]:
    rows = [row for row, line in enumerate(edition.is_line.tolist()) if line]
    return {
        edition.code(row): {
            "general": edition.general[row],
            "special": edition.special[row],
            "column_2": edition.other[row],
            "added": " ".join(edition.added_headings(row)),
            "excluded": " ".join(exclusions(edition, row).every),
            "column_2_headings": " ".join(edition.column_2_headings(row)),
            **_beside(edition, row),
        }
        for row in rows
    }


def _provisions(edition: Schedule) -> dict[str, Told]:
    """Return what the rows of chapters 98 and 99 say themselves; they inherit no rates."""
    rates = {"general": "general", "special": "special", "column_2": "other"}
    texts = {kind: edition.rows[column].tolist() for kind, column in rates.items()}
    return {
        code: {
            **{kind: " ".join(column[row].split()) for kind, column in texts.items()},
            **_beside(edition, row),
        }
        for row, code in enumerate(edition.codes)
        if code >= GOODS_END
    }


def _beside(edition: Schedule, row: int) -> Told:
    return {
        "other_provisions": " ".join(other_provisions(edition, row).every),
        "units": ", ".join(edition.units(row)),
        "description": edition.descriptions[row],
    }

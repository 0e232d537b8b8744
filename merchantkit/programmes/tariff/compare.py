"""Two editions side by side: lines that came, went, or whose rates or footnotes changed."""

from typing import NamedTuple

from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff.schedule import Schedule, schedule


class Difference(NamedTuple):
    """One line that differs.

    Attributes:
        code: The line's.
        kind: ``new``, ``gone``, or what changed: ``general``, ``special``, ``column_2``,
            ``added`` (headings of chapter 99), ``excluded`` (where exclusions may be found),
            ``units``, ``description``.
        before: What it was; None for a new line.
        after: What it is; None for one that is gone.
    """

    code: str
    kind: str
    before: str | None
    after: str | None


def diff(one: str, other: str, warehouse: Warehouse | None = None) -> list[Difference]:
    """Return how an edition differs from an earlier one, line by line, in the order of codes.

    Args:
        one: The edition before.
        other: The edition after.
        warehouse: Where they are loaded.

    Raises:
        MeasureError: There is no edition of that name.

    >>> diff("us-2025-basic-excerpt", "us-2025-basic-excerpt")
    []
    """
    before, after = _lines(schedule(warehouse, one)), _lines(schedule(warehouse, other))
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


def _lines(edition: Schedule) -> dict[str, dict[str, str]]:
    rows = [row for row, line in enumerate(edition.is_line.tolist()) if line]
    return {
        edition.code(row): {
            "general": edition.general[row],
            "special": edition.special[row],
            "column_2": edition.other[row],
            "added": " ".join(edition.added_headings(row)),
            "excluded": " ".join(edition.exclusions(row)),
            "units": ", ".join(edition.units(row)),
            "description": edition.descriptions[row],
        }
        for row in rows
    }

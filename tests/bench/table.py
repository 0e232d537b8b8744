"""The table: bars, what was measured against them, and whether it was reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_WIDTH = 112
NONE = "—"


@dataclass(frozen=True)
class Bar:
    """What must be reached, and what is aimed at.

    Attributes:
        unit: ``×``, ``ms`` or ``kB``.
        higher: Whether more is better.
    """

    must: float
    aim: float
    unit: str = "×"
    higher: bool = True

    def verdict(self, value: float | None) -> str:
        """Say how a figure stands: ``aim`` reached, ``pass`` or ``short``.

        >>> [Bar(50, 100).verdict(value) for value in (49.9, 50, 100, None)]
        ['short', 'pass', 'aim', '—']
        >>> [Bar(6, 3, higher=False).verdict(value) for value in (6.01, 6, 3)]
        ['short', 'pass', 'aim']
        """
        if value is None:
            return NONE
        sign = 1 if self.higher else -1
        if sign * value >= sign * self.aim:
            return "aim"
        return "pass" if sign * value >= sign * self.must else "short"

    def spelled(self, limit: float) -> str:
        """Return a limit as the table shows it.

        >>> Bar(50, 100).spelled(50), Bar(150, 60, "kB", higher=False).spelled(150)
        ('≥ 50 ×', '≤ 150 kB')
        """
        return f"{'≥' if self.higher else '≤'} {limit:g} {self.unit}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        measured: What is judged: of whole runs, start and end included.
        marginal: The same once both sides are under way; None where it has no meaning.
        samples: What it rests on, such as ``5 : 2`` runs.
        as_meant: Whether it was measured at the size that the bar means.
    """

    what: str
    bar: Bar
    measured: float | None
    marginal: float | None = None
    samples: str = ""
    as_meant: bool = True

    @property
    def verdict(self) -> str:
        """How it stands; in brackets where the size is not the one that the bar means."""
        said = self.bar.verdict(self.measured)
        return said if self.as_meant or said == NONE else f"({said})"

    def cells(self) -> list[str]:
        """Return the line, cell by cell."""
        bar = self.bar
        figures = [figure(value, bar.unit) for value in (self.measured, self.marginal)]
        limits = [bar.spelled(bar.must), bar.spelled(bar.aim)]
        return [self.what, *limits, *figures, self.verdict, self.samples]


def figure(value: float | None, unit: str = "") -> str:
    """Return a figure with three digits that count.

    >>> [figure(value, "×") for value in (123.4, 12.34, 1.234, None)]
    ['123 ×', '12.3 ×', '1.23 ×', '—']
    """
    if value is None:
        return NONE
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{places}f} {unit}".rstrip()


def bars(rows: Sequence[Row]) -> str:
    """Return the table of bars as plain text."""
    head = ["", "must", "aim", "measured", "marginal", "", "runs"]
    return grid("Bars", head, [row.cells() for row in rows])


def grid(title: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return lines under a title as plain text, words to the left and figures to the right."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left", no_wrap=number > 0)
    for line in lines:
        table.add_row(*line)
    text = StringIO()
    Console(file=text, width=_WIDTH, no_color=True, highlight=False, markup=False).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())

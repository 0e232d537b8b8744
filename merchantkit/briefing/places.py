"""Where a month's pages, notebooks and records are."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merchantkit import home
from merchantkit.briefing.slugs import label_part, slug
from merchantkit.days import Month
from merchantkit.errors import ReportError

LANGUAGES = ("zh", "en")
ASSESSMENT = "_team/assessment"
BEFORE = "_team/assessment-before"
BRIEFING, PORTFOLIO = "briefing", "portfolio"


@dataclass(frozen=True)
class Places:
    """The folder of one month's run, ``reports/<label>/``, and the places in it.

    Attributes:
        reports: The folder of all months.
        label: ``2021-05``, or ``2021-05+<label>`` under an overlay or another rules day.
    """

    reports: Path
    label: str

    @property
    def folder(self) -> Path:
        """The month's folder."""
        return self.reports / self.label

    @property
    def team(self) -> Path:
        """What never goes to a merchant."""
        return self.folder / "_team"

    @property
    def assets(self) -> Path:
        """What the month's pages share."""
        return self.folder / "assets"

    @property
    def ledger(self) -> Path:
        """The run's record."""
        return self.team / "ledger.sqlite"

    @property
    def assessment(self) -> Path:
        """The month, computed once."""
        return self.folder / ASSESSMENT

    @property
    def before(self) -> Path:
        """The month before, computed by the same run."""
        return self.folder / BEFORE

    @property
    def rules(self) -> Path:
        """A copy of the rules that the run was made with."""
        return self.team / "rules"

    @property
    def scratch(self) -> Path:
        """Unfinished work; on the same file system, so that a finished file moves in one step."""
        return self.team / "tmp"

    @property
    def index(self) -> Path:
        """The month's page."""
        return self.folder / "index.html"

    def superseded(self, number: int) -> Path:
        """Return where what restatement ``number`` replaced is kept."""
        return self.team / "superseded" / str(number)

    def outputs(self, page: str, merchant_id: str, lang: str) -> tuple[str, str]:
        """Return a task's page and notebook, relative to the month's folder."""
        if page == PORTFOLIO:
            return f"portfolio.{lang}.html", f"_team/portfolio.{lang}.ipynb"
        stem = f"m/{slug(merchant_id)}/briefing.{lang}"
        return f"{stem}.html", f"{stem}.ipynb"


def places(month: Month | str, out: str | Path | None = None) -> Places:
    """Return the places of a month (``2021-05``) or of a labelled run (``2021-05+reform``).

    Raises:
        DayError: The text does not begin with a month, or with one in which no facts can be.
        ReportError: The label could lead out of the reports folder.
    """
    text = str(month)
    head, plus, label = text.partition("+")
    name = str(Month.parse(head).within_facts())
    if plus:
        # A file system may fold what is not plain, and a path must not come from a stranger.
        if not re.fullmatch(r"[A-Za-z0-9_-]+(\+[A-Za-z0-9_-]+)*", label):
            raise ReportError(
                f"{text!r} is not the label of a run",
                remedy="write it as its folder in reports/ is called",
            )
        name = f"{name}+{label}"
    # Whole, as pages are made in processes that work elsewhere.
    return Places(Path(out if out is not None else home.reports_dir()).absolute(), name)


def run_label(
    month: Month, overlays: Iterable[Any], rules_day: dt.date, assessed_day: dt.date
) -> str:
    """Return the name of a run's folder: a hypothetical one never lands on the official month.

    >>> run_label(Month(2013, 6), [], dt.date(2021, 5, 31), dt.date(2013, 6, 30))
    '2013-06+rules-2021-05-31'
    >>> run_label(Month(2021, 5), ["plans/reform.yaml"], dt.date(2021, 5, 31), dt.date(2021, 5, 31))
    '2021-05+reform'
    """
    parts = [label_part(overlay_name(overlay)) for overlay in overlays]
    if rules_day != assessed_day:
        parts.append(f"rules-{rules_day.isoformat()}")
    return "+".join([str(month), *parts])


def overlay_name(overlay: Any) -> str:
    """Return what an overlay is called: its file's stem, or ``overlay`` for a mapping."""
    return "overlay" if isinstance(overlay, Mapping) else Path(overlay).stem

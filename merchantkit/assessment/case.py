"""What a notebook opens: one merchant's case, or everyone's board, from files or from a demo."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from merchantkit.assessment import files
from merchantkit.assessment.concern import concerns_one
from merchantkit.assessment.month import Assessment, assess_month
from merchantkit.assessment.parts import ProgrammeMonth
from merchantkit.days import Month, as_day
from merchantkit.errors import ReportError
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import NAMES
from merchantkit.rulebook import Rulebook, Rules, rulebook


@dataclass(frozen=True)
class Case:
    """One merchant's month: all that a briefing may show, and nothing of anyone else."""

    merchant: Mapping[str, Any]
    assessment: Assessment
    rules: Rules
    restatement: pd.DataFrame | None = None

    @property
    def day(self) -> dt.date:
        """The day as of which the facts were counted."""
        return self.assessment.day

    def programme(self, name: str) -> ProgrammeMonth | None:
        """Return the merchant's part of a programme.

        ``None`` if the programme is not in force, or does not concern the merchant: a page that
        asks here shows nothing of rules whose change would not make it again.
        """
        month = self.assessment.programmes.get(name)
        return month if month and concerns_one(name, month) else None


# Programmes of which a board shows what changed since the month before.
COMPARED = ("rfq",)


@dataclass(frozen=True)
class Board:
    """Everyone's month, the rules it was judged by, and of the one before, if any, ``COMPARED``."""

    assessment: Assessment
    rules: Rules
    before: Assessment | None = None

    def case(self, merchant_id: str) -> Case:
        """Return one merchant's case.

        Raises:
            ReportError: There is no such merchant.
        """
        return _case(self.assessment.slice(merchant_id), self.rules, merchant_id)


def open_case(
    folder: str | Path,
    merchant_id: str,
    *,
    month: str = "2021-05",
    day: str | None = None,
) -> Case:
    """Return one merchant's case from an assessment's folder, or from an in-memory demo.

    Args:
        folder: Where ``report`` wrote the assessment; empty assesses an in-memory demo month.
        merchant_id: Whose.
        month: The demo's month, if there is no folder.
        day: The demo's day, its month's last by default.

    Raises:
        ReportError: The assessment does not know the merchant.
    """
    if not folder:
        return Board(*demo_month(month, day)).case(merchant_id)
    mine = Assessment.read(Path(folder), merchant_id)
    rules = _rules_of_run(Path(folder)).on(mine.rules_day)
    return _case(mine, rules, merchant_id, _restatement(Path(folder), merchant_id))


def _case(
    mine: Assessment, rules: Rules, merchant_id: str, restatement: pd.DataFrame | None = None
) -> Case:
    found = mine.merchant_rows()
    if not found:
        raise ReportError(
            f"the assessment has no merchant {merchant_id!r}",
            where=str(mine.month),
            remedy="status lists the merchants of the month",
        )
    return Case(found[0], mine, rules, restatement)


def open_month(
    folder: str | Path, before: str | Path = "", *, month: str = "2021-05", day: str | None = None
) -> Board:
    """Return the whole month from an assessment's folder, or an in-memory demo's.

    Args:
        folder: Where ``report`` wrote the assessment; empty assesses an in-memory demo month.
        before: The same of the month before; empty: none (a demo assesses its own).
        month: The demo's month, if there is no folder.
        day: The demo's day, its month's last by default.
    """
    if folder:
        assessment = Assessment.read(Path(folder))
        rules = _rules_of_run(Path(folder)).on(assessment.rules_day)
        return Board(assessment, rules, Assessment.read(Path(before)) if before else None)
    assessment, rules = demo_month(month, day)
    last = str(assessment.month.previous().last)
    return Board(assessment, rules, demo_month(month, last, only=COMPARED)[0])


def demo_month(
    month: str = "2021-05", day: str | None = None, *, only: Collection[str] = NAMES
) -> tuple[Assessment, Rules]:
    """Return the assessment of an in-memory demo month, and the rules it was made with."""
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse, month=month)
    as_of = as_day(day) if day else Month.parse(month).last
    rules = rulebook().on(as_of)
    return assess_month(warehouse, as_of, rules, only=only), rules


def _rules_of_run(folder: Path) -> Rulebook:
    own = folder.parent / "rules"
    if not own.is_dir():
        return rulebook()
    return rulebook(sorted((own / "overlays").glob("*.yaml")), folder=own)


def _restatement(folder: Path, merchant_id: str) -> pd.DataFrame | None:
    file = folder / files.RESTATEMENT
    if not file.exists():
        return None
    mine = files.rows_of(file, "merchant_id", merchant_id)
    return None if mine.empty else mine

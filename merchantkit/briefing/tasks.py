"""The plan of a run: which pages there should be, and what each is made from."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from merchantkit.assessment import Assessment
from merchantkit.briefing.hashes import digest, digest_of, kit_digest
from merchantkit.briefing.head import Head
from merchantkit.briefing.places import ASSESSMENT, BEFORE, BRIEFING, PORTFOLIO
from merchantkit.briefing.slugs import slug
from merchantkit.errors import ReportError
from merchantkit.present.words import words

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Task:
    """One page that the month should have.

    Attributes:
        inputs: Hash of what it is about: facts, rules, parameters.
        fingerprint: Hash of that and of everything it is made with: notebook, page, kit.
    """

    page: str
    merchant_id: str
    lang: str
    title: str
    parameters: Mapping[str, str]
    inputs: str
    fingerprint: str

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return (self.page, self.merchant_id, self.lang)

    @property
    def name(self) -> str:
        """What to call it in a log: safe characters only."""
        folder = slug(self.merchant_id) if self.merchant_id else PORTFOLIO
        return f"{folder}.{self.lang}"


@dataclass(frozen=True)
class Subject:
    """What the pages of a run are about.

    Attributes:
        slices: merchant_id → hash of everything that the merchant's briefing reads.
        before: Hash of the month before; empty if there is none to compare with.
        restated: Earlier changes of a final month, as ``restatement.parquet`` has them.
    """

    assessment: Assessment
    slices: "pd.Series[Any]"
    before: str
    restated: pd.DataFrame
    rules_hash: str


def plan(subject: Subject, langs: Iterable[str], templates: Mapping[str, str]) -> list[Task]:
    """Return every page that the month should have, merchants by id, the portfolios last.

    Args:
        subject: The month.
        langs: The languages.
        templates: ``briefing`` and ``portfolio`` → the text of their notebook.
    """
    made_with = {name: digest(text, kit_digest()) for name, text in templates.items()}
    languages = sorted(set(langs), reverse=True)
    tasks = [
        task
        for merchant in _merchants(subject)
        for lang in languages
        for task in [_briefing(subject, *merchant, lang, made_with[BRIEFING])]
    ]
    tasks += [_portfolio(subject, lang, made_with[PORTFOLIO]) for lang in languages]
    return tasks


def _merchants(subject: Subject) -> list[tuple[str, str, str]]:
    merchants = subject.assessment.merchants
    restated = _restated_hashes(subject.restated)
    ids = [str(merchant_id) for merchant_id in merchants["merchant_id"]]
    names = merchants["company_name"].astype(object).where(merchants["company_name"].notna(), None)
    # Both hashes in one: a briefing shows its merchant's slice, and what became of it since.
    slices = [digest(str(subject.slices[i]), restated.get(i, "")) for i in ids]
    return sorted(zip(ids, [n or i for n, i in zip(names, ids, strict=True)], slices, strict=True))


def _restated_hashes(restated: pd.DataFrame) -> dict[str, str]:
    if restated.empty:
        return {}
    rows = restated.astype(object).where(restated.notna(), None)
    parts = rows.groupby("merchant_id")
    return {str(key): digest_of(part.to_numpy().tolist()) for key, part in parts}


def _briefing(
    subject: Subject, merchant_id: str, name: str, slice_hash: str, lang: str, made_with: str
) -> Task:
    common = _common(subject.assessment, lang)
    parameters = {"merchant_id": merchant_id, **common}
    title = _title(BRIEFING, subject.assessment.month.first, lang, name)
    inputs = digest_of([slice_hash, subject.rules_hash, parameters, _days(subject.assessment)])
    return Task(BRIEFING, merchant_id, lang, title, parameters, inputs, digest(inputs, made_with))


def _portfolio(subject: Subject, lang: str, made_with: str) -> Task:
    before = BEFORE if subject.before else ""
    parameters = {**_common(subject.assessment, lang), "assessment_before": before}
    title = _title(PORTFOLIO, subject.assessment.month.first, lang, "")
    everyone = [f"{key} {value}" for key, value in subject.slices.sort_index().items()]
    inputs = digest_of(
        [everyone, subject.before, subject.rules_hash, parameters, _days(subject.assessment)]
    )
    return Task(PORTFOLIO, "", lang, title, parameters, inputs, digest(inputs, made_with))


def _common(assessment: Assessment, lang: str) -> dict[str, str]:
    return {
        "month": str(assessment.month),
        "day": assessment.day.isoformat(),
        "lang": lang,
        "assessment": ASSESSMENT,
    }


def _days(assessment: Assessment) -> list[str]:
    return [str(assessment.month), assessment.day.isoformat(), assessment.rules_day.isoformat()]


def _title(page: str, month: dt.date, lang: str, name: str) -> str:
    speak = words(lang)
    if page == PORTFOLIO:
        return speak.t("report.title.portfolio", month=speak.month(month))
    return speak.t("report.title.briefing", name=name, month=speak.month(month))


def check_parameters(templates: Mapping[str, str], tasks: Iterable[Task]) -> None:
    """Refuse notebooks that do not declare every parameter that they would be given.

    Papermill itself only warns, and the page would be made of the notebook's defaults.

    Raises:
        ReportError: The first that is not declared.
    """
    # Late: a run that finds nothing to do has no use for papermill.
    import papermill

    from merchantkit.briefing.kernel import read_notebook

    for page, given in {task.page: task.parameters for task in tasks}.items():
        declared = papermill.inspect_notebook(read_notebook(templates[page]))
        unknown = sorted(set(given) - set(declared))
        if unknown:
            raise ReportError(
                f"the {page} notebook declares no parameter {', '.join(unknown)}",
                where=f"{page}.ipynb",
                remedy="add it, with a default, to the cell that is tagged parameters",
            )


def read_templates(folder: Path) -> dict[str, str]:
    """Return the texts of the notebooks of a run.

    Raises:
        ReportError: One of them is not there.
    """
    found = {}
    for name in (BRIEFING, PORTFOLIO):
        file = folder / f"{name}.ipynb"
        if not file.is_file():
            raise ReportError(
                f"there is no {name} notebook",
                where=str(file),
                remedy="lay the notebooks out again: merchantkit init DIR",
            )
        found[name] = file.read_text(encoding="utf-8")
    return found


def head(task: Task, versions: dict[str, str]) -> Head:
    """Return what a task's page says about itself."""
    up = "" if task.page == PORTFOLIO else "../../"
    return Head(task.lang, task.title, up, versions)

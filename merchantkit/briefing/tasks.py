"""The plan of a run: which pages there should be, and what each is made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.assessment import Assessment
from merchantkit.briefing.hashes import digest, digest_of, kit_digest
from merchantkit.briefing.head import Head
from merchantkit.briefing.places import ASSESSMENT, BEFORE, BRIEFING, PORTFOLIO
from merchantkit.briefing.slugs import slug
from merchantkit.days import Month
from merchantkit.present.words import words
from merchantkit.rulebook import Rules, month_changes

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """What all pages of a kind and language have in common.

    Attributes:
        parameters: The notebook's parameters, but for whose briefing it is.
        made_with: Hash of the notebook and the kit.
    """

    page: str
    lang: str
    parameters: Mapping[str, str]
    made_with: str

    def title(self, who: str) -> str:
        """Return the title of the page about ``who`` (of nobody, for the portfolio)."""
        month = _month(self.parameters["month"], self.lang)
        if self.page == PORTFOLIO:
            return words(self.lang).t("report.title.portfolio", month=month)
        return words(self.lang).t("report.title.briefing", name=who, month=month)


@cache
def _month(month: str, lang: str) -> str:
    return words(lang).month(Month.parse(month).first)


@dataclass(frozen=True, slots=True)
class Task:
    """One page that the month should have; small, as a month may have a million.

    Attributes:
        who: The merchant's name, or its id if it has none.
        inputs: Hash of what it is about: facts, rules, parameters.
        fingerprint: Hash of that and of everything it is made with: notebook, page, kit.
    """

    edition: Edition
    merchant_id: str
    who: str
    inputs: str
    fingerprint: str

    @property
    def page(self) -> str:
        """``briefing`` or ``portfolio``."""
        return self.edition.page

    @property
    def lang(self) -> str:
        """The language."""
        return self.edition.lang

    @property
    def parameters(self) -> dict[str, str]:
        """What the notebook is given."""
        mine = {"merchant_id": self.merchant_id} if self.page == BRIEFING else {}
        return {**mine, **self.edition.parameters}

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return (self.edition.page, self.merchant_id, self.edition.lang)

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
        rules: By which the month is judged.
    """

    assessment: Assessment
    slices: "pd.Series[Any]"
    before: str
    restated: pd.DataFrame
    rules: Rules


def plan(subject: Subject, langs: Iterable[str], templates: Mapping[str, str]) -> list[Task]:
    """Return every page that the month should have, merchants by id, the portfolios last.

    Args:
        subject: The month.
        langs: The languages.
        templates: ``briefing`` and ``portfolio`` → the text of their notebook.
    """
    made_with = {name: digest(text, kit_digest()) for name, text in templates.items()}
    languages = sorted(set(langs), reverse=True)
    editions = {
        page: [_edition(subject, page, lang, made_with[page]) for lang in languages]
        for page in (BRIEFING, PORTFOLIO)
    }
    shared = [(edition, digest_of(edition.parameters)) for edition in editions[BRIEFING]]
    tasks = [
        _task(edition, merchant_id, who, digest(merchant_id, reads, parameters))
        for merchant_id, who, reads in _merchants(subject)
        for edition, parameters in shared
    ]
    return tasks + [_portfolio(subject, edition) for edition in editions[PORTFOLIO]]


def _task(edition: Edition, merchant_id: str, who: str, inputs: str) -> Task:
    return Task(edition, merchant_id, who, inputs, digest(inputs, edition.made_with))


def _edition(subject: Subject, page: str, lang: str, made_with: str) -> Edition:
    assessment = subject.assessment
    parameters = {
        "month": str(assessment.month),
        "day": assessment.day.isoformat(),
        "lang": lang,
        "assessment": ASSESSMENT,
    }
    if page == PORTFOLIO:
        parameters["assessment_before"] = BEFORE if subject.before else ""
    return Edition(page, lang, parameters, made_with)


def _merchants(subject: Subject) -> list[tuple[str, str, str]]:
    """Return each merchant's id, name, and the hash of all that its briefing reads, by id."""
    merchants = subject.assessment.merchants
    restated = _restated_hashes(subject.restated)
    ids = merchants["merchant_id"].astype(str).tolist()
    names = merchants["company_name"].astype(object).where(merchants["company_name"].notna(), None)
    slices = subject.slices.reindex(ids).tolist()
    rules = _rules_hashes(subject)
    # In one: a briefing shows its merchant's slice, the rules that it goes by, and what became of
    # it since it was handed over.
    reads = [
        digest(mine, rule, restated.get(i, ""))
        for i, mine, rule in zip(ids, slices, rules, strict=True)
    ]
    return sorted(zip(ids, [n or i for n, i in zip(names, ids, strict=True)], reads, strict=True))


def _rules_hashes(subject: Subject) -> list[str]:
    """Return a hash of the rules that each merchant's page shows, in the order of the merchants.

    The rules of programmes that concern it; of the others a page says that there are none of its
    facts, or that they are not in force, and it names them all.
    """
    assessment, rules = subject.assessment, subject.rules
    titles = {name: (file.title.zh, file.title.en) for name, file in sorted(rules.files.items())}
    # The calendar tells everyone of programmes that are yet to begin.
    absent = [rules.fingerprint(name) for name in sorted(set(rules.files) - set(rules.programmes))]
    common = digest_of(
        [_days(assessment), titles, rules.overlays, sorted(assessment.programmes), absent]
    )
    flags = assessment.concerns()
    own = [rules.fingerprint(name) for name in flags.columns]
    # Many merchants, few combinations of programmes: a bit for each, and each hashed once.
    bits = 1 << np.arange(len(own))
    sets, which = np.unique(flags.to_numpy(dtype=bool) @ bits, return_inverse=True)
    hashes = [
        digest_of([common, [own[n] for n in np.flatnonzero(bits & members).tolist()]])
        for members in sets
    ]
    return [hashes[number] for number in which.tolist()]


def _restated_hashes(restated: pd.DataFrame) -> dict[str, str]:
    if restated.empty:
        return {}
    rows = restated.astype(object).where(restated.notna(), None)
    parts = rows.groupby("merchant_id")
    return {str(key): digest_of(part.to_numpy().tolist()) for key, part in parts}


def _portfolio(subject: Subject, edition: Edition) -> Task:
    slices = subject.slices.sort_index()
    everyone = [f"{key} {value}" for key, value in zip(slices.index, slices, strict=True)]
    # It tells of the rules what no briefing does: what was before, and what is yet to come.
    rules = [subject.rules.fingerprint(), subject.rules.overlays, month_changes(subject.rules)]
    days = _days(subject.assessment)
    inputs = digest_of([everyone, subject.before, rules, edition.parameters, days])
    return _task(edition, "", "", inputs)


def _days(assessment: Assessment) -> list[str]:
    return [str(assessment.month), assessment.day.isoformat(), assessment.rules_day.isoformat()]


def head(task: Task, versions: dict[str, str]) -> Head:
    """Return what a task's page says about itself."""
    up = "" if task.page == PORTFOLIO else "../../"
    return Head(task.lang, task.edition.title(task.who), up, versions)

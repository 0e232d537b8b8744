"""What changed between two days: the data behind ``rules diff`` and the monthly rule summary."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from merchantkit.rulebook.book import Rules
from merchantkit.rulebook.model import DORMANT, Bilingual
from merchantkit.rulebook.reading import ProgrammeRules, Provision, on_record

Kind = Literal["begins", "new", "changed", "ended", "ends", "deferred", "planned"]


@dataclass(frozen=True)
class Change:
    """One difference between two readings of the rules.

    Attributes:
        kind: ``begins`` (the whole programme), ``new``, ``changed``, ``ended`` (a parameter),
            ``ends`` (the whole programme), ``deferred`` or ``planned`` (deciding nothing yet).
        before: What held on the earlier day; ``None`` if nothing did.
        after: What holds on the later day, or what is deferred or planned.
        day: From when; ``None`` for what has no date.
    """

    programme: str
    title: Bilingual
    kind: Kind
    parameter: str | None
    before: Provision | None
    after: Provision | None
    day: dt.date | None


def diff(before: Rules, after: Rules) -> list[Change]:
    """Return what changed from one reading of the rules to another, programme by programme.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook()
    >>> changes = diff(book.on("2021-04-19"), book.on("2021-04-20"))
    >>> [change.parameter for change in changes if change.programme == "rfq"]
    ['tier_1_points', 'tier_2_points']
    """
    changes: list[Change] = []
    for name in sorted({*before.files, *after.files}):
        old, new = _reading(before, name), _reading(after, name)
        changes += _of_programme(old, new)
    return changes


def _reading(rules: Rules, name: str) -> ProgrammeRules | None:
    return ProgrammeRules(rules.files[name], rules.day) if name in rules.files else None


def _of_programme(old: ProgrammeRules | None, new: ProgrammeRules | None) -> Iterator[Change]:
    either = new or old
    if either is None:
        return
    was, now = bool(old and old.in_force), bool(new and new.in_force)
    held = {p.rule: p for p in old.provisions()} if old else {}
    holds = {p.rule: p for p in new.provisions()} if new else {}
    if was != now:
        day = min(p.since for p in (holds or held).values()) if now else _ended(held)
        yield Change(either.id, either.title, "begins" if now else "ends", None, None, None, day)
    for rule in {**holds, **held}:
        yield from _of_parameter(either, rule, held.get(rule), holds.get(rule))
    if new is not None:
        yield from _dormant(new)


def _ended(held: dict[str, Provision]) -> dt.date | None:
    return max((p.until for p in held.values() if p.until), default=None)


def _of_parameter(
    programme: ProgrammeRules, rule: str, before: Provision | None, after: Provision | None
) -> Iterator[Change]:
    if before and after and (before.value, before.status) == (after.value, after.status):
        return
    kind: Kind = "changed" if before and after else "new" if after else "ended"
    day = after.since if after else before.until if before else None
    name = rule.partition(".")[2]
    yield Change(programme.id, programme.title, kind, name, before, after, day)


def _dormant(programme: ProgrammeRules) -> Iterator[Change]:
    for name in programme.file.parameters:
        for provision in on_record(programme.file, name):
            planned = provision.status == "planned"
            if planned or (provision.status in DORMANT and provision.since > programme.day):
                day = None if planned else provision.since
                yield Change(
                    programme.id, programme.title, "planned" if planned else "deferred",
                    name, None, provision, day,
                )  # fmt: skip

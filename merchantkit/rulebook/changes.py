"""What changed between two days: the data behind ``rules diff`` and the monthly rule summary."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from merchantkit.days import Month
from merchantkit.rulebook.book import Rules
from merchantkit.rulebook.lint import blanks
from merchantkit.rulebook.model import DORMANT, Bilingual, Means, RuleFile, Track
from merchantkit.rulebook.reading import ProgrammeRules, Provision, dated, in_force, on_record

Kind = Literal[
    "begins", "ends", "passed", "new", "changed", "ended", "coming", "deferred", "planned"
]
# What is told of the later day, whether or not it was so on the earlier one.
STANDING: frozenset[Kind] = frozenset({"coming", "deferred", "planned"})


@dataclass(frozen=True)
class Meaning:
    """What a change means for a track.

    Attributes:
        said: The sentence; ``{name}`` in it stands for a parameter.
        values: Those parameters, as they hold when the sentence is true; one that then has no
            value is left out.
    """

    track: Track
    said: Bilingual
    values: Mapping[str, Provision]


@dataclass(frozen=True)
class Change:
    """One difference between two readings of the rules, or what the later one has yet to come.

    Attributes:
        kind: Of a whole programme (``parameter`` is ``None``): ``begins``, ``ends``, ``passed``
            (it began and ended in between) or ``coming``. Of a parameter: ``new``, ``changed``,
            ``ended``, ``passed``, ``coming`` (dated, after the later day), ``deferred`` or
            ``planned`` (deciding nothing yet).
        before: What held on the earlier day, or of what is yet to come, what holds until then;
            ``None`` if nothing does.
        after: What holds on the later day, or what is yet to come.
        day: From when; ``None`` for what has no date.
        until: From when it was over again, of a programme that ``passed``.
        track: Whom it concerns, if the rules say so.
        means: What it means, a sentence a track.
    """

    programme: str
    title: Bilingual
    kind: Kind
    parameter: str | None
    before: Provision | None
    after: Provision | None
    day: dt.date | None
    until: dt.date | None = None
    track: Track | None = None
    means: tuple[Meaning, ...] = ()


def diff(before: Rules, after: Rules) -> list[Change]:
    """Return what changed from one reading of the rules to another, programme by programme.

    What is dated for later, deferred or planned is told of the later reading as it stands there,
    but where both are of one day (what does a reform change?), only what differs.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook()
    >>> [c.parameter for c in diff(book.on("2021-04-19"), book.on("2021-04-20"))
    ...  if (c.programme, c.kind) == ("rfq", "changed")]
    ['tier_1_points', 'tier_2_points']
    """
    changes: list[Change] = []
    for name in sorted({*before.files, *after.files}):
        old, new = _reading(before, name), _reading(after, name)
        changes += _of_programme(old, new, before.day)
        if new is not None:
            told = [_stated(c) for c in _standing(old)] if old and before.day == after.day else []
            changes += [change for change in _standing(new) if _stated(change) not in told]
    return changes


def month_changes(rules: Rules) -> tuple[dt.date, list[Change]]:
    """Return the end of the month before the rules' day, and what changed since then.

    >>> from merchantkit.rulebook import rulebook
    >>> since, found = month_changes(rulebook().on("2021-05-31"))
    >>> str(since), [c.kind for c in found if c.programme == "campaign"][:2]
    ('2021-04-30', ['begins', 'new'])
    """
    since = Month.of(rules.day).previous().last
    return since, diff(rules.on(since), rules)


def _reading(rules: Rules, name: str) -> ProgrammeRules | None:
    return ProgrammeRules(rules.files[name], rules.day) if name in rules.files else None


# --- what happened in between -------------------------------------------------------------------


def _of_programme(
    old: ProgrammeRules | None, new: ProgrammeRules | None, since: dt.date
) -> Iterator[Change]:
    either = new or old
    if either is None:
        return
    was, now = bool(old and old.in_force), bool(new and new.in_force)
    held = {p.rule: p for p in old.provisions()} if old else {}
    holds = {p.rule: p for p in new.provisions()} if new else {}
    between = list(_passed(new, since)) if new else []
    passed = [change for change in between if change.after and change.after.rule not in held]
    if not was and now:
        yield _whole(either, "begins", _first(either.file, since, holds))
    elif was and not now:
        yield _whole(either, "ends", _last_end(either))
    elif not now and passed:
        ends = (change.after.until for change in passed if change.after)
        first = min(change.day for change in passed if change.day)
        yield _whole(either, "passed", first, max(day for day in ends if day))
    for rule in {**holds, **held}:
        yield from _of_parameter(either, rule, held.get(rule), holds.get(rule))
    yield from passed


def _whole(
    rules: ProgrammeRules, kind: Kind, day: dt.date | None, until: dt.date | None = None
) -> Change:
    file = rules.file
    # It is explained as it is when it begins, or as it now is; what ends needs no explanation.
    read = rules if kind == "begins" else ProgrammeRules(file, day or rules.day)
    means = () if kind == "ends" else tuple(_means(read, file.means, None))
    return Change(file.id, file.title, kind, None, None, None, day, until, _track(file), means)


def _track(file: RuleFile) -> Track | None:
    """Return whom a whole programme concerns: who is said to, or for whom it means something."""
    means = list(file.means or {})
    return file.track or (means[0] if len(means) == 1 else "both" if means else None)


def _first(file: RuleFile, since: dt.date, holds: Mapping[str, Provision]) -> dt.date:
    """Return when a programme began that was not in force on a day; an overlay may date it back."""
    first = min(provision.since for provision in holds.values())
    later = (start for p in file.parameters.values() for start, v in dated(p).items() if v)
    return min((start for start in later if since < start < first), default=first)


def _last_end(rules: ProgrammeRules) -> dt.date | None:
    starts = (_end(rules, name) for name in rules.file.parameters)
    return max((day for day in starts if day), default=None)


def _end(rules: ProgrammeRules, name: str) -> dt.date | None:
    """Return the day from which a parameter that does not hold any more did not."""
    values = dated(rules.file.parameters[name]).items()
    return max((day for day, v in values if v is None and day <= rules.day), default=None)


def _of_parameter(
    programme: ProgrammeRules, rule: str, before: Provision | None, after: Provision | None
) -> Iterator[Change]:
    if before and after and (before.value, before.status) == (after.value, after.status):
        return
    kind: Kind = "changed" if before and after else "new" if after else "ended"
    day = after.since if after else _end(programme, rule.partition(".")[2])
    yield _of_one(programme, kind, before, after, day)


def _of_one(
    rules: ProgrammeRules,
    kind: Kind,
    before: Provision | None,
    after: Provision | None,
    day: dt.date | None,
) -> Change:
    named = after or before
    assert named is not None  # noqa: S101 - a change has at least one side
    parameter = named.rule.partition(".")[2]
    means = tuple(_means(rules, after.means, after)) if after else ()
    return Change(
        rules.id, rules.title, kind, parameter, before, after, day, None, named.track, means
    )


def _passed(rules: ProgrammeRules, since: dt.date) -> Iterator[Change]:
    """Yield what came after a day, and is over on the day of the reading."""
    for name, parameter in rules.file.parameters.items():
        if in_force(parameter, rules.day) is None:
            came = [p for p in _decided(rules, name) if since < p.since <= rules.day]
            if came:
                read = ProgrammeRules(rules.file, came[-1].since)
                yield _of_one(read, "passed", None, came[-1], came[0].since)


# --- what is yet to come ------------------------------------------------------------------------


def _standing(rules: ProgrammeRules) -> Iterator[Change]:
    coming = [
        _of_one(ProgrammeRules(rules.file, p.since), "coming", before, p, p.since)
        for name in rules.file.parameters
        for before, p in _ahead(rules, name)
    ]
    if coming and not rules.in_force:
        yield _whole(rules, "coming", min(change.day for change in coming if change.day))
    yield from coming
    for provision in dormant(rules):
        planned = provision.status == "planned"
        read = rules if planned else ProgrammeRules(rules.file, provision.since)
        day = None if planned else provision.since
        held = _held(rules, provision.rule.partition(".")[2])
        yield _of_one(read, "planned" if planned else "deferred", held, provision, day)


def dormant(rules: ProgrammeRules) -> Iterator[Provision]:
    """Yield what of a programme is deferred or planned on the rules' day, and not overtaken.

    It is overtaken once a value in force stands where it was expected, or after it.
    """
    for name in rules.file.parameters:
        for provision in on_record(rules.file, name):
            if provision.status in DORMANT and not _overtaken(rules, name, provision):
                yield provision


def _ahead(rules: ProgrammeRules, name: str) -> Iterator[tuple[Provision | None, Provision]]:
    """Yield what is dated to come of a parameter, each with what holds until then."""
    before = _held(rules, name)
    for provision in _decided(rules, name):
        if provision.since > rules.day:
            if before and before.until != provision.since:
                before = None  # there is a gap between the two
            yield before, provision
            before = provision


def _overtaken(rules: ProgrammeRules, name: str, deferred: Provision) -> bool:
    starts = dated(rules.file.parameters[name])
    return any(deferred.since <= start <= rules.day for start in starts)


def _decided(rules: ProgrammeRules, name: str) -> list[Provision]:
    return [p for p in on_record(rules.file, name) if p.status not in DORMANT]


def _held(rules: ProgrammeRules, name: str) -> Provision | None:
    held = in_force(rules.file.parameters[name], rules.day)
    return rules.provision(name) if held else None


def _stated(change: Change) -> tuple[object, ...]:
    """Return what is stated of something yet to come, whatever stands before or after it."""
    after = change.after
    said = (after.value, after.status, after.when, after.why) if after else None
    return change.kind, change.parameter, change.day, said


# --- what it means ------------------------------------------------------------------------------


def _means(rules: ProgrammeRules, means: Means | None, own: Provision | None) -> Iterator[Meaning]:
    for track, said in (means or {}).items():
        names = blanks(said.zh) | blanks(said.en)
        found = ((name, _named(rules, name, own)) for name in sorted(names))
        yield Meaning(track, said, {name: p for name, p in found if p})


def _named(rules: ProgrammeRules, name: str, own: Provision | None) -> Provision | None:
    """Return the parameter that a sentence names, as it is when the sentence is true."""
    if own is not None:
        # What is deferred together is told together.
        together = (
            p for p in on_record(rules.file, name) if (p.status, p.since) == (own.status, own.since)
        )
        found = next(together, None)
        if found is not None:
            return found
    return _held(rules, name)

"""The rulebook in words: what holds, by which slide, and what changed between two days."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from merchantkit.present.words import Words
from merchantkit.rulebook import Change, ProgrammeRules, Provision
from merchantkit.rulebook.changes import Kind
from merchantkit.rulebook.model import Check, Clock

_DAY = dt.timedelta(days=1)
_ORDER: tuple[Kind, ...] = (
    "begins", "ends", "new", "changed", "ended", "deferred", "planned",
)  # fmt: skip


def value(provision: Provision, words: Words) -> str:
    """Return a provision's value as people write it; where the source states none, that.

    >>> from merchantkit.present.words import words
    >>> from merchantkit.rulebook import rulebook
    >>> rfq = rulebook().on("2021-05-31").programme("rfq")
    >>> value(rfq.provision("tier_1_gmv"), words("zh"))
    'USD 25,000.00'
    >>> value(rfq.provision("points_tracks"), words("en"))
    'customization track'
    """
    stated = provision.value
    if stated is None:
        return words.t("rulebook.not_stated")
    if isinstance(stated, dt.date):
        return words.day(stated)
    if provision.unit == "table":
        return words.t("rulebook.row_separator").join(_row(row, words) for row in stated)
    return words.unit(stated, provision.unit)


def _row(row: dict[str, Any], words: Words) -> str:
    cells = ((words.code(str(name)), words.code(str(cell))) for name, cell in row.items())
    return words.t("list.separator").join(
        words.t("rulebook.cell", name=name, value=cell) for name, cell in cells
    )


# --- what holds ---------------------------------------------------------------------------------


def show(rules: ProgrammeRules, provisions: Iterable[Provision], words: Words) -> str:
    """Return one programme's rules: each parameter with its values, then assumptions and checks.

    Args:
        rules: The programme's rules on some day, for its title, clock, assumptions and checks.
        provisions: What to show of it: those of a day, or all that is on record.
        words: The language.
    """
    lines = [words.t("rulebook.programme", title=words.pick(rules.title), id=rules.id)]
    lines += [f"  {line}" for line in _clock(rules.clock, words)]
    for rule, values in groupby(provisions, lambda provision: provision.rule):
        dated = list(values)
        lines += ["", words.t("rulebook.parameter", title=words.pick(dated[0].title), rule=rule)]
        lines += [f"  {line}" for one in dated for line in _stated(one, words)]
    assumed = ((name, words.pick(why)) for name, why in rules.file.assumptions.items())
    lines += _named("rulebook.assumptions", assumed, words)
    checks = ((name, _check(check, rules, words)) for name, check in rules.checks.items())
    lines += _named("rulebook.checks", checks, words)
    return "\n".join(lines)


def _clock(clock: Clock, words: Words) -> Iterator[str]:
    yield words.t("clock.note", zone=clock.zone, status=words.t(f"status.{clock.status}"))
    if clock.why:
        yield words.t("rulebook.why", why=words.pick(clock.why))


def _stated(provision: Provision, words: Words) -> Iterator[str]:
    yield words.t(
        "rulebook.value",
        value=value(provision, words),
        span=_span(provision, words),
        status=words.t(f"status.{provision.status}"),
        source=provision.source.text,
    )
    if provision.why:
        yield "  " + words.t("rulebook.why", why=words.pick(provision.why))


def _named(title: str, entries: Iterable[tuple[str, str]], words: Words) -> list[str]:
    shown = [f"  {name}: {text}" for name, text in entries]
    return ["", words.t(title), *shown] if shown else []


def _check(check: Check, rules: ProgrammeRules, words: Words) -> str:
    required = words.pick(rules.file.parameters[check.parameter].title)
    text = f"{check.measure} {words.t(f'rulebook.operator.{check.operator}', required=required)}"
    return text if check.of is None else f"{text} {words.t('rulebook.share_of', measure=check.of)}"


def _span(provision: Provision, words: Words) -> str:
    """From when, and where it is known until when, both days included."""
    if provision.status == "planned":
        return words.t("rulebook.undated")
    first = words.day(provision.since)
    if provision.until is None:
        return words.t("rulebook.from", first=first)
    return words.t("rulebook.from_to", first=first, last=words.day(provision.until - _DAY))


# --- what changed -------------------------------------------------------------------------------


def changes(found: Sequence[Change], before: dt.date, after: dt.date, words: Words) -> str:
    """Return the summary of what changed from one day to another, programme by programme.

    It reads like the rule-update pages that open the deck: what begins, what is new, what was
    changed from what to what, what ends, and what is deferred or planned and till when.
    """
    title = words.t("rulebook.diff.title", before=words.day(before), after=words.day(after))
    if not found:
        return f"{title}\n\n{words.t('rulebook.diff.none')}"
    lines = [title]
    for programme, its in groupby(found, lambda change: change.programme):
        listed = list(its)
        name = words.pick(listed[0].title)
        lines += ["", words.t("rulebook.programme", title=name, id=programme)]
        listed.sort(key=lambda change: _ORDER.index(change.kind))
        for kind, group in groupby(listed, lambda change: change.kind):
            lines += [f"  {line}" for line in _group(kind, list(group), words)]
    return "\n".join(lines)


def _group(kind: str, found: Sequence[Change], words: Words) -> Iterator[str]:
    yield words.t(f"rulebook.diff.{kind}", day=words.day(found[0].day))
    # One line says from when and by which slide for all that share it, as the deck's pages do.
    held = ((change.after or change.before, change) for change in found)
    cited = [(_cited(provision, words), change) for provision, change in held if provision]
    for line in dict.fromkeys(line for line, _ in cited):
        yield f"  {line}"
        yield from (f"    {_line(change, words)}" for its, change in cited if its == line)


def _cited(provision: Provision, words: Words) -> str:
    parts: dict[str, Any] = {
        "span": _span(provision, words),
        "status": words.t(f"status.{provision.status}"),
        "source": provision.source.text,
    }
    # What is simply in force needs no word for it; a heading has said deferred and planned.
    plain = provision.status in ("in_force", "deferred", "planned")
    return words.t("rulebook.diff.cited" if plain else "rulebook.diff.cited_status", **parts)


def _line(change: Change, words: Words) -> str:
    if change.before and change.after:
        both = _both(change.before, change.after, words)
        title, text = change.after.title, words.t("rulebook.diff.became", **both)
    elif one := change.after or change.before:
        title, text = one.title, value(one, words)
    else:
        return str(change.parameter)
    return words.t("rulebook.diff.line", title=words.pick(title), value=text)


def _both(before: Provision, after: Provision, words: Words) -> dict[str, Any]:
    if before.value != after.value:
        return {"before": value(before, words), "after": value(after, words)}
    texts = (f"{value(p, words)} ({words.t(f'status.{p.status}')})" for p in (before, after))
    return dict(zip(("before", "after"), texts, strict=True))

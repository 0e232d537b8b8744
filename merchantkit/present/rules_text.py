"""The rulebook in words: what holds, since when, and by which slide."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules, Provision
from merchantkit.rulebook.model import Check, Clock

_DAY = dt.timedelta(days=1)


def value(provision: Provision, words: Words) -> str:
    """Return a provision's value as people write it; where the source states none, that.

    >>> from merchantkit.present.words import words
    >>> from merchantkit.rulebook import rulebook
    >>> rfq = rulebook().on("2021-05-31").programme("rfq")
    >>> value(rfq.provision("tier_1_gmv"), words("zh"))
    'USD 25,000.00'
    >>> value(rfq.provision("points_tracks"), words("en"))
    'customization track'
    >>> tariff = rulebook().on("2021-05-31").programme("tariff")
    >>> value(tariff.provision("origins_off_record"), words("en"))
    'none'
    """
    stated = provision.value
    if stated is None:
        return words.t("rulebook.not_stated")
    if isinstance(stated, dt.date):
        return _moment(stated, words)
    if stated == []:
        return words.t("rulebook.nobody_listed")
    if provision.unit == "window":
        first, last = (_moment(stated[end], words) for end in ("from", "to"))
        return words.t("unit.window", first=first, last=last)
    if provision.unit == "table":
        return words.t("rulebook.row_separator").join(items(provision, words))
    return words.unit(stated, provision.unit)


def items(provision: Provision, words: Words) -> list[str]:
    """Return each item of a list, or each row of a table, as people write it.

    >>> from merchantkit.present.words import words
    >>> from merchantkit.rulebook import rulebook
    >>> rfq = rulebook().on("2021-05-31").programme("rfq")
    >>> items(rfq.provision("free_quote_sources"), words("zh"))
    ['会员基础报价赠送', '报价服务力分赠送', '报价返赠']
    """
    stated = provision.value or ()
    if provision.unit == "table":
        return [_row(row, words) for row in stated]
    return [words.code(item) for item in stated]


def _moment(at: dt.date, words: Words) -> str:
    """A day, and of a moment its second too: a promotion may end at 14:59:59."""
    day = words.day(at)
    return f"{day} {at:%H:%M:%S}" if isinstance(at, dt.datetime) else day


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
    status = "status.assumed" if clock.status == "assumed" else "clock.printed"
    yield words.t("clock.note", zone=words.zone(clock.zone), status=words.t(status))
    if clock.why:
        yield words.t("rulebook.why", why=words.pick(clock.why))


def _stated(provision: Provision, words: Words) -> Iterator[str]:
    yield words.t(
        "rulebook.value",
        value=value(provision, words),
        span=span(provision, words),
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


def span(provision: Provision, words: Words) -> str:
    """Return from when a value holds, and where it is known until when, both days included."""
    if provision.status == "planned":
        return words.t("rulebook.undated")
    first = words.day(provision.since)
    if provision.until is None:
        return words.t("rulebook.from", first=first)
    return words.t("rulebook.from_to", first=first, last=words.day(provision.until - _DAY))

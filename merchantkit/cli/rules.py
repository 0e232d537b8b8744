"""Commands about the rulebook: show, diff, check."""

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merchantkit.cli.console import note, print_json, say
from merchantkit.cli.options import SETTINGS, AsJson, Lang, Language, Overlays, epilog
from merchantkit.errors import DayError, NotInForceError

if TYPE_CHECKING:
    from merchantkit.rulebook import Change, ProgrammeRules, Provision, Rulebook


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=SETTINGS,
        help="Show, compare and check the dated, cited rules.",
        epilog=epilog("merchantkit rules show rfq --on 2021-05-31", "merchantkit rules check"),
    )
    group.command("show", epilog=_SHOW)(show)
    group.command("diff", epilog=_DIFF)(diff)
    group.command("check", epilog=_CHECK)(check)
    app.add_typer(group, name="rules")


_SHOW = epilog(
    "merchantkit rules show",
    "merchantkit rules show campaign --on 2021-05-31 --lang en",
    "merchantkit rules show rfq --on 2021-05-31 --rules reform.yaml --json",
)


def show(
    programme: Annotated[
        str | None,
        typer.Argument(metavar="PROGRAMME", help="Only this programme, such as rfq."),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="DATE",
            help="What holds on this day, such as 2021-05-31; without it all that is on record.",
        ),
    ] = None,
    rules: Overlays = None,
    lang: Language = Lang.zh,
    as_json: AsJson = False,
) -> None:
    """Show the rules with their values, dates, statuses and slides.

    Each parameter with its value, since when and until when it holds, its status, the slide that
    it was read from and, where it is assumed, why; then the assumptions and the checks.
    """
    from merchantkit.rulebook import rulebook

    book = rulebook(rules)
    if programme is not None and programme not in book.files:
        raise NotInForceError(
            f"there are no rules for {programme}", remedy=f"there are: {', '.join(book.files)}"
        )
    names = [programme] if programme else list(book.files)
    shown = list(_held(book, names, on, strict=programme is not None))
    if as_json:
        print_json(r for rules_of, held in shown for r in _show_records(rules_of, held))
    else:
        _show_text(shown, on, lang)
        held = {rules_of.id for rules_of, _ in shown}
        for name in names:
            if name not in held:
                note(f"{name} is not in force on {on}")


def _held(
    book: "Rulebook", names: Iterable[str], on: str | None, *, strict: bool
) -> "Iterator[tuple[ProgrammeRules, list[Provision]]]":
    from merchantkit.rulebook import ProgrammeRules, on_record

    for name in names:
        if on is None:
            file = book.files[name]
            every = (provision for p in file.parameters for provision in on_record(file, p))
            yield ProgrammeRules(file, dt.date.max), list(every)
        elif strict or name in book.on(on).programmes:
            rules = book.on(on).programme(name)
            yield rules, rules.provisions()


def _show_text(
    shown: "list[tuple[ProgrammeRules, list[Provision]]]", on: str | None, lang: str
) -> None:
    from merchantkit.days import as_day
    from merchantkit.present import rules_text
    from merchantkit.present.words import words

    spoken = words(lang)
    day = spoken.day(as_day(on)) if on else None
    say(spoken.t("rulebook.on", day=day) if day else spoken.t("rulebook.on_record"))
    for rules, provisions in shown:
        say()
        say(rules_text.show(rules, provisions, spoken))


def _show_records(
    rules: "ProgrammeRules", provisions: "list[Provision]"
) -> Iterator[dict[str, Any]]:
    for provision in provisions:
        yield {"kind": "parameter", "programme": rules.id, **_provision(provision)}
    for name, text in rules.file.assumptions.items():
        both = text.model_dump()
        yield {"kind": "assumption", "programme": rules.id, "name": name, "text": both}
    for name, check in rules.checks.items():
        yield {
            "kind": "check", "programme": rules.id, "name": name, "measure": check.measure,
            "operator": check.operator, "parameter": check.parameter, "of": check.of,
            "scale": check.scale,
        }  # fmt: skip


def _provision(provision: "Provision") -> dict[str, Any]:
    planned = provision.status == "planned"
    return {
        "name": provision.rule.partition(".")[2],
        "title": provision.title.model_dump(),
        "unit": provision.unit,
        "value": _value(provision),
        "since": None if planned else provision.since,
        "until": provision.until,
        "status": provision.status,
        "source": provision.source.text,
        "why": provision.why.model_dump() if provision.why else None,
    }


def _value(provision: "Provision") -> Any:
    from decimal import Decimal

    from merchantkit.rulebook.values import MONEY_UNITS

    value = provision.value
    return f"{Decimal(value):.2f}" if provision.unit in MONEY_UNITS and value is not None else value


_DIFF = epilog(
    "merchantkit rules diff 2021-04-01 2021-05-06",
    "merchantkit rules diff 2021-05-31 2021-05-31 --rules reform.yaml --lang en",
)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier day.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later day.")],
    rules: Overlays = None,
    lang: Language = Lang.zh,
    as_json: AsJson = False,
) -> None:
    """Say what changes in the rules from one day to another.

    Like the monthly rule-update summary: what begins, what is new, what changed from what to
    what, what ends, what is dated to come, deferred (till when) or planned, and what it means for
    each track. An overlay is laid over the later day only, so that the same day twice shows what
    a reform changes.
    """
    from merchantkit.days import as_day
    from merchantkit.present.rules_update import text, update
    from merchantkit.present.words import words
    from merchantkit.rulebook import diff as compare
    from merchantkit.rulebook import rulebook

    first, last = as_day(before), as_day(after)
    if first > last:
        raise DayError(f"{first} is after {last}", remedy="name the earlier day first")
    found = compare(rulebook().on(first), rulebook(rules).on(last))
    if as_json:
        print_json(_change(change) for change in found)
    else:
        say(text(update(found, first, last, words(lang)), words(lang)))


def _change(change: "Change") -> dict[str, Any]:
    named = change.after or change.before
    title = named.title if named else change.title
    until = change.after.until if change.after else change.until
    return {
        "programme": change.programme,
        "kind": change.kind,
        "parameter": change.parameter,
        "title": title.model_dump(),
        "day": change.day,
        "unit": named.unit if named else None,
        "before": _value(change.before) if change.before else None,
        "after": _value(change.after) if change.after else None,
        "status_before": change.before.status if change.before else None,
        "status": change.after.status if change.after else None,
        "until": until,
        "source": named.source.text if named else None,
        "why": named.why.model_dump() if named and named.why else None,
        "when": named.when.model_dump() if named and named.when else None,
        "track": change.track,
        "means": _means(change),
        "internal": bool(named and named.internal),
    }


def _means(change: "Change") -> list[dict[str, str]]:
    from merchantkit.present.rules_tracks import said
    from merchantkit.present.words import LANGUAGES, words

    return [
        {"track": meaning.track, **{lang: said(meaning, words(lang)) for lang in LANGUAGES}}
        for meaning in change.means
    ]


_CHECK = epilog("merchantkit rules check", "merchantkit rules check --rules reform.yaml")


def check(
    rules: Overlays = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar="DIR",
            help="Where the rule files are. [default: params/rules/ of the project]",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every rule file, and overlays if given, and say what is in them.

    A mistake is an error that names the file, the line, what is wrong and the remedy: unknown or
    repeated keys, missing sources, wrong units, values that do not fit, dates that do not exist.
    """
    from merchantkit import home
    from merchantkit.rulebook import rulebook

    book = rulebook(rules, folder=folder)
    records = [_counts(name, book) for name in book.files]
    if as_json:
        print_json(records)
        return
    total = {key: sum(r[key] for r in records) for key in records[0] if key != "programme"}
    say(f"{folder or home.place('params/rules')}: all well")
    counted = ", ".join(f"{number} {key.replace('_', ' ')}" for key, number in total.items())
    say(f"{len(records)} files: {counted}")
    if book.overlays:
        say(f"overlays laid over them: {', '.join(book.overlays)}")


def _counts(name: str, book: "Rulebook") -> dict[str, Any]:
    file = book.files[name]
    values = [v for p in file.parameters.values() for v in p.values.values() if v is not None]
    dormant = [v for v in values if v.status in ("deferred", "planned")]
    return {
        "programme": name,
        "parameters": len(file.parameters),
        "values": len(values),
        "assumed_values": sum(v.status == "assumed" for v in values),
        "deferred_or_planned": len(dormant),
        "checks": len(file.checks),
        "assumptions": len(file.assumptions),
    }

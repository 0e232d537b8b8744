"""What one rule file must agree with itself about, beyond its shape."""

import string
from collections.abc import Iterator
from decimal import Decimal

from merchantkit.rulebook.model import Check, Means, Parameter, RuleFile
from merchantkit.rulebook.values import NUMBER_UNITS

Problem = tuple[tuple[object, ...], str, str]

# A measure's name ends in its unit; a parameter that it is compared with must have the same.
_SUFFIXES = {
    "_usd": "usd", "_cny": "cny", "_days": "day", "_hours": "hour", "_percent": "percent",
    "_at": "moment",
}  # fmt: skip
_OPERATOR_UNITS = {
    "at_least": NUMBER_UNITS | {"moment", "date"},
    "at_most": NUMBER_UNITS | {"moment", "date"},
    "equals": {"flag", "text"},
    "one_of": {"list"},
    "not_one_of": {"list"},
}


def problems(rules: RuleFile) -> Iterator[Problem]:
    """Yield each disagreement as its place, what is wrong, and the remedy."""
    yield from _missing_sources(rules)
    yield from _stating_none(rules)
    yield from _meaning_problems(rules)
    for name, check in rules.checks.items():
        yield from _check_problems(rules, name, check)


def _missing_sources(rules: RuleFile) -> Iterator[Problem]:
    for name, parameter in rules.parameters.items():
        for start, value in parameter.values.items():
            place = ("parameters", name, "values", start)
            if value is None:
                continue
            if value.source is None:
                yield place, f"{name} on {start} has no source", "add source: one of sources"
            elif value.source not in rules.sources:
                known = ", ".join(rules.sources)
                yield place, f"no source is called {value.source}", f"use one of: {known}"


def _stating_none(rules: RuleFile) -> Iterator[Problem]:
    for name, parameter in rules.parameters.items():
        for start, value in parameter.values.items():
            if value is not None and value.value is None and not parameter.may_state_none:
                what = f"{name} had a value, and states none from {start}"
                remedy = "give it one, or add optional: true if the programme can do without"
                yield ("parameters", name, "values", start, "is"), what, remedy


def _meaning_problems(rules: RuleFile) -> Iterator[Problem]:
    yield from _blanks(rules, ("means",), rules.means)
    for name, parameter in rules.parameters.items():
        for start, value in parameter.values.items():
            if value is not None:
                place = ("parameters", name, "values", start, "means")
                yield from _blanks(rules, place, value.means)


def _blanks(rules: RuleFile, place: tuple[object, ...], means: Means | None) -> Iterator[Problem]:
    for track, said in (means or {}).items():
        for lang, text in said.model_dump().items():
            for name in sorted(blanks(text) - set(rules.parameters)):
                known = ", ".join(rules.parameters)
                what = f"a meaning names no parameter: {{{name}}}"
                yield (*place, track, lang), what, f"use one of: {known}"


def blanks(text: str) -> set[str]:
    """Return the parameters that a meaning names in braces; with a brace left open, all of it.

    >>> sorted(blanks("{top_share} of the spend, {top_cap} at most"))
    ['top_cap', 'top_share']
    """
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return {text}
    # Whatever stands after the name (!r, :x, .y) would be Python's, so it is part of no name.
    return {
        name + (f"!{turned}" if turned else "") + (f":{form}" if form else "")
        for _, name, form, turned in parts
        if name is not None
    }


def _check_problems(rules: RuleFile, name: str, check: Check) -> Iterator[Problem]:
    place = ("checks", name)
    parameter = rules.parameters.get(check.parameter)
    if parameter is None:
        known = ", ".join(rules.parameters)
        yield place, f"{name} compares with an unknown {check.parameter}", f"use one of: {known}"
        return
    allowed = _OPERATOR_UNITS[check.operator]
    if parameter.unit not in allowed:
        what = f"{name}: {check.operator} cannot compare with {parameter.unit}"
        yield place, what, f"{check.operator} takes {', '.join(sorted(allowed))}"
    elif check.of is not None:
        if parameter.unit != "percent":
            what = f"{name}: a share is compared with percent, not {parameter.unit}"
            yield place, what, "give the parameter the unit percent, or remove of:"
    else:
        yield from _unit_problem(place, name, check.measure, parameter.unit)
        yield from _places_problem(name, check, parameter)


def _unit_problem(place: tuple[str, ...], name: str, measure: str, unit: str) -> Iterator[Problem]:
    for suffix, expected in _SUFFIXES.items():
        if measure.endswith(suffix) and unit != expected:
            what = f"{name}: {measure} is in {expected} but its limit is in {unit}"
            yield place, what, f"compare it with a parameter in {expected}"
    if unit == "percent" and not measure.endswith("_percent"):
        yield place, f"{name}: {measure} is compared with a percentage of nothing", "add of:"


def _places_problem(name: str, check: Check, parameter: Parameter) -> Iterator[Problem]:
    places = check.places(parameter.unit)
    for start, value in parameter.values.items():
        if value is None or not isinstance(value.value, (int, Decimal)):
            continue
        if value.value != round(Decimal(value.value), places):
            what = f"{value.value} is finer than {check.measure}, which {name} compares with it"
            at_most = f"write {places} decimals at most" if places else "write a whole number"
            yield ("parameters", check.parameter, "values", start, "is"), what, at_most

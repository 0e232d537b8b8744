"""The rulebook and its reading on one day."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from merchantkit import home
from merchantkit.days import as_day
from merchantkit.errors import NotInForceError
from merchantkit.rulebook import loader
from merchantkit.rulebook.model import DORMANT, Bilingual, Check, Clock, Parameter, RuleFile, Source
from merchantkit.rulebook.model import Value as RuleValue

OverlayLike = Path | str | Mapping[str, Any]


@dataclass(frozen=True)
class Provision:
    """One parameter as it holds on a day, with everything needed to cite it.

    Attributes:
        rule: ``programme.parameter``.
        value: int, Decimal, str, bool, list, mapping; ``None`` where the source states none.
        since: The day from which it holds.
        until: The day from which something else holds; ``None`` while nothing else is dated.
        status: ``in_force``, ``expected``, ``announced`` or ``assumed``.
    """

    rule: str
    title: Bilingual
    unit: str
    value: Any
    since: dt.date
    until: dt.date | None
    status: str
    source: Source
    why: Bilingual | None


class ProgrammeRules:
    """One programme's rules on one day: ``rules["tier_1_gmv"]`` is the value."""

    def __init__(self, file: RuleFile, day: dt.date) -> None:
        self.file = file
        self.id = file.id
        self.title = file.title
        self.clock: Clock = file.clock
        self.checks: Mapping[str, Check] = file.checks
        self.day = day

    def __getitem__(self, name: str) -> Any:
        """Return a parameter's value on the day.

        Raises:
            NotInForceError: It has no value on that day, or no such parameter exists.
        """
        return self.provision(name).value

    def provision(self, name: str) -> Provision:
        """Return a parameter's value on the day with its title, unit, dates, status and source."""
        parameter = self.file.parameters.get(name)
        if parameter is None:
            raise NotInForceError(
                f"{self.id} has no parameter {name}",
                remedy=f"it has: {', '.join(self.file.parameters)}",
            )
        found = in_force(parameter, self.day)
        if found is None:
            raise self._not_in_force(name, parameter)
        return _cited(self.file, name, *found)

    @property
    def in_force(self) -> bool:
        """Whether the programme exists on the day: some parameter has a value."""
        return any(in_force(parameter, self.day) for parameter in self.file.parameters.values())

    def provisions(self) -> list[Provision]:
        """Return every parameter that holds on the day."""
        names = (n for n, p in self.file.parameters.items() if in_force(p, self.day))
        return [self.provision(name) for name in names]

    def _not_in_force(self, name: str, parameter: Parameter) -> NotInForceError:
        starts = sorted(dated(parameter))
        later = [start for start in starts if start > self.day]
        if later:
            remedy = f"ask for {later[0]} or later"
        elif starts:
            remedy = f"it ended on {starts[-1]}: ask for an earlier day"
        else:
            remedy = "it is deferred or planned: lay an overlay over it that dates it"
        return NotInForceError(
            f"{self.id}.{name} does not hold on {self.day}", where=self.file.title.en, remedy=remedy
        )


def on_record(file: RuleFile, name: str) -> list[Provision]:
    """Return every value of a parameter by date; those that are deferred or planned come last.

    What is planned has no date: its ``since`` is the last day that a calendar has.
    """
    parameter = file.parameters[name]
    starts = dated(parameter)
    held = ((day, in_force(parameter, day)) for day in sorted(starts))
    provisions = [_cited(file, name, *found) for _, found in held if found]
    dormant = [(s, v) for s, v in parameter.values.items() if v is not None and s not in starts]
    for start, value in sorted(dormant, key=lambda pair: str(pair[0])):
        since = start if isinstance(start, dt.date) else dt.date.max
        provisions.append(_cited(file, name, since, None, value))
    return provisions


def _cited(
    file: RuleFile, name: str, since: dt.date, until: dt.date | None, value: RuleValue
) -> Provision:
    parameter = file.parameters[name]
    source = file.sources[value.source or loader.OVERLAY]
    return Provision(
        f"{file.id}.{name}", parameter.title, parameter.unit, value.value, since, until,
        value.status, source, value.why,
    )  # fmt: skip


def dated(parameter: Parameter) -> dict[dt.date, RuleValue | None]:
    """Return the values that decide something, by start date (``None`` ends)."""
    return {
        start: value
        for start, value in parameter.values.items()
        if isinstance(start, dt.date) and (value is None or value.status not in DORMANT)
    }


def in_force(
    parameter: Parameter, day: dt.date
) -> tuple[dt.date, dt.date | None, RuleValue] | None:
    """Return the start, end and value that hold on a day, or ``None``."""
    values = dated(parameter)
    since = max((start for start in values if start <= day), default=None)
    value = values[since] if since is not None else None
    if since is None or value is None:
        return None
    return since, min((start for start in values if start > day), default=None), value


class Rules:
    """The rulebook on one day.

    >>> rules = rulebook().on("2021-05-31")
    >>> rules.programme("rfq")["tier_1_gmv"]
    25000
    """

    def __init__(
        self, files: Mapping[str, RuleFile], day: dt.date, overlays: tuple[str, ...]
    ) -> None:
        self.files = files
        self.day = day
        self.overlays = overlays

    def programme(self, name: str) -> ProgrammeRules:
        """Return one programme's rules.

        Raises:
            NotInForceError: There is no such programme, or it does not exist on that day.
        """
        if name not in self.files:
            raise NotInForceError(
                f"there are no rules for {name}", remedy=f"there are: {', '.join(self.files)}"
            )
        rules = ProgrammeRules(self.files[name], self.day)
        if not rules.in_force:
            raise NotInForceError(
                f"{name} is not in force on {self.day}",
                where=rules.title.en,
                remedy=_when(self.files[name]),
            )
        return rules

    @property
    def programmes(self) -> tuple[str, ...]:
        """The programmes that exist on the day."""
        return tuple(n for n, file in self.files.items() if ProgrammeRules(file, self.day).in_force)

    def fingerprint(self, programme: str | None = None) -> str:
        """Return a hash of everything that holds on the day, of one programme or of all.

        Two days between which nothing changes have the same one; and what is dated to come later
        does not change what holds, nor any page, so ``until`` is not in it.
        """
        names = [programme] if programme else sorted(self.files)
        content = [_content(ProgrammeRules(self.files[name], self.day)) for name in names]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def _content(rules: ProgrammeRules) -> dict[str, Any]:
    return {
        "id": rules.id,
        "title": rules.title.model_dump(),
        "clock": rules.clock.model_dump(),
        "checks": {name: check.model_dump(by_alias=True) for name, check in rules.checks.items()},
        "values": [
            (
                p.rule,
                p.title.model_dump(),
                p.unit,
                p.value,
                p.since,
                p.status,
                p.source.text,
                p.why,
            )
            for p in rules.provisions()
        ],
    }


def _when(file: RuleFile) -> str:
    starts = [s for p in file.parameters.values() for s, v in dated(p).items() if v is not None]
    ends = [s for p in file.parameters.values() for s, v in dated(p).items() if v is None]
    if not starts:
        return "it is deferred or planned: lay an overlay over it that dates it"
    last = f", and ended on {max(ends)}" if ends and max(ends) > max(starts) else ""
    return f"it began on {min(starts)}{last}: ask for a day on which it holds"


@dataclass(frozen=True)
class Rulebook:
    """Every dated, cited rule of the kit; ``on(day)`` reads it on one day."""

    files: Mapping[str, RuleFile]
    overlays: tuple[str, ...] = ()

    def on(self, day: dt.date | str) -> Rules:
        """Return the rules that hold on a day (a date or ISO text)."""
        return Rules(self.files, as_day(day), self.overlays)

    def overlay(self, overlay: OverlayLike) -> "Rulebook":
        """Return this rulebook with an overlay's values laid over it.

        Raises:
            RuleFileError: The overlay is malformed or names what does not exist.
        """
        label, document, model = loader.load_overlay(overlay)
        files = loader.apply_overlay(self.files, label, document, model)
        return Rulebook(files, (*self.overlays, label))

    @cached_property
    def sources(self) -> set[tuple[str, int]]:
        """Every slide that some rule cites, as title and ordinal."""
        cited = (s for file in self.files.values() for s in file.sources.values())
        return {(s.slide, s.ordinal) for s in cited if s.kind == "deck" and s.slide}


def rulebook(
    overlay: OverlayLike | Iterable[OverlayLike] | None = None, *, folder: Path | None = None
) -> Rulebook:
    """Return the project's rulebook, with one or several overlays laid over it.

    Args:
        overlay: A path to an overlay file, or a mapping of the same shape, or several of them.
        folder: Where the rule files are; the project's ``params/rules`` by default.

    Raises:
        RuleFileError: A file is malformed; the error names file, line, what and remedy.

    >>> rulebook({"id": "rfq", "parameters": {"tier_1_gmv": {"values": {
    ...     dt.date(2021, 4, 15): {"is": 30000, "why": "a reform"}}}}}).on(
    ...     "2021-05-31").programme("rfq")["tier_1_gmv"]
    30000
    """
    book = Rulebook(loader.load_folder(folder or home.place("params/rules")))
    if overlay is None:
        return book
    several = [overlay] if isinstance(overlay, (str, Path, Mapping)) else list(overlay)
    for one in several:
        book = book.overlay(one)
    return book

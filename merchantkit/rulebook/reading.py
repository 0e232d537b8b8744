"""One programme's rules as they hold on one day, each with everything needed to cite it."""

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from merchantkit.errors import NotInForceError
from merchantkit.rulebook import loader
from merchantkit.rulebook.model import (
    DORMANT,
    Bilingual,
    Check,
    Clock,
    Means,
    Parameter,
    RuleFile,
    Source,
    Track,
)
from merchantkit.rulebook.model import Value as RuleValue


@dataclass(frozen=True)
class Provision:
    """One parameter as it holds on a day, with everything needed to cite it.

    Attributes:
        rule: ``programme.parameter``.
        value: int, Decimal, str, bool, list, mapping; ``None`` where the source states none.
        since: The day from which it holds.
        until: The day from which something else holds; ``None`` while nothing else is dated.
        status: ``in_force``, ``expected``, ``announced`` or ``assumed``.
        when: The date or event as the source prints it, where that says more than ``since``.
        track: Whom it concerns: ``customization``, ``rts`` or ``both``; ``None`` if none is said.
        internal: Whether it is the kit's own bookkeeping, and no news to a merchant.
        means: What it means for a track that it is so, as the file says it.
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
    when: Bilingual | None = None
    track: Track | None = None
    internal: bool = False
    means: Means | None = None


class ProgrammeRules:
    """One programme's rules on one day: ``rules["tier_1_gmv"]`` is the value.

    It never changes, and reading it changes nothing: every page of a process may share one.
    """

    def __init__(self, file: RuleFile, day: dt.date) -> None:
        self.file = file
        self.id = file.id
        self.title = file.title
        self.clock: Clock = file.clock
        self.checks: Mapping[str, Check] = file.checks
        self.day = day

    @cached_property
    def _held(self) -> dict[str, Provision]:
        found = ((name, in_force(p, self.day)) for name, p in self.file.parameters.items())
        return {name: _cited(self.file, name, *held) for name, held in found if held}

    def __getitem__(self, name: str) -> Any:
        """Return a parameter's value on the day.

        Raises:
            NotInForceError: It has no value on that day, or no such parameter exists.
        """
        return self.provision(name).value

    def provision(self, name: str) -> Provision:
        """Return a parameter's value on the day with its title, unit, dates, status and source."""
        held = self._held.get(name)
        if held is not None:
            return _own(held)
        parameter = self.file.parameters.get(name)
        if parameter is None:
            raise NotInForceError(
                f"{self.id} has no parameter {name}",
                remedy=f"it has: {', '.join(self.file.parameters)}",
            )
        raise self._not_in_force(name, parameter)

    @property
    def in_force(self) -> bool:
        """Whether the programme exists on the day: some parameter has a value."""
        return bool(self._held)

    def provisions(self) -> list[Provision]:
        """Return every parameter that holds on the day."""
        return [_own(held) for held in self._held.values()]

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
            f"{self.id}.{name} does not hold on {self.day}", where=self.file.title.en,
            remedy=remedy, kind="not_in_force",
            parts={"day": self.day, "since": later[0] if later else None},
        )  # fmt: skip


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
        value.status, source, value.why, value.when, parameter.track or file.track,
        parameter.internal, value.means,
    )  # fmt: skip


def _own(provision: Provision) -> Provision:
    # A list or table is handed out as a copy: a caller that sorts it must not change the rule.
    if isinstance(provision.value, (list, dict)):
        return replace(provision, value=copy.deepcopy(provision.value))
    return provision


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

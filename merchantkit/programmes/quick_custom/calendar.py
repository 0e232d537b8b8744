"""The scene's calendar: its events, where it is shown, and how to enrol, as dated rules.

Slides RTS小单快定场景商家权益 (月月活动--每月固定最后一周) and RTS小单快定场景报名.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from merchantkit.rulebook import ProgrammeRules, Provision, on_record

# The parameters that are dates of the scene, in the order of the slides.
DATES = ("scene_week", "scene_event", "app_home", "cloud_themes", "enrolment", "tags")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """One line of the calendar.

    Attributes:
        parameter: The rule's name within the programme.
        first: Its first day; ``None`` where it has no date (planned).
        last: Its last day, inclusive; ``None`` where no end is dated.
        value: What holds then: a code, a list of codes, a flag, or the window itself.
        provision: The rule, with its status and slide.
    """

    parameter: str
    first: dt.date | None
    last: dt.date | None
    value: Any
    provision: Provision

    @property
    def codes(self) -> str | None:
        """What holds then as codes with commas between; ``None`` of a flag or a window."""
        if isinstance(self.value, list):
            return ",".join(self.value)
        return self.value if isinstance(self.value, str) else None


def calendar(rules: ProgrammeRules, since: dt.date | None = None) -> list[Entry]:
    """Return what is dated of the scene and not over by a day, in order of time; undated last.

    Args:
        rules: The programme's rules; what is dated for later is read as it stands.
        since: What ended before it is left out; the rules' own day by default.

    >>> from merchantkit.rulebook import rulebook
    >>> rules = rulebook().on("2021-05-31").programme("quick_custom")
    >>> weeks = [entry for entry in calendar(rules) if entry.parameter == "scene_week"]
    >>> [f"{week.first:%m-%d} {week.last:%m-%d}" for week in weeks]
    ['05-25 05-31', '06-24 06-30', '07-25 07-31', '08-25 08-31']
    """
    day = since or rules.day
    entries = [entry for entry in _entries(rules) if entry.last is None or entry.last >= day]
    return sorted(
        entries, key=lambda entry: (entry.first or dt.date.max, entry.last or dt.date.max)
    )


def _entries(rules: ProgrammeRules) -> Iterator[Entry]:
    for name in DATES:
        for provision in on_record(rules.file, name):
            first: dt.date | None = provision.since
            last = provision.until and provision.until - _DAY
            if provision.unit == "window":
                first, last = provision.value["from"], provision.value["to"]
            if provision.status == "planned":
                first = None
            yield Entry(name, first, last, provision.value, provision)

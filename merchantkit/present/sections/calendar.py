"""The calendar of a briefing: deadlines and events that concern the merchant, with the days left.

What is in it the rule files say (``rulebook.agenda``); nothing here knows a programme by name.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.rulebook.agenda import Entry, entries, in_order, own

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth

# The clock by which the sellers live, whatever the rule's.
SELLERS = ZoneInfo("Asia/Shanghai")
_PART = "calendar"
_DAY = dt.timedelta(days=1)


def day_of(entry: Entry, day: dt.date, words: Words) -> str:
    """Return when something is, as read on a day: its days, or what the source prints."""
    t, first, last = words.t, entry.first, entry.last
    if first is None or last is None:
        return words.pick(entry.when) if entry.when else t("calendar.undated")
    text = _at(first, words) if first == last else t(
        "unit.window", first=_at(first, words), last=_at(last, words)
    )  # fmt: skip
    # A day that the source does not print is not shown as if it did.
    text = words.pick(entry.when) if entry.when else text
    if entry.state(day) == "undated":
        return t("calendar.overdue", when=text)
    return text


def left_of(entry: Entry, day: dt.date, words: Words) -> str:
    """Return how long it is until then, or until its end, as read on a day."""
    t, state, days = words.t, entry.state(day), entry.days_left(day)
    if days is None:
        return t(f"calendar.left.{state}")
    if state == "running" and entry.in_month:
        return t("calendar.left.in_month")
    if days == 0:
        once = entry.kind == "event" and entry.first_day == entry.last_day
        return t("calendar.left.today" if once else "calendar.left.last_day")
    if state == "running" or (entry.kind == "deadline" and entry.first == entry.last):
        return t("calendar.left.ends", n=days)
    return t("calendar.left.about" if entry.when else "calendar.left.starts", n=days)


def status_of(entry: Entry, day: dt.date) -> str:
    """Return the one status, of ``status.…``, that is true of an entry on a day.

    How certain its day is stays told; that a rule is in force is not said of what is yet to come,
    nor that it is announced of what has begun.
    """
    state, certain = entry.state(day), entry.status in ("in_force", "announced")
    if state == "past":
        return "past" if certain else f"past_{entry.status}"
    if certain and state != "undated":
        return "announced" if state == "ahead" else "in_force"
    return entry.status


def _at(at: dt.date, words: Words) -> str:
    return words.moment(at) if isinstance(at, dt.datetime) else words.day(at)


@dataclass(frozen=True)
class CalendarSection:
    """One merchant's calendar; ``months`` are the programmes that concern the merchant."""

    case: "Case"
    months: Mapping[str, "ProgrammeMonth"]
    words: Words

    def entries(self) -> list[Entry]:
        """Return what concerns the merchant, in the calendar's order."""
        case = self.case
        track = case.merchant.get("track")
        found = entries(case.rules, case.day, track=track, programmes=set(self.months))
        return in_order([*found, *self._own()], case.day)

    def html(self) -> Html:
        """Return the section: a row for each deadline and event, what is past of the month too."""
        rows = [self._row(entry) for entry in self.entries()]
        return render("calendar", self.words, rows=rows, day=self.case.day)

    def _own(self) -> list[Entry]:
        """Return the entries of which the merchant's own facts say the day."""
        return [
            own(self.case.rules.files[name], row["parameter"], self._when(name, row))
            for name, month in self.months.items()
            if month.has(_PART)
            for row in month.rows(_PART)
        ]

    def _when(self, name: str, row: Mapping[str, Any]) -> dt.date:
        """Return a merchant's own day, or the moment on the programme's clock where it has one."""
        at: dt.datetime | None = row.get("at")
        if at is None:
            day: dt.date = row["day"]
            return day
        zone = ZoneInfo(self.case.rules.files[name].clock.zone)
        return at.astimezone(zone).replace(tzinfo=None)

    def _row(self, entry: Entry) -> dict[str, Any]:
        state = entry.state(self.case.day)
        return {
            "state": state,
            "day": day_of(entry, self.case.day, self.words),
            "title": self.words.pick(entry.title),
            "kind": entry.kind,
            "programme": self.words.pick(self.case.rules.files[entry.programme].title),
            "track": entry.track,
            "zone": self.words.zone(entry.clock.zone),
            "clock_status": entry.clock.status,
            "beijing": self._beijing(entry) if state in ("ahead", "running") else None,
            "status": status_of(entry, self.case.day),
            "source": entry.source.text,
            "rule": entry.rule,
            "left": left_of(entry, self.case.day, self.words),
        }

    def _beijing(self, entry: Entry) -> str | None:
        """Return when a deadline of another clock ends where the sellers live."""
        zone = ZoneInfo(entry.clock.zone)
        if entry.kind != "deadline" or entry.last is None or zone.key == SELLERS.key:
            return None
        if isinstance(entry.last, dt.datetime):
            local = entry.last.replace(tzinfo=zone)
        else:
            local = dt.datetime.combine(entry.last + _DAY, dt.time(), tzinfo=zone)
        there = local.astimezone(SELLERS)
        day = self.words.short_day(there.date())
        return self.words.t("calendar.beijing", day=day, time=f"{there:%H:%M}")

"""The calendar: every deadline and event that a rule says it is, as it stands on a day.

A rule is in it by a line of its own (``calendar: deadline`` or ``event``), and whom it concerns is
said by its track and its programme. Days are those of the rule's clock, and so are days left.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from merchantkit.days import Month, as_day
from merchantkit.rulebook.model import DORMANT, Bilingual, Clock, Mark, RuleFile, Source, Track
from merchantkit.rulebook.model import Value as RuleValue
from merchantkit.rulebook.reading import dated

if TYPE_CHECKING:
    import pandas as pd

    from merchantkit.rulebook.book import Rules

State = Literal["past", "running", "ahead", "undated"]
_DATED = frozenset({"date", "moment", "window"})
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """One deadline or event.

    Attributes:
        programme: Whose.
        rule: ``programme.parameter``.
        title: What happens.
        kind: ``deadline`` or ``event``.
        first: When it begins, a day or a moment on the clock; ``None`` for what has no date.
        last: When it ends; the same where it is one day or moment.
        clock: By which clock.
        track: Whom it concerns; ``None`` if none is said.
        status: The rule's: ``in_force``, ``expected``, ``announced``, ``deferred``, ``planned``,
            ``assumed``.
        when: The date as the source prints it, where that says more.
        why: What else is to be said of it.
        source: Where it is printed.
        in_month: Whether it is on some day of its month, which the source does not print.
        of_all: Whether its track is the programme's as a whole, and none of its own.
        value: What holds then.
    """

    programme: str
    rule: str
    title: Bilingual
    kind: Literal["deadline", "event"]
    first: dt.date | None
    last: dt.date | None
    clock: Clock
    track: Track | None
    status: str
    when: Bilingual | None
    why: Bilingual | None
    source: Source
    in_month: bool = False
    of_all: bool = False
    value: Any = None

    @property
    def first_day(self) -> dt.date | None:
        """The day on which it begins, on its clock."""
        if self.first is None or self.last_day is None:
            return None
        return min(_day(self.first), self.last_day)

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which there is time for it, on its clock.

        Of a deadline at midnight that is the day before: no moment of the next one is left.
        """
        if self.last is None:
            return None
        midnight = isinstance(self.last, dt.datetime) and self.last.time() == dt.time()
        ends = self.kind == "deadline" or self.first != self.last
        return _day(self.last) - _DAY if midnight and ends else _day(self.last)

    def state(self, day: dt.date) -> State:
        """Return how it stands on a day: its last day is still running.

        What is deferred to a day that is over has no date any more.
        """
        if self.first_day is None or self.last_day is None:
            return "undated"
        if day > self.last_day:
            return "undated" if self.status in DORMANT else "past"
        return "ahead" if day < self.first_day else "running"

    def days_left(self, day: dt.date) -> int | None:
        """Return the days until it begins, or while it runs until its last day, which has 0.

        ``None`` for what is past or has no date.
        """
        state = self.state(day)
        until = self.first_day if state == "ahead" else self.last_day
        return (until - day).days if until and state in ("ahead", "running") else None


def entries(
    rules: "Rules",
    day: dt.date | str | None = None,
    *,
    track: str | None = None,
    programmes: Collection[str] | None = None,
) -> list[Entry]:
    """Return the calendar on a day: what is to come or runs, and what of its month is past.

    In the order of their days (of what runs, its last); what has no date comes last.

    Args:
        rules: The rules.
        day: The day on which it is read; the rules' own by default.
        track: Only what concerns this track, or both; ``None``: all.
        programmes: Only what is of these, and of programmes that are yet to begin; ``None``: all.
            What concerns a merchant by its facts is not hidden by the track of the programme as a
            whole; that of a single rule still does.

    >>> from merchantkit.rulebook import rulebook
    >>> may = entries(rulebook().on("2021-05-31"), track="rts", programmes=["campaign"])
    >>> [(entry.rule, str(entry.last), entry.days_left(dt.date(2021, 5, 31))) for entry in may]
    [('campaign.activity_days', '2021-05-31', 0), ('campaign.enrolment_days', '2021-05-31', 0)]
    """
    today, begun = as_day(day or rules.day), set(rules.programmes)
    concerning = {
        name for name, file in rules.files.items()
        if programmes is None or name in programmes or (name not in begun and _comes(file, rules))
    }  # fmt: skip
    own = set(programmes or ())
    return [
        entry for entry in _every(rules, today)
        if entry.programme in concerning and _concerns(entry, track, own)
    ]  # fmt: skip


def _concerns(entry: Entry, track: str | None, own: Collection[str]) -> bool:
    if track is None or entry.track in (None, "both", track):
        return True
    return entry.of_all and entry.programme in own


# A month's pages read it on one day, each for another merchant.
@lru_cache(maxsize=32)
def _every(rules: "Rules", day: dt.date) -> tuple[Entry, ...]:
    every = (entry for file in rules.files.values() for entry in _of_file(file, day))
    return tuple(in_order(every, day))


def in_order(found: Iterable[Entry], day: dt.date) -> list[Entry]:
    """Return entries in the order of a calendar; what was over before the day's month is left out.

    Args:
        found: The entries.
        day: The day on which it is read.
    """
    month = Month.of(day).first
    shown = (e for e in found if e.state(day) != "past" or (e.last_day and e.last_day >= month))
    return sorted(shown, key=lambda entry: _key(entry, day))


def calendar(
    rules: "Rules",
    day: dt.date | str | None = None,
    *,
    track: str | None = None,
    programmes: Collection[str] | None = None,
) -> "pd.DataFrame":
    """Return the calendar on a day as a frame; see ``entries``, which has the same arguments.

    Returns:
        One row per entry, in order: ``programme``, ``rule``, ``kind``, ``title_zh``, ``title_en``,
        ``first_day`` and ``last_day`` (date32 on the rule's clock; missing: no date), ``first`` and
        ``last`` (text, with the second where there is one), ``zone``, ``zone_status``, ``track``,
        ``status``, ``state`` (past, running, ahead, undated), ``days_left`` (Int64; missing for
        what is past or has no date), ``when_zh``, ``when_en``, ``source``.

    >>> from merchantkit.rulebook import rulebook
    >>> frame = calendar(rulebook().on("2021-05-31"), track="customization")
    >>> frame.loc[frame["rule"] == "express.pay_by", ["last", "days_left"]].values.tolist()
    [['2021-10-15 23:59:59', 137]]
    """
    import pandas as pd
    import pyarrow as pa

    text, date = pd.ArrowDtype(pa.string()), pd.ArrowDtype(pa.date32())
    kinds: dict[str, Any] = {"first_day": date, "last_day": date, "days_left": "Int64"}
    today = as_day(day or rules.day)
    found = entries(rules, today, track=track, programmes=programmes)
    rows = [_record(entry, today) for entry in found]
    return pd.DataFrame(
        {
            column: pd.Series([row[column] for row in rows], dtype=kinds.get(column, text))
            for column in _COLUMNS
        }
    )


_COLUMNS = (
    "programme", "rule", "kind", "title_zh", "title_en", "first_day", "last_day", "first", "last",
    "zone", "zone_status", "track", "status", "state", "days_left", "when_zh", "when_en", "source",
)  # fmt: skip


def own(file: RuleFile, parameter: str, day: dt.date, last: dt.date | None = None) -> Entry:
    """Return the entry of a parameter marked ``on: facts``, on a merchant's own day.

    Args:
        file: The programme's rules.
        parameter: The parameter, which must be marked.
        day: The merchant's day, on the rule's clock.
        last: Where it ends on another one.

    Raises:
        KeyError: There is no such parameter, or it is not marked.
    """
    for start, value in sorted(file.parameters[parameter].values.items(), key=str):
        mark = _mark(file, parameter, value)
        if mark is not None and value is not None and isinstance(start, dt.date):
            return _entry(file, parameter, value, mark, day, last or day)
    raise KeyError(f"{file.id}.{parameter} is not in the calendar")


# --- a file's own -------------------------------------------------------------------------------


def _comes(file: RuleFile, rules: "Rules") -> bool:
    """Return whether a programme that does not exist on the rules' day is dated to begin."""
    starts = (start for p in file.parameters.values() for start, v in dated(p).items() if v)
    return any(start > rules.day for start in starts)


def _of_file(file: RuleFile, day: dt.date) -> Iterator[Entry]:
    for entry, since, until in _on_record(file):
        # What another value overtakes before its day does not come to pass.
        if until is not None and entry.last_day is not None and entry.last_day >= until:
            continue
        name = entry.rule.partition(".")[2]
        if entry.status in DORMANT and _overtaken(file, name, since, day):
            continue
        yield entry
    yield from _recurring(file, day)


def _on_record(file: RuleFile) -> Iterator[tuple[Entry, dt.date | None, dt.date | None]]:
    """Yield each entry that has a day of its own, or none, and from and till when it holds."""
    for name, parameter in file.parameters.items():
        starts = sorted(dated(parameter))
        for start, value in parameter.values.items():
            mark = _mark(file, name, value)
            if mark is None or value is None or mark.on is not None:
                continue
            since = start if isinstance(start, dt.date) else None
            following = (s for s in starts if since is not None and s > since)
            until = None if value.status in DORMANT else min(following, default=None)
            span = _span(value, parameter.unit, since, _lasts(mark, since, until))
            if span is not None:
                yield _entry(file, name, value, mark, *span), since, until


def _recurring(file: RuleFile, day: dt.date) -> Iterator[Entry]:
    """Yield what comes every month: the day's month's, and if that is past, the next one's."""
    for name, parameter in file.parameters.items():
        values = dated(parameter)
        for since, value in values.items():
            mark = _mark(file, name, value)
            if mark is None or value is None or mark.on not in ("month_first", "month_last"):
                continue
            until = min((start for start in values if start > since), default=dt.date.max)
            this = Month.of(day)
            for month in (this, Month.of(this.last + _DAY)):
                on = month.first if mark.on == "month_first" else month.last
                if since <= on < until:
                    yield _entry(file, name, value, mark, on, on)
                if on >= day:
                    break


def _mark(file: RuleFile, name: str, value: RuleValue | None) -> Mark | None:
    return (value.calendar if value else None) or file.parameters[name].calendar


def _lasts(mark: Mark, since: dt.date | None, until: dt.date | None) -> dt.date | None:
    """Return the last day of what lasts; where nothing else is dated, that is its first."""
    before = until and until - _DAY
    if mark.lasts == "month" and since is not None:
        month = Month.of(since).last
        return min(month, before) if before else month
    return before if mark.lasts == "value" and before else since


def _span(
    value: RuleValue, unit: str, since: dt.date | None, last: dt.date | None
) -> tuple[dt.date | None, dt.date | None] | None:
    if unit not in _DATED or value.status == "planned":
        return since, last
    if value.value is None:
        return None
    if unit == "window":
        return value.value["from"], value.value["to"]
    return value.value, value.value


def _entry(
    file: RuleFile,
    name: str,
    value: RuleValue,
    mark: Mark,
    first: dt.date | None,
    last: dt.date | None,
) -> Entry:
    parameter = file.parameters[name]
    source = file.sources.get(value.source or "", Source(kind="overlay"))
    return Entry(
        file.id, f"{file.id}.{name}", mark.title or parameter.title, mark.kind, first, last,
        file.clock, parameter.track or file.track, value.status, value.when, value.why, source,
        mark.lasts == "month", parameter.track is None, value.value,
    )  # fmt: skip


def _overtaken(file: RuleFile, name: str, since: dt.date | None, day: dt.date) -> bool:
    if since is None:
        return False
    return any(since <= start <= day for start in dated(file.parameters[name]))


# --- how they stand -----------------------------------------------------------------------------


def _day(at: dt.date) -> dt.date:
    return at.date() if isinstance(at, dt.datetime) else at


def _key(entry: Entry, day: dt.date) -> tuple[dt.date, dt.date, str]:
    if entry.state(day) == "undated":
        return dt.date.max, entry.first_day or dt.date.max, entry.rule
    first, last = entry.first_day or dt.date.max, entry.last_day or dt.date.max
    return (first if entry.state(day) == "ahead" else last), first, entry.rule


def _record(entry: Entry, day: dt.date) -> dict[str, object]:
    when = entry.when
    return {
        "programme": entry.programme,
        "rule": entry.rule,
        "kind": entry.kind,
        "title_zh": entry.title.zh,
        "title_en": entry.title.en,
        "first_day": entry.first_day,
        "last_day": entry.last_day,
        "first": None if entry.first is None else str(entry.first),
        "last": None if entry.last is None else str(entry.last),
        "zone": entry.clock.zone,
        "zone_status": entry.clock.status,
        "track": entry.track,
        "status": entry.status,
        "state": entry.state(day),
        "days_left": entry.days_left(day),
        "when_zh": when.zh if when else None,
        "when_en": when.en if when else None,
        "source": entry.source.text,
    }

"""The rule update: what is new, changed, deferred or ended, and what it means for each track.

It reads like the pages that open the merchant broadcast: an agenda, then each programme with its
news, from when and by which slide, then each track with what all this means for it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from merchantkit.present import rules_text
from merchantkit.present.rules_tracks import BROUGHT, sentences, titles, together
from merchantkit.present.rules_when import When
from merchantkit.present.words import Words
from merchantkit.rulebook import Change, Provision
from merchantkit.rulebook.changes import STANDING, Kind
from merchantkit.rulebook.model import TRACKS, Track

_ORDER: tuple[Kind, ...] = (
    "begins", "ends", "passed", "new", "changed", "ended", "coming", "deferred", "planned",
)  # fmt: skip
# A list longer than this is named by its first items; ``rules show`` has them all.
_LONGEST, _SHOWN = 6, 3


@dataclass(frozen=True)
class Line:
    """One parameter: what it is now, or was and is, and why, where the rules say."""

    title: str
    text: str
    why: str


@dataclass(frozen=True)
class Cited:
    """What shares its day, status and slide."""

    when: str
    source: str
    lines: list[Line]


@dataclass(frozen=True)
class Group:
    """What is new, or changed, or deferred ... in a programme."""

    kind: Kind
    heading: str
    cited: list[Cited]


@dataclass(frozen=True)
class Section:
    """One programme's news; ``notes`` say that it begins or ends, and whom it concerns."""

    programme: str
    title: str
    notes: list[str]
    groups: list[Group]


@dataclass(frozen=True)
class Update:
    """The whole summary in one language.

    Attributes:
        agenda: Kind of news → the programmes that have some, with the day.
        tracks: Track → sentences that say what the news means for it.
        untold: Programmes whose rules say nothing of tracks.
    """

    before: dt.date
    after: dt.date
    agenda: list[tuple[str, list[str]]]
    sections: list[Section]
    tracks: list[tuple[str, list[str]]]
    untold: list[str]


def update(found: Sequence[Change], before: dt.date, after: dt.date, words: Words) -> Update:
    """Return the summary of what changed from one day to another.

    The kit's own bookkeeping is left out, and programmes stand in the order of their first day.

    Args:
        found: What ``diff`` found between the two days.
        before: The earlier day.
        after: The later day.
        words: The language.
    """
    news = [change for change in found if not _internal(change)]
    parts = [_ordered(its) for _, its in groupby(news, lambda change: change.programme)]
    parts.sort(key=_first_day)
    when = When(after, words)
    silent = [part for part in parts if not any(change.means or change.track for change in part)]
    return Update(
        before, after, _agenda(parts, when), [_section(part, when) for part in parts],
        _tracks(parts, when),
        [words.pick(part[0].title) for part in silent],
    )  # fmt: skip


def _internal(change: Change) -> bool:
    named = change.after or change.before
    return bool(named and named.internal)


def _ordered(found: Iterator[Change]) -> list[Change]:
    return sorted(found, key=lambda change: _ORDER.index(change.kind))


def _first_day(part: list[Change]) -> dt.date:
    happened = [change.day for change in part if change.day and change.kind not in STANDING]
    return min(happened, default=dt.date.max)


def _tracks(parts: list[list[Change]], when: When) -> list[tuple[str, list[str]]]:
    said = {t: [one for part in parts for one in sentences(part, t, when)] for t in TRACKS}
    if not any(said.values()):
        return []
    nothing = [when.words.t("rulebook.update.no_own")]
    # Either track is told, if only that it has no news of its own.
    return [
        (when.words.t(f"code.{track}"), its or nothing)
        for track, its in said.items()
        if its or track != "both"
    ]


# --- the agenda ---------------------------------------------------------------------------------


def _agenda(parts: list[list[Change]], when: When) -> list[tuple[str, list[str]]]:
    told: dict[Kind, list[str]] = {kind: [] for kind in _ORDER}
    for part in parts:
        # Of a programme that begins or ends, its name says enough.
        brought = {BROUGHT[change.kind] for change in part if change.parameter is None}
        shown = [c for c in part if c.parameter is None or c.kind not in brought]
        for (kind, day), its in together(shown, part, when).items():
            told[kind].append(_agenda_name(its, day, when.words))
    return [
        (when.words.t(f"rulebook.update.{kind}"), names) for kind, names in told.items() if names
    ]


def _agenda_name(found: list[Change], day: str, words: Words) -> str:
    title = words.pick(found[0].title)
    if names := titles(found, words):
        title = words.t("rulebook.update.of", title=title, names=names)
    return words.t("rulebook.update.dated", title=title, when=day)


# --- one programme ------------------------------------------------------------------------------


def _section(part: list[Change], when: When) -> Section:
    words = when.words
    whole = [change for change in part if change.parameter is None]
    own = [change for change in part if change.parameter is not None]
    if any(change.kind == "ends" for change in whole):
        own = [change for change in own if change.kind != "ended"]
    common = _common_track(own)
    notes = [_note(change, part, when) for change in whole]
    if common:
        notes.append(words.t("rulebook.update.concerns", track=words.t(f"code.{common}")))
    groups = [
        Group(kind, words.t(f"rulebook.update.{kind}"), _cited(list(its), common, when))
        for kind, its in groupby(own, lambda change: change.kind)
    ]
    return Section(part[0].programme, words.pick(part[0].title), notes, groups)


def _note(change: Change, part: list[Change], when: When) -> str:
    key = f"rulebook.update.whole.{change.kind}"
    said = when.words.t(key, when=when.brief(change, part))
    # Where all that it brings is only expected, so is it.
    brought = {c.after.status for c in part if c.after and c.day == change.day} - {"assumed"}
    if brought not in ({"expected"}, {"announced"}):
        return said
    status = when.words.t(f"status.{brought.pop()}")
    return when.words.t("rulebook.update.noted", when=said, notes=status)


def _common_track(found: list[Change]) -> Track | None:
    """Return the track of every line, which then need not say it each."""
    tracks = {change.track for change in found}
    return tracks.pop() if len(tracks) == 1 else None


def _cited(found: list[Change], common: Track | None, when: When) -> list[Cited]:
    # One line says from when and by which slide for all that share it, as the deck's pages do.
    together: dict[tuple[str, str], list[Line]] = {}
    for change in found:
        together.setdefault(when.cited(change), []).append(_line(change, common, when.words))
    return [Cited(day, source, lines) for (day, source), lines in together.items()]


def _line(change: Change, common: Track | None, words: Words) -> Line:
    named = change.after or change.before
    if named is None:
        raise ValueError(f"{change.programme}: a whole programme is no line")
    title = words.pick(named.title)
    track = words.t(f"code.{named.track}") if named.track else ""
    # A title that names its track says it once.
    if track and named.track != common and track not in title:
        scope = "both" if named.track == "both" else "only"
        title = words.t(f"rulebook.update.scope.{scope}", title=title, track=track)
    # Why something is assumed stands with the rules; here a word marks that it is.
    why = words.pick(named.why) if named.why and named.status != "assumed" else ""
    if change.before and change.after:
        return Line(title, _became(change.before, change.after, words), why)
    return Line(title, _brief(named, words), why)


def _brief(provision: Provision, words: Words) -> str:
    """Return a value; of a long list the first few items, and how many there are besides."""
    stated = provision.value
    if not isinstance(stated, list) or len(stated) <= _LONGEST or provision.unit == "table":
        return rules_text.value(provision, words)
    first = words.t("list.separator").join(rules_text.items(provision, words)[:_SHOWN])
    return words.t("rulebook.update.more", n=len(stated) - _SHOWN, names=first)


def _became(before: Provision, after: Provision, words: Words) -> str:
    if before.value == after.value and before.status == "assumed":
        # Nothing changed for a merchant: what the kit took to be so is now said.
        return words.t("rulebook.update.as_assumed", value=_brief(after, words))
    if before.value == after.value:
        was, now = (words.t(f"status.{provision.status}") for provision in (before, after))
        value = rules_text.value(after, words)
        return words.t("rulebook.update.confirmed", value=value, before=was, after=now)
    if moved := _moved(before, after, words):
        return moved
    was, now = _brief(before, words), _brief(after, words)
    return words.t("rulebook.diff.became", before=was, after=now)


def _moved(before: Provision, after: Provision, words: Words) -> str:
    """Return what a list or table lost, gained and kept, if it kept anything."""
    old, new = (p.value if isinstance(p.value, list) else [] for p in (before, after))
    if not any(item in old for item in new):
        return ""
    was, now = rules_text.items(before, words), rules_text.items(after, words)
    parts = {
        "removed": [item for item in was if item not in now],
        "added": [item for item in now if item not in was],
        "kept": [item for item in now if item in was],
    }
    between = "rulebook.row_separator" if after.unit == "table" else "list.separator"
    said = [
        words.t(f"rulebook.update.{name}", items=words.t(between).join(its))
        for name, its in parts.items()
        if its
    ]
    return words.t("rulebook.row_separator").join(said)


# --- as plain text ------------------------------------------------------------------------------


def text(told: Update, words: Words) -> str:
    """Return the summary as lines of plain text."""
    before, after = words.day(told.before), words.day(told.after)
    lines = [words.t("rulebook.diff.title", before=before, after=after), ""]
    if not told.sections:
        return "\n".join([*lines, words.t("rulebook.diff.none")])
    for label, names in told.agenda:
        lines += [label, *(f"  {name}" for name in names)]
    for section in told.sections:
        lines += ["", *_section_lines(section, words)]
    return "\n".join([*lines, *_track_lines(told, words)])


def _section_lines(section: Section, words: Words) -> Iterator[str]:
    yield words.t("rulebook.programme", title=section.title, id=section.programme)
    yield from (f"  {note}" for note in section.notes)
    for group in section.groups:
        yield f"  {group.heading}"
        for cited in group.cited:
            yield "    " + words.t("rulebook.diff.cited", span=cited.when, source=cited.source)
            for line in cited.lines:
                yield "      " + words.t("rulebook.diff.line", title=line.title, value=line.text)
                if line.why:
                    yield "        " + words.t("rulebook.why", why=line.why)


def _track_lines(told: Update, words: Words) -> Iterator[str]:
    if not told.tracks:
        return
    yield ""
    yield words.t("rulebook.update.tracks")
    for track, said in told.tracks:
        yield f"  {track}"
        yield from (f"    {sentence}" for sentence in said)
    if told.untold:
        names = words.t("list.separator").join(told.untold)
        yield "  " + words.t("rulebook.update.untold", names=names)

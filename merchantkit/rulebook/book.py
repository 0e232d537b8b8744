"""The rulebook and its reading on one day."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from merchantkit import home
from merchantkit.days import as_day
from merchantkit.errors import NotInForceError
from merchantkit.rulebook import loader
from merchantkit.rulebook.model import DORMANT, RuleFile
from merchantkit.rulebook.reading import ProgrammeRules, dated, on_record

OverlayLike = Path | str | Mapping[str, Any]


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
        self._programmes = {name: ProgrammeRules(file, day) for name, file in files.items()}

    def programme(self, name: str) -> ProgrammeRules:
        """Return one programme's rules.

        Raises:
            NotInForceError: There is no such programme, or it does not exist on that day.
        """
        if name not in self.files:
            raise NotInForceError(
                f"there are no rules for {name}", remedy=f"there are: {', '.join(self.files)}"
            )
        rules = self._programmes[name]
        if not rules.in_force:
            raise NotInForceError(
                f"{name} is not in force on {self.day}",
                where=rules.title.en,
                remedy=_when(self.files[name]),
                kind="not_in_force",
                parts={"day": self.day, "since": min(_starts(self.files[name]), default=None)},
            )
        return rules

    def on(self, day: dt.date | str) -> "Rules":
        """Return the same rulebook on another day (a date or ISO text)."""
        return Rules(self.files, as_day(day), self.overlays)

    @property
    def programmes(self) -> tuple[str, ...]:
        """The programmes that exist on the day."""
        return tuple(name for name, rules in self._programmes.items() if rules.in_force)

    def fingerprint(self, programme: str | None = None) -> str:
        """Return a hash of everything that holds on the day, of one programme or of all.

        Two days between which nothing changes have the same one; and what is dated to come later
        does not change what holds, nor any page, so ``until`` is not in it. What is deferred or
        planned is, as pages name it with its expected day; and so is whatever the calendar has.
        """
        names = [programme] if programme else sorted(self.files)
        content = [_content(self._programmes[name]) for name in names]
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
        "dormant": [
            (p.rule, p.title.model_dump(), p.value, p.since, p.status, p.source.text, p.why, p.when)
            for name in rules.file.parameters
            for p in on_record(rules.file, name)
            if p.status in DORMANT
        ],
        "calendar": [
            (name, parameter.model_dump(mode="json", by_alias=True))
            for name, parameter in rules.file.parameters.items()
            if parameter.calendar or any(v and v.calendar for v in parameter.values.values())
        ],
    }


def _starts(file: RuleFile) -> list[dt.date]:
    return [s for p in file.parameters.values() for s, v in dated(p).items() if v is not None]


def _when(file: RuleFile) -> str:
    starts = _starts(file)
    ends = [s for p in file.parameters.values() for s, v in dated(p).items() if v is None]
    if not starts:
        return "it is deferred or planned: lay an overlay over it that dates it"
    last = f", and ended on {max(ends)}" if ends and max(ends) > max(starts) else ""
    return f"it began on {min(starts)}{last}: ask for a day on which it holds"


@dataclass(frozen=True, eq=False)
class Rulebook:
    """Every dated, cited rule of the kit; ``on(day)`` reads it on one day.

    It never changes: one that was read before is given out again while its files say the same.
    """

    files: Mapping[str, RuleFile]
    overlays: tuple[str, ...] = ()
    _read: dict[dt.date, Rules] = field(default_factory=dict, init=False, repr=False, compare=False)

    def on(self, day: dt.date | str) -> Rules:
        """Return the rules that hold on a day (a date or ISO text)."""
        asked = as_day(day)
        if asked not in self._read:
            self._read[asked] = Rules(self.files, asked, self.overlays)
        return self._read[asked]

    def overlay(self, overlay: OverlayLike) -> "Rulebook":
        """Return this rulebook with an overlay's values laid over it.

        Raises:
            RuleFileError: The overlay is malformed or names what does not exist.
        """
        if isinstance(overlay, Mapping):
            return _laid(self, overlay)
        return _laid_before(self, loader.read(Path(overlay)))

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
    book = _read_before(loader.read_folder(folder or home.place("params/rules")))
    if overlay is None:
        return book
    several = [overlay] if isinstance(overlay, (str, Path, Mapping)) else list(overlay)
    for one in several:
        book = book.overlay(one)
    return book


# A briefing is a few milliseconds, and parsing its rules would be twenty. What is remembered is
# known by every file's name and text, so that a file that is edited is read anew.
@lru_cache(maxsize=8)
def _read_before(texts: tuple[loader.Text, ...]) -> Rulebook:
    return Rulebook(loader.load(texts))


@lru_cache(maxsize=32)
def _laid_before(book: Rulebook, overlay: loader.Text) -> Rulebook:
    return _laid(book, overlay)


def _laid(book: Rulebook, overlay: loader.Text | Mapping[str, Any]) -> Rulebook:
    label, document, model = loader.load_overlay(overlay)
    files = loader.apply_overlay(book.files, label, document, model)
    return Rulebook(files, (*book.overlays, label))

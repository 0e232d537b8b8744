"""The shape of a rule file: what may stand in it, and what each part must say."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from merchantkit.documents import refuse
from merchantkit.rulebook.values import MONEY_UNITS, NUMBER_UNITS, OTHER_UNITS, check_value

Status = Literal["in_force", "expected", "announced", "deferred", "planned", "assumed"]
# What is deferred or only planned is on record but decides nothing until an overlay dates it.
DORMANT: frozenset[str] = frozenset({"deferred", "planned"})

# Whom a rule concerns, as the deck writes it: 定制赛道, RTS赛道, 双赛道.
Track = Literal["customization", "rts", "both"]
TRACKS: tuple[Track, ...] = ("both", "customization", "rts")

OPERATORS = ("at_least", "at_most", "equals", "one_of", "not_one_of")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Bilingual(_Part):
    """A text in Chinese and in English."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


def _both(text: object) -> object:
    if isinstance(text, str) and text.strip():
        return {"zh": text, "en": text}
    if not isinstance(text, (Mapping, Bilingual)):
        raise refuse("a reason is missing", "write a sentence, or one in zh and one in en")
    return text


# A reason may be written once, or in both languages where merchants read it.
Why = Annotated[Bilingual, BeforeValidator(_both)]


def _by_track(means: object) -> object:
    if isinstance(means, Mapping) and means and set(means) <= set(TRACKS):
        return means
    raise refuse("a meaning is for a track", f"write it below one of: {', '.join(TRACKS)}")


# What something means for whom: one sentence a track. {name} in it is a parameter of the file,
# filled in with its value and unit, so that a number stands in one place only.
Means = Annotated[dict[Track, Bilingual], BeforeValidator(_by_track)]


class Mark(_Part):
    """That something is an entry of the calendar, a deadline or an event.

    Its day is the value itself, where that is a day, a moment or a window; else the day from which
    the value holds, or all the days that ``lasts`` says.

    Attributes:
        title: What happens then; the parameter's title, if it says nothing.
        on: Another day: the first or last one of each month while the value holds, or ``facts``,
            where a programme finds each merchant's own.
        lasts: ``value``, until the day before another value holds, or none; or ``month``, where the
            source prints a month without a day, so that it is some day of it.
    """

    kind: Literal["deadline", "event"]
    title: Bilingual | None = None
    on: Literal["month_first", "month_last", "facts"] | None = None
    lasts: Literal["value", "month"] | None = None

    @model_validator(mode="after")
    def _has_one_span(self) -> Self:
        if self.on and self.lasts:
            raise refuse("an entry has a day of its own and lasts", "keep one of: on, lasts")
        return self


def _kind_alone(mark: object) -> object:
    if isinstance(mark, str):
        return {"kind": mark}
    if not isinstance(mark, (Mapping, Mark)):
        raise refuse(f"{mark} is no entry of a calendar", "write deadline or event")
    return mark


# Written as the kind alone, or with a title and another day.
Calendar = Annotated[Mark, BeforeValidator(_kind_alone)]


def _known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise refuse(f"{zone!r} is no IANA zone", "write one such as Asia/Shanghai") from None
    return zone


class Clock(_Part):
    """The zone by which a programme cuts its days."""

    zone: Annotated[str, AfterValidator(_known_zone)]
    status: Literal["in_force", "assumed"] = "in_force"
    why: Why | None = None

    @model_validator(mode="after")
    def _assumed_says_why(self) -> Self:
        _with_reason(self.status, self.why)
        return self


def _known_kind(kind: object) -> object:
    if kind not in ("deck", "public", "overlay"):
        raise refuse(f"{kind} is no kind of source", "cite the deck or a public rule")
    return kind


class Source(_Part):
    """Where a value is printed: a slide of the deck, a public rule, or an overlay."""

    kind: Annotated[Literal["deck", "public", "overlay"], BeforeValidator(_known_kind)]
    slide: str | None = None
    ordinal: Annotated[int, Field(ge=1)] = 1
    title: str | None = None
    url: str | None = None
    day: dt.date | None = None

    @model_validator(mode="after")
    def _names_its_place(self) -> Self:
        if self.kind == "deck" and not self.slide:
            raise refuse("a deck source names no slide", "add slide: the slide's title")
        if self.kind == "public" and not (self.title and self.url and self.day):
            raise refuse("a public source is incomplete", "give title, url and day")
        return self

    @property
    def text(self) -> str:
        """The source as a reader looks it up: 「slide」 or the public rule's title."""
        if self.kind == "deck":
            return f"「{self.slide}」" + (f" ({self.ordinal})" if self.ordinal > 1 else "")
        return self.title or "overlay"


class Value(_Part):
    """What a parameter is from one day on, and on whose word.

    Attributes:
        when: The date or event as the source prints it, where a day alone says too little:
            「4月中旬」, or what a deferral waits for.
        means: What it means for a track that it is so, in a sentence, for the rule update.
        calendar: That it is an entry of the calendar; the parameter's mark, if it says nothing.
    """

    value: Any = Field(alias="is")
    source: str | None = None
    status: Status = "in_force"
    why: Why | None = None
    when: Bilingual | None = None
    means: Means | None = None
    calendar: Calendar | None = None

    @model_validator(mode="after")
    def _assumed_says_why(self) -> Self:
        _with_reason(self.status, self.why)
        return self


def _with_reason(status: str, why: Bilingual | None) -> None:
    if status == "assumed" and not why:
        raise refuse(
            "an assumption gives no reason", "add why: what is silent, and why this choice"
        )


def _start(day: object) -> object:
    """A start is a calendar day, or ``planned`` for what has none."""
    if day == "planned" or _is_day(day):
        return day
    raise refuse(f"{day} is no start date", "write a day such as 2021-04-15, or planned")


def _dated_start(day: object) -> object:
    if _is_day(day):
        return day
    raise refuse(
        f"{day} is no start date",
        "write a day such as 2021-04-15: an overlay dates what it changes",
    )


def _is_day(day: object) -> bool:
    if isinstance(day, str):
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day))
    return isinstance(day, dt.date) and not isinstance(day, dt.datetime)


class Parameter(_Part):
    """One quantity of a programme with its values by start date.

    Attributes:
        track: Whom it concerns; the file's, if it says nothing.
        internal: The kit's own bookkeeping, such as how an export spells a name: no news.
        optional: That the programme can do without a value; see ``may_state_none``.
        calendar: That each of its values is an entry of the calendar.
    """

    title: Bilingual
    unit: str
    values: dict[Annotated[dt.date | Literal["planned"], BeforeValidator(_start)], Value | None]
    track: Track | None = None
    internal: bool = False
    optional: bool = False
    calendar: Calendar | None = None

    @property
    def may_state_none(self) -> bool:
        """Whether a value may be null: it is optional, or is null from the first."""
        dated = {start: v for start, v in self.values.items() if isinstance(start, dt.date)}
        first = dated[min(dated)] if dated else None
        return self.optional or (first is not None and first.value is None)

    @field_validator("unit")
    @classmethod
    def _unit_is_known(cls, unit: str) -> str:
        if unit not in NUMBER_UNITS | OTHER_UNITS:
            known = ", ".join(sorted(NUMBER_UNITS | OTHER_UNITS))
            raise refuse(f"{unit!r} is no unit", f"use one of: {known}")
        return unit

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        if not self.values:
            raise refuse(
                "a parameter without values",
                "give at least one value with its start date",
                ("values",),
            )
        for start, value in self.values.items():
            if value is not None:
                place = ("values", str(start))
                check_value(value.value, self.unit, (*place, "is"))
                if (start == "planned") != (value.status == "planned"):
                    raise refuse(
                        "planned is what has no date, and only that",
                        "use the key planned together with status: planned",
                        place,
                    )
        return self


class Check(_Part):
    """A comparison as data: a measure, an operator, a parameter, and what a percentage is of.

    ``scale`` is how many decimals the measure has; of money, two, which need not be said.
    """

    measure: str
    at_least: str | None = None
    at_most: str | None = None
    equals: str | None = None
    one_of: str | None = None
    not_one_of: str | None = None
    of: str | None = None
    scale: Annotated[int, Field(ge=0, le=4)] | None = None

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        if len(self._given()) != 1:
            raise refuse(
                "a check compares in exactly one way", f"keep one of: {', '.join(OPERATORS)}"
            )
        return self

    def _given(self) -> list[tuple[str, str]]:
        named = ((name, getattr(self, name)) for name in OPERATORS)
        return [(name, parameter) for name, parameter in named if parameter is not None]

    @property
    def operator(self) -> str:
        """How it compares: one of ``OPERATORS``."""
        return self._given()[0][0]

    @property
    def parameter(self) -> str:
        """What it compares with."""
        return self._given()[0][1]

    def places(self, unit: str) -> int:
        """Return how many decimals the measure's whole numbers stand for.

        >>> Check(measure="gmv_usd", at_least="limit").places("usd")
        2
        """
        return self.scale if self.scale is not None else 2 if unit in MONEY_UNITS else 0


def _known_id(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise refuse(f"{name!r} is no id", "use small letters, digits and _, a letter first")
    return name


class RuleFile(_Part):
    """One programme's rules.

    Attributes:
        track: Whom it concerns, where its parameters do not say otherwise.
        means: What the programme is, in a sentence a track, told where it begins.
    """

    id: Annotated[str, AfterValidator(_known_id)]
    title: Bilingual
    clock: Clock
    sources: dict[str, Source]
    parameters: dict[str, Parameter]
    checks: dict[str, Check] = {}
    assumptions: dict[str, Why] = {}
    track: Track | None = None
    means: Means | None = None


class OverlayParameter(_Part):
    """The values that an overlay changes."""

    values: dict[Annotated[dt.date, BeforeValidator(_dated_start)], Value | None]


class Overlay(_Part):
    """A reform or consultation: an id and changed values, nothing else."""

    id: str
    parameters: dict[str, OverlayParameter]

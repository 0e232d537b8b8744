"""Added duties of chapter 99 by origin: which heading of a row's footnotes holds on the day.

A schedule's footnotes are of its own date. What they point to is looked up in the rules of the day
asked for; where they only name headings that are younger, an earlier edition may have named others,
and nobody can tell from this one; nor what a heading adds that is not in the rules.
"""

import datetime as dt
from fractions import Fraction
from typing import NamedTuple

from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import ProgrammeRules, Provision, on_record

_PREFIX = "added_"


class Added(NamedTuple):
    """What is added to a line's duty.

    Attributes:
        share: Of the value; zero where nothing is added.
        provision: The rule that says so, if one does.
        heading: The heading of chapter 99 that holds.
        reason: Why it cannot be told.
        named: Headings between which nobody can choose, that are too young, or not on record.
        beyond: The rule that says that what this origin bears is not on record any more.
        in_part: Whether the heading covers certain goods of a line only.
    """

    share: Fraction = Fraction()
    provision: Provision | None = None
    heading: str | None = None
    reason: Reason | None = None
    named: tuple[str, ...] = ()
    beyond: Provision | None = None
    in_part: bool = False


NOTHING = Added()


def parameter(heading: str) -> str:
    """Return the name of the rule that dates a heading.

    >>> parameter("9903.88.15")
    'added_9903_88_15'
    """
    return _PREFIX + heading.replace(".", "_")


def added(headings: tuple[str, ...], book: ProgrammeRules) -> Added:
    """Return the one added duty that holds among the headings of a row's footnotes.

    Never two. Headings with different rates cover different goods of the line, of one action as of
    several: where the younger covered the whole line, its note would stand alone (6307.90.98 names
    9903.88.15, and 9903.91.01 for its face masks). The schedule does not say which goods. A heading
    of six digits stands for those below it that are on record (9903.92: some cranes, and others).

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook().on("2021-04-29").programme("tariff")
    >>> added(("9903.88.15",), book).share, added(("9903.91.01",), book).reason.value
    (Fraction(3, 40), 'added_not_determinable')
    >>> later = rulebook().on("2024-09-27").programme("tariff")
    >>> added(("9903.88.15", "9903.91.01"), later).reason.value
    'added_ambiguous'
    """
    named = [each for heading in headings for each in _below(heading, book)]
    held = {h: found for h in named if (found := _held(h, book)) is not None}
    if not held:
        return _open(named, book)
    if len({found.value for found in held.values()}) > 1:
        return Added(reason=Reason.ADDED_AMBIGUOUS, named=tuple(held))
    heading, provision = next(iter(held.items()))
    in_part = heading in book["added_in_part"]
    return Added(Fraction(provision.value) / 100, provision, heading, in_part=in_part)


def beyond_record(origin: str | None, book: ProgrammeRules) -> Provision | None:
    """Return the rule that says that an origin's added duties are not on record on the day.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook().on("2025-02-04").programme("tariff")
    >>> beyond_record("CN", book).since.isoformat(), beyond_record("VN", book)
    ('2025-02-04', None)
    >>> beyond_record("CN", rulebook().on("2025-05-01").programme("tariff")).since.isoformat()
    '2025-02-04'
    """
    # The first notice that names an origin is what its record ends with, whatever came after.
    for provision in on_record(book.file, "origins_off_record"):
        if provision.since <= book.day and origin in provision.value:
            return provision
    return book.provision("all_origins_off_record") if book["all_origins_off_record"] else None


def _open(named: list[str], book: ProgrammeRules) -> Added:
    """Return what is to be said of headings of which none holds on the day."""
    # One that is not on record is of a later notice, or of one that nobody has looked up.
    unknown = tuple(h for h in named if parameter(h) not in book.file.parameters)
    if unknown:
        return Added(reason=Reason.ADDED_HEADING_UNKNOWN, named=unknown)
    younger = tuple(h for h in named if _first(h, book) > book.day and h not in book["added_anew"])
    return Added(reason=Reason.ADDED_NOT_DETERMINABLE, named=younger) if younger else NOTHING


def _below(heading: str, book: ProgrammeRules) -> list[str]:
    begins = f"{parameter(heading)}_"
    below = [name for name in book.file.parameters if name.startswith(begins)]
    return [name.removeprefix(_PREFIX).replace("_", ".") for name in below] or [heading]


def _held(heading: str, book: ProgrammeRules) -> Provision | None:
    name = parameter(heading)
    return next((p for p in book.provisions() if p.rule == f"{book.id}.{name}"), None)


def _first(heading: str, book: ProgrammeRules) -> dt.date:
    return min(provision.since for provision in on_record(book.file, parameter(heading)))

"""What the footnotes of a row point to beside what is counted: exclusions, other provisions.

A row of eight digits stands for the lines below it, and a footnote may be of some of these only.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from merchantkit.programmes.tariff.footnotes import HEADING, is_partly, only_names
from merchantkit.programmes.tariff.schedule import RATE_LINE, Schedule

_LISTS = ("9903.88", "9903.91", "9903.92")
_DEFINITION = re.compile(
    r"\bits associated definitional note \(U\.S\. note 20(?:\(\w+\))+ in subchapter III of "
    r"chapter 99\)"
)
# An editor's remark on the row's own rates, which may say what they are anyway.
_REMARK = re.compile(
    r"As shown in Pres\. Proc\. \d+; general rate should be (?P<general>\S+)"
    r"(?: and column 2 rate should be (?P<other>\S+))? based on prior provisions\."
)


class Pointed(NamedTuple):
    """What the lines that a row stands for are pointed to.

    Attributes:
        every: Of each of these lines.
        below: Of some of them only.
    """

    every: tuple[str, ...]
    below: tuple[str, ...]


def charging(chosen: Schedule, row: int) -> list[str]:
    """Return the headings of a row's footnotes under which something is added by origin."""
    return [
        heading for heading in chosen.added_headings(row)
        if heading.startswith("9903.") and _may_add(chosen, heading)
    ]  # fmt: skip


def _may_add(chosen: Schedule, heading: str) -> bool:
    """Whether a heading of chapter 99 adds to a duty, as far as the edition says.

    One that sets a rate or a quota instead is another provision; one that the edition does not
    have may add anything.
    """
    adds, row = chosen.adds(heading), chosen.position(heading)
    if heading.startswith(_LISTS):
        return adds != 0  # of these also one whose rate is not understood
    is_known = row is not None and len(chosen.digits[row]) >= RATE_LINE
    return adds != 0 if adds is not None else not is_known


def exclusions(chosen: Schedule, row: int) -> Pointed:
    """Return the headings where an exclusion from what is added may be found.

    >>> from merchantkit.programmes.tariff.schedule import schedule
    >>> own = schedule()
    >>> exclusions(own, own.position("3926.90.99.10"))
    Pointed(every=('9903.88.69',), below=())
    >>> exclusions(own, own.position("3926.90.99"))
    Pointed(every=(), below=('9903.88.69',))
    """
    return _of([_excluding(chosen, line) for line in chosen.stands_for(row)])


def other_provisions(chosen: Schedule, row: int) -> Pointed:
    """Return the footnotes that point to anything but what is added by origin, as published."""
    return _of([_others(chosen, line) for line in chosen.stands_for(row)])


def _of(found: Sequence[Sequence[str]]) -> Pointed:
    named = dict.fromkeys(each for own in found for each in own)
    every = tuple(each for each in named if all(each in own for own in found))
    return Pointed(every, tuple(each for each in named if each not in every))


def _excluding(chosen: Schedule, line: int) -> list[str]:
    notes = [own for _, own in chosen.notes(line)]
    named = [heading for own in notes for heading in own.excluded_by]
    named += [heading for own in notes for heading in own.headings if chosen.adds(heading) == 0]
    charged = charging(chosen, line)
    return [heading for heading in named if heading not in charged]


def _others(chosen: Schedule, line: int) -> list[str]:
    notes = chosen.notes(line)
    return [
        *(text for row, own in notes for text in own.rates
          if not (_only_lists(text) or _restates(chosen, row, text))),
        *(text for _, own in notes for text in own.others),
    ]  # fmt: skip


def _restates(chosen: Schedule, row: int, text: str) -> bool:
    """Whether a note says only what the rates of its row are, and they are that."""
    remark = _REMARK.fullmatch(text)
    return remark is not None and (
        remark["general"] == chosen.general[row] and remark["other"] in (None, chosen.other[row])
    )


def _only_lists(text: str) -> bool:
    # What defines a list, or says which goods of a line it covers, is no provision beside it.
    of_lists = all(code.startswith(_LISTS) for code in HEADING.findall(text))
    return of_lists and (is_partly(text) or only_names(_DEFINITION.sub("", text)))

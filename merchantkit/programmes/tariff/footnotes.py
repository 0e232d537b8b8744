"""What the footnotes of a schedule's rows point to: added duties, exclusions, other provisions."""

import json
import re
from functools import lru_cache
from typing import NamedTuple

HEADING = re.compile(r"99\d\d\.\d\d(?:\.\d\d)?")
_PARTLY = "without a footnote are not covered"
_BESIDE = re.compile(r"\b(?:See|and|(?:sub)?headings?)\b")
_EXCLUDES = "9903."
_SPACE = re.compile(r"\s+")


class Footnotes(NamedTuple):
    """A row's own footnotes.

    Attributes:
        rates: Of the general rate: the texts, as published.
        headings: The headings of chapter 99 that they name.
        described: Headings that the description's notes name: no duty.
        excluded_by: Of ``described``, those where an exclusion may be found: of notes that only
            point there.
        others: The description's notes that say more than that, as published.
        column_2: Headings that the notes of column 2 name.
        column_2_texts: These notes, as published.
        partly: Of ``headings``, those that hold only for lines below that name them too.
    """

    rates: tuple[str, ...]
    headings: tuple[str, ...]
    described: tuple[str, ...]
    excluded_by: tuple[str, ...]
    others: tuple[str, ...]
    column_2: tuple[str, ...]
    column_2_texts: tuple[str, ...]
    partly: tuple[str, ...]


@lru_cache(maxsize=4096)
def read(text: str) -> Footnotes:
    """Return the footnotes that a row's JSON text holds.

    >>> read('[{"columns": ["general"], "value": "See 9903.88.15. "}]').headings
    ('9903.88.15',)
    >>> found = read('[{"columns": ["desc"], "value": "See 9903.88.69."}]')
    >>> found.headings, found.excluded_by
    ((), ('9903.88.69',))
    >>> read('[{"columns": ["desc"], "value": "See 9904.12.01-9904.12.19."}]').others
    ('See 9904.12.01-9904.12.19.',)
    """
    of: dict[str, list[str]] = {"general": [], "desc": [], "other": []}
    for note in json.loads(text):
        said = _SPACE.sub(" ", note["value"]).strip()
        for column in of:
            if column in note["columns"]:
                of[column].append(said)
    partly = [said for said in of["general"] if is_partly(said)]
    excluding = [said for said in of["desc"] if _excludes(said)]
    # Which goods of a line a list covers is the list's own matter.
    others = [said for said in of["desc"] if said not in excluding and not is_partly(said)]
    return Footnotes(
        tuple(of["general"]), _named(of["general"]), _named(of["desc"]), _named(excluding),
        tuple(others), _named(of["other"]), tuple(of["other"]), _named(partly),
    )  # fmt: skip


def is_partly(text: str) -> bool:
    """Return whether a note says that a heading covers only the lines that have the note, too."""
    return _PARTLY in text


def only_names(text: str) -> bool:
    """Return whether a note only names headings of chapter 99.

    >>> only_names("See 9903.88.03 and 9903.88.69."), only_names("See General Note 6.")
    (True, False)
    """
    return not _BESIDE.sub("", HEADING.sub("", text)).strip(" .,")


def _excludes(text: str) -> bool:
    return only_names(text) and all(code.startswith(_EXCLUDES) for code in HEADING.findall(text))


def _named(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for text in texts for code in HEADING.findall(text)))

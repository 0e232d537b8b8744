"""What the footnotes of a schedule's rows point to: added duties, exclusions, other provisions."""

import json
import re
from functools import lru_cache
from typing import NamedTuple

HEADING = re.compile(r"99\d\d\.\d\d(?:\.\d\d)?")
_PARTLY = "without a footnote are not covered"
_SPACE = re.compile(r"\s+")


class Footnotes(NamedTuple):
    """A row's own footnotes.

    Attributes:
        rates: Of the general rate: the texts, as published.
        headings: The headings of chapter 99 that they name.
        excluded_by: Headings that the description's notes name: where an exclusion may be found,
            no duty.
        column_2: Headings that the notes of column 2 name.
        column_2_texts: These notes, as published.
        partly: Of ``headings``, those that hold only for lines below that name them too.
    """

    rates: tuple[str, ...]
    headings: tuple[str, ...]
    excluded_by: tuple[str, ...]
    column_2: tuple[str, ...]
    column_2_texts: tuple[str, ...]
    partly: tuple[str, ...]


@lru_cache(maxsize=4096)
def read(text: str) -> Footnotes:
    """Return the footnotes that a row's JSON text holds.

    >>> read('[{"columns": ["general"], "value": "See 9903.88.15. "}]').headings
    ('9903.88.15',)
    >>> read('[{"columns": ["desc"], "value": "See 9903.88.69."}]').headings
    ()
    """
    of: dict[str, list[str]] = {"general": [], "desc": [], "other": []}
    for note in json.loads(text):
        said = _SPACE.sub(" ", note["value"]).strip()
        for column in of:
            if column in note["columns"]:
                of[column].append(said)
    partly = [said for said in of["general"] if _PARTLY in said]
    return Footnotes(
        tuple(of["general"]), _named(of["general"]), _named(of["desc"]), _named(of["other"]),
        tuple(of["other"]), _named(partly),
    )  # fmt: skip


def _named(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for text in texts for code in HEADING.findall(text)))

"""What an answer says beside its components, in words."""

import datetime as dt
import re

from merchantkit.present.words import Words

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2}), (.*)", re.DOTALL)


def noted(kind: str, text: str, words: Words) -> str:
    """Return a note of an answer as a sentence; what the schedule says stands in it as published.

    Args:
        kind: One of ``programmes.tariff.hints.KINDS``.
        text: What the schedule or the rule says.
        words: The language.

    >>> from merchantkit.present.words import words
    >>> noted("if_qualifying", "KR: 11.5%", words("en"))
    'provided that the goods qualify under KR; otherwise the general rate: 11.5%'
    """
    first, _, rest = text.partition(": ")
    day, dated = "", _DATED.fullmatch(text)
    if dated:
        day, rest = words.day(dt.date.fromisoformat(dated[1])), dated[2]
    return words.t(f"tariff.note.{kind}", text=text, first=first, rest=rest, day=day)

"""Lines that a notice names though no footnote of the edition does.

The lists are U.S. notes 20 and 31 to subchapter III of chapter 99. The USITC's export has none of
its notes, only the footnotes that follow them, and not every one does.
"""

from collections.abc import Iterable

from merchantkit.rulebook import ProgrammeRules

_RULE = "added_by_notice"


def heading_by_notice(code: str, book: ProgrammeRules) -> str | None:
    """Return the heading under which something is added to a line by a notice of the day.

    It stands in place of the row's footnotes, which are of the edition's day.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook().on("2025-01-01").programme("tariff")
    >>> heading_by_notice("4015.12.10.20", book), heading_by_notice("4015.12.90.00", book)
    ('9903.91.05', None)
    """
    digits = code.replace(".", "")
    rows: list[dict[str, str]] = book[_RULE]
    named = (row for row in rows if digits.startswith(row["code"].replace(".", "")))
    return next((row["heading"] for row in named), None)


def told(code: str, headings: Iterable[str | None], book: ProgrammeRules) -> dict[str, str]:
    """Return what is to be told of a line whose heading comes from a notice, by kind of note.

    Args:
        code: The line's.
        headings: Those that hold, or between which nobody can choose.
        book: The rules of the day.
    """
    heading = heading_by_notice(code, book)
    if heading is None or heading not in headings:
        return {}
    rule = book.provision(_RULE)
    kind = f"{_RULE}_assumed" if rule.status == "assumed" else _RULE
    return {kind: f"{heading}: {rule.source.text}"}

"""What the command line says beside a duty: notes, and why none can be given."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from merchantkit.cli.console import inert
from merchantkit.errors import MeasureError

if TYPE_CHECKING:
    from merchantkit.programmes.tariff import Answer

_REFUSED = {
    "added_not_determinable": (
        "not determinable from this edition, whose notes name what begins after the day only",
        "load the edition of that day, or ask for a later one with --on",
    ),
    "added_heading_unknown": (
        "what the heading that the notes name adds is not on record",
        "read in chapter 99 what it adds and since when, and calculate by hand",
    ),
    "added_off_record": (
        "what is added for this origin is not on record on the day",
        "ask for an earlier day with --on, or calculate it by the notices in force",
    ),
    "added_ambiguous": (
        "the notes name lists with different rates, for different goods of the line",
        "see {where} for which goods are on which",
    ),
    "destination_without_schedule": (
        "the rules of this destination are not on record",
        "load its schedule, and add it to tariff.ruled_destinations by an overlay: the general "
        "rate is then taken, and nothing else",
    ),
    "quantities_contradict": (
        "the quantities contradict each other, or cannot be",
        "two quantities of the same thing say the same, degrees go up to 100, and a part is worth "
        "no more than the whole",
    ),
    "not_given": ("the schedule states no rate for this origin", "read the row in the schedule"),
    "rate_not_understood": ("the rate is not understood", "calculate it by hand"),
    "column_2_replaced": (
        "a rate of chapter 99 may stand in place of column 2's for this origin",
        "read in chapter 99 the heading that the footnote names: its rate, whether it replaces "
        "column 2's, and since when; calculate by hand",
    ),
    "rate_of_another_article": (
        "the rate is that of another article, or in a note",
        "ask for that article's code, or read the note",
    ),
}  # fmt: skip
# Which note of chapter 99 says what goods a heading is for; of others their own words do.
_NOTES = {"9903.88": "U.S. note 20", "9903.91": "U.S. note 31"}


def note_line(kind: str, text: str) -> str:
    """Return a note of an answer as a line; the schedule's words in it are inert."""
    from merchantkit.present.tariff_notes import noted
    from merchantkit.present.words import words

    return noted(kind, inert(text), words("en"))


def options(needs: Iterable[str]) -> str:
    """Return the options by which quantities are given that rates ask for.

    >>> options(["each", "USD on the case"])
    "--qty 'each=N' --qty 'case=N'"
    """
    return " ".join(f"--qty '{_bare(name)}=N'" for name in needs)


def refusal(answer: "Answer") -> MeasureError:
    """Return why no duty can be given, and what to do."""
    if answer.needs:
        return MeasureError(
            f"the rate asks for {', '.join(answer.needs)}",
            where=f"{answer.us_code}, {answer.components[0].text}",
            remedy=f"add {options(answer.needs)}",
        )  # fmt: skip
    told = dict(answer.notes)
    said = told.get(answer.reason or "", answer.components[0].text)
    reason = answer.reason or ""
    if reason == "added_not_determinable" and "added_off_record" in told:
        reason, said = "added_off_record", f"from {told['added_off_record']}"
    elif "column_2_provision" in told:
        said = f"{said}; {told['column_2_provision']}"
    why, remedy = _REFUSED[reason]
    if reason == "added_ambiguous":
        remedy = remedy.format(where=_where_goods(told[reason].split()))
    return MeasureError(
        f"no duty can be given: {why}", where=f"{answer.us_code}: {inert(said)}", remedy=remedy
    )


def _where_goods(headings: list[str]) -> str:
    """Return where chapter 99 says which goods its headings are for."""
    by_place: dict[str, list[str]] = {}
    for heading in headings:
        place = _NOTES.get(heading.rpartition(".")[0], "the headings' own words")
        by_place.setdefault(place, []).append(heading)
    places = (f"{place} ({', '.join(named)})" for place, named in by_place.items())
    return f"{' and '.join(places)} in subchapter III of chapter 99"


def _bare(name: str) -> str:
    return name.removeprefix("USD on the ").partition(" (")[0]

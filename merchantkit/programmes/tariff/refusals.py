"""What is said to a code or unit that leads nowhere: what is near, and what to do.

Errors that a question may raise have a kind and parts, from which a page makes words of its own.
"""

from collections.abc import Iterable

from merchantkit.errors import MeasureError
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.lookup import Found, Match
from merchantkit.programmes.tariff.schedule import Schedule

# Each has words, tariff.refused.<it>; a part of it may have words too, told where there is one.
KINDS = (
    "code_malformed", "code_provision", "code_not_in_edition", "code_unknown", "unit_unknown",
    "value_wrong", "quantity_wrong", "quantity_not_written", "too_many_quantities",
    "origin_unknown", "destination_unknown", "no_search_word", "no_goods", "edition_unknown",
    "edition_of_another_country", "schedule_missing", "not_in_force",
)  # fmt: skip
_SHOWN = 13
_CHINESE = "--chinese (chinese=True)"


def of_code(chosen: Schedule, code: str, found: Found) -> MeasureError:
    """Return the error for a code that was not found."""
    edition = f"edition {chosen.edition.name} of {chosen.edition.dated}"
    codes = [chosen.code(row) for row in found.rows]
    listed = _listed(codes)
    parts = {"code": code[:40], "edition": chosen.edition.name, "listed": listed}
    if found.match is Match.MALFORMED:
        return MeasureError(
            f"{code[:40]!r} is no tariff code",
            remedy="write ten, eight or six digits, with or without dots: 6104.42.00.10",
            kind="code_malformed", parts=parts,
        )  # fmt: skip
    if found.match is Match.PROVISION:
        return MeasureError(
            f"{code[:40]} is in chapter {found.digits[:2]}, which has provisions and no goods",
            where=edition, remedy="ask for the code of the goods themselves, in chapters 1 to 97",
            kind="code_provision", parts={**parts, "chapter": found.digits[:2]},
        )  # fmt: skip
    six = f"{found.digits[:4]}.{found.digits[4:6]}"
    if found.match is Match.RETIRED:
        above, rated = f"{six}.{found.digits[6:8]}", _rated(chosen, found.digits[:6])
        return MeasureError(
            f"{code[:40]} is not in this edition: as a US code it would be one of those below "
            f"{above}, which are: {listed}; as a Chinese code its first six digits may be: "
            f"{rated}",
            where=edition, count=len(codes),
            remedy=f"ask for one of them, or for {above}; of a Chinese code, for {six}, or add "
            f"{_CHINESE}",
            kind="code_not_in_edition",
            parts={**parts, "above": above, "six": six, "rated": rated},
        )  # fmt: skip
    small = ", the kit's excerpt" if chosen.edition.excerpt else ""
    load = "; load the whole schedule: merchantkit tariff load FILE" if small else ""
    # What is written as a US code is read as China's only if somebody says so.
    by_six = bool(chosen.lines_below(found.digits[:6]))
    other = f"; of a Chinese code, add {_CHINESE}" if by_six else ""
    return MeasureError(
        f"there is no code {code[:40]}", where=edition + small,
        remedy=f"the nearest are: {listed or 'none'}{other}{load}", kind="code_unknown",
        parts={**parts, "six": six if by_six else "", "excerpt": chosen.edition.excerpt},
    )  # fmt: skip


def _rated(chosen: Schedule, digits: str) -> str:
    """Return the rate lines below some digits, each with its general rate."""
    rows = dict.fromkeys(int(chosen.general_row[row]) for row in chosen.lines_below(digits))
    return _listed([f"{chosen.code(row)} ({chosen.general[row]})" for row in rows])


def _listed(codes: list[str]) -> str:
    return ", ".join(codes[:_SHOWN]) + (" …" if len(codes) > _SHOWN else "")


def refuse_unknown_units(names: Iterable[str]) -> None:
    """Raise a MeasureError for units that nobody knows."""
    unknown = [name for name in names if units.unit(name) is None]
    if unknown:
        raise MeasureError(
            f"{', '.join(repr(name[:24]) for name in unknown)} is no unit that a rate names",
            remedy="write kg, doz, No., pr., liter, m2 …, or the part of the article as the rate "
            "says it: battery, kg on lead content",
            kind="unit_unknown", parts={"units": ", ".join(name[:24] for name in unknown)},
        )  # fmt: skip

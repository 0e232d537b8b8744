"""What is said to a code or unit that leads nowhere: what is near, and what to do."""

from collections.abc import Iterable

from merchantkit.errors import MeasureError
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.lookup import Found, Match
from merchantkit.programmes.tariff.schedule import Schedule

_SHOWN = 13
_CHINESE = "--chinese (chinese=True)"


def of_code(chosen: Schedule, code: str, found: Found) -> MeasureError:
    """Return the error for a code that was not found."""
    edition = f"edition {chosen.edition.name} of {chosen.edition.dated}"
    codes = [chosen.code(row) for row in found.rows]
    listed = ", ".join(codes[:_SHOWN]) + (" …" if len(codes) > _SHOWN else "")
    if found.match is Match.MALFORMED:
        return MeasureError(
            f"{code[:40]!r} is no tariff code",
            remedy="write ten, eight or six digits, with or without dots: 6104.42.00.10",
        )
    if found.match is Match.PROVISION:
        return MeasureError(
            f"{code[:40]} is in chapter {found.digits[:2]}, which has provisions and no goods",
            where=edition, remedy="ask for the code of the goods themselves, in chapters 1 to 97",
        )  # fmt: skip
    six = f"{found.digits[:4]}.{found.digits[4:6]}"
    if found.match is Match.RETIRED:
        above = f"{six}.{found.digits[6:8]}"
        return MeasureError(
            f"{code[:40]} is not in this edition: as a US code it would be one of those below "
            f"{above}, which are: {listed}; as a Chinese code its first six digits may be: "
            f"{_rated(chosen, found.digits[:6])}",
            where=edition, count=len(codes),
            remedy=f"ask for one of them, or for {above}; of a Chinese code, for {six}, or add "
            f"{_CHINESE}",
        )  # fmt: skip
    small = ", the kit's excerpt" if chosen.edition.excerpt else ""
    load = "; load the whole schedule: merchantkit tariff load FILE" if small else ""
    # What is written as a US code is read as China's only if somebody says so.
    other = f"; of a Chinese code, add {_CHINESE}" if chosen.lines_below(found.digits[:6]) else ""
    return MeasureError(
        f"there is no code {code[:40]}", where=edition + small,
        remedy=f"the nearest are: {listed or 'none'}{other}{load}",
    )  # fmt: skip


def _rated(chosen: Schedule, digits: str) -> str:
    """Return the rate lines below some digits, each with its general rate."""
    rows = dict.fromkeys(int(chosen.general_row[row]) for row in chosen.lines_below(digits))
    told = [f"{chosen.code(row)} ({chosen.general[row]})" for row in rows]
    return ", ".join(told[:_SHOWN]) + (" …" if len(told) > _SHOWN else "")


def refuse_unknown_units(names: Iterable[str]) -> None:
    """Raise a MeasureError for units that nobody knows."""
    unknown = [name for name in names if units.unit(name) is None]
    if unknown:
        raise MeasureError(
            f"{', '.join(repr(name[:24]) for name in unknown)} is no unit that a rate names",
            remedy="write kg, doz, No., pr., liter, m2 …, or the part of the article as the rate "
            "says it: battery, kg on lead content",
        )

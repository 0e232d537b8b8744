"""Export lines of a month with what the schedule says of their codes."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from merchantkit import checks
from merchantkit.columns import Flags, arrow, coded
from merchantkit.days import Month, as_day
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.reasons import Reason
from merchantkit.programmes.tariff.lines import MOST_UNITS, MOST_USD
from merchantkit.programmes.tariff.lookup import Found, Match, find
from merchantkit.programmes.tariff.notices import heading_by_notice
from merchantkit.programmes.tariff.origins import spelled
from merchantkit.programmes.tariff.pointers import charging, exclusions, other_provisions
from merchantkit.programmes.tariff.schedule import Schedule, schedule
from merchantkit.rulebook import ProgrammeRules

# What is beyond calculation is missing, with its reason: one line's slip stops nobody's month.
_LINES = """
SELECT line_id, merchant_id, product, hs_code, us_code AS us_code_given, exported_on, origin,
    destination, CASE WHEN value_usd < $usd THEN value_usd END AS value_usd,
    CASE WHEN value_usd >= $usd THEN $beyond END AS value_usd_reason,
    CASE WHEN quantity_1 < $units THEN quantity_1 END AS quantity_1, unit_1,
    CASE WHEN quantity_2 < $units THEN quantity_2 END AS quantity_2, unit_2,
    CASE WHEN quantity_3 < $units THEN quantity_3 END AS quantity_3, unit_3,
    CASE WHEN quantity_4 < $units THEN quantity_4 END AS quantity_4, unit_4
FROM export_lines WHERE exported_on BETWEEN $first AND $day
ORDER BY merchant_id, exported_on, line_id
"""
_FOUND = ("us_code", "rate_row", "general_rate", "general_rate_reason", "special_rate",
          "column_2_rate", "added_headings", "column_2_headings", "may_be_excluded",
          "may_be_excluded_below", "other_provisions")  # fmt: skip
_ELSEWHERE = {
    **dict.fromkeys(name for name in _FOUND if name not in ("us_code", "rate_row")),
    "general_rate_reason": Reason.DESTINATION_WITHOUT_SCHEDULE.value,
}


def measured(
    warehouse: Warehouse, day: dt.date | str, book: ProgrammeRules, edition: str | None = None
) -> pd.DataFrame:
    """Return the lines exported from the first of a day's month up to that day; see ``measure``."""
    as_of = as_day(day)
    first = Month.of(as_of).first
    asked = {
        "first": first, "day": as_of, "usd": MOST_USD, "units": MOST_UNITS,
        "beyond": Reason.BEYOND_MONEY.value,
    }  # fmt: skip
    lines = warehouse.frame(_LINES, asked)
    chosen = schedule(warehouse, edition, on=book.day)
    for name in ("origin", "destination"):
        lines[name] = spelled(lines[name])
    given = lines.pop("us_code_given")
    codes = given.fillna(lines["hs_code"])
    # A code that the merchant gives for the US is the US's; any other is as the rules read it.
    is_chinese = given.isna() & (book["declared_as"] == "chinese")
    whose = coded(is_chinese.to_numpy(dtype=np.int64), (" us", " cn"), lines.index)
    keys = arrow(codes.str.cat(whose)).dictionary_encode()
    told = described(chosen, keys.dictionary.to_pylist(), book)
    nothing = {**dict.fromkeys(_FOUND), "general_rate_reason": Reason.NOT_GIVEN.value}
    rows = [*told.values(), nothing]  # the last of them where there is no code at all
    which = np.asarray(keys.indices.fill_null(len(told))).astype(np.int64)
    elsewhere = _elsewhere(lines["destination"], chosen)
    if bool(elsewhere.any()):
        # What another country asks, this edition does not say.
        which = np.where(elsewhere, which + len(rows), which)
        rows += [{**row, **_ELSEWHERE} for row in rows]
    for name in _FOUND:
        lines[name] = coded(which, [row[name] for row in rows], lines.index)
    lines["edition"] = pd.Series(chosen.edition.name, index=lines.index, dtype=checks.TEXT)
    dated = pd.ArrowDtype(pa.date32())
    lines["edition_dated"] = pd.Series(chosen.edition.dated, index=lines.index, dtype=dated)
    return lines


def _elsewhere(destination: "pd.Series[Any]", chosen: Schedule) -> Flags:
    """Return which lines go to another country than the one whose duties the edition has."""
    there = (destination == chosen.edition.country) | destination.isna()
    return ~there.to_numpy(dtype=bool, na_value=True)


def described(
    chosen: Schedule, keys: Iterable[str], book: ProgrammeRules
) -> dict[str, dict[str, Any]]:
    """Return what a schedule says of each code: ``6104420010 us``, ``3926909090 cn``."""
    told = {}
    for key in keys:
        code, _, whose = key.rpartition(" ")
        told[key] = of_code(
            chosen, find(chosen, code, chinese=whose == "cn", american=whose == "us"), book
        )
    return told


def of_code(chosen: Schedule, found: Found, book: ProgrammeRules) -> dict[str, Any]:
    """Return a found code's rates and footnotes as measures; of several the reason why none."""
    if found.match is not Match.FOUND:
        reason = {
            Match.CANDIDATES: Reason.SEVERAL_CANDIDATES, Match.RETIRED: Reason.CODE_RETIRED,
        }.get(found.match, Reason.CODE_UNKNOWN)  # fmt: skip
        return {**dict.fromkeys(_FOUND), "general_rate_reason": reason.value}
    row = found.rows[0]
    excluded = exclusions(chosen, row)
    others = other_provisions(chosen, row)
    return {
        "us_code": chosen.code(row),
        "rate_row": chosen.code(int(chosen.general_row[row])),
        "general_rate": chosen.general[row] or None,
        "general_rate_reason": None,
        "special_rate": chosen.special[row] or None,
        "column_2_rate": chosen.other[row] or None,
        "added_headings": " ".join(_added_headings(chosen, row, book)) or None,
        "column_2_headings": " ".join(chosen.column_2_headings(row)) or None,
        "may_be_excluded": " ".join(excluded.every) or None,
        "may_be_excluded_below": " ".join(excluded.below) or None,
        "other_provisions": " ".join([*others.every, *others.below]) or None,
    }


def _added_headings(chosen: Schedule, row: int, book: ProgrammeRules) -> list[str]:
    is_ruled = chosen.edition.country == book["origin_rules_of"]
    by_notice = heading_by_notice(chosen.code(row), book) if is_ruled else None
    return charging(chosen, row) if by_notice is None else [by_notice]

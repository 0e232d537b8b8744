"""Whom a programme concerns: said here alone, for one merchant's slice as for everyone.

Who is not concerned by a programme is told so in a line, and shown none of its rules. So a change
of those rules changes nothing that such a merchant reads, and no page of theirs is made again.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit.assessment.parts import ProgrammeMonth
from merchantkit.programmes import programme


def concerned(name: str, measures: pd.DataFrame) -> NDArray[np.bool_]:
    """Return for each row whether a programme concerns its subject: something is known of it.

    A count, an amount or a moment is known where it is not missing (0 is known); a flag says
    something only where it is set (not enrolled, as nearly everyone, is no reason to be told of a
    campaign). Ids, codes and names are the merchant's, whatever the programme.

    Args:
        name: The programme's.
        measures: As its ``measure`` gives them, for one merchant or for all.

    >>> board = pd.DataFrame({"visitors_during": [0, None], "enrolled": [None, False]})
    >>> concerned("campaign", board).tolist()
    [True, False]
    """
    found = np.zeros(len(measures), dtype=bool)
    for column, is_flag in _telling(name).items():
        if column in measures:
            values = measures[column]
            says = values.fillna(False) if is_flag else values.notna()
            found |= says.to_numpy(dtype=bool)
    return found


def concerns_any(name: str, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Return the same for rows as a slice holds them, whoever's they are: does it concern any?

    A page asks this, and a frame of its one row would cost it more than the page's own work.

    >>> concerns_any("campaign", [{"visitors_during": None, "enrolled": True}])
    True
    """
    telling = _telling(name).items()
    told = ((row.get(column), is_flag) for row in rows for column, is_flag in telling)
    return any(value if is_flag else value is not None for value, is_flag in told)


@cache
def _telling(name: str) -> Mapping[str, bool]:
    """Return the columns of a programme's measures that can say something → whether a flag."""
    module = programme(name)
    kinds = {**module.COLUMNS, **module.OPTIONAL}.items()
    return {column: kind == "flag" for column, kind in kinds if kind not in ("id", "code", "text")}


def concerns(name: str, measures: pd.DataFrame) -> "pd.Series[bool]":
    """Return merchant_id → whether a programme concerns it, for every merchant of the measures."""
    rows = pd.Series(concerned(name, measures), index=measures["merchant_id"].astype(str))
    return rows.groupby(level=0).any() if rows.index.has_duplicates else rows


def of_month(name: str, month: ProgrammeMonth) -> "pd.Series[bool]":
    """Return merchant_id → whether a programme concerns it, for everyone of whom it has a row.

    Who stands in a further frame that the programme names (its ``CONCERNS``) is concerned, too.
    """
    flags = concerns(name, month.measures)
    for part in _frames(name):
        if month.has(part):
            named = pd.Index(month.details[part]["merchant_id"].astype(str).unique())
            flags = flags.reindex(flags.index.union(named), fill_value=False)
            flags[named] = True
    return flags


def concerns_one(name: str, month: ProgrammeMonth) -> bool:
    """Return the same of one merchant's part of a month, of which a page reads rows alone."""
    named = any(month.has(part) and month.rows(part) for part in _frames(name))
    return named or concerns_any(name, month.rows("measures"))


def _frames(name: str) -> tuple[str, ...]:
    parts: tuple[str, ...] = getattr(programme(name), "CONCERNS", ())
    return parts

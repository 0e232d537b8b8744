"""What a month keeps of a programme beside measures, outcome and explanation: further frames.

A programme's own module offers them as ``details``; those of this room are found by its name.
"""

import datetime as dt
from collections.abc import Callable, Mapping

import pandas as pd

from merchantkit.facts.warehouse import Warehouse
from merchantkit.foresight import rolloff
from merchantkit.programmes import programme, rfq
from merchantkit.rulebook import Rules

Details = Callable[
    [Warehouse, dt.date, Rules, pd.DataFrame, pd.DataFrame], Mapping[str, pd.DataFrame]
]
# What looks ahead is made of measure and assess, so no programme could offer it itself.
_AHEAD: dict[str, Details] = {rfq.name: rolloff.details}


def details(
    name: str,
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return a programme's further frames by name, each with a ``merchant_id``; none for most.

    Args:
        name: The programme's.
        warehouse: The facts.
        day: The day as of which they were measured.
        rules: The rules by which they were assessed.
        measures: Everyone's, as ``measure`` gave them.
        outcome: What ``assess`` made of those.
    """
    own: Details | None = getattr(programme(name), "details", None)
    frames: dict[str, pd.DataFrame] = {}
    for offered in (own, _AHEAD.get(name)):
        if offered is not None:
            frames |= offered(warehouse, day, rules, measures, outcome)
    return frames

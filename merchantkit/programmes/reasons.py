"""Why a value is missing: the codes in ``<column>_reason`` (their words are in present/)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pandas as pd

from merchantkit.checks import TEXT


class Reason(StrEnum):
    """Every reason for which the programmes leave a value empty."""

    NOT_GIVEN = "not_given"
    NO_ORDER_FACTS = "no_order_facts"
    NO_ENTITLEMENT_FACTS = "no_entitlement_facts"
    NO_FREE_QUOTES_GRANTED = "no_free_quotes_granted"
    MORE_USED_THAN_GRANTED = "more_used_than_granted"
    TRACK_UNKNOWN = "track_unknown"
    NO_TRAFFIC_FACTS = "no_traffic_facts"
    NO_COUNTS_BEFORE = "no_counts_before"
    NO_COUNTS_DURING = "no_counts_during"
    NO_SPEND = "no_spend"
    NOT_ENROLLED = "not_enrolled"
    ADS_OFF = "ads_off"


def first_reason(
    facts: pd.DataFrame, names: list[str], default: Reason = Reason.NOT_GIVEN
) -> "pd.Series[Any]":
    """Return, for each row, why the first of these columns that is missing is missing.

    The reason is the column's own ``<column>_reason`` where the frame has it, else ``default``.
    """
    found = pd.Series(pd.NA, index=facts.index, dtype=TEXT)
    for name in names:
        own = facts.get(f"{name}_reason")
        stated = own if own is not None else pd.Series(pd.NA, index=facts.index, dtype=TEXT)
        reason = stated.fillna(default.value)
        found = found.fillna(reason.mask(facts[name].notna()))
    return found


def beside(values: Mapping[str, "pd.Series[Any]"], reasons: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns with ``<column>_reason`` beside each, filled where the value is missing."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        columns[name] = value
        if name in reasons:
            columns[f"{name}_reason"] = reasons[name].mask(value.notna())
    return columns

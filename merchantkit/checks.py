"""The one place where a threshold is compared.

A check is data (a measure, an operator, a parameter, and for a share what it is a share of); this
module evaluates it on whole columns in integers and keeps what was observed, what was required,
whether it was met and what is missing. Outcomes are reduced from these, so that an answer and its
explanation cannot disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

import pandas as pd
import pyarrow as pa

from merchantkit.money import cents, from_cents, portion
from merchantkit.rulebook import ProgrammeRules, Provision
from merchantkit.rulebook.model import Check
from merchantkit.rulebook.values import MONEY_UNITS

TEXT = pd.ArrowDtype(pa.string())

EXPLANATION_COLUMNS = (
    "subject", "check", "observed", "required", "met", "gap",
    "unit", "rule", "since", "status", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """One check on every row.

    Attributes:
        observed: What was measured: whole units (``Int64``, money in cents), text or flag.
        required: What it was compared with, in the same units; for a share, the whole number of
            units that reaches it.
        met: ``boolean``; missing where the measure is missing, false where a share is of nothing.
        gap: What is still missing (or too much), never negative; missing where no number helps.
        unit: The unit of observed, required and gap.
    """

    name: str
    provision: Provision
    observed: "pd.Series[Any]"
    required: "pd.Series[Any]"
    met: "pd.Series[Any]"
    gap: "pd.Series[Any]"
    unit: str


def evaluate(facts: pd.DataFrame, rules: ProgrammeRules) -> dict[str, Verdict]:
    """Return every check of a programme whose measure the frame has, on every row.

    Args:
        facts: Measures as ``door.read`` gives them (whole numbers, money in cents).
        rules: The programme's rules on a day.
    """
    return {
        name: _verdict(name, check, facts, rules)
        for name, check in rules.checks.items()
        if check.measure in facts.columns
    }


def all_met(verdicts: Iterable[Verdict]) -> "pd.Series[Any]":
    """Return whether all are met: false if any is not, missing if that cannot be known."""
    return reduce(lambda left, right: left & right, (verdict.met for verdict in verdicts))


def group(verdicts: Mapping[str, Verdict], prefix: str) -> list[Verdict]:
    """Return the verdicts of one group: those called ``prefix.…``."""
    return [verdict for name, verdict in verdicts.items() if name.startswith(f"{prefix}.")]


def _verdict(name: str, check: Check, facts: pd.DataFrame, rules: ProgrammeRules) -> Verdict:
    provision = rules.provision(check.parameter)
    observed = facts[check.measure]
    if check.operator in ("at_least", "at_most"):
        return _number(name, check, facts, provision)
    wanted = provision.value
    if check.operator == "equals":
        met = (observed == wanted).astype("boolean")
    else:
        inside = observed.isin(wanted).astype("boolean").mask(observed.isna())
        met = inside if check.operator == "one_of" else ~inside
    required = pd.Series(_as_text(wanted), index=observed.index, dtype=TEXT)
    no_gap = pd.Series(pd.NA, index=observed.index, dtype="Int64")
    return Verdict(name, provision, observed, required, met, no_gap, provision.unit)


def _number(name: str, check: Check, facts: pd.DataFrame, provision: Provision) -> Verdict:
    observed = facts[check.measure]
    required = (
        _constant(provision, observed.index)
        if check.of is None
        else _share(facts[check.of], provision, check.operator)
    )
    met = (observed >= required) if check.operator == "at_least" else (observed <= required)
    gap = (required - observed) if check.operator == "at_least" else (observed - required)
    if check.of is not None:
        # Nothing was granted, so no share of it can be reached: not met, and no number helps.
        nothing = (facts[check.of] == 0).fillna(False)
        met, observed = met.mask(nothing, False), observed.mask(nothing)
        gap, required = gap.mask(nothing), required.mask(nothing)
    unit = provision.unit if check.of is None else _unit_of(check.measure)
    return Verdict(
        name, provision, observed, required, met.astype("boolean"), gap.clip(lower=0), unit
    )


def _constant(provision: Provision, index: pd.Index) -> "pd.Series[Any]":
    limit = provision.value
    if limit is not None:
        limit = cents(limit) if provision.unit in MONEY_UNITS else _whole(limit, provision)
    return pd.Series(pd.NA if limit is None else limit, index=index, dtype="Int64")


def _share(whole: "pd.Series[Any]", provision: Provision, operator: str) -> "pd.Series[Any]":
    # used × 10,000 ≥ granted × basis points holds exactly when used ≥ the quotient rounded up,
    # and ≤ exactly when used ≤ the quotient rounded down.
    basis_points = _whole(Decimal(provision.value) * 100, provision)
    return portion(whole, basis_points, "up" if operator == "at_least" else "down")


def _whole(number: int | Decimal, provision: Provision) -> int:
    if number != int(number):
        raise ValueError(f"{provision.rule} = {number} is finer than the measure it limits")
    return int(number)


def _unit_of(measure: str) -> str:
    return "quote" if "quotes" in measure else measure.rpartition("_")[2]


def explanation(subjects: "pd.Series[Any]", verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the long, readable form: one row per subject and check.

    Args:
        subjects: The id of each row.
        verdicts: What ``evaluate`` gave, perhaps for fewer rows' worth of subjects.

    Returns:
        The columns of ``EXPLANATION_COLUMNS``; observed, required and gap are text (money with two
        decimals), met is ``boolean``, since is a day.
    """
    parts = [_rows(subjects, verdict) for verdict in verdicts]
    if not parts:
        return pd.DataFrame(columns=list(EXPLANATION_COLUMNS))
    long = pd.concat(parts)
    order = long.index.to_series().map({label: i for i, label in enumerate(subjects.index)})
    return long.iloc[order.to_numpy().argsort(kind="stable")].reset_index(drop=True)


def _rows(subjects: "pd.Series[Any]", verdict: Verdict) -> pd.DataFrame:
    rows = subjects.index
    provision = verdict.provision
    return pd.DataFrame(
        {
            "subject": subjects.astype(TEXT),
            "check": pd.Series(verdict.name, index=rows, dtype=TEXT),
            "observed": _text(verdict.observed.loc[rows], verdict.unit),
            "required": _text(verdict.required.loc[rows], verdict.unit),
            "met": verdict.met.loc[rows],
            "gap": _text(verdict.gap.loc[rows], verdict.unit),
            "unit": pd.Series(verdict.unit, index=rows, dtype=TEXT),
            "rule": pd.Series(provision.rule, index=rows, dtype=TEXT),
            "since": pd.Series(provision.since, index=rows, dtype=pd.ArrowDtype(pa.date32())),
            "status": pd.Series(provision.status, index=rows, dtype=TEXT),
            "source": pd.Series(provision.source.text, index=rows, dtype=TEXT),
        }
    )


def _text(values: "pd.Series[Any]", unit: str) -> "pd.Series[Any]":
    if unit in MONEY_UNITS and pd.api.types.is_integer_dtype(values.dtype):
        values = from_cents(values)
    array = pa.array(values.array, from_pandas=True)
    return pd.Series(pd.array(array.cast(pa.string()), dtype=TEXT), index=values.index)


def _as_text(wanted: object) -> str:
    if isinstance(wanted, list):
        return ", ".join(str(item) for item in wanted)
    return str(wanted).lower() if isinstance(wanted, bool) else str(wanted)

"""The one place where a threshold is compared.

A check is data (a measure, an operator, a parameter, and for a share what it is a share of); this
module evaluates it on whole columns in integers and keeps what was observed, what was required,
whether it was met and what is missing. Outcomes are reduced from these, so that an answer and its
explanation cannot disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from operator import and_
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.columns import Column
from merchantkit.days import day_number, utc_seconds
from merchantkit.errors import RuleFileError
from merchantkit.money import from_units, portion
from merchantkit.rulebook import ProgrammeRules, Provision
from merchantkit.rulebook.model import Check
from merchantkit.rulebook.values import NUMBER_UNITS

TEXT = pd.ArrowDtype(pa.string())

EXPLANATION_COLUMNS = (
    "subject", "check", "observed", "required", "met", "gap",
    "unit", "rule", "since", "status", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """One check on every row.

    ``observed``, ``required``, ``met`` and ``gap`` are Series, made when they are asked for; what a
    programme calculates with are the columns that they are made of.

    Attributes:
        name: The check.
        provision: The parameter that it compares with.
        unit: The unit of observed, required and gap.
        index: The rows.
        operator: How it compares.
        seen: What was measured: whole units (money in cents, moments in seconds and days in days
            since 1970); text or flags as they are.
        needed: What it was compared with, in the same units; for a share, the whole number of
            units that reaches it; for a text or flag, its text; not known where the rule states
            none.
        reached: Whether it is met; not known where the measure or what is needed is not, false
            where a share is of nothing.
        places: How many decimals of that unit their whole numbers stand for: of money, two.
        zone: The clock on which moments are written.
    """

    name: str
    provision: Provision
    unit: str
    index: pd.Index
    operator: str
    seen: "Column | pd.Series[Any]"
    needed: Column | str
    reached: Column
    places: int = 0
    zone: str = "UTC"

    @cached_property
    def short(self) -> Column:
        """What is still missing (or too much), never negative; not known where no number helps."""
        if not isinstance(self.seen, Column) or not isinstance(self.needed, Column):
            return Column.unknown(len(self.index))
        if self.unit in ("moment", "date"):
            # Nobody can be told to do something so many seconds or days earlier.
            return Column.unknown(len(self.index))
        ends = self.needed, self.seen
        more, less = ends if self.operator == "at_least" else reversed(ends)
        return (more - less).least(0)

    @cached_property
    def observed(self) -> "pd.Series[Any]":
        """What was measured: ``Int64``, text or flag."""
        return self.seen.series(self.index) if isinstance(self.seen, Column) else self.seen

    @cached_property
    def required(self) -> "pd.Series[Any]":
        """What it was compared with: ``Int64``, or text."""
        if isinstance(self.needed, Column):
            return self.needed.series(self.index)
        return pd.Series(self.needed, index=self.index, dtype=TEXT)

    @cached_property
    def met(self) -> "pd.Series[Any]":
        """Whether it is met: ``boolean``."""
        return self.reached.series(self.index)

    @cached_property
    def gap(self) -> "pd.Series[Any]":
        """What is missing: ``Int64``."""
        return self.short.series(self.index)


def evaluate(facts: pd.DataFrame, rules: ProgrammeRules) -> dict[str, Verdict]:
    """Return every check of a programme whose measure the frame has, on every row.

    Args:
        facts: Measures as ``door.read`` gives them (whole numbers, money in cents).
        rules: The programme's rules on a day.
    """
    measures = _Measures(facts)
    return {
        name: _verdict(name, check, measures, rules)
        for name, check in rules.checks.items()
        if check.measure in facts.columns
    }


class _Measures:
    """The facts, each of whose columns is made an array of once, however many checks read it."""

    def __init__(self, facts: pd.DataFrame) -> None:
        self.facts = facts
        self.index = facts.index
        self._columns: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = Column.of(self.facts[name])
        return self._columns[name]


def all_reached(verdicts: Iterable[Verdict]) -> Column:
    """Return whether all are met: false if any is not, not known if that cannot be known."""
    return reduce(and_, (verdict.reached for verdict in verdicts))


def group(verdicts: Mapping[str, Verdict], prefix: str) -> list[Verdict]:
    """Return the verdicts of one group: those called ``prefix.…``."""
    return [verdict for name, verdict in verdicts.items() if name.startswith(f"{prefix}.")]


def _verdict(name: str, check: Check, measures: _Measures, rules: ProgrammeRules) -> Verdict:
    provision = rules.provision(check.parameter)
    if check.operator in ("at_least", "at_most"):
        return _number(name, check, measures, provision, rules.clock.zone)
    observed, wanted = measures.facts[check.measure], provision.value
    return Verdict(
        name,
        provision,
        provision.unit,
        observed.index,
        check.operator,
        seen=observed,
        needed=Column.unknown(len(observed)) if wanted is None else _as_text(wanted),
        reached=_matched(observed, check.operator, wanted),
    )


def _matched(observed: "pd.Series[Any]", operator: str, wanted: Any) -> Column:
    if wanted is None:
        return Column.unknown(len(observed), bool)
    matched = observed == wanted if operator == "equals" else observed.isin(wanted)
    reached = Column(matched.to_numpy(dtype=bool, na_value=False), observed.notna().to_numpy())
    return ~reached if operator == "not_one_of" else reached


def _number(
    name: str, check: Check, measures: _Measures, provision: Provision, zone: str
) -> Verdict:
    seen, granted = measures[check.measure], None
    unit = provision.unit if check.of is None else _unit_of(check.measure)
    places = check.places(unit)
    if check.of is None:
        needed = _constant(_limit(provision, places, zone), len(measures.index))
    else:
        granted = measures[check.of]
        needed = _share(granted, provision, check.operator)
    reached = seen >= needed if check.operator == "at_least" else seen <= needed
    if granted is not None:
        # Nothing was granted, so no share of it can be reached: not met, and no number helps.
        nothing = granted.equal(0)
        reached = Column(reached.values & ~nothing, reached.known | nothing)
        seen, needed = seen.hidden(nothing), needed.hidden(nothing)
    return Verdict(
        name, provision, unit, measures.index, check.operator, seen, needed, reached, places, zone
    )


def _constant(limit: int | None, rows: int) -> Column:
    return Column.unknown(rows) if limit is None else Column.constant(limit, rows)


def _limit(provision: Provision, places: int, zone: str) -> int | None:
    if provision.value is None:
        return None
    if provision.unit == "moment":
        return utc_seconds(provision.value, zone)
    if provision.unit == "date":
        return day_number(provision.value)
    return _whole(Decimal(provision.value).scaleb(places), provision)


def _share(granted: Column, provision: Provision, operator: str) -> Column:
    if provision.value is None:
        return Column.unknown(len(granted.values))
    # used × 10,000 ≥ granted × basis points holds exactly when used ≥ the quotient rounded up,
    # and ≤ exactly when used ≤ the quotient rounded down.
    basis_points = _whole(Decimal(provision.value) * 100, provision)
    part = portion(granted.values, basis_points, "up" if operator == "at_least" else "down")
    return Column(part, granted.known)


def _whole(number: int | Decimal, provision: Provision) -> int:
    # Files are refused before (rulebook/lint); rules can be made without one.
    if number != int(number):
        raise RuleFileError(
            f"{provision.value} is finer than the measure that it limits",
            where=provision.rule,
            remedy="give it no more decimals than the measure has",
        )
    return int(number)


def _unit_of(measure: str) -> str:
    # free_quotes_used counts quotes, rts_products products; gmv_90d_usd is in usd.
    words = measure.split("_")
    return next((word[:-1] for word in words if word[:-1] in NUMBER_UNITS), words[-1])


def explanation(subjects: "pd.Series[Any]", verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the long, readable form: one row per subject and check.

    Args:
        subjects: The id of each row.
        verdicts: What ``evaluate`` gave, perhaps for fewer rows' worth of subjects.

    Returns:
        The columns of ``EXPLANATION_COLUMNS``; observed, required and gap are text (money with two
        decimals), met is ``boolean``, since is a day.
    """
    ids = pa.array(subjects.astype(TEXT).array, pa.string())
    parts = [_rows(ids, subjects.index, verdict) for verdict in verdicts]
    if not parts:
        return pd.DataFrame(columns=list(EXPLANATION_COLUMNS))
    # Each subject's checks stand together, in the order in which they were made.
    order = np.arange(len(parts) * len(ids)).reshape(len(parts), len(ids)).T.ravel()
    long: pd.DataFrame = pa.concat_tables(parts).take(order).to_pandas(types_mapper=_DTYPES.get)
    return long


_DTYPES = {
    pa.string(): TEXT,
    pa.bool_(): pd.BooleanDtype(),
    pa.date32(): pd.ArrowDtype(pa.date32()),
}


def _rows(ids: pa.Array, index: "pd.Index[Any]", verdict: Verdict) -> pa.Table:
    provision = verdict.provision
    said = {
        "check": verdict.name, "unit": verdict.unit, "rule": provision.rule,
        "status": provision.status, "source": provision.source.text,
    }  # fmt: skip
    columns = {
        "subject": ids,
        "observed": _text(verdict.observed.loc[index], verdict),
        "required": _text(verdict.required.loc[index], verdict),
        "met": pa.array(verdict.met.loc[index].array, pa.bool_(), from_pandas=True),
        "gap": _text(verdict.gap.loc[index], verdict),
        "since": pa.repeat(pa.scalar(provision.since, pa.date32()), len(ids)),
        **{name: pa.repeat(pa.scalar(text, pa.string()), len(ids)) for name, text in said.items()},
    }
    return pa.table(columns).select(list(EXPLANATION_COLUMNS))


def _text(values: "pd.Series[Any]", verdict: Verdict) -> pa.Array:
    if verdict.unit == "moment":
        return _on_clock(values, verdict.zone)
    if verdict.unit == "date":
        return (
            pa.array(values.array, pa.int64()).cast(pa.int32()).cast(pa.date32()).cast(pa.string())
        )
    if verdict.places and pd.api.types.is_integer_dtype(values.dtype):
        values = from_units(values, verdict.places)
    return pa.array(values.array, from_pandas=True).cast(pa.string())


def _on_clock(seconds: "pd.Series[Any]", zone: str) -> pa.Array:
    stamps = pa.array(seconds.array, pa.int64()).cast(pa.timestamp("s", "UTC"))
    return pc.strftime(stamps.cast(pa.timestamp("s", zone)), format="%Y-%m-%d %H:%M:%S")


def _as_text(wanted: object) -> str:
    if isinstance(wanted, list):
        return ", ".join(str(item) for item in wanted)
    return str(wanted).lower() if isinstance(wanted, bool) else str(wanted)

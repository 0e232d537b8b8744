"""Export lines as they are assessed: typed at the door, read by kind, calculated in columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.columns import Column, Flags, coded
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason, Reasons, reasons
from merchantkit.programmes.tariff.amounts import Amounts
from merchantkit.programmes.tariff.impossible import impossible
from merchantkit.programmes.tariff.kinds import Kinds, kinds
from merchantkit.programmes.tariff.origins import two_letters
from merchantkit.programmes.tariff.plans import COLUMN_2, SPECIAL, Line, OnDay, Plan, plan
from merchantkit.rulebook import ProgrammeRules

# A watch with its battery is dutiable by piece and by three of its parts (9102.11.10).
QUANTITIES = ("quantity_1", "quantity_2", "quantity_3", "quantity_4")
UNITS = ("unit_1", "unit_2", "unit_3", "unit_4")
RATES = {"general": "general_rate", SPECIAL: "special_rate", COLUMN_2: "column_2_rate"}
COLUMNS: dict[str, door.Kind] = {
    "line_id": "id",
    "merchant_id": "id",
    "origin": "text",
    "destination": "text",
    "value_usd": "money",
    "general_rate": "text",
}
OPTIONAL: dict[str, door.Kind] = {
    "special_rate": "text",
    "column_2_rate": "text",
    "added_headings": "text",
    "column_2_headings": "text",
    **dict.fromkeys(QUANTITIES, "quantity"),
    **dict.fromkeys(UNITS, "text"),
    "product": "text",
    "hs_code": "text",
    "us_code": "text",
    "rate_row": "text",
    "may_be_excluded": "text",
    "may_be_excluded_below": "text",
    "other_provisions": "text",
    "edition": "text",
    "edition_dated": "day",
    "exported_on": "day",
}
_DECIDING = (
    "origin", "destination", "general_rate", "special_rate", "column_2_rate", "added_headings",
    "column_2_headings", *UNITS,
)  # fmt: skip
# A trillion dollars, or ten billion units, is a slip; and shares of more would outgrow 64 bits.
MOST_USD, MOST_UNITS = 1_000_000_000_000, 10_000_000_000
_ABSURD = MOST_USD * 100  # in cents, as are MOST_UNITS in ten-thousandths


@dataclass(frozen=True)
class Judgement:
    """Lines with all that was found out about them.

    Attributes:
        facts: The measures, typed; optional ones that were absent are missing.
        kinds: Which lines are alike.
        plans: How each kind is calculated.
        amounts: In whole cents.
        impossible: Which lines' quantities contradict each other, or cannot be.
    """

    facts: pd.DataFrame
    kinds: Kinds
    plans: list[Plan]
    amounts: Amounts
    impossible: Flags

    def of_plans(self, values: list[Any]) -> "pd.Series[Any]":
        """Return a text of each line's plan, one given for each plan."""
        if not any(values):
            return pd.Series(None, index=self.facts.index, dtype=checks.TEXT)
        return coded(self.kinds.which, values, self.facts.index)

    def why(self) -> Reasons:
        """Return why each line's base duty is not known."""
        found = Reasons.none(len(self.facts))
        texts = [plan.reason for plan in self.plans]
        for reason in dict.fromkeys(text for text in texts if text is not None):
            mine = np.array([text is reason for text in texts], dtype=bool)
            found = found.added(mine[self.kinds.which], reason)
        found = self._as_given(found).added(self.impossible, Reason.QUANTITIES_CONTRADICT)
        found = found.filled(reasons(self.facts, ["value_usd"]).only(~self.amounts.base.known))
        return found.added(~self.amounts.base.known, Reason.QUANTITY_NEEDED)

    def why_not_added(self) -> Reasons:
        """Return why each line's added duty is not known."""
        found = Reasons.none(len(self.facts))
        for reason in (
            Reason.ADDED_NOT_DETERMINABLE, Reason.ADDED_HEADING_UNKNOWN, Reason.ADDED_AMBIGUOUS,
            Reason.NOT_GIVEN,
        ):  # fmt: skip
            mine = np.array([plan.added.reason is reason for plan in self.plans], dtype=bool)
            found = found.added(mine[self.kinds.which], reason)
        return self._as_given(found).filled(reasons(self.facts, ["value_usd"]))

    def _as_given(self, found: Reasons) -> Reasons:
        """Return the same; of what is missing the measures say why."""
        missing = found.codes == found.words.index(Reason.NOT_GIVEN)
        own = reasons(self.facts, ["origin", "destination", "general_rate"])
        return found.only(~missing).filled(own.only(missing))


def judge(measures: pd.DataFrame, book: ProgrammeRules) -> Judgement:
    """Return what the rules of a day make of a frame of lines.

    Raises:
        MeasureError: A column is missing, or a value cannot be.
    """
    facts = _with_countries(door.read(measures, COLUMNS, OPTIONAL))
    numbers = [
        Column.of(facts[name]) if name in facts.columns else Column.unknown(len(facts))
        for name in ("value_usd", *QUANTITIES)
    ]
    for name, number in zip(("value_usd", *QUANTITIES), numbers, strict=True):
        door.refuse_rows(
            facts, (number.values >= _ABSURD) & number.known, f"{name} is absurdly large",
            "check the column", ("line_id",),
        )  # fmt: skip
    facts = _with_counted_units(facts, numbers[1:])
    deciding = [name for name in _DECIDING if name in facts.columns]
    alike = kinds([facts[name] for name in deciding], len(facts))
    firsts = facts.iloc[alike.first]
    plans, units = _plans(firsts, book), [_texts(firsts, name) for name in UNITS]
    given = list(zip(*units, strict=True))
    wrong = impossible(plans, given, alike.which, numbers, float(book["quantities_agree_percent"]))
    amounts = Amounts(plans, alike.which, numbers)
    amounts.hide(wrong)
    return Judgement(facts, alike, plans, amounts, wrong)


def _with_countries(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the facts with countries in two letters; one that nobody knows is missing, and why."""
    found: dict[str, pd.Series[Any]] = {}
    for name in ("origin", "destination"):
        found[name] = two_letters(facts[name])
        unknown = (facts[name].notna() & found[name].isna()).to_numpy(dtype=bool)
        if unknown.any():
            why = reasons(facts, [name]).added(unknown, Reason.COUNTRY_UNKNOWN)
            found[f"{name}_reason"] = why.series(facts.index)
    return facts.assign(**found)


def _texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(text) else str(text) for text in frame[name]]


def _with_counted_units(facts: pd.DataFrame, quantities: list[Column]) -> pd.DataFrame:
    """Return the facts without units that have no quantity: they say nothing of the line."""
    counted = {
        unit: facts[unit].where(number.known)
        for unit, number in zip(UNITS, quantities, strict=True)
        if unit in facts.columns and not bool(number.known.all())
    }
    return facts.assign(**counted)


def _plans(firsts: pd.DataFrame, book: ProgrammeRules) -> list[Plan]:
    verdicts = checks.evaluate(firsts[["origin", "destination"]], book)
    told = {name: verdict.reached.yes.tolist() for name, verdict in verdicts.items()}
    texts = {name: _texts(firsts, name) for name in _DECIDING}
    on_day, home = OnDay(book), book["origin_rules_of"]
    # Another country's rules by origin are not on record: there the general rate is all there is.
    ruled = [(to or home) == home for to in texts["destination"]]
    lines = (
        Line(
            origin=texts["origin"][at] if texts["destination"][at] else None,
            known_destination=told["destination.known"][at] or not texts["destination"][at],
            by_origin=ruled[at],
            bears_added=ruled[at] and told["origin.added"][at],
            is_column_2=ruled[at] and told["origin.column_2"][at],
            general=texts["general_rate"][at],
            special=texts["special_rate"][at],
            column_2=texts["column_2_rate"][at],
            headings=tuple((texts["added_headings"][at] or "").split()),
            column_2_headings=tuple((texts["column_2_headings"][at] or "").split()),
            units=tuple(texts[name][at] for name in UNITS),
        )
        for at in range(len(firsts))
    )
    return [plan(line, on_day) for line in lines]

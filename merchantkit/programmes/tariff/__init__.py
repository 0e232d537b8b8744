"""Smart tariff (智慧税则): the US duty on each line that a merchant exports, and why.

Slides 智慧税则（原HS自助归类）功能升级. Base rates come from the loaded edition of the schedule,
added duties by origin from ``params/rules/tariff.yaml``. A row is an export line.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.columns import Column
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact, from_cents, to_cents
from merchantkit.programmes.reasons import Reason, beside
from merchantkit.programmes.tariff.answer import DAY, Answer, Component, duty
from merchantkit.programmes.tariff.compare import Difference, diff
from merchantkit.programmes.tariff.lines import COLUMNS, OPTIONAL, Judgement, judge
from merchantkit.programmes.tariff.loading import Report, load
from merchantkit.programmes.tariff.measuring import measured
from merchantkit.programmes.tariff.ranking import Hit, search
from merchantkit.rulebook import Rules, rulebook

__all__ = [
    "COLUMNS", "DAY", "OPTIONAL", "Answer", "Component", "Difference", "Hit", "Report", "assess",
    "diff", "duty", "explain", "load", "measure", "name", "noteworthy", "scope",
    "search", "summary",
]  # fmt: skip

name = "tariff"
scope = "row"
_HUNDREDTHS = 10_000  # of a percent, in a whole
# More than a billion times the value; ten thousand times as much would still fit in 64 bits.
_ABSURD = 1_000_000_000


def measure(
    warehouse: Warehouse,
    day: dt.date | str,
    rules: Rules | None = None,
    edition: str | None = None,
) -> pd.DataFrame:
    """Return the lines exported from the first of a day's month up to and including that day.

    Args:
        warehouse: The facts, and the schedules.
        day: The day as of which facts are counted.
        rules: How exported codes are read; the rulebook on that day by default.
        edition: The schedule to use; by default the latest of the US that is no younger than the
            rules' day, else the earliest. Lines to another country have no rate in it.

    Returns:
        One row per line, by merchant and day: ``line_id``, ``merchant_id``, ``product``,
        ``hs_code`` (as declared), ``exported_on``, ``origin``, ``destination`` (two letters; a name
        that nobody knows as it is written), ``value_usd``
        (decimal128(18, 2)), ``quantity_1`` to ``_4`` (decimal128(18, 4)) with ``unit_…``; and of
        the schedule ``us_code``, ``rate_row`` (the code whose row sets the rate), ``general_rate``,
        ``special_rate``, ``column_2_rate`` (as published), ``added_headings`` (of chapter 99,
        separated by blanks), ``column_2_headings`` (that replace the rate of column 2),
        ``may_be_excluded`` (headings where an exclusion from what is added may be found),
        ``may_be_excluded_below`` (likewise, of some of the lines that the code stands for only),
        ``other_provisions`` (what else the footnotes point to, of any of these lines), ``edition``
        and ``edition_dated``.
        ``general_rate_reason`` says why a code has no rate here, ``value_usd_reason`` that a value
        is beyond calculation (a trillion dollars; so are ten billion units, which are missing).

    Raises:
        MeasureError: There is no such edition.
        NotInForceError: There are no rules for the day.
    """
    book = (rules or rulebook().on(day)).programme(name)
    return measured(warehouse, day, book, edition)


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the duty on each line: what the schedule asks, and what is added by origin.

    Args:
        measures: The columns of ``measure``; those of ``OPTIONAL`` may be absent, and are then
            missing: no footnotes, no quantities. Countries are two letters or a name, of one that
            nobody knows no duty is given (``country_unknown``); where two
            quantities say different things of the same goods, a degree is above 100, or a part is
            worth more than the whole, no base duty is given (``quantities_contradict``).
        rules: The rules of the day.

    Returns:
        On the same index: ``line_id``, ``merchant_id``; ``base_duty_usd``, ``added_duty_usd`` and
        ``duty_usd``, their sum (decimal128(18, 2)); ``effective_percent`` of the value
        (decimal128(18, 2), half up); each with a ``_reason`` where it is missing. Further
        ``rate_column`` (general, special, column_2), ``rate_text`` and ``rate_form`` of the rate
        that holds, ``quantity_needed`` (what it asks for that the line does not have, separated by
        ``; ``), ``added_heading`` that holds, ``added_between`` (headings that nobody can choose
        between), and ``added_in_part`` (boolean: the heading that holds covers certain goods of
        the line only).

    Raises:
        MeasureError: A column is missing, or a value cannot be.

    >>> line = pd.DataFrame({"line_id": ["1"], "merchant_id": ["a"], "origin": ["CN"],
    ...     "destination": ["US"], "value_usd": ["1000"], "general_rate": ["11.5%"],
    ...     "added_headings": ["9903.88.15"]})
    >>> outcome = assess(line, rulebook().on("2021-04-29"))
    >>> outcome[["base_duty_usd", "added_duty_usd", "duty_usd"]].values.tolist()
    [[Decimal('115.00'), Decimal('75.00'), Decimal('190.00')]]
    """
    judged = judge(measures, rules.programme(name))
    facts, plans = judged.facts, judged.plans
    ids = {column: facts[column] for column in ("line_id", "merchant_id")}
    rates = [plan.rate if plan.reason != Reason.DESTINATION_WITHOUT_SCHEDULE else None
             for plan in plans]  # fmt: skip
    told: dict[str, list[Any]] = {
        "rate_column": [plan.column for plan in plans],
        "rate_text": [rate.text if rate else None for rate in rates],
        "rate_form": [rate.form if rate else None for rate in rates],
        "quantity_needed": ["; ".join(plan.needs) or None for plan in plans],
        "added_heading": [plan.added.heading for plan in plans],
        "added_between": [" ".join(plan.added.named) or None for plan in plans],
    }
    texts = {column: judged.of_plans(values) for column, values in told.items()}
    in_part = np.array([plan.added.in_part for plan in plans], dtype=bool)[judged.kinds.which]
    flags = {"added_in_part": Column.all_known(in_part).array()}
    return pd.DataFrame({**ids, **_duty(judged), **texts, **flags}, index=measures.index)


def noteworthy(outcome: pd.DataFrame) -> "pd.Series[Any]":
    """Return which lines a month explains: of each merchant the one with the most duty."""
    duty = Column.of(to_cents(outcome["duty_usd"]))
    order = np.argsort(-np.where(duty.known, duty.values, -1), kind="stable")
    ordered = outcome["merchant_id"].iloc[order]
    first = np.zeros(len(outcome), dtype=bool)
    first[order] = ~ordered.duplicated().to_numpy()
    return pd.Series(first, index=outcome.index)


def _duty(judged: Judgement) -> dict[str, Any]:
    base, added = judged.amounts.base, judged.amounts.added
    added = added.hidden(judged.why().codes == _code(judged, Reason.DESTINATION_WITHOUT_SCHEDULE))
    total, value = base + added, Column.of(judged.facts["value_usd"])
    why, why_added = judged.why(), judged.why_not_added()
    why_added = why_added.filled(why.only(~added.known))
    why_total = why.only(~total.known).filled(why_added)
    nothing = value.equal(0)
    whole = np.where(value.values > 0, value.values, 1)
    parts, rest = np.divmod(total.values, whole)
    # A slip in a quantity is its own line's trouble, and stops nobody's month.
    absurd = (parts >= _ABSURD) & total.known & value.known & ~nothing
    parts = np.where(absurd, 0, parts)
    percent = parts * _HUNDREDTHS + (2 * rest * _HUNDREDTHS + whole) // (2 * whole)
    effective = Column(percent, total.known & value.known & ~nothing & ~absurd)
    columns = {"base_duty_usd": base, "added_duty_usd": added, "duty_usd": total}
    reasons = {"base_duty_usd": why, "added_duty_usd": why_added, "duty_usd": why_total}
    why_no_share = why_total.added(nothing, Reason.NO_VALUE).added(absurd, Reason.BEYOND_MONEY)
    return beside(
        {**{n: exact(c) for n, c in columns.items()}, "effective_percent": exact(effective)},
        {**reasons, "effective_percent": why_no_share},
    )


def _code(judged: Judgement, reason: Reason) -> int:
    return judged.why().words.index(reason)


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per line and check: does the schedule cover it, and what its origin pays.

    See ``checks.EXPLANATION_COLUMNS``; ``subject`` is the line, and ``merchant_id`` stands beside.
    """
    book = rules.programme(name)
    facts = judge(measures.reset_index(drop=True), book).facts
    verdicts = checks.evaluate(facts[["origin", "destination"]], book)
    long = checks.explanation(facts["line_id"], verdicts.values())
    whose = facts["merchant_id"].repeat(len(verdicts))
    return long.assign(merchant_id=whose.reset_index(drop=True))


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant: its lines, and the duty of those whose duty is known.

    Returns:
        By ``merchant_id``: ``lines`` and ``lines_known`` (int64); ``base_duty_usd``,
        ``added_duty_usd`` and ``duty_usd`` of these (decimal128(18, 2)), each missing where no
        line's is known, with the first line's reason in ``duty_usd_reason``.
    """
    names = ("base_duty_usd", "added_duty_usd", "duty_usd")
    known = outcome["duty_usd"].notna()
    cents = {column: to_cents(outcome[column]).where(known) for column in names}
    frame = pd.DataFrame(
        {"merchant_id": outcome["merchant_id"], "known": known, **cents,
         "duty_usd_reason": outcome["duty_usd_reason"]}
    )  # fmt: skip
    by = frame.groupby("merchant_id")
    sums = {column: from_cents(by[column].sum(min_count=1)) for column in names}
    told = {
        "lines": by.size(),
        "lines_known": by["known"].sum().astype("int64"),
        **sums,
        "duty_usd_reason": by["duty_usd_reason"].first().where(sums["duty_usd"].isna()),
    }
    return pd.DataFrame(told).rename_axis("merchant_id").reset_index()

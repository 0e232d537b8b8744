"""The evidence behind an outcome: what was observed and required, by which rule and slide."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules
from merchantkit.rulebook.values import MONEY_UNITS

NONE = "—"


@dataclass(frozen=True)
class Evidence:
    """One check of one merchant, ready to be read."""

    title: str
    observed: str
    required: str
    met: bool | None
    verdict: str
    gap: str
    rule: str
    since: str
    status: str
    status_code: str
    source: str
    why: str


def rows(
    explanation: list[dict[str, Any]],
    measures: dict[str, Any],
    rules: ProgrammeRules,
    words: Words,
) -> list[Evidence]:
    """Return one merchant's checks in the order of the rule file.

    Args:
        explanation: The merchant's rows of ``explain``.
        measures: The merchant's measures, by column.
        rules: The programme's rules.
        words: The language.
    """
    by_check = {row["check"]: row for row in explanation}
    return [
        _evidence(name, by_check[name], measures, rules, words)
        for name in rules.checks
        if name in by_check
    ]


def _evidence(
    name: str, row: dict[str, Any], measures: dict[str, Any], rules: ProgrammeRules, words: Words
) -> Evidence:
    check = rules.checks[name]
    provision = rules.provision(check.parameter)
    observed, required = (
        words.unit(row["observed"], row["unit"]),
        words.unit(
            provision.value if isinstance(provision.value, list) else row["required"], row["unit"]
        ),
    )
    if check.measure in measures and pd.isna(measures[check.measure]) and pd.notna(row["observed"]):
        # Not given, but taken to be so by assess: the reader must see that it is an assumption.
        observed = words.t("evidence.assumed", observed=observed)
    if check.of is not None and row["unit"] not in MONEY_UNITS:  # that is told as money
        observed, required = _share(row, measures[check.of], Decimal(provision.value), words)
    met = None if pd.isna(row["met"]) else bool(row["met"])
    dated = row["unit"] in ("moment", "date")
    operator = f"{check.operator}.moment" if dated else check.operator
    return Evidence(
        title=words.pick(provision.title),
        observed=observed,
        required=words.t(f"evidence.{operator}", required=required),
        met=met,
        verdict=_verdict(met, check.operator, row["unit"], words),
        gap=NONE if met or pd.isna(row["gap"]) else _gap(row, check.operator, words),
        rule=provision.rule,
        since=words.day(provision.since),
        status=words.t(f"status.{provision.status}"),
        status_code=provision.status,
        source=provision.source.text,
        why=words.pick(provision.why) if provision.why else "",
    )


def _verdict(met: bool | None, operator: str, unit: str, words: Words) -> str:
    """Return whether a check is met, in its own words: a limit is not reached but kept."""
    if met is None:
        return NONE
    if operator != "at_most" or unit == "rank":  # the best rank is the first, and reached
        return words.t("word.yes" if met else "word.no")
    if unit in ("moment", "date"):
        return words.t("word.yes" if met else "word.late")
    return words.t("word.within" if met else "word.over")


def _gap(row: dict[str, Any], operator: str, words: Words) -> str:
    """Return what is missing, or by how much a limit is exceeded."""
    if row["unit"] == "rank":
        return words.t("evidence.ranks", n=int(row["gap"]))
    gap = words.unit(row["gap"], row["unit"])
    return words.t("evidence.over", gap=gap) if operator == "at_most" else gap


def _share(row: dict[str, Any], whole: Any, percent: Decimal, words: Words) -> tuple[str, str]:
    required = words.percent(percent)
    if pd.isna(row["observed"]):
        return NONE, required
    used, granted = int(row["observed"]), int(whole)
    share = words.percent(share_percent(used, granted))
    observed = words.t(
        "evidence.share", used=words.number(used), granted=words.unit(granted, row["unit"]),
        share=share,
    )  # fmt: skip
    needed = words.unit(int(row["required"]), row["unit"])
    return observed, words.t("evidence.share_required", share=required, needed=needed)


def share_percent(used: int, granted: int) -> Decimal:
    """Return a share in percent to two decimals, rounded down: 99.999 % never reads as 100 %.

    >>> share_percent(599999, 1000000)
    Decimal('59.99')
    """
    return Decimal(used * 10_000 // granted) / 100

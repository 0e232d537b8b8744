"""RTS小单快定 on the team's page: how many products are one fix away, which fix unlocks most."""

import datetime as dt
from typing import Any

import numpy as np

from merchantkit.assessment import ProgrammeMonth
from merchantkit.present.html import Html, render
from merchantkit.present.sections.quick_custom import dates
from merchantkit.present.words import Words
from merchantkit.programmes import quick_custom
from merchantkit.rulebook import Rules

NAME = quick_custom.name


def portfolio(month: ProgrammeMonth, rules: Rules, day: dt.date, words: Words) -> Html:
    """Return how the products stand, each gate with what fails it and what its fix unlocks.

    Args:
        month: Everyone's products.
        rules: The rules.
        day: The day as of which the month is assessed.
        words: The language.
    """
    summary, outcome = month.details["summary"], month.outcome
    counts = (
        "products", "eligible", "one_fix_away", "more_fixes_away", "not_fixable", "undecided",
    )  # fmt: skip
    facts = {count: words.number(int(summary[count].sum())) for count in counts}
    facts["merchants"] = words.number(len(summary))
    unlocked = quick_custom.unlocks(outcome, np.zeros(len(outcome), dtype=np.int64), 1)[0]
    rows: list[dict[str, Any]] = [
        {"gate": gate.name, "failed": failed, "unlocks": int(alone)}
        for gate, alone in zip(quick_custom.GATES, unlocked, strict=True)
        if (failed := _failing(outcome["failed_gates"], gate.name))
    ]
    rows.sort(key=lambda row: (-row["unlocks"], -row["failed"]))
    table = [_told(row, words) for row in rows]
    return render(
        "portfolio_quick_custom", words, facts=facts, rows=table,
        best=table[0] if rows and rows[0]["unlocks"] else None,
        calendar=dates(rules, day, words),
    )  # fmt: skip


def _failing(failed: Any, gate: str) -> int:
    # The sets of gates are few, however many the products are.
    sets = failed.value_counts()
    return int(sum(count for codes, count in sets.items() if gate in str(codes).split(",")))


def _told(row: dict[str, Any], words: Words) -> dict[str, str]:
    numbers = {name: words.number(row[name]) for name in ("failed", "unlocks")}
    return {"gate": words.code(row["gate"]), **numbers}

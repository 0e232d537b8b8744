"""The tables of the team's page by name: whose month, which merchants first, what is told of each.

A table's words are ``portfolio.<name>.title``, and its columns' ``portfolio.column.<column>``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from merchantkit.assessment import ProgrammeMonth
from merchantkit.foresight import standing, stars
from merchantkit.present.sections.assignment import whole_minutes
from merchantkit.present.words import Words


@dataclass(frozen=True)
class Cell:
    """What a column tells of a row; amounts and counts stand under one another by their last digit.

    Attributes:
        told: From a row, its text.
        number: Whether it is an amount or a count.
    """

    told: Callable[[dict[str, Any], Words], str]
    number: bool = False

    def __call__(self, row: dict[str, Any], words: Words) -> str:
        """Return a row's text."""
        return self.told(row, words)


@dataclass(frozen=True)
class Table:
    """Merchants of one programme, the first ones first.

    Attributes:
        programme: Whose month it tells of.
        rows: From that month: one row per merchant shown, with its ``merchant_id``.
        columns: What stands beside the merchant: column → a row's cell.
        absent: What is said where the programme is not in force; without it the table is left out.
    """

    programme: str
    rows: Callable[[ProgrammeMonth], pd.DataFrame]
    columns: Mapping[str, Cell]
    absent: str | None = None


def tier(value: Any, words: Words) -> str:
    """Return a tier in words."""
    # Missing where it was unknown in one of two months: the month before had no order facts.
    key = "rfq.tier.unknown" if value in (None, standing.UNKNOWN) else f"rfq.tier.{value}"
    return words.t(key)


def _tier(column: str) -> Cell:
    return Cell(lambda row, words: tier(row[column], words))


def _money(column: str, currency: str) -> Cell:
    return Cell(lambda row, words: words.money(row[column], currency), number=True)


def _number(column: str) -> Cell:
    return Cell(lambda row, words: words.number(row[column]), number=True)


def _percent(column: str) -> Cell:
    return Cell(lambda row, words: words.percent(row[column]), number=True)


def _minutes(column: str) -> Cell:
    return Cell(lambda row, words: whole_minutes(row[column], words), number=True)


def _measure(name: str, column: str) -> Cell:
    return Cell(lambda row, words: words.measure(name, row[column]))


def _rank(row: dict[str, Any], words: Words) -> str:
    return words.number(int(row["rank"])) + ("*" if row["tie_at_cutoff"] else "")


# Whose tier changed since the month before: two months, so its rows are the page's to find.
MOVED: Mapping[str, Cell] = {"tier_before": _tier("tier_before"), "tier": _tier("tier")}

TABLES = {
    "nearest": Table(
        "rfq",
        lambda month: standing.nearest(month.outcome),
        {
            "tier": _tier("tier"),
            "next_tier": _tier("next_tier"),
            "usd": _money("usd", "USD"),
            "quotes": Cell(lambda row, words: words.unit(int(row["quotes"]), "quote"), number=True),
        },
    ),
    "leaderboard": Table(
        "campaign",
        lambda month: standing.leaderboard(month.outcome),
        {
            "rank": Cell(_rank, number=True),
            "score": _number("score"),
            "credit": _money("reward_cny", "CNY"),
        },
        absent="portfolio.no_campaign",
    ),
    "stars": Table(
        "star",
        lambda month: stars.nearest(month.outcome),
        {
            "star": Cell(lambda row, words: words.t("star.is", n=int(row["star"]))),
            "lowest": _measure("lowest_pillars", "lowest_pillars"),
            "to_next": _number("to_next"),
            "bonus": _measure("effect", "effect_tier_1"),
        },
    ),
    "fees": Table(
        "fees",
        lambda month: standing.missed_fees(month.details["summary"]),
        {
            "orders": Cell(lambda row, words: words.number(int(row["orders"])), number=True),
            "fee": _money("fee_usd", "USD"),
            "missed": _money("missed_usd", "USD"),
        },
    ),
    "fulfilment": Table(
        "fulfilment",
        lambda month: standing.slipping(month.details["summary"]),
        {
            "on_time": _percent("on_time_percent"),
            "shipped_on_time": _percent("shipped_on_time_percent"),
            "late": _number("late"),
            "savable": _number("savable"),
            "penalty": _number("penalty_points"),
        },
        absent="portfolio.no_fulfilment",
    ),
    "tariff": Table(
        "tariff",
        lambda month: standing.most_added_duty(month.details["summary"]),
        {
            "lines": Cell(lambda row, words: words.number(int(row["lines"])), number=True),
            "duty": _money("duty_usd", "USD"),
            "added_duty": _money("added_duty_usd", "USD"),
        },
    ),
    "showroom": Table(
        "showroom",
        lambda month: standing.showrooms(month.outcome),
        {
            "stage": Cell(lambda row, words: words.t(f"showroom.stage.{row['stage']}")),
            "next_action": Cell(
                lambda row, words: words.measure("next_action", row["next_action"])
            ),
            "act_by": Cell(lambda row, words: words.day(row["act_by"])),
            "days_left": _number("days_left"),
            "visitors_change": _percent("visitors_change_percent"),
        },
        absent="portfolio.no_showroom",
    ),
    "assignment": Table(
        "assignment",
        lambda month: standing.assignments(month.outcome),
        {
            "advice": Cell(lambda row, words: words.t(f"assignment.advice.{row['advice']}")),
            "wait_without": _minutes("average_wait_minutes_without"),
            "wait_with": _minutes("average_wait_minutes_with"),
            "evenness_without": _percent("evenness_percent_without"),
            "evenness_with": _percent("evenness_percent_with"),
        },
        absent="portfolio.no_assignment",
    ),
    "quick_fixes": Table(
        "quick_custom",
        lambda month: standing.one_fix_away(month.details["summary"]),
        {
            "products": _number("products"),
            "eligible": _number("eligible"),
            "one_fix_away": _number("one_fix_away"),
            "best_fix": Cell(lambda row, words: words.code(row["best_fix"])),
            "unlocks": _number("best_fix_products"),
        },
    ),
    "chargeback": Table(
        "chargeback",
        lambda month: standing.disputed(month.details["summary"]),
        {
            "disputes": _number("disputes"),
            "disputed": _money("disputed_usd", "USD"),
            "no_refund": _money("no_refund_usd", "USD"),
            "open": _money("open_usd", "USD"),
            "unprotected": _money("unprotected_usd", "USD"),
        },
        absent="portfolio.no_chargeback",
    ),
    "data_errors": Table(
        "rfq",
        lambda month: standing.data_errors(month.outcome),
        {"reason": Cell(lambda row, words: words.reason(row["tier_reason"]))},
    ),
}

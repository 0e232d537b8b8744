"""The team's page of a month: the whole portfolio, part by part, as the notebook shows it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from merchantkit.assessment import Board, records
from merchantkit.foresight import standing
from merchantkit.present import figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render, rules_section
from merchantkit.present.rules_update import update
from merchantkit.present.team import express, quick_custom
from merchantkit.present.team.tables import MOVED, TABLES, Cell, tier
from merchantkit.present.words import words
from merchantkit.programmes import NAMES
from merchantkit.rulebook import month_changes

# A page is read, not scrolled for ever: what is longer is in the Parquet files beside it.
SHOWN = 15
_COLOURS = {2: figures.GREEN, 1: figures.ORANGE, 0: figures.GREY, standing.UNKNOWN: "#d6dde6"}


class PortfolioPage:
    """A month's portfolio in one language; it counts what it shows for the page's last line."""

    def __init__(self, board: Board, lang: str) -> None:
        self.assessment = assessment = board.assessment
        self.before = board.before
        self.rules = board.rules
        self.words = words(lang)
        self.sections = 0
        self.charts = 0
        merchants = assessment.merchants
        self._names = dict(zip(merchants["merchant_id"], merchants["company_name"], strict=True))

    def head(self) -> Html:
        """Return the head: month, days, and how many merchants."""
        return self._section(
            "portfolio_head",
            month=self.assessment.month.first,
            day=self.assessment.day,
            rules_day=self.rules.day,
            overlays=self.rules.overlays,
            merchants=len(self.assessment.merchants),
            absent=[
                self.words.pick(self.rules.files[name].title) for name in self.assessment.absent
            ],
        )

    def rules_update(self) -> Html:
        """Return what is new in the rules since the month before, and what that means."""
        since, found = month_changes(self.rules)
        told = update(found, since, self.rules.day, self.words)
        return self._section("rules_update", update=told)

    def table(self, name: str) -> Html | None:
        """Return a table of ``team.tables``; where its programme is not in force, what says so."""
        table = TABLES[name]
        month = self.assessment.programmes.get(table.programme)
        if month is not None:
            return self._table(name, table.rows(month), table.columns)
        return self._note(name, table.absent) if table.absent else None

    def tiers(self) -> Chart | None:
        """Return how many merchants of each track stand in each tier."""
        month = self.assessment.programmes.get("rfq")
        if month is None:
            return None
        counts = standing.tier_counts(month.measures, month.outcome)
        self.charts += 1
        return figures.stacked_counts(
            counts.rename(index=self.words.code),
            {number: (tier(number, self.words), colour) for number, colour in _COLOURS.items()},
            self.words.t("portfolio.tiers.title"),
        )

    def nearest(self) -> Html | None:
        """Return who has the shortest way to the next tier."""
        return self.table("nearest")

    def moved(self) -> Html:
        """Return whose tier changed since the month before."""
        month = self.assessment.programmes.get("rfq")
        earlier = self.before.programmes.get("rfq") if self.before else None
        if month is None or earlier is None:
            return self._note("moved", "portfolio.moved.none_before")
        return self._table("moved", standing.moved(earlier.outcome, month.outcome), MOVED)

    def leaderboard(self) -> Html | None:
        """Return the campaign's board from the top."""
        return self.table("leaderboard")

    def stars(self) -> Html | None:
        """Return who is nearest to the next star, and what RFQ points would change."""
        return self.table("stars")

    def fees(self) -> Html | None:
        """Return who would have paid less by platform logistics, the most first."""
        return self.table("fees")

    def fulfilment(self) -> Html | None:
        """Return whose orders are shipped late most, and what of them can still be saved."""
        return self.table("fulfilment")

    def express(self) -> Html:
        """Return what the express promotion saved, what is left of it, and why not more."""
        month = self.assessment.programmes.get(express.NAME)
        if month is None:
            return self._note("express", "portfolio.no_express")
        self.sections += 1
        return express.portfolio(month, self.rules.programme(express.NAME), self.words)

    def chargeback(self) -> Html | None:
        """Return whose disputes may still need no refund, and whose are not protected."""
        return self.table("chargeback")

    def quick_custom(self) -> Html:
        """Return how the products stand in RTS小单快定, and which fix unlocks most."""
        month = self.assessment.programmes.get(quick_custom.NAME)
        if month is None:
            return self._note("quick_custom", "portfolio.no_quick_custom")
        self.sections += 1
        return quick_custom.portfolio(month, self.rules, self.assessment.day, self.words)

    def quick_fixes(self) -> Html | None:
        """Return whose products a single fix makes eligible, the most first."""
        return self.table("quick_fixes")

    def showroom(self) -> Html | None:
        """Return how far showrooms have come, those with a last day first."""
        return self.table("showroom")

    def assignment(self) -> Html | None:
        """Return whose orders substitutes would share out better, those with most to gain first."""
        return self.table("assignment")

    def tariff(self) -> Html | None:
        """Return on whose exports most duty is added by origin."""
        return self.table("tariff")

    def data_errors(self) -> Html | None:
        """Return whose tier cannot be told, and why."""
        return self.table("data_errors")

    def evidence(self) -> Html:
        """Return every rule that the page used."""
        used = [self.rules.programme(name) for name in NAMES if name in self.assessment.programmes]
        self.sections += 1
        return rules_section(used, self.words)

    def end(self) -> Html:
        """Return the page's last line, which says how much the page should hold."""
        return render("end", self.words, sections=self.sections, charts=self.charts)

    def _table(self, name: str, rows: pd.DataFrame, columns: Mapping[str, Cell]) -> Html:
        shown = [
            (
                row["merchant_id"],
                self._names.get(row["merchant_id"]),
                [(cell(row, self.words), cell.number) for cell in columns.values()],
            )
            for row in records(rows.head(SHOWN))
        ]
        more = len(rows) - len(shown)
        headings = ["merchant", *columns]
        return self._section("portfolio_table", name=name, columns=headings, rows=shown, more=more)

    def _note(self, name: str, note: str) -> Html:
        return self._section("portfolio_note", name=name, note=note)

    def _section(self, template: str, **context: Any) -> Html:
        self.sections += 1
        return render(template, self.words, **context)

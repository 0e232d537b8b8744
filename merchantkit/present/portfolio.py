"""The team's page of a month: the whole portfolio, part by part, as the notebook shows it."""

from typing import Any

import pandas as pd

from merchantkit.assessment import Board, records
from merchantkit.foresight import standing, stars
from merchantkit.present import figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render, rules_section
from merchantkit.present.rules_update import update
from merchantkit.present.sections import express_team
from merchantkit.present.words import words
from merchantkit.programmes import NAMES, campaign, fees, fulfilment, rfq, star
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
        self._rfq = assessment.programmes.get(rfq.name)
        self._campaign = assessment.programmes.get(campaign.name)
        self._star = assessment.programmes.get(star.name)
        self._fees = assessment.programmes.get(fees.name)
        self._fulfilment = assessment.programmes.get(fulfilment.name)
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

    def tiers(self) -> Chart | None:
        """Return how many merchants of each track stand in each tier."""
        if self._rfq is None:
            return None
        counts = standing.tier_counts(self._rfq.measures, self._rfq.outcome)
        self.charts += 1
        return figures.stacked_counts(
            counts.rename(index=self.words.code),
            {tier: (self._tier(tier), colour) for tier, colour in _COLOURS.items()},
            self.words.t("portfolio.tiers.title"),
        )

    def nearest(self) -> Html | None:
        """Return who has the shortest way to the next tier."""
        if self._rfq is None:
            return None
        rows = standing.nearest(self._rfq.outcome)
        return self._table(
            "nearest",
            rows,
            ["merchant", "tier", "next_tier", "usd", "quotes"],
            lambda row: [
                self._tier(row["tier"]),
                self._tier(row["next_tier"]),
                self.words.money(row["usd"], "USD"),
                self.words.unit(int(row["quotes"]), "quote"),
            ],
        )

    def moved(self) -> Html | None:
        """Return whose tier changed since the month before."""
        earlier = self.before.programmes.get(rfq.name) if self.before else None
        if self._rfq is None or earlier is None:
            return self._section("portfolio_note", name="moved", note="portfolio.moved.none_before")
        rows = standing.moved(earlier.outcome, self._rfq.outcome)
        return self._table(
            "moved",
            rows,
            ["merchant", "tier_before", "tier"],
            lambda row: [self._tier(row["tier_before"]), self._tier(row["tier"])],
        )

    def leaderboard(self) -> Html | None:
        """Return the campaign's board from the top."""
        if self._campaign is None:
            return self._section("portfolio_note", name="leaderboard", note="portfolio.no_campaign")
        rows = standing.leaderboard(self._campaign.outcome)
        return self._table(
            "leaderboard",
            rows,
            ["merchant", "rank", "score", "credit"],
            lambda row: [
                self.words.number(int(row["rank"])) + ("*" if row["tie_at_cutoff"] else ""),
                self.words.number(row["score"]),
                self.words.money(row["reward_cny"], "CNY"),
            ],
        )

    def stars(self) -> Html | None:
        """Return who is nearest to the next star, and what RFQ points would change."""
        if self._star is None:
            return None
        return self._table(
            "stars",
            stars.nearest(self._star.outcome),
            ["merchant", "star", "lowest", "to_next", "bonus"],
            lambda row: [
                self.words.t("star.is", n=int(row["star"])),
                self.words.measure("lowest_pillars", row["lowest_pillars"]),
                self.words.number(row["to_next"]),
                self.words.measure("effect", row["effect_tier_1"]),
            ],
        )

    def fees(self) -> Html | None:
        """Return who would have paid less by platform logistics, the most first."""
        if self._fees is None:
            return None
        rows = standing.missed_fees(self._fees.details["summary"])
        return self._table(
            "fees",
            rows,
            ["merchant", "orders", "fee", "missed"],
            lambda row: [
                self.words.number(int(row["orders"])),
                self.words.money(row["fee_usd"], "USD"),
                self.words.money(row["missed_usd"], "USD"),
            ],
        )

    def fulfilment(self) -> Html:
        """Return whose orders are shipped late most, and what of them can still be saved."""
        if self._fulfilment is None:
            note = "portfolio.no_fulfilment"
            return self._section("portfolio_note", name=fulfilment.name, note=note)
        rows = standing.slipping(self._fulfilment.details["summary"])
        return self._table(
            fulfilment.name,
            rows,
            ["merchant", "on_time", "shipped_on_time", "late", "savable", "penalty"],
            lambda row: [
                self.words.percent(row["on_time_percent"]),
                self.words.percent(row["shipped_on_time_percent"]),
                self.words.number(row["late"]),
                self.words.number(row["savable"]),
                self.words.number(row["penalty_points"]),
            ],
        )

    def express(self) -> Html:
        """Return what the express promotion saved, what is left of it, and why not more."""
        month = self.assessment.programmes.get(express_team.NAME)
        if month is None:
            return self._section("portfolio_note", name="express", note="portfolio.no_express")
        self.sections += 1
        return express_team.portfolio(month, self.rules.programme(express_team.NAME), self.words)

    def data_errors(self) -> Html | None:
        """Return whose tier cannot be told, and why."""
        if self._rfq is None:
            return None
        rows = standing.data_errors(self._rfq.outcome)
        return self._table(
            "data_errors",
            rows,
            ["merchant", "reason"],
            lambda row: [self.words.reason(row["tier_reason"])],
        )

    def evidence(self) -> Html:
        """Return every rule that the page used."""
        used = [self.rules.programme(name) for name in NAMES if name in self.assessment.programmes]
        self.sections += 1
        return rules_section(used, self.words)

    def end(self) -> Html:
        """Return the page's last line, which says how much the page should hold."""
        return render("end", self.words, sections=self.sections, charts=self.charts)

    def _table(self, name: str, rows: pd.DataFrame, columns: list[str], cells: Any) -> Html:
        shown = [
            (row["merchant_id"], self._names.get(row["merchant_id"]), cells(row))
            for row in records(rows.head(SHOWN))
        ]
        return self._section(
            "portfolio_table", name=name, columns=columns, rows=shown, more=len(rows) - len(shown)
        )

    def _tier(self, tier: Any) -> str:
        # Missing where it was unknown in one of two months: the month before had no order facts.
        key = "rfq.tier.unknown" if tier in (None, standing.UNKNOWN) else f"rfq.tier.{tier}"
        return self.words.t(key)

    def _section(self, template: str, **context: Any) -> Html:
        self.sections += 1
        return render(template, self.words, **context)

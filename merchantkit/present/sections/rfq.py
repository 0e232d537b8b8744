"""RFQ in a briefing: tier, what it earns, the way to the next one, the 90 days, the quota."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.foresight import rolloff, whatif
from merchantkit.foresight.rolloff import AHEAD_DAYS, Order, Rolling
from merchantkit.money import cents
from merchantkit.present import evidence, figures, rfq_way
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.programmes import rfq


@dataclass(frozen=True)
class RfqSection:
    """One merchant's RFQ month, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def measures(self) -> dict[str, Any]:
        """The merchant's measures, by column."""
        return self.month.row("measures")

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The merchant's outcome, by column."""
        return self.month.row("outcome")

    @cached_property
    def window(self) -> int:
        """How many days the GMV is summed over."""
        return int(self.case.rules.programme(rfq.name)["window_days"])

    @cached_property
    def orders(self) -> list[Order]:
        """The merchant's orders of the last two windows, by day and id."""
        return rolloff.orders_of(self.month.rows("orders"), self.window)

    @cached_property
    def checks(self) -> dict[str, dict[str, Any]]:
        """The merchant's checks by name."""
        return {row["check"]: row for row in self.month.rows("explanation")}

    @cached_property
    def gmv(self) -> Rolling | None:
        """The GMV window by day; ``None`` where the GMV is not known."""
        if self.measures["gmv_90d_usd"] is None:
            return None
        paid = ((order.paid_on, cents(order.received_usd)) for order in self.orders)
        return Rolling.of(paid, self.case.day, self.window, self.window - 1, AHEAD_DAYS)

    def html(self) -> Html:
        """Return the section: the sentences and the checks with their sources."""
        rules = self.case.rules.programme(rfq.name)
        rows = evidence.rows(self.month.rows("explanation"), self.measures, rules, self.words)
        return render(
            "rfq", self.words, day=self.case.day, m=self.measures, o=self.outcome,
            sentences=self.sentences(), rows=rows, clock=rules.clock,
        )  # fmt: skip

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        said = [self._standing(), self._earning(), *self._way()]
        drop = self._drop()
        return said + ([drop] if drop else [])

    def headline(self) -> tuple[str, str]:
        """Return the tier for the head of the briefing, and what it earns."""
        tier = self.outcome["tier"]
        if pd.isna(tier):
            return evidence.NONE, self.words.reason(self.outcome["tier_reason"])
        return self.words.t(f"rfq.tier.{tier}"), self._earning()

    def _standing(self) -> str:
        tier, t = self.outcome["tier"], self.words.t
        day = self.words.day(self.case.day)
        reason = self.outcome["tier_reason"]
        if pd.isna(tier):
            return t("rfq.standing.unknown", day=day, reason=self.words.reason(reason))
        name = t(f"rfq.tier.{tier}")
        if pd.notna(reason):
            return t("rfq.standing.because", day=day, tier=name, reason=self.words.reason(reason))
        return t("rfq.standing.known", day=day, tier=name)

    def _earning(self) -> str:
        points, t = self.outcome["points"], self.words.t
        if pd.isna(points):
            return t("rfq.earning.unknown", reason=self.words.reason(self.outcome["points_reason"]))
        tracks = self.case.rules.programme(rfq.name)["points_tracks"]
        if tracks and not self.checks["points.track"]["met"]:
            track = self.words.code(self.measures["track"])
            return t("rfq.earning.track", track=track, tracks=self.words.unit(tracks, "list"))
        return t("rfq.earning.points", n=int(points))

    def _way(self) -> list[str]:
        tier = self.outcome["tier"]
        if pd.notna(tier) and tier >= max(rfq.TIERS):
            return [self.words.t("rfq.way.top")]
        reached = 0 if pd.isna(tier) else int(tier)
        ahead = (whatif.way(n, self.outcome) for n in rfq.TIERS if n > reached)
        return [rfq_way.said(way, self.words) for way in ahead]

    def _drop(self) -> str | None:
        if self.gmv is None or pd.isna(self.outcome["tier"]) or self.outcome["tier"] == 0:
            return None
        dropped = self.month.rows("drops")
        if not dropped:
            return self.words.t("rfq.drop.none", n=AHEAD_DAYS, window=self.window)
        day = self.words.day(dropped[0]["drops_on"])
        return self.words.t("rfq.drop.on", day=day, window=self.window)

    def rolling_chart(self) -> Chart | None:
        """Return the GMV window day by day with both thresholds, where the GMV is known."""
        if self.gmv is None:
            return None
        rules = self.case.rules.programme(rfq.name)
        limits = {n: Decimal(rules[f"tier_{n}_gmv"]) for n in rfq.TIERS}
        return figures.rolling(self.gmv, self.case.day, limits, self.words)

    def rolled(self) -> Html | None:
        """Return the orders that entered and left the window, and those about to leave."""
        if self.gmv is None or not self.orders:
            return None
        day, before = self.case.day, self.case.assessment.month.first - dt.timedelta(days=1)
        entered, left = rolloff.rolled(self.orders, day, before)
        _, leaving = rolloff.rolled(self.orders, day + dt.timedelta(days=AHEAD_DAYS), day)
        tables = {"entered": entered, "left": left, "leaving": leaving}
        totals = {name: sum(order.received_usd for order in its) for name, its in tables.items()}
        return render(
            "rfq_rolled", self.words, tables=tables, totals=totals, day=self.case.day,
            before=before, ahead=AHEAD_DAYS, window=self.window,
        )  # fmt: skip

    def quota_chart(self) -> Chart | None:
        """Return the month's free quotes, used and left, where any were granted."""
        granted, used = self.measures["free_quotes_granted"], self.measures["free_quotes_used"]
        if pd.isna(granted) or pd.isna(used) or granted == 0:
            return None
        needed = {n: int(self.checks[f"tier_{n}.usage"]["required"]) for n in rfq.TIERS}
        return figures.quota(int(granted), int(used), needed, self.words)

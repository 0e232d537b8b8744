"""The campaign in a briefing: score by part, rank, ad credit, and what decided it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.present import evidence, figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.programmes import campaign


@dataclass(frozen=True)
class CampaignSection:
    """One merchant's campaign month, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def measures(self) -> dict[str, Any]:
        """The merchant's counts, by column."""
        return self.month.row("measures")

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The merchant's score, rank and credit, by column."""
        return self.month.row("outcome")

    def html(self) -> Html:
        """Return the section: sentences, the counts by part, and the checks with their sources."""
        rules = self.case.rules.programme(campaign.name)
        rows = evidence.rows(self.month.rows("explanation"), self.measures, rules, self.words)
        return render(
            "campaign", self.words, o=self.outcome, m=self.measures, rows=rows,
            sentences=self.sentences(), counts=self.counts(), clock=rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return the rank for the head of the briefing, and the credit."""
        rank = self.outcome["rank"]
        if pd.isna(rank):
            return evidence.NONE, self.words.reason(self.outcome["rank_reason"])
        return self.words.t("campaign.rank", rank=self.words.number(int(rank))), self._credit()

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        t, outcome = self.words.t, self.outcome
        if pd.isna(outcome["score"]):
            return [t("campaign.no_score", reason=self.words.reason(outcome["score_reason"]))]
        said = [t("campaign.score", score=self.words.number(outcome["score"]))]
        if pd.isna(outcome["rank"]):
            return [*said, t("campaign.no_rank", reason=self.words.reason(outcome["rank_reason"]))]
        said += [t("campaign.ranked", rank=self.words.number(int(outcome["rank"]))), self._credit()]
        notes = ("tie_at_cutoff", "enrolment_assumed", "counts_assumed")
        return said + [t(f"campaign.note.{note}") for note in notes if outcome[note]]

    def _credit(self) -> str:
        reward = self.outcome["reward_cny"]
        if pd.isna(reward):
            reason = self.words.reason(self.outcome["reward_cny_reason"])
            return self.words.t("campaign.no_credit_known", reason=reason)
        if reward == 0:
            return self.words.t("campaign.no_credit")
        return self.words.t("campaign.credit", amount=self.words.money(reward, "CNY"))

    def counts(self) -> list[dict[str, str]]:
        """Return the month before, the month, the change and its score, for each part."""
        return [self._count(part) for part in campaign.PARTS]

    def _count(self, part: str) -> dict[str, str]:
        before, during = self.measures[f"{part}_before"], self.measures[f"{part}_during"]
        change = None if pd.isna(before) or pd.isna(during) else int(during) - int(before)
        rules = self.case.rules.programme(campaign.name)
        return {
            "name": self.words.t(f"campaign.part.{part}"),
            "before": self.words.number(before),
            "during": self.words.number(during),
            "change": self.words.signed(change),
            "each": self.words.number(Decimal(rules[campaign.PARTS[part]])),
            "score": self.words.signed(self.outcome[f"score_{part}"]),
        }

    def parts_chart(self) -> Chart | None:
        """Return the score as the sum of its parts, where there is a score."""
        if pd.isna(self.outcome["score"]):
            return None
        parts = {part: self.outcome[f"score_{part}"] for part in campaign.PARTS}
        return figures.score_parts(parts, self.outcome["score"], self.words)

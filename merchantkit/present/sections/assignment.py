"""Order assignment in a briefing: what substitutes do by an illustrative simulation, desk by desk.

Rows in, text out; nothing is simulated here, the month's assessment holds what is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from merchantkit.present import evidence, figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth

NAME = "assignment"
_WAYS = ("without", "with")
_COLOURS = {"without": figures.GREY, "with": figures.BLUE}
# What the simulation takes for granted, each a parameter of the rules.
_ASSUMED = (
    "takes_over", "full_orders", "handling_hours", "opens_hour", "closes_hour", "runs",
    "suggested_substitute", "evenness", "advice_by",
)  # fmt: skip


def whole_minutes(minutes: Any, words: Words) -> str:
    """Return minutes as they are told: whole, as a simulation's hundredths would mean nothing.

    Half a minute is rounded up, as everywhere.
    """
    if minutes is None:
        return words.unit(None, "minute")
    whole = Decimal(minutes).quantize(Decimal(1), ROUND_HALF_UP)
    return words.unit(int(whole), "minute")


@dataclass(frozen=True)
class AssignmentSection:
    """One merchant's order-takers, ready to be shown."""

    case: "Case"
    month: "ProgrammeMonth"
    words: Words

    @cached_property
    def measures(self) -> dict[str, Any]:
        """The sums of the simulation, by column."""
        return self.month.row("measures")

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The merchant's outcome, by column."""
        return self.month.row("outcome")

    @property
    def rules(self) -> ProgrammeRules:
        """The programme's rules on the day."""
        return self.case.rules.programme(NAME)

    def html(self) -> Html:
        """Return the section: that it illustrates, what it tells, desk by desk, and the rules."""
        return render(
            NAME, self.words, sentences=list(self.sentences()), desks=list(self._desks()),
            totals=list(self._totals()), assumed=self._assumed(), rows=self._evidence(),
            clock=self.rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return evenness without and with substitutes for the head, and what is advised."""
        if self.outcome["advice"] is None:
            return evidence.NONE, self.words.reason(self.outcome["advice_reason"])
        both = (self.words.percent(self.outcome[f"evenness_percent_{way}"]) for way in _WAYS)
        advice = self.words.t(f"assignment.advice.{self.outcome['advice']}")
        return " → ".join(both), self.words.t("assignment.headline", advice=advice)

    def sentences(self) -> Iterator[str]:
        """Yield what a consultant would say, in order."""
        t, outcome, measures = self.words.t, self.outcome, self.measures
        yield t("assignment.illustrative")
        yield t(
            "assignment.team", n=measures["takers"],
            set=self.words.number(measures["substitutes_set"]),
            orders=self.words.unit(measures["orders"], "order"),
        )  # fmt: skip
        if outcome["advice"] is None:
            yield t("assignment.none", reason=self.words.reason(outcome["advice_reason"]))
            return
        if measures["substitutes_assumed"]:
            yield t("assignment.suggested")
        yield self._waits()
        yield t(
            "assignment.evenness",
            without=self.words.percent(outcome["evenness_percent_without"]),
            with_=self.words.percent(outcome["evenness_percent_with"]),
            sharing=t(f"assignment.sharing.{outcome['sharing']}"),
        )
        yield t("assignment.advised", advice=t(f"assignment.advice.{outcome['advice']}"))
        # Advised all the same, so it is said what it costs.
        if outcome["sharing"] == "more_even" and outcome["waiting"] == "longer":
            yield t("assignment.longer", more=self._minutes(-outcome["wait_saved_minutes"]))
        yield from self._notes()

    def _waits(self) -> str:
        without, with_ = (
            self._minutes(self.outcome[f"average_wait_minutes_{way}"]) for way in _WAYS
        )
        waiting = self.words.t(f"assignment.waiting.{self.outcome['waiting']}")
        return self.words.t("assignment.waits", without=without, with_=with_, waiting=waiting)

    def _notes(self) -> Iterator[str]:
        if self.measures["by_payment"]:
            yield self.words.t("assignment.by_payment")
        if self.measures["orders_dealt"]:
            yield self.words.t("assignment.dealt", n=self.measures["orders_dealt"])

    # --- tables --------------------------------------------------------------------------------

    def _desks(self) -> Iterator[dict[str, str]]:
        if not self.measures["orders"]:
            return
        names = {row["taker_id"]: row["taker_name"] for row in self.month.rows("desks")}
        for row in self.month.rows("desks"):
            other = row["substitute_id"]
            yield {
                "id": row["taker_id"],
                "name": row["taker_name"] or "",
                "substitute": evidence.NONE if other is None else names.get(other) or other,
                "away": self._away(row),
                **{f"load_{way}": self.words.number(row[f"load_{way}"]) for way in _WAYS},
                **{f"wait_{way}": self._minutes(row[f"wait_minutes_{way}"]) for way in _WAYS},
            }

    def _away(self, row: dict[str, Any]) -> str:
        first, last = row["away_from"] or row["away_to"], row["away_to"] or row["away_from"]
        if first is None:
            return evidence.NONE
        begins, ends = (self.words.short_day(day) for day in (first, last))
        return self.words.t("unit.window", first=begins, last=ends)

    def _minutes(self, minutes: Any) -> str:
        return whole_minutes(minutes, self.words)

    def _totals(self) -> Iterator[dict[str, str]]:
        if self.outcome["advice"] is None:
            return
        kinds = {
            "average_wait_minutes": ("assignment.total.wait", self._minutes),
            "evenness_percent": ("assignment.total.evenness", self.words.percent),
            "busiest_percent": ("assignment.total.busiest", self.words.percent),
        }
        for part, (key, shown) in kinds.items():
            cells = {way: shown(self.outcome[f"{part}_{way}"]) for way in _WAYS}
            yield {"name": self.words.t(key), **cells}
        longest = {way: self._longest(way) for way in _WAYS}
        yield {"name": self.words.t("assignment.total.longest"), **longest}

    def _longest(self, way: str) -> str:
        return self._minutes(self.measures[f"longest_wait_minutes_{way}"])

    def _assumed(self) -> list[dict[str, str]]:
        provisions = [self.rules.provision(name) for name in _ASSUMED]
        return [
            {
                "name": self.words.pick(p.title),
                "value": self.words.unit(p.value, p.unit),
                "why": self.words.pick(p.why) if p.why else "",
                "status": self.words.t(f"status.{p.status}"),
                "status_code": p.status,
            }
            for p in provisions
        ]

    def _evidence(self) -> list[evidence.Evidence]:
        return evidence.rows(self.month.rows("explanation"), self.measures, self.rules, self.words)

    # --- the chart -----------------------------------------------------------------------------

    def loads_chart(self) -> Chart | None:
        """Return each order-taker's orders without and with substitutes; none without advice."""
        if self.outcome["advice"] is None:
            return None
        rows = self.month.rows("desks")
        labels = [row["taker_name"] or row["taker_id"] for row in rows]
        # Two of one name would stand on one bar.
        if len(set(labels)) < len(labels):
            labels = [row["taker_id"] for row in rows]
        traces = [
            {
                "type": "bar", "name": self.words.t(f"assignment.{way}"), "x": labels,
                "y": [float(row[f"load_{way}"]) for row in rows],
                "marker": {"color": _COLOURS[way]}, "hovertemplate": "%{y:,.1f}",
            }
            for way in _WAYS
        ]  # fmt: skip
        return figures.figure(
            traces, 280, barmode="group",
            title={"text": self.words.t("chart.assignment.title"), "x": 0, "font": {"size": 15}},
            xaxis={"type": "category"}, yaxis={"rangemode": "tozero", "tickformat": ",d"},
        )  # fmt: skip

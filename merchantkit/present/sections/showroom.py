"""The 3D showroom in a briefing: how far it has come, what comes next, and what changed since.

Rows in, text out; no day and no number is compared with a rule here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from merchantkit.days import Month
from merchantkit.present import evidence, figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.programmes.showroom import CLAIMS, COUNTS, LAST_DAYS, SHOWN, STEPS
from merchantkit.rulebook import ProgrammeRules, dormant

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth

NAME = "showroom"
_BENCHMARKS = ("venue_visitors", "venue_dwell", "large_buyers", "large_buyers_more")
_COLOURS = {"visitors": figures.BLUE, "inquiries": figures.ORANGE}


@dataclass(frozen=True)
class ShowroomSection:
    """One merchant's showroom, ready to be shown."""

    case: "Case"
    month: "ProgrammeMonth"
    words: Words

    @cached_property
    def measures(self) -> dict[str, Any]:
        """The days of its steps and the counts around the live day, by column."""
        return self.month.row("measures")

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The merchant's outcome, by column."""
        return self.month.row("outcome")

    @cached_property
    def _explained(self) -> list[dict[str, Any]]:
        return self.month.rows("explanation")

    @property
    def rules(self) -> ProgrammeRules:
        """The programme's rules on the day."""
        return self.case.rules.programme(NAME)

    def html(self) -> Html:
        """Return the section: sentences, the steps, the change beside the claims, the rules."""
        return render(
            NAME, self.words, sentences=list(self.sentences()), steps=list(self._steps()),
            changes=list(self._changes()), claims=list(self._claims()),
            benchmarks=list(self._benchmarks()), rows=self._evidence(), clock=self.rules.clock,
            planned=[self.words.pick(p.title) for p in dormant(self.rules)],
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return the stage for the head of the briefing, and what comes next."""
        if self.outcome["stage"] is None:
            return evidence.NONE, self.words.reason(self.outcome["stage_reason"])
        return self.words.t(f"showroom.stage.{self.outcome['stage']}"), self._next()

    def sentences(self) -> Iterator[str]:
        """Yield what a consultant would say, in order."""
        t, outcome = self.words.t, self.outcome
        if outcome["stage"] is not None:
            stage = t(f"showroom.stage.{outcome['stage']}")
            yield t("showroom.stands", stage=stage, day=self.words.day(self.case.day))
            yield self._next()
            if outcome["next_action"] is not None and outcome["act_by"] is None:
                yield t("showroom.no_day", reason=self.words.reason(outcome["act_by_reason"]))
            yield from self._venue()
        if (self.measures["showrooms"] or 0) > 1:
            yield t("showroom.several", n=self.measures["showrooms"])
        for count in COUNTS:
            yield self._changed(count)

    def _next(self) -> str:
        t, step = self.words.t, self.outcome["next_action"]
        if step is None:
            reason = self.words.reason(self.outcome["next_action_reason"])
            return t("showroom.next.none", reason=reason)
        if self.outcome["act_by"] is None:
            return t("showroom.next", action=t(f"showroom.action.{step}"))
        return t(
            "showroom.next.by", n=self.outcome["days_left"],
            action=t(f"showroom.action.{step}"), day=self.words.day(self.outcome["act_by"]),
        )  # fmt: skip

    def _venue(self) -> Iterator[str]:
        # Of May's home venue nobody needs to be told who never gets as far, or once May is over.
        by = self.rules["venue_by"]
        if self.outcome["lapsed"] or self.case.day > Month.of(by).last:
            return
        chance = {True: "yes", False: "no", None: "yet"}[self.outcome["venue_chance"]]
        yield self.words.t(f"showroom.venue.{chance}", day=self.words.day(by))

    def _changed(self, count: str) -> str:
        t, outcome, name = self.words.t, self.outcome, self.words.t(f"showroom.count.{count}")
        change = outcome[f"{count}_change_percent"]
        if change is None:
            reason = self.words.reason(outcome[f"{count}_change_percent_reason"])
            return t("showroom.change.none", name=name, reason=reason)
        about = {
            "name": name,
            "live": self.words.day(self.measures["live_on"]),
            "change": self._signed(change),
        }
        n = self.measures[f"{count}_days"]
        if outcome[f"{count}_effect"] is None:
            reason = self.words.reason(outcome[f"{count}_low_percent_reason"])
            return t("showroom.change.bare", n=n, reason=reason, **about)
        reading = t(f"showroom.effect.{outcome[f'{count}_effect']}")
        return t(
            "showroom.change", n=n, range=self._range(count), reading=reading,
            confidence=self.words.percent(self.rules["confidence"]), **about,
        )  # fmt: skip

    def _signed(self, percent: Any) -> str:
        return ("+" if percent > 0 else "") + self.words.percent(percent)

    def _range(self, count: str) -> str:
        low, high = (self.outcome[f"{count}_{end}_percent"] for end in ("low", "high"))
        if low is None:
            return evidence.NONE
        return self.words.t("showroom.range", low=self._signed(low), high=self._signed(high))

    # --- tables --------------------------------------------------------------------------------

    def _steps(self) -> Iterator[dict[str, str]]:
        batch = [row["met"] for row in self._explained if row["check"].startswith("batch.")]
        for step in STEPS:
            # Of another batch no last days are printed; that of the venues is everyone's.
            by = LAST_DAYS.get(step) if step in SHOWN or (batch and all(batch)) else None
            yield {
                "name": self.words.code(step),
                "on": self.words.day(self.measures[f"{step}_on"]),
                "by": self.words.day(self.rules[by]) if by else evidence.NONE,
                "next": self.words.t("showroom.step.next") if self._is_next(step) else "",
            }

    def _is_next(self, step: str) -> bool:
        return bool(self.outcome["next_action"] == step)

    def _changes(self) -> Iterator[dict[str, str]]:
        for count in COUNTS:
            if self.outcome[f"{count}_change_percent"] is not None:
                yield {
                    "name": self.words.t(f"showroom.count.{count}"),
                    "days": self.words.unit(self.measures[f"{count}_days"], "day"),
                    "before": self.words.number(self.measures[f"{count}_before"]),
                    "after": self.words.number(self.measures[f"{count}_after"]),
                    "change": self._signed(self.outcome[f"{count}_change_percent"]),
                    "range": self._range(count),
                }

    def _claims(self) -> Iterator[dict[str, str]]:
        for claim in CLAIMS:
            lies = self.outcome[f"against_{claim}"]
            provision = self.rules.provision(claim)
            yield {
                "name": self.words.pick(provision.title),
                "claim": self._signed(provision.value),
                "source": provision.source.text,
                "lies": evidence.NONE if lies is None else self.words.t(f"showroom.against.{lies}"),
            }

    def _benchmarks(self) -> Iterator[dict[str, str]]:
        for name in _BENCHMARKS:
            provision = self.rules.provision(name)
            yield {
                "name": self.words.pick(provision.title),
                "claim": self.words.unit(provision.value, provision.unit),
                "source": provision.source.text,
            }

    def _evidence(self) -> list[evidence.Evidence]:
        rows = [row for row in self._explained if row["check"].split(".")[0] not in CLAIMS]
        rows = [row for row in rows if row["check"] != "effect.live" or not row["met"]]
        # Several lengths are held to one limit: equal ones are told once.
        told = {(row["rule"], row["observed"]): row for row in reversed(rows)}
        return evidence.rows(list(told.values()), self.measures, self.rules, self.words)

    # --- the chart -----------------------------------------------------------------------------

    def weeks_chart(self) -> Chart | None:
        """Return visitors and enquiries by week around the live day; none where none compare."""
        # The live day is in neither window: a gap, not a line, leads over it.
        gap = {"week": 0, **dict.fromkeys(COUNTS)}
        rows = sorted([*self.month.rows("weeks"), gap], key=lambda row: row["week"])
        if not any(self.outcome[f"{count}_change_percent"] is not None for count in COUNTS):
            return None
        traces = [self._trace(count, rows) for count in COUNTS]
        title = self.words.t("chart.showroom.title", live=self.words.day(self.measures["live_on"]))
        return figures.figure(
            traces, 300, title={"text": title, "x": 0, "font": {"size": 15}},
            xaxis={"tickformat": "d", "title": {"text": self.words.t("chart.showroom.week")}},
            yaxis={"rangemode": "tozero", "tickformat": ",d"},
            yaxis2=figures.right_axis(),
            legend={"orientation": "h", "y": -0.36, "x": 0, "traceorder": "normal"},
        )  # fmt: skip

    def _trace(self, count: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        name, left = self.words.t(f"showroom.count.{count}"), count == COUNTS[0]
        return {
            "type": "scatter", "mode": "lines+markers", "connectgaps": False,
            "name": name if left else self.words.t("chart.showroom.right", name=name),
            "x": [row["week"] for row in rows],
            "y": [None if row[count] is None else int(row[count]) for row in rows],
            "yaxis": "y" if left else "y2",
            "line": {"color": _COLOURS[count], "width": 2}, "hovertemplate": "%{y:,d}",
        }  # fmt: skip

"""The star rating in a briefing: stars or their range, what lifts them, indicators, traffic.

Rows in, text out: nothing here needs a frame, and no threshold is compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from merchantkit.present import evidence, figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.rules_when import When
from merchantkit.present.words import Words
from merchantkit.rulebook import Provision, dormant

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth

NAME = "star"
_TIERS = (1, 2)
# Indicator → the measure that shows it and its unit; the index and RFQ have words of their own.
_INDICATORS = {
    "leads": ("leads", "number"),
    "lead_conversion": ("lead_conversion_percent", "percent"),
    "promoted_conversion": ("promoted_conversion_percent", "percent"),
}


@dataclass(frozen=True)
class StarSection:
    """One merchant's star rating, ready to be shown."""

    case: "Case"
    month: "ProgrammeMonth"
    words: Words

    @cached_property
    def measures(self) -> dict[str, Any]:
        """The merchant's scores, indicators and traffic, by column."""
        return self.month.row("measures")

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The merchant's outcome, by column."""
        return self.month.row("outcome")

    @cached_property
    def held(self) -> dict[str, Any]:
        """The programme's values on the day, by parameter."""
        provisions = self.case.rules.programme(NAME).provisions()
        return {provision.rule.partition(".")[2]: provision.value for provision in provisions}

    @property
    def rated(self) -> bool:
        """Whether any pillar's score is known."""
        return any(self.measures[f"{pillar}_score"] is not None for pillar in self.held["pillars"])

    def html(self) -> Html:
        """Return the section: stars, pillars, indicators, traffic, and the cut-offs."""
        rules = self.case.rules.programme(NAME)
        return render(
            "star", self.words, rated=self.rated, clock=rules.clock, rows=self._evidence(),
            stars=list(self._stars()), bonus=list(self._bonus()), pillars=list(self._pillars()),
            next_star=self._next_star(), needs=list(self._needs()), measured=self._measured(),
            track=self.measures["track"], indicators=list(self._indicators()),
            deferred=list(self._deferred()), traffic=list(self._traffic()),
            traffic_said=self._traffic_said(), until=self.outcome["quote_rate_until"],
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return the stars for the head of the briefing, and what holds them."""
        outcome, t = self.outcome, self.words.t
        if not self.rated:
            return evidence.NONE, self.words.reason(outcome["star_reason"])
        if outcome["star"] is None:
            low, high = outcome["star_low"], outcome["star_high"]
            unknown = self._listed(outcome["unknown_matters"])
            return t("star.range", low=low, high=high), t("star.unknown", pillars=unknown)
        lowest = t("star.lowest", pillars=self._listed(outcome["lowest_pillars"]))
        if self.measures["rfq_points_in_score"] == 0 and self._earned()["points"]:
            lowest = t("star.lowest_without", lowest=lowest, n=self._earned()["points"])
        return t("star.is", n=outcome["star"]), lowest

    def _evidence(self) -> list[evidence.Evidence]:
        # While a pillar is unknown there is no lowest score to be compared.
        if self.outcome["lowest_score"] is None:
            return []
        rules = self.case.rules.programme(NAME)
        rows = evidence.rows(self.month.rows("explanation"), self.measures, rules, self.words)
        unstated = {f"{NAME}.{name}" for name, value in self.held.items() if value is None}
        said = self.words.t("rulebook.not_stated")
        return [replace(row, required=said) if row.rule in unstated else row for row in rows]

    # --- stars ------------------------------------------------------------------------------

    def _stars(self) -> Iterator[str]:
        outcome, t, day = self.outcome, self.words.t, self.words.day(self.case.day)
        if not self.rated:
            yield t("star.said.none", day=day)
            return
        lowest = self._listed(outcome["lowest_pillars"])
        if outcome["star"] is None:
            low, high = outcome["star_low"], outcome["star_high"]
            unknown = self._listed(outcome["unknown_matters"])
            yield t("star.said.range", day=day, low=low, high=high, unknown=unknown)
            yield t("star.said.capped", pillars=lowest, high=high)
            return
        yield t("star.said.is", n=outcome["star"], day=day, pillars=lowest)
        if outcome["unknown_pillars"] is not None:
            yield t("star.said.settled", unknown=self._listed(outcome["unknown_pillars"]))

    def _bonus(self) -> Iterator[str]:
        effects = {tier: self.outcome[f"effect_tier_{tier}"] for tier in _TIERS}
        if not self.rated:
            return
        yield from self._now()
        if None in effects.values():
            reason = self.words.reason(self.outcome["star_tier_1_reason"])
            yield self.words.t("star.bonus.unknown", reason=reason)
        elif effects[1] == effects[2] and effects[1] in ("track", "not_yet"):
            yield self.words.t(f"star.bonus.{effects[1]}")
        else:
            yield from (self._effect(tier, effect) for tier, effect in effects.items())

    def _now(self) -> Iterator[str]:
        t, earned, inside = self.words.t, self._earned(), self.measures["rfq_points_in_score"]
        if earned["points"]:
            yield t("star.bonus.now", n=earned["points"], tier=t(f"rfq.tier.{earned['tier']}"))
        if inside is None:
            yield t("star.bonus.apart")
        elif self.measures["marketing_score"] is not None:
            score = self.words.number(self.measures["marketing_score"])
            if inside:
                yield t("star.bonus.inside", score=score, n=inside)
            elif self.outcome["effect_tier_1"] not in ("track", "not_yet"):
                yield t("star.bonus.outside", score=score)

    def _earned(self) -> dict[str, Any]:
        """Return the merchant's RFQ tier and its points, where there is an RFQ index."""
        month = self.case.programme("rfq")
        return month.row("outcome") if month else {"points": None}

    def _effect(self, tier: int, effect: str) -> str:
        rfq, now = self.case.rules.programme("rfq"), self.outcome["star"]
        star = self.outcome[f"star_tier_{tier}"]
        if effect == "counted":
            star = self.outcome["star_without_points"]
        key = f"star.bonus.{effect}"
        if effect in ("counted", "fewer") and None not in (star, now):
            key += ".lower" if star < now else ".same"
        return self.words.t(
            key, n=int(rfq[f"tier_{tier}_points"]), tier=self.words.t(f"rfq.tier.{tier}"), star=star
        )

    def _pillars(self) -> Iterator[dict[str, Any]]:
        lowest = (self.outcome["lowest_pillars"] or "").split(",")
        for pillar in self.held["pillars"]:
            score, star = self.measures[f"{pillar}_score"], self.outcome[f"{pillar}_star"]
            lacks = self.outcome[f"{pillar}_to_next"]
            yield {
                "name": self.words.code(pillar),
                "score": self.words.number(score),
                "star": evidence.NONE if star is None else self.words.t("star.is", n=star),
                "lacks": "✓" if lacks == 0 else self.words.signed(lacks),
                "lowest": pillar in lowest,
            }

    def _next_star(self) -> str | None:
        following = self.outcome["star_high"] + 1
        score = self.held.get(f"star_{following}_score")
        if score is None:
            return None
        return self.words.t("star.next", n=following, score=self.words.number(score))

    def _needs(self) -> Iterator[str]:
        """Yield what each star in the range asks of the pillars that are unknown and matter."""
        if self.outcome["star"] is not None or not self.rated:
            return
        unknown = self._listed(self.outcome["unknown_matters"])
        for star in range(self.outcome["star_low"] + 1, self.outcome["star_high"] + 1):
            score = self.words.number(self.held[f"star_{star}_score"])
            yield self.words.t("star.needs", n=star, score=score, pillars=unknown)

    # --- indicators -------------------------------------------------------------------------

    def _measured(self) -> bool:
        shown = [column for column, _ in _INDICATORS.values()]
        known = (*shown, "enquiring_buyers", "average_response_hours", "rfq_quote_percent")
        return any(self.measures[column] is not None for column in known)

    def _indicators(self) -> Iterator[dict[str, str]]:
        for number, indicator in enumerate(self.held["customization_indicators"], start=1):
            marks = [
                self.words.t(f"star.indicator.{kind}")
                for kind in ("threshold", "bonus")
                if indicator in (self.held.get(f"{kind}_indicators") or ())
            ]
            value, note = self._indicator(indicator)
            yield {
                "number": str(number), "name": self.words.code(indicator),
                "mark": "".join(marks), "value": value, "note": note,
            }  # fmt: skip

    def _indicator(self, indicator: str) -> tuple[str, str]:
        words, measures, outcome = self.words, self.measures, self.outcome
        if indicator == "response_time":
            hours = outcome["response_hours"]
            if hours is None:
                return evidence.NONE, words.reason(outcome["response_hours_reason"])
            return words.unit(hours, "hour"), ""
        if indicator == "traffic_index":
            paid, own = outcome["traffic_paid"], outcome["traffic_own"]
            if paid is None or own is None:
                return evidence.NONE, words.reason(outcome["traffic_paid_reason"])
            return words.t("star.visits", n=paid + own), words.t("star.visits_only")
        if indicator == "rfq_index":
            month = self.case.programme("rfq")
            tier = month.row("outcome")["tier"] if month else None
            return (evidence.NONE if tier is None else words.t(f"rfq.tier.{tier}")), ""
        column, kind = _INDICATORS[indicator]
        value = measures[column]
        shown = words.percent(value) if kind == "percent" else words.number(value)
        return shown, words.reason("not_given") if value is None else ""

    def _deferred(self) -> Iterator[str]:
        """Yield what is still deferred for the ready-to-ship track, and until when."""
        if self.measures["track"] != "rts":
            return
        for provision in dormant(self.case.rules.programme(NAME)):
            if provision.status == "deferred":
                yield self._put_off(provision)

    def _put_off(self, provision: Provision) -> str:
        why = self.words.pick(provision.why) if provision.why else ""
        return self.words.t(
            "star.deferred", title=self.words.pick(provision.title), why=why,
            source=provision.source.text,
            till=When(self.case.rules.day, self.words).till(provision),
        )  # fmt: skip

    # --- traffic ----------------------------------------------------------------------------

    def _traffic(self) -> Iterator[dict[str, Any]]:
        if self.outcome["traffic_paid"] is None and self.measures["rfq_quote_percent"] is None:
            return
        for part in ("paid", "own"):
            for tool in self.held[f"traffic_{part}_tools"]:
                visits = self.words.number(self.measures[f"traffic_{tool}"])
                yield self._tool(part, tool, visits, after=True)
        rate = self.words.percent(self.measures["rfq_quote_percent"])
        yield self._tool(
            "rfq", "rfq_quote_rate", rate, after=self.outcome["quote_rate_until"] is None
        )

    def _tool(self, part: str, tool: str, value: str, *, after: bool) -> dict[str, Any]:
        name, kind = self.words.code(tool), self.words.t(f"star.part.{part}")
        return {"name": name, "part": kind, "value": value, "after": after}

    def _traffic_said(self) -> str | None:
        effect, until = self.outcome["traffic_effect"], self.outcome["quote_rate_until"]
        if effect is None:
            return None
        when = "before" if self.outcome["quote_rate_counts"] else "after"
        key = f"star.traffic.{effect}" + ("" if effect == "stays" else f".{when}")
        rate = self.words.percent(self.measures["rfq_quote_percent"])
        return self.words.t(key, rate=rate, until=self.words.day(until))

    # --- the trend --------------------------------------------------------------------------

    def trend_chart(self) -> Chart | None:
        """Return the response time by day, with gaps where there is none; from two records on."""
        rows = self.month.rows("trend")
        if sum(row["response_hours"] is not None for row in rows) < len(_TIERS):
            return None
        hours = [row["response_hours"] for row in rows]
        trace = {
            "type": "scatter", "mode": "lines+markers", "connectgaps": False,
            "x": [row["day"].isoformat()[:10] for row in rows],
            "y": [None if value is None else float(value) for value in hours],
            "line": {"color": figures.BLUE, "width": 2}, "marker": {"size": 5},
            "hovertemplate": "%{y}",
        }  # fmt: skip
        gaps = sorted({row["response_hours_reason"] for row in rows} - {None})
        text = self.words.t("chart.response.title", n=self.held["trend_days"])
        title: dict[str, Any] = {"text": text, "x": 0, "font": {"size": 15}}
        note = self.words.t("list.separator").join(map(self.words.reason, gaps))
        if note:
            why = self.words.t("chart.response.gaps", why=note)
            title["subtitle"] = {"text": why, "font": {"size": 12}}
        return figures.figure(
            [trace], 280, title=title, showlegend=False,
            margin={"l": 8, "r": 16, "t": 56, "b": 8},
            xaxis={"tickformat": "%m-%d"}, yaxis={"rangemode": "tozero"},
        )  # fmt: skip

    def _listed(self, codes: str | None) -> str:
        names = map(self.words.code, codes.split(",")) if codes else ()
        return self.words.t("list.separator").join(names)

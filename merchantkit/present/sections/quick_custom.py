"""RTS小单快定 in a briefing: which products are eligible, the fixes, the ladder, the calendar."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.present import evidence, figures
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.sections.calendar import day_of, left_of, status_of
from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules, Rules, entries

NAME = "quick_custom"
# A page is read, not scrolled for ever: the products nearest to eligible come first.
SHOWN, QUOTED = 12, 8
_NEGOTIATED = "to_be_negotiated"


@dataclass(frozen=True)
class QuickCustomSection:
    """One shop's products, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """The shop's products, measures and outcome together, the nearest to eligible first."""
        rows = zip(self.month.rows("measures"), self.month.rows("outcome"), strict=True)
        return sorted(({**measured, **outcome} for measured, outcome in rows), key=_distance)

    @cached_property
    def total(self) -> dict[str, Any]:
        """The shop's summary, by column."""
        return self.month.row("summary")

    @cached_property
    def quotes(self) -> list[dict[str, Any]]:
        """One model's prices and lead times, by pieces."""
        return self.month.rows("quotes")

    @property
    def rules(self) -> ProgrammeRules:
        """The scene's rules on the day."""
        return self.case.rules.programme(NAME)

    def html(self) -> Html:
        """Return the section: sentences, products with their fixes, checks, and the calendar."""
        explained = self.month.rows("explanation")
        one = next(p for p in self.products if p["product_id"] == explained[0]["subject"])
        # What buyers prefer is no gate: a sentence says it.
        gates = [row for row in explained if not row["check"].startswith("advice.")]
        return render(
            NAME, self.words, sentences=self.sentences(),
            products=[self._shown(product) for product in self.products[:SHOWN]],
            more=len(self.products) - SHOWN, one=one["product_id"],
            rows=evidence.rows(gates, one, self.rules, self.words),
            calendar=dates(self.case.rules, self.case.day, self.words), clock=self.rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return how many products are eligible, and how many are one fix away."""
        number, total = self.words.number, self.total
        big = self.words.t(
            "quick_custom.headline", eligible=number(total["eligible"]),
            products=number(total["products"]),
        )  # fmt: skip
        near = int(total["one_fix_away"])
        t = self.words.t
        return big, t("quick_custom.one_away", n=near) if near else t("quick_custom.of_products")

    def quoted(self) -> Html | None:
        """Return the table of one model's quotes, where it has a price or a lead time."""
        if not self.quotes:
            return None
        shown = self.quotes[:QUOTED]
        quotes = [self._quoted(row) for row in shown]
        named = {"model": shown[0]["model_id"], "product": shown[0]["product_id"]}
        more = len(self.quotes) - len(shown)
        return render("quick_custom_quotes", self.words, quotes=quotes, named=named, more=more)

    def ladder_chart(self) -> Chart | None:
        """Return that model's unit price and lead time by pieces, where its price is known."""
        rows = [row for row in self.quotes if row["unit_price_usd"] is not None]
        if not rows:
            return None
        return figures.ladder(
            [int(row["pieces"]) for row in rows],
            [row["unit_price_usd"] for row in rows],
            [None if row["lead_time_days"] is None else int(row["lead_time_days"]) for row in rows],
            rows[0]["model_id"],
            self.words,
        )

    # --- sentences -----------------------------------------------------------------------------

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        total, number, t = self.total, self.words.number, self.words.t
        counts = ("eligible", "one_fix_away", "more_fixes_away", "not_fixable", "undecided")
        said = [
            t("quick_custom.count", n=int(total["products"]),
              **{count: number(total[count]) for count in counts}),
            *self._best(),
            *self._advice(),
        ]  # fmt: skip
        taken = {gate for p in self.products for gate in _codes(p["taken_gates"])}
        if taken:
            named = t("list.separator").join(self.words.code(gate) for gate in sorted(taken))
            said.append(t("quick_custom.taken", gates=named))
        return [*said, *self._positions()]

    def _best(self) -> list[str]:
        if not self.total["best_fix"]:
            return []
        gate, n = self.words.code(self.total["best_fix"]), int(self.total["best_fix_products"])
        return [self.words.t("quick_custom.best_fix", n=n, gate=gate)]

    def _advice(self) -> list[str]:
        rules, unit = self.rules, self.words.unit
        said: dict[str, Any] = {
            name: unit(rules[f"advised_moq{end}"], "piece")
            for name, end in (("least", "_least"), ("most", "_most"), ("best", ""))
        }
        said["lowest"] = unit(rules["moq_as_low_as"], "piece")
        for name in ("view_to_click", "click_to_pay", "own_brand_sellers"):
            said[name] = unit(rules[name], "percent")
        told = [p["moq_advised"] for p in self.products if p["moq_advised"] is not None]
        apart = len(told) - sum(map(bool, told))
        advice = [self.words.t("quick_custom.advice", **said)]
        return [*advice, self.words.t("quick_custom.unadvised", n=apart)] if apart else advice

    def _positions(self) -> list[str]:
        # The scene is over after September; the gates are not.
        held = {provision.rule.partition(".")[2] for provision in self.rules.provisions()}
        if "scene_positions" not in held:
            return []
        named, number = self.rules["scene_positions"], self.words.number
        least, most = (number(self.rules[f"positions_{end}"]) for end in ("least", "most"))
        places = self.words.unit(named, "list")
        positions = number(len(named))
        key = "quick_custom.positions"
        return [self.words.t(key, positions=positions, least=least, most=most, named=places)]

    # --- tables --------------------------------------------------------------------------------

    def _shown(self, product: dict[str, Any]) -> dict[str, Any]:
        words = self.words
        moq, days = product["moq_pieces"], product["lead_time_days"]
        return {
            "id": product["product_id"],
            "name": product["product_name"],
            "standing": self._standing(product),
            "moq": evidence.NONE if moq is None else words.unit(moq, "piece"),
            "days": self._days(days, product["lead_time_days_reason"]),
            "unit": words.amount(product["unit_price_usd"]),
            "order": words.amount(product["order_usd"]),
            "fixes": [self._fix(gate, product) for gate in _codes(product["failed_gates"])],
            "why": words.reason(_unknown(product)),
        }

    def _standing(self, product: dict[str, Any]) -> str:
        if product["eligible"]:
            return self.words.t("quick_custom.standing.eligible")
        if product["fixes"] is not None:
            return self.words.t("quick_custom.standing.fixes", n=int(product["fixes"]))
        key = "not_fixable" if product["fixes_reason"] == "not_fixable" else "undecided"
        return self.words.t(f"quick_custom.standing.{key}")

    def _fix(self, gate: str, product: dict[str, Any]) -> str:
        rules, words = self.rules, self.words
        limits: dict[str, Any] = {
            name: words.unit(rules[name], rules.provision(name).unit)
            for name in ("rts_share", "moq_most", "lead_time_most", "model_products_most")
        }
        return words.t(
            f"quick_custom.fix.{gate}", **limits,
            short=words.number(product["rts_products_short"]),
            late=words.number(product["late_orders"]),
            moq=words.number(product["moq_pieces"]),
            days=self._days(product["lead_time_days"], product["lead_time_days_reason"]),
            bound=words.number(product["model_products"]),
            industry=product["main_industry"] or evidence.NONE,
            industries=words.number(len(rules["industries"])),
        )  # fmt: skip

    def _days(self, days: Any, reason: str | None) -> str:
        if reason == _NEGOTIATED:
            return self.words.t("quick_custom.negotiated")
        return evidence.NONE if days is None else self.words.unit(days, "day")

    def _quoted(self, row: dict[str, Any]) -> dict[str, str]:
        reasons = {row[f"{name}_reason"] for name in ("unit_price_usd", "lead_time_days")}
        told = sorted(reason for reason in reasons if reason and reason != _NEGOTIATED)
        return {
            "pieces": self.words.unit(row["pieces"], "piece"),
            "unit": self.words.amount(row["unit_price_usd"]),
            "total": self.words.amount(row["total_usd"]),
            "days": self._days(row["lead_time_days"], row["lead_time_days_reason"]),
            "why": self.words.t("list.separator").join(map(self.words.reason, told)),
        }


def dates(rules: Rules, day: dt.date, words: Words) -> list[dict[str, str]]:
    """Return the scene's lines of the calendar as texts: when, what, how long, and its status.

    Args:
        rules: The rules.
        day: The day as of which the month is assessed.
        words: The language.
    """
    found = (e for e in entries(rules, day, programmes=[NAME]) if e.programme == NAME)
    return [
        {
            "when": day_of(entry, day, words),
            "what": words.pick(entry.title),
            "value": words.unit(entry.value, "list") if isinstance(entry.value, list) else "",
            "left": left_of(entry, day, words),
            "status": status_of(entry, day),
        }
        for entry in found
    ]


def _codes(codes: str | None) -> list[str]:
    return codes.split(",") if codes else []


def _unknown(product: dict[str, Any]) -> str | None:
    # Why it cannot be told whether a product is eligible; the fixes say it of the others.
    if product["eligible"] is None:
        return str(product["eligible_reason"])
    reason = product["fixes_reason"]
    return None if reason == "not_fixable" else reason


def _distance(product: dict[str, Any]) -> tuple[int, int, str]:
    # First what can be mended, the least work first; then what is not known, what cannot be
    # mended, and what needs nothing.
    if product["eligible"]:
        return (3, 0, product["product_id"])
    if product["fixes"] is not None:
        return (0, int(product["fixes"]), product["product_id"])
    return (2 if product["fixes_reason"] == "not_fixable" else 1, 0, product["product_id"])

"""Fees in a briefing: both routes side by side, for each order and for the month."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from merchantkit.present.html import Html, render
from merchantkit.present.words import Words

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth
    from merchantkit.rulebook import ProgrammeRules

# A page is read, not scrolled for ever: the sums are of all orders.
SHOWN = 12
ROUTES = ("platform", "offline")
# What the slide sets side by side, by the parameters' names without the route.
BENEFITS = ("rate", "cap", "insurance", "release", "exemption", "overdue_touches_stars")
# The money columns of an order and of the month, and what their headings are called.
AMOUNTS = {
    "received_usd": "received",
    "fee_platform_usd": "platform",
    "fee_offline_usd": "offline",
    "difference_usd": "difference",
    "fee_usd": "own",
}


@dataclass(frozen=True)
class FeesSection:
    """One merchant's fees of a month, ready to be shown."""

    case: "Case"
    month: "ProgrammeMonth"
    words: Words

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The sums of the merchant's orders, by column."""
        return self.month.row("summary")

    @cached_property
    def rules(self) -> "ProgrammeRules":
        """The fees' rules of the day."""
        return self.case.rules.programme("fees")

    def html(self) -> Html:
        """Return the section: sentences, the orders by both routes, and the routes' benefits."""
        orders = self.orders()
        return render(
            "fees", self.words, sentences=self.sentences(), orders=orders[:SHOWN],
            more=len(orders) - SHOWN, columns=list(AMOUNTS.values()),
            totals=self._amounts(self.summary), benefits=self.benefits(), clock=self.rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return the month's fee as it went for the head of the briefing, and what was missed."""
        s, t = self.summary, self.words.t
        if s["fee_usd"] is None:
            return self._usd(None), self.words.reason(s["fee_usd_reason"])
        said = t("fees.headline", missed=self._usd(s["missed_usd"]))
        if s["orders_route_unknown"]:
            said += t("fees.headline_unknown", n=s["orders_route_unknown"])
        return self._usd(s["fee_usd"]), said

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        s, t, usd = self.summary, self.words.t, self._usd
        said = [
            t("fees.month", n=s["orders"], received=usd(s["received_usd"]),
              platform=usd(s["fee_platform_usd"]), offline=usd(s["fee_offline_usd"])),
            t("fees.difference", difference=usd(s["difference_usd"]),
              rate=usd(s["difference_by_rate_usd"]), cap=usd(s["difference_by_cap_usd"])),
        ]  # fmt: skip
        if s["fee_usd"] is not None:
            said.append(
                t("fees.own", fee=usd(s["fee_usd"]), kept=usd(s["kept_usd"]),
                  missed=usd(s["missed_usd"]))
            )  # fmt: skip
        if s["orders_route_unknown"]:
            said.append(t("fees.unknown", n=s["orders_route_unknown"]))
        return [*said, *(self._cap(route) for route in ROUTES)]

    def _cap(self, route: str) -> str:
        # Here, as the programme brings pandas, which a section does without until it is needed.
        from merchantkit.programmes.fees import cap_bites_at

        name, size = self.words.code(route), cap_bites_at(self.rules, route)
        if size is None:
            return self.words.t("fees.no_cap", route=name)
        cap = self.words.unit(self.rules[f"{route}_cap"], "usd")
        capped = self.words.number(self.summary["orders_capped"])
        key = "fees.cap" if route == "platform" else "fees.cap_of"
        return self.words.t(key, route=name, cap=cap, size=self._usd(size), capped=capped)

    def orders(self) -> list[dict[str, Any]]:
        """Return the merchant's orders, the latest first, as texts by column."""
        rows = zip(self.month.rows("measures"), self.month.rows("outcome"), strict=True)
        latest = sorted(rows, key=lambda row: (row[0]["paid_on"], row[0]["order_id"]), reverse=True)
        return [self._order(measures, outcome) for measures, outcome in latest]

    def _order(self, measures: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
        route, words = outcome["route"], self.words
        told = [
            words.day(measures["paid_on"]),
            words.code(route) if route else words.reason(outcome["route_reason"]),
            *([words.t("fees.capped")] if outcome["capped"] else []),
            self._limit(outcome),
        ]
        return {
            "order_id": outcome["order_id"],
            "amounts": self._amounts(outcome),
            "under": " · ".join(told),
        }

    def _limit(self, outcome: dict[str, Any]) -> str:
        platform, offline = (self._days(outcome, f"limit_days_{route}") for route in ROUTES)
        if platform == offline:
            return self.words.t("fees.limit_same", days=platform)
        return self.words.t("fees.limit", platform=platform, offline=offline)

    def _days(self, outcome: dict[str, Any], column: str) -> str:
        if outcome[column] is None:
            reason = self.words.reason(outcome[f"{column}_reason"])
            return self.words.t("none.because", reason=reason)
        return self.words.unit(outcome[column], "day")

    def benefits(self) -> list[dict[str, Any]]:
        """Return what each route brings, row by row, with the rules and the slide."""
        return [self._benefit(benefit) for benefit in BENEFITS]

    def _benefit(self, benefit: str) -> dict[str, Any]:
        held = [self.rules.provision(f"{route}_{benefit}") for route in ROUTES]
        stated = [
            self.words.t(f"fees.none.{benefit}")
            if p.value is None
            else self.words.unit(p.value, p.unit)
            for p in held
        ]
        return {
            "title": self.words.t(f"fees.benefit.{benefit}"),
            "stated": stated,
            "held": held,
        }

    def _amounts(self, row: dict[str, Any]) -> list[str]:
        # The table's heading says USD once for all of them.
        return [self._usd(row[column]).removeprefix("USD ") for column in AMOUNTS]

    def _usd(self, amount: Any) -> str:
        return self.words.money(amount, "USD")

"""The express promotion in a briefing: what was saved, why nothing elsewhere, what is left."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.present import evidence
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules

NAME = "express"
# A page is read, not scrolled for ever: the latest orders are shown.
SHOWN = 15
# Of two ways to pass, the one that was not needed would only puzzle.
_WAYS = (("route.listed", "route.solution"), ("member.type", "member.name"))


@dataclass(frozen=True)
class ExpressSection:
    """One seller's express orders, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def orders(self) -> list[dict[str, Any]]:
        """The seller's orders in time order, each with its measures and its outcome."""
        rows = zip(self.month.rows("measures"), self.month.rows("outcome"), strict=True)
        return [{**measured, **outcome} for measured, outcome in rows]

    @cached_property
    def total(self) -> dict[str, Any]:
        """The seller's summary, by column."""
        return self.month.row("summary")

    @property
    def rules(self) -> ProgrammeRules:
        """The promotion's rules on the day."""
        return self.case.rules.programme(NAME)

    @staticmethod
    def absent(case: Case, words: Words) -> str | None:
        """Return why a sub-account has no section: its orders are the main account's."""
        return words.t("express.sub_account") if case.merchant.get("main_account_id") else None

    def html(self) -> Html:
        """Return the section: sentences, the orders, and one order's checks with their sources."""
        shown = self.orders[-SHOWN:]
        one = self._exemplary()
        return render(
            "express", self.words, sentences=self.sentences(),
            orders=[self._shown(order) for order in shown], more=len(self.orders) - len(shown),
            total=self.total, one=one["express_order_id"], rows=self._evidence(one),
            clock=self.rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return the sum saved for the head of the briefing, and what is left."""
        if self.total["saved_cny"] is None:
            return evidence.NONE, self._saved()
        said = self.words.t("express.headline", left=self._left())
        return self.words.money(self.total["saved_cny"], "CNY"), said

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        return [self._saved(), self._left(), *self._notes()]

    def _saved(self) -> str:
        t, total = self.words.t, self.total
        if total["saved_cny"] is None:
            reason = self.words.reason(total["saved_cny_reason"])
            return t("express.saved.unknown", reason=reason)
        if not total["orders_saved"]:
            return t("express.saved.none", day=self.words.day(self.case.day))
        amount = self.words.money(total["saved_cny"], "CNY")
        n, day = int(total["orders_saved"]), self.words.day(self.case.day)
        return t("express.saved", n=n, amount=amount, day=day)

    def _left(self) -> str:
        t, words, total = self.words.t, self.words, self.total
        closes, pay_by = (words.moment(self.rules[name]) for name in ("closes_at", "pay_by"))
        why = total["orders_left_reason"]
        if total["orders_left"] is None:
            return t("express.left.unknown", reason=words.reason(why))
        if why == "after_promotion":
            return t("express.left.closed", closes=closes)
        if total["orders_left"] == 0:
            return t("express.left.none", reason=words.reason(why))
        amount = words.money(total["left_cny"], "CNY")
        n = int(total["orders_left"])
        return t("express.left", n=n, amount=amount, closes=closes, pay_by=pay_by)

    def _notes(self) -> list[str]:
        t, said = self.words.t, []
        used = self.orders[0]
        if used.get("used_before_at") is not None:
            said.append(t("express.used_at", at=self._moment(used, "used_before_at", year=True)))
        waiting = [o for o in self.orders if o["saved_cny_reason"] == "not_paid"]
        if waiting:
            pay_by = self.words.moment(self.rules["pay_by"])
            said.append(t("express.waiting", n=len(waiting), pay_by=pay_by))
        if any(order.get("sub_account") for order in self.orders):
            said.append(t("express.accounts"))
        return said

    def _shown(self, order: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": order["express_order_id"],
            "sub_account": bool(order.get("sub_account")),
            "route": order["route"] or evidence.NONE,
            "ordered": self._moment(order, "ordered_at"),
            "paid": self._moment(order, "paid_at"),
            **{
                name: self.words.amount(order[f"{name}_cny"])
                for name in ("base_freight", "saved", "payable")
            },
            "why": self.words.reason(order["saved_cny_reason"]),
        }

    def _moment(self, order: dict[str, Any], column: str, *, year: bool = False) -> str:
        at: dt.datetime | None = order[column]
        if at is None:
            return evidence.NONE
        day = self.words.day if year else self.words.short_day
        if order.get(f"{column}_is_date"):
            return day(at.date())
        local = at.astimezone(ZoneInfo(self.rules.clock.zone))
        return f"{day(local.date())} {local:%H:%M:%S}"

    def _exemplary(self) -> dict[str, Any]:
        """Return the order whose checks tell most: the last one that was given nothing, if any."""
        refused = [order for order in self.orders if order["saved_cny_reason"]]
        return (refused or self.orders)[-1]

    def _evidence(self, order: dict[str, Any]) -> list[evidence.Evidence]:
        checks = self.month.rows("explanation")
        mine = {r["check"]: r for r in checks if r["subject"] == order["express_order_id"]}
        # A freight above what an order can take off is no condition that was missed.
        del mine["cap.order"]
        for usual, other in _WAYS:
            del mine[other if mine[usual]["met"] or not mine[other]["met"] else usual]
        return evidence.rows(list(mine.values()), order, self.rules, self.words)

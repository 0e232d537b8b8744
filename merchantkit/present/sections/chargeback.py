"""Chargeback protection in a briefing: the coverage, each dispute, and what is still missing."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.days import Month
from merchantkit.present import evidence
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules

NAME = "chargeback"
# A page is read, not scrolled for ever: the latest disputes are shown.
SHOWN = 12
AMOUNTS = ("disputed_usd", "no_refund_usd", "open_usd", "unprotected_usd")


def _together(disputes: list[dict[str, Any]]) -> Decimal | None:
    """Return what open disputes may have together: of each coverage no more than it has left."""
    coverages: dict[str, list[dict[str, Any]]] = {}
    for row in disputes:
        coverages.setdefault(row["coverage_id"] or "", []).append(row)
    parts = []
    for rows in coverages.values():
        apart, left = sum((row["open_usd"] for row in rows), Decimal(0)), rows[0]["left_usd"]
        if left is None and len(rows) > 1:
            return None
        parts.append(apart if left is None else min(apart, left))
    return sum(parts, Decimal(0))


@dataclass(frozen=True)
class ChargebackSection:
    """One merchant's coverage and disputes, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def disputes(self) -> list[dict[str, Any]]:
        """The merchant's disputes in time order, each with its measures and its outcome."""
        rows = zip(self.month.rows("measures"), self.month.rows("outcome"), strict=True)
        return [{**measured, **outcome} for measured, outcome in rows]

    @cached_property
    def coverage(self) -> dict[str, Any] | None:
        """What became of the merchant's application; ``None`` without one."""
        return next(iter(self.month.rows("coverage")), None)

    @cached_property
    def total(self) -> dict[str, Any] | None:
        """The merchant's sums; ``None`` without a dispute."""
        return next(iter(self.month.rows("summary")), None)

    @property
    def rules(self) -> ProgrammeRules:
        """The protection's rules on the day."""
        return self.case.rules.programme(NAME)

    def html(self) -> Html:
        """Return the section: sentences, the disputes, and one dispute's checks and sources."""
        shown, one = self.disputes[-SHOWN:], self._exemplary()
        return render(
            "chargeback", self.words, sentences=self.sentences(), columns=AMOUNTS,
            disputes=[self._shown(dispute) for dispute in shown],
            more=len(self.disputes) - len(shown),
            totals=self._amounts(self.total) if self.total else [],
            one=one and one["dispute_id"], rows=self._evidence(one) if one else [],
            clock=self.rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return what needs no refund for the head of the briefing, and what the coverage has."""
        if self.total is None:
            return self._state(), self._left()
        said = self.words.t("chargeback.headline", left=self._left())
        return self._usd(self.total["no_refund_usd"]), said

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        said = [self._activation(), *self._after_refusal()]
        if self.coverage and self.coverage["state"] != "refused":
            said.append(self._left())
        return [*said, *self._sums(), *self._steps()]

    # --- the coverage ---------------------------------------------------------------------------

    @property
    def _untold(self) -> bool:
        # Without any export of applications nobody can say that there was none.
        reasons = (row["paid_in_period_reason"] for row in self.disputes)
        return self.coverage is None and "no_coverage_facts" in reasons

    def _state(self) -> str:
        state = self.coverage["state"] if self.coverage else "never_applied"
        return self.words.t(f"chargeback.coverage.{'unknown' if self._untold else state}")

    def _activation(self) -> str:
        t, day, held = self.words.t, self.words.day, self.coverage
        if held is None:
            return t(f"chargeback.activation.{'unknown' if self._untold else 'never'}")
        if held["state"] == "refused":
            return t("chargeback.activation.refused", day=day(held["applied_on"]))
        first = day(held["from_on"])
        key = f"chargeback.activation.{held['state']}"
        if held["to_on"] is None:
            return t(f"{key}.runs_on", first=first)
        return t(key, first=first, last=self._end(held))

    def _end(self, held: dict[str, Any]) -> str:
        if held["to_at"] is None:
            return self.words.day(held["to_on"])
        return self.words.moment(held["to_at"].astimezone(ZoneInfo(self.rules.clock.zone)))

    def _after_refusal(self) -> list[str]:
        held = self.coverage
        said = []
        if held and held["reminder_month"]:
            month = Month.of(held["reminder_month"])
            over = month.last <= self.case.day
            key = "chargeback.reminder.past" if over else "chargeback.reminder"
            said.append(self.words.t(key, month=self.words.month(month.first)))
        if not self._untold and (held is None or held["may_apply"]):
            said.append(self.words.t("chargeback.may_apply"))
        return said

    def _left(self) -> str:
        t, held = self.words.t, self.coverage
        if self._untold:
            return t("chargeback.left.unknown", reason=self.words.reason("no_coverage_facts"))
        if held is None or held["state"] == "refused":
            return t("chargeback.left.none")
        if held["left_usd"] is None:
            return t("chargeback.left.unknown", reason=self.words.reason(held["left_usd_reason"]))
        return t(
            "chargeback.left", limit=self._usd(held["limit_usd"]),
            used=self._usd(held["used_usd"]), left=self._usd(held["left_usd"]),
        )  # fmt: skip

    # --- the disputes ---------------------------------------------------------------------------

    def _sums(self) -> list[str]:
        t, total = self.words.t, self.total
        if total is None:
            return [t("chargeback.no_disputes", day=self.words.day(self.case.day))]
        amounts = {column: self._usd(total[column]) for column in AMOUNTS}
        said = [t("chargeback.sums", n=int(total["disputes"]), **amounts)]
        apart = [row["open_usd"] for row in self.disputes if row["open_usd"]]
        if total["open_usd"] is not None and sum(apart) != total["open_usd"]:
            said.append(t("chargeback.open_together", amount=amounts["open_usd"]))
        if total["disputes_unknown"]:
            said.append(t("chargeback.unknown", n=int(total["disputes_unknown"])))
        return [*said, t("chargeback.bank")]

    def _steps(self) -> list[str]:
        waiting = [row for row in self.disputes if row["state"] == "open"]
        said = []
        for reason in ("evidence_missing", "evidence_pending"):
            mine = [row for row in waiting if row["no_refund_usd_reason"] == reason]
            if mine:
                amount = self._usd(_together(mine))
                said.append(self.words.t(f"chargeback.step.{reason}", n=len(mine), amount=amount))
        return said

    def _shown(self, dispute: dict[str, Any]) -> dict[str, Any]:
        t, why = self.words.t, self.words.reason(dispute["no_refund_usd_reason"])
        state = dispute["state"]
        told = [t(f"chargeback.state.{state}") if state else t("chargeback.state.unknown")]
        told += [why] if why else []
        for column in ("missing", "unclear"):
            if dispute[column]:
                listed = t("list.separator").join(
                    t(f"chargeback.condition.{word}") for word in dispute[column].split(",")
                )
                told.append(t(f"chargeback.{column}", conditions=listed))
        if dispute["bank_result"]:
            told.append(t(f"chargeback.bank.{dispute['bank_result']}"))
        return {
            "id": dispute["dispute_id"],
            "order_id": dispute["order_id"],
            "disputed": self._day(dispute, "disputed_at"),
            "amounts": self._amounts(dispute),
            "under": " · ".join(told),
        }

    def _day(self, dispute: dict[str, Any], column: str) -> str:
        at: datetime = dispute[column]
        if dispute[f"{column}_is_date"]:
            return self.words.short_day(at.date())
        return self.words.short_day(at.astimezone(ZoneInfo(self.rules.clock.zone)).date())

    def _amounts(self, row: dict[str, Any]) -> list[str]:
        return [self.words.amount(row[column]) for column in AMOUNTS]

    def _exemplary(self) -> dict[str, Any] | None:
        """Return the dispute whose checks tell most: the last that is not wholly protected."""
        short = [row for row in self.disputes if row["state"] != "protected"]
        return next(iter(reversed(short or self.disputes)), None)

    def _evidence(self, dispute: dict[str, Any]) -> list[evidence.Evidence]:
        checks = self.month.rows("explanation")
        # Of a coverage that there is not, or whose limit is not known, nothing can be compared.
        mine = [
            row for row in checks
            if row["subject"] == dispute["dispute_id"] and row["required"] is not None
        ]  # fmt: skip
        return evidence.rows(mine, dispute, self.rules, self.words)

    def _usd(self, amount: Any) -> str:
        return self.words.money(amount, "USD")

"""Shipping on time in a briefing: the rate, what hurt it, what can still be saved, tracking."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.days import Span
from merchantkit.present.html import Html, render
from merchantkit.present.words import Words
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook import Provision

NAME = "fulfilment"
# A page is read, not scrolled for ever: what is longer is in the assessment's files.
SHOWN = 12
_NONE = "—"
_AWAITED = Reason.AWAITING_INFORMATION.value
# The clock by which the sellers live, whatever the rule's.
_SELLERS = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class FulfilmentSection:
    """One merchant's shipments, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def orders(self) -> list[dict[str, Any]]:
        """The merchant's orders, measures and outcome together, by agreed day."""
        measures = {row["order_id"]: row for row in self.month.rows("measures")}
        rows = [{**measures[row["order_id"]], **row} for row in self.month.rows("outcome")]
        return sorted(rows, key=lambda row: (str(row["agreed_ship_on"]), row["order_id"]))

    @cached_property
    def totals(self) -> dict[str, Any]:
        """The merchant's row of the summary."""
        return self.month.row("summary")

    @cached_property
    def covered(self) -> bool:
        """Whether the rules speak of any of the merchant's orders."""
        return any(row["state"] for row in self.orders)

    @cached_property
    def _uncovered(self) -> list[str]:
        return sorted(row["state_reason"] for row in self.orders if row["state"] is None)

    def headline(self) -> tuple[str, str]:
        """Return the rate for the head of the briefing, and the one without exemptions."""
        if self.totals["on_time_percent"] is None:
            return _NONE, self._no_rate()
        rate = self.words.percent(self.totals["on_time_percent"])
        own = self.words.percent(self.totals["shipped_on_time_percent"])
        return rate, self.words.t("fulfilment.without", rate=own)

    def html(self) -> Html:
        """Return the section: sentences, the orders by what can be done, and the rules used."""
        rules = self.case.rules.programme(NAME)
        tables = {
            "save": self._table(self._savable, lambda row: row["act_by"], self._save),
            "late": self._table(self._late, None, self._missed),
            "exempt": self._table(self._exempt, None, self._excused),
            "spot": self._table(lambda row: row["spot_check"], self._checked, self._spot),
        }
        checked = [check.parameter for check in rules.checks.values()]
        used = [*checked, "points_per_failed_check"] if self.covered else []
        return render(
            NAME, self.words, sentences=self.sentences(), clock=rules.clock, shown=SHOWN,
            tables={name: rows for name, rows in tables.items() if rows},
            rules=[self._rule(rules.provision(p)) for p in used],
        )  # fmt: skip

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        parts = (self._rate, self._to_save, self._awaiting, self._tracking, self._left_out)
        return [sentence for part in parts for sentence in part()]

    # --- sentences -----------------------------------------------------------------------------

    def _rate(self) -> list[str]:
        t, totals = self.words.t, self.totals
        day = self.words.day(self.case.day)
        if not totals["orders"]:
            return [t("fulfilment.no_rate", day=day, reason=self._no_rate())]
        said = [
            t(
                "fulfilment.rate", n=totals["orders"], day=day,
                on_time=self.words.number(totals["on_time"]),
                exempt=self.words.number(totals["exempt"]),
                late=self.words.number(totals["late"]),
                rate=self.words.percent(totals["on_time_percent"]),
                own=self.words.percent(totals["shipped_on_time_percent"]),
            )
        ]  # fmt: skip
        if totals["exempt"]:
            said.append(t("fulfilment.marks", n=totals["overdue"]))
        return said

    def _no_rate(self) -> str:
        nothing_settled = self.totals["on_time_percent_reason"]
        return self.words.reason(nothing_settled if self.covered else self._uncovered[0])

    def _to_save(self) -> list[str]:
        savable = self.totals["savable"]
        if not savable:
            return []
        now = sum(row["act_by"] == self.case.day for row in self.orders if row["way"])
        said = [self.words.t("fulfilment.savable", n=savable)]
        if now:
            day = self.words.short_day(self.case.day)
            said.append(self.words.t("fulfilment.savable_today", n=now, day=day))
        return said

    def _awaiting(self) -> list[str]:
        waiting = [row for row in self.orders if _is_awaited(row)]
        if not waiting:
            return []
        hours = self.case.rules.programme(NAME)["information_hours"]
        told = self.words.unit(hours, "hour")
        return [self.words.t("fulfilment.awaiting", n=len(waiting), hours=told)]

    def _tracking(self) -> list[str]:
        t, totals, said = self.words.t, self.totals, []
        if totals["warnings"] or totals["penalty_points"]:
            points = self.words.unit(totals["penalty_points"], "penalty_point")
            said.append(t("fulfilment.spot_checks", n=totals["warnings"], points=points))
        if totals["penalty_points"]:
            said.append(t("fulfilment.severe"))
        if totals["gap_exempt"]:
            said.append(t("fulfilment.gap_exempt", n=totals["gap_exempt"]))
        return said

    def _left_out(self) -> list[str]:
        t, codes = self.words.t, self._uncovered if self.covered else []
        said = [
            t("fulfilment.left_out", n=codes.count(code), reason=self.words.reason(code))
            for code in sorted(set(codes))
        ]
        if any(row["provisional"] for row in self.orders):
            said.append(t("fulfilment.provisional"))
        return said

    # --- tables --------------------------------------------------------------------------------

    def _table(
        self,
        belongs: Callable[[dict[str, Any]], Any],
        order: Callable[[dict[str, Any]], Any] | None,
        cells: Callable[[dict[str, Any]], list[str]],
    ) -> list[tuple[str, list[str]]]:
        rows = [row for row in self.orders if belongs(row)]
        return [(row["order_id"], cells(row)) for row in sorted(rows, key=order or _as_it_is)]

    def _savable(self, row: dict[str, Any]) -> bool:
        return row["way"] is not None

    def _late(self, row: dict[str, Any]) -> bool:
        return bool(row["counted"]) and row["state"] == "late"

    def _exempt(self, row: dict[str, Any]) -> bool:
        return bool(row["counted"]) and row["state"] == "exempt"

    def _checked(self, row: dict[str, Any]) -> Any:
        return row["failed_check_number"]

    def _save(self, row: dict[str, Any]) -> list[str]:
        way = self.words.t(f"fulfilment.way.{row['way']}")
        return [*self._about(row), way, self._until(row["act_by"])]

    def _missed(self, row: dict[str, Any]) -> list[str]:
        return [*self._about(row), self._dispatch(row), self.words.unit(row["days_late"], "day")]

    def _excused(self, row: dict[str, Any]) -> list[str]:
        why = self.words.t(f"fulfilment.exemption.{row['exemption']}")
        return [*self._about(row), self._dispatch(row), why]

    def _spot(self, row: dict[str, Any]) -> list[str]:
        number = self.words.number(row["failed_check_number"])
        outcome = self.words.t(f"fulfilment.spot.{row['spot_check']}")
        points = row["penalty_points"]
        penalty = self.words.unit(points, "penalty_point") if points else _NONE
        return [*self._about(row), number, outcome, penalty]

    def _about(self, row: dict[str, Any]) -> list[str]:
        return [self.words.code(row["method"]), self.words.short_day(row["agreed_ship_on"])]

    def _dispatch(self, row: dict[str, Any]) -> str:
        if row["dispatched_on"] is None:
            return self.words.reason(row["dispatched_on_reason"])
        event = self.words.t(f"fulfilment.event.{row['dispatched_by']}")
        day = self.words.short_day(row["dispatched_on"])
        return self.words.t("fulfilment.dispatched", day=day, event=event)

    def _until(self, day: dt.date) -> str:
        zone = self.case.rules.programme(NAME).clock.zone
        end = Span(day, day, zone).end_utc.replace(tzinfo=dt.UTC).astimezone(_SELLERS)
        return self.words.t(
            "fulfilment.until", day=self.words.short_day(day),
            there=self.words.short_day(end.date()), time=f"{end:%H:%M}",
        )  # fmt: skip

    def _rule(self, provision: Provision) -> dict[str, Any]:
        return {
            "title": self.words.pick(provision.title),
            "value": self.words.unit(provision.value, provision.unit),
            "provision": provision,
        }


def _is_awaited(row: dict[str, Any]) -> bool:
    return bool(row["state"] == "open" and row["dispatched_on_reason"] == _AWAITED)


def _as_it_is(row: dict[str, Any]) -> int:
    return 0

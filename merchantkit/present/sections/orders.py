"""The month's orders in a briefing, each through every programme that knows orders."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from merchantkit.present.html import Html, render
from merchantkit.present.words import Words

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth

# A page is read, not scrolled for ever.
SHOWN = 8
_PART = "by_order"

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class OrdersSection:
    """One merchant's orders of a month; ``months`` are the programmes that concern the merchant."""

    case: "Case"
    months: Mapping[str, "ProgrammeMonth"]
    words: Words

    @cached_property
    def said(self) -> dict[str, Rows]:
        """What each programme says, by order, in the programmes' order; the latest order first."""
        orders: dict[str, Rows] = {}
        for name, month in self.months.items():
            for row in month.rows(_PART) if month.has(_PART) else []:
                orders.setdefault(row["order_id"], []).append({"programme": name, **row})
        return dict(sorted(orders.items(), key=_latest, reverse=True))

    def html(self) -> Html | None:
        """Return the section, or nothing where no programme knows an order of the month."""
        if not self.said:
            return None
        shown = [self._order(*order) for order in list(self.said.items())[:SHOWN]]
        return render("orders", self.words, orders=shown, more=len(self.said) - len(shown))

    def _order(self, order_id: str, said: Rows) -> dict[str, Any]:
        return {
            "order_id": order_id,
            "paid_on": self.words.day(_first(said, "paid_on")),
            "received": self.words.money(_first(said, "received_usd"), "USD"),
            "lines": [(self._title(row["programme"]), self.line(row)) for row in said],
        }

    def line(self, row: Mapping[str, Any]) -> str:
        """Return a programme's verdict on an order in words, its columns filled in."""
        filled: dict[str, Any] = {
            column: self._cell(column, value) for column, value in row.items()
        }
        return self.words.t(f"order.{row['programme']}.{row['verdict']}", **filled)

    def _cell(self, column: str, value: Any) -> str:
        if column == "reason" or column.endswith("_reason"):
            return self.words.reason(value)
        if isinstance(value, dt.date):
            return self.words.day(value)
        return self.words.measure(column, value)

    def _title(self, programme: str) -> str:
        short = f"order.{programme}"
        if self.words.has(short):
            return self.words.t(short)
        return self.words.pick(self.case.rules.files[programme].title)


def _first(said: Rows, column: str) -> Any:
    """Return what the first programme that has it says an order's column is."""
    return next((row[column] for row in said if row.get(column) is not None), None)


def _latest(order: tuple[str, Rows]) -> tuple[dt.date, str]:
    return _first(order[1], "paid_on") or dt.date.min, order[0]

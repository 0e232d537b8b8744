"""An import of one file of orders, and what came of it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from merchantkit.facts.intake import FileReport, import_facts
from merchantkit.facts.warehouse import Warehouse

HEADERS = ["order_id", "merchant_id", "via", "paid_at", "received_usd", "genuine"]


def load(warehouse: Warehouse, path: Path, **options: Any) -> FileReport:
    """Import one file and return what is told of it."""
    (report,) = import_facts(warehouse, path, **options).files
    return report


def lines_of(report: FileReport) -> tuple[int, int, int, int]:
    """How many lines were read, loaded, rejected and excluded."""
    return report.read, report.loaded, report.rejected, report.excluded


def orders(warehouse: Warehouse) -> dict[str, Decimal]:
    """What was received for each order, in order of their ids."""
    frame = warehouse.frame("SELECT order_id, received_usd FROM orders ORDER BY order_id")
    return dict(zip(frame["order_id"], frame["received_usd"], strict=True))

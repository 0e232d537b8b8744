"""How the demo's merchants shipped: by hand for some of the personas, drawn for the others.

Days are those after the month's last, on the clock of Los Angeles. Expected readings are for
2021-05 as of 31 May, a Monday; they were worked out by hand.

================ ======================================== ======================================
merchant_id      how it shipped                           expected: with, without exemptions
================ ======================================== ======================================
2100000011       by every method, once each way; three    80 %, 50 % of 10; 3 can be saved;
                 failed spot checks; a gap by Ali         2 warnings, 12 penalty points
007              always on time                           100 %, 100 % of 4
2100000008       late, by own logistics                   25 %, 25 % of 4
NA               by sea alone                             — (other modes)
2100000013       nothing due yet                          — (nothing settled); 1 can be saved
others           not at all                               no facts
================ ======================================== ======================================
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month
from merchantkit.facts.demo.handmade import Row, Rows, moment
from merchantkit.facts.demo.personas import At, Persona

Columns = dict[str, pa.Array]

_MEAN_ORDERS = 4
_METHODS = (
    "door_to_door", "warehouse_platform_pickup", "warehouse_provider_pickup",
    "warehouse_self_sent", "own_express", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Shipment:
    """One order's shipment; days after the month's last, or a day and a time."""

    method: str
    agreed: int
    picked_up: int | At | None = None
    warehoused: int | None = None
    ordered: int | None = None
    information: int | None = None
    proof: int | None = None
    right: bool | None = None
    gap: str | None = None
    failed: int | None = None
    # An order that other tables have, too, so that one is seen through every programme.
    order: str | None = None


_SHIPPED: Mapping[str, tuple[Shipment, ...]] = {
    "2100000011": (
        Shipment("door_to_door", -20, picked_up=At(-20, "23:59:59")),
        Shipment("door_to_door", -12, picked_up=-11, ordered=-14),
        Shipment("warehouse_platform_pickup", -10, picked_up=-7, order="00F000000002"),
        Shipment("warehouse_provider_pickup", -6, picked_up=-6, warehoused=-4),
        Shipment("warehouse_self_sent", -13, warehoused=-10, right=False),
        Shipment("warehouse_self_sent", -5, picked_up=-5, warehoused=-2, right=True),
        Shipment("own_express", -8, picked_up=-8, information=-7, proof=-8, failed=-7),
        Shipment("own_express", -15, proof=-14, failed=-6, order="00F000000003"),
        Shipment("warehouse_platform_pickup", -3),
        Shipment("door_to_door", 3),
        Shipment("own_express", 0),
        Shipment("own_express", -1, picked_up=-1, proof=-1),
        Shipment("other", -7),
        Shipment("own_express", -9, picked_up=-10, information=-9, proof=-10, failed=-2),
        Shipment(
            "warehouse_platform_pickup", -4, picked_up=-4, warehoused=-3, gap="platform_fault"
        ),
    ),
    "007": (
        Shipment("door_to_door", -25, picked_up=-26, ordered=-28),
        Shipment("warehouse_platform_pickup", -18, picked_up=-18, warehoused=-17, gap="none"),
        Shipment("warehouse_provider_pickup", -11, warehoused=-12),
        Shipment("own_express", -3, picked_up=-4, information=-3, proof=-4),
    ),
    "2100000008": (
        Shipment("own_express", -21, picked_up=-19, information=-18, proof=-20),
        Shipment("own_express", -17, proof=-16),
        Shipment("own_express", -12),
        Shipment("own_express", -6, picked_up=-6, information=-4, proof=-6),
    ),
    "NA": (Shipment("other", -14), Shipment("other", -2)),
    "2100000013": (
        Shipment("warehouse_self_sent", 4, right=True),
        Shipment("door_to_door", 8, ordered=-1),
    ),
}


def rows_of(personas: Iterable[Persona], month: Month) -> Rows:
    """Return the rows of ``shipments`` and ``spot_checks`` of those who have any."""
    rows: Rows = {"shipments": [], "spot_checks": []}
    for number, persona in enumerate(personas):
        for nth, shipment in enumerate(_SHIPPED.get(persona.merchant_id, ()), start=1):
            order_id = shipment.order or f"00{number:07d}5{nth:02d}"
            key = {"order_id": order_id, "merchant_id": persona.merchant_id}
            rows["shipments"].append({**key, **_shipped(shipment, month)})
            if shipment.failed is not None:
                checked = moment("checked_at", month.last, At(shipment.failed))
                rows["spot_checks"].append({**key, **checked, "passed": False})
    return rows


def _shipped(shipment: Shipment, month: Month) -> Row:
    moments = {
        "agreed_ship_at": shipment.agreed,
        "door_ordered_at": shipment.ordered,
        "picked_up_at": shipment.picked_up,
        "warehoused_at": shipment.warehoused,
        "information_at": shipment.information,
        "proof_at": shipment.proof,
    }
    row: Row = {
        "method": shipment.method,
        "door_order_valid": None if shipment.ordered is None else True,
        "details_right": shipment.right,
        "trace_gap": shipment.gap,
    }
    for name, day in moments.items():
        if day is not None:
            row |= moment(name, month.last, day if isinstance(day, At) else At(day, None))
    return row


def columns_of(drawn: Mapping[str, Columns], month: Month, seed: int) -> dict[str, Columns]:
    """Return table → columns without provenance for the drawn merchants.

    Drawn from a stream of their own, so that nothing else in the demo changes with them.
    """
    ids = drawn["merchants"]["merchant_id"]
    rng = np.random.default_rng([seed, len("fulfilment")])
    of = np.repeat(np.arange(len(ids)), rng.poisson(_MEAN_ORDERS, len(ids)))
    count = len(of)
    last = np.datetime64(month.last, "D")
    agreed = last + rng.integers(-30, 9, count)
    method = rng.choice(len(_METHODS), count, p=(0.2, 0.2, 0.15, 0.15, 0.25, 0.05))
    at = _times(agreed, method, rng)
    order_id = pc.binary_join_element_wise(
        "05", pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 9, "0"), ""
    )
    shipments = {
        "order_id": order_id,
        "merchant_id": ids.take(pa.array(of)),
        "method": pa.array(_METHODS).take(pa.array(method)),
        **_days("agreed_ship_at", agreed, np.full(count, True)),
        **{
            column: array
            for name, days in at.items()
            for column, array in _days(name, days, ~np.isnat(days) & (days <= last)).items()
        },
        "details_right": pa.array(rng.random(count) < 0.8, mask=method != 3),
        "trace_gap": pa.array(["platform_fault"] * count, mask=rng.random(count) >= 0.01),
    }
    checked = (method == 4) & (agreed <= last) & (rng.random(count) < 0.08)
    checks = {
        "order_id": order_id.filter(pa.array(checked)),
        "merchant_id": shipments["merchant_id"].filter(pa.array(checked)),
        **_days("checked_at", agreed[checked], np.full(int(checked.sum()), True)),
        "passed": pa.array(rng.random(int(checked.sum())) < 0.6),
    }
    return {"shipments": shipments, "spot_checks": checks}


def _times(agreed: Any, method: Any, rng: np.random.Generator) -> dict[str, Any]:
    count = len(agreed)
    never = np.datetime64("NaT", "D")
    shares = (0.1, 0.2, 0.25, 0.25, 0.1, 0.06, 0.04)
    picked = agreed + rng.choice([-3, -2, -1, 0, 1, 2, 4], count, p=shares)
    stored = picked + rng.integers(0, 3, count)
    own = method == 4
    days = {
        "door_ordered_at": np.where(method == 0, agreed - rng.integers(0, 5, count), never),
        "picked_up_at": picked,
        "warehoused_at": np.where((method > 0) & (method < 4), stored, never),
        "information_at": np.where(own & (rng.random(count) < 0.85), picked + 1, never),
        "proof_at": np.where(own, picked, never),
    }
    return {name: np.where(method < 5, day, never) for name, day in days.items()}


def _days(name: str, days: Any, known: Any) -> Columns:
    return {
        name: pa.array(days.astype("datetime64[us]"), mask=~known, type=pa.timestamp("us")),
        f"{name}_is_date": pa.array(np.full(len(days), True), mask=~known),
    }

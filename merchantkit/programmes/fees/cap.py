"""From which order size on a Trade Assurance fee stays at its cap."""

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merchantkit.rulebook import ProgrammeRules

_CENT = Decimal("0.01")


def cap_bites_at(rules: "ProgrammeRules", route: str) -> Decimal | None:
    """Return the least order, in USD, whose fee by a route is its cap; ``None`` without a cap.

    Args:
        rules: The fees' rules on a day.
        route: ``platform`` or ``offline``.

    >>> from merchantkit.rulebook import rulebook
    >>> fees = rulebook().on("2021-05-31").programme("fees")
    >>> cap_bites_at(fees, "platform"), cap_bites_at(fees, "offline")
    (Decimal('10000.00'), None)
    """
    cap, percent = rules[f"{route}_cap"], Decimal(rules[f"{route}_rate"])
    if cap is None or not percent:
        return None
    return (Decimal(cap) * 100 / percent).quantize(_CENT, rounding=ROUND_CEILING)

"""Quantities as people write them: ``kg=12.5``."""

from collections.abc import Iterable

from merchantkit.errors import MeasureError


def quantities(written: Iterable[str], remedy: str) -> dict[str, str]:
    """Return unit → how many.

    Args:
        written: Each as ``UNIT=N``.
        remedy: How to write them where they are asked for.

    Raises:
        MeasureError: One is not written so, or a unit stands twice.

    >>> quantities(["kg=12.5", " doz = 10 "], "write kg=12.5")
    {'kg': '12.5', 'doz': '10'}
    """
    found: dict[str, str] = {}
    for text in written:
        unit, equals, amount = (part.strip() for part in text.rpartition("="))
        if not (equals and unit and amount) or unit in found:
            raise MeasureError(
                f"{text[:40]!r} is no quantity, or its unit stands twice", remedy=remedy
            )
        found[unit] = amount
    return found

"""What people write as ``kg=12.5`` or ``fabric=knit``."""

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
    return pairs(written, "quantity, or its unit", remedy, kind="quantity_not_written")


def pairs(
    written: Iterable[str], what: str, remedy: str, kind: str | None = None
) -> dict[str, str]:
    """Return what stands left of each equals sign → what stands right of it.

    Args:
        written: Each as ``NAME=WORD``.
        what: What they are, and what of them may stand once only: ``quantity, or its unit``.
        remedy: How to write them where they are asked for.
        kind: That of the error.

    Raises:
        MeasureError: One is not written so, or a name stands twice.

    >>> pairs(["fabric=knit"], "element, or its kind", "write fabric=knit")
    {'fabric': 'knit'}
    """
    found: dict[str, str] = {}
    for text in written:
        name, equals, word = (part.strip() for part in text.rpartition("="))
        if not (equals and name and word) or name in found:
            raise MeasureError(
                f"{text[:40]!r} is no {what} stands twice", remedy=remedy, kind=kind,
                parts={"text": text[:40]},
            )  # fmt: skip
        found[name] = word
    return found

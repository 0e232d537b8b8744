"""User fees of a formal entry: the merchandise processing fee and the harbor maintenance fee.

They are no duty, and nobody asks for them by default: the first is paid by entry and not by line,
the second only by sea.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from merchantkit.errors import NotInForceError
from merchantkit.rulebook import ProgrammeRules

Fee = tuple[str, str, str, Decimal, str, dt.date]
_CENT = Decimal("0.01")


def of_value(value: Decimal, book: ProgrammeRules) -> list[Fee]:
    """Return both fees on a formal entry of this value, as components.

    Raises:
        NotInForceError: The rules have no fee for the day; without fees the duty can be had.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook().on("2021-04-29").programme("tariff")
    >>> [(fee[0], str(fee[3])) for fee in of_value(Decimal("1000.00"), book)]
    [('mpf', '27.23'), ('hmf', '1.25')]
    """
    found: list[Fee] = []
    for name in ("mpf", "hmf"):
        try:
            provision = book.provision(name)
        except NotInForceError:
            raise NotInForceError(
                f"the fees are not on record on {book.day}", where=f"{book.id}.{name}",
                remedy="ask for the duty without them: leave --fees (with_fees) out",
            ) from None  # fmt: skip
        (row,) = provision.value
        percent = Decimal(row["percent"])
        amount = (value * percent / 100).quantize(_CENT, ROUND_HALF_UP)
        text = f"{percent}%"
        if "least_usd" in row:
            least, most = Decimal(row["least_usd"]), Decimal(row["most_usd"])
            amount = min(max(amount, least), most)
            text += f", {least} to {most} a formal entry"
        source = provision.source.text
        found.append((name, name.upper(), text, amount, source, provision.since))
    return found


def informal_most(value: Decimal, book: ProgrammeRules) -> str | None:
    """Return up to which value an informal entry may be possible, if this value is not above.

    >>> from merchantkit.rulebook import rulebook
    >>> book = rulebook().on("2021-04-29").programme("tariff")
    >>> informal_most(Decimal("2500.00"), book), informal_most(Decimal("2500.01"), book)
    ('USD 2,500', None)
    """
    most = Decimal(book["informal_entry_most"])
    return f"USD {most:,}" if value <= most else None

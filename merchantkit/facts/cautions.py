"""What an analyst should be told of the facts before they are believed: a sentence each."""

# ruff: noqa: S608  (names of tables and columns come from the declaration)

from merchantkit.days import Month
from merchantkit.facts.schemas import TABLES, Column, Table
from merchantkit.facts.warehouse import Warehouse

_DATED = ("moment", "date", "month")
# What is to happen by then, or was planned or granted for then, tells nothing of that month; nor
# does when a merchant joined.
NO_EVENTS = frozenset(
    {
        "agreed_ship_at", "automatic_receipt_at", "away_from", "away_to", "expires_at", "joined_on",
        "protected_from", "protected_to",
    }
)  # fmt: skip

# How many merchants are told that are not there.
_SHOWN = 5


def cautions(facts: Warehouse, month: Month | None = None) -> list[str]:
    """Return what is to be known of a warehouse's facts, or before a month of them is reported.

    Args:
        facts: The warehouse.
        month: The month that is asked for, if one is.

    >>> cautions(Warehouse.in_memory(), Month(2021, 5))
    ['careful: nothing in the facts is of 2021-05; they hold no month at all']
    """
    found = [
        f"careful: {rows} rows of {name} are of merchants that are not in merchants, so nobody's "
        f"briefing shows them: {_missing(facts, name)}"
        for name, rows in orphans(facts).items()
    ]
    if month is None:
        return found
    known = months(facts)
    if str(month) not in known:
        span = "they hold no month at all"
        if known:
            last = f" to {known[-1]}" if known[1:] else ""
            span = f"they are of {known[0]}{last}"
        found.append(f"careful: nothing in the facts is of {month}; {span}")
    return found


def orphans(facts: Warehouse) -> dict[str, int]:
    """Return table → rows whose merchant the table of merchants does not have.

    They are kept, but nobody's briefing shows them until the merchant is imported too.

    >>> orphans(Warehouse.in_memory())
    {}
    """
    parts = (
        f"SELECT '{name}' AS name, count(*) AS n FROM {name} ANTI JOIN merchants"
        " USING (merchant_id)"
        for name, table in TABLES.items()
        if name != "merchants" and "merchant_id" in table.names
    )
    rows = facts.frame(" UNION ALL ".join(parts))
    return {str(n): int(k) for n, k in zip(rows["name"], rows["n"], strict=True) if k}


def _missing(facts: Warehouse, name: str) -> str:
    """Return the first of the merchants that only this table knows, in words."""
    ids = facts.frame(
        f"SELECT DISTINCT merchant_id FROM {name} ANTI JOIN merchants USING (merchant_id) "
        f"ORDER BY 1 LIMIT {_SHOWN + 1}"
    )["merchant_id"]
    # Quoted: 5 is not 05, and a stranger's id may hold marks that steer a terminal.
    told = ", ".join(repr(str(each)) for each in ids[:_SHOWN])
    return f"{told} and others" if len(ids) > _SHOWN else told


def months(facts: Warehouse) -> list[str]:
    """Return the months, as 2021-05, in which anything happened that the facts tell, in order.

    What a row tells happened at any of its dates, as UTC has them, but for those in ``NO_EVENTS``.

    >>> months(Warehouse.in_memory())
    []
    """
    parts = (
        _months(table, column)
        for table in TABLES.values()
        for column in table.columns
        if column.kind in _DATED and column.name not in NO_EVENTS
    )
    rows = facts.frame(" UNION ".join(parts))
    return sorted(str(month) for month in rows["month"].dropna())


def _months(table: Table, dated: Column) -> str:
    if dated.kind == "month":
        return f"SELECT DISTINCT {dated.name} AS month FROM {table.name}"
    # Few months fill such a column, so only those are put into words.
    distinct = f"SELECT DISTINCT date_trunc('month', {dated.name}) AS first FROM {table.name}"
    return f"SELECT strftime(first, '%Y-%m') AS month FROM ({distinct})"

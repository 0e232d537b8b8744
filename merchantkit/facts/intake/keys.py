"""Keys in the staging area's SQL: of a table's rows ``t`` and of groups of them ``g``."""

from collections.abc import Sequence

# How many rows of a group a reject names.
SHOWN_ROWS = 5


def same_key(keys: Sequence[str]) -> str:
    """Return the condition that a row is of a group.

    >>> same_key(["merchant_id", "month"])
    't.merchant_id = g.merchant_id AND t.month = g.month'
    """
    return " AND ".join(f"t.{key} = g.{key}" for key in keys)


def key_text(keys: Sequence[str]) -> str:
    """Return a row's key as one text, as rejects show it.

    >>> key_text(["merchant_id", "month"])
    "t.merchant_id::VARCHAR || ' + ' || t.month::VARCHAR"
    """
    return " || ' + ' || ".join(f"t.{key}::VARCHAR" for key in keys)

"""Moments in SQL: whether a stored moment lies in a span of days on a rule's clock."""

import datetime as dt

from merchantkit.days import Span


def within(column: str, span: str) -> str:
    """Return the SQL condition that a moment column lies in the span bound as ``span``.

    A value that is only a date is that calendar day on every clock; one with a time is compared as
    the instant that it is.

    >>> within("paid_at", "w")[:28]
    '(CASE WHEN paid_at_is_date T'
    """
    return (
        f"(CASE WHEN {column}_is_date"
        f" THEN {column} >= ${span}_first AND {column} < ${span}_after"
        f" ELSE {column} >= ${span}_start AND {column} < ${span}_end END)"
    )


def bind(name: str, span: Span) -> dict[str, dt.datetime]:
    """Return the parameters that ``within(…, name)`` needs."""
    midnight = dt.time()
    return {
        f"{name}_first": dt.datetime.combine(span.first, midnight),
        f"{name}_after": dt.datetime.combine(span.last + dt.timedelta(days=1), midnight),
        f"{name}_start": span.start_utc,
        f"{name}_end": span.end_utc,
    }

"""Units, and the values that each of them can have."""

import datetime as dt
from decimal import Decimal
from typing import Any

from merchantkit.documents import refuse

MONEY_UNITS = frozenset({"usd", "cny"})
NUMBER_UNITS = MONEY_UNITS | {
    "day", "working_day", "hour", "percent", "point", "score", "rank", "star",
    "quote", "order", "piece", "product", "kilogram", "incident", "penalty_point", "month",
    "position", "times", "percentage_point", "person", "run",
}  # fmt: skip
_COUNTED = frozenset(
    {
        "day", "working_day", "point", "rank", "star", "quote", "order", "piece", "product",
        "incident", "penalty_point", "month", "position", "person", "run",
    }
)  # fmt: skip
OTHER_UNITS = frozenset({"text", "flag", "list", "table", "window", "date", "moment"})


def check_value(value: Any, unit: str, at: tuple[object, ...] = ()) -> None:
    """Refuse a value that its unit cannot have (``None`` states that nothing is printed)."""
    if value is not None and not _fits(value, unit):
        shape, remedy = _SHAPES.get(unit, _SHAPES["number"])
        if unit in _FINEST and _is_number(value, "number"):
            shape, remedy = _FINEST[unit]
        raise refuse(f"{_short(value)} is no value in {unit}: it is not {shape}", remedy, at)


_SHAPES = {
    "number": ("a number from 0 up", "write digits without quotes, such as 25000 or 0.2"),
    "text": ("a text", "write a word, or put it in quotes"),
    "flag": ("true or false", "write true or false"),
    "date": ("a day", "write it as 2021-04-15"),
    "moment": ("a moment", "write it as 2021-04-15T15:00:00, on the programme's clock"),
    "list": ("a list of texts", "write it as [one, two]"),
    "table": ("a list of rows", "write each row as {name: value, name: value}"),
    "window": ("a span of days in order", "write it as {from: 2021-05-01, to: 2021-05-31}"),
}


# The finest step of a unit, where it has one.
_FINEST = {
    **dict.fromkeys(MONEY_UNITS, ("whole cents", "money has two decimals at most")),
    "percent": ("whole hundredths of a percent", "a percentage has two decimals at most"),
    "score": ("whole hundredths of a score", "a score has two decimals at most"),
    "hour": ("whole hundredths of an hour", "hours have two decimals at most"),
    **dict.fromkeys(_COUNTED, ("a whole number", "what is counted has no decimals")),
}


def _short(value: Any) -> str:
    text = _as_yaml(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _as_yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_as_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_as_yaml, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(value: Any, unit: str) -> bool:
    match unit:
        case "text":
            return isinstance(value, str)
        case "flag":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, dt.date)
        case "moment":
            return isinstance(value, dt.datetime)
        case "list":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "table":
            return isinstance(value, list) and all(isinstance(row, dict) for row in value)
        case "window":
            return _is_window(value)
        case _:
            return _is_number(value, unit)


def _is_window(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"from", "to"}:
        return False
    start, end = value["from"], value["to"]
    return isinstance(start, dt.date) and type(start) is type(end) and start <= end


def _is_number(value: Any, unit: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value < 0:
        return False
    # A third decimal of money, percent, score or hours is a slip of the pen.
    places = 0 if unit in _COUNTED else 2
    return unit not in _FINEST or Decimal(value) == round(Decimal(value), places)

"""Why a question about duty was refused, in words."""

import datetime as dt
from typing import Any

from merchantkit.errors import MerchantkitError
from merchantkit.present.words import Words


def refused(error: MerchantkitError, words: Words) -> str:
    """Return a refusal by its kind, with what its parts have words for; else as it stands.

    Args:
        error: One of the kinds ``programmes.tariff.refusals.KINDS``, or any other.
        words: The language.

    >>> from merchantkit.errors import MeasureError
    >>> from merchantkit.present.words import words
    >>> refused(MeasureError("", kind="origin_unknown", parts={"text": "Cathay"}), words("en"))
    '“Cathay” is no origin: write two letters, such as CN'
    """
    key = f"tariff.refused.{error.kind}"
    if not words.has(key):
        return str(error)
    parts: dict[str, Any] = {name: _said(part, words) for name, part in error.parts.items()}
    more = [f"{key}.{name}" for name, part in error.parts.items() if part]
    return "".join(words.t(each, **parts) for each in (key, *filter(words.has, more)))


def _said(part: Any, words: Words) -> str:
    if isinstance(part, tuple):
        return words.t("list.separator").join(part)
    return words.day(part) if isinstance(part, dt.date) else str(part)

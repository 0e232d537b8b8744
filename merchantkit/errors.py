"""The one tree of errors: each says what happened, where, how many, and what to do about it."""

from collections.abc import Mapping
from typing import Any, ClassVar


class MerchantkitError(Exception):
    """Base of every error that the kit raises on purpose.

    Args:
        what: One sentence that says what is wrong.
        where: The file and line, table and column, or rows concerned.
        count: How many places are concerned, where that is more than a yes or no.
        remedy: What the reader can do about it.
        kind: A code for what is wrong, by which a page says it in its reader's words.
        parts: What stands in those words: texts, several texts, numbers, days.

    >>> print(MerchantkitError("no such rule", where="rfq.yaml:3", remedy="name one that exists"))
    no such rule
      where: rfq.yaml:3
      remedy: name one that exists
    """

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        count: int | None = None,
        remedy: str | None = None,
        kind: str | None = None,
        parts: Mapping[str, Any] | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.count = count
        self.remedy = remedy
        self.kind = kind
        self.parts = dict(parts or {})
        more = (("where", where), ("how many", count), ("remedy", remedy))
        lines = [what] + [f"  {name}: {text}" for name, text in more if text is not None]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes hand errors back by pickle; the default would lose the keywords.
        told = (self.what, self.where, self.count, self.remedy, self.kind, self.parts)
        return (_rebuild, (type(self), *told))


def _rebuild(
    error: type[MerchantkitError],
    what: str,
    where: str | None,
    count: int | None,
    remedy: str | None,
    code: str | None,
    parts: Mapping[str, Any],
) -> MerchantkitError:
    return error(what, where=where, count=count, remedy=remedy, kind=code, parts=parts)


class HomeError(MerchantkitError):
    """The project root, or a folder that should be in it, was not found."""


class DayError(MerchantkitError):
    """A text is not the day or month that it should be."""


class RuleFileError(MerchantkitError):
    """A rule file or overlay is malformed."""


class NotInForceError(MerchantkitError):
    """A rule was asked for on a day when it did not hold."""


class MeasureError(MerchantkitError):
    """A frame of measures lacks a column or holds a value that cannot be."""


class PopulationError(MerchantkitError):
    """A slice was given where the whole population decides."""


class WarehouseError(MerchantkitError):
    """The warehouse file cannot be used."""


class WarehouseMissing(WarehouseError):
    """There is no warehouse where one was expected."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse."""

    exit_code = 3


class IntakeError(MerchantkitError):
    """A file cannot be read as facts at all (single bad rows are rejects, not errors)."""


class MappingError(MerchantkitError):
    """A mapping file is malformed or does not fit the export."""


class WordsError(MerchantkitError):
    """A catalogue lacks a word that the code speaks."""


class ReportError(MerchantkitError):
    """A report run cannot start."""


class RunLocked(ReportError):
    """Another run of the same month is under way."""

    exit_code = 3

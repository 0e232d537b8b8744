"""A row of the USITC's export, as it is published, and how a wrong one is named."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from merchantkit.errors import IntakeError

REMEDY = "fetch the file anew; the editions that are loaded stay as they are"
_SHOWN = 40
# JSON may write half a character (\ud800), which nothing can store. A text with a constraint, be it
# an empty one, is read in full, and then refused.
_Text = Annotated[str, StringConstraints(min_length=0)]


def _no_none(value: object) -> object:
    return [] if value is None else value


class Footnote(BaseModel):
    """What a row's columns point to, such as ``See 9903.88.15``.

    The columns are a closed set: a note of one that nobody reads, as ``General``, would vanish.
    """

    model_config = ConfigDict(strict=True)

    columns: list[Literal["general", "special", "other", "desc", "stat", "units"]]
    value: _Text


class Row(BaseModel):
    """One row of the export; its other keys say nothing more."""

    model_config = ConfigDict(strict=True)

    htsno: _Text
    indent: _Text
    description: _Text
    units: list[_Text]
    general: _Text
    special: _Text
    other: _Text
    footnotes: Annotated[list[Footnote], BeforeValidator(_no_none)]


def wrong(path: Path, row: int, key: str, found: str, expected: str) -> IntakeError:
    """Return the error that names a row (from 1), a key, what is there and what ought to be."""
    return IntakeError(
        f"row {row}, key {key}: {found[:_SHOWN]!r} found, {expected} expected",
        where=str(path), remedy=REMEDY,
    )  # fmt: skip

"""One programme's month: its frames, and their rows as plain mappings, which is what pages read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
import pyarrow as pa

from merchantkit.assessment.slices import Layout, Rows

EXPLANATION = "explanation"
_OWN = ("measures", "outcome", EXPLANATION)


def merchant_column(frame: pd.DataFrame) -> str:
    """Return the column of a part that says whose row it is.

    An explanation's subject is the merchant, unless the programme judges orders or products: their
    merchant stands beside them.
    """
    return "merchant_id" if "merchant_id" in frame else "subject"


def records(frame: pd.DataFrame) -> Rows:
    """Return each row by column name; what is missing is ``None``, which can be asked about."""
    return [
        {str(key): None if pd.api.types.is_scalar(value) and pd.isna(value) else value
         for key, value in row.items()}
        for row in frame.to_dict("records")
    ]  # fmt: skip


def frame_of(rows: Rows, layout: Layout) -> pd.DataFrame:
    """Return rows as a frame of Arrow's types."""
    table = pa.Table.from_pylist(rows, layout.schema)
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype, use_threads=False)
    return frame


@dataclass(frozen=True)
class ProgrammeMonth:
    """One programme's month.

    Attributes:
        measures: As the programme's ``measure`` gives them.
        outcome: As its ``assess`` gives it, on the same rows.
        explanation: As its ``explain`` gives it; of orders, those that a page tells of.
        details: Further frames by name, each with a ``merchant_id``: ``orders`` and ``drops`` for
            rfq; ``trend`` for star; ``by_order``, where a programme knows single orders;
            ``summary``, where its subjects are not merchants.
    """

    measures: pd.DataFrame
    outcome: pd.DataFrame
    explanation: pd.DataFrame
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def frames(self) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Yield each frame's name, its merchant column, and the frame."""
        own = {name: getattr(self, name) for name in _OWN}
        for name, frame in {**own, **self.details}.items():
            yield name, merchant_column(frame), frame

    def has(self, part: str) -> bool:
        """Return whether the month has a detail of that name."""
        return part in self.details

    def rows(self, part: str) -> Rows:
        """Return the rows of ``measures``, ``outcome``, ``explanation`` or a detail as mappings.

        What is missing is ``None``.
        """
        return records(getattr(self, part) if part in _OWN else self.details[part])

    def row(self, part: str) -> dict[str, Any]:
        """Return the one row of one merchant's part."""
        (row,) = self.rows(part)
        return row


class ProgrammeSlice(ProgrammeMonth):
    """One merchant's part of a programme as it was read: rows, and frames when they are asked for.

    A page reads rows alone, and making a frame costs more than all that a page does with its rows.
    """

    _parts: Mapping[str, tuple[Rows, Layout]]

    def __init__(self, parts: Mapping[str, tuple[Rows, Layout]]) -> None:
        vars(self)["_parts"] = parts  # the fields themselves are frozen, and come when asked for

    @cached_property
    def measures(self) -> pd.DataFrame:
        """The merchant's measures."""
        return frame_of(*self._parts["measures"])

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """The merchant's outcome."""
        return frame_of(*self._parts["outcome"])

    @cached_property
    def explanation(self) -> pd.DataFrame:
        """The merchant's checks."""
        return frame_of(*self._parts[EXPLANATION])

    @cached_property
    def details(self) -> Mapping[str, pd.DataFrame]:
        """The merchant's rows of each further frame."""
        return {name: frame_of(*its) for name, its in self._parts.items() if name not in _OWN}

    def has(self, part: str) -> bool:
        """Return whether the month has a detail of that name."""
        return part in self._parts

    def rows(self, part: str) -> Rows:
        """Return the rows of a part as they were read."""
        return self._parts[part][0]

"""Rows of a frame as plain mappings, which is what templates and sentences read."""

from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each row by column name; what is missing is ``None``, which can be asked about."""
    return [
        {str(key): None if pd.api.types.is_scalar(value) and pd.isna(value) else value
         for key, value in row.items()}
        for row in frame.to_dict("records")
    ]  # fmt: skip


def only(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the one row of a merchant's slice."""
    (row,) = records(frame)
    return row

"""The one row of a frame as a plain mapping, which is what sentences read."""

from typing import Any

import pandas as pd

from merchantkit.assessment import records


def only(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the one row of a merchant's frame."""
    (row,) = records(frame)
    return row

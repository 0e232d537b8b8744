"""The worked cases of tests/cases as frames: text in, so that nothing is rounded on the way."""

from pathlib import Path

import pandas as pd

CASES = Path(__file__).parents[1] / "cases"


def cases(name: str) -> pd.DataFrame:
    return pd.read_csv(CASES / f"{name}.csv", dtype="str", keep_default_na=False, index_col="case")


def as_text(column: pd.Series) -> list[str]:
    """A column as the casebook writes it: missing is empty, a flag is lower case."""
    return ["" if pd.isna(value) else str(value) for value in column]

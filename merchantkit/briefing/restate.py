"""Restatements: what new facts or rules change in a month that was already final, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from merchantkit.assessment import Assessment, ProgrammeMonth, files
from merchantkit.programmes import programme, subject

FILE = files.RESTATEMENT
# `number` is the restatement's; `programme` is empty where the merchant itself came or went.
COLUMNS: Mapping[str, pa.DataType] = {
    "merchant_id": pa.string(),
    "programme": pa.string(),
    "column": pa.string(),
    "before": pa.string(),
    "after": pa.string(),
    "number": pa.int64(),
}
MERCHANT = "merchant"
PRESENT = "present"


@dataclass(frozen=True)
class Notes:
    """What a restatement says beside its rows.

    Attributes:
        details: Merchants of whom no outcome or measure changed, but something else that their
            briefing shows: a name, an order, a rule's citation.
    """

    details: list[str]


def compare(before: Assessment, after: Assessment, number: int) -> pd.DataFrame:
    """Return every measure and outcome that differs between two assessments of a month.

    Args:
        before: As it was handed over.
        after: As it is now.
        number: The restatement's number.

    Returns:
        One row per merchant and column that changed: ``merchant_id, programme, column, before,
        after`` (text, as the value is written; missing stays missing) and ``number`` (int64), by
        merchant. A merchant that came or went has a row with an empty programme and the column
        ``merchant`` (``present`` or missing), beside the rows of its values.

    """
    parts = [_merchants(before, after)]
    for name in sorted({*before.programmes, *after.programmes}):
        old, new = before.programmes.get(name), after.programmes.get(name)
        changed = _differences(_long(name, old), _long(name, new))
        changed["programme"] = name
        parts.append(changed)
    rows = pd.concat(parts, ignore_index=True)
    rows["number"] = number
    rows = rows.sort_values(["merchant_id", "programme"], kind="stable", ignore_index=True)
    return _typed(rows)


def read(folder: Path) -> pd.DataFrame:
    """Return the changes that a month's assessment carries; no rows if it was never restated."""
    file = folder / FILE
    if not file.is_file():
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    frame: pd.DataFrame = pq.read_table(file).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def write(rows: pd.DataFrame, folder: Path) -> None:
    """Put the changes beside an assessment, where ``open_case`` looks for a merchant's own."""
    if len(rows):
        table = pa.Table.from_pandas(
            rows.sort_values(["merchant_id", "number"], kind="stable"), preserve_index=False
        )
        pq.write_table(table, folder / FILE, row_group_size=4096)


def notes(
    rows: pd.DataFrame, before: "pd.Series[Any]", after: "pd.Series[Any]", number: int
) -> Notes:
    """Return whose briefing changes without any row in the restatement.

    Args:
        rows: The restatement's rows.
        before: merchant_id → hash of what the briefing read, as it was handed over.
        after: The same, now.
        number: The restatement's number.
    """
    listed = set(rows.loc[rows["number"] == number, "merchant_id"])
    changed = {str(key) for key in after.index if before.get(key) != after[key]}
    return Notes(sorted(changed - listed))


def _merchants(before: Assessment, after: Assessment) -> pd.DataFrame:
    old, new = (set(a.merchants["merchant_id"].astype(str)) for a in (before, after))
    moved = sorted(old ^ new)
    return pd.DataFrame(
        {
            "merchant_id": moved,
            "programme": "",
            "column": MERCHANT,
            "before": [PRESENT if m in old else None for m in moved],
            "after": [PRESENT if m in new else None for m in moved],
        }
    )


def _long(name: str, month: ProgrammeMonth | None) -> "pd.Series[Any]":
    """Return a programme's values as text by (merchant_id, column)."""
    if month is None:
        return pd.Series([], dtype=object, index=pd.MultiIndex.from_arrays([[], []]))
    frames = [frame.set_index("merchant_id") for frame in _of_merchants(name, month)]
    wide = pd.concat(frames, axis=1)
    # A reason goes with its value: one that is there, or gone, says the same in fewer rows.
    told = [
        not (again or name.endswith("_reason"))
        for name, again in zip(wide.columns, wide.columns.duplicated(), strict=True)
    ]
    wide = wide.loc[:, told].astype(object)
    text = wide.map(_text, na_action="ignore").where(wide.notna(), None)
    long = text.rename_axis("column", axis=1).reset_index().melt("merchant_id")
    values: pd.Series[Any] = long.set_index(["merchant_id", "column"])["value"]
    return values


def _text(value: Any) -> str:
    # A flag by its code, which has words in both languages.
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def _of_merchants(name: str, month: ProgrammeMonth) -> list[pd.DataFrame]:
    # A programme of orders or products has many rows a merchant: its summary has one.
    frames = [month.measures, month.outcome]
    if subject(name) != "merchant_id":
        frames = [programme(name).summary(month.outcome)]
    return [frame.assign(merchant_id=frame["merchant_id"].astype(str)) for frame in frames]


def _differences(old: "pd.Series[Any]", new: "pd.Series[Any]") -> pd.DataFrame:
    both = pd.DataFrame({"before": old, "after": new})
    is_missing = both.isna()
    same = (both["before"] == both["after"]) | is_missing.all(axis=1)
    return both[~same].rename_axis(index=["merchant_id", "column"]).reset_index()


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[list(COLUMNS)].astype(object)
    rows = rows.where(rows.notna(), None)
    return pd.DataFrame(
        {
            name: pd.Series(pa.array(rows[name].tolist(), type=kind), dtype=pd.ArrowDtype(kind))
            for name, kind in COLUMNS.items()
        }
    )

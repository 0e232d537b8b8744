"""Frames at the command line: a file of measures in, records out."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merchantkit.errors import MeasureError

if TYPE_CHECKING:
    import pandas as pd

    from merchantkit.facts.readers import ExportFile, Source


def records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return a frame as plain records: decimals stay decimals, missing is ``None``."""
    names = [str(name) for name in frame.columns]
    columns = (_plain(frame[name]) for name in frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: "pd.Series[Any]") -> list[Any]:
    cells = zip(column.tolist(), column.isna().tolist(), strict=True)
    return [None if missing else value for value, missing in cells]


def read_measures(file: Path, wanted: Collection[str]) -> "pd.DataFrame":
    """Return a file of measures: text from csv and xlsx, Parquet as typed as it is.

    Args:
        file: A csv, xlsx or parquet file whose headers are the names of measures.
        wanted: The measures; of a workbook, the sheet that has most of them is read.

    Raises:
        IntakeError: The file cannot be read.
        MeasureError: Excel or a broken row has spoiled a value.
    """
    import pandas as pd
    import pyarrow as pa

    from merchantkit.facts.casts.numbers import percentages
    from merchantkit.facts.readers import open_export
    from merchantkit.facts.readers.parquet_files import ParquetSource

    source = _sheet(open_export(file), wanted)
    headers = [header for header in source.headers if header]
    if isinstance(source, ParquetSource):
        frame: pd.DataFrame = source.typed(headers).to_pandas(
            types_mapper=pd.ArrowDtype, ignore_metadata=True
        )
        return frame
    text = pd.ArrowDtype(pa.string())
    parts = [pd.DataFrame({header: pd.Series([], dtype=text) for header in headers})]
    for chunk in source.chunks(headers):
        if chunk.flaws:
            raise _spoiled(file, chunk)
        plain = {
            name: percentages(column) if name.endswith("_percent") else column
            for name, column in chunk.columns.items()
        }
        cells = {name: pd.array(column, dtype=text) for name, column in plain.items()}
        parts.append(pd.DataFrame(cells))
    return pd.concat(parts, ignore_index=True)


def _sheet(export: "ExportFile", wanted: Collection[str]) -> "Source":
    return max(export.sources, key=lambda source: len(set(source.headers) & set(wanted)))


def _spoiled(file: Path, chunk: Any) -> MeasureError:
    flaw = chunk.flaws[0]
    cell = f"row {chunk.rows[flaw.position]}" + (f", column {flaw.header}" if flaw.header else "")
    uncalculated = flaw.reason == "formula_without_value"
    return MeasureError(
        f"{flaw.value[:60]!r} cannot be read as a measure: {flaw.reason}",
        where=f"{file}, {cell}",
        count=len(chunk.flaws),
        remedy="open the file in Excel or LibreOffice and save it"
        if uncalculated
        else "correct the rows, and keep ids as text",
    )

"""What one briefing reads of a month's files, taken out of them and laid out somewhere else."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from merchantkit.assessment import files, slices

_HEADER = "month.json"

# name of a file → what it holds
Files = Mapping[str, bytes]


def common(folder: Path) -> Files:
    """Return what every merchant's briefing reads of an assessment.

    Raises:
        ReportError: The folder holds no finished assessment, or its slices cannot be read.
    """
    files.header(folder)
    return {
        _HEADER: (folder / _HEADER).read_bytes(),
        slices.FILE: slices.lines_of(folder, [])[0],
    }


def of_merchant(folder: Path, merchant_id: str) -> Files:
    """Return what one merchant's briefing reads beside that: its own rows and nobody else's.

    Raises:
        ReportError: The slices are missing, or torn.
    """
    mine = {slices.FILE: b"".join(slices.lines_of(folder, [merchant_id])[1:])}
    restatement = folder / files.RESTATEMENT
    if restatement.exists():
        rows = files.rows_of(restatement, "merchant_id", merchant_id)
        if not rows.empty:
            written = BytesIO()
            pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), written)
            mine[files.RESTATEMENT] = written.getvalue()
    return mine


def lay_out(folder: Path, shared: Files, mine: Files) -> None:
    """Write a folder from which the merchant's briefing reads what it does from the month's own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**shared, **mine}.items():
        whole = slices.joined(shared[name], content) if name == slices.FILE else content
        (folder / name).write_bytes(whole)

"""Formulas that nobody has calculated: a workbook that a program wrote holds no values for them.

openpyxl gives either the values of a sheet or its formulas, so to tell a formula without a value
from an empty cell a sheet is read twice. That takes twice as long, so the packed parts are looked
through for such a formula first.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
# The end of a formula, no value or an empty one, the end of the cell; with or without a prefix.
_UNCALCULATED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*"
    rb"(?:<(?:\w+:)?v(?:\s[^<>]*)?(?:/>|>\s*</(?:\w+:)?v>)\s*)?"
    rb"</(?:\w+:)?c>"
)
_LONGEST = 1024  # of what the pattern finds


def may_lack_values(path: Path) -> bool:
    """Return whether some formula in a workbook seems to have no value."""
    with zipfile.ZipFile(path) as archive:
        return any(
            _has_uncalculated(archive, name)
            for name in archive.namelist()
            if name.endswith(".xml") and not name.endswith("sharedStrings.xml")
        )


def _has_uncalculated(archive: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            window = before + block
            # Most sheets have no formula at all, which is seen a hundred times as fast.
            if (b"<f" in window or b":f" in window) and _UNCALCULATED.search(window):
                return True
            before = window[-_LONGEST:]
    return False


def with_uncalculated(
    values: Iterable[tuple[Any, ...]], formulas: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Yield a sheet's rows of values, and in place of a missing value the cell of its formula.

    Args:
        values: Rows of cells, read with their values.
        formulas: The same rows, read with their formulas.
    """
    for cells, told in zip(values, formulas, strict=True):
        yield tuple(
            formula if formula.data_type == "f" and _lacks_value(cell) else cell
            for cell, formula in zip(cells, told, strict=True)
        )


def _lacks_value(cell: Any) -> bool:
    # A calculated text may be empty.
    return cell.value is None and cell.data_type != "str"


def formula_text(cell: Any) -> str:
    """Return the formula of a cell as it was written; of an array's, that of the array."""
    value = cell.value
    return value if isinstance(value, str) else str(getattr(value, "text", "="))

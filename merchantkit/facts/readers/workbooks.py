"""The workbook reader: a cell's text as Excel shows it, and a flaw where Excel lost something."""

import datetime as dt
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np

from merchantkit.errors import IntakeError
from merchantkit.facts.readers import (
    CHUNK_ROWS,
    NO_DECIMALS,
    Chunk,
    Flaw,
    columns_of,
    header_names,
    shortened,
    unreadable,
    wanted_positions,
)
from merchantkit.facts.readers.formulas import (
    formula_text,
    may_lack_values,
    with_uncalculated,
)
from merchantkit.facts.readers.number_formats import (
    has_time,
    is_percent,
    shown_id,
    shown_number,
)

# What the archive, the parser of its parts and openpyxl raise of damage: of a part that is
# well-formed but says what cannot be (a style that is not there, a word for a number), nearly all.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError, RuntimeError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError),
)
# Excel keeps fifteen significant digits of a number; the sixteenth onwards become zeros.
_EXACT_BELOW = 10**15


def open_workbook(path: Path) -> "tuple[XlsxSource, ...]":
    """Return the sheets of a workbook that hold anything.

    Raises:
        IntakeError: The workbook is damaged, or every sheet is blank.
    """
    with _workbook(path) as book:
        names = [sheet.title for sheet in book.worksheets if _first_row(sheet) is not None]
    if not names:
        raise unreadable(path, "no sheet holds a headed table")
    return tuple(XlsxSource(path, name) for name in names)


class XlsxSource:
    """One sheet of a workbook, read row by row."""

    def __init__(self, path: Path, sheet: str) -> None:
        self.path = path
        self.sheet: str | None = sheet
        self.encoding: str | None = None
        with _workbook(path) as book:
            first = _first_row(book[sheet]) or ()
            self.headers = header_names(path, [_text(cell)[0] for cell in first], sheet)

    def chunks(
        self,
        wanted: Sequence[str],
        size: int = CHUNK_ROWS,
        decimals: Mapping[str, int] = NO_DECIMALS,
        ids: Collection[str] = (),
    ) -> Iterator[Chunk]:
        """Yield the rows that are not blank, with the wanted columns only."""
        positions = wanted_positions(self, wanted)
        with ExitStack() as stack:
            rows = enumerate(self._rows(stack), start=2)
            while block := list(islice(rows, size)):
                filled = [(row, cells) for row, cells in block if _filled(cells)]
                if filled:
                    yield self._chunk(filled, positions, ids)

    def _rows(self, stack: ExitStack) -> Iterator[Any]:
        """Return the rows below the headers, and with them the formulas that have no value."""
        book = stack.enter_context(_workbook(self.path))
        values = _below_headers(book[self.sheet])
        if not may_lack_values(self.path):
            return values
        told = stack.enter_context(_workbook(self.path, formulas=True))
        return with_uncalculated(values, _below_headers(told[self.sheet]))

    def _chunk(
        self, filled: list[tuple[int, Any]], positions: dict[str, int], ids: Collection[str]
    ) -> Chunk:
        flaws: list[Flaw] = []
        records = []
        for position, (_, cells) in enumerate(filled):
            record: dict[int, str | None] = {}
            for header, at in positions.items():
                cell = cells[at] if at < len(cells) else None
                text, reason = (None, None) if cell is None else _text(cell, header in ids)
                record[at] = text
                if reason is not None:
                    flaws.append(Flaw(position, header, text or "", reason))
            if _filled(cells[len(self.headers) :]):
                flaws.append(Flaw(position, None, "", "too_many_cells"))
            records.append(record)
        rows = np.array([row for row, _ in filled], dtype=np.int64)
        dense = [[record[at] for at in positions.values()] for record in records]
        order = {header: place for place, header in enumerate(positions)}
        columns = columns_of(dense, order)
        return Chunk(rows, columns, [*flaws, *shortened(columns, ids)])


@contextmanager
def _workbook(path: Path, formulas: bool = False) -> Iterator[Any]:
    import openpyxl
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import TranslatorError

    with warnings.catch_warnings(), ExitStack() as stack:
        # openpyxl warns of styles and extensions that it drops; cells are not among them.
        warnings.simplefilter("ignore")
        try:
            # Opened here: by its name openpyxl would refuse a workbook that is called a .csv.
            file = stack.enter_context(path.open("rb"))
            book = openpyxl.load_workbook(file, read_only=True, data_only=not formulas)
        except _DAMAGE as error:
            raise _damaged(path, error) from None
        try:
            yield book
        except (*_DAMAGE, TokenizerError, TranslatorError) as error:
            raise _damaged(path, error) from None
        finally:
            book.close()


def _damaged(path: Path, error: Exception) -> IntakeError:
    return unreadable(path, f"the workbook is damaged ({type(error).__name__})")


def _first_row(sheet: Any) -> Any:
    # Some exporters write a wrong extent, by which rows would be cut off.
    sheet.reset_dimensions()
    first = next(sheet.iter_rows(max_row=1), None)
    return first if first is not None and _filled(first) else None


def _below_headers(sheet: Any) -> Iterator[Any]:
    sheet.reset_dimensions()
    rows: Iterator[Any] = sheet.iter_rows(min_row=2)
    return rows


def _filled(cells: Any) -> bool:
    values = (cell.value for cell in cells)
    return any(value.strip() if isinstance(value, str) else value is not None for value in values)


def _text(cell: Any, is_id: bool = False) -> tuple[str | None, str | None]:
    """Return a cell as text, and what is wrong with it."""
    value = cell.value
    if cell.data_type == "f":
        return formula_text(cell), "formula_without_value"
    if value is None or isinstance(value, str):
        return value, "excel_error" if cell.data_type == "e" else None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, (int, float)):
        return _number(value, cell.number_format, is_id)
    if isinstance(value, dt.datetime):
        plain = value.time() == dt.time() and not has_time(cell.number_format)
        return (value.date().isoformat() if plain else value.isoformat(sep=" ")), None
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat(), None
    return str(value), None


def _number(value: int | float, code: str, is_id: bool) -> tuple[str, str | None]:
    if is_percent(code):
        return _percentage(value), None
    if isinstance(value, float) and not value.is_integer():
        return repr(value), None
    whole = int(value)
    if abs(whole) >= _EXACT_BELOW:
        return str(whole), "digits_lost"
    if not is_id:
        return shown_number(whole, code), None
    shown = shown_id(whole, code)
    return (str(whole), "shown_otherwise") if shown is None else (shown, None)


def _percentage(value: int | float) -> str:
    # All its digits, where Excel shows as many as the format asks for; 15.3%, not 15.300%.
    hundredfold = Decimal(repr(value)) * 100
    return f"{hundredfold.normalize():f}%"

"""What a table of facts is: everything that can be derived from one declaration of its columns."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from merchantkit.errors import IntakeError

if TYPE_CHECKING:  # pandas and pandera cost a second that `merchantkit --help` must not pay
    import pandas as pd
    import pandera.pandas as pap
    import pyarrow as pa

Kind = Literal[
    "id", "text", "code", "count", "money", "decimal", "quantity", "flag", "date", "month", "moment"
]  # fmt: skip

DUCKDB_TYPES: Mapping[Kind, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "code": "VARCHAR",
    "count": "BIGINT",
    "money": "DECIMAL(18,2)",
    "decimal": "DECIMAL(18,2)",
    "quantity": "DECIMAL(18,4)",
    "flag": "BOOLEAN",
    "date": "DATE",
    "month": "VARCHAR",
    "moment": "TIMESTAMP",
}
# How many decimals a number of a kind keeps; the others have none.
DECIMALS: Mapping[Kind, int] = {"money": 2, "decimal": 2, "quantity": 4}
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
IS_DATE = "_is_date"


class Title(NamedTuple):
    """What people call a table or column, in Chinese and English."""

    zh: str
    en: str


class Field(NamedTuple):
    """One stored column: a moment is two of them, everything else one."""

    name: str
    kind: Kind
    nullable: bool

    @property
    def duckdb(self) -> str:
        """The column's type in DuckDB."""
        return DUCKDB_TYPES[self.kind]

    @property
    def arrow(self) -> "pa.DataType":
        """The column's type in Arrow."""
        import pyarrow as pa

        types: dict[str, pa.DataType] = {
            "BIGINT": pa.int64(),
            "DECIMAL(18,2)": pa.decimal128(18, 2),
            "DECIMAL(18,4)": pa.decimal128(18, 4),
            "BOOLEAN": pa.bool_(),
            "DATE": pa.date32(),
            "TIMESTAMP": pa.timestamp("us"),
        }
        return types.get(self.duckdb, pa.string())


# The row number is the one that a spreadsheet shows: the first row of data is 2.
PROVENANCE = (Field("source_file", "text", False), Field("source_row", "count", False))


def normal(text: object) -> str:
    """Return a header or code as it is compared: no case, width, spaces or joining marks.

    >>> normal(" Merchant_ID ") == normal("merchant id") == normal("ＭerchantID")
    True
    >>> normal("实收金额（USD）")
    '实收金额(usd)'
    """
    folded = unicodedata.normalize("NFKC", str(text)).casefold()
    return "".join(mark for mark in folded if not (mark.isspace() or mark in "_-*:\ufeff\u200b"))


@dataclass(frozen=True)
class Column:
    """One column as an analyst knows it.

    Args:
        name: The column's name in the warehouse; with its unit where it has one.
        kind: ``moment`` is a point in time or, where the export has no more, a calendar day;
            ``decimal`` is an exact number with two decimals that is no money (a score, a rate),
            ``quantity`` one with four (a weight).
        title: What people call it.
        aliases: Other headers that exports print, compared by ``normal``.
        nullable: Whether a row may lack it; a required column's header must be there too.
        codes: A closed list, code → what exports print for it. For a flag: ``true``, ``false``.
        unit: ``usd``, ``cny``, ``quote``, …: of a number.
        minimum: The least number allowed.
    """

    name: str
    kind: Kind
    title: Title
    aliases: tuple[str, ...] = ()
    nullable: bool = False
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str | None = None
    minimum: int | None = None

    @cached_property
    def headers(self) -> frozenset[str]:
        """Every header that means this column, normalised."""
        return frozenset(normal(text) for text in (self.name, *self.title, *self.aliases))

    @cached_property
    def code_of(self) -> dict[str, str]:
        """What exports print (normalised) → code.

        >>> Column("on", "flag", Title("开", "on"), codes={"true": ("是",)}).code_of
        {'true': 'true', '是': 'true'}
        """
        return {normal(word): code for code, words in self.codes.items() for word in (code, *words)}

    @property
    def fields(self) -> tuple[Field, ...]:
        """The stored columns."""
        own = Field(self.name, self.kind, self.nullable)
        if self.kind != "moment":
            return (own,)
        return (own, Field(self.name + IS_DATE, "flag", self.nullable))

    def as_dict(self) -> dict[str, Any]:
        """Return the declaration as plain data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "type": DUCKDB_TYPES[self.kind],
            "nullable": self.nullable,
            "unit": self.unit,
            "minimum": self.minimum,
            "title": self.title._asdict(),
            "aliases": list(self.aliases),
            "codes": {code: list(words) for code, words in self.codes.items()},
        }


@dataclass(frozen=True)
class Table:
    """One table of facts: its columns, and all that follows from them."""

    name: str
    title: Title
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        """Return a column by name; KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The columns that no row may lack, and so no file."""
        return tuple(column.name for column in self.columns if not column.nullable)

    @cached_property
    def content(self) -> tuple[Field, ...]:
        """The stored columns that say something about the world."""
        return tuple(part for column in self.columns for part in column.fields)

    @property
    def fields(self) -> tuple[Field, ...]:
        """All stored columns in order: the content, then where each row came from."""
        return self.content + PROVENANCE

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all stored columns, in order."""
        return tuple(part.name for part in self.fields)

    @property
    def ddl(self) -> str:
        """The statement that makes the table in DuckDB.

        There is no primary key: DuckDB's index refuses a delete and insert of one key within a
        transaction, which is what replacing is. ``warehouse.upsert`` keeps keys unique instead.
        """
        parts = (f"{f.name} {f.duckdb}{'' if f.nullable else ' NOT NULL'}" for f in self.fields)
        return f"CREATE TABLE {self.name} ({', '.join(parts)})"

    @property
    def arrow_schema(self) -> "pa.Schema":
        """The stored columns as an Arrow schema."""
        import pyarrow as pa

        return pa.schema([pa.field(f.name, f.arrow, f.nullable) for f in self.fields])

    @property
    def dtypes(self) -> "dict[str, pd.ArrowDtype]":
        """The stored columns as pandas dtypes."""
        import pandas as pd

        return {part.name: pd.ArrowDtype(part.arrow) for part in self.fields}

    @cached_property
    def schema(self) -> "pap.DataFrameSchema":
        """The pandera schema of a typed frame with exactly the stored columns."""
        from merchantkit.facts.validation import frame_schema

        return frame_schema(self)

    def match(self, headers: Iterable[object]) -> dict[str, str]:
        """Return column → the header that stands for it; headers that mean nothing are left out.

        Raises:
            IntakeError: Two headers stand for one column, or one header is there twice.
        """
        texts = [str(header) for header in headers]
        matched: dict[str, str] = {}
        for column in self.columns:
            found = [text for text in texts if normal(text) in column.headers]
            if len(found) > 1:
                raise IntakeError(
                    f"{len(found)} headers stand for one column of {self.name}: {column.name}",
                    where=", ".join(repr(text[:60]) for text in found),
                    remedy="remove or rename all but one, or say which is meant with a mapping",
                )
            if found:
                matched[column.name] = found[0]
        return matched

    def missing(self, headers: Iterable[object]) -> tuple[str, ...]:
        """Return the required columns that no header stands for."""
        known = {normal(header) for header in headers}
        return tuple(name for name in self.required if not self[name].headers & known)

    def as_dict(self) -> dict[str, Any]:
        """Return the declaration as plain data (``merchantkit schema NAME --json``)."""
        return {
            "name": self.name,
            "title": self.title._asdict(),
            "key": list(self.key),
            "columns": [column.as_dict() for column in self.columns],
            "stored": [{"name": f.name, "type": f.duckdb} for f in self.fields],
        }

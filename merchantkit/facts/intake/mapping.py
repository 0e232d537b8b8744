"""Mapping files: how a foreign export's headers become tables of facts (params/mappings/)."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from merchantkit import home
from merchantkit.documents import LinedYaml, read_file, refuse, validate
from merchantkit.errors import MappingError
from merchantkit.facts.casts.date_formats import UNAMBIGUOUS, date_format
from merchantkit.facts.casts.times import DEFAULT_ZONE, Clock
from merchantkit.facts.schemas import TABLES, Table

FOLDER = "params/mappings"
# Kinds of columns that may be added up over lines.
SUMMABLE = frozenset({"money", "count"})


def _as_text(value: Any) -> Any:
    """Return a YAML scalar as the text that a cell would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, Decimal, dt.date)) else value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Text = Annotated[str, BeforeValidator(_as_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expression(_Part):
    """Where a column's text comes from; a bare text is a header.

    Exactly one of ``header``, ``constant``, ``join`` (several headers, ``between`` them a mark
    that none of their values holds) and ``when`` (a header: ``then`` where the line has a value
    there, ``otherwise`` where it has none).
    """

    header: str | None = None
    constant: Text | None = None
    join: tuple[str, ...] = ()
    between: str = " | "
    when: str | None = None
    then: Self | None = None
    otherwise: Self | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_text_is_a_header(cls, given: Any) -> Any:
        return {"header": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [
            name for name in ("header", "constant", "join", "when") if name in self.model_fields_set
        ]
        if len(forms) != 1:
            raise refuse(
                f"says {' and '.join(forms) or 'nothing'}",
                "give one of header, constant, join and when",
            )
        if (self.when is None) != (self.then is None) or (self.otherwise and not self.when):
            raise refuse("when and then go together", "write when: HEADER, then: …, otherwise: …")
        if self.join and (len(self.join) < 2 or not self.between.strip()):
            raise refuse(
                "join needs two headers and a mark that shows",
                'write join: [A, B] and between: " | "',
            )
        return self

    def headers(self) -> tuple[str, ...]:
        """Return every header that it reads."""
        own = tuple(name for name in (self.header, *self.join, self.when) if name is not None)
        inner = (part.headers() for part in (self.then, self.otherwise) if part is not None)
        return own + tuple(name for names in inner for name in names)


class Exclusion(_Part):
    """Lines left out on purpose: those whose column equals one of the values."""

    column: str
    equals: Texts
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Block(_Part):
    """What the lines say about one table.

    Args:
        columns: Column of the table → where its text comes from.
        skip_unless: Headers without which a line says nothing about this table.
        sum: Columns that are added up over the lines of one key; the others have to agree.
    """

    columns: dict[str, Expression]
    skip_unless: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()

    def problems(self, table: Table) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """Yield what does not fit the table: the place within the block, what, and the remedy."""
        names = [column.name for column in table.columns]
        for name in self.columns:
            if name not in names:
                what = f"{table.name} has no column {name}"
                yield ("columns", name), what, f"name one of {', '.join(names)}"
        for name in table.required:
            if name not in self.columns:
                what = f"{table.name}.{name} is required and not mapped"
                yield ("columns",), what, "map it to a header or a constant"
        for name in self.sum:
            if name not in self.columns or table[name].kind not in SUMMABLE:
                what = f"{table.name}.{name} can't be summed"
                yield ("sum",), what, "sum columns of money and counts that the block maps"


class Mapping(_Part):
    """A mapping file; see params/mappings/README.md.

    Args:
        name: What the log of imports calls it.
        zone: The zone of times without an offset.
        ambiguous_times: What an hour that the clock shows twice means.
        date_formats: How the export writes dates, beside the unambiguous ways (2021-05-31).
        missing: Words that mean an empty cell, in every column.
        missing_in: Header → words that mean an empty cell there.
        reject_if_missing: Headers that every line must have a value for.
        line_key: The headers that tell lines apart.
        exclude: Lines left out on purpose.
        sheet: The sheet of a workbook that has several.
        tables: Table → what the lines say about it.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
    zone: str = DEFAULT_ZONE
    ambiguous_times: Literal["reject", "earlier", "later"] = "reject"
    date_formats: tuple[str, ...] = ()
    missing: Texts = ()
    missing_in: dict[str, Texts] = {}
    reject_if_missing: tuple[str, ...] = ()
    line_key: tuple[str, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    sheet: str | None = None
    tables: Annotated[dict[str, Block], Field(min_length=1)]

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise refuse(f"there is no zone {zone}", "name one such as Asia/Shanghai") from None
        return zone

    @field_validator("date_formats")
    @classmethod
    def _formats_are_formats(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for text in formats:
            try:
                date_format(text)
            except MappingError as error:
                raise refuse(error.what, error.remedy or "") from None
        return formats

    def problems(self) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """Yield what does not fit the tables: the place in the file, what, and the remedy."""
        for name, block in self.tables.items():
            if name not in TABLES:
                what = f"there is no table {name}"
                yield ("tables", name), what, f"name one of {', '.join(TABLES)}"
            else:
                for path, what, remedy in block.problems(TABLES[name]):
                    yield ("tables", name, *path), what, remedy

    @property
    def clock(self) -> Clock:
        """How the export tells time."""
        formats = tuple(date_format(text) for text in self.date_formats)
        return Clock(self.zone, formats + UNAMBIGUOUS, self.ambiguous_times)

    def headers(self) -> tuple[str, ...]:
        """Return every header that the mapping reads, each once."""
        named = [*self.missing_in, *self.reject_if_missing, *self.line_key]
        named += [rule.column for rule in self.exclude]
        for block in self.tables.values():
            named += block.skip_unless
            for expression in block.columns.values():
                named += expression.headers()
        return tuple(dict.fromkeys(named))


def load_mapping(mapping: str | Path) -> Mapping:
    """Return a mapping from a file, or by the name of one in params/mappings/.

    Raises:
        MappingError: It is not there, or malformed; names file and line.
    """
    file = Path(mapping)
    if not file.exists() and file.name == str(mapping) and not file.suffix:
        file = home.place(FOLDER) / f"{file.name}.yaml"
    return read_mapping(read_file(file, MappingError))


def read_mapping(document: LinedYaml) -> Mapping:
    """Return a document as a mapping.

    Raises:
        MappingError: It is malformed; names file and line.
    """
    mapping = validate(Mapping, document, MappingError)
    for path, what, remedy in mapping.problems():
        raise MappingError(what, where=document.where(path), remedy=remedy)
    return mapping

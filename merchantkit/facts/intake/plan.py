"""The plan of an import: which header of this very file becomes which column of which table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from merchantkit.errors import IntakeError, MappingError
from merchantkit.facts.casts.times import Clock
from merchantkit.facts.intake.mapping import Block, Exclusion, Expression, Mapping
from merchantkit.facts.readers import Source
from merchantkit.facts.schemas import TABLES, Table, recognise, table
from merchantkit.facts.tables import DECIMALS, normal


@dataclass(frozen=True)
class Plan:
    """A mapping with the file's own headers in it; a plain export is the simplest of them.

    Args:
        blocks: Table → what the lines say about it.
        wanted: The headers that are read.
        ignored: The headers that are not.
        mapping: The mapping's name; None for a plain export.
        labels: Header → the column that it becomes, for rejects of a plain export.
    """

    blocks: dict[str, Block]
    wanted: tuple[str, ...]
    ignored: tuple[str, ...]
    clock: Clock = field(default_factory=Clock)
    mapping: str | None = None
    missing: tuple[str, ...] = ()
    missing_in: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reject_if_missing: tuple[str, ...] = ()
    line_key: tuple[str, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def table_names(self) -> str:
        """The tables concerned, as rejects of whole lines name them."""
        return "+".join(self.blocks)

    def silent(self, name: str) -> tuple[str, ...]:
        """Return the columns of a table of which no line says anything."""
        mapped = self.blocks[name].columns
        return tuple(each.name for each in TABLES[name].columns if each.name not in mapped)

    @property
    def decimals(self) -> dict[str, int]:
        """Header → how many decimals of its numbers are kept; only headers that become such.

        One that becomes money and a quantity is money: there a whole number may hide cents.
        """
        kept: dict[str, int] = {}
        for name, block in self.blocks.items():
            for column, expression in block.columns.items():
                places = DECIMALS.get(TABLES[name][column].kind, 0)
                for header in _told_by(expression) if places else ():
                    kept[header] = min(places, kept.get(header, places))
        return kept

    @property
    def ids(self) -> frozenset[str]:
        """The headers that become ids, or a part of one."""
        return frozenset(
            header
            for name, block in self.blocks.items()
            for column, expression in block.columns.items()
            if TABLES[name][column].kind == "id"
            for header in (*_told_by(expression), *_joined_in(expression))
        )

    def label(self, header: str) -> str:
        """Return what rejects call a header: its column where it means one, else itself."""
        return self.labels.get(header, header)


def plain_plan(source: Source, name: str | None) -> Plan:
    """Return the plan for an export whose headers the kit knows.

    Raises:
        IntakeError: No table fits the headers, or a required column is missing.
    """
    try:
        target = table(name) if name else recognise(source.headers)
        matched = target.match(source.headers)
    except IntakeError as error:
        raise IntakeError(
            error.what,
            where=": ".join(part for part in (place(source), error.where) if part),
            remedy=error.remedy,
        ) from None
    missing = target.missing(source.headers)
    if missing:
        raise _lacking(source, target, missing)
    columns = {column: Expression(header=header) for column, header in matched.items()}
    wanted = tuple(matched.values())
    return Plan(
        blocks={target.name: Block(columns=columns)},
        wanted=wanted,
        ignored=tuple(header for header in source.headers if header not in wanted),
        labels={header: column for column, header in matched.items()},
    )


def mapped_plan(source: Source, mapping: Mapping) -> Plan:
    """Return the plan for an export that a mapping describes.

    Raises:
        IntakeError: The file lacks a header that the mapping names, or has it twice.
        MappingError: The mapping does not fit the tables.
    """
    for path, what, remedy in mapping.problems():
        raise MappingError(what, where=f"{mapping.name}: {'.'.join(path)}", remedy=remedy)
    actual = _actual_headers(source, mapping)

    def headers(named: Iterable[str]) -> tuple[str, ...]:
        return tuple(actual[name] for name in named)

    def resolved(expression: Expression) -> Expression:
        changed: dict[str, object] = {"join": headers(expression.join)}
        for part in ("header", "when"):
            name = getattr(expression, part)
            changed[part] = name and actual[name]
        for part in ("then", "otherwise"):
            inner = getattr(expression, part)
            changed[part] = inner and resolved(inner)
        return expression.model_copy(update=changed)

    blocks = {
        name: Block.model_construct(
            columns={column: resolved(part) for column, part in block.columns.items()},
            skip_unless=headers(block.skip_unless),
            sum=block.sum,
        )
        for name, block in mapping.tables.items()
    }
    wanted = tuple(dict.fromkeys(actual.values()))
    return Plan(
        blocks=blocks,
        wanted=wanted,
        ignored=tuple(header for header in source.headers if header not in wanted),
        clock=mapping.clock,
        mapping=mapping.name,
        missing=mapping.missing,
        missing_in={actual[name]: words for name, words in mapping.missing_in.items()},
        reject_if_missing=headers(mapping.reject_if_missing),
        line_key=headers(mapping.line_key),
        exclude=tuple(
            rule.model_copy(update={"column": actual[rule.column]}) for rule in mapping.exclude
        ),
    )


def _told_by(expression: Expression) -> Iterator[str]:
    """Yield the headers whose text becomes the column's, not those that only decide (``when``)."""
    if expression.header is not None:
        yield expression.header
    for part in (expression.then, expression.otherwise):
        if part is not None:
            yield from _told_by(part)


def _joined_in(expression: Expression) -> Iterator[str]:
    yield from expression.join
    for part in (expression.then, expression.otherwise):
        if part is not None:
            yield from _joined_in(part)


def place(source: Source) -> str:
    """Return where a source is, for errors."""
    return str(source.path) + (f", sheet {source.sheet!r}" if source.sheet else "")


def _actual_headers(source: Source, mapping: Mapping) -> dict[str, str]:
    actual: dict[str, str] = {}
    for name in mapping.headers():
        found = [header for header in source.headers if normal(header) == normal(name)]
        exact = [header for header in found if header == name]
        if len(exact) != 1 and len(found) != 1:
            raise IntakeError(
                f"the mapping {mapping.name} names a header that the file "
                f"{'has more than once' if found else 'lacks'}: {name[:60]!r}",
                where=f"{place(source)}: headers {_listed(source.headers)}",
                remedy="correct the mapping, or export that column",
            )
        actual[name] = exact[0] if len(exact) == 1 else found[0]
    return actual


def _lacking(source: Source, target: Table, missing: tuple[str, ...]) -> IntakeError:
    accepted = "; ".join(
        f"{name}: {', '.join((name, *target[name].title, *target[name].aliases))}"
        for name in missing
    )
    return IntakeError(
        f"a required column of {target.name} is missing: {', '.join(missing)}",
        where=f"{place(source)}: headers {_listed(source.headers)}",
        count=len(missing),
        remedy=f"add a column with one of these headers, or write a mapping. {accepted}",
    )


def _listed(headers: tuple[str, ...]) -> str:
    shown = ", ".join(repr(header[:40]) for header in headers[:40])
    return shown + (f" and {len(headers) - 40} more" if len(headers) > 40 else "")

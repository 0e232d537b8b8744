"""Typed rows: texts of lines to one table's rows, and the reason of every cell that fails."""

import copy
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.facts.casts import Clock, cast
from merchantkit.facts.intake.mapping import Block, Expression
from merchantkit.facts.schemas import TABLES, Table
from merchantkit.facts.tables import IS_DATE

if TYPE_CHECKING:
    import pandera.pandas as pap

Texts = dict[str, pa.Array]


def typed_rows(
    table: Table, block: Block, texts: Texts, clock: Clock, provenance: Texts
) -> tuple[pa.Table, dict[str, pa.Array]]:
    """Return the rows that lines make in a table, and column → reasons (null where fine).

    Args:
        table: The table.
        block: What the lines say about it.
        texts: Header → trimmed texts, one per line.
        clock: How the export tells time.
        provenance: ``source_file`` and ``source_row``, one per line.
    """
    count = len(provenance["source_row"])
    casts = {
        column.name: cast(column, text_of(block, column.name, texts, count), clock)
        for column in table.columns
    }
    values = {name: array for each in casts.values() for name, array in each.values.items()}
    values |= provenance
    rows = pa.table([values[name] for name in table.names], names=list(table.names))
    reasons = {name: each.reasons for name, each in casts.items()}
    for name, expression in block.columns.items():
        for why in _separated(expression, texts):
            reasons[name] = pc.coalesce(reasons[name], why)
    for name, why in _schema_reasons(table, rows):
        reasons[name] = pc.coalesce(reasons[name], why)
    return rows, reasons


def text_of(block: Block, column: str, texts: Texts, count: int) -> pa.Array:
    """Return a column's text for each of ``count`` lines; missing where nothing is mapped."""
    return _evaluate(block.columns.get(column), texts, count)


def _evaluate(expression: Expression | None, texts: Texts, count: int) -> pa.Array:
    if expression is None:
        return pa.nulls(count, pa.string())
    if expression.header is not None:
        return texts[expression.header]
    if expression.constant is not None:
        return pa.array([expression.constant] * count, type=pa.string())
    if expression.when is None:
        return pc.binary_join_element_wise(
            *(texts[header] for header in expression.join), expression.between
        )
    return pc.if_else(
        texts[expression.when].is_valid(),
        _evaluate(expression.then, texts, count),
        _evaluate(expression.otherwise, texts, count),
    )


def _separated(expression: Expression | None, texts: Texts) -> list[pa.Array]:
    # "a | b" joined to "c" would be the same text as "a" joined to "b | c".
    if expression is None:
        return []
    found = _separated(expression.then, texts) + _separated(expression.otherwise, texts)
    for header in expression.join:
        held = pc.match_substring(texts[header], expression.between.strip())
        found.append(pc.if_else(held, "separator_in_value", pa.scalar(None, pa.string())))
    return found


def _schema_reasons(table: Table, rows: pa.Table) -> list[tuple[str, pa.Array]]:
    """Return what the table's schema finds wrong: column, and its reasons."""
    from pandera.errors import SchemaErrors

    frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    try:
        _line_schema(table.name).validate(frame, lazy=True)
    except SchemaErrors as found:
        known = {column.name for column in table.columns}
        problems = []
        for each in found.schema_errors:
            name = str(each.schema.name).removesuffix(IS_DATE)
            if name not in known:
                raise
            check = each.check if isinstance(each.check, str) else each.check.name
            texts = np.full(len(frame), None, dtype=object)
            failed = each.failure_cases["index"].to_numpy(dtype=np.int64)
            texts[failed] = "missing" if check == "not_nullable" else check
            problems.append((name, pa.array(texts, type=pa.string())))
        return problems
    return []


@lru_cache
def _line_schema(name: str) -> "pap.DataFrameSchema":
    # Lines may share a key (an order is the sum of its lines); keys are settled over the file.
    schema = copy.deepcopy(TABLES[name].schema)
    schema.unique = None
    return schema

# ruff: noqa: S608 - names in SQL are declared ones (TABLES) or made here; what strangers wrote
# comes as rows and parameters only.
"""Lines that say the same, but for columns that nobody reads: repetitions, or parts of one amount.

Two lines of an order, ten dollars each, may be two items of ten dollars or one order told twice.
Where all else is alike too, it is told twice; where an unread column tells them apart, nobody but
the analyst knows, and to count one of them would be to guess.
"""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from merchantkit.errors import IntakeError
from merchantkit.facts.casts import trimmed
from merchantkit.facts.intake.keys import SHOWN_ROWS, key_text, same_key
from merchantkit.facts.intake.mapping import SUMMABLE
from merchantkit.facts.intake.plan import Plan
from merchantkit.facts.readers import CHUNK_ROWS, Source
from merchantkit.facts.schemas import TABLES, Table, normal

# Such a column differs in every line, and says nothing of what it tells.
_NUMBERING = frozenset(map(normal, ("序号", "行号", "No.", "#", "Row")))
_SHOWN_HEADER = 40


def reject_unlike(connection: duckdb.DuckDBPyConnection, plan: Plan, source: Source) -> bool:
    """Reject lines of one key that only unread columns tell apart; return whether there are any.

    Where lines of a key come again in a table of amounts, the file is read once more: most files
    have no such lines, and cost nothing here.

    Args:
        connection: The staging area's, of lines that don't contradict each other.
        plan: What the lines become. ``sum`` says that they add up, ``line_key`` what tells them
            apart: then nothing is left to ask.
        source: Where they come from.
    """
    tables = [TABLES[name] for name in plan.blocks if _is_at_stake(plan, name)]
    headers = [name for name in plan.ignored if _tells(name) and source.headers.count(name) == 1]
    if not tables or not headers:
        return False
    again = " UNION ".join(map(_lines_of_shared_keys, tables))
    connection.execute(f"CREATE OR REPLACE TABLE again AS {again}")
    if not connection.execute("SELECT count(*) FROM again").fetchall()[0][0]:
        return False
    _read(connection, source, headers)
    return sum(_reject(connection, table, headers) for table in tables) > 0


def _is_at_stake(plan: Plan, name: str) -> bool:
    table, block = TABLES[name], plan.blocks[name]
    has_amounts = any(table[c].kind in SUMMABLE and c not in table.key for c in block.columns)
    return has_amounts and not plan.line_key and not block.sum


def _tells(header: str) -> bool:
    return bool(header) and normal(header) not in _NUMBERING


def _lines_of_shared_keys(table: Table) -> str:
    keys = ", ".join(table.key)
    return (
        f"SELECT source_row FROM rows_{table.name} SEMI JOIN (SELECT {keys} "
        f"FROM rows_{table.name} GROUP BY ALL HAVING count(*) > 1) USING ({keys})"
    )


def _read(connection: duckdb.DuckDBPyConnection, source: Source, headers: list[str]) -> None:
    """Make ``unread``: the lines that come again, and their texts under unread headers."""
    columns = [f"h{place}" for place in range(len(headers))]
    heads = ", ".join(f"{name} VARCHAR" for name in columns)
    connection.execute(f"CREATE OR REPLACE TABLE unread (source_row BIGINT, {heads})")
    single = _single(source, headers)
    for chunk in source.chunks(single, CHUNK_ROWS):
        none = pa.nulls(len(chunk.rows), pa.string())
        texts = [trimmed(chunk.columns[name]) if name in single else none for name in headers]
        lines = pa.table([pa.array(chunk.rows), *texts], names=["source_row", *columns])
        connection.register("incoming", lines)
        connection.execute("INSERT INTO unread FROM incoming SEMI JOIN again USING (source_row)")
        connection.unregister("incoming")


def _single(source: Source, headers: list[str]) -> list[str]:
    """Return the headers of single values; a column of Parquet may hold lists instead."""
    try:
        next(iter(source.chunks(headers, 1)), None)
    except IntakeError:
        parts = [] if len(headers) == 1 else [[header] for header in headers]
        return [header for part in parts for header in _single(source, part)]
    return headers


def _reject(connection: duckdb.DuckDBPyConnection, table: Table, headers: Iterable[str]) -> int:
    shown = {f"n{place}": header[:_SHOWN_HEADER] for place, header in enumerate(headers)}
    apart = ", ".join(
        f"CASE WHEN count(DISTINCT coalesce(u.h{place}, '')) > 1 THEN ${name} END"
        for place, name in enumerate(shown)
    )
    keys = ", ".join(f"t.{key}" for key in table.key)
    ((found,),) = connection.execute(
        f"INSERT INTO rejects SELECT $table, t.source_row, $column, {key_text(table.key)}, "
        "'alike_but_for_unread', 'rows ' || g.some_rows || ', alike but for ' || g.apart || "
        "', not read: a mapping may add them up (sum) or tell them as one (line_key)', "
        f"t.merchant_id FROM rows_{table.name} t JOIN (SELECT {keys}, concat_ws(', ', {apart}) "
        f"AS apart, array_to_string(min(source_row, {SHOWN_ROWS}), ', ') AS some_rows "
        f"FROM rows_{table.name} t JOIN unread u USING (source_row) GROUP BY {keys}) g "
        f"ON {same_key(table.key)} WHERE g.apart <> ''",
        {"table": table.name, "column": "+".join(table.key), **shown},
    ).fetchall()
    return int(found)

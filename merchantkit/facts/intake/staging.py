# ruff: noqa: S608 - names in SQL are declared ones (TABLES) or made here; what strangers wrote
# comes as rows and parameters only.
"""Staging: an export's typed rows, kept aside until it is known which of them hold.

Whether two lines agree is known only when the whole file was read. So chunks go to a scratch
database on disk, are settled there in SQL, and reach the warehouse in one short transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from merchantkit.facts.connect import scratch
from merchantkit.facts.intake import rejects
from merchantkit.facts.intake.keys import SHOWN_ROWS, key_text, same_key
from merchantkit.facts.intake.lines import Sorted
from merchantkit.facts.intake.mapping import Block
from merchantkit.facts.intake.plan import Plan
from merchantkit.facts.intake.report import Place
from merchantkit.facts.intake.unread import reject_unlike
from merchantkit.facts.readers import Source
from merchantkit.facts.schemas import TABLES, Table

_LARGEST = {"money": "9999999999999999.99", "count": "9223372036854775807"}
_REJECTED = "SELECT source_row FROM rejects"
# How many places of one reason a report names; the file of rejects has all.
_SHOWN_PLACES = 3


@contextmanager
def staged(plan: Plan) -> Iterator["Staging"]:
    """Lend an empty staging area, gone afterwards."""
    with scratch() as connection:
        yield Staging(connection, plan)


class Staging:
    """The staging area of one export.

    Args:
        connection: An empty database of its own.
        plan: What the export's lines become.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        self.connection = connection
        self.plan = plan
        self.read = 0
        heads = ", ".join(f"h{place} VARCHAR" for place in range(len(plan.wanted)))
        for statement in (
            "CREATE TABLE rejects (table_name VARCHAR, source_row BIGINT, column_name VARCHAR, "
            "value VARCHAR, reason VARCHAR, detail VARCHAR, merchant_id VARCHAR)",
            "CREATE TABLE excluded (source_row BIGINT, reason VARCHAR)",
            "CREATE TABLE repeated (table_name VARCHAR, source_row BIGINT)",
            f"CREATE TABLE lines (source_row BIGINT, merchant_id VARCHAR, {heads})",
            *(TABLES[name].ddl.replace(f" {name} ", f" rows_{name} ", 1) for name in plan.blocks),
        ):
            connection.execute(statement)

    def add(self, found: Sorted, read: int) -> None:
        """Take in a chunk of ``read`` lines."""
        self.read += read
        self._insert("rejects", found.rejects)
        self._insert("excluded", found.excluded)
        if self.plan.line_key:
            self._insert("lines", found.lines)
        for name, rows in found.tables.items():
            self._insert(f"rows_{name}", rows)

    def settle(self, source: Source) -> None:
        """Find the lines that contradict or repeat each other, and keep those that hold.

        Args:
            source: Where they come from, for what was not read of them.
        """
        if self.plan.line_key:
            self._settle_lines()
        for name, block in self.plan.blocks.items():
            self._reject_conflicts(TABLES[name], block)
        self._drop_rejected()
        if reject_unlike(self.connection, self.plan, source):
            self._drop_rejected()
        for name, block in self.plan.blocks.items():
            self._reject_large_sums(TABLES[name], block)
        self._drop_rejected()
        for name, block in self.plan.blocks.items():
            if not block.sum:
                self._drop_repeated(TABLES[name])
        # A line that only repeats what others said is a duplicate; in a file of order lines
        # that each name their merchant, none is.
        self.connection.execute(
            f"INSERT INTO excluded SELECT DISTINCT source_row, 'duplicate' FROM repeated "
            f"WHERE source_row NOT IN ({self._kept()})"
        )

    def rows(self, name: str) -> pa.RecordBatchReader:
        """Return the rows for a table, one per key, in the order of the file."""
        order = f"source_row, {', '.join(TABLES[name].key)}"
        return self.connection.sql(f"{self._rows(name)} ORDER BY {order}").to_arrow_reader()

    def unordered_rows(self, name: str) -> pa.RecordBatchReader:
        """Return the same rows as they come, without the sort, which takes memory."""
        return self.connection.sql(self._rows(name)).to_arrow_reader()

    def rejects(self) -> pa.RecordBatchReader:
        """Return the rejects in the order of the file."""
        return self.connection.sql(
            f"SELECT {', '.join(rejects.SCHEMA.names)} FROM rejects "
            "ORDER BY source_row, table_name, column_name, reason"
        ).to_arrow_reader()

    def rejected(self) -> int:
        """Return how many lines were rejected."""
        return self._count("SELECT count(DISTINCT source_row) FROM rejects")

    def excluded(self) -> int:
        """Return how many lines were left out."""
        return self._count("SELECT count(*) FROM excluded")

    def loaded(self) -> int:
        """Return how many lines have a part in some row."""
        return self._count(f"SELECT count(*) FROM ({self._kept()})")

    def loaded_lines(self, name: str) -> int:
        """Return how many lines have a part in the rows of a table."""
        return self._count(
            f"SELECT (SELECT count(*) FROM rows_{name}) + (SELECT count(*) FROM repeated "
            "WHERE table_name = $name AND source_row NOT IN (SELECT source_row FROM excluded))",
            {"name": name},
        )

    def reasons(self, of: str) -> dict[str, int]:
        """Return reason → number of lines, of ``rejects`` or ``excluded``."""
        return dict(
            self.connection.execute(
                f"SELECT reason, count(DISTINCT source_row) FROM {of} GROUP BY 1 ORDER BY 1"
            ).fetchall()
        )

    def first_rejected(self) -> dict[str, tuple[Place, ...]]:
        """Return reason → the first places where lines were rejected for it."""
        found: dict[str, tuple[Place, ...]] = {}
        for reason, *place in self.connection.execute(
            "SELECT reason, source_row, column_name, value FROM (SELECT DISTINCT reason, "
            "source_row, column_name, value FROM rejects) QUALIFY row_number() OVER (PARTITION BY "
            f"reason ORDER BY source_row, column_name) <= {_SHOWN_PLACES} ORDER BY ALL"
        ).fetchall():
            found[reason] = (*found.get(reason, ()), Place(*place))
        return found

    def _settle_lines(self) -> None:
        names = [f"h{place}" for place in range(len(self.plan.wanted))]
        keys = [f"h{self.plan.wanted.index(header)}" for header in self.plan.line_key]
        self._group("lines", keys, [name for name in names if name not in keys])
        self._reject_group("lines", keys, self.plan.table_names, "+".join(self.plan.line_key))
        again = (
            f"SELECT t.source_row FROM lines t JOIN grouped g ON {same_key(keys)} "
            "WHERE g.contents = 1 AND t.source_row > g.first_row"
        )
        self.connection.execute(
            f"INSERT INTO excluded SELECT source_row, 'duplicate' FROM ({again})"
        )
        for name in self.plan.blocks:
            self.connection.execute(f"DELETE FROM rows_{name} WHERE source_row IN ({again})")

    def _reject_conflicts(self, table: Table, block: Block) -> None:
        content = [
            field.name
            for field in table.content
            if field.name not in table.key and field.name not in block.sum
        ]
        self._group(f"rows_{table.name}", table.key, content)
        reason = "conflicting_lines" if block.sum else "conflicting_duplicates"
        self._reject_group(f"rows_{table.name}", table.key, table.name, "+".join(table.key), reason)

    def _group(self, source: str, keys: "list[str] | tuple[str, ...]", content: list[str]) -> None:
        """Make ``grouped``: the keys that several lines share, and in how many versions."""
        listed = ", ".join(keys)
        version = f"row({', '.join(content)})" if content else "0"
        self.connection.execute(
            f"CREATE OR REPLACE TABLE shared AS SELECT {listed} FROM {source} "
            "GROUP BY ALL HAVING count(*) > 1"
        )
        self.connection.execute(
            f"CREATE OR REPLACE TABLE grouped AS "
            f"SELECT {listed}, count(DISTINCT {version}) AS contents, "
            "min(source_row) AS first_row, "
            f"array_to_string(min(source_row, {SHOWN_ROWS}), ', ') AS some_rows "
            f"FROM {source} SEMI JOIN shared USING ({listed}) GROUP BY {listed}"
        )

    def _reject_group(
        self,
        source: str,
        keys: "list[str] | tuple[str, ...]",
        table_name: str,
        column_name: str,
        reason: str = "conflicting_duplicates",
    ) -> None:
        self.connection.execute(
            f"INSERT INTO rejects SELECT $table, t.source_row, $column, {key_text(keys)}, $reason, "
            f"'rows ' || g.some_rows, t.merchant_id "
            f"FROM {source} t JOIN grouped g ON {same_key(keys)} WHERE g.contents > 1",
            {"table": table_name, "column": column_name, "reason": reason},
        )

    def _reject_large_sums(self, table: Table, block: Block) -> None:
        for name in block.sum:
            self.connection.execute(
                f"INSERT INTO rejects SELECT $table, t.source_row, $column, g.total::VARCHAR, "
                f"'number_too_large', NULL, t.merchant_id FROM rows_{table.name} t JOIN ("
                f"SELECT {', '.join(table.key)}, sum({name}) AS total FROM rows_{table.name} "
                f"GROUP BY ALL HAVING total > {_LARGEST[table[name].kind]}) g "
                f"ON {same_key(table.key)}",
                {"table": table.name, "column": name},
            )

    def _drop_rejected(self) -> None:
        for name in self.plan.blocks:
            self.connection.execute(f"DELETE FROM rows_{name} WHERE source_row IN ({_REJECTED})")

    def _drop_repeated(self, table: Table) -> None:
        self._group(f"rows_{table.name}", table.key, [])
        later = f"JOIN grouped g ON {same_key(table.key)} WHERE t.source_row > g.first_row"
        self.connection.execute(
            f"INSERT INTO repeated SELECT $name, t.source_row FROM rows_{table.name} t {later}",
            {"name": table.name},
        )
        self.connection.execute(
            f"DELETE FROM rows_{table.name} t USING grouped g "
            f"WHERE {same_key(table.key)} AND t.source_row > g.first_row"
        )

    def _rows(self, name: str) -> str:
        table, block = TABLES[name], self.plan.blocks[name]
        if not block.sum:
            return f"SELECT {', '.join(table.names)} FROM rows_{name}"
        parts = [_aggregated(table, block, field.name) for field in table.fields]
        # Around it, as the order is by what min() gives, not by the column that it takes.
        return (
            f"SELECT * FROM (SELECT {', '.join(parts)} FROM rows_{name} "
            f"GROUP BY {', '.join(table.key)})"
        )

    def _kept(self) -> str:
        return " UNION ".join(f"SELECT source_row FROM rows_{name}" for name in self.plan.blocks)

    def _insert(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self.connection.register("incoming", rows)
            columns = ", ".join(rows.column_names)
            self.connection.execute(
                f"INSERT INTO {name} ({columns}) SELECT {columns} FROM incoming"
            )
            self.connection.unregister("incoming")

    def _count(self, query: str, params: dict[str, Any] | None = None) -> int:
        # All of it: DuckDB starts no stream while a result is unfinished.
        ((found,),) = self.connection.execute(query, params).fetchall()
        return int(found)


def _aggregated(table: Table, block: Block, name: str) -> str:
    if name in table.key:
        return name
    if name in block.sum:
        kind = "DECIMAL(18,2)" if table[name].kind == "money" else "BIGINT"
        return f"sum({name})::{kind} AS {name}"
    # The lines agree on everything else; a row's place in the file is that of its first line.
    return f"min({name}) AS {name}"

# ruff: noqa: S608 - names in SQL are declared ones (TABLES); what strangers wrote comes as rows.
"""Trial: what an import would bring, found out beside the warehouse and within bounded memory.

A file's rows meet those of the warehouse and of the files before it. Both stream through a scratch
database on disk, which keeps only what an earlier file has brought to a table of a later one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TypeAlias

import duckdb
import pyarrow as pa

from merchantkit.facts.connect import bounded, scratch
from merchantkit.facts.intake.plan import Plan
from merchantkit.facts.intake.staging import Staging
from merchantkit.facts.schemas import TABLES, Table
from merchantkit.facts.store import Upserted, compare, lift, upsert
from merchantkit.facts.warehouse import Warehouse

_Rows: TypeAlias = pa.Table | pa.RecordBatchReader


@contextmanager
def tried(warehouse: Warehouse, plans: Iterable[Plan]) -> Iterator["Trial"]:
    """Lend the trial of an import of files with these plans, gone afterwards."""
    uses = Counter(name for plan in plans for name in plan.blocks)
    with scratch() as connection:
        for name in uses:
            connection.execute(TABLES[name].ddl)
        yield Trial(warehouse, connection, uses)


class Trial:
    """An import that leaves its warehouse alone.

    Args:
        warehouse: What is compared with; its file may not be there yet.
        connection: A database of its own, with the tables that the files fill.
        uses: Table → how many of the files fill it.
    """

    def __init__(
        self, warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, uses: Counter[str]
    ) -> None:
        self.warehouse = warehouse
        self.connection = connection
        self._to_come = uses

    def bring(self, staging: Staging) -> dict[str, Upserted]:
        """Return table → what would become of a file's rows; the files come in their order."""
        return {name: self._bring(TABLES[name], staging) for name in staging.plan.blocks}

    def _bring(self, table: Table, staging: Staging) -> Upserted:
        silent = staging.plan.silent(table.name)
        with self._meeting(table, staging) as (rows, stored):
            counts = compare(self.connection, table.name, rows, stored, silent)
        self._to_come[table.name] -= 1
        if self._to_come[table.name]:
            if silent and counts.inserted < sum(counts):
                # What the rows keep of those in the warehouse is what a later file meets.
                with self._meeting(table, staging) as (rows, stored):
                    lift(self.connection, table.name, rows, stored)
            upsert(self.connection, table.name, staging.rows(table.name), silent)
        return counts

    @contextmanager
    def _meeting(self, table: Table, staging: Staging) -> Iterator[tuple[_Rows, _Rows]]:
        with (
            self._stored(table) as stored,
            # Closed also after an error: an open stream lets nothing else be asked.
            closing(staging.unordered_rows(table.name)) as rows,
        ):
            yield rows, stored

    @contextmanager
    def _stored(self, table: Table) -> Iterator[_Rows]:
        path = self.warehouse.path
        if path is not None and not path.exists():
            yield table.arrow_schema.empty_table()
            return
        names = ", ".join(table.names)
        with self.warehouse.read() as connection, bounded(connection):
            rows = connection.sql(f"SELECT {names} FROM {table.name}").to_arrow_reader()
            with closing(rows):
                yield rows

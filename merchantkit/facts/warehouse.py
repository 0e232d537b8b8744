"""The warehouse: all facts in one embedded DuckDB file, held as briefly as can be.

Several processes may read at once; a writer is alone. So handles are short and read-only, a
program that must wait does so for a little while, and then says for whom.
"""

# ruff: noqa: S608  (names of tables come from the declaration, values are parameters)

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar, get_args

import duckdb
import pandas as pd
import pyarrow as pa
import tenacity

from merchantkit import home
from merchantkit.errors import WarehouseBusy, WarehouseError, WarehouseMissing
from merchantkit.facts import migrations
from merchantkit.facts.connect import connect, rewrite
from merchantkit.facts.oblivion import forget_rejects
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import Origin

WAIT_SECONDS = 10.0
_T = TypeVar("_T")
_HUGEINT = pa.decimal128(38, 0)


class Warehouse:
    """One file of facts, or one database in memory; make it with ``open`` or ``in_memory``.

    Args:
        path: The file; None for a database in memory.
        create: Whether the first write may make the file. Reading never does.
        wait_seconds: How long to wait for another program to let go of the file.
    """

    def __init__(
        self, path: Path | None, *, create: bool = False, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self.path = path
        self.wait_seconds = wait_seconds
        self._create = create
        self._memory: duckdb.DuckDBPyConnection | None = None
        self._writer: tuple[int, duckdb.DuckDBPyConnection] | None = None
        self._reader_kept: tuple[int, duckdb.DuckDBPyConnection] | None = None
        if path is None:
            self._memory = connect(None, read_only=False)
            migrations.settle(self._memory)

    @classmethod
    def open(
        cls,
        path: str | Path | None = None,
        *,
        create: bool = False,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Self:
        """Return the warehouse at a path (default: the project's); nothing is opened yet.

        A relative path that is not here is looked for in the project's root too, so that a
        notebook in notebooks/ finds ``merchants.duckdb`` by that name. What is to be filled is
        found in the same way; a file that is in neither place is made here.

        Raises:
            WarehouseMissing: There is no file and ``create`` is false.
        """
        place = Path(path) if path is not None else home.warehouse_path()
        if not (place.is_absolute() or place.exists()):
            there = home.root() / place
            place = there if there.exists() else place
        warehouse = cls(place, create=create, wait_seconds=wait_seconds)
        if not create:
            warehouse._require_file()
        return warehouse

    @classmethod
    def in_memory(cls) -> Self:
        """Return an empty warehouse that lives as long as the object.

        >>> Warehouse.in_memory().counts()["orders"]
        0
        """
        return cls(None)

    def __repr__(self) -> str:
        return f"Warehouse({str(self.path) if self.path else ':memory:'!r})"

    @contextlib.contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a read-only connection; in memory, or inside this thread's ``write``, that one.

        Raises:
            WarehouseMissing: There is no file.
            WarehouseBusy: A writer held on for longer than ``wait_seconds``.
            WarehouseError: The file is no warehouse, or a newer kit wrote it.
        """
        lent = self._memory or self._writing() or self._reading()
        if lent is not None:
            yield lent
            return
        with contextlib.closing(self._reader()) as connection:
            yield connection

    @contextlib.contextmanager
    def one_reading(self) -> Iterator[None]:
        """Let whatever this thread reads meanwhile be read over one connection.

        For those who ask many things of the same facts: opening the file takes longer than most
        questions. Nothing can be written meanwhile.

        >>> warehouse = Warehouse.in_memory()
        >>> with warehouse.one_reading():
        ...     warehouse.counts()["orders"]
        0
        """
        with self.read() as connection:
            before, self._reader_kept = self._reader_kept, (threading.get_ident(), connection)
            try:
                yield
            finally:
                self._reader_kept = before

    @contextlib.contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection inside a transaction: committed at the end, undone by an exception.

        A file that did not exist before is not there after an exception either.

        Raises:
            WarehouseMissing: There is no file and the warehouse was opened without ``create``.
            WarehouseBusy: Others held on for longer than ``wait_seconds``.
            WarehouseError: The file is no warehouse, or a newer kit wrote it.
        """
        if self._writing() is not None:
            raise WarehouseError(
                "a write is under way in this thread already",
                remedy="use the connection that it lent",
            )
        if not self._create:
            self._require_file()
        existed = self.path is None or self.path.exists()
        is_new = False
        connection = self._memory or self._patiently(lambda: connect(self.path, read_only=False))
        self._writer = (threading.get_ident(), connection)
        try:
            with _transaction(connection):
                # Both, as another program may have made the file while this one waited for it.
                is_new = not existed and migrations.version_of(connection) is None
                migrations.settle(connection)
                yield connection
        except BaseException:
            if is_new:
                self._remove_file(connection)
            raise
        finally:
            self._writer = None
            if connection is not self._memory:
                connection.close()

    def frame(self, sql: str, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return a query's rows; every column has an ArrowDtype, so decimals and ids stay exact.

        Args:
            sql: One SELECT, with ``$name`` for each parameter.
            params: The parameters' values.

        Sums of whole numbers come as int64 (DuckDB's own 128 bits would become decimals).

        >>> frame = Warehouse.in_memory().frame("SELECT $id AS id, 0.10::DECIMAL(18,2) AS usd",
        ...                                     {"id": "007"})
        >>> frame.loc[0].tolist()
        ['007', Decimal('0.10')]
        """
        with self.read() as connection:
            return fetch(connection, sql, params)

    def counts(self) -> dict[str, int]:
        """Return table → number of rows, for every table of facts."""
        parts = (f"SELECT '{name}' AS name, count(*) AS n FROM {name}" for name in TABLES)
        rows = self.frame(" UNION ALL ".join(parts))
        found = dict(zip(rows["name"], rows["n"], strict=True))
        return {name: int(found[name]) for name in TABLES}

    @property
    def schema_version(self) -> int:
        """The file's schema version, after migration."""
        return int(self._meta("schema_version") or 0)

    @property
    def origin(self) -> Origin | None:
        """Where the facts come from; None while there are none. See ``claim``."""
        found = self._meta("origin")
        return next((origin for origin in get_args(Origin) if origin == found), None)

    def forget(self, merchant_id: str) -> dict[str, int]:
        """Remove a merchant everywhere, also from the rejects, and from the bytes of the file.

        Its sub-accounts stay, without the name of their main account (counted under
        ``main_account_id``).

        Returns:
            table → rows removed; only tables that held some.
        """
        removed: dict[str, int] = {}
        given = {"id": merchant_id}
        with self.write() as connection:
            for name in TABLES:
                removed[name] = _changed(
                    connection, f"DELETE FROM {name} WHERE merchant_id = $id", given
                )
            removed["rejects"] = forget_rejects(connection, merchant_id)
            removed["main_account_id"] = _changed(
                connection,
                "UPDATE merchants SET main_account_id = NULL WHERE main_account_id = $id",
                given,
            )
        if self.path is not None:
            path = self.path
            # Also where no row was left: an earlier attempt may have stopped here, kept out.
            self._patiently(lambda: rewrite(path))
        return {name: rows for name, rows in removed.items() if rows}

    def _reader(self) -> duckdb.DuckDBPyConnection:
        self._require_file()
        connection = self._patiently(lambda: connect(self.path, read_only=True))
        try:
            version = migrations.version_of(connection)
            if version == migrations.SCHEMA_VERSION:
                return connection
            migrations.refuse_newer(version or 0)
        except BaseException:
            connection.close()
            raise
        connection.close()
        # An older file: it becomes a current one by being opened for writing.
        with self.write():
            pass
        return self._reader()

    def _writing(self) -> duckdb.DuckDBPyConnection | None:
        if self._writer is not None and self._writer[0] == threading.get_ident():
            return self._writer[1]
        return None

    def _reading(self) -> duckdb.DuckDBPyConnection | None:
        if self._reader_kept is not None and self._reader_kept[0] == threading.get_ident():
            return self._reader_kept[1]
        return None

    def _require_file(self) -> None:
        if self.path is not None and not self.path.exists():
            raise WarehouseMissing(
                "there is no warehouse",
                where=str(self.path),
                remedy="fill one (merchantkit demo, or merchantkit import PATH), "
                "or name another with --warehouse",
            )

    def _remove_file(self, connection: duckdb.DuckDBPyConnection) -> None:
        if self.path is not None:
            connection.close()
            for name in (self.path, self.path.with_name(self.path.name + ".wal")):
                name.unlink(missing_ok=True)

    def _patiently(self, attempt: Callable[[], _T]) -> _T:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(WarehouseBusy),
            stop=tenacity.stop_after_delay(self.wait_seconds),
            wait=tenacity.wait_random(0.05, 0.2),
            reraise=True,
        )(attempt)

    def _meta(self, key: str) -> str | None:
        rows = self.frame("SELECT value FROM meta WHERE key = $key", {"key": key})
        return str(rows["value"].iloc[0]) if len(rows) else None


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return a query's rows on a connection that is open already; see ``Warehouse.frame``."""
    table = connection.sql(sql, params=dict(params or {})).to_arrow_table()
    wide = [i for i, part in enumerate(table.schema) if part.type == _HUGEINT]
    for i in wide:
        table = table.set_column(i, table.column_names[i], table.column(i).cast(pa.int64()))
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


@contextlib.contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        # DuckDB may have ended a failed transaction itself; the first error is the one to tell.
        with contextlib.suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _changed(connection: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, Any]) -> int:
    ((changed,),) = connection.execute(sql, dict(params)).fetchall()
    return int(changed)

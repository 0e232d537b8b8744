"""Connections to a DuckDB file: how they are set up, and who holds the file when they fail."""

import contextlib
import glob
import os
import re
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from merchantkit.errors import WarehouseBusy, WarehouseError

# An embedded tool: no extension is fetched or loaded, no file but the warehouse is opened from
# SQL, and a table name in SQL never turns out to be some Python variable.
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
}
# How much a database may hold in memory while rows are brought to it; what is more goes to a file
# beside it. By itself DuckDB takes four fifths of the machine.
MEMORY = "1GB"
# File, as its database calls it → how many ask for that limit; changed while the lock is held.
_bounded: Counter[str] = Counter()
_bounding = threading.Lock()
_HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


def connect(path: Path | None, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open a file, or a new database in memory; the caller closes it.

    Raises:
        WarehouseBusy: Another handle excludes this one; says whose.
        WarehouseError: The file can't be opened as a database.
    """
    try:
        if path is None:
            # Nothing spills: in memory the default place is a folder in the working directory.
            connection = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": ""})
        else:
            limits = {} if read_only else {"memory_limit": MEMORY}
            connection = duckdb.connect(str(path), read_only=read_only, config=_SETTINGS | limits)
    except duckdb.ConnectionException as error:
        raise _busy_here(path, error) from None
    except duckdb.IOException as error:
        raise _refused(path, error) from None
    except duckdb.CatalogException:
        raise _no_database(path) from None
    if path is not None:
        _require_file(connection, path)
    # A moment is stored as naive UTC; no session's zone may ever colour it.
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@contextlib.contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend an empty database in a folder for temporary files, gone afterwards.

    It holds no more than ``MEMORY`` and spills beside itself, which one in memory can't.
    """
    with tempfile.TemporaryDirectory(prefix="merchantkit-") as folder:
        file = str(Path(folder) / "scratch.duckdb")
        connection = duckdb.connect(file, config=_SETTINGS | {"memory_limit": MEMORY})
        try:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
        finally:
            connection.close()


@contextlib.contextmanager
def bounded(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let a reader keep no more of its file in memory than ``MEMORY`` meanwhile.

    The limit is of the database, which all readers of a file in this program share: the others
    are bounded meanwhile, too, and the last of several that asked for it takes it away.
    """
    ((reads_only, path),) = connection.execute(
        "SELECT readonly, path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    if not reads_only:
        # A writer has that limit anyway, and what is in memory can't be elsewhere.
        yield
        return
    with _bounding:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        _bounded[path] += 1
    try:
        yield
    finally:
        with _bounding:
            _bounded[path] -= 1
            if not _bounded[path]:
                del _bounded[path]
                connection.execute("RESET memory_limit")


def rewrite(path: Path) -> None:
    """Copy a file's live rows into a fresh one in its place: what was deleted is gone from disk.

    A link goes on leading to the file, and whoever might open it may open the fresh one.

    Raises:
        WarehouseBusy: Another handle excludes this one.
        WarehouseError: The file can't be opened or copied.
    """
    # Where a link leads: in the link's place the fresh file would leave the old bytes there.
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # Attaching a second file is just what the usual settings forbid.
        with duckdb.connect(str(path)) as connection:
            connection.execute("CHECKPOINT")
            # The file is locked, so what others of its copies there are, a killed rewrite left.
            for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp*"):
                left.unlink()
            (name,) = connection.execute("SELECT current_database()").fetchall()[0]
            connection.execute(f"ATTACH '{_quoted(str(fresh))}' AS fresh")
            shutil.copymode(path, fresh)
            connection.execute(f'COPY FROM DATABASE "{_quoted(name, mark=chr(34))}" TO fresh')
            connection.execute("DETACH fresh")
            # Replaced while still locked: nobody can write to the old file in between.
            fresh.replace(path)
    except duckdb.ConnectionException as error:
        raise _busy_here(path, error) from None
    except duckdb.IOException as error:
        raise _refused(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _require_file(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    # DuckDB opens orders.csv too: as views in memory, and what is written there is lost. Looking
    # into the file would be simpler, but closing it again would drop this process's own locks.
    rows = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()
    if not rows or rows[0][0] is None:
        connection.close()
        raise _no_database(path)


def _no_database(path: Path | None) -> WarehouseError:
    return WarehouseError(
        "the file is no DuckDB database",
        where=str(path),
        remedy="name a file that merchantkit made, or one that does not exist yet",
    )


def _quoted(text: str, mark: str = "'") -> str:
    return text.replace(mark, mark * 2)


def _busy_here(path: Path | None, error: duckdb.ConnectionException) -> Exception:
    if "different configuration" not in str(error):
        return WarehouseError(_first_line(error), where=str(path))
    return WarehouseBusy(
        f"the warehouse is open in this same program (pid {os.getpid()})",
        where=str(path),
        remedy="leave the `with warehouse.read()` block, or close the connection made by hand",
    )


def _refused(path: Path | None, error: duckdb.IOException) -> Exception:
    text = str(error)
    if "Could not set lock" in text:
        found = _HOLDER.search(text)
        holder = f"{found['program']} (pid {found['pid']})" if found else "another program"
        return WarehouseBusy(
            f"the warehouse is held by {holder}",
            where=str(path),
            remedy="close it there (a notebook: shut its kernel down), then try again",
        )
    return WarehouseError(
        f"the warehouse can't be opened: {_first_line(error)}",
        where=str(path),
        remedy="name a DuckDB file that merchantkit made, in a folder that exists",
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]

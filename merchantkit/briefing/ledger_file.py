"""The file of a month's record: its tables, how it is opened, and how an earlier one is brought up.

A rollback journal rather than a write-ahead log: nothing but the one file stays behind, and what a
killed run left is undone by the next who opens it.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from merchantkit.errors import ReportError

_VERSION = 3
_BUSY_SECONDS = 10.0
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, ended TEXT,
    kit TEXT NOT NULL, day TEXT NOT NULL, rules_day TEXT NOT NULL, rules_hash TEXT NOT NULL,
    overlays TEXT NOT NULL, origin TEXT NOT NULL,
    executed INTEGER, failed INTEGER, kept INTEGER
);
CREATE TABLE pages (
    page TEXT NOT NULL, merchant_id TEXT NOT NULL, lang TEXT NOT NULL,
    slug TEXT NOT NULL, html TEXT NOT NULL, ipynb TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, inputs TEXT NOT NULL, fingerprint TEXT NOT NULL,
    html_hash TEXT NOT NULL, ipynb_hash TEXT NOT NULL, sections INTEGER NOT NULL,
    charts INTEGER NOT NULL, seconds REAL NOT NULL, run_id INTEGER NOT NULL,
    PRIMARY KEY (page, merchant_id, lang)
);
CREATE TABLE restatements (
    number INTEGER PRIMARY KEY, opened TEXT NOT NULL, closed TEXT, notes TEXT NOT NULL
);
"""
# What makes the next version of each; a new ledger takes all the steps, so that none is said twice.
_STEPS = (
    _SCHEMA,
    "ALTER TABLE pages ADD COLUMN phases TEXT NOT NULL DEFAULT '{}';",
    "CREATE TABLE published (url TEXT NOT NULL, place TEXT NOT NULL, hash TEXT NOT NULL, "
    "PRIMARY KEY (url, place));",
)


def connect(file: Path, *, create: bool = False) -> sqlite3.Connection:
    """Return a connection to a month's ledger in this kit's shape.

    An earlier kit's is brought to it, once; where it may only be read, a copy of it in memory is,
    which takes no change.

    Args:
        file: The ledger's.
        create: Whether to make one where there is none; it is then meant to be written to.

    Raises:
        ReportError: It is not a ledger or cannot be read, or a newer kit wrote it.
        sqlite3.OperationalError: It is to be made, and the disk does not let it.
    """
    try:
        connection = _opened(file, create)
    except sqlite3.OperationalError as error:
        if create:
            raise
        raise _unread(error, file) from error
    try:
        _refuse_strange(connection, file, create)
        try:
            _bring_up(connection)
        except sqlite3.OperationalError:
            if create:
                raise
            return _copy(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def damage_in_words(file: Path) -> Iterator[None]:
    """Turn what is said in the block of a ledger whose bytes are not its own into plain words.

    Raises:
        ReportError: It is damaged.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        raise _unread(error, file) from error


def _opened(file: Path, create: bool) -> sqlite3.Connection:
    mode = "rwc" if create else "rw"
    uri = f"{file.resolve().as_uri()}?mode="
    try:
        return sqlite3.connect(uri + mode, uri=True, timeout=_BUSY_SECONDS)
    except sqlite3.OperationalError:
        # A folder that may only be read still tells its status.
        return sqlite3.connect(uri + "ro", uri=True, timeout=_BUSY_SECONDS)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Not said by SQLite but by Python: a text that is none.
        return isinstance(error, sqlite3.OperationalError)
    return code & 0xFF in _DAMAGE


def _unread(error: sqlite3.DatabaseError, file: Path) -> ReportError:
    remedy = "see that it may be read, and that no other program holds it"
    if _is_damage(error):
        remedy = (
            "put it back from a copy, or move it away: "
            "the next run makes every page again, and a new ledger of a draft"
        )
    return ReportError(f"the ledger cannot be read: {error}", where=str(file), remedy=remedy)


def _refuse_strange(connection: sqlite3.Connection, file: Path, create: bool) -> None:
    try:
        version = _version(connection)
    except sqlite3.DatabaseError as error:
        raise _unread(error, file) from error
    if not (version or create):
        # As a run leaves it that was killed at its first moment.
        raise ReportError(
            "the ledger cannot be read: there is nothing in it",
            where=str(file),
            remedy="put it back from a copy, or run merchantkit report: it makes a new one",
        )
    if version > _VERSION:
        raise ReportError(
            f"the ledger has version {version}; this kit knows {_VERSION}",
            where=str(file),
            remedy="use the kit that wrote it, or a newer one",
        )


def _bring_up(connection: sqlite3.Connection) -> None:
    """Take the steps to this kit's shape, all of them or none."""
    if _version(connection) == _VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        # Asked anew: another may have taken them while this one waited for the file.
        for step in _STEPS[_version(connection) :]:
            for statement in filter(str.strip, step.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    with contextlib.closing(connection):
        copy = sqlite3.connect(":memory:")
        connection.backup(copy)
    _bring_up(copy)
    copy.execute("PRAGMA query_only = ON")
    return copy


def _version(connection: sqlite3.Connection) -> int:
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    return int(version)

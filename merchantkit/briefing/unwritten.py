"""What a disk says that takes nothing more, in words for people."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator

from merchantkit.errors import ReportError

_OF_THE_DISK = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO,
    errno.ENOTDIR, errno.EEXIST,
}  # fmt: skip
_OF_THE_LEDGERS_DISK = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR,
}  # fmt: skip


@contextlib.contextmanager
def disk_in_words() -> Iterator[None]:
    """Turn what the disk refuses in the block into an error for people.

    Raises:
        ReportError: It is full, read-only, out of bounds, or a file is where a folder must be.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        said = os.strerror(error.errno)
        raise _cannot_write(said, str(error.filename or "")) from error
    except sqlite3.OperationalError as error:
        # The low byte tells the kind; what is above it, which step of it went wrong.
        if error.sqlite_errorcode & 0xFF not in _OF_THE_LEDGERS_DISK:
            raise
        raise _cannot_write(str(error), "the run's ledger") from error


def _cannot_write(said: str, where: str) -> ReportError:
    return ReportError(
        f"the reports cannot be written: {said}",
        where=where,
        remedy="make room, or name another folder; what is finished stays, and a rerun goes on",
    )

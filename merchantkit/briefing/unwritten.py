"""What a disk says that takes nothing more, or gives nothing, in words for people."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from merchantkit.errors import ReportError

# Of these it is certain that something was to be written.
_OF_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
_OF_A_DISK = _OF_WRITING | {errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR, errno.EEXIST}
_OF_THE_LEDGERS_DISK = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR,
}  # fmt: skip


_RERUN = "make room, or name another folder; what is finished stays, and a rerun goes on"


@contextlib.contextmanager
def disk_in_words(reports: Path, remedy: str = _RERUN) -> Iterator[None]:
    """Turn what a disk refuses in the block into an error for people.

    Args:
        reports: Where the block writes. What is refused elsewhere was to be read, and says so.
        remedy: What helps where something was to be written.

    Raises:
        ReportError: A disk is full, read-only, out of bounds, or a file is where a folder must be.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_A_DISK:
            raise
        said, names = os.strerror(error.errno), _names(error)
        if error.errno in _OF_WRITING or any(_concerns(name, reports) for name in names):
            raise _cannot_write(said, next(iter(names), None), remedy) from error
        raise ReportError(
            f"the run cannot go on: {said}",
            where=next(iter(names), None),
            remedy="see that it is there and may be read; what is finished stays",
        ) from error
    except sqlite3.OperationalError as error:
        # The low byte tells the kind; what is above it, which step of it went wrong. What Python
        # itself refuses has no code.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _OF_THE_LEDGERS_DISK:
            raise
        raise _cannot_write(str(error), "the run's ledger", remedy) from error


def _names(error: OSError) -> list[str]:
    # A file may have been named by its number alone.
    named = (error.filename, error.filename2)
    return [os.fsdecode(name) for name in named if isinstance(name, str | bytes | os.PathLike)]


def _concerns(name: str, reports: Path) -> bool:
    """Return whether a file lies below the reports, or is a folder on the way to them."""
    file, folder = Path(os.path.abspath(name)), Path(os.path.abspath(reports))  # noqa: PTH100
    return file.is_relative_to(folder) or folder.is_relative_to(file)


def _cannot_write(said: str, where: str | None, remedy: str) -> ReportError:
    return ReportError(f"the reports cannot be written: {said}", where=where, remedy=remedy)

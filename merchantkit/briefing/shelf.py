"""A place in which published pages lie: a share, a bucket, another machine's folder."""

import contextlib
import errno
import platform
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tenacity import retry, stop_after_attempt, wait_exponential

from merchantkit.briefing import atomic
from merchantkit.briefing.hashes import digest
from merchantkit.errors import ReportError

# A place far away answers late, and many at once.
_AT_ONCE = 16
TRIES, PAUSE = stop_after_attempt(3), wait_exponential(0.1)


class Shelf:
    """A place to which pages go.

    Args:
        url: What the user named, such as ``s3://bucket/reports``.
        reports: The folder of all months, which is no such place.

    Attributes:
        url: The same, wherever it is read.

    Raises:
        ReportError: It is no place that fsspec knows, carries a password, or is ``reports``.
    """

    def __init__(self, url: str, reports: Path | None = None) -> None:
        _refuse_password(url)
        # Found now, so that what is amiss is said before any page is made.
        self._fs, self._root = _found(url)
        self._reports = reports
        self.url = _known_as(url, str(self._fs.unstrip_protocol(self._root)))
        if reports and self._is_folder and Path(self._root).resolve() == reports.resolve():
            raise ReportError(
                "pages cannot be published into the reports themselves",
                where=url,
                remedy="name another place",
            )

    def check(self) -> None:
        """Write a file there, in a folder, and take both away.

        Raises:
            ReportError: That cannot be done.
        """
        try:
            retry(stop=TRIES, wait=PAUSE, reraise=True)(self._probe)()
        except Exception as error:
            raise self.error(error, 1) from error

    def _probe(self) -> None:
        # From here always under one name: what is left of a check that was killed goes with the
        # next. Each time with other bytes, or what is there would not be written again.
        probe = f"{atomic.MARK}{digest(platform.node(), str(self._reports))[:12]}"
        self.put(f"{probe}/m/probe", secrets.token_bytes(12))
        with contextlib.suppress(FileNotFoundError):  # a run of another month took it away
            self._fs.rm(f"{self._root}/{probe}", recursive=True)

    def put(self, place: str, content: bytes) -> None:
        """Put a file there, whole or not at all."""
        path = f"{self._root}/{place}"
        if self._is_folder:
            atomic.write(Path(path), content)
        elif self._shows_whole_files:
            self._fs.pipe_file(path, content)
        else:
            hidden = self._hidden(place)
            self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._fs.pipe_file(hidden, content)
            try:
                self._replace(hidden, path)
            except Exception:
                with contextlib.suppress(Exception):  # what went wrong first is what is told
                    self._fs.rm_file(hidden)
                raise

    def _hidden(self, place: str) -> str:
        # Known from the place: a run that is killed leaves it on no other record.
        folder = f"{self._root}/{place}".rpartition("/")[0]
        return f"{folder}/{atomic.MARK}{digest(place)[:12]}"

    def _replace(self, hidden: str, path: str) -> None:
        try:
            self._fs.mv(hidden, path)
        except OSError:
            # Some places do not rename onto a file that is there.
            if not self._fs.exists(path):
                raise
            self._fs.rm_file(path)
            self._fs.mv(hidden, path)

    def remove(self, place: str) -> None:
        """Remove a file from there, if it is there, and what a killed run left of putting it."""
        grows = not (self._is_folder or self._shows_whole_files)
        if grows and self._fs.exists(hidden := self._hidden(place)):
            self._fs.rm_file(hidden)
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(f"{self._root}/{place}")
        if self._is_folder:
            folder = place.rpartition("/")[0]
            self.sweep(folder)
            # An id stands in a merchant's folder's name; it stays while anything lies in it.
            with contextlib.suppress(OSError):
                self._fs.rmdir(f"{self._root}/{folder}")

    def sweep(self, folder: str) -> None:
        """Remove what killed runs left unfinished in a folder there; nothing may be put meanwhile.

        Elsewhere than in a folder of this machine it has a name that ``put`` and ``remove`` know.
        """
        if self._is_folder:
            for left in Path(f"{self._root}/{folder}").glob(f"{atomic.MARK}*"):
                left.unlink(missing_ok=True)

    def holds(self, folder: str = "") -> bool:
        """Whether anything at all lies there, or in a folder there.

        A share that is not mounted just now, or a bucket of another name, has nothing of what is
        on record; a page that is not found there is no page that is gone.
        """
        try:
            return bool(self._fs.ls(f"{self._root}/{folder}".rstrip("/") or "/", detail=False))
        except OSError as error:
            # Not every system says it by the class that is made for it.
            if isinstance(error, FileNotFoundError) or error.errno == errno.ENOENT:
                return False
            raise

    @property
    def at_once(self) -> int:
        """How many files may be put at the same time: some places know one line only."""
        return _AT_ONCE if self._is_folder or self._shows_whole_files else 1

    def error(self, error: Exception, count: int) -> ReportError:
        """Return what to tell of files that could not be put there or removed."""
        return ReportError(
            f"pages cannot be put where they are to be published: {error!r}",
            where=self.url,
            count=count,
            remedy="see that the place is there and may be written to, and run the report again: "
            "what was made is kept, and what was published is not put again",
        )

    @property
    def _shows_whole_files(self) -> bool:
        # Buckets show a file when it is whole; other places, as it grows.
        return bool(self._fs.async_impl) or isinstance(self._fs, _in_memory())

    @property
    def _is_folder(self) -> bool:
        protocols = self._fs.protocol
        return "file" in ((protocols,) if isinstance(protocols, str) else protocols)


def _known_as(url: str, own: str) -> str:
    """Return the URL by which a place is on record: with its host, which some systems drop."""
    given, told = urlsplit(url), urlsplit(own)
    in_path = told.path.strip("/") == f"{given.netloc}{given.path}".strip("/")
    if not given.netloc or told.netloc or in_path:
        return own
    return urlunsplit((given.scheme, given.netloc, told.path, "", ""))


def _refuse_password(url: str) -> None:
    # A chain, such as simplecache::sftp://…, has one in any of its parts.
    if any(urlsplit(part).password for part in url.split("::")):
        raise ReportError(
            "a URL with a password would stand in the ledger and in logs",
            remedy="leave it out: fsspec reads credentials from its own configuration",
        )


def _in_memory() -> type:
    from fsspec.implementations.memory import MemoryFileSystem

    found: type = MemoryFileSystem
    return found


def _found(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as missing:
        raise ReportError(
            "publishing needs fsspec", remedy="pip install 'merchantkit[cluster]'"
        ) from missing
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        raise ReportError(
            f"nothing can be published there: {error}",
            where=url,
            remedy="name a place that fsspec knows, such as s3://bucket/reports or a folder",
        ) from error
    return fs, str(root).rstrip("/")

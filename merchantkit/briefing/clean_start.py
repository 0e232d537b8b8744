"""Worker processes that begin as if nobody had set anything: what Python reads only at its start.

A worker cleans its own environment, but its interpreter has long read by then how texts are
encoded, how hashes are seeded and which warnings are errors. The pages that it forks would differ
from shell to shell, and from those of kernels of their own. Options that an interpreter was given
(``-O``, ``-X dev``) are its user's wish, and go on to every process that it starts.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import RLock

# What a user's shell may carry that would make two machines' briefings differ.
_SURPRISES = ("IPYTHON", "JUPYTER", "PAPERMILL", "PLOTLY_")
_SURPRISING = {
    "MPLBACKEND", "PYTHONBREAKPOINT", "PYTHONDEVMODE", "PYTHONINSPECT", "PYTHONSTARTUP",
    "PYTHONWARNINGS",
}  # fmt: skip
_SAME = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
_one_at_a_time = threading.Lock()


def unsurprising(given: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what would change a page, and with what makes pages the same.

    >>> unsurprising({"PYTHONWARNINGS": "error", "HOME": "/root"})
    {'HOME': '/root', 'PYTHONHASHSEED': '0', 'PYTHONUTF8': '1'}
    """
    kept = {
        name: value
        for name, value in given.items()
        if name not in _SURPRISING and not name.startswith(_SURPRISES)
    }
    return kept | _SAME


class CleanProcess(SpawnProcess):
    """A process that is started with an unsurprising environment, whatever its parent's is."""

    def start(self) -> None:
        """Start it; the parent's own environment is as it was afterwards."""
        with _one_at_a_time, _clean():
            super().start()


class CleanContext(SpawnContext):
    """Where a pool gets such processes from, and the locks that they look for as they start.

    A lock can be found as long as somebody here holds it. A pool lets go of its own before it ends
    its processes, and one that starts just then would end with a traceback.
    """

    Process = CleanProcess

    def __init__(self) -> None:
        super().__init__()
        self._held: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802 - a context's own name for it
        """Return a lock that can be found as long as this context is there."""
        lock = super().RLock()
        self._held.append(lock)
        return lock


@contextlib.contextmanager
def _clean() -> Iterator[None]:
    # A process inherits both, and there is no way to hand it others.
    given, options = dict(os.environ), sys.warnoptions
    clean = unsurprising(given)
    differ = {name for name in {*given, *clean} if given.get(name) != clean.get(name)}
    try:
        _change({name: clean.get(name) for name in differ})
        sys.warnoptions = _of_flags(options)
        yield
    finally:
        sys.warnoptions = options
        _change({name: given.get(name) for name in differ})


def _of_flags(options: list[str]) -> list[str]:
    """Return the options that stand for a flag, which Python itself takes out of the list."""
    of_flags = {
        "default": sys.flags.dev_mode, "error::BytesWarning": sys.flags.bytes_warning > 1,
        "default::BytesWarning": sys.flags.bytes_warning == 1,
    }  # fmt: skip
    return [option for option, is_set in of_flags.items() if is_set and option in options]


def _change(to: Mapping[str, str | None]) -> None:
    for name, value in to.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

"""Modules that a piece of code is not to find, or need not look for."""

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache


@contextlib.contextmanager
def without(name: str) -> Iterator[None]:
    """Let imports of a module fail at once, unless it is imported already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]  # a cell may import it all the same, or miss it in the usual words


def without_if_missing(name: str) -> contextlib.AbstractContextManager[None]:
    """Spare the search for a module that is not installed, which takes half a millisecond."""
    return contextlib.nullcontext() if _is_installed(name) else without(name)


@cache
def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None

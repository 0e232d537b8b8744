"""Modules that a piece of code is not to find, need not look for, or has no use for yet."""

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any


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


@contextlib.contextmanager
def postponed(name: str, function: str) -> Iterator[None]:
    """Let what imports a module's function have it, and the module imported when it is called.

    A module that is imported already, or not installed, is left alone.
    """
    if name in sys.modules or not _is_installed(name):
        yield
        return

    def late(*args: Any, **given: Any) -> Any:
        return getattr(importlib.import_module(name), function)(*args, **given)

    stand_in = ModuleType(name)
    setattr(stand_in, function, late)
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        del sys.modules[name]


def without_if_missing(name: str) -> contextlib.AbstractContextManager[None]:
    """Spare the search for a module that is not installed, which takes half a millisecond."""
    return contextlib.nullcontext() if _is_installed(name) else without(name)


@cache
def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None

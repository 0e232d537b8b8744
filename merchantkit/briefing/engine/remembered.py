"""What IPython works out anew for each cell, and is the same for each notebook of a month.

A thousand briefings have the same cells. What follows from a cell's text alone is worked out once,
in the parent that runs the notebook first, and is remembered by every child. What may depend on
anything else (aliases, a transformer of the user's own) is worked out as ever.
"""

from functools import cache, lru_cache
from typing import Any

import ipykernel.compiler
import ipykernel.ipkernel
import IPython.core.interactiveshell
from IPython.core.displayhook import DisplayHook
from IPython.core.inputtransformer2 import TransformerManager

# A notebook has some dozen cells; an endless loop of fresh ones must not fill the memory.
_CELLS = 256


class Transformers(TransformerManager):
    """IPython's own transformers of a cell's text, which remember what became of it."""

    def transform_cell(self, cell: str) -> str:
        """Return a cell as Python."""
        if _transforms(self) != _transforms(_OWN):
            return super().transform_cell(cell)
        return _transformed(cell)


_OWN = TransformerManager()


def _transforms(manager: TransformerManager) -> tuple[Any, ...]:
    return (
        *manager.cleanup_transforms, *manager.line_transforms, *manager.token_transformers,
    )  # fmt: skip


@lru_cache(_CELLS)
def _transformed(cell: str) -> str:
    return _OWN.transform_cell(cell)


def remember() -> None:
    """Let IPython and its kernel remember, in this process and its children."""
    # Under which name a cell's code is known: a hash of its text, in plain Python.
    _once(ipykernel.compiler, "murmur2_x86", lru_cache(_CELLS))
    # Whether a cell's last expression ends in a semicolon: all of it tokenized.
    own = DisplayHook.semicolon_at_end_of_expression
    if not hasattr(own, "cache_info"):
        DisplayHook.semicolon_at_end_of_expression = staticmethod(lru_cache(_CELLS)(own))  # type: ignore[method-assign]
    # Whether a cell awaits something outside a function: it is compiled to find out, twice.
    _once(IPython.core.interactiveshell, "_should_be_async", lru_cache(_CELLS))
    # Which arguments a method takes: looked up in its signature, for each cell.
    _once(ipykernel.ipkernel, "_accepts_parameters", _by_function)


def _once(module: Any, name: str, remembering: Any) -> None:
    own = getattr(module, name)
    if not hasattr(own, "cache_info"):
        setattr(module, name, remembering(own))


def _by_function(accepts: Any) -> Any:
    found = cache(lambda method, names: accepts(method, list(names)))

    def accepted(method: Any, names: list[str]) -> dict[str, bool]:
        return dict(found(getattr(method, "__func__", method), tuple(names)))

    accepted.cache_info = found.cache_info  # type: ignore[attr-defined]
    return accepted

"""Dated, cited rules: load them, read them on a day, lay an overlay over them, compare two days."""

import sys
from types import ModuleType
from typing import Any

from merchantkit.rulebook.agenda import Entry, calendar, entries
from merchantkit.rulebook.book import Rulebook, Rules, rulebook
from merchantkit.rulebook.changes import Change, diff, dormant, month_changes
from merchantkit.rulebook.reading import ProgrammeRules, Provision, on_record

__all__ = [
    "Change",
    "Entry",
    "ProgrammeRules",
    "Provision",
    "Rulebook",
    "Rules",
    "calendar",
    "diff",
    "dormant",
    "entries",
    "month_changes",
    "on_record",
    "rulebook",
]


class _Callable(ModuleType):
    # ``merchantkit.rulebook`` is this package once anything has imported it, and analysts write
    # ``mk.rulebook().on(day)``: so the package itself may be called.
    def __call__(self, *args: Any, **options: Any) -> Rulebook:
        return rulebook(*args, **options)


sys.modules[__name__].__class__ = _Callable

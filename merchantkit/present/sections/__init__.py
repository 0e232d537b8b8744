"""The sections of a briefing, one module per programme: what is said, shown and tabled.

The module is called as its programme, and its class after it (``star``: ``StarSection``). Pages
find sections by name here, so a new programme's needs no mention anywhere.
"""

import importlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from merchantkit.assessment import Case, ProgrammeMonth
    from merchantkit.present.html import Html
    from merchantkit.present.words import Words


class Section(Protocol):
    """What the section of every programme offers, made of one merchant's month.

    It may offer charts and further parts too, each a method that gives ``None`` where there is
    nothing to show; and ``absent(case, words)``, a static method: why this merchant has no section,
    where there is more to say than that there are no facts (else ``None``).
    """

    def __init__(self, case: "Case", month: "ProgrammeMonth", words: "Words") -> None:
        """Remember whose month is to be told, and in which language."""

    def headline(self) -> tuple[str, str]:
        """Return what stands in the head of the briefing: the great word, and the small ones."""

    def html(self) -> "Html":
        """Return the section."""


def section(name: str) -> type[Section]:
    """Return the section of a programme, which must be one of ``programmes.NAMES``."""
    module = importlib.import_module(f"{__name__}.{name}")
    kind: type[Section] = getattr(module, f"{name.title().replace('_', '')}Section")
    return kind

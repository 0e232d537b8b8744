"""Why a page could not be made: codes whose words are in the catalogue (``report.failure.*``)."""

import re
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path

_LONGEST = 200


class Failure(StrEnum):
    """Every reason for which a page is not made."""

    CELL_ERROR = "cell_error"
    CELL_EXIT = "cell_exit"
    CELL_TIMEOUT = "cell_timeout"
    NOTEBOOK_TIMEOUT = "notebook_timeout"
    OUT_OF_BOUNDS = "out_of_bounds"
    KERNEL_DIED = "kernel_died"
    KERNEL_START = "kernel_start"
    WORKER_DIED = "worker_died"
    NO_ROOM = "no_room"
    PAGE_ERROR = "page_error"
    NOT_VERIFIED = "not_verified"
    NOT_WRITTEN = "not_written"


class NotebookFailed(Exception):
    """A notebook did not come to its end.

    Args:
        failure: The code.
        detail: One line for the team.
        traceback: Everything there is to know, for the log.
    """

    def __init__(self, failure: Failure, detail: str = "", traceback: str = "") -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail
        self.traceback = traceback


class NotBegun(Exception):
    """A page was not even begun, as the machine had no room for it: it may be tried again."""


def machine_paths(*folders: Path) -> list[str]:
    """Return the paths that no page or notebook may name, longest first.

    A path of one part (``/app``) is too common a word to look for.
    """
    known = {*_everyones(), *(folder.resolve() for folder in folders)}
    return sorted((str(p) for p in known if len(p.parts) > 2), key=len, reverse=True)


@cache
def _everyones() -> tuple[Path, ...]:
    return Path(__file__).resolve().parents[2], Path(sys.prefix), Path.home()


def one_line(text: str, paths: list[str]) -> str:
    """Return a text as one short line without the machine's paths, for the ledger and the index."""
    for path in paths:
        text = text.replace(path, "…")
    # Also without what would steer a terminal: the text may quote a stranger's.
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", plain).strip()[:_LONGEST]

"""The files that an import is given: whatever is named, and of a folder what looks like exports."""

from collections.abc import Iterable
from pathlib import Path

from merchantkit.cli.console import inert, note
from merchantkit.errors import IntakeError

# Excel keeps such a file, of no rows, beside a workbook that is open.
_LOCK = "~$"
_SHOWN = 12


def exports_of(paths: Iterable[Path]) -> list[Path]:
    """Return the files to import, and note which of those that are there will not be.

    Hidden files of a folder are passed over without a word.

    Args:
        paths: Files, which are taken whatever they are called, and folders.

    Raises:
        IntakeError: A folder holds no export, or nothing but lock files was named.

    >>> [str(path) for path in exports_of([Path("may.csv"), Path("orders.txt")])]
    ['may.csv', 'orders.txt']
    """
    found: list[Path] = []
    locks: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += _in_folder(path)
        else:
            (locks if path.name.startswith(_LOCK) else found).append(path)
    if locks:
        note(f"not read, as Excel keeps them beside open workbooks: {_listed(map(str, locks))}")
    if not found:
        raise IntakeError(
            "nothing but files that Excel keeps beside open workbooks was named",
            where=_listed(map(str, locks)),
            remedy="name the workbooks themselves",
        )
    return found


def _in_folder(folder: Path) -> list[Path]:
    from merchantkit.facts.readers import SUFFIXES

    seen = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    found = [
        path
        for path in seen
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(_LOCK) and not path.is_dir()
    ]
    others = _listed(
        f"{path.name}/" if path.is_dir() else path.name for path in seen if path not in found
    )
    if not found:
        raise IntakeError(
            f"the folder holds no {', '.join(sorted(SUFFIXES))}",
            where=f"{folder}: {others or 'empty'}",
            remedy="name another, or the files themselves",
        )
    if others:
        note(f"not read in {inert(str(folder))}: {others}")
    return found


def _listed(names: Iterable[str]) -> str:
    every = [inert(name) for name in names]
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more

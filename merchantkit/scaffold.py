"""Lay out a project: copies of notebooks/ and params/ that an analyst may edit."""

import filecmp
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from merchantkit import home
from merchantkit.errors import HomeError

PARTS = ("notebooks", "params")
NEXT_STEPS = (
    "merchantkit demo",
    "merchantkit report 2021-05",
    "merchantkit lab",
)


@dataclass(frozen=True)
class Laid:
    """What ``init_project`` did.

    Attributes:
        project: The project's folder.
        written: Files written now, relative to it, sorted.
        kept: Files that already stood there with the same content, relative to it, sorted.
    """

    project: Path
    written: tuple[Path, ...]
    kept: tuple[Path, ...]

    @property
    def next_steps(self) -> tuple[str, ...]:
        """The commands that a newcomer runs next, in order."""
        return (f"cd {shlex.quote(str(self.project))}", *NEXT_STEPS)


def init_project(folder: Path | str) -> Laid:
    """Lay out notebooks/ and params/ in a folder, which is made where it is missing.

    A second time it writes only what is missing. Nothing is written at all where a file with
    other content stands in the way: what an analyst has edited is never overwritten.

    Args:
        folder: The project's folder.

    Returns:
        What was written and what was already there.

    Raises:
        HomeError: A file with other content is in the way, or the kit's own copies are missing.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as empty:
    ...     first, again = init_project(empty), init_project(empty)
    >>> Path("params/rules/rfq.yaml") in first.written, again.written == ()
    (True, True)
    """
    project = Path(folder).resolve()
    copies = {target: source for part in PARTS for target, source in _files(part)}
    _refuse_conflicts(project, copies)
    missing = {target: s for target, s in copies.items() if not (project / target).exists()}
    for target, source in missing.items():
        place = project / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    return Laid(project, tuple(sorted(missing)), tuple(sorted(copies.keys() - missing.keys())))


def _files(part: str) -> Iterator[tuple[Path, Path]]:
    root = _pristine(part)
    for source in sorted(root.rglob("*")):
        inner = source.relative_to(root)
        # A notebook's paired script and a checkpoint belong to those who develop the kit.
        hidden = any(piece.startswith((".", "__")) for piece in inner.parts)
        script = part == "notebooks" and source.suffix != ".ipynb"
        if source.is_file() and not hidden and not script:
            yield Path(part) / inner, source


def _pristine(part: str) -> Path:
    """The kit's own copy, not the project's around us, which an analyst may have edited."""
    if own := home.pristine(part):
        return own
    raise HomeError(
        f"the installed kit has no {part}/",
        where=str(home.bundled() / part),
        remedy="install it again: pip install --force-reinstall merchantkit",
    )


def _refuse_conflicts(project: Path, copies: dict[Path, Path]) -> None:
    if project.exists() and not project.is_dir():
        raise HomeError("a project needs a folder", where=str(project), remedy="name another")
    other = [str(target) for target, source in copies.items() if _differs(project / target, source)]
    if other:
        raise HomeError(
            "files with other content are in the way; nothing was written",
            where=", ".join(sorted(other)),
            count=len(other),
            remedy="move them away, or name another folder",
        )


def _differs(target: Path, source: Path) -> bool:
    if target.is_dir():
        return True
    return target.exists() and not filecmp.cmp(target, source, shallow=False)

"""Files that appear whole or not at all."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

# What a file is called until it takes its name.
MARK = ".mk-"


def write(file: Path, content: str | bytes) -> bool:
    """Write a file whole, and only if it would change.

    The bytes go to a hidden sibling, reach the disk, and take the name in one step: a reader, or
    a run that is killed, sees the earlier file or the new one.

    Returns:
        Whether anything was written.
    """
    data = content.encode() if isinstance(content, str) else content
    if file.is_file() and file.read_bytes() == data:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    hidden = file.with_name(f"{MARK}{secrets.token_hex(6)}")
    try:
        with hidden.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        hidden.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            hidden.unlink()
        raise
    return True


def write_beside(file: Path, content: bytes) -> None:
    """Write a file in a folder that nobody reads yet, to be moved into place later.

    The disk is not waited for: a page that a power cut left half written differs from its hash
    in the ledger, and the next run makes it again.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def move_all(moves: Sequence[tuple[Path, Path]], aside: Path) -> None:
    """Move finished files into their places: all of them, or none if one cannot be moved.

    Each takes its name in one step. A run that is killed between two of them leaves the first
    moved, which only hashes of both can tell.

    Args:
        moves: Each file, and where it goes; what lies there is replaced.
        aside: A folder on the same file system that is removed afterwards: what is replaced is
            kept there until all is done.

    Raises:
        OSError: One could not be moved; every place is as it was.
    """
    done: list[tuple[Path, Path | None]] = []
    made: list[Path] = []
    try:
        for number, (file, place) in enumerate(moves, 1):
            earlier = _kept(place, aside / f"earlier-{number}") if number < len(moves) else None
            try:
                file.replace(place)
            except FileNotFoundError:
                # The first in its folder.
                place.parent.mkdir(parents=True, exist_ok=True)
                made.append(place.parent)
                file.replace(place)
            done.append((place, earlier))
    except OSError:
        for place, earlier in done:
            if earlier:
                earlier.replace(place)
            else:
                place.unlink()
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _kept(place: Path, earlier: Path) -> Path | None:
    """Give a file a second name, so that another can take its first; None if there is none."""
    try:
        earlier.hardlink_to(place)
    except FileNotFoundError:
        return None
    except OSError:
        # Not every file system has links.
        shutil.copyfile(place, earlier)
    return earlier


def swap_folder(new: Path, place: Path, aside: Path) -> None:
    """Put a finished folder in the place of another, which is removed.

    Two steps, as no system swaps folders portably: between them there is none, never half of one.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.replace(aside)
    new.replace(place)
    remove_folder(aside)


def copy_folder(folder: Path, copy: Path, pattern: str = "*") -> None:
    """Copy the files of a folder that match a pattern, each in its place below.

    Raises:
        OSError: One could not be copied; ``shutil.copytree`` would go on, and forget which kind.
    """
    copy.mkdir(parents=True, exist_ok=True)
    for file in sorted(folder.rglob(pattern)):
        if file.is_file():
            place = copy / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def remove_folder(folder: Path) -> None:
    """Remove a folder and what is in it, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def sweep(folder: Path) -> None:
    """Remove the hidden siblings that a killed run left in a folder."""
    for left in folder.glob(f"{MARK}*"):
        with contextlib.suppress(OSError):
            left.unlink()

"""What a month's pages share, once per month: plotly, the style and the script."""

import importlib.resources
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from merchantkit.briefing import atomic
from merchantkit.briefing.hashes import digest, digest_file

_STATIC = Path(__file__).parent / "static"
_DIGITS = 8
_ADDRESS = re.compile(rb"assets/([a-z.]+)\?v=([0-9a-f]+)")


@cache
def _assets() -> dict[str, bytes]:
    plotly = importlib.resources.files("plotly").joinpath("package_data/plotly.min.js")
    return {
        "page.css": (_STATIC / "page.css").read_bytes(),
        "page.js": (_STATIC / "page.js").read_bytes(),
        "plotly.min.js": plotly.read_bytes(),
    }


@cache
def versions() -> dict[str, str]:
    """Return each asset's name → the hash that its address carries."""
    return {name: digest(data)[:_DIGITS] for name, data in _assets().items()}


def text(name: str) -> str:
    """Return an asset's text."""
    return _assets()[name].decode()


def place(folder: Path) -> None:
    """Put the assets into a month's folder, where they are not there already."""
    _place(folder, _assets())


def mend(folder: Path, pages: Iterable[Path]) -> None:
    """Put back the assets that pages need and the folder lacks; whole ones stay as they are.

    An earlier kit's pages get this kit's, as there is no other.
    """
    if lacking := _lacking(folder, pages):
        _place(folder, lacking)


def problems(folder: Path, pages: Iterable[Path]) -> list[str]:
    """Return what is wrong with a month's assets, as short texts that begin with a code.

    An asset is whole if it is this kit's, or the one that a page asks for, which an earlier kit
    may have made.

    Args:
        folder: Where the month's assets are.
        pages: The month's pages, which are read only if an asset is not this kit's.
    """
    return [f"{code} {name}" for name, code in _lacking(folder, pages).items()]


def _place(folder: Path, names: Iterable[str]) -> None:
    atomic.sweep(folder)
    for name in names:
        atomic.write(folder / name, _assets()[name])


def _lacking(folder: Path, pages: Iterable[Path]) -> dict[str, str]:
    there = {name: _version(folder / name) for name in versions()}
    other = {name: held for name, held in there.items() if held and held != versions()[name]}
    for page in pages:
        if not other:
            break
        asked = _asked(page)
        other = {name: held for name, held in other.items() if (name, held) not in asked}
    missing = {name: "asset_missing" for name, held in there.items() if not held}
    return missing | dict.fromkeys(other, "asset_damaged")


def _version(file: Path) -> str:
    return digest_file(file)[:_DIGITS] if file.is_file() else ""


def _asked(page: Path) -> set[tuple[str, str]]:
    try:
        found = _ADDRESS.findall(page.read_bytes())
    except OSError:
        return set()
    return {(name.decode(), version.decode()) for name, version in found}

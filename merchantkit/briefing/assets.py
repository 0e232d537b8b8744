"""What a month's pages share, once per month: plotly, the style and the script."""

import importlib.resources
from functools import cache
from pathlib import Path

from merchantkit.briefing import atomic
from merchantkit.briefing.hashes import digest

_STATIC = Path(__file__).parent / "static"


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
    return {name: digest(data)[:8] for name, data in _assets().items()}


def text(name: str) -> str:
    """Return an asset's text."""
    return _assets()[name].decode()


def place(folder: Path) -> None:
    """Put the assets into a month's folder, where they are not there already."""
    atomic.sweep(folder)
    for name, data in _assets().items():
        atomic.write(folder / name, data)


def problems(folder: Path) -> list[str]:
    """Return the names of assets that pages need and the folder lacks, or holds cut short."""
    missing = [name for name in _assets() if not (folder / name).is_file()]
    plotly = folder / "plotly.min.js"
    if plotly.is_file() and b"Plotly" not in plotly.read_bytes():
        missing.append("plotly.min.js")
    return missing

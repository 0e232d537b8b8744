"""Content hashes: of files, of texts in order, and of the kit itself."""

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import merchantkit

# Libraries whose next version may make another page of the same facts: another year's working days
# and zones, other words for a number, another chart or frame around it.
MADE_WITH = (
    "babel", "duckdb", "holidays", "ipykernel", "ipython", "jinja2", "nbconvert", "nbformat",
    "numpy", "pandas", "papermill", "plotly", "pyarrow", "tzdata",
)  # fmt: skip
_OURS = {".py", ".po", ".j2", ".css", ".js", ".json", ".lark", ".yaml"}


def digest(*parts: str | bytes) -> str:
    """Return the SHA-256 of one or several contents; where one ends and the next begins counts.

    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    if len(parts) == 1:
        return hashlib.sha256(_bytes(parts[0])).hexdigest()
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(_bytes(part)).digest())
    return whole.hexdigest()


def digest_file(file: Path) -> str:
    """Return the SHA-256 of what a file holds, however large; empty if there is none."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def digest_of(value: Any) -> str:
    """Return the hash of a value made of texts, numbers, lists and mappings."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str))


@cache
def kit_digest() -> str:
    """Return a hash of the kit: its version, code, words, templates, styles and libraries.

    The version alone would leave pages standing that were made before an edit in a checkout, or
    with a calendar that has been corrected since.
    """
    package = Path(merchantkit.__file__).parent
    files = sorted(file for file in package.rglob("*") if file.suffix in _OURS)
    names = [file.relative_to(package).as_posix() for file in files]
    libraries = digest_of(libraries_here())
    contents = (file.read_bytes() for file in files)
    return digest(merchantkit.__version__, libraries, *names, *contents)


def libraries_here() -> dict[str, str]:
    """Return the version of each of ``MADE_WITH``; empty where it was not installed as one."""
    return {name: _version(name) for name in MADE_WITH}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _bytes(part: str | bytes) -> bytes:
    return part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part

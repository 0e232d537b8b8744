"""What a notebook may need that only a kernel of its own has."""

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from merchantkit.briefing.engine import has_fork

# Arguments of papermill that are about a kernel's process, of which there is none here.
_ABOUT_PROCESSES = (
    "config", "extra_arguments", "ipython_hist_file", "kernel_manager_class", "km", "kc",
)  # fmt: skip
_IN_CELLS = {
    "it ends its kernel with exit or quit": re.compile(r"^\s*(?:exit|quit)\b\s*(?:\(|$)", re.M),
    "it asks for its kernel's connection or history": re.compile(
        r"^\s*%(?:connect_info|qtconsole|subshell)\b|\bget_connection_(?:file|info)\b"
        r"|^\s*%(?:history|notebook)\b.*-g|^\s*%(?:gui|load_ext\s+ipyparallel)\b", re.M
    ),
    "it uses its kernel's sockets or threads": re.compile(
        r"\.kernel\s*\.\s*(?:\w*(?:socket|stream|thread)\w*|io_loop|control\w*)"
    ),
}  # fmt: skip


def lacking(sources: Iterable[str]) -> str:
    """Return what the engine lacks for a notebook, in words; empty if it has all it needs.

    Args:
        sources: What is in the notebook's code cells.

    >>> lacking(["import sys", "exit()"])
    'it ends its kernel with exit or quit'
    """
    if not has_fork():
        return f"{sys.platform} has no fork that is fit for it"
    cells = list(sources)
    found = (why for why, pattern in _IN_CELLS.items() if any(map(pattern.search, cells)))
    return next(found, "")


def asked_beyond(kernel_name: str | None, given: Mapping[str, Any]) -> str:
    """Return what papermill was asked for that the engine lacks, in words.

    Args:
        kernel_name: The kernel that was asked for, or that the notebook names.
        given: Further arguments of papermill.
    """
    about = [name for name in _ABOUT_PROCESSES if given.get(name) is not None]
    if about:
        return f"{about[0]} is about a kernel of its own"
    if kernel_name and not is_this_python(kernel_name):
        return f"the kernel {kernel_name!r} is not this Python"
    return ""


@cache
def is_this_python(kernel_name: str) -> bool:
    """Return whether a kernel is ipykernel in this interpreter."""
    # Late: a run asks about cells only.
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        # Papermill's own engine refuses it in its own words.
        return False
    if not any("ipykernel" in part for part in spec.argv) or spec.env:
        return False
    command = Path(spec.argv[0])
    return command.name.startswith("python") and (
        not command.is_absolute() or _same(command, Path(sys.executable))
    )


def _same(one: Path, other: Path) -> bool:
    # Not resolved: a virtual environment's interpreter is a link to the one it was made from.
    return Path(one.parent.resolve(), one.name[:7]) == Path(other.parent.resolve(), other.name[:7])

"""What a notebook may need that only a kernel of its own has."""

import ast
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
_ENDS = ("exit", "quit")
# Where a cell holds more than Python: anything that could be a call of one of them.
_MAY_END = re.compile(rf"(?<![\w.])(?:{'|'.join(_ENDS)})\b\s*(?:[(;]|$)", re.M)
_IN_CELLS = {
    "it asks for its kernel's connection or history": re.compile(
        r"^\s*%(?:connect_info|qtconsole|subshell)\b|\bget_connection_(?:file|info)\b"
        r"|^\s*%(?:history|notebook)\b.*-g|^\s*%(?:gui|load_ext\s+ipyparallel)\b", re.M
    ),
    "it uses its kernel's sockets or threads": re.compile(
        r"\.kernel\s*\.\s*(?:\w*(?:socket|stream|thread)\w*|io_loop|control\w*)"
    ),
}  # fmt: skip
# What follows the interpreter in a kernel's command, and what changes no output there.
_PLAIN = [["-m", name, "-f", "{connection_file}"] for name in ("ipykernel_launcher", "ipykernel")]
_NO_MATTER = ("-Xfrozen_modules=off",)


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
    if any(map(_ends_its_kernel, cells)):
        return "it ends its kernel with exit or quit"
    found = (why for why, pattern in _IN_CELLS.items() if any(map(pattern.search, cells)))
    return next(found, "")


def _ends_its_kernel(source: str) -> bool:
    """Return whether a cell uses IPython's ``exit`` or ``quit``, wherever in a line it does."""
    if not any(name in source for name in _ENDS):
        return False
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # magics
        return _MAY_END.search(source) is not None
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return any(name.id in _ENDS and isinstance(name.ctx, ast.Load) for name in names)


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
    """Return whether a kernel is ipykernel in this interpreter, as it is without any options."""
    # Late: a run asks about cells only.
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        # Papermill's own engine refuses it in its own words.
        return False
    # An option, of Python's or of ipykernel's own, may change anything about a kernel.
    options = [part for part in spec.argv[1:] if part not in _NO_MATTER]
    if options not in _PLAIN or spec.env:
        return False
    command = Path(spec.argv[0])
    return command.name.startswith("python") and (
        not command.is_absolute() or _same(command, Path(sys.executable))
    )


def _same(one: Path, other: Path) -> bool:
    # Not resolved: a virtual environment's interpreter is a link to the one it was made from.
    return Path(one.parent.resolve(), one.name[:7]) == Path(other.parent.resolve(), other.name[:7])

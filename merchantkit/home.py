"""Where things are: the project root and the places in it."""

import os
from importlib import resources
from pathlib import Path

from merchantkit.errors import HomeError

ENVIRONMENT = "MERCHANTKIT_HOME"


def root() -> Path:
    """Return the project root: ``MERCHANTKIT_HOME``, or the nearest parent with ``params/rules/``.

    Falls back to the working directory outside any project; rules and notebooks are then the
    kit's own, but a warehouse and reports are never somebody else's.

    Raises:
        HomeError: ``MERCHANTKIT_HOME`` names no folder.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        folder = Path(named)
        if not folder.is_dir():
            raise HomeError(
                f"{ENVIRONMENT} names no folder",
                where=named,
                remedy="unset it, or make a project there: merchantkit init DIR",
            )
        return folder.resolve()
    return _nearest_project() or Path.cwd()


def _nearest_project() -> Path | None:
    here = Path.cwd()
    parents = (here, *here.parents)
    return next((folder for folder in parents if (folder / "params" / "rules").is_dir()), None)


def bundled() -> Path:
    """Return the folder of the copies that the wheel brings (params/ and notebooks/)."""
    return Path(str(resources.files("merchantkit"))) / "bundled"


def pristine(name: str) -> Path | None:
    """Return the kit's own copy of a folder: the wheel's or, installed editable, the checkout's."""
    for folder in (bundled(), Path(__file__).resolve().parent.parent):
        if (folder / name).is_dir():
            return folder / name
    return None


def place(name: str) -> Path:
    """Return a folder of the project such as ``params/rules``, else the kit's own copy of it.

    Raises:
        HomeError: Neither the project nor the installed kit has it.
    """
    folder = root() / name
    if folder.is_dir():
        return folder
    if own := pristine(name):
        return own
    raise HomeError(
        f"there is no {name}/ in the project or in the installed kit",
        where=str(root()),
        remedy="run inside a project, set MERCHANTKIT_HOME, or make one: merchantkit init DIR",
    )


def warehouse_path() -> Path:
    """Return where the warehouse lives unless ``--warehouse`` says otherwise."""
    return root() / "merchants.duckdb"


def reports_dir() -> Path:
    """Return where reports go unless ``--out`` says otherwise."""
    return root() / "reports"

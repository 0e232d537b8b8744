"""Commands about the project: init and lab."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from merchantkit.cli.console import note, print_json, say
from merchantkit.cli.options import AsJson, epilog


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("init", epilog=_INIT)(init)
    app.command("lab", epilog=_LAB, context_settings=_PASS_ON)(lab)


_INIT = epilog("merchantkit init briefings-2021")


def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", show_default=False, help="The project's folder; made if missing."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Lay out a project that you may edit.

    It gets notebooks/ and params/. A second time it writes only what is missing. What you have
    edited is never overwritten: a file with other content in the way is an error, and nothing is
    written.
    """
    from merchantkit.scaffold import init_project

    laid = init_project(folder)
    if as_json:
        written = [{"file": file.as_posix(), "state": "written"} for file in laid.written]
        print_json([*written, *({"file": f.as_posix(), "state": "kept"} for f in laid.kept)])
        return
    say(f"{laid.project}: {len(laid.written)} files written, {len(laid.kept)} kept")
    note("next:")
    for step in laid.next_steps:
        note(f"  {step}")


_LAB = epilog("merchantkit lab", "merchantkit lab --no-browser --port 8890")
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def lab(context: typer.Context) -> None:
    """Open JupyterLab on the project's notebooks.

    Everything after lab is passed on to jupyter lab. The notebooks find the warehouse and the
    rules of the project, wherever they are opened.
    """
    from merchantkit import home

    root = home.root()
    # The notebooks run in this interpreter's environment, whatever PATH says; nothing asks the
    # network for news or updates.
    options = [
        f"--ServerApp.root_dir={root}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
    ]
    if (root / "notebooks").is_dir():
        options.append("--LabApp.default_url=/lab/tree/notebooks")
    os.environ[home.ENVIRONMENT] = str(root)
    os.chdir(root)
    command = [sys.executable, "-m", "jupyterlab", *options, *context.args]
    os.execv(sys.executable, command)  # noqa: S606

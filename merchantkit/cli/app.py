"""The program ``merchantkit``: its commands, and how it ends."""

import io
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from merchantkit import __version__
from merchantkit.cli import assess, facts, project, reports, rules, tariff, upkeep
from merchantkit.cli.console import inert
from merchantkit.cli.options import EXIT_CODES, SETTINGS, epilog
from merchantkit.errors import MerchantkitError

# What a shell reports of a program whose reader went away: 128 and SIGPIPE.
_READER_GONE = 141


class _Kit(TyperGroup):
    """The group of all commands: an error that is meant for people comes without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a refusal ends with its exit code, a defect keeps its traceback."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except MerchantkitError as refused:
            # It quotes what strangers wrote; its own text has lines at most.
            said = "\n".join(map(inert, str(refused).split("\n")))
            typer.echo(f"merchantkit: {said}", err=True)
            raise typer.Exit(refused.exit_code) from None
        except BrokenPipeError:
            # What is still unwritten goes nowhere, or Python would complain about it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(_READER_GONE) from None
        return result


app = typer.Typer(
    cls=_Kit,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings=SETTINGS,
    epilog=epilog(
        "merchantkit demo",
        "merchantkit report 2021-05",
        "merchantkit rules diff 2021-04-01 2021-05-06 --lang en",
        codes=tuple(EXIT_CODES),
    ),
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"merchantkit {__version__}")
        raise typer.Exit


@app.callback()
def merchantkit(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Dated, cited programme rules, and the monthly merchant briefings made with them.

    Facts (exports, or a demo) go into one warehouse file; report judges a month of them by the
    rules in params/rules/ and writes one briefing for each merchant into reports/.

    COMMAND --help explains each command with an example.
    """


for part in (facts, reports, rules, assess, tariff, upkeep, project):
    part.register(app)


def main() -> None:
    """Run the program on the process's arguments and leave the process."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show is escaped, never a crash.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="merchantkit")

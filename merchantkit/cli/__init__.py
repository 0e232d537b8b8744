"""The command line: thin commands over public functions, importing late."""

from merchantkit.cli.app import app, main

__all__ = ["app", "main"]

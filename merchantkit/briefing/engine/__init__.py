"""The papermill engine ``merchantkit``: every notebook in a fresh child of a warm parent."""

import sys


def has_fork() -> bool:
    """Return whether children can be forked here as the engine needs it.

    Not on Windows, which has no fork; nor on macOS, whose own libraries do not survive it.
    """
    return sys.platform == "linux"

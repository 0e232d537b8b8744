"""The life of a worker process: prepared once, then one job after the other.

Light on purpose: what costs seconds to import is imported by the worker alone, and only there.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from merchantkit.briefing.job import Job, Made

# What a user's shell may carry that would make two machines' briefings differ.
_SURPRISES = ("IPYTHON", "JUPYTER", "PAPERMILL", "PLOTLY_")
_SURPRISING = {
    "MPLBACKEND", "PYTHONBREAKPOINT", "PYTHONDEVMODE", "PYTHONINSPECT", "PYTHONSTARTUP",
    "PYTHONWARNINGS",
}  # fmt: skip
_POLL_SECONDS = 0.5


def make(job: Job, runtime: Path) -> Made:
    """Make one page; see ``execute.make``."""
    from merchantkit.briefing import execute

    return execute.make(job, runtime)


def prepare(root: Path, runtime: Path, parent: int) -> None:
    """Make a fresh worker ready: a clean environment, deaf to Ctrl-C, gone when its parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    own = runtime / f"w{os.getpid()}"
    own.mkdir(exist_ok=True)
    environment = clean_environment(os.environ, root, own)
    os.environ.clear()
    os.environ.update(environment)
    # A grammar that jsonschema compiles at its import, for a format that no notebook has, costs
    # more than all else that a worker imports; without it jsonschema leaves that format out.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # The parent alone moves finished pages into place, so an orphan can do no harm but to the
    # machine's load; its kernel watches it in the same way.
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    with contextlib.suppress(OSError):
        os._exit(1)


def clean_environment(given: Mapping[str, str], root: Path, runtime: Path) -> dict[str, str]:
    """Return the environment for kernels: the given one without what would change a page.

    Args:
        given: Usually the process's own.
        root: The project, for notebooks that run far from it.
        runtime: A folder of this process, for what Jupyter wants to write.
    """
    kept = {
        name: value
        for name, value in given.items()
        if name not in _SURPRISING and not name.startswith(_SURPRISES)
    }
    package = str(Path(__file__).resolve().parents[2])
    search = [part for part in given.get("PYTHONPATH", "").split(os.pathsep) if part]
    kept |= {
        "IPYTHONDIR": str(runtime / "ipython"),
        "JUPYTER_CONFIG_DIR": str(runtime / "jupyter"),
        "JUPYTER_DATA_DIR": str(runtime / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "MERCHANTKIT_HOME": str(root),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([*search, *([] if package in search else [package])]),
        "PYTHONUTF8": "1",
    }
    # The pool already uses every core; a library's own threads would only get in its way.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        kept.setdefault(name, "1")
    return kept

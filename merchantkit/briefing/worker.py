"""The life of a worker process: prepared once, then one job after the other.

Light on purpose: what costs seconds to import is imported by the worker alone, and only there.
"""

import atexit
import importlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merchantkit.briefing import strays
from merchantkit.briefing.clean_start import unsurprising
from merchantkit.briefing.job import Job, Made, Slip
from merchantkit.briefing.missing import postponed

if TYPE_CHECKING:
    from merchantkit.briefing.forked import Forge

_POLL_SECONDS = 0.5
# Why a worker could not be made ready, in the runtime's folder.
UNREADY = "unready"


# What this worker keeps between pages, if it forks a child for each.
_forge: "Forge | None" = None


def make(job: Job, runtime: Path) -> Made:
    """Make one page with a kernel of its own."""
    from merchantkit.briefing import execute

    return execute.make(job, runtime)


def fork(slip: Slip) -> Made:
    """Make one page in a fresh child of this worker."""
    if _forge is None:
        raise RuntimeError("this worker was not prepared to fork")
    return _forge.make(slip)


def prepare(root: Path, runtime: Path, parent: int, rehearsals: Sequence[Job] | None) -> None:
    """Make a fresh worker ready: a clean environment, deaf to Ctrl-C, gone when its parent goes.

    If that fails, the reason lies in the runtime's folder (``UNREADY``), as the pool says none.

    Args:
        root: The project.
        runtime: A folder for what Jupyter wants to write.
        parent: The run's process.
        rehearsals: What to run once before any child is forked; None if each page is to have a
            kernel of its own.
    """
    try:
        _prepare(root, runtime, parent, rehearsals)
    except Exception as error:
        if not _is_heard(f"{type(error).__name__}: {error}", runtime):
            raise
        os._exit(1)  # what is told once need not be printed as a traceback, as the pool does


def _is_heard(why: str, runtime: Path) -> bool:
    try:
        (runtime / UNREADY).write_text(why, "utf-8")
    except OSError:
        return not runtime.exists()  # the run is over: nobody waits for this worker
    return True


def _prepare(root: Path, runtime: Path, parent: int, rehearsals: Sequence[Job] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    strays.brand(runtime)
    own = runtime / f"w{os.getpid()}"
    own.mkdir(exist_ok=True)
    environment = clean_environment(os.environ, root, own)
    os.environ.clear()
    os.environ.update(environment)
    # Its grammar takes longer than all else that a worker imports, and jsonschema imports it for a
    # format that no notebook has; a cell may ask for that format all the same.
    with postponed("rfc3987_syntax", "is_valid_syntax"):
        importlib.import_module("jsonschema")
    if rehearsals is None:
        threading.Thread(target=_watch, args=(parent, runtime), daemon=True).start()
        return
    from merchantkit.briefing.engine import child

    # A timer and no thread: a process that forks should have but one.
    signal.signal(signal.SIGALRM, partial(_leave_an_orphan, parent, child.end_all))
    signal.setitimer(signal.ITIMER_REAL, _POLL_SECONDS, _POLL_SECONDS)
    # Once Python has let go of the handlers, the next alarm would end it as a failure.
    atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGTERM, partial(_stop, child.end_all))
    # Where it is to be is tried by writing a file: once here, and not by every child, of which one
    # may be killed between writing and removing.
    everyones = tempfile.gettempdir()
    # IPython makes itself a folder elsewhere if its own is gone, as it is when the run ends while
    # this starts: nothing would ever remove that.
    tempfile.tempdir = str(own)
    from merchantkit.briefing.forked import Forge

    global _forge  # pebble calls functions, and a worker is one process
    _forge = Forge(rehearsals)
    tempfile.tempdir = everyones


def _watch(parent: int, runtime: Path) -> None:
    # The parent alone moves finished pages into place, so an orphan can do no harm but to the
    # machine's load; its kernel watches it in the same way.
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    shutil.rmtree(runtime, ignore_errors=True)  # which nobody else knows of any more
    os._exit(1)


def _leave_an_orphan(parent: int, end_all: Callable[[], None], *_: Any) -> None:
    if os.getppid() != parent:
        end_all()
        os._exit(1)


def _stop(end_all: Callable[[], None], *_: Any) -> None:
    """End as SIGTERM ends a process, but not without what this one's pages started."""
    end_all()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def clean_environment(given: Mapping[str, str], root: Path, runtime: Path) -> dict[str, str]:
    """Return the environment for kernels: the given one without what would change a page.

    Args:
        given: Usually the process's own.
        root: The project, for notebooks that run far from it.
        runtime: A folder of this process, for what Jupyter wants to write.
    """
    kept = unsurprising(given)
    package = str(Path(__file__).resolve().parents[2])
    search = [part for part in given.get("PYTHONPATH", "").split(os.pathsep) if part]
    kept |= {
        "IPYTHONDIR": str(runtime / "ipython"),
        "JUPYTER_CONFIG_DIR": str(runtime / "jupyter"),
        "JUPYTER_DATA_DIR": str(runtime / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "MERCHANTKIT_HOME": str(root),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYTHONPATH": os.pathsep.join([*search, *([] if package in search else [package])]),
    }
    # The pool already uses every core; a library's own threads would only get in its way.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        kept.setdefault(name, "1")
    return kept

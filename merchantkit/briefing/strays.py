"""What a worker has left that was killed before it could end what its pages had started.

A worker ends with all its pages started, as long as it can: when it is told to, and when its run
is gone. One that is killed outright takes its child with it, but not what that started in turn.
Such a stray is known by the folder of its run: a fork has its worker's name, which is that
folder's, and a program has the folder in its environment. One that was started with another
environment on purpose is not found.
"""

import contextlib
import multiprocessing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

# Those that fork as fast as they are ended are left to whoever runs the machine.
_ROUNDS = 20
_WAIT_SECONDS = 2.0


def brand(runtime: Path) -> None:
    """Name this process, and all that it forks, after its run's folder."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(runtime.name)


def end(runtime: Path) -> None:
    """End what belongs to no worker of this process that lives.

    Args:
        runtime: The folder that workers were given, and no other run's.
    """
    # Late: it is rare that a worker is killed.
    import psutil

    for _ in range(_ROUNDS):
        found = [process for process in psutil.process_iter() if _is_branded(process, runtime)]
        workers = {worker.pid for worker in multiprocessing.active_children()}
        strays = [process for process in found if not _is_of(process, workers)]
        for stray in strays:
            with contextlib.suppress(psutil.Error):
                stray.kill()
        psutil.wait_procs(strays, _WAIT_SECONDS)
        if not strays:
            return


def _is_branded(process: "psutil.Process", runtime: Path) -> bool:
    import psutil

    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.name() == runtime.name or any(
            Path(value).is_relative_to(runtime)
            for name, value in process.environ().items()
            if name == "JUPYTER_RUNTIME_DIR"
        )
    except (psutil.Error, OSError):  # gone, or somebody else's
        return False


def _is_of(process: "psutil.Process", workers: set[int | None]) -> bool:
    import psutil

    try:
        return not workers.isdisjoint(one.pid for one in (process, *process.parents()))
    except psutil.Error:
        return True  # gone, or it will be found again

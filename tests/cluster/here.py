"""A cluster on this machine: a scheduler and workers, each a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from distributed import Client

from merchantkit.briefing.progress import Silent

_SECONDS = 60.0
_END_SECONDS = 20.0
# A worker that is silent for so long is given up; five minutes by default.
_TTL = "15s"


class Heard(Silent):
    """Keeps what a run says of itself."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


class ClusterHere:
    """A scheduler on loopback and the workers that were started for it."""

    def __init__(self, folder: Path, ttl: str = _TTL) -> None:
        self._folder = folder
        self._settings = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": ttl}
        self._file = folder / "scheduler.json"
        self._started: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        until = time.monotonic() + _SECONDS
        while not self._file.exists():
            assert time.monotonic() < until, "the scheduler never came up"
            time.sleep(0.1)
        with Client(scheduler_file=str(self._file)) as client:
            self.address = str(client.scheduler.address)

    def worker(self, *, nanny: bool = False, path: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, and wait until the scheduler gives it work.

        Args:
            nanny: Whether a process stands beside it that starts it anew when it dies.
            path: Where it finds the kit, if not where this process does.
        """
        before = self.workers()
        started = self._start(
            "dask_worker", "--nthreads", "1", "--host", "127.0.0.1",
            "--nanny" if nanny else "--no-nanny",
            "--local-directory", str(self._folder / f"w{len(self._started)}"),
            path=path,
        )  # fmt: skip
        until = time.monotonic() + _SECONDS
        while len(self.workers()) == len(before):
            assert time.monotonic() < until, "the worker never came up"
            time.sleep(0.2)
        return started

    def workers(self) -> list[str]:
        """Return the workers that the scheduler gives work: one that joins makes ready first."""
        with Client(self.address, set_as_default=False) as client:
            known = client.scheduler_info(n_workers=-1)["workers"]
        return sorted(at for at, worker in known.items() if worker["status"] == "running")

    def left(self) -> list[str]:
        """Return what runs have left in the workers' folders."""
        return sorted(file.name for file in self._folder.rglob("merchantkit-*"))

    def end(self) -> None:
        # One by one, the scheduler last: a worker that is told to end while it loses its scheduler
        # may do neither.
        for process in reversed(self._started):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(
        self, program: str, *arguments: str, path: Path | None = None
    ) -> subprocess.Popen[bytes]:
        kit = path or Path(__file__).parents[2]
        log = (self._folder / f"{program}-{len(self._started)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", f"distributed.cli.{program}", *arguments,
                    "--scheduler-file", str(self._file), "--no-dashboard",
                ],
                cwd=self._folder, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | self._settings | {"PYTHONPATH": str(kit)},
            )  # fmt: skip
        self._started.append(process)
        return process


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2, ttl: str = _TTL) -> Iterator[ClusterHere]:
    folder.mkdir(parents=True)
    started = ClusterHere(folder, ttl)
    try:
        for _ in range(workers):
            started.worker()
        yield started
    finally:
        started.end()

"""Runs in a process of their own, to be killed and stopped, and what must not be left of them."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from merchantkit.briefing.ledger import Entry, open_ledger
from tests.briefing.world import MONTH, World

_MARK = "MERCHANTKIT_TEST_WORLD"
_RUN = """
import signal
# A shell that starts this in the background would have Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
import json, sys
from pathlib import Path
from merchantkit import cli, home
from merchantkit.briefing import Limits, run, tasks
# In a checkout somebody may save a file of the kit between two runs.
tasks.kit_digest = lambda: "kit"
if __name__ == "__main__":
    root, out, workers, limits = sys.argv[1:]
    run.Limits = lambda: Limits(**json.loads(limits))
    run.home.place = lambda name, place=home.place: (
        Path(root) / name if name == "notebooks" else place(name)
    )
    sys.argv[1:] = ["report", "2021-05", "--out", out, "--warehouse", f"{root}/facts.duckdb",
                    "--workers", workers]
    cli.main()
"""


class Runs:
    """Runs of ``merchantkit report`` on a world, each in a process of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.temporary = world.root / "temporary"
        self.temporary.mkdir()
        self.limits = '{"cell": 20, "notebook": 60}'

    def out(self, name: str) -> Path:
        """Return a folder of reports of that name."""
        return self.world.root / name

    def start(self, out: str, workers: int = 2) -> subprocess.Popen[str]:
        """Start a run in a process group of its own."""
        environment = {**os.environ, **dict([mark(self.world)]), "TMPDIR": str(self.temporary)}
        return subprocess.Popen(
            [sys.executable, "-c", _RUN, str(self.world.root), str(self.out(out)), str(workers),
             self.limits],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip

    def whole(self, out: str) -> tuple[int, str]:
        """Run to the end; return the exit code and what was said."""
        with self.start(out) as run:
            _, said = run.communicate(timeout=100)
        return run.returncode, said

    def processes(self) -> list[psutil.Process]:
        """Return what is alive of all runs, and of what they started."""
        return marked(self.world)

    def wait_until_gone(self, seconds: float = 10.0) -> None:
        """Wait for every process of a run that was killed."""
        wait_for(lambda: not self.processes(), "no process is left", seconds)

    def outcome(self, out: str) -> dict[str, Any]:
        """Return all that a run leaves: files with their hashes, and the ledger's entries."""
        at = World.__new__(World)
        at.out = self.out(out)
        ledger = self.out(out) / MONTH / "_team" / "ledger.sqlite"
        files = {name: digest for name, digest in at.tree().items() if "ledger.sqlite" not in name}
        return {"files": files, "entries": entries(ledger)}

    def assert_nothing_left(self, out: str) -> None:
        """No process, no temporary or hidden file, no journal, no unfinished work."""
        self.wait_until_gone()
        left = sorted(str(path) for path in self.temporary.rglob("*"))
        assert left == [], left  # this file's assertions are not told in full
        hidden = {p.name for p in self.out(out).rglob(".*")} - {".index.lock"}
        assert hidden == set()
        team = {path.name for path in (self.out(out) / MONTH / "_team").iterdir()}
        # Where a page failed there is a folder of logs; it stays, with nothing in it.
        assert team - {"log"} == {
            "assessment", "assessment-before", "ledger.sqlite", "portfolio.zh.ipynb", "rules",
            "run.lock",
        }  # fmt: skip


def mark(world: World) -> tuple[str, str]:
    """Return the variable by which every process is known that a world's runs start, and those."""
    return _MARK, str(world.root)


def marked(world: World) -> list[psutil.Process]:
    """Return the processes that are alive and known by a world's mark."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            name, value = mark(world)
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(name) == value:
                found.append(process)
    return found


def entries(ledger: Path) -> list[dict[str, Any]]:
    """Return a ledger's entries without what differs from run to run."""
    with open_ledger(ledger) as opened:
        return [_lasting(entry) for _, entry in sorted(opened.entries().items())]


def _lasting(entry: Entry) -> dict[str, Any]:
    differ = ("run_id", "seconds", "phases")
    return {name: v for name, v in asdict(entry).items() if name not in differ}


def garble(ledger: Path) -> None:
    """Damage a ledger as a failing disk does: its first page is whole, the others are noise."""
    held = bytearray(ledger.read_bytes())
    held[4096:] = bytes(at * 37 % 256 for at in range(4096, len(held)))
    ledger.write_bytes(held)


def done(out: Path) -> int:
    """Return how many pages a run has on record as done, so far."""
    with (
        contextlib.suppress(Exception),
        open_ledger(out / MONTH / "_team" / "ledger.sqlite") as ledger,
    ):
        return sum(entry.state == "done" for entry in ledger.entries().values())
    return 0


def wait_for(is_so: Callable[[], Any], what: str, seconds: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so in {seconds:g} s: {what}"
        time.sleep(0.02)


def workers_of(run: psutil.Process) -> list[psutil.Process]:
    """Return a run's workers."""
    found = []
    for process in run.children():
        with contextlib.suppress(psutil.Error):
            if "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
    return found


def children_of(run: psutil.Process) -> list[psutil.Process]:
    """Return the children that make pages."""
    found = []
    for process in workers_of(run):
        with contextlib.suppress(psutil.Error):
            found += process.children()
    return found

"""What is measured on: demo projects of a size, and the kit's report of one."""

import ast
import json
import shutil
import sqlite3
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merchantkit.scaffold import init_project
from tests.bench.process import Run, run, usable_cores
from tests.bench.samples import Sample

MONTH, LANG = "2021-05", "zh"
KIT = [sys.executable, "-m", "merchantkit.cli"]
INJECTED = "injected-parameters"


@dataclass(frozen=True)
class World:
    """A project with a demo month of so many merchants."""

    folder: Path
    merchants: int

    @property
    def month(self) -> Path:
        """Where a report puts the month; its notebooks run there."""
        return self.folder / "reports" / MONTH

    @property
    def notebook(self) -> Path:
        """The notebook that every way of making a briefing executes."""
        return self.folder / "notebooks" / "briefing.ipynb"

    def notebooks(self) -> list[Path]:
        """Return the briefings' executed notebooks, by folder."""
        return sorted(self.month.glob(f"m/*/briefing.{LANG}.ipynb"))

    def clear(self) -> None:
        """Forget every report."""
        shutil.rmtree(self.folder / "reports", ignore_errors=True)


def build(folder: Path, merchants: int) -> World:
    """Lay out a project and fill it with a demo month."""
    init_project(folder)
    demo = [*KIT, "demo", "--month", MONTH, "--merchants", str(merchants)]
    run(demo, home=folder, cwd=folder)
    return World(folder, merchants)


def reporting(
    world: World, *, workers: int = 1, one_core: bool = True, watch: bool = False
) -> Callable[[], Sample]:
    """Return what makes every briefing of a world from nothing, once for each call."""

    def sample() -> Sample:
        world.clear()
        made = _report(world, workers, one_core=one_core, watch=watch)
        pages = [notebook.with_suffix(".html") for notebook in world.notebooks()]
        if len(pages) != world.merchants:
            raise SystemExit(f"{len(pages)} briefings of {world.merchants} merchants were made")
        return Sample(world.merchants, made.seconds, pace(pages), made.cpu, made)

    return sample


def rerunning(world: World) -> Callable[[], Sample]:
    """Return what runs a finished report again, nothing having changed."""

    def sample() -> Sample:
        before = [notebook.stat().st_mtime_ns for notebook in world.notebooks()]
        made = _report(world, 1, one_core=True)
        if before != [notebook.stat().st_mtime_ns for notebook in world.notebooks()]:
            raise SystemExit("a rerun with nothing changed made briefings again")
        return Sample(world.merchants, made.seconds, None, made.cpu, made)

    return sample


def _report(world: World, workers: int, *, one_core: bool, watch: bool = False) -> Run:
    command = [*KIT, "report", MONTH, "--lang", LANG, "--workers", str(workers)]
    cores = usable_cores()[-1:] if one_core else None
    return run(command, home=world.folder, cwd=world.folder, cores=cores, watch=watch)


def pace(files: Sequence[Path]) -> float | None:
    """Return the seconds between one finished file and the next, from the first to the last."""
    ends = sorted(file.stat().st_mtime for file in files)
    return (ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else None


def parameters(notebook: Path) -> dict[str, Any]:
    """Return what the batch gave to an executed notebook, so that a peer is given the same."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    (given,) = [cell for cell in cells if INJECTED in cell["metadata"].get("tags", [])]
    statements = ast.parse("".join(given["source"])).body
    named = [
        s for s in statements if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)
    ]
    return {s.targets[0].id: ast.literal_eval(s.value) for s in named}


def spread(files: Sequence[Path], count: int) -> list[Path]:
    """Return so many of the files, evenly spread, so that no kind of merchant is left out.

    >>> [file.name for file in spread([Path(name) for name in "abcdef"], 3)]
    ['a', 'c', 'e']
    """
    step = max(1, len(files) // count)
    return list(files[::step][:count])


def weigh(world: World) -> list[int]:
    """Return the bytes of each merchant's files."""
    return [
        notebook.stat().st_size + notebook.with_suffix(".html").stat().st_size
        for notebook in world.notebooks()
    ]


def recorded(world: World) -> dict[str, list[float]]:
    """Return the ledger's seconds of each briefing; by phase too, where it keeps phases.

    Phases are a column ``phases`` of JSON, name → seconds, or inside what else the ledger keeps of
    a page; a ledger without them gives ``whole`` alone.
    """
    ledger = world.month / "_team" / "ledger.sqlite"
    connection = sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM pages WHERE page = 'briefing'").fetchall()
    connection.close()
    found: dict[str, list[float]] = {"whole": [row["seconds"] for row in rows]}
    for row in rows:
        phases = json.loads(row["phases"] or "{}") if "phases" in row.keys() else {}  # noqa: SIM118
        for name, seconds in phases.items():
            found.setdefault(name, []).append(seconds)
    return found


def spelled(seconds: Sequence[float]) -> dict[str, float]:
    """Return mean, median and 95th percentile in milliseconds.

    >>> spelled([0.001] * 99 + [0.101])
    {'mean': 2.0, 'median': 1.0, 'p95': 1.0}
    """
    ordered = sorted(seconds)
    return {
        "mean": round(statistics.fmean(ordered) * 1000, 3),
        "median": round(statistics.median(ordered) * 1000, 3),
        "p95": round(ordered[max(0, -(-len(ordered) * 95 // 100) - 1)] * 1000, 3),
    }

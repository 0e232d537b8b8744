"""The other ways to make the same briefings: papermill and nbconvert as sold, and the floor."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.process import Run, run, usable_cores
from tests.bench.samples import Sample
from tests.bench.world import LANG, World, parameters
from tests.conftest import ROOT


@dataclass(frozen=True)
class Job:
    """One briefing for a peer to make: ``out`` is the notebook, the page goes beside it."""

    kit: str
    out: str
    parameters: dict[str, Any]


def jobs(world: World, made: Sequence[Path], folder: Path) -> list[Job]:
    """Return the jobs that repeat some of the kit's briefings, with the batch's parameters."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        Job(str(kit), str(folder / f"{number}.ipynb"), parameters(kit))
        for number, kit in enumerate(made)
    ]


def by_shell(world: World, todo: Sequence[Job], *, one_core: bool = True) -> Callable[[], Sample]:
    """Return what types ``papermill`` and ``jupyter nbconvert`` for one merchant after another."""

    def sample() -> Sample:
        steps = [step for job in todo for step in _typed(world, job)]
        runs = [_run(world, step, one_core=one_core) for step in steps]
        return Sample(
            len(todo),
            sum(each.seconds for each in runs),
            None,
            sum(each.cpu for each in runs),
        )

    return sample


def _typed(world: World, job: Job) -> list[list[str]]:
    given = [text for name, value in job.parameters.items() for text in ("-r", name, str(value))]
    notebook = [str(world.notebook), job.out, "--cwd", str(world.month)]
    return [
        [sys.executable, "-m", "papermill", *notebook, *given],
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", job.out],
    ]


def by_loop(world: World, todo: Sequence[Job]) -> Callable[[], Sample]:
    """Return what calls ``papermill.execute_notebook`` in one process, one exporter kept."""
    return _by_module("tests.bench.looped", world, todo)


def by_floor(world: World, todo: Sequence[Job]) -> Callable[[], Sample]:
    """Return what executes the same cells in one warm process and writes the same files."""
    return _by_module("tests.bench.floor", world, todo)


def _by_module(module: str, world: World, todo: Sequence[Job]) -> Callable[[], Sample]:
    task = Path(todo[0].out).with_name("task.json")
    asked = {"notebook": str(world.notebook), "cwd": str(world.month), "lang": LANG}
    task.write_text(json.dumps({**asked, "jobs": [asdict(job) for job in todo]}), encoding="utf-8")

    def sample() -> Sample:
        made = _run(world, [sys.executable, "-m", module, str(task)])
        inside = json.loads(made.output.splitlines()[-1])["seconds"]
        return Sample(len(todo), made.seconds, inside / len(todo), made.cpu)

    return sample


def _run(world: World, command: list[str], *, one_core: bool = True) -> Run:
    cores = usable_cores()[-1:] if one_core else None
    return run(command, home=world.folder, cwd=ROOT, cores=cores)

"""What is measured, in which order, and what the samples say."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import peers, same, world
from tests.bench.peers import Job
from tests.bench.process import run, usable_cores
from tests.bench.samples import SHORT_ROUNDS, Budget, Sample, each, race
from tests.bench.world import World
from tests.conftest import ROOT

# How much of what is left of the budget the two longest comparisons may take.
_FOR_SCALING, _FOR_LARGE = 0.25, 0.85
_FOR_RERUNS_SECONDS = 60.0
# Of fewer merchants two workers would measure their start alone.
_FEWEST = 20
SHELL, LOOP, FLOOR = "papermill + nbconvert", "papermill loop", "floor"


@dataclass(frozen=True)
class Sizes:
    """How many merchants each comparison takes."""

    # A month is of thousands; its first page is worth as much of a wait as 110 more.
    kit: int = 1000
    small: int = 200
    large: int = 5000
    scaling: int = 1000
    peer: int = 10
    floor: int = 100
    rehearsed: int = 2
    programme_rows: int = 1_000_000
    rounds: int = SHORT_ROUNDS


QUICK = Sizes(60, 60, 120, 60, 1, 30, 0, 50_000, 1)


@dataclass
class Measured:
    """All that was measured: samples by name, and what else was seen on the way."""

    sizes: Sizes
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    weights: list[int] = field(default_factory=list)
    ledger: dict[str, list[float]] = field(default_factory=dict)
    all_cores: dict[str, float] = field(default_factory=dict)
    charts: dict[str, int] = field(default_factory=dict)
    programmes: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_thorough(self) -> bool:
        """Whether runs are repeated."""
        return self.sizes.rounds > 1


def measure(folder: Path, sizes: Sizes, budget: Budget, say: Callable[[str], None]) -> Measured:
    """Measure everything, as far as the budget goes.

    Raises:
        SystemExit: A way of making briefings failed, or made others than the kit.
    """
    measured = Measured(sizes)
    say(f"a demo of {sizes.kit} merchants")
    month = world.build(folder / "kit", sizes.kit)
    if sizes.rehearsed:
        say("rehearsal: everyone once on all cores, outputs compared")
        _rehearse(month, measured)
    say("the kit, papermill and nbconvert, papermill in a loop, the floor: in turn")
    _against_peers(month, measured, budget)
    _again(month, "again", measured, budget)
    say("programmes: assess beside plain NumPy")
    measured.programmes = _programmes(sizes.programme_rows)
    say("one worker, two workers: in turn")
    _against_two(folder, month, measured, budget)
    say("the small month, the large month: in turn")
    _against_large(folder, month, measured, budget)
    return measured


def _jobs(month: World, name: str, count: int) -> list[Job]:
    return peers.jobs(month, world.spread(month.notebooks(), count), month.folder / name)


def _rehearse(month: World, measured: Measured) -> None:
    """Warm the disk up, compare outputs before anything is timed, and see what a core means."""
    kit = world.reporting(month, one_core=False)()
    todo = _jobs(month, "rehearsal", measured.sizes.rehearsed)
    shell = peers.by_shell(month, todo, one_core=False)()
    same.refuse_unless_same(todo, SHELL)
    peers.by_loop(month, todo[:1])()
    measured.all_cores = {"kit": kit.each, SHELL: shell.each}


def _against_peers(month: World, measured: Measured, budget: Budget) -> None:
    sizes = measured.sizes
    kit = world.reporting(month, watch=True)
    todo: dict[str, list[Job]] = {}

    def peer(name: str, way: Callable[[World, Sequence[Job]], Callable[[], Sample]], count: int):
        def sample() -> Sample:
            # The kit has run before: its outputs say which parameters the batch gives.
            jobs = todo.setdefault(name, _jobs(month, name.replace(" ", ""), count))
            made = way(month, jobs)()
            same.refuse_unless_same(jobs, name)
            measured.charts[name] = same.charts(Path(jobs[0].out))
            return made

        return sample

    runners = {
        "kit": kit,
        SHELL: peer(SHELL, peers.by_shell, sizes.peer),
        LOOP: peer(LOOP, peers.by_loop, sizes.peer),
        FLOOR: peer(FLOOR, peers.by_floor, sizes.floor),
    }
    measured.samples |= race(runners, until=lambda: budget.left, rounds=sizes.rounds)
    measured.weights, measured.ledger = world.weigh(month), world.recorded(month)


def _again(of: World, name: str, measured: Measured, budget: Budget) -> None:
    runners = {name: world.rerunning(of)}
    measured.samples |= race(runners, until=lambda: budget.left, rounds=measured.sizes.rounds)


def _against_two(folder: Path, month: World, measured: Measured, budget: Budget) -> None:
    if len(usable_cores()) < 2:
        measured.notes.append("two workers need two cores: not measured")
        return
    share = budget.left * _FOR_SCALING
    size = _affordable(measured, measured.sizes.scaling, share, per_size=3.0)
    if size < _FEWEST:
        measured.notes.append("nothing of the budget was left for two workers: not measured")
        return
    many = month if size == month.merchants else world.build(folder / "scaling", size)
    # Both with the machine to themselves, as a user would type it.
    runners = {
        "one worker": world.reporting(many, workers=1, one_core=False),
        "two workers": world.reporting(many, workers=2, one_core=False),
    }
    until = budget.left - share
    measured.samples |= race(
        runners, until=lambda: budget.left - until, rounds=measured.sizes.rounds
    )


def _against_large(folder: Path, month: World, measured: Measured, budget: Budget) -> None:
    share = (budget.left - _FOR_RERUNS_SECONDS * measured.is_thorough) * _FOR_LARGE
    size = _affordable(measured, measured.sizes.large, share, per_size=1.0)
    if size <= month.merchants:
        measured.notes.append("nothing of the budget was left for a large month: not measured")
        return
    large = world.build(folder / "large", size)
    runners = {"large": world.reporting(large, watch=True)}
    if measured.is_thorough:
        small = world.build(folder / "small", measured.sizes.small)
        runners = {"small": world.reporting(small, watch=True), **runners}
    measured.samples |= race(
        runners, until=lambda: budget.left - _FOR_RERUNS_SECONDS, rounds=measured.sizes.rounds
    )
    measured.samples.setdefault("small", measured.samples["kit"])
    _again(large, "again at large", measured, budget)


def _affordable(measured: Measured, size: int, seconds: float, per_size: float) -> int:
    """Return the size, or as much of it as the seconds allow, and note that it was cut."""
    cost = each(measured.samples["kit"]) * (per_size if measured.is_thorough else 1.0)
    allowed = max(1, int(seconds / cost))
    if allowed >= size:
        return size
    measured.notes.append(f"{size:,} merchants were cut to {allowed:,} by the budget")
    return allowed


def _programmes(rows: int) -> list[dict[str, Any]]:
    command = [*world.KIT[:1], "-m", "tests.bench.programmes", "--rows", str(rows), "--json"]
    made = run(command, home=ROOT, cwd=ROOT, cores=usable_cores()[-1:])
    found: list[dict[str, Any]] = json.loads(made.output.splitlines()[-1])
    return found

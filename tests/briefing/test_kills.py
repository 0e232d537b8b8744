"""Whatever is killed or stopped, whenever: the next run ends as one that nothing happened to."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.briefing.faults import Runs, children_of, done, wait_for, workers_of
from tests.briefing.world import MONTH, World

pytestmark = pytest.mark.slow

MERCHANTS = [f"M{number}" for number in range(6)]
# Long enough to be hit, and the same page as without it.
A_WHILE = "import time\ntime.sleep(0.15)"
# 50 in all.
RUN_KILLS, WORKER_KILLS, CHILD_KILLS = 20, 15, 15
# What a shell reports of a program that Ctrl-C ended: 128 and SIGINT.
ABORTED = 130


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    world = World(tmp_path_factory.mktemp("kills"))
    for merchant in MERCHANTS:
        world.merchant(merchant, f"Name of {merchant}")
        world.sale(merchant, f"{merchant[1:]}00.10")
        world.trouble(merchant, A_WHILE)
    return Runs(world)


@pytest.fixture(scope="module")
def took(runs: Runs) -> float:
    """How many seconds a run takes that nothing happens to."""
    began = time.monotonic()
    code, said = runs.whole("whole")
    assert code == 0, said
    runs.assert_nothing_left("whole")
    return time.monotonic() - began


def assert_completed(runs: Runs, out: str) -> None:
    code, said = runs.whole(out)
    assert code == 0, said
    assert runs.outcome(out) == runs.outcome("whole")
    runs.assert_nothing_left(out)


@pytest.mark.parametrize("seed", range(2))
def test_a_run_killed_at_any_moment(runs: Runs, took: float, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - to be the same again
    out = f"run-{seed}"
    for _ in range(RUN_KILLS // 2):
        with runs.start(out) as run:
            time.sleep(chance.uniform(0.3, took))
            run.kill()
            run.communicate()
        if chance.random() < 0.5:  # else the next one meets what is left of this one
            runs.wait_until_gone()
    assert_completed(runs, out)


WHEN_WRITTEN = """
import os, tempfile
changed = os.stat(os.environ["TMPDIR"]).st_mtime_ns
with open("../../changed", "a") as seen:
    print(changed, tempfile.gettempdir(), file=seen)
"""


@pytest.mark.usefixtures("took")
def test_no_page_writes_into_the_temporary_folder(runs: Runs) -> None:
    # Where it is is tried by writing a file, and a page may be killed before it removes that.
    for merchant in MERCHANTS:
        runs.world.trouble(merchant, WHEN_WRITTEN)
    with runs.start("tried", workers=1) as run:
        _, said = run.communicate(timeout=60)
    assert run.returncode == 0, said
    seen = (runs.world.root / "changed").read_text("utf-8").splitlines()
    assert len(seen) >= len(MERCHANTS)
    # The worker tried it, once.
    assert len(set(seen)) == 1
    assert seen[0].endswith(f" {runs.temporary}")
    for merchant in MERCHANTS:
        runs.world.trouble(merchant, A_WHILE)


STRAYS = """
import os, subprocess, time
if os.fork() == 0:
    os.setsid()
    Path("../../trouble/stray").touch()
    time.sleep(1000)
subprocess.Popen(["sleep", "1000"], start_new_session=True)
time.sleep(15)
"""


Ending = Callable[[psutil.Process], object]
# What ends a run, or a worker of it → whether the run goes on without it.
ENDINGS: dict[str, tuple[Ending, bool]] = {
    "the run is killed": (lambda run: run.kill(), False),
    "Ctrl-C": (lambda run: os.killpg(run.pid, signal.SIGINT), False),
    "the run is told to end": (lambda run: run.terminate(), False),
    "its worker is killed": (lambda run: workers_of(run)[0].kill(), True),
    "its worker is told to end": (lambda run: workers_of(run)[0].terminate(), True),
}


@pytest.mark.usefixtures("took")
@pytest.mark.parametrize(("ending", "goes_on"), ENDINGS.values(), ids=ENDINGS)
def test_what_a_cell_started_ends_with_its_worker(
    runs: Runs, ending: Ending, goes_on: bool
) -> None:
    out = f"strays-{len(list(runs.world.root.iterdir()))}"
    stray = runs.world.trouble_folder / "stray"
    stray.unlink(missing_ok=True)
    runs.world.trouble("M0", STRAYS)
    with runs.start(out, workers=1) as run:
        wait_for(stray.exists, "the cell has begun")
        wait_for(lambda: "sleep" in {process.name() for process in runs.processes()}, "all of it")
        ending(psutil.Process(run.pid))
        if goes_on:
            wait_for(lambda: run.poll() is not None, "the run is at its end", 60)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 1 if goes_on else run.returncode not in (0, 1), said
    runs.wait_until_gone(20)
    runs.world.trouble("M0", A_WHILE)


Victims = Callable[[psutil.Process], list[psutil.Process]]


@pytest.mark.parametrize(
    ("victims", "kills", "pause"),
    [(workers_of, WORKER_KILLS, 1.2), (children_of, CHILD_KILLS, 0.3)],
)
@pytest.mark.usefixtures("took")
def test_workers_and_children_killed_at_any_moment(
    runs: Runs, victims: Victims, kills: int, pause: float
) -> None:
    chance = random.Random(kills)  # noqa: S311 - to be the same again
    killed, outs = 0, []
    while killed < kills:
        outs.append(f"{victims.__name__}-{len(outs)}")
        with runs.start(outs[-1]) as run:
            killed += kill_some(psutil.Process(run.pid), victims, kills - killed, pause, chance)
            _, said = run.communicate(timeout=60)
        # The run itself comes to its end: what was killed took no page but its own.
        assert run.returncode in (0, 1), said
        assert "Traceback" not in said, said
    assert killed == kills
    for out in outs:
        assert_completed(runs, out)


def kill_some(
    run: psutil.Process, victims: Victims, most: int, pause: float, chance: random.Random
) -> int:
    """Kill one now and then until the run ends; return how many."""
    killed = 0
    while killed < most and run.is_running() and run.status() != psutil.STATUS_ZOMBIE:
        time.sleep(chance.uniform(0, pause))
        try:
            found = victims(run)
            if found:
                chance.choice(found).kill()
                killed += 1
        except psutil.NoSuchProcess:
            continue
    return killed


# --- Ctrl-C -------------------------------------------------------------------------------------


@pytest.fixture
def unfinished(runs: Runs, took: float) -> Iterator[None]:
    """One merchant's page takes so long that no run is at its end when Ctrl-C comes."""
    runs.world.trouble(MERCHANTS[-1], "import time\ntime.sleep(15)")
    yield
    runs.world.trouble(MERCHANTS[-1], A_WHILE)


@pytest.mark.usefixtures("unfinished")
def test_ctrl_c_puts_on_record_what_is_made_and_ends(runs: Runs) -> None:
    month = runs.out("once") / MONTH

    def pages() -> list[Path]:
        return [*month.glob("m/*/*.html"), *month.glob("portfolio.*.html")]

    with runs.start("once") as run:
        # Not all of them are on record yet: it is written every half second.
        wait_for(lambda: len(pages()) >= 4, "four pages are made")
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does it: to all that are in its group
        _, said = run.communicate(timeout=30)
    assert run.returncode == ABORTED, said
    assert "Traceback" not in said
    assert 4 <= len(pages()) <= len(MERCHANTS)  # and the portfolio; not the page that takes long
    assert done(runs.out("once")) == len(pages())
    listed = (month / "index.html").read_text("utf-8")
    made = {page.parent.name.rpartition("-")[0] for page in month.glob("m/*/*.html")}
    assert {merchant for merchant in MERCHANTS if f'href="m/{merchant}-' in listed} == made
    assert sorted(path.name for path in runs.temporary.iterdir()) == []
    assert runs.processes() == []
    runs.world.trouble(MERCHANTS[-1], A_WHILE)
    assert_completed(runs, "once")


@pytest.mark.usefixtures("unfinished")
@pytest.mark.parametrize("between", [0.02, 0.2])
def test_ctrl_c_twice_ends_at_once(runs: Runs, between: float) -> None:
    out = f"twice-{between}"
    with runs.start(out) as run:
        wait_for(lambda: done(runs.out(out)) >= 1, "a page is made")
        os.killpg(run.pid, signal.SIGINT)
        time.sleep(between)
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGINT)
        began = time.monotonic()
        run.communicate(timeout=30)
    assert run.returncode != 0
    assert time.monotonic() - began < 10  # the page that is under way takes 15
    runs.wait_until_gone()
    runs.world.trouble(MERCHANTS[-1], A_WHILE)
    assert_completed(runs, out)


# --- two at once --------------------------------------------------------------------------------


@pytest.mark.usefixtures("took")
def test_a_second_run_of_the_month_is_refused_until_the_first_is_gone(runs: Runs) -> None:
    out = "two"
    with runs.start(out) as first:
        wait_for(lambda: done(runs.out(out)) >= 1, "a page is made")
        first.send_signal(signal.SIGSTOP)
        code, said = runs.whole(out)
        assert code == 3
        assert f"process {first.pid} on " in said
        assert "Traceback" not in said
        first.kill()
        first.communicate()
    # What the killed one says of itself lies there yet, and is no obstacle.
    note = runs.out(out) / MONTH / "_team" / "run.json"
    assert f'"pid": {first.pid}' in note.read_text()
    assert_completed(runs, out)

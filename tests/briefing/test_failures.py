"""Whatever goes wrong with one merchant is that merchant's; what was killed can be completed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from merchantkit.briefing import Limits, forked, status, verify, worker
from merchantkit.briefing.engine import child
from merchantkit.briefing.failures import Failure, NotBegun, machine_paths, one_line
from merchantkit.briefing.head import Head
from merchantkit.briefing.job import NOBODYS, Job, Made, Slip
from merchantkit.briefing.ledger import open_ledger
from merchantkit.briefing.pool import run_jobs
from merchantkit.briefing.verification import verify_page
from merchantkit.errors import ReportError, RunLocked
from tests.briefing.world import MONTH, World

pytestmark = pytest.mark.slow

TROUBLES = {
    "raises": ("raise ValueError('see \\x1b[31m' + __import__('os').getcwd())", "cell_error"),
    "exits": ("import sys\nsys.exit(0)", "cell_exit"),
    "exits3": ("import sys\nsys.exit(3)", "cell_exit"),
    "dies": ("import os\nos._exit(0)", "kernel_died"),
    "spins": ("while True: pass", "cell_timeout"),
    # A kernel's parent is the worker.
    "murders": ("import os\nos.kill(os.getppid(), 9)", "worker_died"),
    "chartless": ("charts = 0", "not_verified"),
    "unescaped": ("display(HTML('<img src=x onerror=alert(1)>'))", "not_verified"),
    "names_path": ("import sys\nprint(sys.prefix)", "not_verified"),
}
GOOD = ["good", "warns"]
QUICK = Limits(cell=4, notebook=30)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("failures"))
    for merchant in [*TROUBLES, *GOOD]:
        made.merchant(merchant)
    for merchant, (code, _) in TROUBLES.items():
        made.trouble(merchant, code)
    made.trouble("warns", "import sys\nprint(sys.prefix, 'is old', file=sys.stderr)")
    result = made.report(limits=QUICK)
    assert result.exit_code == 1
    assert result.executed == len(TROUBLES) + len(GOOD) + 1
    return made


def test_each_failure_is_a_row_with_its_reason_and_the_rest_finish(world: World) -> None:
    records = {r["merchant_id"]: r for r in status(MONTH, out=world.out)}
    assert {m: r["state"] for m, r in records.items()} == {
        **dict.fromkeys(TROUBLES, "failed"),
        **dict.fromkeys(GOOD, "done"),
    }
    codes = {m: str(records[m]["reason"]).split(":")[0] for m in TROUBLES}
    assert codes == {merchant: code for merchant, (_, code) in TROUBLES.items()}
    assert "ValueError: see …" in records["raises"]["reason"]
    assert "charts 0/1" in records["chartless"]["reason"]
    assert "foreign_handler onerror" in records["unescaped"]["reason"]
    assert "machine_path" in records["names_path"]["reason"]


def test_a_failure_leaves_no_page_at_all(world: World) -> None:
    made = {path.parent.name.rpartition("-")[0] for path in world.month.glob("m/*/*")}
    assert made == set(GOOD)
    assert not (world.month / "_team" / "tmp").exists()
    records = {r["merchant_id"]: r for r in status(MONTH, out=world.out)}
    assert records["raises"]["html"] is records["raises"]["ipynb"] is None


def test_the_traceback_is_for_the_team(world: World) -> None:
    logs = {f.name.split("-")[0]: f.read_text() for f in (world.month / "_team/log").iterdir()}
    assert set(logs) == {*TROUBLES, "warns"}
    assert "ValueError" in logs["raises"]
    assert f"{sys.prefix} is old" in logs["warns"]
    assert sys.prefix not in world.page("warns").read_text()
    assert sys.prefix not in world.page("warns").with_suffix(".ipynb").read_text()


def test_the_months_page_lists_failures_with_their_reason(world: World) -> None:
    index = (world.month / "index.html").read_text("utf-8")
    assert index.count('class="mk-failure"') == len(TROUBLES)
    assert "计算出错" in index
    assert "The kernel died" in index
    assert str(world.root) not in index
    assert sum(not r["ok"] for r in verify(MONTH, out=world.out)) == len(TROUBLES)


def test_the_next_run_makes_what_failed_and_only_that(world: World) -> None:
    for merchant in TROUBLES:
        world.trouble(merchant, "")
    result = world.report(limits=QUICK)
    assert (result.executed, result.exit_code) == (len(TROUBLES), 0)
    assert {r["state"] for r in status(MONTH, out=world.out)} == {"done"}
    assert [r for r in verify(MONTH, out=world.out) if not r["ok"]] == []


def test_a_later_failure_leaves_the_earlier_page_whole(world: World) -> None:
    page = world.page("good")
    before = page.read_bytes()
    world.merchant("good", "New name")
    world.trouble("good", "1 / 0")
    result = world.report(limits=QUICK)
    assert [entry.merchant_id for entry in result.failures] == ["good"]
    assert page.read_bytes() == before
    (record,) = (r for r in status(MONTH, out=world.out) if r["merchant_id"] == "good")
    assert record["state"] == "failed"
    assert record["html"] is not None
    assert "earlier version" in (world.month / "index.html").read_text("utf-8")
    world.trouble("good", "")
    assert world.report().exit_code == 0
    assert "New name" in page.read_text("utf-8")


def test_a_notebook_as_a_whole_has_a_limit(world: World) -> None:
    world.merchant("slow")
    world.trouble("slow", "import time\ntime.sleep(6)")
    result = world.report(limits=Limits(cell=20, notebook=3))
    assert [entry.reason for entry in result.failures] == ["notebook_timeout"]
    world.trouble("slow", "")
    assert world.report().exit_code == 0


SHORT = """
import time
with open("../../ran", "a") as file:
    file.write("x")
time.sleep(0.9)
"""


@pytest.mark.parametrize("stock_kernels", [False, True])
def test_so_has_one_of_many_short_cells(world: World, *, stock_kernels: bool) -> None:
    file = world.notebooks / "briefing.ipynb"
    before = file.read_text("utf-8")
    notebook = nbformat.reads(before, as_version=4)
    short = [new_code_cell(SHORT) for _ in range(15)]
    notebook.cells[-1:-1] = short  # before the sentinel
    nbformat.write(notebook, file)
    result = world.report(
        limits=Limits(cell=5, notebook=4), merchants=["good"], stock_kernels=stock_kernels
    )
    file.write_text(before, "utf-8")
    (failed,) = (entry for entry in result.failures if entry.merchant_id == "good")
    assert (failed.reason, failed.detail) == ("notebook_timeout", "4 s")
    ran = world.root / "ran"
    assert 1 <= len(ran.read_text()) < len(short)
    ran.unlink()
    assert world.report().exit_code == 0


def test_a_page_that_cannot_be_put_in_its_place_is_that_merchants_failure(world: World) -> None:
    # Works for root, too, whom no permission stops: a folder lies where the page should go.
    world.merchant("blocked")
    world.page("blocked").mkdir(parents=True)
    (world.page("blocked") / "x").touch()
    result = world.report()
    assert [(e.merchant_id, e.reason) for e in result.failures] == [("blocked", "not_written")]
    assert str(world.root) not in result.failures[0].detail
    (world.page("blocked") / "x").unlink()
    world.page("blocked").rmdir()
    assert world.report().exit_code == 0


RUN = """
import signal
# A shell that starts this in the background would have Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
import sys
from pathlib import Path
from merchantkit.briefing import Limits, report, tasks
from merchantkit.briefing.progress import Lines
tasks.kit_digest = lambda: "kit"
if __name__ == "__main__":
    root = Path(sys.argv[1])
    report("2021-05", warehouse=root / "facts.duckdb", out=root / "reports", workers=2,
           notebooks=root / "notebooks", progress=Lines(), limits=Limits(cell=30, notebook=60))
"""
SLOWLY = """
import os, time
(Path("../../trouble") / f"pid-{os.getpid()}").touch()
time.sleep(1.0)
"""


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_run_stopped_in_the_middle_is_completed_by_the_next(
    tmp_path: Path, blow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two processes, and in a checkout somebody may save a file of the kit between them.
    monkeypatch.setattr("merchantkit.briefing.tasks.kit_digest", lambda: "kit")
    world = World(tmp_path / "w")
    merchants = [f"M{number}" for number in range(7)]
    for merchant in merchants:
        world.merchant(merchant)
        world.trouble(merchant, SLOWLY)
    command = [sys.executable, "-c", RUN, str(world.root)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as other:
        done = _wait_for_pages(world, 2)
        # While it runs, the month is its own, and anyone may still ask how it stands.
        with pytest.raises(RunLocked, match=f"process {other.pid} ") as locked:
            world.report()
        assert locked.value.exit_code == 3
        assert {"done", "pending"} <= {r["state"] for r in status(MONTH, out=world.out)}
        other.send_signal(blow)
        _, said = other.communicate(timeout=30)
    assert other.returncode != 0
    assert "7 pages" not in said  # seven briefings and the portfolio were to be made
    _assert_kernels_gone(world)
    for page in world.month.glob("m/*/*.html"):
        assert verify_page(page.read_bytes()).problems == ()
    for merchant in merchants:
        world.trouble(merchant, "")
    result = world.report()
    assert result.exit_code == 0
    assert 0 < result.executed <= len(merchants) + 1 - done
    assert {r["state"] for r in status(MONTH, out=world.out)} == {"done"}
    assert [r for r in verify(MONTH, out=world.out) if not r["ok"]] == []
    team = {path.name for path in (world.month / "_team").iterdir()}
    assert not {name for name in team if "tmp" in name or "journal" in name or "run.json" in name}
    assert world.report().executed == 0


def _wait_for_pages(world: World, wanted: int) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(Exception),
            open_ledger(world.month / "_team/ledger.sqlite") as ledger,
        ):
            done = sum(entry.state == "done" for entry in ledger.entries().values())
            if done >= wanted:
                return done
        time.sleep(0.1)
    raise AssertionError("the run made nothing")


def _assert_kernels_gone(world: World) -> None:
    pids = [int(f.name.split("-")[1]) for f in world.trouble_folder.glob("pid-*")]
    assert pids
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if not any(_runs(pid) for pid in pids):
            return
        time.sleep(0.2)
    raise AssertionError("kernels outlived their run")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie that nobody here can reap has ended, too.
    with contextlib.suppress(OSError):
        return " Z " not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:4] + " "
    return True


def test_a_pool_that_cannot_even_start_fails_its_jobs_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A project root that is gone: every worker's first step raises.
    monkeypatch.setattr("merchantkit.briefing.worker.prepare", _Broken())
    job = Job(
        ("briefing", "a", "zh"), tmp_path / "none.ipynb", {}, Head("zh", "t", ""), tmp_path,
        tmp_path / "scratch", QUICK,
    )  # fmt: skip
    made = list(run_jobs([job], 1))
    assert [(m.key, m.failure) for m in made] == [(job.key, Failure.WORKER_DIED)]


@pytest.mark.parametrize("rehearsals", [None, []])
def test_workers_that_cannot_be_made_ready_end_the_run_with_the_reason(
    rehearsals: list[Job] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("merchantkit.briefing.worker.prepare", _Unready())
    jobs = [
        Job(("briefing", str(n), "zh"), tmp_path / "none.ipynb", {}, Head("zh", "t", ""), tmp_path,
            tmp_path / f"scratch{n}", QUICK)
        for n in range(40)
    ]  # fmt: skip
    with pytest.raises(ReportError, match="No module named 'gone'") as refused:
        list(run_jobs(jobs, 1, rehearsals))
    assert refused.value.remedy
    assert "Traceback" not in capfd.readouterr().err


class _Unready:
    """A worker's first step, which fails as it does where a library is not to be had."""

    def __call__(self, *given: object) -> None:
        worker._prepare = _fail
        _PREPARE(*given)


def _fail(*_: object) -> None:
    import gone  # noqa: F401


_PREPARE = worker.prepare


class _Broken:
    """A worker's first step, which ends the worker."""

    def __call__(self, *_: object) -> None:
        os._exit(7)


@pytest.mark.parametrize(("refused", "failure"), [(2, None), (3, Failure.NO_ROOM)])
def test_a_page_for_which_there_was_no_room_is_tried_up_to_three_times(
    refused: int, failure: Failure | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchantkit.briefing.worker.prepare", _Ready())
    monkeypatch.setattr("merchantkit.briefing.worker.fork", _Full(tmp_path / "tries", refused))
    job = Job(
        ("briefing", "a", "zh"), tmp_path / "none.ipynb", {}, Head("zh", "t", ""), tmp_path,
        tmp_path / "scratch", QUICK,
    )  # fmt: skip
    made = list(run_jobs([job], 1, rehearsals=[]))
    assert [(m.key, m.failure) for m in made] == [(job.key, failure)]
    assert len((tmp_path / "tries").read_text()) == 3


class _Ready:
    """A worker's first step, with nothing to be done."""

    def __call__(self, *_: object) -> None:
        pass


class _Full:
    """A worker that finds no room for a child so many times, and then makes the page."""

    def __init__(self, tries: Path, refused: int) -> None:
        self.tries, self.refused = tries, refused

    def __call__(self, slip: Slip) -> Made:
        with self.tries.open("a") as file:
            file.write("x")
        if self.tries.stat().st_size <= self.refused:
            raise NotBegun("[Errno 11] Resource temporarily unavailable")
        return Made(NOBODYS, 0.0)


def test_a_worker_says_that_there_was_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(child.os, "fork", full)
    with pytest.raises(NotBegun, match="Resource temporarily unavailable"):
        forked._watched(lambda _: None, QUICK)


def test_a_reason_is_one_short_line_without_paths_or_commands_to_a_terminal() -> None:
    text = f"in {Path.cwd()}/x.py\n\x1b[31mred\x1b[0m\x07 " + "y" * 500
    line = one_line(text, machine_paths(Path.cwd()))
    assert line.startswith("in …/x.py red y")
    assert len(line) == 200
    assert json.dumps(line).isascii() or "…" in line


def test_what_was_made_is_plain_data() -> None:
    made = Made(("briefing", "a", "zh"), 1.0)
    assert (made.failure, made.log) == (None, "")

"""A run on a cluster: equal to a local one, and what becomes of it when something is lost."""

import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from distributed import Client

import merchantkit
from merchantkit.briefing import RunResult, report, status
from merchantkit.briefing.cluster.parcels import Order
from merchantkit.briefing.ledger import open_ledger
from merchantkit.briefing.places import places
from merchantkit.briefing.progress import Silent
from merchantkit.errors import ReportError
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from tests.briefing.faults import workers_of
from tests.cluster.here import Heard, cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MONTH, MERCHANTS = "2021-05", 30


class AtPage(Heard):
    """Does something once a run has made so many pages."""

    def __init__(self, number: int, do: Callable[[], object]) -> None:
        super().__init__()
        self.number, self.do, self.pages = number, do, 0

    def made(self, name: str, failure: str = "") -> None:
        self.pages += 1
        if self.pages == self.number:
            self.do()


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("facts") / "merchants.duckdb"
    demo.fill(Warehouse.open(file, create=True), merchants=MERCHANTS)
    return file


def run(facts: Path, out: Path, scheduler: str | None, progress: Silent | None = None) -> RunResult:
    return report(
        MONTH, warehouse=facts, out=out, scheduler=scheduler, workers=1,
        progress=progress or Silent(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def local_out(facts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run on this machine alone put what it made."""
    out = tmp_path_factory.mktemp("local")
    assert run(facts, out, None).exit_code == 0
    return out


@pytest.fixture(scope="module")
def local(local_out: Path) -> dict[str, bytes]:
    """What a run on this machine alone makes."""
    return pages(local_out)


def pages(out: Path) -> dict[str, bytes]:
    month = out / MONTH
    found = [*month.glob("m/*/*"), *month.glob("portfolio.*.html"), month / "index.html"]
    assert len(found) == 2 * MERCHANTS + 2
    return {str(file.relative_to(month)): file.read_bytes() for file in found}


def recorded(out: Path) -> dict[tuple[str, str, str], dict[str, object]]:
    """Return what the ledger holds of every page, but for the time that it took."""
    timed = {"seconds", "phases"}
    with open_ledger(places(MONTH, out).ledger) as ledger:
        entries = ledger.entries()
    assert len(entries) == MERCHANTS + 1
    return {
        key: {name: value for name, value in asdict(entry).items() if name not in timed}
        for key, entry in entries.items()
    }


@contextlib.contextmanager
def meanwhile(do: Callable[[threading.Event], object]) -> Iterator[None]:
    """Do something beside; it is told when to stop."""
    over = threading.Event()
    beside = threading.Thread(target=do, args=(over,))
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def test_a_cluster_makes_what_one_machine_makes(
    facts: Path, local_out: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    with cluster(tmp_path / "cluster", workers=1) as there:
        there.worker(nanny=True)
        heard = AtPage(0, lambda: None)
        made = run(facts, tmp_path / "out", there.address, heard)
        assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
        assert pages(tmp_path / "out") == local
        assert recorded(tmp_path / "out") == recorded(local_out)
        assert heard.notes == [f"2 workers of {there.address} make the briefings"]
        # Nothing is left on the workers, and a rerun asks nobody for anything.
        assert there.left() == []
        again = run(facts, tmp_path / "out", there.address, idle := Heard())
    assert (again.executed, again.kept, idle.notes) == (0, MERCHANTS + 1, [])


def test_a_worker_makes_itself_ready_once(facts: Path, tmp_path: Path) -> None:
    ready: list[list[int]] = []
    with cluster(tmp_path / "cluster", workers=0) as there:
        worker = psutil.Process(there.worker().pid)

        class EachPage(AtPage):
            def made(self, name: str, failure: str = "") -> None:
                ready.append([process.pid for process in workers_of(worker)])

        made = run(facts, tmp_path / "out", there.address, EachPage(0, lambda: None))
    assert made.exit_code == 0
    # The portfolio is the run's own to make, when the last page is back.
    assert len(ready) == MERCHANTS + 1
    assert len(ready[0]) == 1
    assert ready[1:MERCHANTS] == ready[:1] * (MERCHANTS - 1)


def test_a_worker_that_is_killed_loses_nothing(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    held: list[str] = []
    with cluster(tmp_path / "cluster", workers=1) as there:
        before = there.workers()
        victim = there.worker()
        (address,) = set(there.workers()) - set(before)

        def kill() -> None:
            with Client(there.address, set_as_default=False) as client:
                held.extend(client.processing()[address])
            os.kill(victim.pid, signal.SIGKILL)

        made = run(facts, tmp_path / "out", there.address, AtPage(5, kill))
        assert there.workers() == before
    assert held  # it had something to lose
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    assert pages(tmp_path / "out") == local


def test_a_process_of_a_worker_that_is_killed_loses_nothing(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    with cluster(tmp_path / "cluster", workers=0) as there:
        worker = psutil.Process(there.worker().pid)
        killed: list[int] = []

        def kill() -> None:
            for process in worker.children():
                if "resource_tracker" not in " ".join(process.cmdline()):
                    killed.append(process.pid)
                    process.kill()

        made = run(facts, tmp_path / "out", there.address, AtPage(5, kill))
    assert killed
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    assert pages(tmp_path / "out") == local


def test_a_worker_that_is_frozen_holds_nobody_up(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    with cluster(tmp_path / "cluster", workers=1) as there:
        frozen = there.worker()
        heard = AtPage(4, lambda: os.kill(frozen.pid, signal.SIGSTOP))
        made = run(facts, tmp_path / "out", there.address, heard)
        # It is still: what it had was made by the other.
        assert psutil.Process(frozen.pid).status() == psutil.STATUS_STOPPED
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    assert pages(tmp_path / "out") == local


def test_a_worker_that_is_slow_is_waited_for(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    with cluster(tmp_path / "cluster", workers=1) as there:
        slow = psutil.Process(there.worker().pid)

        def slow_down(over: threading.Event) -> None:
            while not over.wait(0.2):  # a quarter of the time is its own
                slow.suspend()
                over.wait(0.6)
                slow.resume()

        with meanwhile(slow_down):
            made = run(facts, tmp_path / "out", there.address)
        assert len(there.workers()) == 2
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    assert pages(tmp_path / "out") == local


def test_a_worker_that_fails_at_every_page_takes_none_with_it(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    killed: set[int] = set()
    with cluster(tmp_path / "cluster", workers=1) as there:
        bad = psutil.Process(there.worker().pid)

        def kill(over: threading.Event) -> None:
            while not over.wait(0.1):
                for process in workers_of(bad):
                    with contextlib.suppress(psutil.Error):
                        process.kill()
                        killed.add(process.pid)

        with meanwhile(kill):
            made = run(facts, tmp_path / "out", there.address)
    # More often than any page is tried.
    assert len(killed) > 3
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    assert pages(tmp_path / "out") == local


def test_a_run_that_is_interrupted_leaves_its_cluster_to_the_next(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with cluster(tmp_path / "cluster", workers=1) as there:
        with pytest.raises(KeyboardInterrupt):
            run(facts, tmp_path / "out", there.address, AtPage(3, interrupt))
        made = run(facts, tmp_path / "out", there.address)
        assert there.left() == []
    assert made.kept >= 3
    assert (made.executed + made.kept, made.exit_code) == (MERCHANTS + 1, 0)
    assert pages(tmp_path / "out") == local


def test_a_run_goes_on_after_its_scheduler_is_gone(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    with cluster(tmp_path / "cluster") as there:
        heard = AtPage(6, lambda: os.kill(there.scheduler.pid, signal.SIGKILL))
        with pytest.raises(ReportError, match="the scheduler is gone"):
            run(facts, tmp_path / "out", there.address, heard)
    states = [record["state"] for record in status(MONTH, out=tmp_path / "out")]
    done = states.count("done")
    assert 6 <= done < MERCHANTS
    assert set(states) == {"done", "pending"}
    made = run(facts, tmp_path / "out", None)
    assert (made.executed, made.kept) == (MERCHANTS + 1 - done, done)
    assert pages(tmp_path / "out") == local


def another_kit(folder: Path) -> Path:
    """Return a folder with a kit that differs by a remark."""
    shutil.copytree(Path(merchantkit.__file__).parent, folder / "merchantkit")
    with (folder / "merchantkit" / "errors.py").open("a") as file:
        file.write("# changed\n")
    return folder


def test_workers_with_another_kit_are_refused(facts: Path, tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", workers=1) as there:
        there.worker(path=another_kit(tmp_path / "other"))
        with pytest.raises(ReportError, match="another kit than this run's: other files") as told:
            run(facts, tmp_path / "out", there.address)
    assert told.value.count == 1
    assert {record["state"] for record in status(MONTH, out=tmp_path / "out")} == {"pending"}


def test_a_worker_that_joins_with_another_kit_is_given_nothing(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    other = another_kit(tmp_path / "other")
    with cluster(tmp_path / "cluster", workers=1) as there:
        heard = AtPage(2, lambda: there.worker(path=other))
        made = run(facts, tmp_path / "out", there.address, heard)
        # It is not this run's to close: others may be at work on it.
        assert len(there.workers()) == 2
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    why = f"it has another kit: other files of merchantkit {merchantkit.__version__} ("
    assert len([note for note in heard.notes if why in note]) == 1
    assert pages(tmp_path / "out") == local


def test_an_output_that_cannot_be_reached_is_told_before_a_worker_is_asked(
    facts: Path, tmp_path: Path
) -> None:
    occupied = tmp_path / "out"
    occupied.write_text("a file")
    with (
        cluster(tmp_path / "cluster", workers=0) as there,  # which would be told of first
        pytest.raises(ReportError, match="the reports cannot be written") as told,
    ):
        run(facts, occupied, there.address)
    assert told.value.remedy
    nobody = "tcp://127.0.0.1:1"
    with pytest.raises(ReportError, match="pages cannot be put"):
        report(
            MONTH, warehouse=facts, out=tmp_path / "other", scheduler=nobody, workers=1,
            progress=Silent(), publish="file:///proc/nowhere",
        )  # fmt: skip
    assert not (tmp_path / "other").exists()


def test_an_output_that_is_lost_while_a_cluster_works(
    facts: Path, local: dict[str, bytes], tmp_path: Path
) -> None:
    """What comes back finds no place: those pages fail by name, and a rerun makes them."""
    where = places(MONTH, tmp_path / "out")

    def lose() -> None:
        (folder,) = where.scratch.glob("pages-*")
        shutil.rmtree(folder)
        folder.write_text("no folder any more")

    with cluster(tmp_path / "cluster", workers=1) as there:
        with pytest.raises(ReportError, match="the reports cannot be written"):
            run(facts, tmp_path / "out", there.address, AtPage(5, lose))
        states = [record["state"] for record in status(MONTH, out=tmp_path / "out")]
        reasons = {record["reason"].split(":")[0] for record in status(MONTH, out=tmp_path / "out")
                   if record["state"] == "failed"}  # fmt: skip
        # The briefings that came back are on record; the portfolio could not even be begun.
        assert (states.count("done"), reasons) == (5, {"not_written"})
        made = run(facts, tmp_path / "out", there.address)
    assert (made.executed, made.kept, made.exit_code) == (MERCHANTS + 1 - 5, 5, 0)
    assert pages(tmp_path / "out") == local


def test_an_order_shows_nobody_who_logs_it_whose_it_is() -> None:
    assert repr(Order(None, {"slices": b"M-canary"})) == "Order()"  # type: ignore[arg-type]


def test_a_cluster_that_is_not_there_or_has_nobody(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchantkit.briefing.cluster.address.CONNECT_SECONDS", 1.0)
    monkeypatch.setattr("merchantkit.briefing.cluster.dispatch._ALONE_SECONDS", 1.0)
    with pytest.raises(ReportError, match="no scheduler answers"):
        run(facts, tmp_path / "out", "tcp://127.0.0.1:1")
    assert not (tmp_path / "out").exists()  # told before the month was computed
    with (
        cluster(tmp_path / "cluster", workers=0) as there,
        pytest.raises(ReportError, match="has had no worker for 1 s"),
    ):
        run(facts, tmp_path / "out", there.address)

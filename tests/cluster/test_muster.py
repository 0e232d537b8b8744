"""Who of a cluster makes a run's pages: one that is silent is left out, and the rest go on."""

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from merchantkit.briefing import RunResult, report
from merchantkit.briefing.cluster.muster import Muster
from merchantkit.errors import ReportError
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from tests.cluster.here import ClusterHere, Heard, cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Longer than any run: Dask gives nobody up here.
PATIENT = "1 hour"


MONTH, MERCHANTS = "2021-05", 8


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("facts") / "merchants.duckdb"
    demo.fill(Warehouse.open(file, create=True), merchants=MERCHANTS)
    return file


def run(facts: Path, out: Path, there: ClusterHere, heard: Heard | None = None) -> RunResult:
    return report(
        MONTH, warehouse=facts, out=out, scheduler=there.address, workers=1,
        progress=heard or Heard(),
    )  # fmt: skip


@pytest.mark.parametrize("asked", ["refuse_other_kits", "make_ready"])
def test_a_worker_that_is_frozen_is_left_out_by_name_and_the_others_go_on(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr("merchantkit.briefing.cluster.muster._ANSWER_SECONDS", 15.0)
    ask = getattr(Muster, asked)
    heard = Heard()
    with cluster(tmp_path / "cluster", workers=1, ttl=PATIENT) as there:
        before = there.workers()
        frozen = there.worker()
        (name,) = set(there.workers()) - set(before)

        def ask_when_frozen(muster: Muster, *given: Any) -> None:
            os.kill(frozen.pid, signal.SIGSTOP)
            ask(muster, *given)

        monkeypatch.setattr(Muster, asked, ask_when_frozen)
        made = run(facts, tmp_path / "out", there, heard)
        # It is still, and Dask still counts on it.
        assert psutil.Process(frozen.pid).status() == psutil.STATUS_STOPPED
        assert set(there.workers()) == {*before, name}
        assert there.left() == []
    assert (made.executed, made.exit_code) == (MERCHANTS + 1, 0)
    assert heard.notes == [
        f"{name} is left out of this run: it has not answered for 15 s",
        f"1 workers of {there.address} make the briefings",
    ]


def test_a_cluster_of_which_nobody_answers_is_refused(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchantkit.briefing.cluster.muster._ANSWER_SECONDS", 2.0)
    with cluster(tmp_path / "cluster", workers=0, ttl=PATIENT) as there:
        os.kill(there.worker().pid, signal.SIGSTOP)
        with pytest.raises(ReportError, match="no worker of the cluster has answered") as told:
            run(facts, tmp_path / "out", there)
    assert (told.value.where, told.value.count) == (there.address, 1)


def test_a_worker_with_other_libraries_is_refused_by_what_differs(
    facts: Path, tmp_path: Path
) -> None:
    """The same kit, and a plotly that says it is another."""
    other = tmp_path / "other"
    (other / "plotly-0.1.dist-info").mkdir(parents=True)
    (other / "plotly-0.1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: plotly\nVersion: 0.1\n"
    )
    (other / "merchantkit").symlink_to(Path(__file__).parents[2] / "merchantkit")
    with cluster(tmp_path / "cluster", workers=1) as there:
        there.worker(path=other)
        with pytest.raises(
            ReportError, match=r"another kit.*: plotly 0\.1 there, \S+ here"
        ) as told:
            run(facts, tmp_path / "out", there)
    assert told.value.count == 1

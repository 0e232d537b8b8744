"""Where a scheduler is said to be: told before anything is computed, in the kit's words alone."""

import contextlib
import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from merchantkit.briefing.cluster import address
from merchantkit.errors import ReportError
from tests.briefing.world import MONTH, World
from tests.cluster.here import cluster

ROOT = Path(__file__).parents[2]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world of which nothing was ever reported."""
    made = World(tmp_path / "world")
    made.merchant("1", "shop 1")
    return made


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(address, "_SILENT_SECONDS", 1.0)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "a host and a port are needed"),
        ("10.0.0.1", "a host and a port are needed"),
        ("localhost", "a host and a port are needed"),
        ("tcp://10.0.0.1", "a host and a port are needed"),
        ("tcp://[::1]", "a host and a port are needed"),
        ("tcp://::1:8786", "a host and a port are needed"),
        ("tcp://10.0.0.1:port", "a host and a port are needed"),
        ("tcp://:8786", "the host is missing"),
        ("tcp://10.0.0.1:0", "0 is no port"),
        ("tcp://10.0.0.1:87860", "87860 is no port"),
        ("foo://x:1", "Dask reaches none by foo://"),
        ("http://10.0.0.1:8787/status", "Dask reaches none by http://"),
        ("inproc://x", "Dask reaches none by inproc://"),
        ("://x:1", "Dask reaches none by ://"),
    ],
)
def test_what_is_no_address_is_told_before_anything_is_computed(
    world: World, said: str, why: str
) -> None:
    with pytest.raises(ReportError, match=f"no scheduler can be there: {why}") as told:
        world.report(scheduler=said)
    assert told.value.where == f"scheduler '{said}'"
    assert "tcp://10.0.0.1:8786" in str(told.value.remedy)
    assert not world.out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["", "tcp://", "ws://", "wss://", "tls://"])
@pytest.mark.usefixtures("hasty")
def test_where_nobody_is_is_told_before_anything_is_computed(world: World, scheme: str) -> None:
    nobody = f"{scheme}127.0.0.1:1"
    with pytest.raises(ReportError, match="no scheduler answers") as told:
        world.report(scheduler=nobody)
    assert told.value.where == nobody
    assert not world.out.exists()


@contextlib.contextmanager
def listening(says: bytes) -> Iterator[str]:
    """Something that takes every connection, says so much, and is silent from then on."""
    with socket.create_server(("127.0.0.1", 0)) as server, contextlib.ExitStack() as taken:

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    taken.enter_context(connection)
                    connection.sendall(says)

        beside = threading.Thread(target=take)
        beside.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            beside.join()


@pytest.mark.slow
@pytest.mark.parametrize("says", [b"", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"])
@pytest.mark.usefixtures("hasty")
def test_what_listens_there_and_is_no_scheduler_holds_nobody_up(says: bytes) -> None:
    with listening(says) as there, pytest.raises(ReportError, match="no scheduler answers"):
        address.check(f"tcp://{there}")


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_a_dashboard_is_no_scheduler() -> None:
    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, format: str, *given: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Quiet) as server:
        beside = threading.Thread(target=server.serve_forever)
        beside.start()
        try:
            for scheme in ("tcp", "ws"):
                with pytest.raises(ReportError, match="no scheduler answers"):
                    address.check(f"{scheme}://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            beside.join()


@pytest.mark.slow
def test_a_scheduler_is_told_from_a_worker(tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", workers=1) as there:
        address.check(there.address)
        address.check(there.address.removeprefix("tcp://"))
        (worker,) = there.workers()
        with pytest.raises(ReportError, match="a worker answers there, and no scheduler"):
            address.check(worker)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "told"),
    [("localhost", "no scheduler can be there"), ("tls://127.0.0.1:1", "no scheduler answers")],
)
def test_a_command_says_it_in_the_kits_words_alone(world: World, said: str, told: str) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "merchantkit.cli", "report", MONTH, "--scheduler", said,
            "--warehouse", world.root / "facts.duckdb", "--out", world.out,
        ],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert told in done.stderr
    assert not any(word in done.stderr for word in ("Traceback", "ignored", "distributed"))
    assert not world.out.exists()

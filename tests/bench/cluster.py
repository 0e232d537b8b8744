"""A cluster on loopback: what it costs beside a local run, and what the run's side of it can take.

``python -m tests.bench.cluster [--merchants N]``. Three figures: the same month made by two local
workers and by a scheduler with two workers of one thread; what a page costs the run's own process
there, packing, writing and recording included; and how many pages a second one run can hand out
and take back when making them costs nothing. The last two are where a cluster stops to grow.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import distributed
from rich.console import Console
from rich.table import Table

from merchantkit.briefing import report
from merchantkit.briefing.progress import Silent
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from tests.cluster.here import ClusterHere, cluster

MONTH = "2021-05"
# A page and its notebook, as they come back; four go in a task.
_PAGE_BYTES, _PAGES_A_TASK, _AHEAD = 112_000, 4, 6
_EMPTY_TASKS = 1500


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster", description=__doc__)
    parser.add_argument("--merchants", type=int, default=400)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        facts = folder / "merchants.duckdb"
        demo.fill(Warehouse.open(facts, create=True), merchants=given.merchants)
        seconds = {"two local workers": made(facts, folder / "local", None)}
        with cluster(folder / "cluster") as there:
            name = "a scheduler and two workers"
            seconds[name] = made(facts, folder / "there", there.address)
            own = OwnTime()
            again = made(facts, folder / "again", there.address, own)
            rate = handed(there)
    print_table(given.merchants, seconds, again, (rate, own.seconds_a_page))


class OwnTime(Silent):
    """What the run's process itself works for, from the first page that is back to the last."""

    def __init__(self) -> None:
        self.pages: list[float] = []

    def made(self, name: str, failure: str = "") -> None:
        self.pages.append(time.process_time())

    @property
    def seconds_a_page(self) -> float:
        briefings = self.pages[:-1]  # the portfolio is the run's own to make
        return (briefings[-1] - briefings[0]) / (len(briefings) - 1)


def made(facts: Path, out: Path, scheduler: str | None, progress: Silent | None = None) -> float:
    """Return the seconds of a whole run."""
    began = time.perf_counter()
    done = report(
        MONTH, warehouse=facts, out=out, scheduler=scheduler, workers=2,
        progress=progress or Silent(),
    )  # fmt: skip
    if done.exit_code:
        raise SystemExit(f"{len(done.failures)} pages failed")
    return time.perf_counter() - began


def handed(there: ClusterHere) -> float:
    """Return how many pages a second come back that cost nothing to make."""
    with distributed.Client(there.address, set_as_default=True, direct_to_workers=True) as client:
        began, left, running = time.perf_counter(), _EMPTY_TASKS, set()
        while left or running:
            while left and len(running) < _AHEAD:
                running.add(client.submit(nothing, [b"x" * 9000] * _PAGES_A_TASK, left, pure=False))
                left -= 1
            distributed.wait(list(running), return_when="FIRST_COMPLETED")
            for future in [one for one in running if one.done()]:
                client.gather(future, direct=True)
                running.discard(future)
        return _EMPTY_TASKS * _PAGES_A_TASK / (time.perf_counter() - began)


def nothing(slices: Sequence[bytes], number: int) -> list[bytes]:
    """Return as many bytes as pages have."""
    return [number.to_bytes(4, "big") * (_PAGE_BYTES // 4) for _ in slices]


def print_table(
    merchants: int, seconds: dict[str, float], again: float, rates: tuple[float, float]
) -> None:
    """Print what was measured."""
    rate, own = rates
    table = Table(title=f"{merchants:,} briefings, {os.cpu_count()} cores")
    for column in ("way", "s", "ms a briefing"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for way, took in {**seconds, "the same, the workers known to each other": again}.items():
        table.add_row(way, f"{took:.1f}", f"{took / merchants * 1000:.0f}")
    console = Console()
    console.print(table)
    one, other = seconds.values()
    console.print(f"the cluster's way takes {other / one:.2f}× as long")
    console.print(f"one run hands out and takes back {rate:,.0f} pages a second that cost nothing")
    console.print(
        f"a page costs the run's own process {own * 1000:.1f} ms of its core, "
        f"which makes at most {1 / own:,.0f} a second"
    )
    print(json.dumps({**seconds, "again": again, "pages_a_second": rate, "own_seconds": own}))


if __name__ == "__main__":
    main()

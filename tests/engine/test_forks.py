"""A thousand children of one warm worker: the threads that its libraries keep harm none of them."""

import datetime as dt
import json
import pickle
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from merchantkit.assessment import assess_month
from merchantkit.briefing.job import Limits
from merchantkit.briefing.prepare import rules_of_run
from merchantkit.briefing.rehearsal import rehearsals
from merchantkit.briefing.tasks import Subject
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse

pytestmark = pytest.mark.slow

FORKS = 1000
# What the parent is: a worker that has run the real briefing once. What each child does is what
# needs a lock, a pool or a thread that the fork could have torn.
PARENT = """
import decimal, json, os, pickle, sys, threading
from pathlib import Path

def work(number):
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    frame = pd.DataFrame({"a": range(200), "b": [str(n % 7) for n in range(200)]})
    total = int(frame.groupby("b")["a"].sum().sum())
    table = pa.Table.from_pandas(frame)
    total += pc.sum(table["a"]).as_py()
    # Through Arrow's own pools of threads; every fourth, as it takes as long as all the rest.
    if number % 4 == 0:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        table = pq.read_table(pa.BufferReader(sink.getvalue()), use_threads=True)
    total += table.num_rows
    total += int(decimal.Decimal(number) * 3 / 3)
    total += len(json.loads(json.dumps({"text": "x" * 1000}))["text"])
    blocks = [bytearray(1 << 18) for _ in range(4)]
    heard = []
    threads = [threading.Thread(target=heard.append, args=(len(b),)) for b in blocks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total + sum(heard)

def main(root, folder, forks):
    from merchantkit.briefing import worker
    from merchantkit.briefing.engine import child
    runtime = folder / "runtime"
    runtime.mkdir()
    worker.prepare(root, runtime, os.getppid(), pickle.loads((folder / "jobs").read_bytes()))
    bounds = child.Bounds(1 << 30, 32)
    wrong = []
    for number in range(forks):
        try:
            got = child.run(lambda clock: work(number), seconds=15, bounds=bounds)
        except Exception as error:
            wrong.append([number, repr(error)])
            continue
        if got != 2 * 19900 + 200 + number + 1000 + (1 << 20):
            wrong.append([number, got])
    names = sorted((task / "comm").read_text() for task in Path("/proc/self/task").iterdir())
    print(json.dumps({
        "wrong": wrong,
        "remark": worker._forge._remark,
        "threads": [name.strip() for name in names],
        "python": [thread.name for thread in threading.enumerate()],
    }))

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
"""


def test_a_thousand_forks_of_a_worker_that_ran_the_briefing(tmp_path: Path, checkout: Path) -> None:
    _write_rehearsals(tmp_path, checkout)
    run = subprocess.run(
        [sys.executable, "-c", PARENT, str(checkout), str(tmp_path), str(FORKS)],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["wrong"] == []
    assert told["remark"] == ""  # it has run it, and was left quiet
    assert told["python"] == ["MainThread"]
    # Beside it at most the one that an allocator of Arrow's gives back memory with. Arrow's
    # pools and OpenBLAS's threads are not there: nothing before the forks has used them.
    assert len(told["threads"]) <= 2, told["threads"]


def _write_rehearsals(folder: Path, checkout: Path) -> None:
    """Write what a run would let its workers rehearse, made in this process as in a run's."""
    day = dt.date(2021, 5, 31)
    facts = Warehouse.in_memory()
    demo.fill(facts)
    rules = rules_of_run(None, None, day).rules
    assessment = assess_month(facts, day, rules)
    subject = Subject(assessment, pd.Series(dtype=object), "", pd.DataFrame(), rules)
    notebook = checkout / "notebooks" / "briefing.ipynb"
    jobs = rehearsals(
        notebook,
        subject,
        checkout / "params" / "rules",
        ["zh"],
        folder / "rehearsal",
        100,
        Limits(),
    )
    assert jobs
    (folder / "jobs").write_bytes(pickle.dumps(jobs))

"""How often product phrases find their heading, and how long one takes.

``python -m tests.bench.phrases``. The phrases are in ``tests/tariff/phrases.csv`` and
``held_out.csv``, written by hand in other words than the schedule's. The whole schedule is asked
where it is among the test data, else nothing is printed but that.
"""

import statistics
import tempfile
import time
from pathlib import Path

from merchantkit.facts import tariff as facts
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import tariff
from tests.conftest import data_folder
from tests.tariff.conftest import FILE
from tests.tariff.test_search import HELD_OUT, PHRASES, phrases, rates

_SETS = {PHRASES: "product phrases", HELD_OUT: "phrases held out"}


def main() -> None:
    """Print the rates, and the median and the longest time of a question."""
    file = data_folder() / FILE
    if not file.is_file():
        print(f"tariff search: no {FILE} among the test data")
        return
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse.open(Path(folder) / "hts.duckdb", create=True)
        facts.load(warehouse, file)
        began = time.perf_counter()
        tariff.search("hair dryer", warehouse=warehouse)
        ready = time.perf_counter() - began
        found = {name: (*rates(warehouse, name), len(phrases(name))) for name in _SETS}
        seconds = [_seconds(phrase, warehouse) for name in _SETS for phrase, _ in phrases(name)]
    for name, (first, five, count) in found.items():
        print(
            f"tariff search, {_SETS[name]}: {first} of {count} find their six digits first, "
            f"{five} among the first five"
        )
    print(
        f"tariff search: {statistics.median(seconds) * 1000:.1f} ms a question, the longest "
        f"{max(seconds) * 1000:.1f} ms, once the index is made ({ready:.1f} s)"
    )


def _seconds(phrase: str, warehouse: Warehouse) -> float:
    began = time.perf_counter()
    tariff.search(phrase, warehouse=warehouse)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

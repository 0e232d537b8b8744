"""The benchmark's own arithmetic, on figures made by hand; nothing here is timed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import memory, rows, table, world
from tests.bench.measures import FLOOR, LOOP, SHELL, Measured, Sizes
from tests.bench.process import ROLES, Moment, Run, run
from tests.bench.samples import Sample, each, enough, race, ratio, steady
from tests.bench.table import Bar, Row

SHORT, LONG = 19.0, 21.0


def taking(seconds: list[float]) -> tuple[Callable[[], Sample], list[int]]:
    calls: list[int] = []

    def sample() -> Sample:
        calls.append(1)
        return Sample(10, seconds[len(calls) - 1], steady=seconds[len(calls) - 1] / 20)

    return sample, calls


@pytest.mark.parametrize(
    ("seconds", "rounds", "is_enough"),
    [
        ([], 5, False),
        ([SHORT] * 4, 5, False),
        ([SHORT] * 5, 5, True),
        ([LONG], 5, False),
        ([LONG] * 2, 5, True),
        ([LONG, SHORT, SHORT], 5, False),  # the median says that it is a short one
        ([SHORT], 1, True),
        ([LONG], 1, True),
    ],
)
def test_five_of_a_short_run_two_of_a_long_one(
    seconds: list[float], rounds: int, is_enough: bool
) -> None:
    assert enough(seconds, rounds) is is_enough


def test_everyone_runs_in_turn_until_each_has_enough() -> None:
    order: list[str] = []

    def named(name: str, seconds: float) -> Callable[[], Sample]:
        return lambda: order.append(name) or Sample(1, seconds)  # type: ignore[func-returns-value]

    race({"kit": named("kit", SHORT), "peer": named("peer", LONG)}, until=lambda: 1000.0)
    assert order == ["kit", "peer", "kit", "peer", "kit", "kit", "kit"]


def test_who_would_overrun_the_budget_is_not_sent_again() -> None:
    quick, quick_calls = taking([1.0] * 5)
    slow, slow_calls = taking([9.0] * 5)
    samples = race({"quick": quick, "slow": slow}, until=lambda: 5.0)
    assert (len(quick_calls), len(slow_calls)) == (5, 1)
    assert [len(samples[name]) for name in ("quick", "slow")] == [5, 1]


def test_a_merchants_share_is_the_median_run_over_its_merchants() -> None:
    samples = [Sample(10, seconds, steady=seconds / 20) for seconds in (5.0, 90.0, 4.0, 6.0, 1.0)]
    assert each(samples) == 0.5
    assert steady(samples) == 0.25
    assert each(samples[:2]) == (0.5 + 9.0) / 2
    assert steady([Sample(10, 5.0)]) is None


def test_no_ratio_of_what_is_not_known() -> None:
    assert ratio(9.0, 3.0) == 3.0
    assert ratio(None, 3.0) is None
    assert ratio(9.0, 0.0) is None


def test_pace_is_from_the_first_file_to_the_last(tmp_path: Path) -> None:
    files = [tmp_path / name for name in "cab"]
    for file, at in zip(files, (1010.0, 1000.0, 1004.0), strict=True):
        file.touch()
        os.utime(file, (at, at))
    assert world.pace(files) == 5.0
    assert world.pace(files[:1]) is None


@pytest.mark.slow
def test_what_hangs_is_not_waited_for(tmp_path: Path) -> None:
    hanging = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(100)"]
    with pytest.raises(SystemExit, match=r"ended with -9\nbegun"):
        run(hanging, home=tmp_path, cwd=tmp_path, within=2.0)


def test_the_table_says_what_was_reached() -> None:
    lines_of = [
        Row("faster than a peer", Bar(50, 100), 74.96, 123.4, "2 : 5"),
        Row("above the floor", Bar(6, 3, higher=False), 6.01, 2.5, "5 : 5"),
        Row("rerun, a merchant", Bar(3, 1, "ms", higher=False), 0.954),
        Row("at another size", Bar(1.1, 1.0, higher=False), 1.05, as_meant=False),
        Row("not measured", Bar(1.7, 1.9), None, as_meant=False),
    ]
    lines = [" ".join(line.split()) for line in table.bars(lines_of).splitlines()[4:]]
    assert lines == [
        "faster than a peer ≥ 50 × ≥ 100 × 75.0 × 123 × pass 2 : 5",
        "above the floor ≤ 6 × ≤ 3 × 6.01 × 2.50 × short 5 : 5",
        "rerun, a merchant ≤ 3 ms ≤ 1 ms 0.95 ms — aim",
        "at another size ≤ 1.1 × ≤ 1 × 1.05 × — (pass)",
        "not measured ≥ 1.7 × ≥ 1.9 × — — —",
    ]


def measured_by_hand() -> Measured:
    """Everything at the sizes that are meant, but no large month and no second worker."""

    def runs(count: int, seconds: float, merchants: int, steady: float | None) -> list[Sample]:
        return [Sample(merchants, seconds, steady, seconds)] * count

    found = Measured(Sizes())
    found.samples = {
        "kit": runs(5, 10.0, 200, 0.040),
        SHELL: runs(2, 80.0, 10, None),
        LOOP: runs(2, 40.0, 10, 3.0),
        FLOOR: runs(5, 5.0, 100, 0.010),
        "again": runs(5, 1.0, 200, None),
    }
    found.weights = [50_000, 60_000]
    found.ledger = {"whole": [0.020, 0.040], "run": [0.012, 0.020], "page": [0.004, 0.004]}
    return found


def test_no_bar_leaves_the_table_because_it_was_not_measured() -> None:
    told = {row.what: row.verdict for row in rows.rows(measured_by_hand())}
    assert told == {
        "faster than papermill + jupyter nbconvert": "aim",  # 8 s to 0.05 s
        "faster than papermill in a loop": "aim",  # 4 s to 0.05 s
        "above the floor": "pass",  # 0.05 s to 0.01 s
        "cost a merchant at 5,000 against 200: whole runs": "—",
        "cost a merchant at 5,000 against 200: first to last page": "—",
        "rerun with nothing changed, a merchant of 200": "(short)",  # 5 ms
        "bytes a merchant, .ipynb + .html": "aim",  # 55 kB
        "two workers against one (1,000 merchants)": "—",
    }


def test_a_median_of_too_few_runs_is_in_brackets() -> None:
    found = measured_by_hand()
    found.samples[SHELL] = found.samples[SHELL][:1]
    found.samples[FLOOR] = found.samples[FLOOR][:4]
    verdicts = [row.verdict for row in rows.rows(found)[:3]]
    assert verdicts == ["(aim)", "aim", "(pass)"]


def test_a_large_month_and_two_workers_are_held_against_the_small_and_the_one() -> None:
    found = measured_by_hand()
    found.samples |= {
        "small": [Sample(200, 10.0, 0.040)] * 5,
        "large": [Sample(5000, seconds, 0.042) for seconds in (210.0, 220.0)],
        "again at large": [Sample(5000, 11.0)] * 5,
        "one worker": [Sample(1000, 45.0, 0.040)] * 2,
        "two workers": [Sample(1000, 25.0, 0.020)] * 2,
    }
    told = [[row.measured, row.marginal, row.verdict] for row in rows.rows(found)]
    assert [[round(v, 4) if isinstance(v, float) else v for v in row] for row in told[3:8]] == [
        [0.86, None, "aim"],  # 43 ms to 50 ms
        [1.05, None, "pass"],
        [2.2, 2.0833, "pass"],  # 11 s of 5,000; 10 s more for 4,800 more
        [55.0, None, "aim"],
        [1.8, 2.0, "pass"],
    ]


def test_a_briefings_milliseconds_are_told_by_phase_and_what_is_in_none() -> None:
    assert rows.breakdown(measured_by_hand()) == [
        ["run", "16.0", "16.0", "20.0", "40%"],
        ["page", "4.00", "4.00", "4.00", "10%"],
        ["in no phase", "20.0", "—", "—", "50%"],
        ["from page to page", "40.0", "—", "—", "100%"],
        ["the ledger's seconds", "30.0", "30.0", "40.0", "75%"],
        ["the floor", "10.0", "—", "—", "25%"],
    ]


def test_memory_is_the_peak_of_each_role_and_how_it_grew() -> None:
    sizes = [(50, 90), (60, 40), (60, 40), (70, 80), (65, 60)]
    moments = [
        Moment(at, dict(zip(ROLES, (main * 10**6, worker * 10**6, 0, 0), strict=True)), 10**8)
        for at, (main, worker) in enumerate(sizes)
    ]
    small = memory.held([Sample(1, 1.0, run=Run(1.0, 1.0, "", moments[:1]))])
    large = memory.held([Sample(1, 5.0, run=Run(5.0, 5.0, "", moments))])
    assert memory.lines(small, large) == [
        ["main", "50", "70", "1.40 ×", "60", "65", "1.08 ×"],
        ["worker", "90", "90", "1.00 ×", "40", "60", "1.50 ×"],
        ["together", "100", "100", "1.00 ×", "—", "—", "—"],
    ]

"""What the samples say: the bars' rows, and the seconds behind them."""

import statistics
from collections.abc import Sequence

from tests.bench.measures import FLOOR, LOOP, SHELL, Measured, Sizes
from tests.bench.samples import Sample, each, ratio, steady
from tests.bench.table import Bar, Row, figure

_MEANT = Sizes()
_PROGRAMME = Bar(3, 1.5, higher=False)


def rows(measured: Measured) -> list[Row]:
    """Return one row for each bar that was measured."""
    return [
        *_peer_rows(measured),
        *_large_rows(measured),
        *_weight_rows(measured),
        *_worker_rows(measured),
        *_programme_rows(measured),
    ]


def _peer_rows(measured: Measured) -> list[Row]:
    samples, sizes = measured.samples, measured.sizes
    kit, shell, loop, floor = (samples[name] for name in ("kit", SHELL, LOOP, FLOOR))
    as_meant = sizes.small >= _MEANT.small and sizes.peer >= _MEANT.peer
    warm = steady(floor)
    against = [
        (
            "faster than papermill + jupyter nbconvert",
            each(shell),
            each(shell),
            shell,
            Bar(50, 100),
        ),
        ("faster than papermill in a loop", each(loop), steady(loop), loop, Bar(25, 50)),
    ]
    found = [
        Row(what, bar, ratio(whole, each(kit)), ratio(under_way, steady(kit)),
            _runs(peer, kit), as_meant)
        for what, whole, under_way, peer, bar in against
    ]  # fmt: skip
    above = [ratio(each(kit), warm), ratio(steady(kit), warm)]
    bar = Bar(6, 3, higher=False)
    return [*found, Row("above the floor", bar, *above, _runs(kit, floor), as_meant)]


def _large_rows(measured: Measured) -> list[Row]:
    samples = measured.samples
    if "large" not in samples:
        return []
    small, large, again = samples["small"], samples["large"], samples["again at large"]
    n, m = large[0].merchants, small[0].merchants
    as_meant = n == _MEANT.large and m == _MEANT.small
    bar, runs = Bar(1.1, 1.0, higher=False), _runs(large, small)
    sizes = f"cost a merchant at {n:,} against {m:,}"
    under_way = ratio(steady(large), steady(small))
    more = (_seconds(again) - _seconds(samples["again at small"])) / (n - m)
    return [
        Row(f"{sizes}: whole runs", bar, ratio(each(large), each(small)), None, runs, as_meant),
        Row(f"{sizes}: first to last page", bar, under_way, None, runs, as_meant),
        Row("rerun with nothing changed, a merchant", Bar(3, 1, "ms", higher=False),
            each(again) * 1000, more * 1000, _runs(again), as_meant),
    ]  # fmt: skip


def _weight_rows(measured: Measured) -> list[Row]:
    mean = statistics.fmean(measured.weights) / 1000
    bar = Bar(150, 60, "kB", higher=False)
    return [Row("bytes a merchant, .ipynb + .html", bar, mean, None, str(len(measured.weights)))]


def _worker_rows(measured: Measured) -> list[Row]:
    if "two workers" not in measured.samples:
        return []
    one, two = (measured.samples[name] for name in ("one worker", "two workers"))
    whole, under_way = ratio(each(one), each(two)), ratio(steady(one), steady(two))
    what = f"two workers against one ({one[0].merchants:,} merchants)"
    as_meant = one[0].merchants >= _MEANT.scaling
    return [Row(what, Bar(1.7, 1.9), whole, under_way, _runs(one, two), as_meant)]


def _programme_rows(measured: Measured) -> list[Row]:
    as_meant = measured.sizes.programme_rows >= _MEANT.programme_rows
    return [
        Row(f"assess {p['name']} against plain NumPy, {p['rows']:,} rows", _PROGRAMME,
            ratio(p["assess"], p["plain"]), None, str(p["runs"]), as_meant)
        for p in measured.programmes
    ]  # fmt: skip


def took(measured: Measured) -> list[list[str]]:
    """Return the seconds behind the ratios, a line for each way."""
    return [_line(name, samples) for name, samples in measured.samples.items()]


def _line(name: str, samples: Sequence[Sample]) -> list[str]:
    cpu = [sample.cpu / sample.merchants for sample in samples if sample.cpu is not None]
    under_way = steady(samples)
    return [
        name,
        f"{samples[0].merchants:,}",
        " ".join(figure(sample.seconds) for sample in samples),
        figure(each(samples) * 1000),
        figure(under_way * 1000 if under_way is not None else None),
        figure(statistics.median(cpu) * 1000 if cpu else None),
        f"{3600 / each(samples):,.0f}",
    ]


def _seconds(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.seconds for sample in samples)


def _runs(*sides: Sequence[Sample]) -> str:
    return " : ".join(str(len(side)) for side in sides)


def programmes(measured: Measured) -> list[list[str]]:
    """Return the throughput of each programme, a line each."""
    return [
        [
            p["name"],
            f"{p['rows']:,}",
            *(figure(p["rows"] / p[way] / 1e6) for way in ("assess", "plain", "sums")),
            figure(ratio(p["assess"], p["plain"]), "×"),
            figure(ratio(p["assess"], p["sums"]), "×"),
        ]
        for p in measured.programmes
    ]

"""What the samples say: the bars' rows, and the seconds behind them."""

import statistics
from collections.abc import Sequence

from tests.bench.measures import FLOOR, LOOP, SHELL, Measured, Sizes
from tests.bench.samples import Sample, each, enough, ratio, steady
from tests.bench.table import NONE, Bar, Row, figure
from tests.bench.world import spelled

_MEANT = Sizes()
_PROGRAMME = Bar(3, 1.5, higher=False)
_LARGE, _WORKERS = Bar(1.1, 1.0, higher=False), Bar(1.7, 1.9)
_RERUN = Bar(3, 1, "ms", higher=False)


def rows(measured: Measured) -> list[Row]:
    """Return one row for each bar, also for one that was not measured."""
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
    as_meant = sizes.kit >= _MEANT.kit and sizes.peer >= _MEANT.peer
    at_floor = sizes.kit >= _MEANT.kit and sizes.floor >= _MEANT.floor
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
            _runs(peer, kit), as_meant and _often(peer, kit))
        for what, whole, under_way, peer, bar in against
    ]  # fmt: skip
    above = [ratio(each(kit), warm), ratio(steady(kit), warm)]
    bar = Bar(6, 3, higher=False)
    return [*found, Row("above the floor", bar, *above, _runs(kit, floor),
                         at_floor and _often(kit, floor))]  # fmt: skip


def _large_rows(measured: Measured) -> list[Row]:
    small, large = (measured.samples.get(name, []) for name in ("small", "large"))
    n = large[0].merchants if large else measured.sizes.large
    m = small[0].merchants if small else measured.sizes.small
    sizes = f"cost a merchant at {n:,} against {m:,}"
    ways = {"whole runs": each, "first to last page": steady}
    # No large month, no figure: the bar stays in the table, for who counts them.
    found = {what: ratio(way(large), way(small)) if large else None for what, way in ways.items()}
    as_meant = (n, m) == (_MEANT.large, _MEANT.small) and _often(large, small)
    runs = _runs(large, small) if large else ""
    return [
        *(Row(f"{sizes}: {what}", _LARGE, value, None, runs, as_meant)
          for what, value in found.items()),
        _rerun_row(measured),
    ]  # fmt: skip


def _rerun_row(measured: Measured) -> Row:
    first = measured.samples["again"]
    again, more = measured.samples.get("again at large", first), None
    n, m = again[0].merchants, first[0].merchants
    if n > m:
        more = (_seconds(again) - _seconds(first)) / (n - m) * 1000
    return Row(f"rerun with nothing changed, a merchant of {n:,}", _RERUN, each(again) * 1000, more,
               _runs(again), n == _MEANT.large and _often(again))  # fmt: skip


def _weight_rows(measured: Measured) -> list[Row]:
    mean = statistics.fmean(measured.weights) / 1000
    bar = Bar(150, 60, "kB", higher=False)
    return [Row("bytes a merchant, .ipynb + .html", bar, mean, None, str(len(measured.weights)))]


def _worker_rows(measured: Measured) -> list[Row]:
    one, two = (measured.samples.get(name, []) for name in ("one worker", "two workers"))
    size = one[0].merchants if one else measured.sizes.scaling
    what = f"two workers against one ({size:,} merchants)"
    if not one:
        return [Row(what, _WORKERS, None)]
    whole, under_way = ratio(each(one), each(two)), ratio(steady(one), steady(two))
    as_meant = size >= _MEANT.scaling and _often(one, two)
    return [Row(what, _WORKERS, whole, under_way, _runs(one, two), as_meant)]


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


def breakdown(measured: Measured) -> list[list[str]]:
    """Return where one briefing's milliseconds go, by the ledger of the kit's last run.

    Its phases, and what is in none of them: from one finished page to the next goes by what the
    ledger tells and what nobody times (the fork and the exit, moving, recording, handing over).
    """
    page_to_page = measured.samples["kit"][-1].steady
    phases = {name: held for name, held in measured.ledger.items() if name != "whole"}
    told = sum(statistics.fmean(held) for held in phases.values())
    lines = [_phase(name, held, page_to_page) for name, held in phases.items()]
    rest = page_to_page - told if page_to_page is not None and phases else None
    floor = steady(measured.samples[FLOOR])
    return [
        *lines,
        _alone("in no phase", rest, page_to_page),
        _alone("from page to page", page_to_page, page_to_page),
        _phase("the ledger's seconds", measured.ledger["whole"], page_to_page),
        _alone("the floor", floor, page_to_page),
    ]


def _phase(name: str, held: Sequence[float], of: float | None) -> list[str]:
    found = [figure(milliseconds) for milliseconds in spelled(held).values()]
    return [name, *found, _share(statistics.fmean(held), of)]


def _alone(name: str, seconds: float | None, of: float | None) -> list[str]:
    mean = figure(seconds * 1000 if seconds is not None else None)
    return [name, mean, NONE, NONE, _share(seconds, of)]


def _share(seconds: float | None, of: float | None) -> str:
    share = ratio(seconds, of)
    return NONE if share is None else f"{share:.0%}"


def _seconds(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.seconds for sample in samples)


def _often(*sides: Sequence[Sample]) -> bool:
    """Return whether each side has the runs that a median is to be of."""
    return all(enough([sample.seconds for sample in side]) for side in sides)


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

"""What the watched runs held in memory: the peak of each role, and whether it grew on the way."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.process import ROLES, Moment
from tests.bench.samples import Sample

_QUARTER = 4
_MB = 1e6


def held(samples: Sequence[Sample]) -> dict[str, dict[str, float]]:
    """Return, for each role, MB at the peak and in the second and last quarter of the longest run.

    The first quarter is left out: a run that is starting grows by right.
    """
    watched = [sample.run for sample in samples if sample.run and sample.run.moments]
    if not watched:
        return {}
    moments = max(watched, key=lambda run: run.seconds).moments
    every = [moment for run in watched for moment in run.moments]
    roles = {role: _summary(every, moments, role) for role in ROLES}
    totals = [m.together for m in every if m.together]
    return roles | ({"together": {"peak": max(totals) / _MB}} if totals else {})


def _summary(every: Sequence[Moment], moments: Sequence[Moment], role: str) -> dict[str, float]:
    quarter = max(1, len(moments) // _QUARTER)
    return {
        "peak": _peak(every, role),
        "second_quarter": _peak(moments[quarter : 2 * quarter] or moments, role),
        "last_quarter": _peak(moments[-quarter:], role),
    }


def _peak(moments: Sequence[Moment], role: str) -> float:
    return max((moment.largest[role] for moment in moments), default=0) / _MB


def lines(small: Mapping[str, Any], large: Mapping[str, Any]) -> list[list[str]]:
    """Return the table's lines: peaks at both sizes, their ratio, and growth within the large."""
    found = []
    seen = {role: what for role, what in small.items() if what["peak"]}
    for role, what in seen.items():
        there = large.get(role, {})
        peaks = [what["peak"], there.get("peak")]
        grown = [there.get("second_quarter"), there.get("last_quarter")]
        found.append([role, *map(_mb, peaks), _times(*peaks), *map(_mb, grown), _times(*grown)])
    return found


def _mb(value: float | None) -> str:
    return f"{value:,.0f}" if value else "—"


def _times(first: float | None, then: float | None) -> str:
    return f"{then / first:.2f} ×" if first and then else "—"

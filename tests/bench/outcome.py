"""What is shown in the end: the tables with their notes, and every raw figure."""

import dataclasses
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.bench import machine, memory, table
from tests.bench.measures import LOOP, SHELL, Measured
from tests.bench.rows import breakdown, programmes, rows, took
from tests.bench.samples import Sample, each

_TOOK = ["", "merchants", "s a run", "ms each", "under way", "of CPU", "an hour"]
_LEDGER = ["", "mean", "median", "p95", "of page to page"]
_MEMORY = ["the largest", "small", "large", "", "large: 2nd quarter", "last quarter", ""]
_PROGRAMMES = ["", "rows", "assess", "plain", "arithmetic alone", "to plain", "to arithmetic"]

# Below this share of its core a run was waiting for others; disk alone costs less.
_QUIET = 0.85


def page(measured: Measured, on: Mapping[str, Any]) -> str:
    """Return everything as plain text."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions().items())
    parts = [
        f"{on['processor']}, {on['cores']} cores, {on['memory_gb']} GB, "
        f"load {on['load_before']} before and {on['load_after']} after, {on['seconds']} s in all",
        versions,
        table.bars(rows(measured)),
        table.grid("What each took", _TOOK, took(measured)),
        table.grid("One briefing by the ledger, ms", _LEDGER, breakdown(measured)),
        table.grid("Memory of one process, MB", _MEMORY, memory.lines(*_held(measured))),
        table.grid("Programmes, million rows a second", _PROGRAMMES, programmes(measured)),
        "\n".join(f"* {note}" for note in _notes(measured)),
    ]
    return "\n\n".join(parts)


def raw(measured: Measured, on: Mapping[str, Any]) -> dict[str, Any]:
    """Return every figure, fit for JSON."""
    small, large = _held(measured)
    return {
        "machine": dict(on),
        "versions": machine.versions(),
        "sizes": dataclasses.asdict(measured.sizes),
        "rows": [{**dataclasses.asdict(row), "verdict": row.verdict} for row in rows(measured)],
        "samples": {
            name: [_sample(sample) for sample in found] for name, found in measured.samples.items()
        },
        "bytes": measured.weights,
        "ledger_seconds": measured.ledger,
        "memory_mb": {"small": small, "large": large},
        "programmes": measured.programmes,
        "all_cores_seconds": measured.all_cores,
        "notes": measured.notes,
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "merchants": sample.merchants,
        "seconds": sample.seconds,
        "steady": sample.steady,
        "cpu": sample.cpu,
    }


def share_of_core(samples: Sequence[Sample]) -> float:
    """Return the median CPU seconds of a second that runs held to one core took."""
    return statistics.median((sample.cpu or 0.0) / sample.seconds for sample in samples)


def _held(measured: Measured) -> tuple[dict[str, Any], dict[str, Any]]:
    small = [*measured.samples["kit"], *measured.samples.get("small", [])]
    return memory.held(small), memory.held(measured.samples.get("large", []))


def _notes(measured: Measured) -> Iterator[str]:
    yield (
        "measured: whole processes, start to end. marginal: both sides under way; the kit's from "
        "its first finished page to its last, the loop's without its imports. In brackets: not "
        "the size that the bar means."
    )
    yield (
        "The kit with one worker, the peers and the floor are each held to the same one core, so "
        "that nobody's seconds hide work on another."
    )
    if measured.all_cores:
        shell, kit = (
            measured.all_cores[name] / each(measured.samples[of])
            for name, of in ((SHELL, SHELL), ("kit", "kit"))
        )
        yield (
            f"With all cores, and from a colder disk, the kit took {kit:.2f} and {SHELL} took "
            f"{shell:.2f} of their seconds on one."
        )
    yield (
        "Every peer was given the batch's own parameters, and its outputs were compared with the "
        f"kit's, cell by cell. The stock pages leave the charts' data out "
        f"({LOOP}: {measured.charts[LOOP]} in the notebook): nbconvert shows them by scripts that "
        "it does not bring."
    )
    for each_programme in measured.programmes:
        spent = ", ".join(f"{what} {share:.0%}" for what, share in each_programme["where"].items())
        yield f"assess of {each_programme['name']} spends its time in {spent}."
    got = share_of_core(measured.samples["kit"])
    if got < _QUIET:
        yield (
            f"The machine was busy: the kit's processes got {got:.0%} of their one core. Seconds "
            "and ratios are worth little; the column of CPU is the one to read."
        )
    yield from measured.notes

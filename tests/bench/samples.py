"""Samples of a race: how many are enough, and what they say together."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.process import Run

SHORT_SECONDS = 20.0
SHORT_ROUNDS, LONG_ROUNDS = 5, 2


@dataclass(frozen=True)
class Sample:
    """One run over some merchants.

    Attributes:
        seconds: Of the whole, from the start of the process to its end.
        steady: A merchant's share once the run is under way, start and end left out.
        cpu: Of all its processes.
    """

    merchants: int
    seconds: float
    steady: float | None = None
    cpu: float | None = None
    run: Run | None = field(default=None, repr=False)

    @property
    def each(self) -> float:
        """A merchant's share of the whole."""
        return self.seconds / self.merchants


@dataclass
class Budget:
    """How long the whole benchmark may take, in seconds."""

    seconds: float
    began: float = field(default_factory=time.perf_counter)

    @property
    def left(self) -> float:
        """What is left of it."""
        return self.seconds - (time.perf_counter() - self.began)


def enough(seconds: Sequence[float], rounds: int = SHORT_ROUNDS) -> bool:
    """Return whether no further sample is wanted: five of a short run, two of a long one.

    >>> enough([3.0] * 4), enough([3.0] * 5), enough([90.0]), enough([90.0, 80.0])
    (False, True, False, True)
    """
    if not seconds:
        return False
    is_short = statistics.median(seconds) < SHORT_SECONDS
    return len(seconds) >= min(rounds, SHORT_ROUNDS if is_short else LONG_ROUNDS)


def race(
    runners: Mapping[str, Callable[[], Sample]],
    *,
    until: Callable[[], float],
    rounds: int = SHORT_ROUNDS,
) -> dict[str, list[Sample]]:
    """Let every runner run in turn, so that all see the same minutes, until each has enough.

    Args:
        runners: Name → what makes one sample.
        until: Seconds that are left for the race; a runner that would take longer than that is not
            sent again, but everyone runs once.
        rounds: At most so many samples of each.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in runners}
    waiting = dict(runners)
    while waiting:
        for name, runner in list(waiting.items()):
            samples[name].append(runner())
            seconds = [sample.seconds for sample in samples[name]]
            if enough(seconds, rounds):
                del waiting[name]
        for name in list(waiting):
            if max(sample.seconds for sample in samples[name]) > until():
                del waiting[name]
    return samples


def each(samples: Sequence[Sample]) -> float:
    """Return the median of a merchant's share of the whole."""
    return statistics.median(sample.each for sample in samples)


def steady(samples: Sequence[Sample]) -> float | None:
    """Return the median of a merchant's share once under way, if it is known."""
    known = [sample.steady for sample in samples if sample.steady is not None]
    return statistics.median(known) if known else None


def ratio(above: float | None, below: float | None) -> float | None:
    """Return a quotient, or None where either side is unknown or nothing."""
    return above / below if above is not None and below else None

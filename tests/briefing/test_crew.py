"""Jobs whose workers are gone: each comes to an end, whoever waits for it."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from merchantkit.briefing.crew import Crew, Lost
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.head import Head
from merchantkit.briefing.job import Job, Limits, Made


def job(folder: Path) -> Job:
    return Job(
        ("briefing", "1", "zh"), folder / "n.ipynb", {}, Head("zh", "briefing", ""), folder,
        folder / "made", Limits(),
    )  # fmt: skip


@pytest.mark.slow
def test_what_a_broken_pool_never_settles_is_lost(tmp_path: Path) -> None:
    crew = Crew(1, [], tmp_path / "runtime")
    unsettled: Future[Made] = Future()
    with crew:
        crew._pool._context.status = crew._pool._context.status.ERROR
        assert crew.is_broken
        with pytest.raises(Lost) as lost:
            crew.outcome(unsettled, job(tmp_path), 1.0)
    assert lost.value.why == Failure.WORKER_DIED


def test_what_is_left_when_a_crew_ends_is_cancelled(tmp_path: Path) -> None:
    with Crew(1, [], tmp_path / "runtime") as crew:
        given: Future[Made] = Future()
        crew._given.add(given)
    assert given.cancelled()

"""What a worker does once, before it forks its first child."""

import gc
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from merchantkit.briefing.engine import child


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_there_is_left_to_stay_and_what_is_free_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(child, "_libc", lambda: SimpleNamespace(malloc_trim=asked.append))
    child.become_quiet_parent()
    assert gc.get_freeze_count() > 0
    assert asked == [0]


def test_a_library_that_cannot_give_memory_back_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "_libc", SimpleNamespace)
    child.become_quiet_parent()
    assert gc.get_freeze_count() > 0

"""A drag is answered once, when it rests."""

import asyncio

from merchantkit.present.whatif import debounce
from merchantkit.present.whatif.debounce import Debounce


def test_without_a_loop_every_call_is_answered_at_once() -> None:
    calls: list[int] = []
    later = Debounce(lambda: calls.append(len(calls)))
    later()
    later()
    assert calls == [0, 1]
    assert not later.waiting


def test_of_a_burst_only_the_last_value_is_answered() -> None:
    seen: list[int] = []
    value = 0

    async def drag() -> None:
        nonlocal value
        later = Debounce(lambda: seen.append(value), 0.03)
        for value in range(20):  # noqa: B007 - what the slider says when the call comes
            later()
            await asyncio.sleep(0.001)
        assert seen == [] and later.waiting
        await asyncio.sleep(0.1)
        assert seen == [19] and not later.waiting

    asyncio.run(drag())


def test_two_drags_with_a_pause_are_answered_twice() -> None:
    calls: list[str] = []

    async def drag() -> None:
        later = Debounce(lambda: calls.append("call"), 0.01)
        for _ in range(2):
            later()
            await asyncio.sleep(0.05)

    asyncio.run(drag())
    assert calls == ["call", "call"]


def test_what_is_cancelled_never_comes() -> None:
    calls: list[str] = []

    async def drag() -> None:
        later = Debounce(lambda: calls.append("call"), 0.01)
        later()
        later.cancel()
        await asyncio.sleep(0.05)

    asyncio.run(drag())
    assert calls == []


def test_a_loop_that_is_gone_does_not_keep_the_next_call() -> None:
    calls: list[str] = []
    later = Debounce(lambda: calls.append("call"), 60)

    async def leave() -> None:
        later()

    asyncio.run(leave())
    later()
    assert calls == ["call"]


def test_the_wait_is_about_120_milliseconds() -> None:
    assert debounce.SECONDS == 0.12

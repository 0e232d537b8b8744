"""A Ctrl-C while a page is moved and put on record comes when both are done."""

import signal
import threading
from collections.abc import Iterator

import pytest

from merchantkit.briefing.recorder import kept_together


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Ctrl-C is heard, also where these tests were started in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_waits_for_the_end_of_what_is_kept_together() -> None:
    before, did = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt), kept_together():
        signal.raise_signal(signal.SIGINT)
        did.append("moved")
        signal.raise_signal(signal.SIGINT)
        did.append("on record")
    assert did == ["moved", "on record"]
    assert signal.getsignal(signal.SIGINT) is before


def test_without_ctrl_c_nothing_is_changed() -> None:
    before = signal.getsignal(signal.SIGINT)
    with kept_together():
        pass
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(OSError, match="the disk is full"), kept_together():
        raise OSError("the disk is full")
    assert signal.getsignal(signal.SIGINT) is before


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with kept_together():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_thread_that_no_ctrl_c_comes_to_needs_nothing() -> None:
    did: list[str] = []

    def work() -> None:
        with kept_together():
            did.append("moved")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert did == ["moved"]

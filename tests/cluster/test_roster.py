"""Who may be given which page: the workers of a cluster as one run sees them."""

from typing import Any

from merchantkit.briefing.cluster.roster import Roster
from merchantkit.briefing.job import Job


class Page:
    """A job of which only the key matters here."""

    def __init__(self, name: str) -> None:
        self.key = ("briefing", name, "zh")


def job(name: str) -> Job:
    return Page(name)  # type: ignore[return-value]


def there(**status: str) -> dict[str, dict[str, Any]]:
    """Return workers as a scheduler tells of them, under addresses that they may not know."""
    return {
        f"tcp://10.0.0.{at}:1": {"name": name, "nthreads": 2, "status": said}
        for at, (name, said) in enumerate(status.items(), 1)
    }


def roster(**status: str) -> Roster:
    made = Roster()
    made.look(there(**status))
    return made


def test_anyone_may_make_what_was_never_lost() -> None:
    assert roster(a="running", b="running").allowed([job("1")]) is None


def test_what_was_lost_on_one_worker_is_for_the_others() -> None:
    both = roster(a="running", b="running")
    both.lost(job("1"), "a")
    assert both.allowed([job("1")]) == {"tcp://10.0.0.2:1"}
    assert both.allowed([job("2")]) is None
    both.lost(job("1"), "b")
    assert both.allowed([job("1")]) == {"tcp://10.0.0.1:1", "tcp://10.0.0.2:1"}
    alone = roster(a="running")
    alone.lost(job("1"), "a")
    assert alone.allowed([job("1")]) == {"tcp://10.0.0.1:1"}


def test_one_that_is_paused_is_waited_for_by_nobody() -> None:
    both = roster(a="running", b="running")
    both.lost(job("1"), "a")
    allowed = both.allowed([job("1")])
    both.look(there(a="running", b="paused"))
    assert not both.anyone_of(allowed)
    assert both.threads == 2
    assert both.allowed([job("1")]) == {"tcp://10.0.0.1:1"}
    both.look(there(a="paused", b="paused"))
    assert both.threads == 0


def test_one_that_is_dismissed_is_known_by_its_name_until_it_is_gone() -> None:
    both = roster(a="running", b="running")
    assert both.dismiss("b")
    assert not both.dismiss("b")
    assert (both.threads, both.allowed([job("1")])) == (2, {"tcp://10.0.0.1:1"})
    both.look(there(a="running", b="running"))
    assert both.threads == 2
    both.look(there(a="running"))
    both.look(there(a="running", b="running"))
    assert (both.threads, both.allowed([job("1")])) == (4, None)
    assert not both.knows("tcp://10.0.0.2:1")


def test_who_is_paused_is_still_asked_and_who_is_left_out_is_not() -> None:
    three = roster(a="running", b="paused", c="running")
    three.dismiss("c")
    assert three.fit == ["tcp://10.0.0.1:1", "tcp://10.0.0.2:1"]
    assert three.name("tcp://10.0.0.3:1") == "c"

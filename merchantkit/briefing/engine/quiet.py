"""Whether a process is still one to fork from, after something was run in it."""

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# Gives memory back in the background; its allocator goes on without it in a child.
_HARMLESS = {"jemalloc_bg_thd"}


@dataclass(frozen=True)
class Surroundings:
    """What of a process every child would inherit or miss, as it is at a moment.

    Attributes:
        threads: Number → name of each thread but the main one: a child has none of them, and
            waits forever for a lock that one held.
        handlers: Signal → what it is handled with.
    """

    threads: Mapping[int, str]
    environment: Mapping[str, str]
    handlers: Mapping[int, object]

    @classmethod
    def now(cls) -> Self:
        """Look around."""
        handlers = {int(number): signal.getsignal(number) for number in signal.valid_signals()}
        return cls(_threads(), dict(os.environ), handlers)

    def changes(self) -> str:
        """Return what has changed since, in words; empty if nothing has."""
        now = type(self).now()
        threads = {name for number, name in now.threads.items() if number not in self.threads}
        variables = {name for name, _ in self.environment.items() ^ now.environment.items()}
        signals = {
            signal.Signals(number).name
            for number, handler in now.handlers.items()
            if handler != self.handlers[number]
        }
        found = {
            "leaves threads behind": threads,
            "changes the environment": variables,
            "handles signals": signals,
        }
        said = (f"{what} ({', '.join(sorted(names))})" for what, names in found.items() if names)
        return "; ".join(said)


def _threads() -> dict[int, str]:
    """Return the system's number and the name of each thread but the main one."""
    known = {thread.native_id: thread.name for thread in threading.enumerate()}
    found = {}
    for task in Path("/proc/self/task").iterdir():
        name = (task / "comm").read_text().strip()
        if int(task.name) != os.getpid() and name not in _HARMLESS:
            found[int(task.name)] = known.get(int(task.name), name)
    return found

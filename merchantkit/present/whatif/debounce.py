"""Wait until a slider rests: a drag sends dozens of values, and only the last one matters."""

import asyncio
from collections.abc import Callable

SECONDS = 0.12  # below what a hand notices, above the pause between two events of a drag


class Debounce:
    """Calls a function once its own calls have ceased for a moment.

    Where no event loop runs (a script, a test) there is nothing to wait in: the function is called
    at once.

    >>> calls = []
    >>> later = Debounce(lambda: calls.append("called"))
    >>> later()
    >>> calls
    ['called']
    """

    def __init__(self, function: Callable[[], None], seconds: float = SECONDS) -> None:
        self._function = function
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        """Ask for a call; an earlier one that is still waiting gives way."""
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._function()
            return
        self._timer = loop.call_later(self._seconds, self._fire)

    @property
    def waiting(self) -> bool:
        """Whether a call is still to come."""
        return self._timer is not None

    def cancel(self) -> None:
        """Drop the call that is waiting, if there is one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._function()

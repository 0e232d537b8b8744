"""The two ways to a kernel: it is in this very process, or in a child of the fork server."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError

from merchantkit.briefing.engine.child import Clock
from merchantkit.briefing.engine.kernel import KernelHere
from merchantkit.briefing.engine.wire import Frames, Message, new_session, pack, unpack

# How often a kernel that says nothing is looked at.
_LOOK_SECONDS = 1.0
# What a kernel is given to end by itself; nbclient gives as much.
_END_SECONDS = 5.0

# As Jupyter has it: a request after which a kernel ends.
FAREWELL = "shutdown_request"

Deliver = Callable[[Message], None]


class TimeIsUp(Exception):
    """A kernel has not answered in time."""


class Link(Protocol):
    """A way to a fresh kernel."""

    @property
    def session(self) -> Session:
        """With what whoever asks makes requests."""

    def ask(self, request: Message, deliver: Deliver, timeout: float | None) -> None:
        """Send a request and hand on every message until the kernel has done what it asks.

        Raises:
            TimeIsUp: It has not within ``timeout`` seconds.
            DeadKernelError: There is no kernel any more.
        """

    def wait(self, deliver: Deliver, timeout: float | None) -> None:
        """Go on waiting after ``TimeIsUp``."""

    def interrupt(self) -> None:
        """Interrupt what it does."""

    def kill(self) -> None:
        """End it, whatever it does."""

    def close(self) -> None:
        """Let it end, and with it what it started."""


class LinkHere:
    """The way to the kernel of this process, which was forked for one notebook."""

    def __init__(self, kernel: KernelHere, clock: Clock | None = None) -> None:
        self._kernel = kernel
        self.session = kernel.asker
        self._clock = clock
        self._owner = os.getpid()

    def ask(self, request: Message, deliver: Deliver, timeout: float | None) -> None:
        """See ``Link``; it is whoever forked this process who watches its time."""
        if self._clock and timeout is not None:
            self._clock.step(timeout)
        self._kernel.ask({"buffers": [], **request}, deliver, tell=False)
        if os.getpid() != self._owner:
            os._exit(0)  # a cell forked, and this is the copy: the notebook is not its own

    def wait(self, deliver: Deliver, timeout: float | None) -> None:
        """See ``Link``: never called, as time is never up here."""

    def interrupt(self) -> None:
        """See ``Link``: never called either."""

    def kill(self) -> None:
        """See ``Link``: nor this."""

    def close(self) -> None:
        """See ``Link``."""
        if self._clock:
            self._clock.step(float("inf"))


class LinkToChild:
    """The way to a kernel in a child of the fork server."""

    def __init__(self, connection: Connection, pid: int) -> None:
        self._connection = connection
        self._pid = pid
        self.session = new_session()
        self._asked = ""

    def ask(self, request: Message, deliver: Deliver, timeout: float | None) -> None:
        """See ``Link``."""
        self._asked = request["header"]["msg_id"]
        with contextlib.suppress(OSError):  # gone: waiting for its answer tells
            send(self._connection, pack(self.session, request))
        self.wait(deliver, timeout)

    def wait(self, deliver: Deliver, timeout: float | None) -> None:
        """See ``Link``."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                if not self._connection.poll(_LOOK_SECONDS if left is None else left):
                    if left is not None:
                        raise TimeIsUp
                    self._refuse_the_dead()
                    continue
                message = unpack(self.session, receive(self._connection))
            except (EOFError, OSError):
                raise DeadKernelError("Kernel died") from None
            deliver(message)
            # It also says so, late, of a request that it was interrupted in and nobody waited for.
            if is_idle(message) and message["parent_header"].get("msg_id") == self._asked:
                return

    def _refuse_the_dead(self) -> None:
        # What a dead kernel's cell started may hold the line open.
        if not Path(f"/proc/{self._pid}").exists() and not self._connection.poll(0):
            raise DeadKernelError("Kernel died")

    def interrupt(self) -> None:
        """See ``Link``."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGINT)

    def kill(self) -> None:
        """See ``Link``."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """See ``Link``: as a kernel is shut down, interrupted first and killed if it lingers."""
        if self._connection.closed:
            return
        self._asked = ""  # none of its answers is its last word: it is to be gone
        farewell = self.session.msg(FAREWELL, {"restart": False})
        try:
            with contextlib.suppress(OSError):
                send(self._connection, pack(self.session, farewell))
            self.interrupt()
            self.wait(lambda _: None, _END_SECONDS)
        except DeadKernelError:
            pass
        except TimeIsUp:
            self.kill()
        finally:
            self._connection.close()


def is_idle(message: Message) -> bool:
    """Return whether a message says that the kernel has done what it was asked."""
    return bool(message["msg_type"] == "status" and message["content"]["execution_state"] == "idle")


def send(connection: Connection, frames: Frames) -> None:
    """Send a message's frames."""
    connection.send_bytes(len(frames).to_bytes(4, "big"))
    for frame in frames:
        connection.send_bytes(frame)


def receive(connection: Connection) -> Frames:
    """Receive a message's frames.

    Raises:
        EOFError: The other end is closed.
    """
    count = int.from_bytes(connection.recv_bytes(), "big")
    return [connection.recv_bytes() for _ in range(count)]

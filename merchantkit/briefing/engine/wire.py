"""Where a kernel's messages go instead of a socket, in the very form in which a socket has them."""

import threading
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session

Message = dict[str, Any]
Frames = list[bytes]


def new_session() -> Session:
    """Return a session that packs messages as any kernel's does, but has nobody to prove it to."""
    session = Session(key=b"none", check_pid=False)
    # Its two ends are a process and the child that it forked, or the child alone: no signature.
    session.auth = None
    return session


class Wire:
    """What a kernel takes for its sockets: every message is packed, and handed to ``sink``.

    Packed even if its receiver is in the same process: what a cell shows and then changes is
    shown as it was, and whatever JSON does to a value is done to it here as well.
    """

    def __init__(self) -> None:
        self.sink: Callable[[Frames], None] | None = None
        self._lock = threading.RLock()

    def send_multipart(self, frames: list[Any], **_: Any) -> None:
        """Hand a packed message on; one at a time, as a timer's thread may send one, too."""
        with self._lock:
            if self.sink is not None:
                self.sink([bytes(frame) for frame in frames])

    def schedule(self, call: Callable[[], None]) -> None:
        """Do at once what a kernel would leave to its sending thread."""
        call()


def pack(session: Session, message: Message) -> Frames:
    """Return a message's frames."""
    buffers = [bytes(buffer) for buffer in message.get("buffers", [])]
    return [*session.serialize(message), *buffers]


def unpack(session: Session, frames: Frames) -> Message:
    """Return a message from its frames."""
    _, parts = session.feed_identities(frames)
    message: Message = session.deserialize(parts)
    return message

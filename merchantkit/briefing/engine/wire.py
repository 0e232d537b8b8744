"""How a kernel's messages travel here: no socket, but in the form that they have behind one."""

import threading
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session

Message = dict[str, Any]
Frames = list[bytes]


def new_session() -> Session:
    """Return a session that packs messages as any client's does, but has nobody to prove it to."""
    return _unsigned(Session(key=b"none", check_pid=False))


def _unsigned(session: Session) -> Session:
    # Its two ends are a process and the child that it forked, or the child alone.
    session.auth = None
    return session


class KernelSession(Session):
    """A kernel's session: whatever the kernel sends is handed to ``sink``.

    Its content is put into JSON and taken out again, even for a receiver in the same process:
    what a cell shows and then changes is shown as it was, and whatever JSON does to a value is
    done to it here as well.
    """

    def __init__(self) -> None:
        super().__init__(key=b"none", check_pid=False)
        _unsigned(self)
        self.sink: Callable[[Message], None] | None = None
        # A timer's thread may send, too.
        self._one_at_a_time = threading.RLock()

    def send(
        self, stream: Any, msg_or_type: Message | str, content: Message | None = None,
        parent: Message | None = None, ident: Any = None, buffers: list[Any] | None = None,
        track: bool = False, header: Message | None = None, metadata: Message | None = None,
    ) -> Message:  # fmt: skip
        """Hand a message on, or make one of its type and content and hand that on."""
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content, parent, header, metadata)
        else:
            message = msg_or_type
        message["content"] = self.unpack(self.pack(message["content"]))
        message["buffers"] = [bytes(part) for part in buffers or message.get("buffers") or []]
        with self._one_at_a_time:
            if self.sink is not None:
                self.sink(message)
        return message


class NoSocket:
    """What a kernel holds in the place of its sockets, and of the thread that would send."""

    def schedule(self, call: Callable[[], None]) -> None:
        """Do at once what a kernel would leave to its sending thread."""
        call()


def pack(session: Session, message: Message) -> Frames:
    """Return a message's frames."""
    return [*session.serialize(message), *message.get("buffers", [])]


def unpack(session: Session, frames: Frames) -> Message:
    """Return a message from its frames."""
    _, parts = session.feed_identities(frames)
    message: Message = session.deserialize(parts)
    return message

"""What a cell prints, in the portions in which a kernel sends it, without a kernel's threads."""

import contextvars
import os
import threading
from collections import defaultdict
from io import StringIO, TextIOBase
from typing import Any

from ipykernel.iostream import OutStream

from merchantkit.briefing.engine.wire import KernelSession, NoSocket


class CellStream(OutStream):
    """``sys.stdout`` or ``sys.stderr`` of a cell.

    A kernel buffers what is printed and sends it when a cell shows something or ends, or a fifth
    of a second after the first word. Its sending thread does not survive a fork, so here a timer
    is started by the first word of a portion, and none for a cell that prints nothing.
    """

    def __init__(self, session: KernelSession, name: str) -> None:
        TextIOBase.__init__(self)
        self.session = session
        self.pub_thread = NoSocket()
        self.name = name
        self.topic = b"stream." + name.encode()
        self.echo = None
        self._parent_header: contextvars.ContextVar[dict[str, Any]] = contextvars.ContextVar(
            "parent_header"
        )
        self._parent_header.set({})
        self._parent_header_global: dict[str, Any] = {}
        self._buffer_lock = threading.RLock()
        self._buffers = defaultdict(StringIO)
        self._local = threading.local()
        self._isatty = self._should_watch = False
        self._flush_pending = self._subprocess_flush_pending = False
        self._timer: threading.Timer | None = None
        self._master_pid = os.getpid()
        self._descriptor: Descriptor | None = None

    def capture(self) -> None:
        """Also take what programs and C libraries write to the stream's file descriptor.

        To be called in the child: what it holds is the child's own.
        """
        self._master_pid = os.getpid()
        self._descriptor = Descriptor(1 if self.name == "stdout" else 2)
        self._original_stdstream_copy = self._descriptor.before

    def write(self, string: str) -> int | None:  # type: ignore[override]  # as OutStream has it
        """Take a text, after whatever was written to the descriptor before it."""
        self._take_from_descriptor()
        return super().write(string)

    def flush(self) -> None:
        """Send what there is."""
        self._flush()

    def _flush(self) -> None:
        if self._timer is not None:
            # A portion ends here, however: the next word begins another, with its own time.
            self._timer.cancel()
        self._take_from_descriptor()
        if self._buffers:
            super()._flush()  # type: ignore[no-untyped-call]

    def _schedule_flush(self) -> None:
        if not self._flush_pending:
            self._flush_pending = True
            self._timer = threading.Timer(self.flush_interval, self._flush)
            self._timer.daemon = True
            self._timer.start()

    def _take_from_descriptor(self) -> None:
        if self._descriptor is None or not self._is_master_process():  # type: ignore[no-untyped-call]
            return
        with self._buffer_lock:
            text = self._descriptor.read()
            if text:
                self._buffers[frozenset(self.parent_header.items())].write(text)


class Descriptor:
    """A standard stream's file descriptor, led into memory that is read when it matters."""

    def __init__(self, number: int) -> None:
        self.before = os.dup(number)
        self._memory = os.memfd_create("cell", os.MFD_CLOEXEC)
        # Appending: a program that a cell starts shares the descriptor, not the place in it.
        self._write_end = os.open(f"/proc/self/fd/{self._memory}", os.O_WRONLY | os.O_APPEND)
        os.dup2(self._write_end, number)
        self._read = 0

    def read(self) -> str:
        """Return what was written since the last time."""
        size = os.fstat(self._memory).st_size
        if size <= self._read:
            return ""
        data = os.pread(self._memory, size - self._read, self._read)
        self._read += len(data)
        return data.decode("utf-8", "replace")

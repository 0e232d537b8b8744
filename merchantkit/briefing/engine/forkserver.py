"""A quiet, warm process from which papermill's notebooks are forked, one fresh child for each.

It is a process of its own because papermill's may hold threads and locks that a fork would tear.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from merchantkit.briefing.engine import child, environment
from merchantkit.briefing.engine.kernel import KernelHere
from merchantkit.briefing.engine.links import FAREWELL, LinkToChild, receive, send
from merchantkit.briefing.engine.wire import new_session, pack, unpack

# What the kit's notebooks import, and nothing that speaks when it is imported.
_WARM = (
    "ipywidgets", "merchantkit.assessment", "merchantkit.present.briefing",
    "merchantkit.present.portfolio", "pandas", "plotly.graph_objects",
)  # fmt: skip
# A library's own threads would be gone in every child.
_STILL = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_FORK = b"fork"
_END_SECONDS = 5.0
# As a kernel starts: nothing in the folder where it starts may pass for a library.
_START = f"import sys; del sys.path[0]; from {__name__} import main; main(int(sys.argv[1]))"


class Server:
    """The server as papermill's process sees it."""

    def __init__(self) -> None:
        self._socket, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.ExitStack() as undone, there:
            undone.callback(self._socket.close)  # on which a server that has begun ends
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, on its own module
                [sys.executable, "-c", _START, str(there.fileno())],
                pass_fds=[there.fileno()], env={**os.environ, **_STILL}, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            undone.pop_all()
        self._owner = os.getpid()
        atexit.register(self.close)

    @property
    def usable(self) -> bool:
        """Whether this process started it and it lives."""
        return self._owner == os.getpid() and self._process.poll() is None

    def fresh_kernel(self) -> LinkToChild:
        """Return the link to a kernel in a fresh child, in this process's folder.

        Raises:
            OSError: The server is gone, or could not fork.
        """
        here, there = socket.socketpair()
        line = Connection(here.detach())
        # All that is said of a notebook is said on its own line. Whatever breaks it off, Ctrl-C
        # included, the line is closed, the child ends, and nobody hears an answer for another.
        with contextlib.ExitStack() as undone:
            undone.callback(line.close)
            with there:
                socket.send_fds(self._socket, [_FORK], [there.fileno()])
            pid = _pid(line)
            request = {"cwd": str(Path.cwd()), "environment": _for_a_kernel()}
            line.send_bytes(json.dumps(request).encode())
            undone.pop_all()
        return LinkToChild(line, pid)

    def close(self) -> None:
        """End the server, if it is this process's own."""
        if self._owner != os.getpid():
            return
        # Shut down, not only closed: a child that this process has forked may hold a copy.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _pid(line: Connection) -> int:
    try:
        answer = json.loads(line.recv_bytes())
    except EOFError:
        raise ConnectionError("the fork server ended; see standard error") from None
    if "refused" in answer:
        raise OSError(*answer["refused"])
    return int(answer["pid"])


def _for_a_kernel() -> dict[str, str]:
    """Return the environment with which a kernel of its own would be started here."""
    # As ``jupyter_client`` has it: who its parent is, and not where a Mac has its Python.
    given = {**os.environ, "JPY_PARENT_PID": str(os.getpid())}
    given.pop("PYTHONEXECUTABLE", None)
    return given


_lock = threading.Lock()
_server: Server | None = None


def fresh_kernel() -> LinkToChild:
    """Return the link to a fresh kernel of this process's server, which the first call starts."""
    global _server  # one a process, as it is what costs the time
    with _lock:
        if _server is None or not _server.usable:
            _server = Server()
        return _server.fresh_kernel()


# --- in the server ------------------------------------------------------------------------------


def main(descriptor: int) -> None:
    """Serve until nobody is left to ask."""
    # In a cell, as libraries look where they are imported: pandas shows wider tables in a kernel.
    given = dict(os.environ)
    KernelHere().run_silently(f"import {', '.join(_WARM)}")
    environment.replace(given)  # the next one is to be seen changing what it changes
    kernel = KernelHere()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, _bury)
    with socket.socket(fileno=descriptor) as control:
        while True:
            asked, descriptors, _, _ = socket.recv_fds(control, len(_FORK), 1)
            if not asked:
                break
            for descriptor in descriptors:  # none, where this process may open no more
                with Connection(descriptor) as line:
                    _fork(kernel, line, control)
    for pid in child.children():
        child.end_group(pid)


def _fork(kernel: KernelHere, line: Connection, control: socket.socket) -> None:
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        answer: dict[str, Any] = {"refused": [error.errno, error.strerror]}
    else:
        if pid == 0:
            control.close()
            _serve(kernel, line, parent)
        answer = {"pid": pid}
    with contextlib.suppress(OSError):  # whoever asked has gone meanwhile
        line.send_bytes(json.dumps(answer).encode())


def _bury(*_: Any) -> None:
    """End what is left of the group of each kernel that has ended, however it did."""
    with contextlib.suppress(ChildProcessError):
        # Its number is nobody else's until it is waited for.
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            child.end_group(ended.si_pid)
            os.waitpid(ended.si_pid, 0)


def _serve(kernel: KernelHere, line: Connection, parent: int) -> NoReturn:
    """Be one notebook's kernel until its client closes the line."""
    owner = os.getpid()
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        child.die_with(parent)
        request = json.loads(line.recv_bytes())
        kernel.take(request["environment"])
        os.chdir(request["cwd"])
        atexit._clear()  # what is registered by now is the server's own
        kernel.begin()
        _answer_all(kernel, line)
        if os.getpid() == owner:
            atexit._run_exitfuncs()
            kernel.end_started()
            _hang_up(line)
    finally:
        os._exit(0)


def _answer_all(kernel: KernelHere, line: Connection) -> None:
    session, owner = new_session(), os.getpid()
    with contextlib.suppress(EOFError, OSError):
        while os.getpid() == owner:
            request = unpack(session, receive(line))
            if request["msg_type"] == FAREWELL:
                return
            kernel.ask(request, lambda message: send(line, pack(session, message)))


def _hang_up(line: Connection) -> None:
    # Shut down, not only closed: what a cell has forked and set free may hold a copy.
    with socket.socket(fileno=os.dup(line.fileno())) as held, contextlib.suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)

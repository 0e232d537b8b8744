"""IPython's own kernel without sockets and threads: made ready in a parent, used in its child.

It is ipykernel's application and kernel, with what would need a thread or a port left out, so
that a cell finds everything that it would find in a kernel of its own: the same shell, displays,
magics, widgets and configuration.
"""

import asyncio
import contextlib
import inspect
import os
import signal
import sys
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import ipykernel.ipkernel
import ipykernel_launcher
import psutil
from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core.interactiveshell import InteractiveShell
from tornado.ioloop import IOLoop
from traitlets.config import Config

from merchantkit.briefing.engine.environment import Changes
from merchantkit.briefing.engine.remembered import Transformers, remember
from merchantkit.briefing.engine.streams import CellStream
from merchantkit.briefing.engine.wire import KernelSession, Message, NoSocket, new_session
from merchantkit.briefing.missing import without

# What a program that runs a notebook writes on the command line of its kernel.
_ARGUMENTS = ["-f", "kernel.json", "--HistoryManager.hist_file=:memory:"]
# The history's own thread would not survive the fork, nor is there anyone to read it later.
_QUIET = Config({"HistoryManager": {"enabled": False}, "Kernel": {"_execute_sleep": 0.0}})
# What a process that a cell has left running is given to end, each time that it is told to.
_TOLD_SECONDS = 2.0
# As many bits as NumPy itself would take of the system for a seed, twice.
_SEED_BYTES = 32


class _Kernel(IPythonKernel):
    # No parts of it that run beside one another: each would be a thread.
    _supports_kernel_subshells = False


class QuietApp(IPKernelApp):
    """The kernel's application, deaf and still: it opens no port and starts no thread."""

    kernel_class = _Kernel

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Load the user's configuration, and lay what must hold here over it."""
        super().load_config_file(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.update_config(_QUIET)

    def init_sockets(self) -> None:
        """Open none; only a session is needed to pack messages."""
        self.session = KernelSession()

    def _leave_out(self, *_: Any, **__: Any) -> None:
        pass

    init_connection_file = init_poller = init_heartbeat = _leave_out
    write_connection_file = log_connection_info = init_signal = _leave_out

    def init_io(self) -> None:
        """Lead what is printed and shown to the session."""
        sys.stdout = CellStream(self.session, "stdout")
        sys.stderr = CellStream(self.session, "stderr")
        self.displayhook = ZMQDisplayHook(self.session, NoSocket())
        sys.displayhook = self.displayhook
        self.patch_io()  # type: ignore[no-untyped-call]

    def init_kernel(self) -> None:
        """Make the kernel, without sockets."""
        # Whose thread is the main one is all that a kernel asks of the thread that it lacks here.
        main = SimpleNamespace(parent_thread=threading.main_thread())
        self.kernel = self.kernel_class.instance(
            parent=self, session=self.session, iopub_socket=NoSocket(), log=self.log,
            shell_channel_thread=main, profile_dir=self.profile_dir, user_ns=self.user_ns,
        )  # fmt: skip
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


class KernelHere:
    """A kernel in this process: made in a quiet parent, begun in the child that runs a notebook.

    Args:
        ignore_cwd: Whether modules in the notebook's folder stay out of reach of its imports.
    """

    def __init__(self, *, ignore_cwd: bool = False) -> None:
        before = sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.argv, sys.path[:]
        environment = dict(os.environ)
        sys.argv = [str(ipykernel_launcher.__file__), *_ARGUMENTS]
        _forget_kernels()
        remember()
        self._app = QuietApp()  # type: ignore[no-untyped-call]
        # Nobody could reach a debugger here, and every child would carry it.
        with without("debugpy"):
            self._app.initialize([*_ARGUMENTS, f"--InteractiveShellApp.ignore_cwd={ignore_cwd}"])  # type: ignore[no-untyped-call]
        # What it would tell of each request, it would make up and then not tell.
        self._app.log.setLevel(self._app.log_level)
        _make_formatters(InteractiveShell.instance())
        # Whatever a user's configuration has done to it stays done.
        InteractiveShell.instance().input_transformer_manager.__class__ = Transformers
        self._its = sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.argv, sys.path
        self._streams: list[CellStream] = [sys.stdout, sys.stderr]  # type: ignore[list-item]
        # Whoever asks this kernel is in this process, too, and makes requests with this.
        self.asker = new_session()
        # The parent stays as it was; what is the kernel's is put in place in the child.
        sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.argv, sys.path = before
        # The environment keeps what the kernel has made of it, for who forks with the parent's own.
        self._changes = Changes(environment)
        self._runner: asyncio.Runner | None = None

    def take(self, environment: Mapping[str, str]) -> None:
        """Let this process have another environment, as the kernel would have made it.

        To be called in the child, before ``begin``, if it is not to have its parent's.
        """
        self._changes.make(environment, self._app.kernel.shell)

    def begin(self) -> None:
        """Make this process the kernel's, its streams and descriptors included.

        To be called in the child that was forked for the notebook.
        """
        for parents_own in (signal.SIGALRM, signal.SIGCHLD):
            signal.signal(parents_own, signal.SIG_DFL)
        self._put_in_place()
        self.asker.session = uuid.uuid4().hex
        for stream in self._streams:
            stream.capture()
        with warnings.catch_warnings():
            pass  # a warning that the parent has seen is news to the child's notebook
        if numpys := sys.modules.get("numpy.random"):
            # Python's own generator sees to that by itself; a seed that NumPy seeks takes it long.
            numpys.seed(list(os.urandom(_SEED_BYTES)))

    def end_started(self) -> None:
        """End what cells have started in this process's group and left running."""
        for tell in (psutil.Process.terminate, psutil.Process.kill):
            if not (left := self._app.kernel._process_children()):
                return
            for process in left:
                with contextlib.suppress(psutil.Error):
                    tell(process)
            psutil.wait_procs(left, _TOLD_SECONDS)

    @contextlib.contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Let the kernel run something in the parent, which is as it was afterwards."""
        before = sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.argv, sys.path
        handler, main = signal.getsignal(signal.SIGINT), sys.modules["__main__"]
        try:
            self._put_in_place()
            yield
        finally:
            if self._runner is not None:
                self._runner.close()
                self._runner = None
            sys.modules["__main__"] = main
            sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.argv, sys.path = before
            signal.signal(signal.SIGINT, handler)

    def run_silently(self, code: str) -> None:
        """Run a cell in the parent, uncounted and unseen."""
        content = {"code": code, "silent": True, "store_history": False, "user_expressions": {}}
        request = self._app.session.msg("execute_request", {**content, "stop_on_error": False})
        with self.rehearsing():
            self.ask({**request, "buffers": []}, lambda _: None, tell=False)

    def _put_in_place(self) -> None:
        sys.stdout, sys.stderr, sys.displayhook, sys.excepthook, sys.argv, sys.path = self._its
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._runner = asyncio.Runner()
        self._app.kernel.io_loop = self._runner.run(_current_loop())

    def ask(self, request: Message, sink: Callable[[Message], None], *, tell: bool = True) -> None:
        """Let the kernel answer a request.

        Args:
            request: A message as it is received.
            sink: What is given each message that the kernel sends.
            tell: Whether it also says when it is busy and when it is idle again.
        """
        self._app.session.sink = sink
        if self._runner is None:
            raise RuntimeError("the kernel has not begun")
        self._runner.run(self._answer(request, tell))

    async def _answer(self, request: Message, tell: bool) -> None:
        """Do with a request what a kernel does that has received one."""
        kernel = self._app.kernel
        kernel.set_parent([], request)
        if tell:
            kernel._publish_status("busy", "shell")
        kernel.pre_handler_hook()
        try:
            done = kernel.shell_handlers[request["msg_type"]](NoSocket(), [], request)
            if inspect.isawaitable(done):
                await done
        except KeyboardInterrupt:
            kernel.log.error("KeyboardInterrupt caught in kernel.")
        finally:
            kernel.post_handler_hook()
        sys.stdout.flush()
        sys.stderr.flush()
        if tell:
            kernel._publish_status("idle", "shell")


async def _current_loop() -> IOLoop:
    return IOLoop.current()


def _make_formatters(shell: InteractiveShell) -> None:
    """Let the shell make what it otherwise makes when it first shows something."""
    formatter = shell.display_formatter
    for made in ("formatters", "ipython_display_formatter", "mimebundle_formatter"):
        getattr(formatter, made)


def _forget_kernels() -> None:
    """Make room for a new kernel in a process that has had one."""
    for kind in (QuietApp, _Kernel, InteractiveShell):
        if kind.initialized():
            with contextlib.suppress(AttributeError):
                kind.instance().clear_instance()
    ipykernel.ipkernel._comm_manager = None

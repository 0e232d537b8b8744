"""Papermill's client with the kernel next door: every message goes through nbclient's own code."""

import contextlib
import inspect
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from nbclient.client import timestamp
from nbclient.exceptions import CellExecutionComplete, CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async, run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient

from merchantkit.briefing.engine.links import Link, TimeIsUp
from merchantkit.briefing.engine.wire import Message

_WITH_DATA = ("display_data", "execute_result", "update_display_data")
# What nbclient gives a kernel to shut down.
_LAST_WORDS_SECONDS = 5.0


class Client(PapermillNotebookClient):  # type: ignore[misc]  # it brings no types
    """Runs a notebook's cells over a link to a fresh kernel.

    What papermill and nbclient do with messages, errors, displays and widgets is theirs; only
    how requests and messages travel, and the waiting for them, is different.
    """

    def __init__(self, nb_man: Any, link: Link, **traits: Any) -> None:
        super().__init__(nb_man, **traits)
        self._link = link
        self._from_widgets: list[Message] = []
        # What nbclient's stand-ins for a browser's widgets ask of a client.
        channel = SimpleNamespace(send=self._from_widgets.append)
        self.kc = SimpleNamespace(session=link.session, shell_channel=channel)

    def execute(self, **_: Any) -> NotebookNode:
        """Run every cell until one fails; the notebook is changed in place."""
        self.reset_execution_trackers()
        self._hook(self.on_notebook_start, notebook=self.nb)
        self.log.info(f"Executing notebook with kernel: {self.kernel_name}")
        try:
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = deepcopy(IPythonKernel.language_info)
            self.set_widgets_metadata()
        finally:
            self._link.close()
        executed: NotebookNode = self.nb
        return executed

    def execute_cell(
        self, cell: NotebookNode, cell_index: int, execution_count: int | None = None,
        store_history: bool = True,
    ) -> NotebookNode:  # fmt: skip
        """Run one cell, as nbclient's method of that name does.

        Raises:
            CellExecutionError: The cell failed, and may not.
            CellTimeoutError: It took too long.
            DeadKernelError: Its kernel died.
        """
        self._hook(self.on_cell_start, cell=cell, cell_index=cell_index)
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        if self.record_timing:
            cell["metadata"]["execution"] = {}
        self._hook(self.on_cell_execute, cell=cell, cell_index=cell_index)
        reply = self._run(cell, cell_index, store_history)
        if execution_count:
            cell["execution_count"] = execution_count
        self._hook(self.on_cell_executed, cell=cell, cell_index=cell_index, execute_reply=reply)
        self._tell_widgets()
        if reply is not None and reply["content"]["status"] == "error":
            run_sync(self._check_raise_for_error)(cell, cell_index, reply)
        self.nb["cells"][cell_index] = cell
        return cell

    def _run(self, cell: NotebookNode, cell_index: int, store_history: bool) -> Message | None:
        """Send a cell's code, process what comes back, and return the reply."""
        # There are never further requests that an error would have to stop.
        content = {
            "code": cell.source, "silent": False, "store_history": store_history,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": False,
        }  # fmt: skip
        request = self._link.session.msg("execute_request", content)
        self._hook(self.on_cell_complete, cell=cell, cell_index=cell_index)
        self.code_cells_executed += 1
        cell.outputs = []
        self.clear_before_next_output = False
        replies: list[Message] = []

        def deliver(message: Message) -> None:
            if message["parent_header"].get("msg_id") != request["msg_id"]:
                return
            if message["msg_type"] == "execute_reply":
                replies.append(message)
                if self.record_timing:
                    cell["metadata"]["execution"]["shell.execute_reply"] = timestamp(message)
            else:
                if message["msg_type"] in _WITH_DATA:
                    # Its parts stay the plain mappings that they are, however deep a chart goes.
                    message["content"]["data"] = NotebookNode(message["content"]["data"])
                with contextlib.suppress(CellExecutionComplete):
                    self.process_message(message, cell, cell_index)

        timeout = self._get_timeout(cell)
        try:
            self._link.ask(request, deliver, timeout)
        except TimeIsUp:
            self._time_is_up(cell, timeout or 0, deliver)
        return replies[-1] if replies else self._instead()

    def _time_is_up(self, cell: NotebookNode, timeout: int, deliver: Any) -> None:
        self.log.error(f"Timeout waiting for execute reply ({timeout}s).")
        if not self.interrupt_on_timeout:
            # As a kernel that is shut down, which is interrupted first, and heard to the end.
            self._link.interrupt()
            with contextlib.suppress(TimeIsUp, DeadKernelError):
                self._link.wait(deliver, _LAST_WORDS_SECONDS)
            self._link.kill()
            raise CellTimeoutError.error_from_timeout_and_cell(
                "Cell execution timed out", timeout, cell
            )
        self.log.error("Interrupting kernel")
        self._link.interrupt()
        if not self.error_on_timeout:
            self._link.wait(deliver, None)

    def _instead(self) -> Message | None:
        # Only after a timeout that is to count as an error of the given name.
        if not self.error_on_timeout:
            return None
        return {"content": {**self.error_on_timeout, "status": "error"}}

    def _tell_widgets(self) -> None:
        """Hand the kernel what a browser's widgets would have told it meanwhile."""
        for message in self._from_widgets:
            self._link.ask(message, lambda _: None, None)
        self._from_widgets.clear()

    def _hook(self, hook: Any, **given: Any) -> None:
        said = None if hook is None else hook(**given)
        if inspect.isawaitable(said):  # only then a turn of an event loop
            run_sync(ensure_async)(said)

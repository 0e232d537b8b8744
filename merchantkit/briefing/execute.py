"""One page from beginning to end, in a worker: executed, cleaned, converted, opened, counted."""

import logging
import os
import time
import traceback
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NotebookExecutionManager
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors
from papermill.parameterize import parameterize_notebook

from merchantkit.briefing import atomic, verification
from merchantkit.briefing.clean import clean, compact
from merchantkit.briefing.engine import papermill_engine
from merchantkit.briefing.failures import Failure, NotebookFailed, machine_paths, one_line
from merchantkit.briefing.hashes import digest
from merchantkit.briefing.job import STARTS, Job, Limits, Made
from merchantkit.briefing.kernel import KERNEL, OwnKernel, prepared, read_notebook, transport
from merchantkit.briefing.missing import without_if_missing
from merchantkit.briefing.page import page

# With what papermill formats the parameters that it writes into a notebook, where there is one.
_FORMATTER = "black"


def make(job: Job, runtime: Path | None) -> Made:
    """Make one page; whatever goes wrong is this page's failure and comes back as a result.

    Args:
        job: What to make.
        runtime: Where a kernel of its own puts its connection; None where the kernel of this
            very process was offered to the engine.
    """
    began = time.monotonic()
    paths = machine_paths(job.cwd, job.scratch)
    try:
        return _make(job, runtime, paths, began)
    except NotebookFailed as failed:
        reason, detail, log = failed.failure, failed.detail, failed.traceback
    except OSError as error:
        reason, detail, log = Failure.NOT_WRITTEN, str(error), traceback.format_exc()
    except Exception as error:  # noqa: BLE001 - one page's failure must not end the run
        reason, detail, log = Failure.PAGE_ERROR, repr(error), traceback.format_exc()
    seconds = time.monotonic() - began
    return Made(job.key, seconds, reason, one_line(detail, paths), log or detail)


def _make(job: Job, runtime: Path | None, paths: list[str], began: float) -> Made:
    text = job.notebook.read_text(encoding="utf-8")
    run = _run_here if runtime is None else partial(_run_in_its_own_kernel, runtime=runtime)
    notebook = run(text, job.parameters, cwd=job.cwd, limits=job.limits)
    ran = time.monotonic()
    said = clean(notebook)
    atomic.write_beside(job.html, page(notebook, job.head).encode())
    atomic.write_beside(job.ipynb, compact(notebook))
    written = time.monotonic()
    # What is believed is what lies on the disk, not what was meant to be written.
    html, ipynb = job.html.read_bytes(), job.ipynb.read_bytes()
    seen, looked = verification.verify_both(html, ipynb, paths)
    problems = [*looked.problems, *seen.problems]
    if problems:
        raise NotebookFailed(Failure.NOT_VERIFIED, "; ".join(problems), said)
    ended = time.monotonic()
    return Made(
        job.key, ended - began, log=said,
        html_hash=digest(html), ipynb_hash=digest(ipynb),
        sections=seen.sections, charts=seen.charts,
        phases={"run": ran - began, "page": written - ran, "verify": ended - written},
    )  # fmt: skip


def _run_here(
    text: str, parameters: Mapping[str, str], *, cwd: Path, limits: Limits
) -> NotebookNode:
    """Run a notebook in the kernel of this process, which was offered to the engine.

    Papermill's own steps one by one, as its ``execute_notebook`` does them, but for the files:
    it would write the template out and read it in again, and validate it three times.
    """
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    template, run = prepared(text), _Run(limits)
    try:
        with without_if_missing(_FORMATTER):
            notebook: NotebookNode = parameterize_notebook(
                template, dict(parameters), kernel_name=KERNEL, language="python",
                engine_name=papermill_engine.NAME,
            )  # fmt: skip
        os.chdir(cwd)
        manager = _Unstamped(notebook, progress_bar=False)
        manager.notebook_start()
        papermill_engine.MerchantkitEngine.execute_managed_notebook(
            manager, KERNEL, timeout_func=run.cell_limit, on_cell_start=run.on_cell_start,
            record_timing=False,
        )  # fmt: skip
        raise_for_execution_errors(notebook, None)
    except Exception as error:
        raise run.failure(error) from error
    _refuse_early_end(notebook)
    return notebook


class _Unstamped(NotebookExecutionManager):  # type: ignore[misc]  # it brings no types
    """Papermill's account of a notebook without the times of day, which no page may carry."""

    def cell_start(self, cell: NotebookNode, cell_index: int | None = None, **_: Any) -> None:
        cell.metadata.papermill["exception"] = False

    def cell_complete(self, cell: NotebookNode, cell_index: int | None = None, **_: Any) -> None:
        pass

    def autosave_cell(self) -> None:
        pass


def _run_in_its_own_kernel(
    text: str, parameters: Mapping[str, str], *, cwd: Path, limits: Limits, runtime: Path
) -> NotebookNode:
    """Run a notebook in a kernel that is started for it.

    Only the start of a kernel is tried again; a cell never runs twice.
    """
    template = read_notebook(text)
    for attempt in range(1, STARTS + 1):
        run = _Run(limits)
        try:
            notebook = run.execute(template, parameters, cwd, runtime)
        except RuntimeError as error:
            if run.started or attempt == STARTS:
                raise run.failure(error) from error
        except Exception as error:
            raise run.failure(error) from error
        else:
            _refuse_early_end(notebook)
            return notebook
    raise AssertionError("the last attempt returns or raises")


class _Run:
    """One attempt: knows whether a cell has begun, and when the notebook's time is up."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.started = False
        self._deadline = float("inf")
        self._is_last = False

    def execute(
        self, template: NotebookNode, parameters: Mapping[str, str], cwd: Path, runtime: Path
    ) -> NotebookNode:
        connection = transport(runtime, f"k{os.getpid()}-{time.monotonic_ns():x}")
        logging.getLogger("papermill").setLevel(logging.CRITICAL)
        # A node in, and no path out: papermill would put both paths through str.format, and
        # save after every cell in place.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook: NotebookNode = papermill.execute_notebook(
                template, None, dict(parameters), kernel_name=KERNEL, language="python",
                progress_bar=False, request_save_on_cell_execute=False,
                cwd=str(cwd), start_timeout=int(self.limits.start),
                timeout_func=self.cell_limit, on_cell_start=self.on_cell_start,
                kernel_manager_class=OwnKernel, shutdown_kernel="immediate",
                record_timing=False, config=connection,
            )  # fmt: skip
        return notebook

    def on_cell_start(self, cell: NotebookNode, **_: Any) -> None:
        if not self.started:
            self.started = True
            self._deadline = time.monotonic() + self.limits.notebook
        elif cell.cell_type == "code" and time.monotonic() >= self._deadline:
            # Each cell has a second at least: many short ones would go on for ever.
            raise NotebookFailed(Failure.NOTEBOOK_TIMEOUT, f"{self.limits.notebook:g} s")

    def cell_limit(self, _cell: NotebookNode) -> int:
        left = self._deadline - time.monotonic()
        self._is_last = left < self.limits.cell
        return max(1, int(min(self.limits.cell, left)))

    def failure(self, error: Exception) -> NotebookFailed:
        log = "".join(traceback.format_exception(error))
        if isinstance(error, NotebookFailed):
            return NotebookFailed(error.failure, error.detail, log)
        if isinstance(error, PapermillExecutionError):
            # SystemExit with a status other than 0 comes this way, too.
            code = Failure.CELL_EXIT if error.ename == "SystemExit" else Failure.CELL_ERROR
            return NotebookFailed(code, f"{error.ename}: {error.evalue}", str(error))
        if isinstance(error, CellTimeoutError):
            code = Failure.NOTEBOOK_TIMEOUT if self._is_last else Failure.CELL_TIMEOUT
            limit = self.limits.notebook if self._is_last else self.limits.cell
            return NotebookFailed(code, f"{limit:g} s", log)
        if isinstance(error, DeadKernelError):
            return NotebookFailed(Failure.KERNEL_DIED, "", log)
        code = Failure.CELL_ERROR if self.started else Failure.KERNEL_START
        return NotebookFailed(code, f"{type(error).__name__}: {error}", log)


def _refuse_early_end(notebook: NotebookNode) -> None:
    # Papermill takes sys.exit(0) for success and marks the cells after it as completed.
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                said = f"{output.ename}: {output.evalue}"
                raise NotebookFailed(Failure.CELL_EXIT, said, "\n".join(output.traceback))

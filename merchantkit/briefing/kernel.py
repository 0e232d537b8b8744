"""The kernel that notebooks run in: this interpreter, whatever else the machine has installed."""

import os
import sys
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from traitlets import default
from traitlets.config import Config

# A path longer than this does not fit a Unix socket's name on every system.
_LONGEST_SOCKET = 90


KERNEL = "python3"
_KERNELSPEC = {"name": KERNEL, "display_name": "Python 3 (ipykernel)", "language": "python"}


def read_notebook(text: str) -> NotebookNode:
    """Return a notebook that says which kernel it wants, so that Lab and papermill know."""
    return deepcopy(_read(text))


def prepared(text: str) -> NotebookNode:
    """Return a notebook as papermill has it when it has read it from a file."""
    # A copy, every mapping and list of it made anew: the remembered one stays as it is.
    notebook: NotebookNode = nbformat.from_dict(_prepared(text))
    return notebook


@lru_cache(maxsize=4)
def _prepared(text: str) -> NotebookNode:
    template = read_notebook(text)
    template.metadata.setdefault(
        "papermill", {"default_parameters": {}, "parameters": {}, "environment_variables": {}}
    )
    for cell in template.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", {})
    return template


@lru_cache(maxsize=4)
def _read(text: str) -> NotebookNode:
    notebook: NotebookNode = nbformat.reads(text, as_version=4)
    notebook.metadata["kernelspec"] = dict(_KERNELSPEC)
    return notebook


class _OwnSpecs(KernelSpecManager):
    """Knows one kernel, by every name: a user's own ``python3`` may be another interpreter."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [
            sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}",
            "--HistoryManager.enabled=False", "--InteractiveShellApp.ignore_cwd=True",
        ]  # fmt: skip
        return KernelSpec(argv=argv, display_name=_KERNELSPEC["display_name"], language="python")


class OwnKernel(AsyncKernelManager):
    """Starts kernels of this interpreter."""

    @default("kernel_spec_manager")
    def _own_specs(self) -> KernelSpecManager:
        return _OwnSpecs(parent=self)


def transport(runtime: Path, name: str) -> Config:
    """Return where a kernel's connection lives.

    Sockets on the file system, where there are any: two kernels that start at once may pick the
    same port.
    """
    file = runtime / f"{name}.json"
    manager: dict[str, Any] = {"connection_file": str(file)}
    if os.name == "posix" and len(str(file)) < _LONGEST_SOCKET:
        manager["transport"] = "ipc"
    return Config({"KernelManager": manager})

"""On what it was measured: the machine and the versions."""

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import psutil

import merchantkit
from tests.bench.process import usable_cores

_LIBRARIES = (
    "papermill", "nbclient", "nbconvert", "nbformat", "ipykernel", "plotly", "pandas", "numpy",
    "pyarrow", "duckdb",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """Return the processor, how many cores of it may be used, and the memory in GB."""
    return {
        "processor": _processor(),
        "cores": len(usable_cores()),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(),
        "load_before": load(),
    }


def load() -> float | None:
    """Return how many processes wanted a core in the last minute, where the system tells."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def versions() -> dict[str, str]:
    """Return the versions of Python, the kit and what the figures depend on."""
    found = {"python": platform.python_version(), "merchantkit": merchantkit.__version__}
    return found | {name: importlib.metadata.version(name) for name in _LIBRARIES}


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())

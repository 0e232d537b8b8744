"""Report runs: a month's briefings made, recorded, verified and listed."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merchantkit.briefing.job import Limits
    from merchantkit.briefing.oblivion import forget
    from merchantkit.briefing.run import RunResult, report
    from merchantkit.briefing.standing import mark, status, verify

__all__ = ["Limits", "RunResult", "forget", "mark", "report", "status", "verify"]

_HOME = {
    "Limits": "job",
    "RunResult": "run",
    "forget": "oblivion",
    "mark": "standing",
    "report": "run",
    "status": "standing",
    "verify": "standing",
}


def __getattr__(name: str) -> Any:
    # Late, so that asking for a status does not wait for papermill.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)

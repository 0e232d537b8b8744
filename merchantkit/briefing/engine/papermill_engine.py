"""What papermill calls: ``papermill --engine merchantkit``, and the month's own run."""

from typing import Any

from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from merchantkit.briefing.engine import fitness
from merchantkit.briefing.engine.client import Client
from merchantkit.briefing.engine.links import Link

NAME = "merchantkit"


class MerchantkitEngine(NBClientEngine):  # type: ignore[misc]  # it brings no types
    """Runs each notebook in a fresh child of a warm process; what that cannot do, as papermill."""

    _offered: Link | None = None

    @classmethod
    def offer(cls, link: Link) -> None:
        """Let the next notebook have the kernel of this very process, forked for it alone."""
        cls._offered = link

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Execute a notebook; the arguments are papermill's."""
        link, lacking, cls._offered = cls._offered, "", None
        if link is None:
            cells = [cell.source for cell in nb_man.nb.cells if cell.cell_type == "code"]
            lacking = fitness.asked_beyond(kernel_name, kwargs) or fitness.lacking(cells)
            link, lacking = (None, lacking) if lacking else _fresh_kernel()
        if link is None:
            logger.warning(f"The notebook runs in papermill's own engine: {lacking}")
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        return Client(nb_man, link, **_traits(kernel_name, **kwargs)).execute()


def _fresh_kernel() -> tuple[Link | None, str]:
    """Return the link to a fresh kernel, or none and in words why not."""
    # Late: a child of a run's own worker has no use for a server.
    from merchantkit.briefing.engine import forkserver

    try:
        return forkserver.fresh_kernel(), ""
    except OSError as error:
        return None, f"no process could be forked for it ({error})"


def _traits(
    kernel_name: str, *, log_output: bool = False, stdout_file: Any = None, stderr_file: Any = None,
    start_timeout: int = 60, execution_timeout: int | None = None, **kwargs: Any,
) -> dict[str, Any]:  # fmt: skip
    """Return what papermill's own engine would give its client."""
    passed = remove_args(["input_path", "timeout", "startup_timeout"], **kwargs)
    traits: dict[str, Any] = merge_kwargs(
        passed, timeout=execution_timeout or kwargs.get("timeout"), startup_timeout=start_timeout,
        kernel_name=kernel_name, log=logger, log_output=log_output, stdout_file=stdout_file,
        stderr_file=stderr_file,
    )  # fmt: skip
    return traits


def register() -> None:
    """Make the engine known to papermill, also where no entry point of an installed kit does."""
    papermill_engines.register(NAME, MerchantkitEngine)

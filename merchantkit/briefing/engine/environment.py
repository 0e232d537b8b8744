"""What a kernel makes of the environment that it is started with."""

import os
from collections.abc import Mapping

from IPython.core.interactiveshell import InteractiveShell

# With what matplotlib draws in a kernel where nobody has said with what it should.
_BACKEND, _INLINE = "MPLBACKEND", "module://matplotlib_inline.backend_inline"


def replace(environment: Mapping[str, str]) -> None:
    """Make this environment the process's own."""
    os.environ.clear()
    os.environ.update(environment)


class Changes:
    """What making a kernel has changed, to be done to another environment than the parent's.

    Args:
        before: The environment before it was made; what it has become is looked up now.
    """

    def __init__(self, before: Mapping[str, str]) -> None:
        self._before, self._after = before, dict(os.environ)

    def make(self, given: Mapping[str, str], shell: InteractiveShell) -> None:
        """Let this process have what a kernel has that is started with the given environment."""
        # What depends on what is given is ipykernel's own; the rest is its user's configuration's,
        # and is the same whatever is given.
        _as_of_ipykernel(self._before, shell)
        expected = dict(os.environ)
        changed = self._after.items() - expected.items()
        _as_of_ipykernel(given, shell)
        os.environ.update(changed)
        for name in expected.keys() - self._after.keys():
            os.environ.pop(name, None)


def _as_of_ipykernel(given: Mapping[str, str], shell: InteractiveShell) -> None:
    replace(given)
    shell.init_environment()
    # As ``IPKernelApp.init_gui_pylab``, which would also start what is configured to be started.
    if not os.environ.get(_BACKEND):
        os.environ[_BACKEND] = _INLINE

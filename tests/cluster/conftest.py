"""What every test of a cluster needs."""

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _left_open_by_dask() -> Iterator[None]:
    """Let go here of what Dask leaves open where it is told to wait no longer.

    Which call leaves a connection to the garbage is not known; some later test's warning
    would tell of it.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()

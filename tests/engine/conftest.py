"""What several tests of the engine need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from merchantkit.briefing.engine import forkserver


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A fork server of the test's own, ended with it."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(forkserver, "_server", None)
    yield
    if forkserver._server is not None:
        forkserver._server.close()

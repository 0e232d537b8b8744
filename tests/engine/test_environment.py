"""A cell finds the environment that it finds in a kernel of its own."""

import json
import os
from pathlib import Path

import pytest

from tests.engine.test_equal import OURS, STOCK, cells, run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_server")]

INLINE = "module://matplotlib_inline.backend_inline"
TELLS = cells("import json, os\nprint(json.dumps(dict(os.environ)))")


def told(engine: str | None, folder: Path) -> dict[str, str]:
    """What a cell finds, but for what the debugger sets for itself, which only a kernel has."""
    made, ended = run(TELLS, engine, folder)
    assert ended == ""
    found = json.loads(made.cells[0].outputs[0].text)
    return {name: value for name, value in found.items() if not name.startswith("PYDEVD_")}


def test_it_is_as_a_kernel_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setenv("TERM", "vt100")
    ours = told(OURS, tmp_path)
    assert ours == told(STOCK, tmp_path)
    assert ours["MPLBACKEND"] == INLINE
    assert (ours["TERM"], ours["PAGER"]) == ("xterm-color", "cat")
    assert ours["JPY_PARENT_PID"] == str(os.getpid())


def test_it_is_made_of_each_notebooks_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server starts with what later notebooks do not have.
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setenv("TERM", "xterm-color")
    monkeypatch.setenv("WHOSE", "the first's")
    assert told(OURS, tmp_path)["MPLBACKEND"] == "svg"
    monkeypatch.delenv("MPLBACKEND")
    monkeypatch.setenv("TERM", "vt100")
    monkeypatch.delenv("WHOSE")
    monkeypatch.setenv("PYTHONEXECUTABLE", "elsewhere")
    second = told(OURS, tmp_path)
    assert second == told(STOCK, tmp_path)
    assert second["MPLBACKEND"] == INLINE
    assert not {"WHOSE", "PYTHONEXECUTABLE"} & second.keys()


def test_what_a_users_configuration_sets_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text("import os\nos.environ['EARLY'] = 'set'\n")
    (profile / "startup" / "mine.py").write_text(
        "import os\nos.environ.update(LATE='set', PAGER='less', MPLBACKEND='pdf')\n"
        "os.environ.pop('SECRET', None)\n"
    )
    monkeypatch.setenv("SECRET", "x")
    told(OURS, tmp_path)
    # Whatever the later notebook is given.
    monkeypatch.setenv("SECRET", "y")
    monkeypatch.setenv("MPLBACKEND", "svg")
    ours = told(OURS, tmp_path)
    assert ours == told(STOCK, tmp_path)
    assert [ours[name] for name in ("EARLY", "LATE", "PAGER", "MPLBACKEND")] == [
        "set", "set", "less", "pdf",
    ]  # fmt: skip
    assert "SECRET" not in ours

"""init and lab."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from merchantkit import home
from tests.cli.conftest import Kit


def test_init_lays_out_a_project_and_a_second_time_keeps_it(kit: Kit, tmp_path: Path) -> None:
    told = kit("init", "mine")
    assert told.code == 0
    assert (tmp_path / "mine" / "params" / "rules" / "rfq.yaml").is_file()
    assert "merchantkit demo" in told.err
    again = kit("init", "mine", "--json").records
    assert {record["state"] for record in again} == {"kept"}
    assert "params/rules/rfq.yaml" in {record["file"] for record in again}


def test_init_never_overwrites_what_was_edited(kit: Kit, tmp_path: Path) -> None:
    kit("init", "mine")
    edited = tmp_path / "mine" / "params" / "rules" / "rfq.yaml"
    edited.write_text("mine now", encoding="utf-8")
    told = kit("init", "mine")
    assert told.code == 2
    assert "params/rules/rfq.yaml" in told.err
    assert edited.read_text(encoding="utf-8") == "mine now"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What lab would start, and where."""
    seen: dict[str, Any] = {}

    def execv(program: str, command: list[str]) -> None:
        seen.update(program=program, command=command, cwd=Path.cwd())
        seen["home"] = os.environ.pop(home.ENVIRONMENT)

    monkeypatch.setattr(os, "execv", execv)
    return seen


def test_lab_opens_the_project_in_this_environment(
    kit: Kit, project: Path, started: dict[str, Any]
) -> None:
    assert kit("lab").code == 0
    assert started["program"] == sys.executable
    assert started["command"][:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={project}" in started["command"]
    assert "--LabApp.default_url=/lab/tree/notebooks" in started["command"]
    assert (started["cwd"], started["home"]) == (project, str(project))


def test_lab_passes_everything_else_on(kit: Kit, started: dict[str, Any]) -> None:
    assert kit("lab", "--no-browser", "--port", "8890").code == 0
    assert started["command"][-3:] == ["--no-browser", "--port", "8890"]

"""The program in this process, and as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from merchantkit.cli import app
from tests.conftest import ROOT


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What --json printed: one array and nothing else."""
        found = json.loads(self.out)
        assert isinstance(found, list)
        return found


Kit = Callable[..., Ran]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the checkout's rules and notebooks, and nobody's warehouse or reports."""
    for name in ("params", "notebooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture
def kit(project: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """Run a command in this process, in a project of its own."""
    monkeypatch.chdir(project)

    def run(*arguments: object) -> Ran:
        done = CliRunner().invoke(app, [str(a) for a in arguments], prog_name="merchantkit")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def process(project: Path) -> Kit:
    """Run a command as a process of its own, with other environment variables if need be."""

    def run(*arguments: object, **environment: str) -> Ran:
        command = [sys.executable, "-m", "merchantkit.cli", *map(str, arguments)]
        known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        done = subprocess.run(command, cwd=project, env=known, capture_output=True, check=False)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def demo(kit: Kit, tmp_path: Path) -> Path:
    """A warehouse with the demo's hand-made merchants."""
    file = tmp_path / "facts.duckdb"
    assert kit("demo", "--merchants", "6", "--warehouse", file).code == 0
    return file

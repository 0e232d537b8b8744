"""The kit from a wheel, far from any checkout: init lays out a project, and its rules hold."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    run([*build, str(checkout)], cwd=folder)
    return next(folder.glob("merchantkit-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel, this one's libraries behind it."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    here = sysconfig.get_path("purelib")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    python = str(folder / "bin" / "python")
    run([*pip, "--python", python, "install", "--no-deps", "--no-index", str(wheel)], cwd=folder)
    # Behind, not before: this environment's editable kit must not be the one that is found.
    (own / "libraries.pth").write_text(f"{here}\n", encoding="utf-8")
    return folder / "bin"


def run(command: list[str], cwd: Path) -> str:
    own = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "MERCHANTKIT_HOME"}}
    done = subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_brings_params_and_notebooks_and_nothing_stray(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "merchantkit/bundled/params/rules/rfq.yaml" in names
    assert "merchantkit/bundled/params/coverage.yaml" in names
    assert "merchantkit/bundled/notebooks/briefing.ipynb" in names
    assert "merchantkit/py.typed" in names
    tops = {name.split("/")[0].split("-")[0] for name in names}
    assert tops == {"merchantkit"}
    assert [n for n in names if "checkpoint" in n or "__pycache__" in n or "tests" in n] == []


def test_the_words_and_templates_are_in_the_wheel(wheel: Path, checkout: Path) -> None:
    kinds = {".py", ".po", ".html", ".j2", ".css", ".js", ".sql", ".svg", ".yaml"}
    package = checkout / "merchantkit"
    files = {f.relative_to(checkout).as_posix() for f in package.rglob("*") if f.suffix in kinds}
    assert files - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_init_lays_out_a_project_whose_rules_hold(installed: Path, tmp_path: Path) -> None:
    kit = str(installed / "merchantkit")
    run([kit, "init", "project"], cwd=tmp_path)
    project = tmp_path / "project"
    assert (project / "notebooks" / "briefing.ipynb").is_file()
    assert (project / "params" / "rules" / "campaign.yaml").is_file()
    run([kit, "rules", "check"], cwd=project)
    # Once more is well, and changes nothing.
    run([kit, "init", "project"], cwd=tmp_path)


def test_the_installed_kit_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    asked = "import merchantkit.home as h; print(h.__file__); print(h.place('params/rules'))"
    module, rules = run([str(installed / "python"), "-c", asked], cwd=tmp_path).split()
    assert Path(module).is_relative_to(installed.parent)
    assert Path(rules).is_relative_to(Path(module).parent / "bundled")


def test_the_rules_can_be_checked_without_a_project(installed: Path, tmp_path: Path) -> None:
    run([str(installed / "merchantkit"), "rules", "check"], cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []

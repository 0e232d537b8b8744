"""Lints of the repository itself: what it may hold, who may import whom, what must agree."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import jupytext
import nbformat
import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import Version

import merchantkit
from merchantkit import home
from merchantkit.programmes import NAMES
from merchantkit.rulebook import rulebook

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "merchantkit").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

TOP_LEVEL = {
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "merchantkit",
    "params",
    "notebooks",
    "reports",
    "tests",
}


def tracked() -> list[Path]:
    """What git holds or would hold; without git, what is not hidden, built or ignored."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run([git, *listed], cwd=ROOT, capture_output=True, check=True)
        names = done.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    parts = [ROOT / name for name in TOP_LEVEL - {"reports"}]
    files = [f for part in parts for f in ([part] if part.is_file() else part.rglob("*"))]
    return [f for f in files if f.is_file() and "__pycache__" not in f.parts]


def texts() -> Iterator[tuple[str, str]]:
    for file in tracked():
        content = file.read_bytes()
        if b"\0" not in content:
            yield file.relative_to(ROOT).as_posix(), content.decode("utf-8", "replace")


# --- what the repository may hold ---------------------------------------------------------------


def test_the_top_level_is_what_the_design_says() -> None:
    tops = {file.relative_to(ROOT).parts[0] for file in tracked()}
    assert {top for top in tops if not top.startswith(".")} - TOP_LEVEL == set()


def test_no_file_names_a_path_of_someones_machine() -> None:
    # Written so that this line does not find itself.
    machine = re.compile(r"(?<![\w.:/-])/(?:[h]ome|[r]oot|[w]ork|[U]sers|[t]mp)/\w|[A-Z]:\\[U]sers")
    found = [
        f"{name}: {match.group()}" for name, text in texts() for match in machine.finditer(text)
    ]
    assert found == []


def test_reports_hold_only_the_sample() -> None:
    inside = [file.relative_to(ROOT).parts for file in tracked()]
    assert [p for p in inside if p[0] == "reports" and p[1] != "sample"] == []


def test_no_facts_are_committed() -> None:
    kinds = {".duckdb", ".wal", ".sqlite"}
    assert [file.name for file in tracked() if file.suffix in kinds] == []


def test_nothing_is_named_for_being_useful() -> None:
    assert [file for file in PACKAGE if file.stem in {"utils", "util", "helpers", "misc"}] == []


# --- set-up -------------------------------------------------------------------------------------


def pins() -> dict[str, list[Version]]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    found = re.compile(r"([a-z0-9-]+)==([^\s;\\]+)")
    named: dict[str, list[Version]] = {}
    for match in filter(None, map(found.match, lines)):
        named.setdefault(match[1], []).append(Version(match[2]))
    return named


def test_the_lock_names_no_registry_and_no_path() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [line for line in lock.splitlines() if "://" in line or line.startswith("--")] == []
    assert "file:" not in lock
    assert re.findall(r"^(?![a-z0-9-]+==| +--hash=sha256:[0-9a-f]{64}).+", lock, re.M) == []


def test_every_locked_release_has_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    project, named = PROJECT["project"], pins()
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    asked = map(Requirement, [*project["dependencies"], *extras])
    for requirement in (one for one in asked if one.name != "merchantkit"):
        versions = named[requirement.name.lower().replace("_", "-")]
        assert all(version in requirement.specifier for version in versions), requirement


@pytest.mark.parametrize(
    ("name", "floor"),
    [("nbconvert", "7.17.2"), ("jupyter-server", "2.20"), ("jupyterlab", "4.5.7")],
)
def test_the_lock_is_above_the_known_vulnerabilities(name: str, floor: str) -> None:
    assert min(pins()[name]) >= Version(floor)


def test_the_version_stands_in_one_place_and_in_the_changelog() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[?v?(\d+\.\d+\.\d+)", changelog, re.M)
    assert headings[0] == merchantkit.__version__


@pytest.mark.slow
def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    project = PROJECT["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    declared = {Requirement(text).name.lower() for text in asked}
    homes = packages_distributions()
    imported = {name.split(".")[0] for file in PACKAGE for name in imports(file)}
    third = imported - set(sys.stdlib_module_names) - {"merchantkit"}
    known = {d.lower().replace("_", "-") for name in third for d in homes.get(name, [name])}
    known -= {"pydantic-core"}  # pydantic's own other half, which it pins
    assert known - declared == set()
    # Used by name and not by import: the Lab, its kernel and server, pairing, plotly's live
    # figures, pandas' Excel reader, zones where the system has none.
    by_name = {
        "anywidget", "ipykernel", "jupyter-server", "jupyterlab", "jupytext", "openpyxl", "tzdata",
    }  # fmt: skip
    assert declared - known - by_name == set()


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.M))
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make: sudo apt-get install make")
    done = subprocess.run([make, "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make (\S+) ", done.stdout, re.M)) == targets
    assert {"briefings", "test", "lab", "lint", "bench", "help"} <= targets


def test_what_ci_runs_is_a_program() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_an_editable_install_finds_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert home.place("params/rules") == ROOT / "params" / "rules"


def test_a_home_without_rules_of_its_own_uses_the_kits_copy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MERCHANTKIT_HOME", str(tmp_path))
    assert home.place("params/rules") == ROOT / "params" / "rules"
    assert home.warehouse_path() == tmp_path / "merchants.duckdb"


# --- who may import whom ------------------------------------------------------------------------


def imports(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    return plain | {n.module for n in nodes if isinstance(n, ast.ImportFrom) if n.module}


def test_imports_run_one_way() -> None:
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*lint, "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_kit_imports_no_heavy_library() -> None:
    asked = (
        "import sys, merchantkit;"
        "print(*sorted({'pandas', 'numpy', 'pyarrow', 'duckdb', 'plotly'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


CLOCKS = re.compile(r"\b(now|today|utcnow)\(|\btime\.(time|time_ns|localtime|gmtime|monotonic)\(")
TIMELESS = ("rulebook", "checks", "programmes", "foresight", "days", "money", "assessment")


@pytest.mark.slow
def test_rules_and_programmes_do_not_know_the_clock_on_the_wall() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in PACKAGE
        if layer(file) in TIMELESS
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and CLOCKS.search(ast.unparse(node.func) + "(")
    ]
    assert found == []


def layer(file: Path) -> str:
    """Which part of the package a file of ours belongs to; a notebook is its own."""
    if file.is_relative_to(ROOT / "merchantkit"):
        return file.relative_to(ROOT / "merchantkit").parts[0].removesuffix(".py")
    return "notebooks"


# --- how the code is kept -----------------------------------------------------------------------


def test_no_work_is_done_row_by_row() -> None:
    rowwise = re.compile(r"\.(iterrows|itertuples)\(|\.apply\([^)]*axis\s*=\s*(1|.columns)")
    texts_ = {file: file.read_text(encoding="utf-8") for file in PACKAGE}
    assert [
        str(file.relative_to(ROOT)) for file, text in texts_.items() if rowwise.search(text)
    ] == []


@pytest.mark.slow
def test_modules_and_bodies_stay_small() -> None:
    grown = []
    for file in PACKAGE:
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > 400:
            grown.append(f"{file.relative_to(ROOT)}: {text.count(chr(10))} lines")
        grown += [
            f"{file.relative_to(ROOT)}: {name}: {n} lines" for name, n in bodies(text) if n > 45
        ]
    assert grown == []


def bodies(text: str) -> Iterator[tuple[str, int]]:
    """Every function and the lines of its body, without its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if first:
                yield node.name, (node.end_lineno or 0) - first[0].lineno + 1


# Where rules are applied every number of theirs but the smallest and 100 would be a threshold;
# where pages are drawn only those of the size of money would be, the rest may be widths.
APPLY = {"checks", "programmes", "foresight", "assessment"}
SHOW = {"present", "briefing", "notebooks"}


@pytest.mark.slow
def test_a_rules_number_is_written_in_params_and_nowhere_else() -> None:
    numbers = {float(number) for number in rule_numbers()} - {100.0}
    assert {25000.0, 35000.0, 60.0, 90.0, 5000.0} <= numbers
    least = {**dict.fromkeys(APPLY, 11), **dict.fromkeys(SHOW, 2000)}
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for file in [*PACKAGE, *sorted((ROOT / "notebooks").glob("*.py"))]
        if layer(file) in least
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if node.value >= least[layer(file)] and float(node.value) in numbers
    ]
    assert found == []


def rule_numbers() -> Iterator[object]:
    for file in rulebook().files.values():
        for parameter in file.parameters.values():
            for value in filter(None, parameter.values.values()):
                if type(value.value) is not bool and hasattr(value.value, "__float__"):
                    yield value.value


# --- notebooks ----------------------------------------------------------------------------------


def test_the_six_notebooks_are_there() -> None:
    named = {
        "briefing", "portfolio", "whatif_rfq", "whatif_campaign", "whatif_tariff", "explore",
    }  # fmt: skip
    assert {notebook.stem for notebook in NOTEBOOKS} == named


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_and_its_script_say_the_same(notebook: Path) -> None:
    script = notebook.with_suffix(".py")
    assert script.is_file(), "pair it: jupytext --sync notebooks/*.ipynb"
    ours, theirs = nbformat.read(notebook, as_version=4), jupytext.read(script)
    assert cells(ours) == cells(theirs), "they differ: jupytext --sync notebooks/*.ipynb"


def cells(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_thin(notebook: Path) -> None:
    code = [c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
    assert len(code) <= 8 + 2 * len(NAMES)  # its opening and end, and two for a programme
    assert [source for source in code if source.count("\n") >= 12] == []
    assert [s for s in code if re.search(r"^\s*(def|class|lambda)\b|\blambda\b", s, re.M)] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_keeps_no_trace_of_a_run(notebook: Path) -> None:
    metadata = nbformat.read(notebook, as_version=4).metadata
    assert "papermill" not in metadata
    assert "widgets" not in metadata
    # Pairing is declared in pyproject.toml: declared here it would travel into every output.
    assert "formats" not in metadata.get("jupytext", {})


def test_python_is_one_that_the_project_supports() -> None:
    asked = Requirement(f"python{PROJECT['project']['requires-python']}")
    assert Version(default_environment()["python_full_version"]) in asked.specifier

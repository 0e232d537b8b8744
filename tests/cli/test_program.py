"""The program as a whole: help, speed of start, errors, exit codes, terminals of any kind."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from merchantkit import __version__, cli
from merchantkit.cli.console import inert
from merchantkit.facts import demo
from tests.cli.conftest import Kit
from tests.conftest import ROOT

COMMANDS = [
    "demo", "import", "report", "status", "verify", "mark", "assess", "schema", "forget", "init",
    "lab", "rules show", "rules diff", "rules check",
]  # fmt: skip
TAKES_WAREHOUSE = ["demo", "import", "report", "forget"]
SPEAKS_JSON = [name for name in COMMANDS if name not in {"lab", "mark"}]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_an_example_and_the_exit_codes(kit: Kit, command: str) -> None:
    told = kit(*command.split(), "--help")
    assert told.code == 0
    assert f"    merchantkit {command}" in told.out
    for line in ("Examples:", "Exit codes:", "    0  all is well", "    2  the input is wrong"):
        assert line in told.out
    assert ("--warehouse FILE" in told.out) == (command in TAKES_WAREHOUSE)
    assert ("--json" in told.out) == (command in SPEAKS_JSON)


def test_help_of_the_program_lists_every_command(kit: Kit) -> None:
    told = kit("--help")
    listed = {
        line.split()[0] for line in told.out.splitlines() if line.startswith("  ") and line.strip()
    }
    assert {command.split()[0] for command in COMMANDS} <= listed
    for code in range(4):
        assert f"\n    {code}  " in told.out
    assert kit("-h").out == told.out


def test_without_a_command_help_is_shown(kit: Kit) -> None:
    assert "Commands:" in kit().out + kit().err
    assert "rules" in kit("rules").out + kit("rules").err


def test_the_defaults_that_help_names_are_the_demos_own(kit: Kit) -> None:
    told = kit("demo", "--help").out
    for default in (demo.MONTH, demo.MERCHANTS, demo.SEED):
        assert f"[default: {default}]" in told


def test_help_imports_nothing_heavy() -> None:
    asked = (
        "import sys\n"
        "from merchantkit.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'duckdb', 'pydantic', 'yaml', 'rich', 'plotly'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_the_version(kit: Kit) -> None:
    assert kit("--version").out == f"merchantkit {__version__}\n"


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_error_says_what_where_and_the_remedy_without_a_traceback(process: Kit) -> None:
    told = process("report", "2021-05")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("merchantkit: there is no warehouse\n  where: ")
    assert "\n  remedy: fill one (merchantkit demo" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["demo", "--merchants", "many"],
        ["assess", "rfq", "x.csv"],
        ["report"],
        ["mark", "2021-05", "done"],
        ["rules", "show", "--lang", "fr"],
        ["demo", "--unknown"],
    ],
)
def test_a_slip_in_the_command_is_bad_input(kit: Kit, arguments: list[str]) -> None:
    told = kit(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "May"],
        ["report", "2021-13"],
        ["status", "2021-05"],
        ["verify", "2021-05"],
        ["mark", "2021-05", "final"],
        ["status", "../2021-05"],
        ["rules", "show", "--on", "2021-02-30"],
        ["rules", "diff", "2021-05-06", "2021-04-01"],
        ["schema", "nothing"],
        ["forget", "007", "--yes"],
        ["import", "missing.csv"],
        ["import", "."],
        ["demo", "--month", "2021"],
    ],
    ids=" ".join,
)
def test_what_the_kit_refuses_is_bad_input_with_a_remedy(kit: Kit, arguments: list[str]) -> None:
    told = kit(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("merchantkit: ")
    assert "\n  remedy: " in told.err


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch, kit: Kit) -> None:
    monkeypatch.setattr("merchantkit.scaffold.init_project", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kit("init", "there")


# --- terminals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"LANG": "C", "LC_ALL": ""}, {"PYTHONIOENCODING": "ascii"}],
    ids=str,
)
@pytest.mark.slow
def test_a_terminal_without_chinese_is_no_crash(process: Kit, environment: dict[str, str]) -> None:
    told = process("rules", "show", "rfq", "--on", "2021-05-31", **environment)
    assert (told.code, told.err) == (0, "")
    assert "USD 25,000.00" in told.out
    told = process("rules", "diff", "2021-04-19", "2021-04-20", "--json", **environment)
    assert "一档营销力加分" in {record["title"]["zh"] for record in told.records}


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error_message(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "merchantkit.cli", "rules", "show", "--lang", "en"]
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        _, complaint = running.communicate()
    assert (running.returncode, complaint) == (141, b"")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("深圳 Co., Ltd. 🙂", "深圳 Co., Ltd. 🙂"),
        ("a\x1b]0;title\x07b", "a\\x1b]0;title\\x07b"),
        ("one\ntwo\r", "one\\ntwo\\r"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("全角\u3000空格", "全角\u3000空格"),
    ],
)
def test_a_strangers_text_cannot_steer_a_terminal(text: str, shown: str) -> None:
    assert inert(text) == shown


# --- thin ---------------------------------------------------------------------------------------


def test_commands_import_the_kit_only_when_they_run() -> None:
    early = {
        (file.name, node.module)
        for file in Path(cli.__file__).parent.glob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module
        if node.module.startswith("merchantkit") and not node.module.startswith("merchantkit.cli")
    }
    assert {module for _, module in early} <= {"merchantkit", "merchantkit.errors"}

"""A module that is not to be found is missed at once, and can be imported afterwards as ever."""

import importlib
import sys
from pathlib import Path

import pytest

from merchantkit.briefing.missing import postponed, without, without_if_missing

# One that the standard library has and nothing here uses, and one that nobody has.
UNUSED, NOBODYS = "this", "nobody_has_such_a_module"


def test_a_module_is_out_of_reach_and_then_in_reach_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, UNUSED, raising=False)
    with without(UNUSED), pytest.raises(ModuleNotFoundError, match="halted"):
        importlib.import_module(UNUSED)
    assert importlib.import_module(UNUSED).__name__ == UNUSED
    assert "Zen" in capsys.readouterr().out
    with without("json"):  # which is imported, and stays so
        assert importlib.import_module("json").loads("1") == 1


def test_only_what_is_not_installed_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "smtplib", raising=False)
    with without_if_missing("smtplib"):
        assert importlib.import_module("smtplib").SMTP
    for _ in range(2):
        with without_if_missing(NOBODYS), pytest.raises(ModuleNotFoundError, match="halted"):
            importlib.import_module(NOBODYS)
        with pytest.raises(ModuleNotFoundError, match=f"No module named '{NOBODYS}'"):
            importlib.import_module(NOBODYS)


def test_a_module_is_imported_when_its_function_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_grammar.py").write_text("def valid(text, *, whole): return text, whole")
    monkeypatch.syspath_prepend(tmp_path)
    with postponed("slow_grammar", "valid"):
        valid = importlib.import_module("slow_grammar").valid
    assert "slow_grammar" not in sys.modules
    try:
        assert valid("x", whole=True) == ("x", True)
        assert importlib.import_module("slow_grammar").valid("y", whole=False) == ("y", False)
        with postponed("slow_grammar", "valid"):  # which is imported by now, and stays so
            own = importlib.import_module("slow_grammar").valid
        assert own is sys.modules["slow_grammar"].valid
    finally:
        del sys.modules["slow_grammar"]
    with postponed(NOBODYS, "valid"), pytest.raises(ModuleNotFoundError):
        importlib.import_module(NOBODYS)


def test_what_comes_late_is_no_trouble() -> None:
    with without(NOBODYS):
        sys.modules[NOBODYS] = sys  # as a cell may do whatever it likes
    assert NOBODYS not in sys.modules

"""``init_project``: what it lays out, and what it refuses to touch."""

from pathlib import Path

import pytest

from merchantkit.errors import HomeError
from merchantkit.rulebook import rulebook
from merchantkit.scaffold import init_project

RULES = Path("params/rules/rfq.yaml")


def test_a_new_project_has_the_kits_rules(tmp_path: Path, checkout: Path) -> None:
    laid = init_project(tmp_path / "new" / "project")
    assert laid.project == (tmp_path / "new" / "project").resolve()
    assert (laid.project / RULES).read_bytes() == (checkout / RULES).read_bytes()
    assert rulebook(folder=laid.project / "params" / "rules").files.keys() >= {"rfq", "campaign"}


def test_everything_written_is_named_and_nothing_else_is_there(tmp_path: Path) -> None:
    laid = init_project(tmp_path)
    files = {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    assert files == set(laid.written)
    assert laid.kept == ()


def test_only_notebooks_and_params_are_laid_out_without_scripts(tmp_path: Path) -> None:
    written = init_project(tmp_path).written
    assert {file.parts[0] for file in written} <= {"notebooks", "params"}
    assert {f.suffix for f in written if f.parts[0] == "notebooks"} <= {".ipynb"}


def test_a_second_time_it_writes_only_what_is_missing(tmp_path: Path) -> None:
    first = init_project(tmp_path)
    (tmp_path / RULES).unlink()
    again = init_project(tmp_path)
    assert again.written == (RULES,)
    assert set(again.kept) == set(first.written) - {RULES}


def test_what_an_analyst_edited_is_named_and_not_overwritten(tmp_path: Path) -> None:
    init_project(tmp_path)
    (tmp_path / RULES).write_text("edited", encoding="utf-8")
    (tmp_path / "params" / "coverage.yaml").unlink()
    with pytest.raises(HomeError) as refused:
        init_project(tmp_path)
    assert (refused.value.where, refused.value.count) == (RULES.as_posix(), 1)
    assert (tmp_path / RULES).read_text(encoding="utf-8") == "edited"
    assert not (tmp_path / "params" / "coverage.yaml").exists(), "nothing at all is written"


def test_what_stands_beside_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "params" / "rules" / "own_overlay.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")
    init_project(tmp_path)
    assert own.read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(HomeError, match="needs a folder"):
        init_project(tmp_path / "taken")


def test_the_copies_are_the_kits_and_not_of_the_project_around(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_project(tmp_path / "edited")
    (tmp_path / "edited" / RULES).write_text("edited", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "edited")
    init_project(tmp_path / "fresh")
    assert (tmp_path / "fresh" / RULES).read_bytes() == (checkout / RULES).read_bytes()

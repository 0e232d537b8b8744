"""A disk that refuses: what is said of what was to be written, and of what was to be read."""

import errno
import sqlite3
from pathlib import Path

import pytest

from merchantkit.briefing import atomic, forget, mark, run
from merchantkit.briefing.ledger import open_ledger
from merchantkit.briefing.unwritten import disk_in_words
from merchantkit.errors import ReportError
from tests.briefing.world import World

REPORTS = Path("/project/reports")
WRITTEN, OTHER = "the reports cannot be written: ", "the run cannot go on: "


def said(error: Exception, reports: Path = REPORTS) -> str:
    with pytest.raises(ReportError) as raised, disk_in_words(reports):
        raise error
    return str(raised.value)


@pytest.mark.parametrize(
    ("number", "names", "begins"),
    [
        (errno.EACCES, ["/project/reports/2021-05/index.html"], WRITTEN + "Permission denied"),
        (errno.EACCES, [b"/project/reports/2021-05/index.html"], WRITTEN + "Permission denied"),
        (errno.EEXIST, ["/project/reports"], WRITTEN + "File exists"),
        # On the way to the reports: a folder that could not be made.
        (errno.EACCES, ["/project"], WRITTEN + "Permission denied"),
        (errno.EIO, ["/elsewhere/a", None, "/project/reports/a"], WRITTEN + "Input/output error"),
        # Nobody asks for room to read.
        (errno.ENOSPC, [], WRITTEN + "No space left on device"),
        (errno.EROFS, ["/elsewhere"], WRITTEN + "Read-only file system"),
        (errno.EACCES, ["/project/notebooks/briefing.ipynb"], OTHER + "Permission denied"),
        (errno.EACCES, ["/project/reports-of-old/a"], OTHER + "Permission denied"),
        (errno.EIO, [], OTHER + "Input/output error"),
        (errno.EIO, [3], OTHER + "Input/output error"),
    ],
)
def test_only_what_concerns_the_reports_is_called_unwritten(
    number: int, names: list[str | None], begins: str
) -> None:
    told = said(OSError(number, "its own words", *names))
    assert told.startswith(begins)
    if isinstance(first := next(iter(names), None), str):
        assert f"where: {first}" in told


def test_places_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, reports in (
        ("reports/a", tmp_path / "reports"),
        (f"{tmp_path}/reports/a", "reports"),
    ):
        assert said(PermissionError(errno.EACCES, "", name), Path(reports)).startswith(WRITTEN)


def test_what_is_no_disks_trouble_stays_what_it_is() -> None:
    for error in (FileNotFoundError(errno.ENOENT, "", "/project/reports/a"), ValueError("else")):
        with pytest.raises(type(error)) as raised, disk_in_words(REPORTS):
            raise error
        assert raised.value is error


def test_a_ledger_that_is_full_is_unwritten() -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert said(error).startswith(WRITTEN + "database or disk is full")


def test_nothing_is_said_of_where_when_nobody_knows() -> None:
    assert "where:" not in said(OSError(errno.ENOSPC, "its own words"))


def test_what_has_no_code_is_no_disks_trouble() -> None:
    error = sqlite3.OperationalError("Could not decode to UTF-8")
    with pytest.raises(sqlite3.OperationalError) as raised, disk_in_words(REPORTS):
        raise error
    assert raised.value is error


@pytest.mark.parametrize("again", ["mark the month again", "forget the merchant again"])
def test_who_marks_or_forgets_on_a_full_disk_is_told_what_helps(
    again: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "2021-05" / "_team").mkdir(parents=True)
    with open_ledger(tmp_path / "2021-05" / "_team" / "ledger.sqlite", create=True):
        pass

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, "its own words")

    monkeypatch.setattr(atomic, "write", full)
    with pytest.raises(ReportError) as told:
        if "mark" in again:
            mark("2021-05", "draft", out=tmp_path)
        else:
            forget("007", out=tmp_path)
    assert str(told.value).startswith(WRITTEN + "No space left on device")
    assert again in str(told.value.remedy)


@pytest.mark.slow
def test_a_notebook_that_may_not_be_read_is_not_called_unwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    world.merchant("one")
    notebook = str(world.notebooks / "briefing.ipynb")

    def refuse(_: Path) -> dict[str, str]:
        raise PermissionError(errno.EACCES, "", notebook)

    monkeypatch.setattr(run, "read_templates", refuse)
    with pytest.raises(ReportError, match="cannot go on: Permission denied") as raised:
        world.report()
    assert raised.value.where == notebook

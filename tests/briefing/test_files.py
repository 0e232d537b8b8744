"""Files appear whole or not at all; the ledger is one file; a lock dies with its holder."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from merchantkit.briefing import atomic
from merchantkit.briefing.ledger import Entry, RunFacts, State, open_ledger
from merchantkit.briefing.lock import month_lock
from merchantkit.errors import ReportError, RunLocked
from tests.briefing.faults import garble

ENTRY = Entry("briefing", "007", "zh", "007-x", "m/007-x/briefing.zh.html", "m/007-x/b.ipynb")


def test_a_write_that_fails_leaves_the_earlier_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.html"
    atomic.write(file, "earlier")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(OSError, match="disk full"):
        atomic.write(file, "later")
    assert file.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [file]


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "page.html"
    assert atomic.write(file, "text")
    before = file.stat()
    assert not atomic.write(file, b"text")
    assert file.stat().st_ino == before.st_ino
    assert atomic.write(file, "other")


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".mk-0123456789ab").write_text("half")
    (tmp_path / "kept").write_text("whole")
    atomic.sweep(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_a_folder_is_swapped_for_another(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    atomic.swap_folder(tmp_path / "new", tmp_path / "old", tmp_path / "aside")
    assert [file.name for file in tmp_path.rglob("*")] == ["old", "new"]


def test_a_ledger_keeps_what_it_is_told_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    done = replace(ENTRY, state=State.DONE.value, sections=4, html_hash="h", seconds=1.5)
    with open_ledger(file, create=True) as ledger:
        ledger.record([ENTRY, replace(ENTRY, lang="en")])
        ledger.record([done])
        run = ledger.begin_run(RunFacts(kit="1", rules_day="2021-05-31"))
        ledger.end_run(run, executed=2, failed=0, kept=0)
        ledger.standing = "final"
    with open_ledger(file) as ledger:
        assert ledger.entries() == {
            done.key: done,
            ("briefing", "007", "en"): replace(ENTRY, lang="en"),
        }
        assert ledger.last_run() == RunFacts(kit="1", rules_day="2021-05-31")
        assert ledger.standing == "final"
        ledger.remove([done])
        assert list(ledger.entries()) == [("briefing", "007", "en")]
    assert list(tmp_path.iterdir()) == [file]


def test_reading_never_makes_a_ledger(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no report"), open_ledger(tmp_path / "ledger.sqlite"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    file.write_bytes(b"not a database at all, but long enough to look at" * 40)
    with pytest.raises(ReportError, match="move it away"), open_ledger(file):
        pass


def test_an_empty_ledger_is_not_read_nor_made_one_by_reading(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    file.touch()
    with pytest.raises(ReportError, match="there is nothing in it") as told, open_ledger(file):
        pass
    assert told.value.where == str(file)
    assert file.read_bytes() == b""
    with open_ledger(file, create=True) as ledger:
        assert ledger.standing == "draft"


def test_damage_that_only_reading_finds_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with open_ledger(file, create=True) as ledger:
        ledger.record([replace(ENTRY, merchant_id=f"{n}") for n in range(200)])
    garble(file)
    with (
        pytest.raises(ReportError, match=r"the ledger cannot be read: .*malformed") as told,
        open_ledger(file) as ledger,
    ):
        ledger.entries()
    assert told.value.where == str(file)
    assert "put it back from a copy" in str(told.value.remedy)


def test_a_text_that_is_none_is_damage_too(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with open_ledger(file, create=True) as ledger:
        ledger.record([replace(ENTRY, detail="here")])
    file.write_bytes(file.read_bytes().replace(b"here", b"\xff\xfe\xff\xfe"))
    with pytest.raises(ReportError, match="the ledger cannot be read"), open_ledger(file) as ledger:
        ledger.entries()


def test_what_is_no_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="the ledger cannot be read") as told:
        open_ledger(tmp_path).__enter__()
    assert "may be read" in str(told.value.remedy)


def test_a_defect_is_not_called_damage(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with (
        pytest.raises(sqlite3.OperationalError, match="no such table"),
        open_ledger(file, create=True) as ledger,
    ):
        ledger._connection.execute("SELECT 1 FROM nowhere")


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with open_ledger(file, create=True) as ledger:
        ledger._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ReportError, match="version 99"), open_ledger(file):
        pass


# As kits of the first version wrote it.
EARLIER = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, ended TEXT,
    kit TEXT NOT NULL, day TEXT NOT NULL, rules_day TEXT NOT NULL, rules_hash TEXT NOT NULL,
    overlays TEXT NOT NULL, origin TEXT NOT NULL, executed INTEGER, failed INTEGER, kept INTEGER
);
CREATE TABLE pages (
    page TEXT NOT NULL, merchant_id TEXT NOT NULL, lang TEXT NOT NULL,
    slug TEXT NOT NULL, html TEXT NOT NULL, ipynb TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, inputs TEXT NOT NULL, fingerprint TEXT NOT NULL,
    html_hash TEXT NOT NULL, ipynb_hash TEXT NOT NULL, sections INTEGER NOT NULL,
    charts INTEGER NOT NULL, seconds REAL NOT NULL, run_id INTEGER NOT NULL,
    PRIMARY KEY (page, merchant_id, lang)
);
CREATE TABLE restatements (
    number INTEGER PRIMARY KEY, opened TEXT NOT NULL, closed TEXT, notes TEXT NOT NULL
);
PRAGMA user_version = 1;
INSERT INTO meta VALUES ('standing', 'final');
INSERT INTO pages VALUES ('briefing', '007', 'zh', '007-x', 'm/007-x/briefing.zh.html',
    'm/007-x/b.ipynb', 'done', '', '', 'i', 'f', 'h', 'n', 4, 1, 1.5, 3);
"""
EARLIER_ENTRY = replace(
    ENTRY, state="done", inputs="i", fingerprint="f", html_hash="h", ipynb_hash="n", sections=4,
    charts=1, seconds=1.5, run_id=3, phases="{}",
)  # fmt: skip


def earlier_ledger(folder: Path) -> Path:
    file = folder / "ledger.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(EARLIER)
    return file


def shape(file: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        version = connection.execute("PRAGMA user_version").fetchall()
        return version + connection.execute("PRAGMA table_info(pages)").fetchall()


def test_an_earlier_kits_ledger_is_brought_up_and_keeps_all_it_says(tmp_path: Path) -> None:
    file = earlier_ledger(tmp_path)
    with open_ledger(file) as ledger:
        assert list(ledger.entries().values()) == [EARLIER_ENTRY]
        assert ledger.standing == "final"
        timed = replace(ENTRY, lang="en", phases='{"run": 0.25}')
        ledger.record([timed])
    with open_ledger(file) as ledger:
        assert list(ledger.entries().values()) == [timed, EARLIER_ENTRY]
    with open_ledger(tmp_path / "new.sqlite", create=True):
        pass
    assert shape(file) == shape(tmp_path / "new.sqlite")


def test_one_that_may_only_be_read_is_read_and_refuses_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = earlier_ledger(tmp_path)
    before = file.read_bytes()
    connect = sqlite3.connect

    def as_if_read_only(at: str, **given: Any) -> sqlite3.Connection:
        return connect(at.replace("mode=rw", "mode=ro"), **given)

    monkeypatch.setattr(sqlite3, "connect", as_if_read_only)
    with open_ledger(file) as ledger:
        assert list(ledger.entries().values()) == [EARLIER_ENTRY]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            ledger.standing = "draft"
    assert file.read_bytes() == before


HOLDER = """
import sys
from pathlib import Path
from merchantkit.briefing.lock import month_lock
with month_lock(Path(sys.argv[1]), "2021-05"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_the_second_run_of_a_month_is_refused_and_a_dead_holder_is_no_obstacle(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunLocked, match=f"process {other.pid} ") as locked:
            month_lock(tmp_path, "2021-05").__enter__()
        assert locked.value.exit_code == 3
        other.send_signal(signal.SIGKILL)
        other.wait(timeout=20)
    # Its note is still there, and means nothing any more.
    assert json.loads((tmp_path / "run.json").read_text())["pid"] == other.pid
    with month_lock(tmp_path, "2021-05"):
        assert json.loads((tmp_path / "run.json").read_text())["pid"] == os.getpid()
    assert not (tmp_path / "run.json").exists()


def test_a_killed_runs_note_is_not_taken_for_the_holders(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        # As in the moment between taking the lock and writing the note.
        note = json.loads((tmp_path / "run.json").read_text())
        (tmp_path / "run.json").write_text(json.dumps({**note, "pid": dead.pid}))
        with pytest.raises(RunLocked, match="another process"):
            month_lock(tmp_path, "2021-05").__enter__()
        (tmp_path / "run.json").write_text(json.dumps({**note, "pid": 1, "host": "elsewhere"}))
        with pytest.raises(RunLocked, match="process 1 on elsewhere"):
            month_lock(tmp_path, "2021-05").__enter__()
        other.communicate("\n", timeout=20)


def test_a_ledger_counts_without_reading(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as ledger:
        made = replace(ENTRY, state="done", html_hash="h")
        ledger.record([made, replace(ENTRY, lang="en"), replace(ENTRY, page="portfolio")])
        assert ledger.counts() == {"done": 1, "failed": 0, "pending": 2, "stale": 0}
        assert ledger.counts("briefing")["pending"] == 1
        assert ledger.languages() == {"zh"}
        assert list(ledger.entries(State.DONE).values()) == [made]

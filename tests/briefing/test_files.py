"""Files appear whole or not at all; the ledger is one file; a lock dies with its holder."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from merchantkit.briefing import atomic
from merchantkit.briefing.ledger import Entry, RunFacts, State, open_ledger
from merchantkit.briefing.lock import month_lock
from merchantkit.errors import ReportError, RunLocked

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


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with open_ledger(file, create=True) as ledger:
        ledger._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ReportError, match="version 99"), open_ledger(file):
        pass


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

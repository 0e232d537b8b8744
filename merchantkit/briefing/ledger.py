"""The record of a month: what was made from what, what failed and why. The run alone writes it."""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import Any

from merchantkit.briefing import ledger_file
from merchantkit.errors import ReportError


class State(StrEnum):
    """How a page stands."""

    DONE = "done"
    FAILED = "failed"
    PENDING = "pending"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of one merchant in one language (``merchant_id`` is empty for the portfolio).

    Attributes:
        reason: Why it failed, as a code; empty otherwise.
        detail: The first words of the error, without any path of the machine.
        inputs: Hash of what the page is about: facts, rules, parameters.
        fingerprint: Hash of everything that it was made from, notebook and kit included.
        html, ipynb: Where the outputs are, relative to the month's folder.
        html_hash, ipynb_hash: What they held when they were verified.
        sections, charts: How many of each were found in the page.
        seconds: What making it took.
        phases: Where those went, as JSON: name → seconds; ``{}`` where nobody kept that.
    """

    page: str
    merchant_id: str
    lang: str
    slug: str
    html: str
    ipynb: str
    state: str = State.PENDING
    reason: str = ""
    detail: str = ""
    inputs: str = ""
    fingerprint: str = ""
    html_hash: str = ""
    ipynb_hash: str = ""
    sections: int = 0
    charts: int = 0
    seconds: float = 0.0
    run_id: int = 0
    phases: str = "{}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return (self.page, self.merchant_id, self.lang)


@dataclass(frozen=True)
class RunFacts:
    """What a run was made with; the days are ISO text."""

    kit: str = ""
    day: str = ""
    rules_day: str = ""
    rules_hash: str = ""
    overlays: str = ""
    origin: str = ""


_ENTRY = [field.name for field in fields(Entry)]
_FACTS = [field.name for field in fields(RunFacts)]
# Not dataclasses.astuple, which copies each value deeply.
_row: Callable[[Entry], tuple[Any, ...]] = attrgetter(*_ENTRY)


class Ledger:
    """An open ledger; make it with ``open_ledger``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def entries(self, state: State | None = None) -> dict[tuple[str, str, str], Entry]:
        """Return the pages on record, in a state or all, by (page, merchant_id, lang), in order."""
        rows = self._connection.execute(
            f"SELECT {', '.join(_ENTRY)} FROM pages WHERE state = ifnull(?, state) "  # noqa: S608
            "ORDER BY page, merchant_id, lang",
            (state,),
        )
        found = (Entry(*row) for row in rows)
        return {entry.key: entry for entry in found}

    def languages(self) -> set[str]:
        """Return the languages in which some page was ever made."""
        rows = self._connection.execute("SELECT DISTINCT lang FROM pages WHERE html_hash <> ''")
        return {lang for (lang,) in rows}

    def counts(self, page: str | None = None) -> dict[str, int]:
        """Return how many pages, of a kind or of all, stand in each state; none of them is read."""
        rows = self._connection.execute(
            "SELECT state, count(*) FROM pages WHERE page = ifnull(?, page) GROUP BY state",
            (page,),
        )
        return {state.value: 0 for state in State} | dict(rows.fetchall())

    def record(self, entries: Sequence[Entry]) -> None:
        """Put pages on record, all of them or none."""
        marks = ", ".join("?" * len(_ENTRY))
        with self._connection:
            self._connection.executemany(
                f"INSERT OR REPLACE INTO pages ({', '.join(_ENTRY)}) VALUES ({marks})",  # noqa: S608
                map(_row, entries),
            )

    def remove(self, entries: Sequence[Entry]) -> None:
        """Take pages off the record."""
        with self._connection:
            self._connection.executemany(
                "DELETE FROM pages WHERE page = ? AND merchant_id = ? AND lang = ?",
                [entry.key for entry in entries],
            )

    def begin_run(self, facts: RunFacts) -> int:
        """Record that a run begins and return its number."""
        marks = ", ".join("?" * (len(_FACTS) + 1))
        with self._connection:
            cursor = self._connection.execute(
                f"INSERT INTO runs (started, {', '.join(_FACTS)}) VALUES ({marks})",  # noqa: S608
                (_now(), *astuple(facts)),
            )
        return int(cursor.lastrowid or 0)

    def end_run(self, run_id: int, *, executed: int, failed: int, kept: int) -> None:
        """Record that a run ended and what it did."""
        with self._connection:
            self._connection.execute(
                "UPDATE runs SET ended = ?, executed = ?, failed = ?, kept = ? WHERE run_id = ?",
                (_now(), executed, failed, kept, run_id),
            )

    def last_run(self) -> RunFacts | None:
        """Return what the latest run was made with."""
        row = self._connection.execute(
            f"SELECT {', '.join(_FACTS)} FROM runs ORDER BY run_id DESC LIMIT 1"  # noqa: S608
        ).fetchone()
        return RunFacts(*row) if row else None

    @property
    def standing(self) -> str:
        """``draft`` until the month is marked ``final``."""
        return self._meta("standing", "draft")

    @standing.setter
    def standing(self, standing: str) -> None:
        self._set_meta("standing", standing)

    @property
    def assessed(self) -> str:
        """The hash of the rules and day of the assessment that lies in the month's folder."""
        return self._meta("assessed", "")

    @assessed.setter
    def assessed(self, digest: str) -> None:
        self._set_meta("assessed", digest)

    def recall(self, name: str) -> str:
        """Return what was noted under a name; empty if nothing was."""
        return self._meta(name, "")

    def remember(self, name: str, text: str) -> None:
        """Note something under a name."""
        self._set_meta(name, text)

    @property
    def is_behind(self) -> bool:
        """Whether the month was computed anew, and a run ended before its pages followed."""
        return bool(self._meta("behind", ""))

    @is_behind.setter
    def is_behind(self, is_so: bool) -> None:
        self._set_meta("behind", "yes" if is_so else "")

    def restatements(self) -> dict[int, tuple[bool, str]]:
        """Return each restatement's number → whether it is still open, and its notes (JSON)."""
        rows = self._connection.execute("SELECT number, closed IS NULL, notes FROM restatements")
        return {number: (bool(is_open), notes) for number, is_open, notes in rows}

    def open_restatement(self, number: int, notes: str) -> None:
        """Record that a restatement began, or what it has come to note since."""
        with self._connection:
            self._connection.execute(
                "INSERT INTO restatements VALUES (?, ?, NULL, ?) "
                "ON CONFLICT (number) DO UPDATE SET notes = excluded.notes",
                (number, _now(), notes),
            )

    def close_restatements(self) -> None:
        """Record that the restatement under way is complete."""
        with self._connection:
            self._connection.execute(
                "UPDATE restatements SET closed = ? WHERE closed IS NULL", (_now(),)
            )

    def note_restatement(self, number: int, notes: str) -> None:
        """Replace what a restatement noted."""
        with self._connection:
            self._connection.execute(
                "UPDATE restatements SET notes = ? WHERE number = ?", (notes, number)
            )

    def publishers(self) -> list[str]:
        """Return every URL to which pages of the month were published."""
        return [url for (url,) in self._connection.execute("SELECT DISTINCT url FROM published")]

    def published(self, url: str) -> dict[str, str]:
        """Return what lies at a URL: the place of each file, and its hash."""
        rows = self._connection.execute("SELECT place, hash FROM published WHERE url = ?", (url,))
        return dict(rows.fetchall())

    def publish(self, url: str, files: Mapping[str, str]) -> None:
        """Record what files a URL has got: place → hash, empty for one that was removed."""
        with self._connection:
            self._connection.executemany(
                "DELETE FROM published WHERE url = ? AND place = ?",
                [(url, place) for place in files],
            )
            self._connection.executemany(
                "INSERT INTO published VALUES (?, ?, ?)",
                [(url, place, digest) for place, digest in files.items() if digest],
            )

    def compact(self) -> None:
        """Write the file anew, so that the bytes of what was removed are gone too."""
        self._connection.execute("VACUUM")

    def _meta(self, key: str, default: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def _set_meta(self, key: str, value: str) -> None:
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


@contextlib.contextmanager
def open_ledger(file: Path, *, create: bool = False) -> Iterator[Ledger]:
    """Lend a month's ledger; reading never makes one.

    Raises:
        ReportError: There is none, it is empty or damaged, or a newer kit wrote it. Of what is
            damaged, this may be found only when it is read in the block.
    """
    if not create:
        require(file)
    with (
        ledger_file.damage_in_words(file),
        contextlib.closing(ledger_file.connect(file, create=create)) as connection,
    ):
        yield Ledger(connection)


def holds(file: Path) -> bool:
    """Return whether there is anything in a ledger: a run killed at once leaves an empty file."""
    return file.is_file() and file.stat().st_size > 0


def require(file: Path) -> None:
    """Refuse to go on where there is no ledger.

    Raises:
        ReportError: There is none.
    """
    if not file.exists():
        raise ReportError(
            "there is no report of this month",
            where=file.parent.parent.name,
            remedy="make one: merchantkit report MONTH; reports/ lists those there are",
        )


def settled(entry: Entry, state: State) -> Entry:
    """Return an entry in a state, without the reason of the one before."""
    if entry.state == state and not (entry.reason or entry.detail):
        return entry
    return replace(entry, state=state.value, reason="", detail="")


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")

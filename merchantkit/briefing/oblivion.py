"""A merchant forgotten in everything that was ever reported: pages, assessments, records, logs.

A file that is torn cannot be shown to be without the merchant, and nobody can read it any more: it
is removed, and that is said. One that may not be read stays, and is an error once all else is done.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from merchantkit import home
from merchantkit.assessment import slices
from merchantkit.briefing import atomic, publish, site
from merchantkit.briefing.ledger import Ledger, holds, open_ledger
from merchantkit.briefing.lock import month_lock
from merchantkit.briefing.places import BRIEFING, LANGUAGES, PORTFOLIO, Places
from merchantkit.briefing.progress import Lines, Reporter
from merchantkit.briefing.slugs import slug
from merchantkit.briefing.unwritten import disk_in_words
from merchantkit.errors import DayError, ReportError

_MERCHANT_COLUMNS = ("merchant_id", "subject")
# What comes of reading a file that is not what its name says, or only a part of it.
_TORN = (ReportError, ValueError)
_AGAIN = "make room, or see that they may be written to, then forget the merchant again"


def forget(
    merchant_id: str, *, out: str | Path | None = None, progress: Reporter | None = None
) -> dict[str, int]:
    """Remove a merchant from every month's reports.

    Its pages, logs and ledger rows go, its rows go from every Parquet file, and the team's pages
    that could name it are written anew or, like the portfolio, removed until ``report`` next runs.
    What a killed run left unfinished goes, and so does every torn file, which could hold anyone.

    Args:
        merchant_id: Whose.
        out: The folder of all months; the project's ``reports/`` by default.
        progress: What to tell of torn files; a line each on stderr by default.

    Returns:
        month label → files changed or removed, for the months that held anything of the merchant.

    Raises:
        ReportError: Some files could not be read, so they may still hold the merchant; they are
            named, and all the others are done. Or the disk takes nothing, and some are not done.
        RunLocked: A run of one of the months is under way; months before it are done.
    """
    reports = Path(out) if out else home.reports_dir()
    told = progress or Lines()
    changed: dict[str, int] = {}
    unread: list[str] = []
    with disk_in_words(reports, _AGAIN):
        for team in sorted(reports.glob("*/_team")):
            where = Places(reports, team.parent.name)
            with month_lock(where.team, where.label):
                found = _Month(where, merchant_id)
                found.forget()
            if found.changed:
                changed[where.label] = found.changed
            for name in found.torn:
                told.note(f"{where.label}/{name} is torn: it was removed")
            unread += [f"{where.label}/{name}" for name in found.unread]
        if changed:
            site.write_months(reports)
    if unread:
        raise ReportError(
            "some files of the reports cannot be read, and may hold the merchant",
            where=", ".join(unread),
            count=len(unread),
            remedy="see that they may be read, then forget the merchant again; all else is done",
        )
    return changed


@dataclass
class _Month:
    """What was found of a merchant in a month; the caller holds the month's lock.

    Attributes:
        changed: Files changed or removed.
        torn: Files that were removed because they are not what their names say.
        unread: Files that stay and could not be looked into.
    """

    where: Places
    merchant_id: str
    changed: int = 0
    torn: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Remove the merchant from everything of the month."""
        self._remove_unfinished()
        for pattern, without in (("*.parquet", _cut_from_table), (slices.FILE, _cut_from_slices)):
            for file in sorted(self.where.team.rglob(pattern)):
                self._cut(file, without)
        mine = slug(self.merchant_id)
        self._remove(self.where.folder.glob(f"m/{mine}/{BRIEFING}.*"))
        self._remove(self.where.team.glob(f"log/{mine}.*.txt"))
        with contextlib.suppress(OSError):
            (self.where.folder / "m" / mine).rmdir()
        if self.changed:
            self._remove(self.where.folder.glob(f"{PORTFOLIO}.*.html"))
            self._remove(self.where.team.glob(f"{PORTFOLIO}.*.ipynb"))
            self._remove(self.where.team.glob(f"log/{PORTFOLIO}.*.txt"))
        self._forget_record()

    def _remove_unfinished(self) -> None:
        # Left by a run, or an earlier forgetting, that was killed: nobody's, and anyone's.
        atomic.remove_folder(self.where.scratch)
        for pattern in (f"{atomic.MARK}*", Path(slices.FILE).with_suffix(".new").name):
            for left in sorted(self.where.folder.rglob(pattern)):
                left.unlink()

    def _cut(self, file: Path, without: Callable[[Path, str], bool]) -> None:
        try:
            with file.open("rb") as opened:
                opened.read(1)
        except OSError:
            self.unread.append(self._name(file))
            return
        try:
            self.changed += without(file, self.merchant_id)
        except _TORN:
            self.torn.append(self._name(file))
            self._remove([file])

    def _remove(self, files: Iterator[Path] | list[Path]) -> None:
        for file in files:
            file.unlink()
            self.changed += 1

    def _name(self, file: Path) -> str:
        return file.relative_to(self.where.folder).as_posix()

    def _forget_record(self) -> None:
        if not holds(self.where.ledger):
            self._remove_lists()
            return
        try:
            with open_ledger(self.where.ledger) as ledger:
                self._forget_in(ledger)
        except ReportError:
            # It is damaged, which may show only half-way through.
            self.unread.append(self._name(self.where.ledger))
            self._remove_lists()

    def _forget_in(self, ledger: Ledger) -> None:
        entries = list(ledger.entries().values())
        mine = [e for e in entries if (e.page, e.merchant_id) == (BRIEFING, self.merchant_id)]
        self.changed += bool(mine)
        self._withdraw(ledger)
        if not self.changed:
            return
        ledger.remove([*mine, *(entry for entry in entries if entry.page == PORTFOLIO)])
        _forget_notes(ledger, self.merchant_id)
        try:
            site.write_month(self.where, ledger)
        except DayError:
            self._remove_lists()  # a folder that is no month has none
        ledger.compact()

    def _withdraw(self, ledger: Ledger) -> None:
        """Remove from where pages were published what is the merchant's, and what names it."""
        lists = ["index.html", *(f"{PORTFOLIO}.{lang}.html" for lang in LANGUAGES)]
        lists += [f"restatement-{number}.html" for number in ledger.restatements()]
        folder = f"m/{slug(self.merchant_id)}"
        try:
            self.changed += publish.withdraw(
                self.where, ledger, folder, lists, named=bool(self.changed)
            )
        except ReportError as refused:
            self.unread.append(str(refused.where))

    def _remove_lists(self) -> None:
        # Without a record, or a month to name, they cannot be written anew.
        if self.changed:
            lists = [self.where.index, *self.where.folder.glob("restatement-*.html")]
            self._remove([file for file in lists if file.exists()])


def _cut_from_table(file: Path, merchant_id: str) -> bool:
    """Write a Parquet file without the merchant's rows; return whether it had any.

    Raises:
        ValueError: It is torn.
    """
    held = pa.BufferReader(file.read_bytes())
    try:
        table = pq.read_table(held)
    except (pa.ArrowException, OSError) as torn:
        raise ValueError(str(torn)) from torn
    column = next((name for name in _MERCHANT_COLUMNS if name in table.column_names), None)
    if column is None:
        return False
    # A row without a merchant is nobody's, and stays.
    is_other = pc.fill_null(pc.not_equal(table[column], pa.scalar(merchant_id)), True)
    kept = table.filter(is_other)
    if kept.num_rows == table.num_rows:
        return False
    buffer = pa.BufferOutputStream()
    pq.write_table(kept, buffer, row_group_size=4096)
    atomic.write(file, buffer.getvalue().to_pybytes())
    return True


def _cut_from_slices(file: Path, merchant_id: str) -> bool:
    return slices.forget(file.parent, merchant_id)


def _forget_notes(ledger: Ledger, merchant_id: str) -> None:
    for number, (_, noted) in ledger.restatements().items():
        notes = json.loads(noted)
        notes["details"] = [name for name in notes.get("details", []) if name != merchant_id]
        ledger.note_restatement(number, json.dumps(notes))

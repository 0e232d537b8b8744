"""A merchant forgotten in everything that was ever reported: pages, assessments, records, logs."""

import contextlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from merchantkit import home
from merchantkit.assessment import slices
from merchantkit.briefing import atomic, site
from merchantkit.briefing.ledger import Entry, Ledger, open_ledger
from merchantkit.briefing.lock import month_lock
from merchantkit.briefing.places import BRIEFING, PORTFOLIO, Places

_MERCHANT_COLUMNS = ("merchant_id", "subject")


def forget(merchant_id: str, *, out: str | Path | None = None) -> dict[str, int]:
    """Remove a merchant from every month's reports.

    Its pages, logs and ledger rows go, its rows go from every Parquet file, and the team's pages
    that could name it are written anew or, like the portfolio, removed until ``report`` next runs.

    Args:
        merchant_id: Whose.
        out: The folder of all months; the project's ``reports/`` by default.

    Returns:
        month label → files changed or removed, for the months that held anything of the merchant.

    Raises:
        RunLocked: A run of one of the months is under way; months before it are done.
    """
    reports = Path(out) if out else home.reports_dir()
    changed: dict[str, int] = {}
    for where in (Places(reports, team.parent.name) for team in sorted(reports.glob("*/_team"))):
        with month_lock(where.team, where.label):
            count = _forget_month(where, merchant_id)
        if count:
            changed[where.label] = count
    if changed:
        site.write_months(reports)
    return changed


def _forget_month(where: Places, merchant_id: str) -> int:
    count = sum(_without(file, merchant_id) for file in sorted(where.team.rglob("*.parquet")))
    cut = sorted(where.team.rglob(slices.FILE))
    count += sum(slices.forget(file.parent, merchant_id) for file in cut)
    if not where.ledger.is_file():
        return count
    with open_ledger(where.ledger) as ledger:
        mine, others = [], []
        for entry in ledger.entries().values():
            if entry.page == BRIEFING and entry.merchant_id == merchant_id:
                mine.append(entry)
            elif entry.page == PORTFOLIO and count:
                others.append(entry)
        count += sum(_remove(where, entry) for entry in [*mine, *others])
        ledger.remove(mine)
        ledger.remove(others)
        if count:
            _forget_notes(ledger, merchant_id)
            site.write_month(where, ledger)
            ledger.compact()
    return count


def _without(file: Path, merchant_id: str) -> bool:
    """Write a Parquet file without the merchant's rows; return whether it had any."""
    table = pq.read_table(file)
    column = next((name for name in _MERCHANT_COLUMNS if name in table.column_names), None)
    if column is None:
        return False
    kept = table.filter(pc.not_equal(table[column], pa.scalar(merchant_id)))
    if kept.num_rows == table.num_rows:
        return False
    buffer = pa.BufferOutputStream()
    pq.write_table(kept, buffer, row_group_size=4096)
    atomic.write(file, buffer.getvalue().to_pybytes())
    return True


def _remove(where: Places, entry: Entry) -> int:
    log = where.team / "log" / f"{entry.slug}.{entry.lang}.txt"
    files = [where.folder / entry.html, where.folder / entry.ipynb, log]
    there = [file for file in files if file.exists()]
    for file in there:
        file.unlink()
    if entry.page == BRIEFING:
        with contextlib.suppress(OSError):
            (where.folder / entry.html).parent.rmdir()
    return len(there)


def _forget_notes(ledger: Ledger, merchant_id: str) -> None:
    for number, (_, noted) in ledger.restatements().items():
        notes = json.loads(noted)
        notes["details"] = [name for name in notes.get("details", []) if name != merchant_id]
        ledger.note_restatement(number, json.dumps(notes))

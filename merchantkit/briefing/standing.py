"""How a month stands: what the ledger says, and what the files themselves say."""

from pathlib import Path
from typing import Any, Literal

from merchantkit.briefing import assets, site
from merchantkit.briefing.decide import intact
from merchantkit.briefing.failures import machine_paths
from merchantkit.briefing.hashes import digest
from merchantkit.briefing.ledger import Entry, Ledger, State, open_ledger, require
from merchantkit.briefing.lock import month_lock
from merchantkit.briefing.places import BRIEFING, PORTFOLIO, Places, places
from merchantkit.briefing.unwritten import disk_in_words
from merchantkit.days import Month
from merchantkit.errors import ReportError

Standing = Literal["draft", "final"]


def status(month: Month | str, *, out: str | Path | None = None) -> list[dict[str, Any]]:
    """Return how each merchant's briefing of a month stands, one record per merchant and language.

    Args:
        month: ``2021-05``, or a labelled run (``2021-05+reform``).
        out: Where reports are; the project's ``reports/`` by default.

    Returns:
        Records of ``merchant_id, slug, lang, state`` (done, failed, pending, stale), ``reason`` (a
        code and what it is about, or None), ``html`` and ``ipynb`` (paths below the month's
        folder, None where there is no file), by merchant. A failed or stale briefing may have an
        earlier page.

    Raises:
        ReportError: There is no report of that month.
    """
    where = places(month, out)
    with open_ledger(where.ledger) as ledger:
        entries = [entry for entry in ledger.entries().values() if entry.page == BRIEFING]
    return [_record(entry, where) for entry in entries]


def _record(entry: Entry, where: Places) -> dict[str, Any]:
    html, ipynb = (_if_there(where, place) for place in (entry.html, entry.ipynb))
    state, reason = entry.state, f"{entry.reason}: {entry.detail}".rstrip(": ")
    if state == State.DONE and not (html and ipynb):
        state, reason = State.PENDING.value, "output_missing"
    return {
        "merchant_id": entry.merchant_id,
        "slug": entry.slug,
        "lang": entry.lang,
        "state": state,
        "reason": reason or None,
        "html": html,
        "ipynb": ipynb,
    }


def _if_there(where: Places, place: str) -> str | None:
    return place if (where.folder / place).is_file() else None


def verify(month: Month | str, *, out: str | Path | None = None) -> list[dict[str, Any]]:
    """Open every page and notebook of a month again, and count what they hold.

    Args:
        month: ``2021-05``, or a labelled run.
        out: Where reports are; the project's ``reports/`` by default.

    Returns:
        Records of ``merchant_id`` (None for the portfolio and the shared assets), ``slug, lang,
        html, ok`` (bool) and ``problems`` (texts that begin with a code; empty if all is well).
        Only what is on record as done can be well.

    Raises:
        ReportError: There is no report of that month.
    """
    where = places(month, out)
    with open_ledger(where.ledger) as ledger:
        entries = list(ledger.entries().values())
    records = [_verified(entry, _problems(entry, where)) for entry in entries]
    shared_problems = assets.problems(where.assets, (where.folder / e.html for e in entries))
    if shared_problems:
        shared = {"merchant_id": None, "slug": None, "lang": None, "html": None}
        records.append({**shared, "ok": False, "problems": shared_problems})
    return records


def _verified(entry: Entry, problems: list[str]) -> dict[str, Any]:
    return {
        "merchant_id": entry.merchant_id or None,
        "slug": entry.slug or None,
        "lang": entry.lang,
        "html": entry.html,
        "ok": not problems,
        "problems": problems,
    }


def _problems(entry: Entry, where: Places) -> list[str]:
    if entry.state != State.DONE:
        return [f"{entry.state} {entry.reason}".strip()]
    try:
        html = (where.folder / entry.html).read_bytes()
        ipynb = (where.folder / entry.ipynb).read_bytes()
    except OSError as error:
        return [f"output_missing {Path(str(error.filename)).name}"]
    # Late: how a month stands is told without opening anything.
    from merchantkit.briefing import verification

    paths = machine_paths(where.folder)
    page, ran = verification.verify_both(html, ipynb, paths)
    problems = [*page.problems, *ran.problems]
    counted = (page.sections, page.charts)
    if counted != (entry.sections, entry.charts):
        problems.append(f"was {entry.sections}/{entry.charts}, is {page.sections}/{page.charts}")
    if not problems and (digest(html), digest(ipynb)) != (entry.html_hash, entry.ipynb_hash):
        problems.append("changed_since")
    return problems


def mark(month: Month | str, standing: Standing, *, out: str | Path | None = None) -> None:
    """Mark a month's report as final (handed over) or as a draft again.

    A later run whose facts or rules differ replaces a draft, and restates a final month.

    Args:
        month: ``2021-05``, or a labelled run.
        standing: ``final`` or ``draft``.
        out: Where reports are; the project's ``reports/`` by default.

    Raises:
        ReportError: There is no report, the disk takes nothing, or a final month would lack pages:
            they failed or are out of date, their files are gone or changed, or a run ended early.
        RunLocked: A run of the month is under way.
    """
    if standing not in ("draft", "final"):
        raise ReportError(f"a month is not {standing!r}", remedy="mark it draft or final")
    where = places(month, out)
    require(where.ledger)
    again = "make room, or see that they may be written to, then mark the month again"
    with (
        disk_in_words(where.reports, again),
        month_lock(where.team, where.label),
        open_ledger(where.ledger) as ledger,
    ):
        if standing == "final":
            _refuse_incomplete(where, ledger)
        ledger.standing = standing
        site.write_month(where, ledger)
        site.write_months(where.reports)


def _refuse_incomplete(where: Places, ledger: Ledger) -> None:
    entries = ledger.entries().values()
    if ledger.is_behind or not entries:
        raise ReportError(
            f"{where.label} was computed by a run that ended before its pages followed",
            remedy="run merchantkit report again",
        )
    lacking = [e for e in entries if e.state != State.DONE or not intact(e, where.folder)]
    if lacking:
        raise ReportError(
            f"{where.label} is not complete: pages are missing, or are not what was verified",
            where=", ".join(sorted({entry.slug or PORTFOLIO for entry in lacking})[:5]),
            count=len(lacking),
            remedy="run merchantkit report again; status and verify say what is wrong with them",
        )

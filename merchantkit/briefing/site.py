"""The team's pages around the briefings: a month's list, the list of months, restatements."""

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from merchantkit.assessment import Assessment
from merchantkit.briefing import assets, atomic, restate
from merchantkit.briefing.head import POLICY
from merchantkit.briefing.ledger import Entry, Ledger, open_ledger
from merchantkit.briefing.lock import index_lock
from merchantkit.briefing.places import BRIEFING, LANGUAGES, PORTFOLIO, Places
from merchantkit.days import Month
from merchantkit.errors import DayError, ReportError
from merchantkit.present.words import words

_LABEL = re.compile(r"\d{4}-\d{2}(\+[A-Za-z0-9_+-]+)?")


def write_month(where: Places, ledger: Ledger, assessment: Assessment | None = None) -> None:
    """Write a month's page, and one for each restatement of it.

    Args:
        where: The month's places.
        ledger: The month's record.
        assessment: The one that lies in the month's folder; read from there by default.
    """
    entries = list(ledger.entries().values())
    facts = _merchants(assessment or _assessed(where))
    month, _, label = where.label.partition("+")
    common = {"month": Month.parse(month).first, "label": label, "standing": ledger.standing}
    restatements = ledger.restatements()
    atomic.write(
        where.index,
        _render(
            "month", **common, run=ledger.last_run(), rows=_rows(entries, facts, where),
            portfolios=[_link(e, where) for e in _in_order(entries) if e.page == PORTFOLIO],
            counts=ledger.counts(BRIEFING), languages=_languages(entries),
            restatements=sorted(restatements),
        ),
    )  # fmt: skip
    changes = restate.read(where.assessment)
    for number, (_, noted) in restatements.items():
        _write_restatement(where, number, noted, changes, facts, common)


def write_months(reports: Path) -> None:
    """Write the list of months, hypothetical runs below their month."""
    with index_lock(reports):
        atomic.sweep(reports)
        atomic.write(reports / "index.html", months(reports))


def months(reports: Path, published: str | None = None) -> str:
    """Return the list of months.

    Args:
        reports: The folder of all months.
        published: Only of those of which anything is published there.
    """
    folders = sorted(reports.iterdir())
    rows = [row for folder in folders for row in _month_row(folder, published)]
    rows.sort(key=lambda row: row["label"])
    rows.sort(key=lambda row: row["month"], reverse=True)
    style = Markup(assets.text("page.css"))  # noqa: S704 - our own file
    return _render("months", rows=rows, style=style)


def _month_row(folder: Path, published: str | None) -> Iterable[dict[str, Any]]:
    where = Places(folder.parent, folder.name)
    if not _LABEL.fullmatch(folder.name) or not where.index.is_file():
        return
    # A ledger that cannot be read is that month's trouble, and its own commands tell of it; a
    # folder that is no month, such as 2021-13, is nobody's.
    unlisted = (DayError, ReportError, sqlite3.DatabaseError)
    with contextlib.suppress(*unlisted), open_ledger(where.ledger) as ledger:
        if published is not None and not ledger.published(published):
            return
        month, _, label = folder.name.partition("+")
        yield {
            "month": Month.parse(month).first,
            "label": label,
            "href": f"{quote(folder.name, safe='+')}/index.html",
            "standing": ledger.standing,
            "run": ledger.last_run(),
            "counts": ledger.counts(BRIEFING),
        }


def _languages(entries: Iterable[Entry]) -> list[str]:
    spoken = {entry.lang for entry in entries if entry.page == BRIEFING}
    return [lang for lang in LANGUAGES if lang in spoken]


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: LANGUAGES.index(entry.lang))


def _link(entry: Entry, where: Places) -> dict[str, Any]:
    return {
        "lang": entry.lang,
        "state": str(entry.state),
        "reason": entry.reason,
        "detail": entry.detail,
        "href": entry.html if (where.folder / entry.html).is_file() else None,
    }


def _rows(
    entries: list[Entry], facts: dict[str, dict[str, Any]], where: Places
) -> list[dict[str, Any]]:
    """Return one row per merchant: who it is, and a link per language."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.page == BRIEFING:
            who = facts.get(entry.merchant_id, _unknown(entry.merchant_id))
            row = rows.setdefault(entry.merchant_id, {**who, "slug": entry.slug, "pages": {}})
            row["pages"][entry.lang] = _link(entry, where)
    return list(rows.values())


def _unknown(merchant_id: str) -> dict[str, Any]:
    return {"merchant_id": merchant_id, "name": None, "track": None, "tier": None}


def _assessed(where: Places) -> Assessment | None:
    try:
        return Assessment.read(where.assessment)
    except (ReportError, OSError, ValueError, KeyError):
        return None


def _merchants(assessment: Assessment | None) -> dict[str, dict[str, Any]]:
    """Return each merchant's id, name, track and RFQ tier, where the assessment knows them."""
    if assessment is None:
        return {}
    merchants = assessment.merchants[["merchant_id", "company_name", "track"]]
    merchants = merchants.rename(columns={"company_name": "name"})
    rfq = assessment.programmes.get("rfq")
    if rfq is not None:
        merchants = merchants.merge(rfq.outcome[["merchant_id", "tier"]], how="left")
    else:
        merchants = merchants.assign(tier=None)
    plain = merchants.astype(object).where(merchants.notna(), None)
    records: list[dict[Any, Any]] = plain.to_dict("records")
    return {str(row["merchant_id"]): row for row in records}


def _write_restatement(
    where: Places,
    number: int,
    noted: str,
    changes: pd.DataFrame,
    facts: dict[str, dict[str, Any]],
    common: dict[str, Any],
) -> None:
    mine = changes[changes["number"] == number]
    plain = mine.astype(object).where(mine.notna(), None)
    groups: dict[str, dict[str, Any]] = {}
    for row in plain.to_dict("records"):
        merchant_id = str(row["merchant_id"])
        who = facts.get(merchant_id, _unknown(merchant_id))
        groups.setdefault(merchant_id, {**who, "changes": []})["changes"].append(row)
    details = [facts.get(m, _unknown(m)) for m in json.loads(noted).get("details", [])]
    html = _render(
        "restatement", **common, number=number, merchants=list(groups.values()), details=details,
        shown=words("zh").measure,
    )  # fmt: skip
    atomic.write(where.folder / f"restatement-{number}.html", html)


def _render(template: str, **context: Any) -> str:
    file = _environment().get_template(f"{template}.html.j2")
    return file.render(
        zh=words("zh"), en=words("en"), policy=POLICY, versions=assets.versions(), **context
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("merchantkit.briefing", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""A report run: one month, one briefing per merchant, and the team's portfolio."""

import datetime as dt
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import merchantkit
from merchantkit import home
from merchantkit.briefing import assets, atomic, pool, site
from merchantkit.briefing import publish as publishing
from merchantkit.briefing.decide import Decision, decide
from merchantkit.briefing.job import Limits
from merchantkit.briefing.ledger import Entry, Ledger, RunFacts, State, holds, open_ledger
from merchantkit.briefing.lock import month_lock
from merchantkit.briefing.notebooks import check_parameters, read_templates
from merchantkit.briefing.places import LANGUAGES, Places, places, run_label
from merchantkit.briefing.prepare import Prepared, RulesOfRun, prepare, rules_of_run
from merchantkit.briefing.progress import Reporter, default_progress
from merchantkit.briefing.shelf import Shelf
from merchantkit.briefing.tasks import plan
from merchantkit.briefing.unwritten import disk_in_words
from merchantkit.briefing.work import Work
from merchantkit.days import Month, as_day
from merchantkit.errors import ReportError
from merchantkit.facts.cautions import cautions
from merchantkit.facts.warehouse import Warehouse
from merchantkit.rulebook.book import OverlayLike


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Attributes:
        label: The month, or ``month+label`` under an overlay or another rules day.
        index: The month's page, which lists everything, failures included.
        executed: How many pages were made in this run, the portfolio's included.
        kept: How many were left as they were because nothing about them had changed.
        failures: The ledger's entries that failed, in this run or in an earlier one.
        left: Pages of merchants or languages that this run did not ask for and that are missing
            or out of date.
        removed: Merchants that the facts no longer hold; their pages were removed.
        restatement: The number of the restatement that this run made of a final month.
    """

    label: str
    folder: Path
    index: Path
    executed: int
    kept: int
    failures: tuple[Entry, ...]
    left: int
    removed: tuple[str, ...]
    restatement: int | None

    @property
    def exit_code(self) -> int:
        """0 if all is well, 1 if some page failed."""
        return 1 if self.failures else 0


def report(
    month: Month | str,
    *,
    merchants: Iterable[str] | None = None,
    rules_on: dt.date | str | None = None,
    overlay: OverlayLike | Sequence[OverlayLike] | None = None,
    lang: str | Sequence[str] | None = None,
    workers: int | None = None,
    out: str | Path | None = None,
    warehouse: Warehouse | str | Path | None = None,
    day: dt.date | str | None = None,
    notebooks: str | Path | None = None,
    limits: Limits | None = None,
    stock_kernels: bool = False,
    scheduler: str | None = None,
    publish: str | None = None,
    progress: Reporter | None = None,
) -> RunResult:
    """Brief every merchant of a month, and the team; do only what is missing, failed or changed.

    One merchant's failure is that merchant's: it is on record in the ledger and on the month's
    page, and the rest finish. Pages appear whole or not at all, and only after they were opened
    and counted.

    Args:
        month: ``2021-05``.
        merchants: Whose briefings to make; everyone's by default. All are assessed in any case.
        rules_on: By the rules of which day; by default, of the day to which facts are counted.
        overlay: One or several overlays to lay over the rules.
        lang: ``zh``, ``en``, or several of them.
        workers: How many processes; one per core by default.
        out: Where reports go; the project's ``reports/`` by default.
        warehouse: The facts; the project's by default. Only read.
        day: The day of the month as of which it is assessed; its last by default.
        notebooks: The folder of ``briefing.ipynb`` and ``portfolio.ipynb``.
        limits: How long a cell, a notebook and a kernel's start may take, and what they may use.
        stock_kernels: Give each page a kernel of its own, as papermill does, and not a fresh child
            of a warm process: many times slower, and the same pages. Where no child can be forked,
            or a notebook needs what only a kernel has, that is done anyway, and said.
        scheduler: The address of a Dask scheduler, whose workers make the briefings; it needs the
            extra ``cluster``, and the same kit on every worker. The month is computed here, and
            only here are pages put in place and on record.
        publish: Where a copy of the pages goes, a URL that fsspec knows (extra ``cluster``), such
            as ``s3://bucket/reports``: what is made in this run and what an earlier one left.
        progress: What to tell how far the run is; a bar or lines on stderr by default.

    Raises:
        ReportError: Nothing is in force on the rules' day, a merchant is not known, a notebook
            lacks a parameter, the disk takes no more, the scheduler cannot be reached or is gone,
            or pages cannot be published; what was made is kept.
        RunLocked: Another run of the month is under way.
        WarehouseMissing: There are no facts.
    """
    with disk_in_words(Path(out) if out is not None else home.reports_dir()):
        parsed = Month.parse(month)
        assessed_day = _assessed_day(parsed, day)
        rules = rules_of_run(overlay, as_day(rules_on) if rules_on else None, assessed_day)
        facts = warehouse if isinstance(warehouse, Warehouse) else Warehouse.open(warehouse)
        where = places(run_label(parsed, rules.overlays, rules.day, assessed_day), out)
        languages = _languages(lang if lang is not None else _spoken(where))
        templates = read_templates(Path(notebooks) if notebooks else home.place("notebooks"))
        only = set(merchants) if merchants is not None else None
        run = _Run(
            where,
            languages,
            only,
            templates,
            limits or Limits(),
            _workers(workers),
            stock_kernels,
            scheduler,
        )
        run.refuse_unknown(facts)
        shelf = Shelf(publish, where.reports) if publish else None
        if shelf:
            shelf.check()
        if scheduler is not None:
            _require_cluster(scheduler)
        with month_lock(where.team, where.label), open_ledger(where.ledger, create=True) as ledger:
            atomic.remove_folder(where.scratch)
            atomic.sweep(where.folder)
            try:
                ready = prepare(where, ledger, facts, parsed, assessed_day, rules)
                with progress or default_progress() as reporter:
                    for caution in cautions(facts, parsed):
                        reporter.note(caution)
                    made = run.finish(
                        ledger, ready, _run_facts(rules, assessed_day, facts), reporter
                    )
                    if shelf:
                        publishing.publish(where, ledger, shelf, reporter)
                    return made
            finally:
                atomic.remove_folder(where.scratch)


def _require_cluster(scheduler: str) -> None:
    """Refuse a cluster that is not there, before a month is computed for it."""
    if importlib.util.find_spec("distributed") is None:
        raise ReportError(
            "a cluster needs distributed", remedy="pip install 'merchantkit[cluster]'"
        )
    # Late: it is an extra, and imports in a second.
    from merchantkit.briefing.cluster import address

    address.check(scheduler)


def _spoken(where: Places) -> tuple[str, ...]:
    """Return the languages that a month already has, so that a rerun leaves none behind."""
    if not holds(where.ledger):
        return ("zh",)
    with open_ledger(where.ledger) as ledger:
        found = ledger.languages()
    return tuple(lang for lang in LANGUAGES if lang in found) or ("zh",)


def _languages(lang: str | Sequence[str]) -> tuple[str, ...]:
    asked = (lang,) if isinstance(lang, str) else tuple(lang)
    unknown = [one for one in asked if one not in LANGUAGES]
    if unknown or not asked:
        raise ReportError(
            f"there is no language {', '.join(unknown) or '(none)'}",
            remedy=f"use one or several of: {', '.join(LANGUAGES)}",
        )
    return asked


def _workers(workers: int | None) -> int:
    if workers is not None and workers < 1:
        raise ReportError(f"{workers} workers make no pages", remedy="give at least 1")
    return workers or pool.default_workers()


def _assessed_day(month: Month, day: dt.date | str | None) -> dt.date:
    assessed = as_day(day) if day else month.last
    if not month.first <= assessed <= month.last:
        raise ReportError(
            f"{assessed} is not a day of {month}", remedy="name a day of the month, or none"
        )
    return assessed


def _run_facts(rules: RulesOfRun, day: dt.date, facts: Warehouse) -> RunFacts:
    return RunFacts(
        kit=merchantkit.__version__,
        day=day.isoformat(),
        rules_day=rules.day.isoformat(),
        rules_hash=rules.rules.fingerprint(),
        overlays=", ".join(rules.rules.overlays),
        origin=facts.origin or "",
    )


@dataclass(frozen=True)
class _Run:
    where: Places
    langs: tuple[str, ...]
    only: set[str] | None
    templates: dict[str, str]
    limits: Limits
    workers: int
    stock_kernels: bool
    scheduler: str | None

    def refuse_unknown(self, facts: Warehouse) -> None:
        known = set(facts.frame("SELECT merchant_id FROM merchants")["merchant_id"])
        unknown = sorted((self.only or set()) - known)
        if unknown:
            raise ReportError(
                f"no such merchant: {', '.join(map(repr, unknown[:5]))}",
                where=f"one of {len(known)} merchants in the warehouse" if known else "no facts",
                count=len(unknown),
                remedy="give the id as the facts have it: 007 is not 7",
            )
        if not known:
            raise ReportError(
                "the warehouse holds no merchants",
                where=str(facts.path or "in memory"),
                remedy="fill it: merchantkit demo, or merchantkit import PATH",
            )

    def finish(
        self, ledger: Ledger, ready: Prepared, facts: RunFacts, progress: Reporter
    ) -> RunResult:
        known = ledger.entries()
        tasks = plan(ready.subject, {*self.langs, *(lang for _, _, lang in known)}, self.templates)
        # A language of an earlier run whose merchant never got a page in it is not owed one.
        owed = [task for task in tasks if task.lang in self.langs or task.key in known]
        is_final = ledger.standing == "final"
        decision = decide(owed, known, self.where, langs=self.langs, only=self.only, final=is_final)
        is_idle = ready.unchanged and not (decision.to_make or decision.gone)
        if is_idle:
            assets.mend(self.where.assets, (self.where.folder / e.html for e in known.values()))
        else:
            assets.place(self.where.assets)
        if ready.restatement is not None:
            progress.note(f"restatement {ready.restatement} of a month that was final")
        check_parameters(self.templates, decision.to_make)
        work = Work(
            self.where, ledger, ready.subject, self.templates, self.limits, self.workers, progress,
            self.stock_kernels, self.scheduler,
        )  # fmt: skip
        try:
            if not is_idle:
                work.carry_out(decision, facts)
                ledger.close_restatements()
            if ledger.is_behind:
                ledger.is_behind = False
        finally:
            # Also after Ctrl-C: what is done is listed, and what is not is pending.
            site.write_month(self.where, ledger, ready.subject.assessment)
            site.write_months(self.where.reports)
        return self._result(ledger, decision, ready)

    def _result(self, ledger: Ledger, decision: Decision, ready: Prepared) -> RunResult:
        counts = ledger.counts()
        return RunResult(
            label=self.where.label,
            folder=self.where.folder,
            index=self.where.index,
            executed=len(decision.to_make),
            kept=decision.kept,
            failures=tuple(ledger.entries(State.FAILED).values()),
            left=counts[State.PENDING] + counts[State.STALE],
            removed=tuple(sorted({entry.merchant_id for entry in decision.gone})),
            restatement=ready.restatement,
        )

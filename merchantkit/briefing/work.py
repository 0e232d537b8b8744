"""Carrying out what was decided: workers make pages, the parent moves them and records them."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from merchantkit.briefing import assets, atomic, pool
from merchantkit.briefing.decide import Decision
from merchantkit.briefing.engine import fitness
from merchantkit.briefing.failures import Failure, machine_paths, one_line
from merchantkit.briefing.job import Job, Limits, Made, Rehearsals
from merchantkit.briefing.ledger import Entry, Ledger, RunFacts, State
from merchantkit.briefing.notebooks import sources
from merchantkit.briefing.places import BRIEFING, PORTFOLIO, Places
from merchantkit.briefing.progress import Reporter
from merchantkit.briefing.recorder import Recorder, kept_together
from merchantkit.briefing.rehearsal import rehearsals
from merchantkit.briefing.tasks import Key, Subject, Task, head


@dataclass(frozen=True)
class Work:
    """One run's making of pages; the caller holds the month's lock.

    Only here, in the parent, does anything reach a merchant's folder or the ledger: an orphaned
    worker of a killed run cannot overwrite what a later run made.
    """

    where: Places
    ledger: Ledger
    subject: Subject
    templates: Mapping[str, str]
    limits: Limits
    workers: int
    progress: Reporter
    stock_kernels: bool = False
    scheduler: str | None = None

    @cached_property
    def _paths(self) -> list[str]:
        return machine_paths(self.where.folder)

    def carry_out(self, decision: Decision, facts: RunFacts) -> None:
        """Make what is to be made, remove what is gone, and put it all on record."""
        run_id = self.ledger.begin_run(facts)
        self.ledger.record(decision.changed)
        self._remove(decision.gone)
        self.progress.start(len(decision.to_make))
        failed, remarks = 0, {""}
        under_way: dict[Key, tuple[Task, Job]] = {}
        with Recorder(self.ledger) as recorder:
            for made in self._made(decision.to_make, under_way):
                if made.remark not in remarks:
                    self.progress.note(made.remark)
                    remarks.add(made.remark)
                task, job = under_way.pop(made.key)
                entry = replace(decision.entries[made.key], run_id=run_id)
                with kept_together():
                    entry = self._settle(entry, task, made, job)
                    recorder.add(entry)
                failed += entry.state == State.FAILED
                self.progress.made(task.name, f"{entry.reason} {entry.detail}".strip())
        executed = len(decision.to_make)
        self.ledger.end_run(run_id, executed=executed, failed=failed, kept=decision.kept)

    def _made(self, tasks: list[Task], under_way: dict[Key, tuple[Task, Job]]) -> Iterator[Made]:
        jobs, rehearsals = self._jobs(tasks, under_way), self._rehearsals(tasks) if tasks else None
        if self.scheduler is None:
            yield from pool.run_jobs(jobs, self.workers, rehearsals)
            return
        # Portfolios, the last ones, read the whole month, which lies here.
        briefings = sum(task.page == BRIEFING for task in tasks)
        if briefings:
            yield from self._made_elsewhere(islice(jobs, briefings), self.scheduler, rehearsals)
        yield from pool.run_jobs(jobs, self.workers, None if rehearsals is None else [])

    def _made_elsewhere(
        self, jobs: Iterator[Job], scheduler: str, rehearsals: Rehearsals
    ) -> Iterator[Made]:
        # Late: it is an extra, and imports in a second.
        from merchantkit.briefing.cluster import Cluster
        from merchantkit.briefing.cluster.parcels import luggage

        shared = luggage(self.where, self._copy(BRIEFING), rehearsals)
        yield from Cluster(scheduler, self.progress).run_jobs(jobs, shared)

    def _rehearsals(self, tasks: list[Task]) -> list[Job] | None:
        """Return what workers run once before they fork a child a page; None if they may not."""
        if self.stock_kernels:
            return None
        pages = {task.page for task in tasks}
        lacking = (fitness.lacking(sources(self.templates[page])) for page in sorted(pages))
        if why := next(filter(None, lacking), ""):
            self.progress.note(f"each page runs in a kernel of its own, which takes longer: {why}")
            return None
        return rehearsals(
            self._copy(BRIEFING), self.subject, self.where.rules, {task.lang for task in tasks},
            self.where.scratch / "rehearsal", len(tasks) / self.workers,
            self.limits,
        )  # fmt: skip

    def _copy(self, page: str) -> Path:
        """Return the run's copy of a notebook: an analyst may save it in Lab meanwhile."""
        copy = self.where.scratch / f"{page}.ipynb"
        if not copy.exists():
            atomic.write_beside(copy, self.templates[page].encode())
        return copy

    def _jobs(self, tasks: list[Task], under_way: dict[Key, tuple[Task, Job]]) -> Iterator[Job]:
        """Yield a job for each task, as the pool asks for them; only those under way are kept."""
        # This process's own: an orphan of a killed run may write into that run's for a moment.
        scratch, versions = self.where.scratch / f"pages-{os.getpid()}", assets.versions()
        for number, task in enumerate(tasks):
            job = Job(
                task.key, self._copy(task.page), task.parameters, head(task, versions),
                self.where.folder, scratch / str(number),
                self.limits.for_portfolio if task.page == PORTFOLIO else self.limits,
            )  # fmt: skip
            under_way[task.key] = (task, job)
            yield job

    def _settle(self, entry: Entry, task: Task, made: Made, job: Job) -> Entry:
        """Move a finished page into place, and return how it stands now."""
        made = made.together(job.said)
        if made.failure is None:
            try:
                self._move(entry, job)
            except OSError as error:
                made = replace(made, failure=Failure.NOT_WRITTEN, detail=str(error))
        if made.failure is not None:
            # At once: on a full disk it would take the place of others'.
            atomic.remove_folder(job.scratch)
        self._log(task, made)
        if made.failure is not None:
            # What was there before stays: an earlier page, whole, or none.
            detail = one_line(made.detail, self._paths)
            return replace(
                entry, state=State.FAILED.value, reason=made.failure.value, detail=detail,
                seconds=made.seconds, phases=json.dumps(dict(made.phases)),
            )  # fmt: skip
        return replace(
            entry, state=State.DONE.value, reason="", detail="", inputs=task.inputs,
            fingerprint=task.fingerprint, html_hash=made.html_hash, ipynb_hash=made.ipynb_hash,
            sections=made.sections, charts=made.charts, seconds=made.seconds,
            phases=json.dumps(dict(made.phases)),
        )  # fmt: skip

    def _move(self, entry: Entry, job: Job) -> None:
        moves = [(job.ipynb, entry.ipynb), (job.html, entry.html)]
        atomic.move_all([(made, self.where.folder / place) for made, place in moves], job.scratch)
        try:
            job.scratch.rmdir()
        except OSError:
            # Whatever is left of its making, the page is made; the run's end removes it, too.
            shutil.rmtree(job.scratch, ignore_errors=True)

    def _log(self, task: Task, made: Made) -> None:
        """Keep what is for the team only: a traceback, what was written to standard error."""
        log = self.where.team / "log" / f"{task.name}.txt"
        reason = f"{made.failure}: {made.detail}\n\n" if made.failure else ""
        try:
            if reason or made.log:
                atomic.write(log, f"{reason}{made.log}\n")
            else:
                log.unlink(missing_ok=True)
        except OSError as error:
            # How the page stands is on record in any case.
            self.progress.note(f"no log of {task.name}: {error.strerror}")

    def _remove(self, gone: list[Entry]) -> None:
        for entry in gone:
            for place in (entry.html, entry.ipynb):
                (self.where.folder / place).unlink(missing_ok=True)
            log = self.where.team / "log" / f"{entry.slug}.{entry.lang}.txt"
            log.unlink(missing_ok=True)
            # Not empty as long as another language is there, or somebody put a file beside it.
            with contextlib.suppress(OSError):
                (self.where.folder / entry.html).parent.rmdir()
        self.ledger.remove(gone)
        if gone:
            names = sorted({entry.slug for entry in gone})
            self.progress.note(f"removed, as the facts no longer hold them: {', '.join(names)}")

"""Carrying out what was decided: workers make pages, the parent moves them and records them."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from merchantkit.briefing import assets, atomic, pool
from merchantkit.briefing.decide import Decision
from merchantkit.briefing.failures import Failure, machine_paths, one_line
from merchantkit.briefing.job import Job, Limits, Made
from merchantkit.briefing.ledger import Entry, Ledger, RunFacts, State
from merchantkit.briefing.places import Places
from merchantkit.briefing.progress import Reporter
from merchantkit.briefing.tasks import Key, Task, head


@dataclass(frozen=True)
class Work:
    """One run's making of pages; the caller holds the month's lock.

    Only here, in the parent, does anything reach a merchant's folder or the ledger: an orphaned
    worker of a killed run cannot overwrite what a later run made.
    """

    where: Places
    ledger: Ledger
    templates: Mapping[str, str]
    limits: Limits
    workers: int
    progress: Reporter

    def carry_out(self, decision: Decision, facts: RunFacts) -> None:
        """Make what is to be made, remove what is gone, and put it all on record."""
        run_id = self.ledger.begin_run(facts)
        known = self.ledger.entries()
        self.ledger.record([e for e in decision.entries if e != known.get(e.key)])
        self._remove(decision.gone)
        tasks = {task.key: task for task in decision.to_make}
        entries = {entry.key: replace(entry, run_id=run_id) for entry in decision.entries}
        jobs = self._jobs(decision.to_make)
        self.progress.start(len(jobs))
        failed = 0
        for made in pool.run_jobs(jobs.values(), self.workers):
            entry = self._settle(entries[made.key], tasks[made.key], made, jobs[made.key])
            self.ledger.record([entry])
            failed += entry.state == State.FAILED
            self.progress.made(tasks[made.key].name, f"{entry.reason} {entry.detail}".strip())
        kept = sum(entry.state == State.DONE for entry in decision.entries)
        self.ledger.end_run(run_id, executed=len(jobs), failed=failed, kept=kept)

    def _jobs(self, tasks: list[Task]) -> dict[Key, Job]:
        scratch, versions = self.where.scratch, assets.versions()
        copies = {}
        for page in {task.page for task in tasks}:
            # A copy: an analyst may save the notebook in Lab while the run lasts.
            copies[page] = scratch / f"{page}.ipynb"
            atomic.write_beside(copies[page], self.templates[page].encode())
        return {
            task.key: Job(
                task.key, copies[task.page], dict(task.parameters), head(task, versions),
                self.where.folder, scratch / "pages" / str(number), self.limits,
            )
            for number, task in enumerate(tasks)
        }  # fmt: skip

    def _settle(self, entry: Entry, task: Task, made: Made, job: Job) -> Entry:
        """Move a finished page into place, and return how it stands now."""
        if made.failure is None:
            try:
                self._move(entry, job)
            except OSError as error:
                made = replace(made, failure=Failure.NOT_WRITTEN, detail=str(error))
        self._log(task, made)
        if made.failure is not None:
            # What was there before stays: an earlier page, whole, or none.
            detail = one_line(made.detail, machine_paths(self.where.folder))
            return replace(
                entry, state=State.FAILED.value, reason=made.failure.value, detail=detail,
                seconds=made.seconds,
            )  # fmt: skip
        return replace(
            entry, state=State.DONE.value, reason="", detail="", inputs=task.inputs,
            fingerprint=task.fingerprint, html_hash=made.html_hash, ipynb_hash=made.ipynb_hash,
            sections=made.sections, charts=made.charts, seconds=made.seconds,
        )  # fmt: skip

    def _move(self, entry: Entry, job: Job) -> None:
        for made, place in ((job.ipynb, entry.ipynb), (job.html, entry.html)):
            target = self.where.folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            made.replace(target)
        job.scratch.rmdir()

    def _log(self, task: Task, made: Made) -> None:
        """Keep what is for the team only: a traceback, what was written to standard error."""
        log = self.where.team / "log" / f"{task.name}.txt"
        reason = f"{made.failure}: {made.detail}\n\n" if made.failure else ""
        if reason or made.log:
            atomic.write(log, f"{reason}{made.log}\n")
        else:
            log.unlink(missing_ok=True)

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

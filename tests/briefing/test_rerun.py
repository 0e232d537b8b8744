"""What a run does and leaves alone, with pages that cost nothing: no kernel is started here."""

import datetime as dt
import errno
import hashlib
import json
import os
import re
import shutil
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from merchantkit.briefing import atomic, hashes, mark, prepare, report, run, status, verify, work
from merchantkit.briefing.job import Job, Made
from merchantkit.briefing.ledger import Entry, State, open_ledger
from merchantkit.briefing.progress import Silent
from merchantkit.briefing.recorder import Recorder
from merchantkit.briefing.slugs import slug
from merchantkit.errors import DayError, ReportError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.scaffold import init_project
from tests.briefing.faults import garble
from tests.briefing.world import MONTH, Notes, World

pytestmark = pytest.mark.slow

# Both have orders; only "seen" has been counted in the campaign's scene.
MERCHANTS = ("plain", "seen")


class Pages:
    """Stands in for the pool: writes what a notebook would, and remembers whose it was."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.asked = 0
        self.edition = ""
        self.before: Callable[[Job], None] = lambda job: None
        self.after: Callable[[Job], None] = lambda job: None

    def run_jobs(
        self, jobs: Iterable[Job], workers: int, rehearsals: Sequence[Job] | None = None
    ) -> Iterator[Made]:
        for job in jobs:
            self.asked += 1
            self.before(job)
            job.scratch.mkdir(parents=True)
            texts = [f"{job.key} {self.edition} {kind}".encode() for kind in ("html", "ipynb")]
            job.html.write_bytes(texts[0])
            job.ipynb.write_bytes(texts[1])
            html_hash, ipynb_hash = (hashlib.sha256(text).hexdigest() for text in texts)
            self.made.append(job.key[1] or "portfolio")
            self.after(job)
            yield Made(
                job.key, 0.1, html_hash=html_hash, ipynb_hash=ipynb_hash, sections=1,
                phases={"run": 0.06, "fork": 0.04},
            )  # fmt: skip

    def taken(self) -> list[str]:
        """Return whose pages were made since this was last asked."""
        taken, self.made = sorted(self.made), []
        return taken


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    stub = Pages()
    monkeypatch.setattr(work.pool, "run_jobs", stub.run_jobs)
    return stub


@pytest.fixture
def world(tmp_path: Path, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> World:
    project = tmp_path / "project"
    init_project(project)
    monkeypatch.setenv("MERCHANTKIT_HOME", str(project))
    made = World(tmp_path / "w")
    for merchant in MERCHANTS:
        made.merchant(merchant)
        made.sale(merchant, "100.10")
    made.traffic("seen", 70)
    made.report()
    assert pages.taken() == ["plain", "portfolio", "seen"]
    return made


def edit(tmp_path: Path, programme: str, old: str, new: str) -> None:
    file = tmp_path / "project" / "params" / "rules" / f"{programme}.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_month_that_the_facts_lack_is_reported_and_told(world: World) -> None:
    notes = Notes()
    world.report(progress=notes)
    assert notes.said == []
    made = report("2021-08", warehouse=world.warehouse, out=world.out, notebooks=world.notebooks,
                  progress=notes)  # fmt: skip
    assert made.executed == 3
    assert notes.said == [
        "careful: nothing in the facts is of 2021-08; they are of 2021-04 to 2021-05"
    ]


# --- what has changed for whom ------------------------------------------------------------------


def test_nothing_changed_makes_nothing_and_computes_nothing(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "assess_month", None)
    result = world.report()
    assert (result.executed, result.kept, result.left, result.failures) == (0, 3, 0, ())
    assert pages.taken() == []


def test_one_changed_order_is_that_merchants_and_the_portfolios(world: World, pages: Pages) -> None:
    world.sale("plain", "100.11")
    world.report()
    assert pages.taken() == ["plain", "portfolio"]


def test_a_rule_of_the_campaign_is_theirs_whom_it_concerns(
    world: World, pages: Pages, tmp_path: Path
) -> None:
    ranks = "unit: rank\n    values:\n      2021-05-01: {is: "
    edit(tmp_path, "campaign", f"{ranks}10,", f"{ranks}9,")
    world.report()
    assert pages.taken() == ["portfolio", "seen"]


def test_so_is_one_that_changes_no_outcome_but_a_word_on_the_page(
    world: World, pages: Pages, tmp_path: Path
) -> None:
    edit(tmp_path, "campaign", "en: points for each further visitor", "en: points a visitor")
    world.report()
    assert pages.taken() == ["portfolio", "seen"]


def test_a_rule_that_everyone_is_judged_by_is_everyones(
    world: World, pages: Pages, tmp_path: Path
) -> None:
    edit(tmp_path, "rfq", "2021-04-15: {is: 25000,", "2021-04-15: {is: 24000,")
    world.report()
    assert pages.taken() == ["plain", "portfolio", "seen"]


def test_what_is_dated_to_come_later_is_told_on_the_portfolio_alone(
    world: World, pages: Pages, tmp_path: Path
) -> None:
    later = "2021-04-15: {is: 25000, source: tiers}"
    edit(tmp_path, "rfq", later, f"{later}\n      2021-09-01: {{is: 30000, source: tiers}}")
    world.report()
    assert pages.taken() == ["portfolio"]
    assert "2021-09-01" in (world.month / "_team/rules/rfq.yaml").read_text("utf-8")


def test_who_comes_to_be_concerned_gets_a_new_page(world: World, pages: Pages) -> None:
    # 2 visitors fewer than the month before, where "seen" has 65 more and stays first.
    world.traffic("plain", 3)
    world.report()
    assert pages.taken() == ["plain", "portfolio"]
    # 66 more: now "seen" is second.
    world.traffic("plain", 71)
    world.report()
    assert pages.taken() == ["plain", "portfolio", "seen"]


def test_a_page_edited_cut_short_or_lost_is_made_again(world: World, pages: Pages) -> None:
    page = world.page("plain")
    for harm in (lambda: page.write_bytes(page.read_bytes()[:-1]), page.unlink):
        harm()
        world.report()
        assert pages.taken() == ["plain"]


# --- what is computed again, and what is believed -----------------------------------------------


def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    days: list[str] = []
    assess = prepare.assess_month

    def assess_month(warehouse: Warehouse, day: Any, *given: Any, **named: Any) -> Any:
        days.append(str(day))
        return assess(warehouse, day, *given, **named)

    monkeypatch.setattr(prepare, "assess_month", assess_month)
    return days


def test_an_assessment_that_was_touched_is_computed_again(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = computed(monkeypatch)
    for name in ("assessment/month.json", "assessment-before/month.json", "rules/rfq.yaml"):
        file = world.month / "_team" / name
        whole = file.read_bytes()
        file.write_bytes(whole + b"\n")
        world.report()
        assert (file.read_bytes(), days) == (whole, ["2021-05-31", "2021-04-30"])
        days.clear()
    world.report()
    assert days == []
    assert pages.taken() == []


def test_facts_that_only_the_month_before_counts_are_seen(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = computed(monkeypatch)
    world.grant("plain", dt.datetime(2021, 4, 10), 20)
    world.report()
    assert days == ["2021-05-31", "2021-04-30"]
    assert pages.taken() == ["portfolio"]


def test_another_kit_or_another_day_computes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = computed(monkeypatch)
    world.report(day="2021-05-20")
    assert days == ["2021-05-20", "2021-04-30"]
    days.clear()
    monkeypatch.setattr("merchantkit.briefing.reuse.kit_digest", lambda: "a later kit")
    world.report(day="2021-05-20")
    assert days == ["2021-05-20", "2021-04-30"]


@pytest.mark.parametrize("library", ["holidays", "plotly", "babel"])
def test_a_library_that_pages_are_made_with_is_a_part_of_the_kit(
    library: str, world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = hashes.version
    later = {library: "9999.1"}
    monkeypatch.setattr(hashes, "version", lambda name: later.get(name) or real(name))
    hashes.kit_digest.cache_clear()
    try:
        world.report()
    finally:
        hashes.kit_digest.cache_clear()
    assert pages.taken() == ["plain", "portfolio", "seen"]


def test_a_month_whose_pages_are_behind_its_assessment_cannot_be_final(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sale("plain", "9.99", number=2)
    with monkeypatch.context() as patched:
        # Killed when the month is in its place, and no page is known to be out of date yet.
        patched.setattr(run, "decide", ended)
        with pytest.raises(KeyboardInterrupt):
            world.report()
    assert {record["state"] for record in status(MONTH, out=world.out)} == {"done"}
    with pytest.raises(ReportError, match="ended before its pages followed"):
        mark(MONTH, "final", out=world.out)
    world.report()
    assert pages.taken() == ["plain", "portfolio"]
    mark(MONTH, "final", out=world.out)


def test_a_month_without_a_single_page_cannot_be_final(tmp_path: Path) -> None:
    # As a run leaves it that was killed while it computed.
    where = tmp_path / MONTH / "_team" / "ledger.sqlite"
    where.parent.mkdir(parents=True)
    with open_ledger(where, create=True):
        pass
    with pytest.raises(ReportError, match="ended before its pages followed"):
        mark(MONTH, "final", out=tmp_path)


def ended(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_facts_in_memory_are_always_computed(
    tmp_path: Path, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = World(tmp_path)
    made.warehouse = Warehouse.in_memory()
    made.merchant("one")
    made.report()
    days = computed(monkeypatch)
    assert made.report().executed == 0
    assert days == ["2021-05-31", "2021-04-30"]


def test_a_final_month_with_nothing_new_is_not_touched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(MONTH, "final", out=world.out)
    before = world.tree()
    monkeypatch.setattr(prepare, "assess_month", None)
    assert world.report().executed == 0
    assert world.tree() == before


def test_a_final_month_is_compared_once_with_facts_that_change_nothing_of_it(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(MONTH, "final", out=world.out)
    days = computed(monkeypatch)
    # Only the month before counts this.
    world.grant("plain", dt.datetime(2021, 4, 10), 20)
    assert world.report().executed == 0
    assert days == ["2021-05-31"]
    lying = {name: held for name, held in world.tree().items() if "ledger.sqlite" not in name}
    assert world.report().executed == 0
    assert days == ["2021-05-31"]
    assert {n: held for n, held in world.tree().items() if "ledger.sqlite" not in n} == lying
    # What was handed over stands; a draft is to say what the facts say now.
    mark(MONTH, "draft", out=world.out)
    world.report()
    assert days[1:] == ["2021-05-31", "2021-04-30"]
    assert pages.taken() == ["portfolio"]


def test_a_final_month_that_was_compared_sees_what_comes_after(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(MONTH, "final", out=world.out)
    world.grant("plain", dt.datetime(2021, 4, 10), 20)
    world.report()
    world.sale("plain", "100.12", number=2)
    result = world.report()
    assert (result.restatement, pages.taken()) == (1, ["plain", "portfolio"])


def test_a_final_month_whose_assessment_a_kill_took_is_restated_from_what_is_kept(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(MONTH, "final", out=world.out)
    world.sale("plain", "200.20", number=2)
    assessment, swap = world.month / "_team" / "assessment", atomic.swap_folder

    def killed_between_its_two_steps(new: Path, place: Path, aside: Path) -> None:
        if place == assessment:
            place.replace(aside)
            raise KeyboardInterrupt
        swap(new, place, aside)

    with monkeypatch.context() as patched:
        patched.setattr(prepare.atomic, "swap_folder", killed_between_its_two_steps)
        with pytest.raises(KeyboardInterrupt):
            world.report()
    assert not assessment.exists()
    result = world.report()
    assert (result.restatement, pages.taken()) == (1, ["plain", "portfolio"])
    rows = pq.read_table(assessment / "restatement.parquet").to_pylist()
    told = [(r["merchant_id"], r["before"], r["after"]) for r in rows if "gmv_90d" in r["column"]]
    assert told == [("plain", "100.10", "300.30")]
    assert {row["number"] for row in rows} == {1}
    # It is complete, so the next that is lost is not made up for.
    atomic.remove_folder(assessment)
    with pytest.raises(ReportError, match="cannot be read"):
        world.report()


def test_what_lacks_pages_is_not_made_final(world: World, pages: Pages) -> None:
    lost, edited = world.page("plain"), world.page("seen").with_suffix(".ipynb")
    lost.unlink()
    edited.write_bytes(edited.read_bytes() + b" ")
    with pytest.raises(ReportError, match="2021-05 is not complete") as refused:
        mark(MONTH, "final", out=world.out)
    assert refused.value.count == 2
    assert refused.value.where == f"{slug('plain')}, {slug('seen')}"
    assert "run merchantkit report again" in str(refused.value.remedy)
    mark(MONTH, "draft", out=world.out)  # which may lack any
    world.report()
    assert pages.taken() == ["plain", "seen"]
    mark(MONTH, "final", out=world.out)


# --- what is no month, or no ledger -------------------------------------------------------------


@pytest.mark.parametrize("month", ["9999-12", "2100-01", "1990-12", "0001-01"])
def test_a_month_that_no_facts_can_be_of_is_refused_before_anything_is_made(
    world: World, month: str
) -> None:
    before = world.tree()
    with pytest.raises(DayError, match=f"{month} lies beyond") as refused:
        report(month, rules_on="2021-05-31", warehouse=world.warehouse, out=world.out,
               notebooks=world.notebooks, progress=Silent())  # fmt: skip
    assert "1991-01 to 2099-12" in str(refused.value.remedy)
    assert world.tree() == before


def listed(world: World) -> list[str]:
    found = re.findall(r'href="([^"/]+)/index.html"', (world.out / "index.html").read_text("utf-8"))
    return sorted(found)


def test_what_is_no_month_is_not_in_the_list_of_months_and_no_obstacle(world: World) -> None:
    shutil.copytree(world.month, world.out / "2021-13")
    mark(MONTH, "final", out=world.out)
    assert world.report().executed == 0
    assert listed(world) == [MONTH]


def test_a_damaged_ledger_is_its_own_months_trouble(world: World) -> None:
    file = world.month / "_team" / "ledger.sqlite"
    garble(file)
    for ask in (status, verify):
        with pytest.raises(ReportError, match="the ledger cannot be read") as refused:
            ask(MONTH, out=world.out)
        assert refused.value.where == str(file)
        assert "move it away" in str(refused.value.remedy)
    with pytest.raises(ReportError, match="the ledger cannot be read"):
        world.report()
    other = report("2021-04", warehouse=world.warehouse, out=world.out, rules_on="2021-05-31",
                   notebooks=world.notebooks, progress=Silent())  # fmt: skip
    assert (other.executed, other.exit_code) == (3, 0)
    assert listed(world) == ["2021-04+rules-2021-05-31"]


def test_an_empty_ledger_is_no_obstacle_to_the_next_run(world: World, pages: Pages) -> None:
    file = world.month / "_team" / "ledger.sqlite"
    file.write_bytes(b"")
    with pytest.raises(ReportError, match="there is nothing in it"):
        status(MONTH, out=world.out)
    assert file.read_bytes() == b""
    assert world.report().executed == 3
    assert [record["state"] for record in status(MONTH, out=world.out)] == ["done", "done"]


def test_a_warehouse_is_not_read_into_memory_to_tell_whether_it_changed(tmp_path: Path) -> None:
    large, size = tmp_path / "facts", 64 << 20
    with large.open("wb") as file:
        file.truncate(size)
    assert hashes.digest_file(tmp_path / "none") == ""
    tracemalloc.start()
    try:
        told = hashes.digest_file(large)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # By `head -c 64M /dev/zero | sha256sum`.
    assert told == "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351"
    assert peak < size // 16


# --- a run that ends before its end -------------------------------------------------------------


class Killed(BaseException):
    """As SIGKILL would: nothing after it happens."""


def test_pages_whose_record_a_kill_took_are_made_again_and_all_is_as_without_it(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    for merchant in MERCHANTS:
        world.sale(merchant, "100.12", number=2)
    pages.edition = "second"

    def die_at_the_portfolio(job: Job) -> None:
        if job.key[0] == "portfolio":
            raise Killed

    pages.before = die_at_the_portfolio
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "flush", lambda recorder: None)
        with pytest.raises(Killed):
            world.report()
    # Both lie in their place, and neither is on record.
    assert "second" in world.page("plain").read_text()
    assert {row["state"] for row in status(MONTH, out=world.out)} == {"pending"}
    pages.before = lambda job: None
    pages.taken()
    world.report()
    assert pages.taken() == ["plain", "portfolio", "seen"]
    assert {row["state"] for row in status(MONTH, out=world.out)} == {"done"}
    assert world.report().executed == 0


def test_a_page_moved_by_a_killed_run_is_not_taken_for_an_earlier_one(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sale("plain", "100.12")
    pages.edition = "second"
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "flush", lambda recorder: None)
        world.report()
    # The change is taken back: the record has this task's fingerprint, the disk another page.
    world.sale("plain", "100.10")
    pages.taken()
    pages.edition = ""
    world.report()
    assert pages.taken() == ["plain", "portfolio"]
    assert "second" not in world.page("plain").read_text()


@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError])
def test_what_was_made_is_on_record_however_the_run_ends(
    world: World, pages: Pages, end: type[BaseException]
) -> None:
    for merchant in MERCHANTS:
        world.sale(merchant, "100.12")

    def stop(job: Job) -> None:
        if job.key[0] == "portfolio":
            raise end

    pages.before = stop
    with pytest.raises(end):
        world.report()
    assert {row["state"] for row in status(MONTH, out=world.out)} == {"done"}
    pages.before = lambda job: None
    pages.taken()
    world.report()
    assert pages.taken() == ["portfolio"]


# --- a disk that takes no more ------------------------------------------------------------------


def states(world: World) -> dict[str, str]:
    return {row["merchant_id"]: row["state"] for row in status(MONTH, out=world.out)}


def test_a_page_in_its_place_is_on_record_whatever_is_left_of_its_making(
    world: World, pages: Pages
) -> None:
    def fill(job: Job) -> None:
        job.said.write_text('["cut short')
        (job.scratch / "what a cell left").mkdir()

    pages.after = fill
    world.sale("plain", "100.12")
    assert world.report().failures == ()
    assert states(world) == {"plain": "done", "seen": "done"}
    assert not (world.month / "_team" / "tmp").exists()
    assert world.report().executed == 0


class Full:
    """Lets no file take a name, as a disk does that has no room for another entry."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        replace = Path.replace

        def refuse(path: Path, target: Path) -> Path:
            if Path(target).name == name:
                raise OSError(errno.ENOSPC, "No space left on device", str(target))
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", refuse)


@pytest.mark.parametrize("name", ["briefing.zh.html", "briefing.zh.ipynb"])
@pytest.mark.parametrize("links", [True, False])
def test_where_one_of_two_files_cannot_be_moved_neither_is(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch, name: str, links: bool
) -> None:
    earlier = [world.page("plain").with_suffix(end).read_bytes() for end in (".html", ".ipynb")]
    pages.edition = "second"
    world.sale("plain", "100.12")
    world.merchant("new")
    with monkeypatch.context() as patched:
        Full(patched, name)
        if not links:
            patched.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "")))
        result = world.report()
    assert {entry.merchant_id for entry in result.failures} == {"plain", "new"}
    assert {entry.reason for entry in result.failures} == {"not_written"}
    there = [world.page("plain").with_suffix(end).read_bytes() for end in (".html", ".ipynb")]
    assert there == earlier
    assert sorted(path.name for path in world.page("plain").parent.iterdir()) == [
        "briefing.zh.html", "briefing.zh.ipynb",
    ]  # fmt: skip
    assert not world.page("new").parent.exists()
    pages.taken()
    world.report()
    assert pages.taken() == ["new", "plain"]
    assert "second" in world.page("plain").read_text()


def test_a_log_that_cannot_be_kept_takes_no_page_with_it(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    class Notes(Silent):
        def note(self, text: str) -> None:
            said.append(text)

    pages.after = lambda job: job.said.write_text('["", "a warning"]') and None
    write = atomic.write

    def refuse(file: Path, content: str | bytes) -> bool:
        if file.parent.name == "log":
            raise OSError(errno.ENOSPC, "No space left on device", str(file))
        return write(file, content)

    monkeypatch.setattr(atomic, "write", refuse)
    world.sale("plain", "100.12")
    assert world.report(progress=Notes()).failures == ()
    assert states(world) == {"plain": "done", "seen": "done"}
    name = slug("plain")
    assert sorted(said) == [
        f"no log of {name}.zh: No space left on device",
        "no log of portfolio.zh: No space left on device",
    ]


# --- the main process's own work ----------------------------------------------------------------


def test_records_are_committed_together_and_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("merchantkit.briefing.recorder.time.monotonic", lambda: now[0])
    file = tmp_path / "ledger.sqlite"

    def entry(number: int) -> Entry:
        return Entry("briefing", f"{number:04d}", "zh", "", "", "", State.DONE.value)

    def on_record() -> int:
        with open_ledger(file) as other:
            return len(other.entries())

    with (
        open_ledger(file, create=True) as ledger,
        pytest.raises(KeyboardInterrupt),
        Recorder(ledger) as recorder,
    ):
        recorder.add(entry(0))
        assert on_record() == 1  # the first at once: pages that take seconds do not wait
        for number in range(1, 100):
            recorder.add(entry(number))
        assert on_record() == 1
        recorder.add(entry(100))
        assert on_record() == 101  # a hundred waited
        recorder.add(entry(101))
        now[0] = 0.4
        recorder.add(entry(102))
        assert on_record() == 101
        now[0] = 0.6
        recorder.add(entry(103))
        assert on_record() == 104  # half a second
        recorder.add(entry(104))
        raise KeyboardInterrupt
    assert on_record() == 105


def test_the_record_says_where_each_pages_seconds_went(world: World) -> None:
    with open_ledger(world.month / "_team" / "ledger.sqlite") as ledger:
        found = [json.loads(entry.phases) for entry in ledger.entries().values()]
    # Whatever a worker tells of, by the name that it gives it.
    assert found == [{"run": 0.06, "fork": 0.04}] * 3


def test_jobs_are_made_only_as_the_pool_asks_for_them(
    world: World, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    job = work.Job

    def counted(*given: Any) -> Job:
        made.append(1)
        return job(*given)

    monkeypatch.setattr(work, "Job", counted)
    ahead: list[int] = []
    pages.before = lambda _: ahead.append(len(made) - pages.asked)
    for merchant in MERCHANTS:
        world.sale(merchant, "1.00", number=3)
    pages.asked = 0
    world.report()
    assert ahead == [0, 0, 0]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('merchant_id = month = "x"', "declares no parameter assessment, day, lang"),
        ("merchant_id: str", "declares no parameter assessment, day, lang, merchant_id, month"),
        ("%load_ext x", "cannot be read"),
    ],
)
def test_a_parameter_is_declared_by_giving_it_a_value(world: World, cell: str, why: str) -> None:
    file = world.notebooks / "briefing.ipynb"
    notebook = json.loads(file.read_text("utf-8"))
    notebook["cells"][0]["source"] = [cell]
    file.write_text(json.dumps(notebook))
    with pytest.raises(ReportError, match=why):
        world.report()


def test_a_notebook_that_was_only_run_in_lab_is_the_same_notebook(
    world: World, pages: Pages
) -> None:
    seen: list[str] = []
    pages.before = lambda job: seen.append(job.notebook.read_text("utf-8"))
    file = world.notebooks / "briefing.ipynb"
    notebook = json.loads(file.read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    # What Lab writes, and papermill: the kernel's own words, widgets' state, times, folds.
    shown = {"output_type": "stream", "name": "stdout", "text": ["an example's"]}
    cell["outputs"], cell["execution_count"] = [shown], 7
    cell["metadata"] |= {
        "execution": {"iopub.execute_input": "2026-11-28T14:00:00Z"}, "collapsed": True,
        "scrolled": True, "papermill": {"duration": 1.5},
    }  # fmt: skip
    for each in notebook["cells"]:
        each["metadata"].setdefault("tags", [])
    notebook["metadata"] |= {
        "language_info": {"name": "python", "version": "3.11.7", "an example's": True},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        "kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"},
        "papermill": {"parameters": {"merchant_id": "an example's"}},
    }
    file.write_text(json.dumps(notebook), "utf-8")
    assert world.report().executed == 0
    words = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    words["source"] = ["edited, with half a character: \ud83d"]
    file.write_text(json.dumps(notebook), "utf-8")
    assert world.report().executed == len(MERCHANTS)
    assert pages.taken() == sorted(MERCHANTS)
    assert all("edited" in text and "an example's" not in text for text in seen)


def test_an_edit_of_what_a_notebook_says_is_another_notebook(world: World, pages: Pages) -> None:
    file = world.notebooks / "briefing.ipynb"
    notebook = json.loads(file.read_text("utf-8"))
    notebook["cells"][0]["metadata"]["tags"] = ["parameters", "hide"]
    file.write_text(json.dumps(notebook), "utf-8")
    assert world.report().executed == len(MERCHANTS)

"""Before the pages: the rules of the run, the month computed once, and what that restates."""

import datetime as dt
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from merchantkit import home
from merchantkit.assessment import COMPARED, Assessment, assess_month
from merchantkit.briefing import atomic, restate, reuse
from merchantkit.briefing.hashes import digest_of
from merchantkit.briefing.ledger import Ledger
from merchantkit.briefing.places import Places
from merchantkit.briefing.tasks import Subject
from merchantkit.days import Month
from merchantkit.errors import NotInForceError, ReportError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.rulebook import Rulebook, Rules, rulebook
from merchantkit.rulebook.book import OverlayLike


@dataclass(frozen=True)
class RulesOfRun:
    """The rules of a run.

    Attributes:
        given: Whether the rules' day was named; else each month is judged by its own day's.
    """

    book: Rulebook
    overlays: tuple[OverlayLike, ...]
    day: dt.date
    given: bool

    @property
    def rules(self) -> Rules:
        """The rules as the month is judged by them."""
        return self.book.on(self.day)

    def for_before(self, day: dt.date) -> Rules:
        """Return the rules for the month before, as of its own last day."""
        return self.rules if self.given else self.book.on(day)


def rules_of_run(
    overlay: OverlayLike | Sequence[OverlayLike] | None, rules_on: dt.date | None, day: dt.date
) -> RulesOfRun:
    """Return the rules of a run.

    Raises:
        RuleFileError: A rule file or overlay is malformed.
        ReportError: Nothing at all is in force on the rules' day.
    """
    overlays: tuple[OverlayLike, ...] = ()
    if isinstance(overlay, (str, Path, Mapping)):
        overlays = (overlay,)
    elif overlay is not None:
        overlays = tuple(overlay)
    run = RulesOfRun(rulebook(overlays), overlays, rules_on or day, rules_on is not None)
    if not run.rules.programmes:
        raise ReportError(
            f"no programme is in force on {run.day}",
            where="params/rules",
            remedy="judge the facts by the rules of another day: --rules-on 2021-05-31",
        )
    return run


@dataclass(frozen=True)
class Prepared:
    """A month ready for its pages.

    Attributes:
        unchanged: A final month whose facts and rules are what they were: nothing was written.
        restatement: The number of the restatement under way, if the month is being restated.
    """

    subject: Subject
    unchanged: bool
    restatement: int | None


def prepare(
    places: Places,
    ledger: Ledger,
    warehouse: Warehouse,
    month: Month,
    day: dt.date,
    run: RulesOfRun,
) -> Prepared:
    """Compute the month, put it and its rules into the run's folder, and say what that restates."""
    stamp = digest_of([run.rules.fingerprint(), str(month), day, run.day])
    source = _source(warehouse, run, stamp)
    lying = _lying_there(places, ledger, run, source)
    if lying is not None:
        return lying
    fresh, slices = _through_parquet(
        assess_month(warehouse, day, run.rules, month=month), places.scratch / "assessment"
    )
    is_final = ledger.standing == "final"
    # What a draft holds is replaced unread.
    current = _read(places.assessment) if is_final else None
    same = current is not None and ledger.assessed == stamp and current[1].equals(slices)
    # A restatement under way compares with what it keeps of the month as it was handed over.
    if is_final and current is None and _open_number(ledger) is None:
        raise ReportError(
            "the assessment of a final month cannot be read, so no restatement can be made of it",
            where=places.label,
            remedy="put _team/assessment back from a copy, or mark the month draft",
        )
    if is_final and same:
        # Nothing is written; a restatement that was stopped half-way goes on.
        number, restated = _open_number(ledger), restate.read(places.assessment)
        before = _before_hash(places)
    else:
        number, restated = _restatement(places, ledger, current, fresh, slices, is_final)
        before = _write_before(places, warehouse, month, run)
        _put_in_place(places, ledger, run, restated, stamp)
    # Facts that came while the month was computed may be in one part and not in another.
    if source and _source(warehouse, run, stamp) == source:
        reuse.note(places, ledger, source, before, compared=is_final and same)
    subject = Subject(fresh, slices, before, restated, run.rules)
    return Prepared(subject, unchanged=is_final and same and number is None, restatement=number)


def _source(warehouse: Warehouse, run: RulesOfRun, stamp: str) -> str:
    return reuse.source(warehouse, run.book, [stamp, str(run.given)])


def _lying_there(places: Places, ledger: Ledger, run: RulesOfRun, source: str) -> Prepared | None:
    """Return the month as it lies there, if computing it again would make the same of it."""
    before = reuse.recall(places, ledger, source)
    current = _read(places.assessment) if before is not None else None
    if before is None or current is None:
        return None
    is_final = ledger.standing == "final"
    # A restatement that was stopped half-way goes on.
    number = _open_number(ledger) if is_final else None
    subject = Subject(*current, before, restate.read(places.assessment), run.rules)
    return Prepared(subject, unchanged=is_final and number is None, restatement=number)


def _put_in_place(
    places: Places, ledger: Ledger, run: RulesOfRun, restated: pd.DataFrame, stamp: str
) -> None:
    restate.write(restated, places.scratch / "assessment")
    _copy_rules(run, places.scratch / "rules")
    # The stamp goes first: a run killed between the steps finds none, and does them again.
    ledger.assessed, ledger.is_behind = "", True
    for new, place in (("rules", places.rules), ("assessment", places.assessment)):
        atomic.swap_folder(places.scratch / new, place, places.scratch / f"{new}-old")
    ledger.assessed = stamp


def _through_parquet(assessment: Assessment, folder: Path) -> tuple[Assessment, "pd.Series[Any]"]:
    # Hashes are taken of what was read back, so that a later run can compare like with like.
    atomic.remove_folder(folder)
    assessment.write(folder)
    read = Assessment.read(folder)
    return read, read.fingerprints().sort_index()


def _read(folder: Path) -> tuple[Assessment, "pd.Series[Any]"] | None:
    try:
        assessment = Assessment.read(folder)
        return assessment, assessment.fingerprints().sort_index()
    except (ReportError, OSError, ValueError, KeyError):
        # None there, half of one, or one that an earlier kit wrote in another shape.
        return None


def _restatement(
    places: Places,
    ledger: Ledger,
    current: tuple[Assessment, "pd.Series[Any]"] | None,
    fresh: Assessment,
    slices: "pd.Series[Any]",
    is_final: bool,
) -> tuple[int | None, pd.DataFrame]:
    """Return the number of the restatement that the new assessment makes, and all rows to date."""
    if not is_final:
        return None, restate.read(places.assessment)
    number = _open_number(ledger)
    if number is None:
        if current is None:
            return None, restate.read(places.assessment)
        number = max(ledger.restatements(), default=0) + 1
        _keep(places, number)
        ledger.open_restatement(number, "{}")
    kept = places.superseded(number) / "assessment"
    handed_over = _read(kept)
    if handed_over is None:
        raise ReportError(
            f"what restatement {number} replaced cannot be read",
            where=f"_team/superseded/{number}",
            remedy="put the folder back from a copy, or mark the month draft",
        )
    changes = restate.compare(handed_over[0], fresh, number)
    rows = pd.concat([restate.read(kept), changes], ignore_index=True)
    said = restate.notes(changes, handed_over[1], slices, number)
    ledger.open_restatement(number, json.dumps(asdict(said), ensure_ascii=False))
    return number, rows


def _open_number(ledger: Ledger) -> int | None:
    numbers = [number for number, (is_open, _) in ledger.restatements().items() if is_open]
    return max(numbers, default=None)


def _keep(places: Places, number: int) -> None:
    """Keep what is to be replaced, whole, before anything of it is touched."""
    copy = places.scratch / "superseded"
    atomic.remove_folder(copy)
    for part in (places.assessment, places.rules):
        if part.is_dir():
            atomic.copy_folder(part, copy / part.name)
    kept = places.superseded(number)
    atomic.swap_folder(copy, kept, places.scratch / "superseded-old")


def _write_before(places: Places, warehouse: Warehouse, month: Month, run: RulesOfRun) -> str:
    last = month.previous().last
    try:
        before = assess_month(
            warehouse, last, run.for_before(last), month=month.previous(), only=COMPARED
        )
    except NotInForceError:
        atomic.remove_folder(places.before)
        return ""
    scratch = places.scratch / "before"
    atomic.remove_folder(scratch)
    before.write(scratch)
    atomic.swap_folder(scratch, places.before, places.scratch / "before-old")
    return _before_hash(places)


def _before_hash(places: Places) -> str:
    found = _read(places.before)
    if found is None:
        return ""
    assessment, slices = found
    days = [str(assessment.month), assessment.day, assessment.rules_day]
    return digest_of([days, [f"{key} {value}" for key, value in slices.items()]])


def _copy_rules(run: RulesOfRun, folder: Path) -> None:
    """Copy the rules of the run, so that its notebooks read exactly those."""
    atomic.remove_folder(folder)
    atomic.copy_folder(home.place("params/rules"), folder, "*.yaml")
    for position, overlay in enumerate(run.overlays):
        # In the order they were laid on; one alone keeps its name, which pages quote.
        prefix = f"{position:02d}-" if len(run.overlays) > 1 else ""
        place = folder / "overlays"
        place.mkdir(exist_ok=True)
        if isinstance(overlay, Mapping):
            text = yaml.safe_dump(_plain(overlay), allow_unicode=True, sort_keys=False)
            (place / f"{prefix}overlay.yaml").write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(overlay, place / f"{prefix}{Path(overlay).stem}.yaml")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(str(value))
    return value

"""How far each showroom has come, what comes next and by when, and whether it lapsed.

Slides 3D实景展厅-拍摄作废预警 (销售须知), —前台多场景曝光 and —实力商家的「线上会客厅」.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column, Flags
from merchantkit.programmes import moments
from merchantkit.programmes.reasons import Reason, Reasons, reasons
from merchantkit.rulebook import ProgrammeRules

# What comes before the merchant's own chain (建模完成 → …), which the rules list.
BEFORE_CHAIN = ("task_submitted", "shot")
MODELLED = "modelled"
STEPS = (
    *BEFORE_CHAIN, MODELLED, "submitted", "shop_decorated", "products_decorated", "sent",
)  # fmt: skip
# From these on buyers can see it.
SHOWN = ("submitted", "shop_decorated", "products_decorated")
STAGES = ("lapsed", "credited", *STEPS)
DAYS = ("credited_on", *(f"{step}_on" for step in STEPS))
# The steps with a printed last day → the check of one that is not taken yet.
_YET = {"task_submitted": "task.yet", "shot": "shoot.yet", "submitted": "venue.yet"}
_BATCH = ("task_submitted", "shot")
# The same steps → the parameter that is their last day.
LAST_DAYS = {"task_submitted": "task_by", "shot": "shoot_by", "submitted": "venue_by"}

Days = NDArray[np.datetime64]
Places = NDArray[np.int8]  # of a word in a tuple; small, as a million rows are read often


@dataclass(frozen=True, eq=False)
class Chain:
    """Everyone's showroom, step by step; every day is compared in ``checks``.

    Attributes:
        facts: Measures as ``door.read`` gives them.
        book: The programme's rules on the day.
        verdicts: The checks of days.
    """

    facts: pd.DataFrame
    book: ProgrammeRules
    verdicts: dict[str, Verdict]

    @classmethod
    def of(cls, facts: pd.DataFrame, book: ProgrammeRules) -> "Chain":
        """Judge the days of all steps."""
        return cls(facts, book, checks.evaluate(compared(facts, book), book))

    @cached_property
    def done(self) -> dict[str, Flags]:
        """Which steps were taken; those up to the model also where a later one was."""
        return taken(self.facts, self.book)

    @cached_property
    def some(self) -> Flags:
        """Whether anything is known of a showroom."""
        credited = self.facts["credited_on"].notna().to_numpy()
        return np.asarray(credited | np.logical_or.reduce(list(self.done.values())))

    @cached_property
    def in_batch(self) -> Column:
        """Whether its resource is of the batch whose deadlines are printed."""
        return checks.all_reached(checks.group(self.verdicts, "batch"))

    @cached_property
    def lapsed(self) -> Column:
        """Whether a deadline passed before there was a model (逾期未能配合拍摄视为放弃)."""
        late = {step: self._late(step) for step in _BATCH}
        # A shoot in time settles when its task was submitted.
        missed = (late["task_submitted"] & ~self.done["shot"]) | late["shot"]
        lapsed = self.in_batch.yes & missed & ~self.done[MODELLED]
        # Of another batch no deadline is printed: whether one passed cannot be told.
        known = self.some & (self.in_batch.yes | self.done[MODELLED])
        return Column(lapsed, known)

    def _late(self, step: str) -> Flags:
        check = {"task_submitted": "task", "shot": "shoot"}[step]
        by, yet = (self.verdicts[f"{check}.{when}"].reached for when in ("by", "yet"))
        return by.no | yet.no

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The steps in the order of the rules' chain."""
        return (*BEFORE_CHAIN, *self.book["chain"])

    @cached_property
    def progress(self) -> Places:
        """How many steps were taken, from the first on, before one is missing."""
        unbroken = np.ones(len(self.facts), dtype=bool)
        taken_so_far = np.zeros(len(self.facts), dtype=np.int8)
        for step in self.order:
            unbroken = unbroken & self.done[step]
            taken_so_far += unbroken
        return taken_so_far

    @cached_property
    def following(self) -> Places:
        """The place in ``STEPS`` of the first step that is missing; −1 where none is."""
        first_missing = [*(STEPS.index(step) for step in self.order), -1]
        missing = np.array(first_missing, dtype=np.int8)[self.progress]
        missing[~self.some | self.lapsed.yes] = -1
        return missing

    @cached_property
    def stage(self) -> Places:
        """The place in ``STAGES`` of the last step up to which none is missing; −1 for none."""
        stages = [STAGES.index(stage) for stage in ("credited", *self.order)]
        reached = np.array(stages, dtype=np.int8)[self.progress]
        reached[self.lapsed.yes] = STAGES.index("lapsed")
        reached[~self.some] = -1
        return reached

    # --- until when ----------------------------------------------------------------------------

    @cached_property
    def act_by(self) -> Column:
        """The last day for the next step, in days since 1970; not known where none is printed."""
        rows = len(self.facts)
        last = np.zeros(rows, dtype=np.int64)
        known = np.zeros(rows, dtype=bool)
        for step, check in _YET.items():
            verdict = self.verdicts[check]
            held = verdict.needed.values if isinstance(verdict.needed, Column) else last
            printed = verdict.reached.yes & (self.following == STEPS.index(step))
            if step in _BATCH:
                printed &= self.in_batch.yes
            last, known = np.where(printed, held, last), known | printed
        return Column(last, known)

    @cached_property
    def act_by_why(self) -> Reasons:
        """Why there is no last day for the next step."""
        following = self.following
        why = Reasons.none(len(self.facts))
        why = why.added(~self.some, Reason.NO_SHOWROOM_FACTS)
        why = why.added(self.lapsed.yes, Reason.SHOWROOM_LAPSED)
        why = why.added(following < 0, Reason.CHAIN_DONE)
        batch = np.isin(following, [STEPS.index(step) for step in _BATCH])
        why = why.filled(reasons(self.facts, ["credited_on"]).only(batch))
        why = why.added(batch & self.in_batch.no, Reason.BATCH_NOT_PRINTED)
        why = why.added(following == STEPS.index("submitted"), Reason.VENUE_ALWAYS_OPEN)
        return why.added(following >= 0, Reason.NO_LAST_DAY)

    @cached_property
    def to_come(self) -> dict[str, Flags]:
        """Whom each printed last day concerns: the parameter → who has still to take its step.

        Those of task and shoot are the batch's; what was given up has none any more.
        """
        given_up = self.lapsed.yes
        waiting = {step: self.some & ~self.done[step] & ~given_up for step in _YET}
        return {
            LAST_DAYS[step]: rows & self.in_batch.yes if step in _BATCH else rows
            for step, rows in waiting.items()
        }

    @cached_property
    def venue_chance(self) -> Column:
        """Whether it may be chosen for May's home venue; not known while it can still be."""
        by, yet = self.verdicts["venue.by"].reached, self.verdicts["venue.yet"].reached
        chance = Column(by.yes, by.known | yet.no)
        return chance.hidden(~self.some).replaced(self.lapsed.yes, False)

    @cached_property
    def venue_why(self) -> Reasons:
        """Why that is not known."""
        why = Reasons.none(len(self.facts)).added(~self.some, Reason.NO_SHOWROOM_FACTS)
        return why.added(~self.venue_chance.known, Reason.VENUE_STILL_OPEN)


def taken(facts: pd.DataFrame, book: ProgrammeRules) -> dict[str, Flags]:
    """Return step → who took it, a step up to the model also where a later one was taken."""
    done = {step: facts[f"{step}_on"].notna().to_numpy() for step in STEPS}
    later = np.zeros(len(facts), dtype=bool)
    for step in reversed((*BEFORE_CHAIN, *book["chain"])):
        if step in (*BEFORE_CHAIN, MODELLED):
            done[step] = done[step] | later
        later = later | done[step]
    return done


def compared(facts: pd.DataFrame, book: ProgrammeRules) -> pd.DataFrame:
    """Return the days that checks compare, as whole days since 1970.

    ``task_open_on``, ``shoot_open_on`` and ``venue_open_on`` are the day of the facts where that
    step is not taken yet.
    """
    index = facts.index
    named = ("credited_on", "task_submitted_on", "shot_on", "submitted_on", "as_of")
    days = {name: moments.days_of(facts, name) for name in named}
    done = taken(facts, book)
    never = np.datetime64("NaT", "D")
    for step, check in _YET.items():
        column = check.partition(".")[0] + "_open_on"
        days[column] = np.where(done[step], never, days["as_of"])
    numbers: dict[str, Any] = {n: moments.day_numbers(d, index).array for n, d in days.items()}
    return pd.DataFrame(numbers, index=index)

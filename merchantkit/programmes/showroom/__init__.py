"""The 3D showroom (3D实景展厅): deadlines, the chain from model to talk, and what it changed.

The six slides from 3D实景展厅-拍摄作废预警 (销售须知) on; the numbers are in
``params/rules/showroom.yaml``. ``chain`` says how far a showroom has come, ``effect`` what changed.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column, Flags, coded
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import door, moments
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons
from merchantkit.programmes.showroom import effect, measuring
from merchantkit.programmes.showroom.chain import DAYS, LAST_DAYS, SHOWN, STAGES, STEPS, Chain
from merchantkit.programmes.showroom.effect import AGAINST, CLAIMS, COUNTS, EFFECTS, Change
from merchantkit.programmes.showroom.measuring import measure
from merchantkit.rulebook import ProgrammeRules, Rules

__all__ = [
    "AGAINST", "CLAIMS", "COLUMNS", "COUNTS", "EFFECTS", "LAST_DAYS", "OPTIONAL", "SHOWN", "STAGES",
    "STEPS", "assess", "details", "explain", "measure", "name", "own_days", "scope",
    "summary",
]  # fmt: skip

name = "showroom"
scope = "row"
COLUMNS: dict[str, door.Kind] = {
    "merchant_id": "id",
    "as_of": "day",
    **dict.fromkeys(DAYS, "day"),
}
OPTIONAL: dict[str, door.Kind] = {
    "showrooms": "count",
    "live_on": "day",
    **{column: kind for count in COUNTS for column, kind in effect.measured(count).items()},
}
_NEXT = "next_action"


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return how far each showroom has come, what comes next and by when, and what changed.

    Args:
        measures: The columns of ``measure``; those of the effect may be absent. Rows stand alone.
        rules: The rules of the day.

    Returns:
        On the same index: ``merchant_id``; ``stage`` (a code of ``STAGES``), ``next_action`` (of
        ``STEPS``), ``act_by`` (its last day) and ``days_left`` (Int64; 0 on that day), each with
        ``_reason`` where missing; ``lapsed`` (boolean: given up, as a deadline passed;
        missing with its reason without a model in a batch whose deadlines are not printed);
        ``venue_chance`` (boolean: may be chosen for May's home venue; missing while it can still
        be); for ``visitors`` and ``inquiries`` the ``_change_percent`` from before to after with
        the ends of its interval, ``_low_percent`` and ``_high_percent`` (exact to two decimals,
        with reasons), and ``_effect`` (rise, fall, unclear); for each claim of the deck
        ``against_<claim>`` (the interval lies below it, has it within, or lies above).

    Raises:
        MeasureError: A column is missing, a value cannot be, or a row with a showroom has no
            ``as_of``.

    >>> from merchantkit.rulebook import rulebook
    >>> nothing = dict.fromkeys(DAYS)
    >>> row = {"merchant_id": "a", "as_of": "2021-05-08", **nothing, "credited_on": "2020-12-20"}
    >>> outcome = assess(pd.DataFrame([row]), rulebook().on("2021-05-08"))
    >>> outcome[["stage", "next_action", "days_left"]].values.tolist()
    [['credited', 'task_submitted', 2]]
    """
    book = rules.programme(name)
    facts = _read(measures)
    chain = Chain.of(facts, book)
    index = facts.index
    outcome: dict[str, Any] = {"merchant_id": facts["merchant_id"], **_standing(chain, index)}
    changes = _changes(chain)
    for count, change in changes.items():
        outcome |= change.columns(count, index)
    for claim, (low, high) in _claims(changes, index, book).items():
        outcome[f"against_{claim}"] = effect.against(low.reached, high.reached, index)
    return pd.DataFrame(outcome, index=measures.index, copy=False)


def _standing(chain: Chain, index: pd.Index) -> dict[str, Any]:
    act_by, why = chain.act_by, chain.act_by_why
    as_of = moments.day_numbers(moments.days_of(chain.facts, "as_of"), index)
    days_left = act_by - Column.of(as_of)
    missing = why.only(~act_by.known).array()
    none = Reasons.none(len(index)).added(~chain.some, Reason.NO_SHOWROOM_FACTS)
    last_day = moments.day_column(moments.from_numbers(act_by), index)
    done = none.added(chain.lapsed.yes, Reason.SHOWROOM_LAPSED)
    done = done.added(chain.following < 0, Reason.CHAIN_DONE)
    unsure = none.filled(reasons(chain.facts, ["credited_on"]).only(~chain.lapsed.known))
    unsure = unsure.added(~chain.lapsed.known & chain.in_batch.no, Reason.BATCH_NOT_PRINTED)
    return {
        "stage": coded(chain.stage + 1, (None, *STAGES), index),
        "stage_reason": none.array(),
        _NEXT: coded(chain.following + 1, (None, *STEPS), index),
        f"{_NEXT}_reason": done.only(chain.following < 0).array(),
        "act_by": last_day,
        "act_by_reason": missing,
        "days_left": days_left.array(),
        "days_left_reason": missing,
        **beside({"lapsed": chain.lapsed}, {"lapsed": unsure}),
        **beside({"venue_chance": chain.venue_chance}, {"venue_chance": chain.venue_why}),
    }


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per merchant and check that applies: days in time, days enough, claims.

    See ``checks.EXPLANATION_COLUMNS``; the outcome of ``assess`` is reduced from the same verdicts.
    A step that is not taken yet is compared by the day of the facts.
    """
    book = rules.programme(name)
    facts = _read(measures.reset_index(drop=True))
    chain = Chain.of(facts, book)
    verdicts = chain.verdicts | _lengths(facts, book)
    for pair in _claims(_changes(chain), facts.index, book).values():
        verdicts |= {verdict.name: verdict for verdict in pair}
    in_order = {check: verdicts[check] for check in book.checks if check in verdicts}
    long = checks.explanation(facts["merchant_id"], in_order.values())
    applies = _applies(chain, list(in_order))
    return long[applies & long["observed"].notna().to_numpy()].reset_index(drop=True)


def _applies(chain: Chain, named: list[str]) -> Flags:
    """Return for each row of an explanation whether it decides anything, merchant by merchant."""
    rows = np.repeat(chain.some[:, np.newaxis], len(named), axis=1)
    lengths = [n.startswith(("effect.", *CLAIMS)) for n in named]
    rows[:, lengths] = True  # whoever gives the sums alone
    for place, check in enumerate(named):
        if check.startswith(("task.", "shoot.")):  # printed for the batch alone
            rows[:, place] = chain.in_batch.yes
        if check in ("shoot.yet", "venue.yet"):  # nobody shoots or submits what was given up
            rows[:, place] &= ~chain.lapsed.yes
    return rows.ravel()


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant (the outcome's own rows): stage, next step, days left, change."""
    columns = ["merchant_id", "stage", "stage_reason", _NEXT, "act_by", "days_left", "lapsed"]
    return outcome[[*columns, *(f"{count}_change_percent" for count in COUNTS)]].copy()


def details(
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return what a month keeps beside the outcome.

    ``weeks``, which the chart shows; and ``calendar``, see ``own_days``.
    """
    book = rules.programme(name)
    weeks = measuring.weeks(warehouse, measures, book)
    return {"weeks": weeks, "calendar": own_days(measures, rules)}


def own_days(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the days of the calendar that are each merchant's own.

    Args:
        measures: As ``measure`` gives them.
        rules: The rules of the day.

    Returns:
        ``merchant_id``, ``parameter`` (task_by, shoot_by, venue_by) and ``day``, where the step is
        still to be taken: the first two in the batch whose deadlines are printed alone.
    """
    book = rules.programme(name)
    facts = _read(measures.reset_index(drop=True))
    parts = []
    for parameter, rows in Chain.of(facts, book).to_come.items():
        merchants = facts.loc[rows, ["merchant_id"]]
        last = moments.day_column(
            np.full(len(merchants), book[parameter], "M8[D]"), merchants.index
        )
        named = pd.Series(parameter, merchants.index, checks.TEXT)
        parts.append(merchants.assign(parameter=named, day=last))
    return pd.concat(parts, ignore_index=True)


# --- parts ---------------------------------------------------------------------------------------


def _read(measures: pd.DataFrame) -> pd.DataFrame:
    facts = door.read(measures, COLUMNS, OPTIONAL)
    undated = facts["as_of"].isna().to_numpy()
    if undated.any():
        some = np.logical_or.reduce([facts[day].notna().to_numpy() for day in DAYS])
        door.refuse_rows(
            facts, undated & some, "a showroom without as_of",
            "give the day as of which the facts count",
        )  # fmt: skip
    absent = {
        column: pd.Series(pd.NA, index=facts.index, dtype="Int64")
        for column, kind in OPTIONAL.items()
        if kind == "count" and column not in facts.columns
    }
    return facts.assign(**absent)


def _lengths(facts: pd.DataFrame, book: ProgrammeRules) -> dict[str, Verdict]:
    """Return the checks of how long a showroom has been live, and of how many days are there."""
    live = facts.get("live_on")
    if live is None:
        since = Column.unknown(len(facts))
    else:
        ends = (moments.days_of(facts, column) for column in ("as_of", "live_on"))
        as_of, begun = (Column.of(moments.day_numbers(days, facts.index)) for days in ends)
        since = as_of - begun
    lengths = {f"{count}_days": facts[f"{count}_days"] for count in COUNTS}
    return checks.evaluate(
        pd.DataFrame({"live_days": since.array(), **lengths}, index=facts.index), book
    )


def _changes(chain: Chain) -> dict[str, Change]:
    facts = chain.facts
    verdicts, t = _lengths(facts, chain.book), effect.quantiles(chain.book)
    live = verdicts["effect.live"].reached
    found = {}
    for count in COUNTS:
        enough = verdicts[f"effect.{count}"].reached
        # Whoever gives the sums alone need not say since when.
        given = enough.known
        why = Reasons.none(len(facts)).added(~given & ~chain.some, Reason.NO_SHOWROOM_FACTS)
        why = why.added(~given & ~live.known, Reason.NOT_LIVE)
        why = why.added(~enough.yes & live.no, Reason.LIVE_TOO_SHORT)
        why = why.added(~enough.yes & (given | live.known), Reason.DAYS_INCOMPLETE)
        found[count] = effect.change(count, facts, enough.yes, why, t)
    return found


def _claims(
    changes: dict[str, Change], index: pd.Index, book: ProgrammeRules
) -> dict[str, tuple[Verdict, Verdict]]:
    """Return for each claim whether the interval's ends are at most and at least it."""
    ends = {
        f"{count}_{end}_percent": getattr(change, end).array()
        for count, change in changes.items()
        for end in ("low", "high")
    }
    verdicts = checks.evaluate(pd.DataFrame(ends, index=index), book)
    return {claim: (verdicts[f"{claim}.low"], verdicts[f"{claim}.high"]) for claim in CLAIMS}

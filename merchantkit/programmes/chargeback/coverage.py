"""What became of each merchant's application: covered, refused and what follows, used and left."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit.checks import TEXT
from merchantkit.columns import Column, coded
from merchantkit.money import exact, to_cents
from merchantkit.programmes import moments
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons
from merchantkit.rulebook import ProgrammeRules

# How a merchant stands on a day; covered by what it applied for, or not.
STATES = ("active", "coming", "ended", "refused")
_NEVER = np.datetime64("NaT", "us")


def standing(
    applications: pd.DataFrame, outcome: pd.DataFrame, book: ProgrammeRules, day: dt.date
) -> pd.DataFrame:
    """Return one row per merchant that ever applied, as it stands at the end of a day.

    Args:
        applications: As ``measuring.applications`` gives them, up to the day.
        outcome: As ``assess`` gives it, with ``coverage_id``.
        book: The protection's rules.
        day: The day.

    Returns:
        By ``merchant_id``: ``state`` (active, coming, ended, refused); ``coverage_id`` and
        ``applied_on`` of the application that decides it: the coverage that began last, or the last
        refusal where none was ever passed, or where it came after the coverage ended; ``from_on``
        and ``to_on`` (days on the rule's clock; missing: it runs on), ``to_at`` (UTC timestamp,
        where its end has a time and is not only a day); ``limit_usd``, ``used_usd``,
        ``left_usd`` (decimal128(18, 2)) of that coverage, used missing with its reason where a
        dispute of it is not known; ``reminder_month`` (its first day: when an e-mail comes to who
        was refused, early in it and if the conditions are met) and ``may_apply`` (bool).
    """
    zone = book.clock.zone
    facts = applications.reset_index(drop=True)
    applied = moments.earliest(facts, "applied_at", zone)
    begins = moments.earliest(facts, "protected_from", zone)
    ends = moments.latest(facts, "protected_to", zone)
    passed = facts["approved"].to_numpy(dtype=bool)
    now = _last_second(day, zone)
    state = np.select([~passed, begins > now, ends < now], [3, 1, 2], 0)
    # The best of a merchant's: active, then to come; then whichever came last, ended or refused.
    rank = np.select([state == 0, state == 1], [2, 1], 0)
    since = np.where(passed & (rank == 0), ends, np.where(passed, begins, applied))
    order = np.lexsort((np.arange(len(facts)), since, rank))
    last = ~facts["merchant_id"].iloc[order].duplicated(keep="last").to_numpy()
    chosen = np.sort(order[last])
    rows, refused = facts.take(chosen), state[chosen] == STATES.index("refused")
    index = pd.RangeIndex(len(rows))
    dated = rows["protected_to_is_date"].to_numpy(dtype=bool, na_value=True)
    frame = {
        "merchant_id": rows["merchant_id"].array,
        "state": coded(state[chosen], STATES, index),
        "coverage_id": pd.Series(rows["coverage_id"].array, index).mask(refused),
        "applied_on": _days(applied[chosen], zone, index),
        "from_on": _days(begins[chosen], zone, index),
        "to_on": _days(ends[chosen], zone, index),
        "to_at": moments.moment_column(np.where(dated, _NEVER, ends[chosen]), index),
        "reminder_month": _reminders(applied[chosen], refused, book, index),
        "may_apply": (state[chosen] >= STATES.index("ended")) & bool(book["open_application"]),
    }
    return pd.DataFrame(frame).assign(**_amounts(rows, refused, outcome))


def own_days(standing: pd.DataFrame) -> pd.DataFrame:
    """Return the days of the calendar that are each merchant's own.

    Args:
        standing: As ``standing`` gives it.

    Returns:
        ``merchant_id``, ``parameter`` (of the rules, which says what happens), ``day``, and ``at``
        (UTC timestamp; missing where it is the whole day).
    """
    whole = moments.moment_column(np.full(len(standing), _NEVER), standing.index)
    named = {
        "reminder_months": (standing["reminder_month"], whole),
        "period_required": (standing["to_on"], standing["to_at"]),
    }
    parts = [
        pd.DataFrame(
            {
                "merchant_id": standing["merchant_id"],
                "parameter": pd.Series(parameter, standing.index, TEXT),
                "day": day,
                "at": at,
            }
        )[day.notna()]
        for parameter, (day, at) in named.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _last_second(day: dt.date, zone: str) -> np.datetime64:
    """Return the last second of a day on a clock, in UTC."""
    after = moments.to_utc(np.array([day + dt.timedelta(days=1)], "datetime64[D]"), zone)
    return np.datetime64(after[0] - np.timedelta64(1, "s"))


def _days(at: NDArray[np.datetime64], zone: str, index: pd.Index) -> "pd.Series[Any]":
    return moments.day_column(moments.local_days(at, zone), index)


def _reminders(
    applied: NDArray[np.datetime64],
    refused: NDArray[np.bool_],
    book: ProgrammeRules,
    index: pd.Index,
) -> "pd.Series[Any]":
    """Return the month at whose beginning (次月初) an e-mail comes to who was refused."""
    local = moments.local_days(applied, book.clock.zone)
    months = local.astype("datetime64[M]") + int(book["reminder_months"])
    return moments.day_column(np.where(refused, months, np.datetime64("NaT")), index)


def _amounts(
    rows: pd.DataFrame, refused: NDArray[np.bool_], outcome: pd.DataFrame
) -> dict[str, Any]:
    under = outcome.dropna(subset=["coverage_id"]).drop_duplicates("coverage_id")
    found = under.set_index("coverage_id").reindex(rows["coverage_id"].to_numpy())
    # Of a coverage under which nothing was disputed nothing was used.
    untouched = found["dispute_id"].isna().to_numpy(dtype=bool)
    used = Column.of(to_cents(found["used_usd"])).replaced(untouched, 0).hidden(refused)
    limit = Column.of(to_cents(rows["limit_usd"])).hidden(refused)
    nothing = Reasons.none(len(rows)).replaced(refused, Reason.COVERAGE_REFUSED)
    unlimited = nothing.added(~limit.known, Reason.LIMIT_UNKNOWN)
    spent = nothing.filled(reasons(found, ["used_usd"]))
    return beside(
        {"limit_usd": exact(limit), "used_usd": exact(used), "left_usd": exact(limit - used)},
        {"limit_usd": unlimited, "used_usd": spent, "left_usd": unlimited.filled(spent)},
    )

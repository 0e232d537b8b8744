"""Star rating (商家星等级): stars from pillar scores, and the marketing pillar's indicators by day.

Slides 商家星等级规则调整—RFQ相关指标调整 and —其他变化, and the public rule of 7 September 2020;
the numbers are in ``params/rules/star.yaml``, those of RFQ points in ``params/rules/rfq.yaml``.
The indicators' weights are not published: no score is worked out from them.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Flags, Whole, coded
from merchantkit.days import Month, as_day
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import from_cents
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason
from merchantkit.programmes.star.pillars import (
    PILLARS,
    SCORES,
    Pillars,
    bonus,
    stars,
    whole,
    without_points,
)
from merchantkit.rulebook import ProgrammeRules, Rules, on_record, rulebook

__all__ = [
    "COLUMNS", "OPTIONAL", "PILLARS", "TIERS", "TOOLS", "TRACKS", "TRAFFIC", "TRAFFIC_EFFECTS",
    "assess", "details", "explain", "measure", "name", "scope", "summary", "trend",
]  # fmt: skip

name = "star"
scope = "row"
TRACKS = ("customization", "rts")
TIERS = (1, 2)
TOOLS = ("p4p", "top_showcase", "wending", "fans", "existing_onsite", "existing_edm")
TRAFFIC = tuple(f"traffic_{tool}" for tool in TOOLS)
COLUMNS: dict[str, door.Kind] = {
    "merchant_id": "id",
    "track": "code",
    **dict.fromkeys(SCORES, "decimal"),
}
OPTIONAL: dict[str, door.Kind] = {
    "rfq_points_in_score": "count",
    "leads": "count",
    "enquiring_buyers": "count",
    "average_response_hours": "decimal",
    "lead_conversion_percent": "decimal",
    "promoted_conversion_percent": "decimal",
    "rfq_quote_percent": "decimal",
    **dict.fromkeys(TRAFFIC, "count"),
}
# What the assessment reads of these; the rest a page shows as it is.
_READ = {n: OPTIONAL[n] for n in OPTIONAL if n not in ("leads",) and "conversion" not in n}
# What it does to a merchant's marketing traffic that the RFQ quote rate leaves the index.
TRAFFIC_EFFECTS = ("stays", "none", "rest_counts", "nothing_left")

# A record's response time, and why it is missing. Records before the trend's first day were lost
# and are shown as 0; a number other than 0 is of 数据分析—员工分析 and true (slide 其他变化).
_RECORDS = f"""
    SELECT *, average_response_hours = 0 AND day < $trend_first AS lost,
           CASE WHEN NOT coalesce(lost, false) THEN average_response_hours END AS hours,
           CASE WHEN lost THEN '{Reason.RECORD_MISSING}' END AS hours_reason
    FROM star_indicators WHERE day BETWEEN $first AND $day
"""
_MEASURE = f"""
WITH scores AS (
    SELECT * FROM pillar_scores WHERE month = $month
), latest AS (
    SELECT * FROM ({_RECORDS})
    QUALIFY row_number() OVER (PARTITION BY merchant_id ORDER BY day DESC) = 1
), traffic AS (
    SELECT merchant_id,
        {", ".join(f"coalesce(sum(visits) FILTER (tool = '{t}'), 0)::BIGINT AS traffic_{t}" for t in TOOLS)}
    FROM marketing_traffic WHERE month = $month GROUP BY merchant_id
)
SELECT m.merchant_id, m.track, {", ".join(SCORES)}, s.rfq_points_in_score,
    i.leads, i.enquiring_buyers, i.hours AS average_response_hours,
    CASE WHEN i.merchant_id IS NULL THEN '{Reason.NO_STAR_INDICATORS}' ELSE i.hours_reason END
        AS average_response_hours_reason,
    i.lead_conversion_percent, i.promoted_conversion_percent, i.rfq_quote_percent,
    {", ".join(TRAFFIC)}
FROM merchants m
LEFT JOIN scores s USING (merchant_id)
LEFT JOIN latest i USING (merchant_id)
LEFT JOIN traffic t USING (merchant_id)
ORDER BY m.merchant_id
"""  # noqa: E501


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return every merchant's pillar scores, latest indicators, and traffic by tool.

    Args:
        warehouse: The facts.
        day: Scores and traffic are those of its calendar month; indicators, of the last record in
            the trend's days up to it.
        rules: Whose trend applies; the rulebook on that day by default.

    Returns:
        One row per merchant, by id: ``merchant_id``, ``track``; ``product_score``,
        ``marketing_score``, ``transaction_score``, ``assurance_score`` (decimal128(18, 2), 0–100)
        and ``rfq_points_in_score`` (int64); ``leads``, ``enquiring_buyers`` (int64),
        ``average_response_hours`` (decimal, with its reason), ``lead_conversion_percent``,
        ``promoted_conversion_percent``, ``rfq_quote_percent`` (decimal); ``traffic_…`` by tool
        (int64 visits; all missing where the month has none of the merchant's).
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme(name)
    return warehouse.frame(_MEASURE, {"month": str(Month.of(as_of)), **_window(book, as_of)})


def details(
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return what a month keeps beside the outcome: ``trend``."""
    return {"trend": trend(warehouse, day, rules)}


def trend(warehouse: Warehouse, day: dt.date, rules: Rules) -> pd.DataFrame:
    """Return each merchant's average response time by day, over the trend's days.

    Returns:
        ``merchant_id, day`` and ``response_hours`` (decimal) with ``response_hours_reason``; one
        row per record, by merchant and day. A lost record and a day without enquiries are missing.
    """
    book = rules.programme(name)
    rows = warehouse.frame(
        f"SELECT merchant_id, day, enquiring_buyers, hours AS average_response_hours, "
        f"hours_reason AS average_response_hours_reason FROM ({_RECORDS}) ORDER BY ALL",
        _window(book, day),
    )
    kinds: dict[str, door.Kind] = {n: OPTIONAL[n] for n in rows.columns if n in OPTIONAL}
    hours, why = _response(door.read(rows, kinds), book)
    shown = {"response_hours": from_cents(hours), "response_hours_reason": why}
    return rows[["merchant_id", "day"]].assign(**shown)


def _window(book: ProgrammeRules, day: dt.date) -> dict[str, Any]:
    held = {p.rule.partition(".")[2]: p.value for p in book.provisions()}
    first = day - dt.timedelta(days=held["trend_days"] - 1)
    return {"first": first, "day": day, "trend_first": held.get("trend_first_day", dt.date.min)}


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the stars that the scores give or allow, what RFQ points do, and what counts.

    Args:
        measures: The columns of ``measure``; those that are not of pillars may be absent. Rows
            stand alone.
        rules: The rules of the day, RFQ's among them.

    Returns:
        On the same index: ``merchant_id``; the columns of ``pillars.stars``;
        ``star_without_points`` (Int64, with reason: the star without the RFQ points that are in the
        score); ``star_tier_1``, ``star_tier_2`` (Int64, with reason: the star with that tier's
        points) and ``effect_tier_1``, ``effect_tier_2`` (codes of ``pillars.EFFECTS``);
        ``response_hours`` (decimal, with reason; missing where nobody enquired);
        ``traffic_paid``, ``traffic_own`` (Int64 visits that count on the day, with reason);
        ``quote_rate_counts`` (boolean), ``quote_rate_until`` (the last day on which the RFQ quote
        rate counts) and ``traffic_effect`` (a code of ``TRAFFIC_EFFECTS``, with reason).

    Raises:
        MeasureError: A column is missing, a value cannot be, or a score is beyond the full one.

    >>> frame = pd.DataFrame({"merchant_id": ["a"], "track": ["customization"],
    ...     "product_score": ["83.5"], "marketing_score": ["77.5"], "transaction_score": [81],
    ...     "assurance_score": [86]})
    >>> outcome = assess(frame, rulebook().on("2021-05-31"))
    >>> outcome[["star", "lowest_pillars", "star_tier_1", "effect_tier_1"]].values.tolist()
    [[2, 'marketing', 3, 'lifts']]
    """
    book = rules.programme(name)
    facts = _read(measures)
    pillars = Pillars.of(facts, book)
    outcome: dict[str, Any] = {"merchant_id": facts["merchant_id"]}
    outcome |= stars(pillars, facts.index)
    star, why = without_points(pillars, facts)
    outcome |= {"star_without_points": star, "star_without_points_reason": why}
    points, earns = _points(facts, rules)
    for n in TIERS:
        star, why, effect = bonus(pillars, facts, points[n], earns)
        outcome |= {f"star_tier_{n}": star, f"star_tier_{n}_reason": why}
        outcome[f"effect_tier_{n}"] = effect
    hours, why = _response(facts, book)
    outcome |= {"response_hours": from_cents(hours), "response_hours_reason": why}
    return pd.DataFrame({**outcome, **_traffic(facts, book)}, index=measures.index, copy=False)


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per merchant and check: the lowest score against each star's cut-off.

    See ``checks.EXPLANATION_COLUMNS``. The lowest score is missing while a pillar is unknown; the
    response time has no limit to be compared with, as none is printed.
    """
    book = rules.programme(name)
    facts = _read(measures).reset_index(drop=True)
    pillars = Pillars.of(facts, book)
    lowest = whole(pillars.most(), pillars.all_known(), facts.index)
    hours, _ = _response(facts, book)
    facts = facts.assign(lowest_score=lowest, response_hours=hours)
    verdicts: dict[str, Verdict] = checks.evaluate(facts, book)
    return checks.explanation(facts["merchant_id"], verdicts.values())


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant (the outcome's own rows): star, range, lowest, and effects."""
    columns = ["merchant_id", "star", "star_reason", "star_low", "star_high", "lowest_pillars"]
    return outcome[[*columns, *(f"effect_tier_{n}" for n in TIERS)]].copy()


def _read(measures: pd.DataFrame) -> pd.DataFrame:
    facts = door.read(measures, COLUMNS, _READ, codes={"track": TRACKS})
    none = pd.Series(pd.NA, index=facts.index, dtype="Int64")
    facts = facts.assign(**{column: none for column in _READ if column not in facts.columns})
    beyond = facts["rfq_points_in_score"] * 100 > facts["marketing_score"]
    door.refuse_rows(
        facts, beyond, "more RFQ points are in the marketing score than the score itself",
        "give the score with the points that are in it",
    )  # fmt: skip
    return facts


def _points(facts: pd.DataFrame, rules: Rules) -> tuple[dict[int, int], "pd.Series[Any]"]:
    """Return each RFQ tier's points, and whether a row's track earns them."""
    if "rfq" not in rules.programmes:  # the index is not online yet
        return dict.fromkeys(TIERS, 0), facts["track"].notna().astype("boolean")
    rfq = rules.programme("rfq")
    earns = checks.evaluate(facts[["track"]], rfq)["points.track"].met
    return {n: int(rfq[f"tier_{n}_points"]) for n in TIERS}, earns


def _response(
    facts: pd.DataFrame, book: ProgrammeRules
) -> tuple["pd.Series[Any]", "pd.Series[Any]"]:
    """Return the response time in hundredths of an hour, and why it is missing.

    From April 2021 a time of 0 for want of enquiries is no time (「—」 instead of 「0」).
    """
    hours, buyers = facts["average_response_hours"], facts["enquiring_buyers"]
    gone, unsure = hours.isna().to_numpy(), buyers.isna().to_numpy()
    zero = (hours == 0).to_numpy(dtype=bool, na_value=False)
    nobody = (buyers == 0).to_numpy(dtype=bool, na_value=False)
    if not book["no_enquiry_is_missing"]:
        zero, nobody = np.zeros_like(zero), np.zeros_like(nobody)
    which = np.select([nobody & (zero | gone), zero & unsure, gone], [1, 2, 3], 0)
    whys = (None, Reason.NO_ENQUIRIES, Reason.ZERO_WITHOUT_ENQUIRIES, Reason.NOT_GIVEN)
    why = coded(which, whys, facts.index)
    if "average_response_hours_reason" in facts.columns:
        stated = pa.array(facts["average_response_hours_reason"].array)
        own = pc.if_else(pa.array(which == 3), stated, None)
        texts = pc.coalesce(own, pa.array(why.array))
        why = pd.Series(pd.arrays.ArrowExtensionArray(texts), index=facts.index)
    return hours.mask(zero & (nobody | unsure)), why


def _traffic(facts: pd.DataFrame, book: ProgrammeRules) -> dict[str, Any]:
    index, until = facts.index, _last_day_of_the_quote_rate(book)
    visits = {part: _visits(facts, book[f"traffic_{part}_tools"]) for part in ("paid", "own")}
    (paid, paid_known), (own, own_known) = visits.values()
    counted = paid_known & own_known
    rate, unsure = facts["rfq_quote_percent"], facts["rfq_quote_percent"].isna().to_numpy()
    nothing = (rate == 0).to_numpy(dtype=bool, na_value=False)
    left = "stays" if until is None else "rest_counts"
    effect = np.select([unsure, nothing, ~counted & (until is not None)], [0, 1, 0], 2)
    effect = np.where((effect == 2) & (paid + own == 0) & (until is not None), 3, effect)
    why = np.where(effect > 0, 0, np.where(unsure, 2, 1))
    whys = (None, Reason.NO_MARKETING_TRAFFIC, Reason.NOT_GIVEN)
    found: dict[str, Any] = {}
    for part, (count, known) in visits.items():
        found[f"traffic_{part}"] = whole(count, known, index)
        found[f"traffic_{part}_reason"] = coded(np.where(known, 0, 1), whys, index)
    days = pa.repeat(pa.scalar(until, pa.date32()), len(facts))
    counts = np.full(len(facts), bool(book["quote_rate_in_traffic"]))
    return {
        **found,
        "quote_rate_counts": pd.Series(counts, index=index, dtype="boolean"),
        "quote_rate_until": pd.Series(pd.arrays.ArrowExtensionArray(days), index=index),
        "traffic_effect": coded(effect, (None, "none", left, "nothing_left"), index),
        "traffic_effect_reason": coded(why, whys, index),
    }


def _visits(facts: pd.DataFrame, tools: list[str]) -> tuple[Whole, Flags]:
    """Return the visits of some tools, and for whom all of them are known."""
    columns = [facts[f"traffic_{tool}"] for tool in tools]
    counts = [column.to_numpy(dtype=np.int64, na_value=0) for column in columns]
    gone = [column.isna().to_numpy() for column in columns]
    none = np.zeros(len(facts), dtype=np.int64)
    return sum(counts, none), ~np.logical_or.reduce(gone, initial=False)


def _last_day_of_the_quote_rate(book: ProgrammeRules) -> dt.date | None:
    """Return the last day on which the RFQ quote rate is part of the traffic index, if it ends."""
    values = on_record(book.file, "quote_rate_in_traffic")
    ends = [value.until for value in values if value.value and value.until]
    return max(ends) - dt.timedelta(days=1) if ends and not values[-1].value else None

"""May Recommendation Star (5月推荐之星): growth in the recommendation scene, ranked and rewarded.

Slides 5月推荐之星活动 and 三月推荐之星TOP 10客户展示; the numbers are in
``params/rules/campaign.yaml``.
The rank depends on everyone, so the frame of ``assess`` is the whole board.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.days import Month, Span, as_day
from merchantkit.errors import PopulationError
from merchantkit.facts.moments import bind, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, from_cents, from_units, portion
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason, beside, first_reason
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

name = "campaign"
scope = "population"
# What is counted, and the parameter that says what one more of it is worth.
PARTS = {"visitors": "points_per_visitor", "inquiries": "points_per_inquiry", "tm": "points_per_tm"}
COUNTS = [f"{part}_{when}" for part in PARTS for when in ("before", "during")]
COLUMNS: dict[str, door.Kind] = {
    "merchant_id": "id",
    **dict.fromkeys(COUNTS, "count"),
    "spend_cny": "money",
}
OPTIONAL: dict[str, door.Kind] = {"enrolled": "flag", "ads_on": "flag", "counts_assumed": "flag"}
BANDS = ("top", "next")

# Monthly figures are distinct buyers; where a month has none, the sum of its days stands in and is
# marked, because one visitor on two days is counted twice (assumption daily_uniques).
_MEASURE = f"""
WITH days AS (
    SELECT merchant_id, strftime(day, '%Y-%m') AS month, sum(visitors) AS visitors,
           sum(inquiries) AS inquiries, sum(tm_consults) AS tm_consults, sum(spend_cny) AS spend_cny
    FROM campaign_counts_daily WHERE day BETWEEN $first AND $day GROUP BY ALL
), counts AS (
    SELECT merchant_id, month, visitors, inquiries, tm_consults, spend_cny, false AS assumed
    FROM campaign_counts WHERE month IN ($before, $during)
    UNION ALL BY NAME
    SELECT *, true AS assumed FROM days ANTI JOIN campaign_counts USING (merchant_id, month)
), enrolments AS (
    SELECT merchant_id, true AS enrolled, bool_or(ads_on) AS ads_on FROM campaign_enrolments
    WHERE campaign IN (SELECT unnest($campaign)) AND {within("enrolled_at", "enrolment")}
    GROUP BY merchant_id
), known AS (
    SELECT EXISTS (FROM campaign_enrolments WHERE campaign IN (SELECT unnest($campaign)))
               AS enrolments,
           EXISTS (FROM counts) AS traffic
)
SELECT m.merchant_id,
    b.visitors::BIGINT AS visitors_before, d.visitors::BIGINT AS visitors_during,
    b.inquiries::BIGINT AS inquiries_before, d.inquiries::BIGINT AS inquiries_during,
    b.tm_consults::BIGINT AS tm_before, d.tm_consults::BIGINT AS tm_during,
    d.spend_cny::DECIMAL(18, 2) AS spend_cny,
    CASE WHEN known.enrolments THEN e.enrolled IS TRUE END AS enrolled,
    CASE WHEN known.enrolments THEN e.ads_on IS TRUE END AS ads_on,
    coalesce(b.assumed, false) OR coalesce(d.assumed, false) AS counts_assumed,
    CASE WHEN NOT known.traffic THEN '{Reason.NO_TRAFFIC_FACTS}' END AS visitors_before_reason
FROM merchants m CROSS JOIN known
LEFT JOIN counts b ON b.merchant_id = m.merchant_id AND b.month = $before
LEFT JOIN counts d ON d.merchant_id = m.merchant_id AND d.month = $during
LEFT JOIN enrolments e ON e.merchant_id = m.merchant_id
ORDER BY m.merchant_id
"""


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return every merchant's counts in the day's month and in the month before.

    Args:
        warehouse: The facts.
        day: Its calendar month is compared with the month before (5月对比4月).
        rules: Whose enrolment window and clock apply; the rulebook on that day by default.

    Returns:
        One row per merchant, by id: ``merchant_id``; ``visitors_``, ``inquiries_`` and
        ``tm_before`` / ``_during`` (int64, distinct buyers in the recommendation scene);
        ``spend_cny`` (decimal128(18, 2), the month's recommendation spend); ``enrolled`` and
        ``ads_on`` (bool, missing where no enrolment facts exist at all); ``counts_assumed`` (bool:
        daily uniques were added up). The whole board: a slice of it is refused by ``assess``.

    Raises:
        NotInForceError: There is no campaign on the rules' day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme(name)
    during, before = Month.of(as_of), Month.of(as_of).previous()
    enrolment = book["enrolment_days"]
    until = min(enrolment["to"], as_of)  # who enrols later is not enrolled yet
    parameters = {
        "during": str(during),
        "before": str(before),
        "first": before.first,
        "day": as_of,
        "campaign": [book["campaign"], *book["campaign_names"]],
        **bind("enrolment", Span(enrolment["from"], until, book.clock.zone)),
    }
    board = warehouse.frame(_MEASURE, parameters)
    board.attrs["population"] = len(board)
    return board


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return everyone's score, rank and ad credit.

    Args:
        measures: The columns of ``measure`` for the whole board. ``enrolled`` and ``ads_on`` absent
            or missing are assumed true, and the row is marked.
        rules: The rules of the day.

    Returns:
        On the same index: ``merchant_id``; ``score`` and its parts ``score_visitors``,
        ``score_inquiries``, ``score_tm`` (exact decimals, may be negative); ``rank`` (Int64 from 1,
        ties share the better one); ``reward_cny`` (decimal128(18, 2): ad credit, not cash; 0.00
        beyond the last rewarded rank), each with ``_reason`` where missing; ``tie_at_cutoff``,
        ``enrolment_assumed`` and ``counts_assumed`` (boolean).

    Raises:
        MeasureError: A column is missing, a value cannot be, or a merchant stands twice.
        PopulationError: The frame is a slice of a measured board.

    >>> board = pd.DataFrame({"merchant_id": ["a"], "visitors_before": [0],
    ...     "visitors_during": [48881], "inquiries_before": [0], "inquiries_during": [340],
    ...     "tm_before": [0], "tm_during": [2309], "spend_cny": ["3750"]})
    >>> assess(board, rulebook().on("2021-05-31"))[["score", "rank", "reward_cny"]].values.tolist()
    [[Decimal('24721.2'), 1, Decimal('3750.00')]]
    """
    book = rules.programme(name)
    facts = _read(measures)
    places, parts = _score_units(facts, book)
    score = parts["visitors"] + parts["inquiries"] + parts["tm"]
    verdicts = checks.evaluate(facts, book)
    rank = _rank(score, verdicts)
    verdicts |= checks.evaluate(facts.assign(rank=rank), book)
    values = {
        "score": from_units(score, places),
        **{f"score_{part}": from_units(units, places) for part, units in parts.items()},
        "rank": rank,
        "reward_cny": from_cents(_reward(facts["spend_cny"], verdicts, book)),
    }
    outcome = {
        "merchant_id": facts["merchant_id"],
        **beside(values, _reasons(facts, score, verdicts)),
    }
    outcome["tie_at_cutoff"] = _straddles(facts, rank, verdicts, book)
    outcome["enrolment_assumed"] = facts["enrolment_assumed"]
    outcome["counts_assumed"] = facts["counts_assumed"]
    return pd.DataFrame(outcome, index=measures.index)


def explain(
    measures: pd.DataFrame, rules: Rules, subjects: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return one row per merchant and check, for all or for the named merchants of the whole board.

    See ``checks.EXPLANATION_COLUMNS``.
    """
    book = rules.programme(name)
    facts = _read(measures).reset_index(drop=True)
    parts = _score_units(facts, book)[1]
    score = parts["visitors"] + parts["inquiries"] + parts["tm"]
    rank = _rank(score, checks.evaluate(facts, book))
    verdicts = checks.evaluate(facts.assign(rank=rank), book)
    ids = facts["merchant_id"]
    return checks.explanation(
        ids if subjects is None else ids[ids.isin(list(subjects))], verdicts.values()
    )


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant (the outcome's own rows): score, rank, ad credit and reasons."""
    columns = ["merchant_id", "score", "score_reason", "rank", "rank_reason"]
    return outcome[[*columns, "reward_cny", "reward_cny_reason", "tie_at_cutoff"]].copy()


def _read(measures: pd.DataFrame) -> pd.DataFrame:
    population = measures.attrs.get("population", len(measures))
    if len(measures) < population:
        raise PopulationError(
            "a slice of the board cannot be ranked",
            where=f"{len(measures)} of {population} merchants",
            remedy="assess the whole board, with one row changed if need be, and slice the outcome",
        )
    facts = door.read(measures, COLUMNS, OPTIONAL)
    twice = facts["merchant_id"].duplicated(keep=False)
    door.refuse_rows(facts, twice, "a merchant stands twice on the board", "keep one row of each")
    assumed = pd.Series(False, index=facts.index, dtype="boolean")
    for flag in ("enrolled", "ads_on"):
        given = facts.get(flag, pd.Series(pd.NA, index=facts.index, dtype="boolean"))
        assumed |= given.isna()
        facts[flag] = given.fillna(True)
    counts = facts.get("counts_assumed", pd.Series(False, index=facts.index, dtype="boolean"))
    return facts.assign(enrolment_assumed=assumed, counts_assumed=counts.fillna(False))


def _score_units(
    facts: pd.DataFrame, book: ProgrammeRules
) -> tuple[int, dict[str, "pd.Series[Any]"]]:
    # 访客 0.2, 询盘 10, TM 5 for each one more, and as much off for each one less; whole tenths.
    weights = {part: Decimal(book[parameter]) for part, parameter in PARTS.items()}
    places = max(1, *(-int(weight.as_tuple().exponent) for weight in weights.values()))
    return places, {
        part: (facts[f"{part}_during"] - facts[f"{part}_before"]) * int(weight.scaleb(places))
        for part, weight in weights.items()
    }


def _rank(score: "pd.Series[Any]", verdicts: dict[str, Verdict]) -> "pd.Series[Any]":
    on_board = checks.all_met(checks.group(verdicts, "board"))
    # Ties share the better rank (assumption ties); a negative score is ranked too.
    return score.where(on_board).rank(method="min", ascending=False).astype("Int64")


def _reward(
    spend: "pd.Series[Any]", verdicts: dict[str, Verdict], book: ProgrammeRules
) -> "pd.Series[Any]":
    reward = pd.Series(0, index=spend.index, dtype="Int64")
    for band in reversed(BANDS):
        basis_points = int(Decimal(book[f"{band}_share"]) * 100)
        share = portion(spend, basis_points, "half_up")
        capped = share.clip(upper=cents(book[f"{band}_cap"]))
        reward = reward.mask(verdicts[f"{band}.rank"].met.fillna(False), capped)
    return reward.mask(verdicts["top.rank"].met.isna())


def _straddles(
    facts: pd.DataFrame,
    rank: "pd.Series[Any]",
    verdicts: dict[str, Verdict],
    book: ProgrammeRules,
) -> "pd.Series[Any]":
    # Were they told apart, the last of those who share a rank would stand this much lower.
    sharing = rank.map(rank.value_counts()).astype("Int64")
    apart = checks.evaluate(facts.assign(rank=rank + sharing - 1), book)
    flagged = pd.Series(False, index=rank.index, dtype="boolean")
    for band in BANDS:
        inside, last = (each[f"{band}.rank"].met for each in (verdicts, apart))
        flagged |= (inside & ~last).fillna(False)
    return flagged


def _reasons(
    facts: pd.DataFrame, score: "pd.Series[Any]", verdicts: dict[str, Verdict]
) -> dict[str, "pd.Series[Any]"]:
    before = first_reason(
        facts, [c for c in COUNTS if c.endswith("_before")], Reason.NO_COUNTS_BEFORE
    )
    during = first_reason(
        facts, [c for c in COUNTS if c.endswith("_during")], Reason.NO_COUNTS_DURING
    )
    counts = before.fillna(during)
    board = counts.mask(score.notna() & ~verdicts["board.ads_on"].met, Reason.ADS_OFF.value)
    board = board.mask(score.notna() & ~verdicts["board.enrolled"].met, Reason.NOT_ENROLLED.value)
    parts = {f"score_{part}": counts for part in PARTS}
    spend = board.fillna(first_reason(facts, ["spend_cny"], Reason.NO_SPEND))
    return {"score": counts, **parts, "rank": board, "reward_cny": spend}

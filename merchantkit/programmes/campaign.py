"""May Recommendation Star (5月推荐之星): growth in the recommendation scene, ranked and rewarded.

Slides 5月推荐之星活动 and 三月推荐之星TOP 10客户展示; the numbers are in
``params/rules/campaign.yaml``.
The rank depends on everyone, so the frame of ``assess`` is the whole board.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.checks import Verdict
from merchantkit.columns import Column
from merchantkit.days import Month, Span, as_day
from merchantkit.errors import PopulationError
from merchantkit.facts.moments import bind, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, exact, portion
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons
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
    rank, last = _ranks(score, verdicts)
    verdicts |= _of_rank(rank, facts.index, book)
    values = {
        "score": exact(score, places),
        **{f"score_{part}": exact(units, places) for part, units in parts.items()},
        "rank": rank,
        "reward_cny": exact(_reward(Column.of(facts["spend_cny"]), verdicts, book)),
    }
    outcome = {
        "merchant_id": facts["merchant_id"],
        **beside(values, _reasons(facts, score, verdicts)),
    }
    outcome["tie_at_cutoff"] = _straddles(verdicts, _of_rank(last, facts.index, book)).array()
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
    rank, _ = _ranks(score, checks.evaluate(facts, book))
    verdicts = checks.evaluate(facts.assign(rank=rank.array()), book)
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
    enrolled, ads_on, counts = (_flag(facts, flag) for flag in OPTIONAL)
    return facts.assign(
        enrolled=enrolled.replaced(~enrolled.known, True).array(),
        ads_on=ads_on.replaced(~ads_on.known, True).array(),
        enrolment_assumed=Column.all_known(~(enrolled.known & ads_on.known)).array(),
        counts_assumed=Column.all_known(counts.yes).array(),
    )


def _flag(facts: pd.DataFrame, flag: str) -> Column:
    given = facts.get(flag)
    return Column.unknown(len(facts), bool) if given is None else Column.of(given)


def _score_units(facts: pd.DataFrame, book: ProgrammeRules) -> tuple[int, dict[str, Column]]:
    # 访客 0.2, 询盘 10, TM 5 for each one more, and as much off for each one less; whole tenths.
    weights = {part: Decimal(book[parameter]) for part, parameter in PARTS.items()}
    places = max(1, *(-int(weight.as_tuple().exponent) for weight in weights.values()))
    counts = {count: Column.of(facts[count]) for count in COUNTS}
    return places, {
        part: (counts[f"{part}_during"] - counts[f"{part}_before"]) * int(weight.scaleb(places))
        for part, weight in weights.items()
    }


def _ranks(score: Column, verdicts: dict[str, Verdict]) -> tuple[Column, Column]:
    """Return everyone's rank, and the last rank that those who share it take up together."""
    # Ties share the better rank (assumption ties); a negative score is ranked too.
    on_board = checks.all_reached(checks.group(verdicts, "board")).yes & score.known
    rows = np.flatnonzero(on_board)
    order = rows[np.argsort(-score.values[rows])]
    sorted_scores = score.values[order]
    starts = np.flatnonzero(np.diff(sorted_scores, prepend=sorted_scores[:1] + 1))
    sizes = np.diff(starts, append=len(order))
    rank, last = np.zeros((2, len(on_board)), dtype=np.int64)
    rank[order] = np.repeat(starts + 1, sizes)
    last[order] = np.repeat(starts + sizes, sizes)
    return Column(rank, on_board), Column(last, on_board)


def _of_rank(rank: Column, index: pd.Index, book: ProgrammeRules) -> dict[str, Verdict]:
    return checks.evaluate(pd.DataFrame({"rank": rank.array()}, index=index), book)


def _reward(spend: Column, verdicts: dict[str, Verdict], book: ProgrammeRules) -> Column:
    reward = Column.constant(0, len(spend.values))
    for band in reversed(BANDS):
        basis_points = int(Decimal(book[f"{band}_share"]) * 100)
        share = Column(portion(spend.values, basis_points, "half_up"), spend.known)
        capped = share.most(cents(book[f"{band}_cap"]))
        reward = reward.replaced(verdicts[f"{band}.rank"].reached.yes, capped)
    return reward.hidden(~verdicts["top.rank"].reached.known)


def _straddles(verdicts: dict[str, Verdict], apart: dict[str, Verdict]) -> Column:
    # Were they told apart, the last of those who share a rank would stand this much lower.
    inside = (
        verdicts[f"{band}.rank"].reached.yes & apart[f"{band}.rank"].reached.no for band in BANDS
    )
    return Column.all_known(np.logical_or.reduce(list(inside)))


def _reasons(
    facts: pd.DataFrame, score: Column, verdicts: dict[str, Verdict]
) -> dict[str, Reasons]:
    before, during = (
        reasons(facts, [count for count in COUNTS if count.endswith(when)], default)
        for when, default in (
            ("_before", Reason.NO_COUNTS_BEFORE),
            ("_during", Reason.NO_COUNTS_DURING),
        )
    )
    counts = before.filled(during)
    ads_on, enrolled = (verdicts[f"board.{flag}"].reached for flag in ("ads_on", "enrolled"))
    board = counts.replaced(score.known & ads_on.no, Reason.ADS_OFF)
    board = board.replaced(score.known & enrolled.no, Reason.NOT_ENROLLED)
    parts = {f"score_{part}": counts for part in PARTS}
    spend = board.filled(reasons(facts, ["spend_cny"], Reason.NO_SPEND))
    return {"score": counts, **parts, "rank": board, "reward_cny": spend}

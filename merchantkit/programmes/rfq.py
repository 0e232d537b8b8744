"""RFQ marketing index (RFQ营销指数): GMV of the last 90 days and use of the month's free quotes.

Slides 商家星等级规则调整—RFQ相关指标调整, —RFQ指标内涵及查看路径 and
—RFQ在线交易订单生成; the numbers are in ``params/rules/rfq.yaml``.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from merchantkit import checks
from merchantkit.checks import TEXT, Verdict
from merchantkit.columns import Column
from merchantkit.days import Month, Span, as_day
from merchantkit.facts.moments import bind, days_of, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact
from merchantkit.programmes import door
from merchantkit.programmes.reasons import Reason, beside, reasons
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

name = "rfq"
scope = "row"
TIERS = (1, 2)
TRACKS = ("customization", "rts")
COLUMNS: dict[str, door.Kind] = {
    "merchant_id": "id",
    "track": "code",
    "gmv_90d_usd": "money",
    "free_quotes_granted": "count",
    "free_quotes_used": "count",
}
OPTIONAL: dict[str, door.Kind] = {}

# An order counts when it is genuine, was made on one of the two printed paths, and rests on a real
# quote: this merchant's, to this buyer, not refused (RFQ指标内涵 notes 1–2, RFQ在线交易订单生成).
_QUALIFYING = f"""
    SELECT o.merchant_id, o.order_id, o.quote_id, o.paid_at, o.paid_at_is_date, o.received_usd,
           o.source_file, o.source_row
    FROM orders o
    JOIN quotes q ON q.quote_id = o.quote_id
                 AND q.merchant_id = o.merchant_id AND q.buyer_id = o.buyer_id
    WHERE o.genuine AND o.via IN (SELECT unnest($paths))
      AND q.review_status NOT IN (SELECT unnest($refused))
      AND {within("o.paid_at", "window")}
"""

# The same order by order, with what keeps the others out: _QUALIFYING is where nothing does.
_ORDERS = f"""
    SELECT o.order_id, o.merchant_id, o.paid_at, o.paid_at_is_date, o.received_usd,
        CASE WHEN NOT o.genuine THEN '{Reason.NOT_GENUINE}'
             WHEN o.via NOT IN (SELECT unnest($paths)) THEN '{Reason.NO_RFQ_PATH}'
             WHEN q.quote_id IS NULL THEN '{Reason.NO_QUOTE}'
             WHEN q.merchant_id <> o.merchant_id THEN '{Reason.QUOTE_OF_ANOTHER_MERCHANT}'
             WHEN (q.buyer_id = o.buyer_id) IS NOT TRUE THEN '{Reason.QUOTE_FOR_ANOTHER_BUYER}'
             WHEN q.review_status IN (SELECT unnest($refused)) THEN '{Reason.QUOTE_REFUSED}'
             WHEN NOT {within("o.paid_at", "window")} THEN '{Reason.OUTSIDE_WINDOW}'
        END AS reason
    FROM orders o LEFT JOIN quotes q ON q.quote_id = o.quote_id
    WHERE o.order_id = $order_id OR ($order_id IS NULL AND {within("o.paid_at", "month")}
          AND o.merchant_id IN (SELECT merchant_id FROM merchants))
    ORDER BY o.merchant_id, o.paid_at, o.order_id
"""

_MEASURE = f"""
WITH gmv AS (
    SELECT merchant_id, sum(received_usd) AS usd FROM ({_QUALIFYING}) GROUP BY merchant_id
), batches AS (
    SELECT entitlement_id, merchant_id, quantity FROM quote_entitlements
    WHERE source IN (SELECT unnest($free)) AND {within("granted_at", "month")}
), uses AS (
    SELECT b.entitlement_id, count(*) AS used
    FROM batches b JOIN quotes q ON q.entitlement_id = b.entitlement_id
                                AND q.merchant_id = b.merchant_id
    WHERE q.quoted_at IS NULL OR {within("q.quoted_at", "month")}
    GROUP BY b.entitlement_id
), quota AS (
    SELECT merchant_id, sum(quantity) AS granted, sum(coalesce(used, 0)) AS used,
           bool_or(coalesce(used, 0) > quantity) AS overdrawn
    FROM batches LEFT JOIN uses USING (entitlement_id) GROUP BY merchant_id
), known AS (
    SELECT EXISTS (FROM orders WHERE paid_at < $window_after) AS orders,
           EXISTS (FROM quote_entitlements WHERE {within("granted_at", "month")}) AS entitlements
)
SELECT m.merchant_id, m.track,
    CASE WHEN known.orders THEN coalesce(g.usd, 0)::DECIMAL(18, 2) END AS gmv_90d_usd,
    CASE WHEN NOT known.orders THEN '{Reason.NO_ORDER_FACTS}' END AS gmv_90d_usd_reason,
    CASE WHEN known.entitlements THEN coalesce(f.granted, 0)::BIGINT END AS free_quotes_granted,
    CASE WHEN NOT known.entitlements THEN '{Reason.NO_ENTITLEMENT_FACTS}' END
        AS free_quotes_granted_reason,
    CASE WHEN known.entitlements AND f.overdrawn IS NOT TRUE THEN coalesce(f.used, 0)::BIGINT END
        AS free_quotes_used,
    CASE WHEN NOT known.entitlements THEN '{Reason.NO_ENTITLEMENT_FACTS}'
         WHEN f.overdrawn THEN '{Reason.MORE_USED_THAN_GRANTED}' END AS free_quotes_used_reason
FROM merchants m CROSS JOIN known
LEFT JOIN gmv g USING (merchant_id) LEFT JOIN quota f USING (merchant_id)
ORDER BY m.merchant_id
"""


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return what every merchant achieved up to and including a day, in the rules' windows.

    Args:
        warehouse: The facts.
        day: The day as of which facts are counted.
        rules: Whose windows, whitelists and clock apply; the rulebook on that day by default.

    Returns:
        One row per merchant, by id: ``merchant_id``, ``track`` (customization, rts, or missing),
        ``gmv_90d_usd`` (decimal128(18, 2), ≥ 0), ``free_quotes_granted`` and ``free_quotes_used``
        (int64, ≥ 0, the calendar month to date). A missing value has its reason beside it: no
        order or entitlement facts at all for the period, or a batch used beyond its size.

    Raises:
        NotInForceError: The index does not exist on the rules' day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme(name)
    parameters = {**_order_parameters(book, as_of), **_month_parameters(book, as_of)}
    return warehouse.frame(_MEASURE, parameters)


def qualifying_orders(
    warehouse: Warehouse, first: dt.date, last: dt.date, rules: Rules
) -> pd.DataFrame:
    """Return the orders that count towards GMV, paid from ``first`` to ``last`` inclusive.

    Returns:
        One row per order, by merchant and moment: ``merchant_id, order_id, quote_id, paid_on`` (the
        day on the rule's clock), ``received_usd``, and the ``source_file`` and ``source_row`` that
        it was read from.
    """
    book = rules.programme(name)
    span = Span(first, last, book.clock.zone)
    orders = warehouse.frame(
        f"SELECT * FROM ({_QUALIFYING}) ORDER BY merchant_id, paid_at, order_id",
        {**_whitelists(book), **bind("window", span)},
    )
    orders["paid_on"] = days_of(orders, "paid_at", book.clock.zone)
    return orders.drop(columns=["paid_at", "paid_at_is_date"])


def of_orders(
    warehouse: Warehouse, day: dt.date, rules: Rules, order_id: str | None = None
) -> pd.DataFrame:
    """Return whether the month's orders, or one order whenever it was paid, count towards GMV.

    Returns:
        One row per order: ``order_id``, ``merchant_id``, ``verdict`` (counts, left_out), ``reason``
        (what keeps it out, the first that does), ``paid_on`` (day on the rule's clock) and
        ``received_usd``.
    """
    book = rules.programme(name)
    month = bind("month", Span(Month.of(day).first, day, book.clock.zone))
    parameters = {**_order_parameters(book, day), **month, "order_id": order_id}
    found = warehouse.frame(_ORDERS, parameters)
    paid_on = days_of(found, "paid_at", book.clock.zone)
    verdict = found["reason"].isna().map({True: "counts", False: "left_out"}).astype(TEXT)
    return found[["order_id", "merchant_id", "reason", "received_usd"]].assign(
        verdict=verdict, paid_on=paid_on.astype(pd.ArrowDtype(pa.date32()))
    )


def _order_parameters(book: ProgrammeRules, day: dt.date) -> dict[str, Any]:
    window = Span.ending(day, book["window_days"], book.clock.zone)
    return {**_whitelists(book), **bind("window", window)}


def _whitelists(book: ProgrammeRules) -> dict[str, Any]:
    return {"paths": book["qualifying_paths"], "refused": book["refused_reviews"]}


def _month_parameters(book: ProgrammeRules, day: dt.date) -> dict[str, Any]:
    month = Span(Month.of(day).first, day, book.clock.zone)
    return {"free": book["free_quote_sources"], **bind("month", month)}


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the tier that each row reaches, the points it earns, and what the tiers still need.

    Args:
        measures: The columns of ``measure``; reasons are optional. Rows stand alone.
        rules: The rules of the day.

    Returns:
        On the same index: ``merchant_id``, ``tier`` (0, 1, 2), ``points`` (0, 3, 5),
        ``usd_to_tier_1``, ``usd_to_tier_2`` (decimal128(18, 2)), ``quotes_to_tier_1``,
        ``quotes_to_tier_2`` (Int64), each with ``_reason`` where missing; ``tier_reason`` also says
        why a merchant without free quotes has tier 0. A tier is given where it can be proven:
        USD 10,000 is tier 0 whatever the usage.

    Raises:
        MeasureError: A column is missing, a value cannot be, or more quotes were used than granted.

    >>> frame = pd.DataFrame({"merchant_id": ["a", "b"], "track": ["customization", "rts"],
    ...     "gmv_90d_usd": ["40000", "34999.99"], "free_quotes_granted": [20, 20],
    ...     "free_quotes_used": [16, 20]})
    >>> outcome = assess(frame, rulebook().on("2021-05-31"))
    >>> outcome[["tier", "points", "usd_to_tier_2"]].values.tolist()
    [[1, 3, Decimal('0.00')], [1, 0, Decimal('0.01')]]
    """
    book = rules.programme(name)
    facts = _read(measures)
    verdicts = checks.evaluate(facts, book)
    tier = _tier(verdicts)
    points = _points(tier, verdicts["points.track"], book)
    nothing_granted = Column.of(facts["free_quotes_granted"]).equal(0)
    usage_why = reasons(facts, ["free_quotes_granted", "free_quotes_used"])
    usage_why = usage_why.replaced(nothing_granted, Reason.NO_FREE_QUOTES_GRANTED)
    gmv_why = reasons(facts, ["gmv_90d_usd"])
    tier_why = gmv_why.filled(usage_why)
    values: dict[str, Any] = {"tier": tier, "points": points}
    why = {"points": tier_why.replaced(tier.known, Reason.TRACK_UNKNOWN)}
    for n in TIERS:
        values[f"usd_to_tier_{n}"] = exact(verdicts[f"tier_{n}.gmv"].short)
        values[f"quotes_to_tier_{n}"] = verdicts[f"tier_{n}.usage"].short
        why |= {f"usd_to_tier_{n}": gmv_why, f"quotes_to_tier_{n}": usage_why}
    outcome = {"merchant_id": facts["merchant_id"], **beside(values, why)}
    outcome["tier_reason"] = tier_why.array(~tier.known | nothing_granted)
    return pd.DataFrame(outcome, index=measures.index)


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per merchant and check: what was observed, required, met, and the gap.

    See ``checks.EXPLANATION_COLUMNS``; the outcome of ``assess`` is reduced from the same verdicts.
    """
    facts = _read(measures).reset_index(drop=True)
    verdicts = checks.evaluate(facts, rules.programme(name))
    return checks.explanation(facts["merchant_id"], verdicts.values())


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant (the outcome's own rows): id, tier, points and the reasons."""
    columns = ["merchant_id", "tier", "tier_reason", "points", "points_reason"]
    return outcome[columns].copy()


def _read(measures: pd.DataFrame) -> pd.DataFrame:
    facts = door.read(measures, COLUMNS, codes={"track": TRACKS})
    used, granted = (Column.of(facts[f"free_quotes_{what}"]) for what in ("used", "granted"))
    door.refuse_rows(
        facts, (used > granted).yes, "more free quotes were used than granted",
        "correct the counts: a share above 100 % cannot be",
        ("free_quotes_used", "free_quotes_granted"),
    )  # fmt: skip
    return facts


def _tier(verdicts: dict[str, Verdict]) -> Column:
    # Ascending, so that the highest tier that is met stands; one that is not known leaves it open.
    tier = Column.constant(0, len(verdicts["tier_1.gmv"].index))
    for n in TIERS:
        reached = checks.all_reached(checks.group(verdicts, f"tier_{n}"))
        tier = tier.replaced(reached.yes, n).hidden(~reached.known)
    return tier


def _points(tier: Column, track: Verdict, book: ProgrammeRules) -> Column:
    # 仅定制赛道: the points are the customization track's only (slide RFQ相关指标调整).
    earned = np.array([0, *(book[f"tier_{n}_points"] for n in TIERS)], dtype=np.int64)
    points = Column(earned[tier.values], tier.known)
    return points.replaced(track.reached.no, 0).hidden(~track.reached.known)

"""Express promotion for new customers (空快新客): what each order is given off, or why nothing.

Slides 空快新客最高立减300优惠活动 and 空快新客活动页面展示; the numbers are in
``params/rules/express.yaml``. A row is an order. What it is given depends on the seller's orders
before it and on everyone's, so the frame of ``assess`` is all of them.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from merchantkit import checks
from merchantkit.columns import Column
from merchantkit.days import Span, as_day, utc_seconds
from merchantkit.facts.moments import bind, within
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import cents, exact, from_cents, to_cents
from merchantkit.programmes.express import allowance
from merchantkit.programmes.express.orders import (
    COLUMNS,
    MOMENTS,
    OPTIONAL,
    Judgement,
    closed_after,
    judge,
)
from merchantkit.programmes.orders import dated
from merchantkit.programmes.reasons import Reason, reasons
from merchantkit.rulebook import ProgrammeRules, Rules, rulebook

__all__ = [
    "COLUMNS", "OPTIONAL", "assess", "explain", "measure", "name", "of_orders", "scope", "summary",
]  # fmt: skip

name = "express"
scope = "population"
LEFT = ("orders_left", "orders_left_reason", "left_cny", "left_cny_reason")

# Once is enough to be no new customer: an order within Trade Assurance, paid before the promotion
# began, by whichever of the seller's accounts (主/子账号).
_MEASURE = f"""
WITH placed AS (
    SELECT e.*, coalesce(a.main_account_id, e.merchant_id) AS seller, a.membership AS own
    FROM express_orders e LEFT JOIN merchants a USING (merchant_id)
), uses AS (
    SELECT seller, paid_at, paid_at_is_date,
           paid_at < CASE WHEN paid_at_is_date THEN $opening_day ELSE $opening END AS surely,
           paid_at <= CASE WHEN paid_at_is_date THEN $last_day_before ELSE $second_before END
               AS perhaps
    FROM placed WHERE ta_order AND paid_at IS NOT NULL
), used AS (
    SELECT seller, bool_or(surely) AS surely, bool_or(perhaps) AS perhaps,
           min(paid_at) FILTER (surely) AS at,
           arg_min(paid_at_is_date, paid_at) FILTER (surely) AS at_is_date
    FROM uses GROUP BY seller
), known AS (
    SELECT EXISTS (FROM express_orders WHERE ordered_at < $opening_day) AS history,
           EXISTS (FROM express_orders WHERE paid_at IS NOT NULL) AS payments
), shown AS (
    SELECT *, CASE WHEN paid_at_is_date THEN paid_at < $shown_after ELSE paid_at < $shown_end END
               AS paid
    FROM placed WHERE {within("ordered_at", "shown")}
)
SELECT s.express_order_id, s.seller AS merchant_id, s.merchant_id <> s.seller AS sub_account,
    coalesce(m.membership, s.own) AS membership, s.route, s.industry_solution, s.ta_order,
    s.ordered_at, s.ordered_at_is_date,
    CASE WHEN s.paid THEN s.paid_at END AS paid_at,
    CASE WHEN s.paid THEN s.paid_at_is_date END AS paid_at_is_date,
    CASE WHEN NOT known.payments THEN '{Reason.NO_EXPRESS_PAYMENTS}' END AS paid_at_reason,
    s.base_freight_cny,
    CASE WHEN u.surely THEN true WHEN u.perhaps OR NOT known.history THEN NULL ELSE false END
        AS used_before,
    CASE WHEN u.surely THEN NULL WHEN u.perhaps THEN '{Reason.TIME_OF_DAY_MISSING}'
         WHEN NOT known.history THEN '{Reason.NO_EXPRESS_HISTORY}' END AS used_before_reason,
    u.at AS used_before_at, u.at_is_date AS used_before_at_is_date
FROM shown s CROSS JOIN known LEFT JOIN used u USING (seller)
LEFT JOIN merchants m ON m.merchant_id = s.seller
ORDER BY merchant_id, s.ordered_at, s.express_order_id
"""


_NAMED = """
SELECT trade_order_id AS order_id, express_order_id FROM express_orders
WHERE trade_order_id IS NOT NULL AND coalesce(trade_order_id = $order_id, true)
"""


def measure(warehouse: Warehouse, day: dt.date | str, rules: Rules | None = None) -> pd.DataFrame:
    """Return every express order placed from the promotion's first day up to and including a day.

    Args:
        warehouse: The facts.
        day: The day as of which facts are counted; what was paid later is not paid yet.
        rules: Whose opening and clock apply; the rulebook on that day by default.

    Returns:
        One row per order, by seller and moment: ``express_order_id``; ``merchant_id``, the seller,
        which is the main account where a ``sub_account`` (bool) placed it; ``membership`` (the main
        account's) and ``route`` (text as the facts print it); ``industry_solution`` and
        ``ta_order`` (bool);
        ``ordered_at`` and ``paid_at`` (UTC timestamps, ``…_is_date`` where only the day is known;
        missing: not paid); ``base_freight_cny`` (decimal128(18, 2)); ``used_before`` (bool: the
        seller paid for express in a Trade Assurance order before the promotion) and the first such
        moment ``used_before_at``. Missing values have their reason beside them: no express facts
        from before the promotion, or only the day of its opening is known.

    Raises:
        NotInForceError: There is no promotion on the rules' day.
    """
    as_of = as_day(day)
    book = (rules or rulebook().on(as_of)).programme(name)
    orders = warehouse.frame(_MEASURE, {**_opening(book), **_shown(book, as_of)})
    for column in (*MOMENTS, "used_before_at"):
        orders[column] = orders[column].dt.tz_localize("UTC")
    orders.attrs["population"] = len(orders)
    return orders


def _opening(book: ProgrammeRules) -> dict[str, dt.datetime]:
    opens, midnight, second = book["opens_at"], dt.time(), dt.timedelta(seconds=1)
    since = utc_seconds(opens, book.clock.zone)
    at = dt.datetime.fromtimestamp(since, dt.UTC).replace(tzinfo=None)
    return {
        "opening": at,
        "second_before": at - dt.timedelta(microseconds=1),
        "opening_day": dt.datetime.combine(opens.date(), midnight),
        "last_day_before": dt.datetime.combine((opens - second).date(), midnight),
    }


def _shown(book: ProgrammeRules, day: dt.date) -> dict[str, dt.datetime]:
    return bind("shown", Span(book["opens_at"].date(), day, book.clock.zone))


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return what each order is given off its base freight, and what is left to its seller.

    Args:
        measures: The columns of ``measure`` for all orders; ``industry_solution`` absent or missing
            is false, and text of a route or membership is compared by its whole name.
        rules: The rules of the day.

    Returns:
        On the same index: ``express_order_id``, ``merchant_id``; ``saved_cny`` and
        ``payable_cny``, the base freight less it (decimal128(18, 2)); ``pool_order`` (Int64 from 1:
        its number among all orders with a discount); ``orders_left`` (Int64) and ``left_cny``
        (decimal128(18, 2), at most so much), after this order and after the rules' day. Each has a
        ``_reason`` where it is missing; ``saved_cny_reason`` also says why nothing was saved, and
        the reasons of what is left why nothing is.

    Raises:
        MeasureError: A column is missing, a value cannot be, or an order stands twice.
        PopulationError: The frame is a slice of measured orders.

    >>> order = pd.DataFrame({"express_order_id": ["1"], "merchant_id": ["a"],
    ...     "membership": ["出口通"], "route": ["中美无忧包机专线"], "ta_order": [True],
    ...     "ordered_at": ["2021-04-12 15:00:00"], "paid_at": ["2021-04-12 15:01:30"],
    ...     "base_freight_cny": ["103"], "used_before": [False]})
    >>> outcome = assess(order, rulebook().on("2021-05-31"))
    >>> outcome[["saved_cny", "payable_cny", "orders_left", "left_cny"]].values.tolist()
    [[Decimal('100.00'), Decimal('3.00'), 2, Decimal('200.00')]]
    """
    book = rules.programme(name)
    judged = judge(measures, book)
    ids = {column: judged.facts[column] for column in ("express_order_id", "merchant_id")}
    return pd.DataFrame(
        {**ids, **_saved(judged, book), **_left(judged, book)}, index=measures.index
    )


def of_orders(
    warehouse: Warehouse, day: dt.date, rules: Rules, order_id: str | None = None
) -> pd.DataFrame:
    """Return what the promotion gave the month's Trade Assurance orders, or one of them.

    Returns:
        One row per order that express orders up to the day name as theirs: ``order_id``,
        ``merchant_id`` (the main account), ``verdict`` (saved, nothing, unknown), ``reason``,
        ``paid_on``, and the columns of ``assess``, of the express order that saved most.
    """
    outcome = assess(measure(warehouse, day, rules), rules)
    named = warehouse.frame(_NAMED, {"order_id": order_id}).merge(outcome, on="express_order_id")
    named = dated(named, warehouse, day, rules, order_id, whose="main_account")
    most = named.sort_values(["saved_cny", "express_order_id"], ascending=[False, True])
    told = most.drop_duplicates("order_id").sort_values("order_id", ignore_index=True)
    some = Column.of(to_cents(told["saved_cny"])) > 0
    verdict = np.where(some.yes, "saved", np.where(some.no, "nothing", "unknown"))
    return told.assign(
        verdict=pd.Series(verdict, dtype=checks.TEXT), reason=told["saved_cny_reason"]
    )


def _saved(judged: Judgement, book: ProgrammeRules) -> dict[str, Any]:
    given, known = judged.allotment, judged.allotment.settled
    takes = known & (given.most > 0)
    one_more = allowance.verdict(book, "seller_order", given.used_before.values + 1)
    why = judged.refusals.added(given.asks, Reason.POOL_USED)
    why = why.added(~one_more.reached.values, Reason.SELLER_ORDERS_USED)
    why = why.added(known, Reason.SELLER_AMOUNT_USED)
    doubts = judged.doubts.added(~known, Reason.EARLIER_ORDER_UNKNOWN)
    why = why.only(known).filled(doubts.only(~known))
    saved = Column(given.most, known)
    payable = Column.of(judged.facts["base_freight_cny"]) - saved
    number = given.pool_order.hidden(~takes)
    unpayable = why.only(~known).filled(reasons(judged.facts, ["base_freight_cny"]))
    unnumbered = why.only(~takes).added(~number.known, Reason.EARLIER_ORDER_UNKNOWN)
    return {
        "saved_cny": exact(saved),
        # Where nothing was saved, it says why not.
        "saved_cny_reason": why.only(~takes).array(),
        "payable_cny": exact(payable),
        "payable_cny_reason": unpayable.array(),
        "pool_order": number.array(),
        "pool_order_reason": unnumbered.array(),
    }


def _left(judged: Judgement, book: ProgrammeRules) -> dict[str, Any]:
    given, cap = judged.allotment, cents(book["seller_cap"])
    orders = int(book["seller_orders"]) - given.queue.total(given.most > 0)
    most = np.minimum(orders * cents(book["order_cap"]), cap - given.queue.total(given.most))
    everyone = np.ones(len(orders), dtype=bool)
    why = judged.seller_refusals
    if closed_after(book):
        why = why.added(everyone, Reason.AFTER_PROMOTION)
    has_room, may_be_full = _pool_after(judged, book)
    if not has_room:
        why = why.added(everyone, Reason.POOL_USED)
    unsettled = given.queue.total(~given.settled) > 0
    doubts = judged.seller_doubts.added(
        unsettled | (has_room and may_be_full), Reason.EARLIER_ORDER_UNKNOWN
    )
    known = why.given | ~doubts.given
    why = why.added(orders == 0, Reason.SELLER_ORDERS_USED)
    why = why.added(most == 0, Reason.SELLER_AMOUNT_USED)
    reason = why.only(known).filled(doubts.only(~known)).array()
    return {
        "orders_left": Column(np.where(why.given, 0, orders), known).array(),
        "orders_left_reason": reason,
        "left_cny": exact(Column(np.where(why.given, 0, most), known)),
        "left_cny_reason": reason,
    }


def _pool_after(judged: Judgement, book: ProgrammeRules) -> tuple[bool, bool]:
    """Return whether the pool may have room for one more order, and whether it may have none."""
    taken = [np.count_nonzero(end) for end in (judged.allotment.least, judged.allotment.most)]
    least, most = allowance.verdict(book, "pool_order", np.array(taken) + 1).reached.values
    return bool(least), not most


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per order and check, with the seller as ``merchant_id``.

    See ``checks.EXPLANATION_COLUMNS``; ``subject`` is the order. What a seller's earlier orders or
    the pool decide is observed where it is known: its number among the seller's orders with a
    discount, what the seller would have saved with it, its number in the pool.
    """
    book = rules.programme(name)
    orders = measures.reset_index(drop=True)
    orders.attrs = dict(measures.attrs)
    judged = judge(orders, book)
    facts, verdicts = judged.facts, judged.verdicts | checks.evaluate(_turns(judged), book)
    long = checks.explanation(facts["express_order_id"], verdicts.values())
    # Of a day, no time was given that could be shown.
    for column in MOMENTS:
        days = long["subject"].isin(facts.loc[facts[f"{column}_dated"], "express_order_id"])
        days &= long["check"].isin([n for n, c in book.checks.items() if c.measure == column])
        long["observed"] = long["observed"].mask(days, long["observed"].str.slice(0, 10))
    sellers = facts["merchant_id"].repeat(len(verdicts))
    return long.assign(merchant_id=sellers.reset_index(drop=True))


def _turns(judged: Judgement) -> pd.DataFrame:
    given = judged.allotment
    return pd.DataFrame(
        {
            "seller_order": (given.used_before + 1).array(),
            "seller_saved_cny": given.asked.array(),
            "pool_order": given.pool_order.array(),
        }
    )


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per seller: how many orders, what was saved, and what is left to use.

    Returns:
        By ``merchant_id``: ``orders`` and ``orders_saved`` (int64; those with a discount);
        ``saved_cny`` (decimal128(18, 2)); ``orders_left`` and ``left_cny``; each with ``_reason``
        where it is missing (some order's is not known), and what is left also where that is none.
    """
    known = pd.DataFrame(
        {"merchant_id": outcome["merchant_id"], "saved": to_cents(outcome["saved_cny"])}
    )
    known["reason"] = outcome["saved_cny_reason"].where(known["saved"].isna())
    known["discounted"] = (known["saved"] > 0).fillna(False)
    known["missing"] = known["saved"].isna()
    left = outcome[["merchant_id", *LEFT]].drop_duplicates("merchant_id").set_index("merchant_id")
    by = known.groupby("merchant_id")
    saved = by["saved"].sum().mask(by["missing"].any())
    told = {
        "orders": by.size(),
        "orders_saved": by["discounted"].sum(),
        "saved_cny": from_cents(saved),
        "saved_cny_reason": by["reason"].first(),
        **{column: left[column] for column in LEFT},
    }
    return pd.DataFrame(told).rename_axis("merchant_id").reset_index()

"""Order assignment (订单分配设置): what a substitute for each order-taker does, by simulation.

Slide 订单分配设置 - 设置替补接单员，订单分配更平均; the numbers are in
``params/rules/assignment.yaml``, nearly all of them assumed. A discrete-event simulation cannot
work on columns, so the work is divided: ``measure`` simulates each merchant's month once, order by
order (``desks``), and gives sums; ``assess`` judges those on whole columns.
"""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from merchantkit import checks
from merchantkit.columns import Column, Flags, coded
from merchantkit.facts.warehouse import Warehouse
from merchantkit.money import exact, half_up
from merchantkit.programmes import door
from merchantkit.programmes.assignment import measuring
from merchantkit.programmes.assignment.measuring import SIMULATED, WAYS, measure
from merchantkit.programmes.reasons import Reason, Reasons, beside, reasons
from merchantkit.rulebook import Rules

__all__ = [
    "ADVICE", "COLUMNS", "OPTIONAL", "SHARES", "WAITS", "assess", "details", "explain", "measure",
    "name", "scope", "summary",
]  # fmt: skip

name = "assignment"
scope = "row"
COLUMNS: dict[str, door.Kind] = {
    "merchant_id": "id",
    **dict.fromkeys(("takers", "substitutes_set", "orders", "runs", "taken_over"), "count"),
    **dict.fromkeys([f"{part}_{way}" for part in SIMULATED for way in WAYS], "count"),
}
OPTIONAL: dict[str, door.Kind] = {
    "orders_dealt": "count", "substitutes_assumed": "flag", "by_payment": "flag",
}  # fmt: skip
SHARES = ("more_even", "less_even", "as_even")
WAITS = ("shorter", "longer", "as_long")
# To set substitutes; to keep those set; to look at them again; it makes no difference.
ADVICE = ("set", "keep", "review", "no_difference")
_PERCENT = 10_000  # hundredths of a percent, in a whole
_HUNDREDTHS = 100
_HAIR = 1 + 1e-9


def assess(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return how long orders wait and how evenly they are shared, without and with substitutes.

    Args:
        measures: The columns of ``measure``: sums over the runs. Rows stand alone.
        rules: The rules of the day.

    Returns:
        On the same index: ``merchant_id``; ``average_wait_minutes_without`` and ``_with`` (working
        minutes, exact to two decimals) and ``wait_saved_minutes`` (may be negative);
        ``evenness_percent_without`` and ``_with`` (Jain's index: 100 where all handle as many
        orders), ``busiest_percent_without`` and ``_with`` (the share of who handles most),
        ``taken_over_percent``, each with ``_reason`` where missing; ``sharing`` (a code of
        ``SHARES``), ``waiting`` (of ``WAITS``) and ``advice`` (of ``ADVICE``), with
        ``advice_reason``. Where nobody has a substitute, ``_with`` is what the next in the list
        would do.

    Raises:
        MeasureError: A column is missing, a value cannot be, or the sums contradict each other.
        RuleFileError: The rules ask for what the kit does not know how to do.

    >>> from merchantkit.rulebook import rulebook
    >>> frame = pd.DataFrame({"merchant_id": ["a"], "takers": 2, "substitutes_set": 1,
    ...     "orders": 4, "runs": 1, "taken_over": 1, "wait_minutes_without": 120,
    ...     "wait_minutes_with": 30, "longest_wait_minutes_without": 60,
    ...     "longest_wait_minutes_with": 30, "load_squares_without": 10, "load_squares_with": 8,
    ...     "busiest_load_without": 3, "busiest_load_with": 2})
    >>> outcome = assess(frame, rulebook().on("2021-05-31"))
    >>> outcome[["evenness_percent_without", "evenness_percent_with", "advice"]].values.tolist()
    [[Decimal('80.00'), Decimal('100.00'), 'keep']]
    """
    book = rules.programme(name)
    measuring.refuse_unknown(book)
    facts = _read(measures)
    verdicts = checks.evaluate(facts, book)
    columns = {column: Column.of(facts[column]) for column in COLUMNS if column != "merchant_id"}
    handled = columns["orders"] * columns["runs"]
    some, enough = (handled > 0).yes, verdicts["takers.enough"].reached
    # 1 where there is nothing to share, so that it may divide.
    handled = Column(np.where(some, handled.values, 1), some)
    values = _values(columns, handled, enough.yes)
    idle = reasons(facts, ["takers"]).filled(reasons(facts, ["orders", "runs"]))
    idle = idle.added(~some, Reason.NO_ORDERS_IN_MONTH)
    alone = reasons(facts, ["takers"]).added(enough.no, Reason.ONE_ORDER_TAKER).filled(idle)
    whys = {n: idle if "wait" in n else alone for n in values}
    # A sum of the simulation is hardly ever missing alone; where none is, reasons are shared.
    lost = {
        n: reasons(facts, [n])
        for n in COLUMNS
        if n.endswith(("taken_over", *WAYS)) and bool((handled.known & ~columns[n].known).any())
    }
    why = {n: _filled(n, w, lost) for n, w in whys.items()}
    outcome = {"merchant_id": facts["merchant_id"], **beside(values, why)}
    outcome |= _words(
        columns, enough.yes & some, verdicts["substitutes.some"].reached, alone, facts
    )
    return pd.DataFrame(outcome, index=measures.index)


def _values(columns: dict[str, Column], handled: Column, enough: Flags) -> dict[str, Any]:
    waits = {way: columns[f"wait_minutes_{way}"] for way in WAYS}
    mean = {way: _mean(waits[way] * _HUNDREDTHS, handled) for way in WAYS}
    found: dict[str, Any] = {f"average_wait_minutes_{way}": exact(mean[way]) for way in WAYS}
    saved = (waits["without"] - waits["with"]) * _HUNDREDTHS
    found["wait_saved_minutes"] = exact(_mean(saved, handled))
    shared = handled.hidden(~enough)
    for way in WAYS:
        found[f"evenness_percent_{way}"] = exact(_jain(columns, way, shared))
    for way in WAYS:
        busiest = columns[f"busiest_load_{way}"] * _PERCENT
        found[f"busiest_percent_{way}"] = exact(_mean(busiest, shared))
    found["taken_over_percent"] = exact(_mean(columns["taken_over"] * _PERCENT, shared))
    return found


def _mean(total: Column, of: Column) -> Column:
    return Column(half_up(total.values, of.values), total.known & of.known)


def _jain(columns: dict[str, Column], way: str, handled: Column) -> Column:
    """Return (Σx)² / (n · Σx²) in hundredths of a percent."""
    squares = columns[f"load_squares_{way}"]
    known = handled.known & squares.known & (squares.values > 0)
    total, n = handled.values.astype(np.float64), columns["takers"].values
    index = total * total * _PERCENT / np.where(known, n * squares.values, 1)
    return Column(np.rint(np.where(known, index, 0)).astype(np.int64), known)


def _words(
    columns: dict[str, Column], judged: Flags, in_use: Column, alone: Reasons, facts: pd.DataFrame
) -> dict[str, Any]:
    sharing = _turn(columns, "load_squares", judged)
    waiting = _turn(columns, "wait_minutes", judged)
    as_even, as_long = sharing == 3, waiting == 3
    better = (sharing == 1) | (as_even & (waiting == 1))
    advice = np.full(len(facts), 1 + ADVICE.index("no_difference"), dtype=np.int8)
    advice[better] = 1 + ADVICE.index("set")
    advice[in_use.yes & better] = 1 + ADVICE.index("keep")
    advice[in_use.yes & ~better & ~(as_even & as_long)] = 1 + ADVICE.index("review")
    known = (sharing > 0) & (waiting > 0) & in_use.known
    advice[~known] = 0
    why = alone.only(~known)
    if bool((~known & ~why.given).any()):
        why = why.filled(reasons(facts, list(COLUMNS)).only(~known))
    return {
        "sharing": coded(sharing, (None, *SHARES), facts.index),
        "waiting": coded(waiting, (None, *WAITS), facts.index),
        "advice": coded(advice, (None, *ADVICE), facts.index),
        "advice_reason": why.array(),
    }


def _turn(columns: dict[str, Column], part: str, judged: Flags) -> NDArray[np.int8]:
    """Return 1 where a sum is less with substitutes, 2 where more, 3 where as much; 0: unknown."""
    before, after = (columns[f"{part}_{way}"] for way in WAYS)
    turn = np.full(len(judged), 3, dtype=np.int8)
    turn[after.values < before.values] = 1
    turn[after.values > before.values] = 2
    turn[~(judged & before.known & after.known)] = 0
    return turn


def _filled(value: str, why: Reasons, lost: dict[str, Reasons]) -> Reasons:
    """Return why a value is missing, and where that is not known, why what it is made of is."""
    parts = {
        "evenness": "load_squares", "busiest": "busiest_load", "taken": "taken_over",
    }  # fmt: skip
    part = parts.get(value.partition("_")[0], "wait_minutes")
    ways = [way for way in WAYS if value.endswith(f"_{way}")] or WAYS
    for made_of in (part, *(f"{part}_{way}" for way in ways)):
        if made_of in lost:
            why = why.filled(lost[made_of])
    return why


def explain(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return one row per merchant and check: are there two order-takers, is a substitute set.

    See ``checks.EXPLANATION_COLUMNS``. When a desk is full is compared within the simulation.
    """
    facts = _read(measures).reset_index(drop=True)
    verdicts = checks.evaluate(facts, rules.programme(name))
    long = checks.explanation(facts["merchant_id"], verdicts.values())
    return long[long["observed"].notna()].reset_index(drop=True)


def summary(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return one row per merchant (the outcome's own rows): waits, evenness and advice."""
    both = [
        f"{part}_{way}" for part in ("average_wait_minutes", "evenness_percent") for way in WAYS
    ]
    return outcome[["merchant_id", *both, "wait_saved_minutes", "advice", "advice_reason"]].copy()


def details(
    warehouse: Warehouse,
    day: dt.date,
    rules: Rules,
    measures: pd.DataFrame,
    outcome: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return what a month keeps beside the outcome: ``desks``, the load of each order-taker."""
    return {"desks": measuring.desks(warehouse, day, rules.programme(name), measures)}


def _read(measures: pd.DataFrame) -> pd.DataFrame:
    facts = door.read(measures, COLUMNS, OPTIONAL)
    orders, runs, takers = (Column.of(facts[name]) for name in ("orders", "runs", "takers"))
    handled = orders * runs
    for way in WAYS:
        busiest, squares = (
            Column.of(facts[f"{n}_{way}"]) for n in ("busiest_load", "load_squares")
        )
        wrong = _contradict(handled, takers, busiest, squares)
        door.refuse_rows(
            facts, wrong, f"the loads {way} substitutes do not add up to the orders",
            "give sums over all runs", (f"busiest_load_{way}", f"load_squares_{way}", "orders"),
        )  # fmt: skip
    return facts


def _contradict(handled: Column, takers: Column, busiest: Column, squares: Column) -> Flags:
    """Return where the sum of squares is not between an even share and all with one."""
    # In floats, as the square of any count would not fit in whole numbers; a hair is no error.
    all_with_one = handled.values.astype(np.float64) ** 2
    even = squares.values.astype(np.float64) * takers.values
    known = handled.known & squares.known & busiest.known & takers.known
    beyond = (squares.values > all_with_one * _HAIR) | (all_with_one > even * _HAIR)
    wrong: Flags = known & ((busiest.values > handled.values) | beyond)
    return wrong

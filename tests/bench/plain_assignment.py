"""Order assignment in plain NumPy: mean waits, Jain's index, shares, and what is advised.

The simulation is no part of it: its sums are what comes in, here and to ``assess`` alike.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.bench.exact import Column, Flags, Integers, arrow, exact, whole

WAYS = ("without", "with")
PARTS = ("wait_minutes", "longest_wait_minutes", "load_squares", "busiest_load")
SHARES = ("more_even", "less_even", "as_even")
WAITS = ("shorter", "longer", "as_long")
ADVICE = ("set", "keep", "review", "no_difference")
# From so many order-takers on one can stand in; the runs are the board's own.
LEAST_TAKERS, RUNS = 2, 5


def board(rows: int, seed: int) -> pd.DataFrame:
    """Return sums of simulations of one to five order-takers, some of them unknown."""
    draw = np.random.default_rng(seed)
    ids = np.char.add("m", np.arange(rows).astype(str)).astype(object)
    takers, gone = draw.integers(1, 6, rows), draw.random(rows) < 0.02
    orders = draw.integers(0, 80, rows)
    columns = {
        "takers": takers,
        "substitutes_set": draw.integers(0, takers + 1),
        "orders": orders,
        "runs": np.full(rows, RUNS),
        "taken_over": orders * RUNS // 7,
    }
    waits = orders * draw.integers(0, 400, rows)
    for number, way in enumerate(WAYS):
        columns |= {f"wait_minutes_{way}": np.maximum(waits - number * draw.integers(-9, 99), 0)}
        columns |= {f"longest_wait_minutes_{way}": draw.integers(0, 900, rows)}
        columns |= _loads(way, orders * RUNS, takers, draw)
    return pd.DataFrame(
        {
            "merchant_id": arrow(ids, None, pa.string()),
            **{name: arrow(values, gone, pa.int64()) for name, values in columns.items()},
        }
    )


def _loads(
    way: str, handled: Integers, takers: Integers, draw: np.random.Generator
) -> dict[str, Integers]:
    """Return one order-taker with some share of all, and an even rest."""
    most = np.where(takers > 1, (handled * draw.uniform(0.5, 1, len(handled))).astype(int), handled)
    each, left = np.divmod(handled - most, np.maximum(takers - 1, 1))
    squares = most**2 + (takers - 1 - left) * each**2 + left * (each + 1) ** 2
    return {f"load_squares_{way}": squares, f"busiest_load_{way}": np.maximum(most, each)}


def read(measures: pd.DataFrame) -> dict[str, Column]:
    """Return the columns as arrays."""
    return {name: whole(measures[name]) for name in measures.columns if name != "merchant_id"}


def sums(columns: dict[str, Column]) -> dict[str, Any]:
    """Return each figure as whole numbers and which of them are known."""
    handled = columns["orders"].whole * columns["runs"].whole
    some = columns["orders"].known & (handled > 0)
    shared = some & (columns["takers"].whole >= LEAST_TAKERS)
    per = np.where(some, handled, 1)
    waits, squares, most = (
        [columns[f"{part}_{way}"].whole for way in WAYS]
        for part in ("wait_minutes", "load_squares", "busiest_load")
    )
    found: dict[str, Any] = {"wait_saved_minutes": _mean((waits[0] - waits[1]) * 100, per, some)}
    for number, way in enumerate(WAYS):
        found[f"average_wait_minutes_{way}"] = _mean(waits[number] * 100, per, some)
        even = np.where(shared, columns["takers"].whole * squares[number], 1)
        index = np.rint(handled.astype(np.float64) ** 2 * 10_000 / even).astype(np.int64)
        found[f"evenness_percent_{way}"] = Column(index, shared)
        found[f"busiest_percent_{way}"] = _mean(most[number] * 10_000, per, shared)
    found["taken_over_percent"] = _mean(columns["taken_over"].whole * 10_000, per, shared)
    sharing, waiting = (
        np.where(two[1] < two[0], 0, np.where(two[1] > two[0], 1, 2)) for two in (squares, waits)
    )
    better = np.where(sharing == 2, waiting == 0, sharing == 0)
    used = columns["substitutes_set"].whole > 0
    advice = np.where(used, np.where(better, 1, 2), np.where(better, 0, 3))
    advice = np.where((sharing == 2) & (waiting == 2), 3, advice)
    words = {"sharing": (sharing, SHARES), "waiting": (waiting, WAITS), "advice": (advice, ADVICE)}
    return found | {name: (place, shared, texts) for name, (place, texts) in words.items()}


def _mean(total: Integers, per: Integers, known: Flags) -> Column:
    size = (2 * np.abs(total) + per) // (2 * per)
    return Column(np.where(total < 0, -size, size), known)


def write(sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
    """Return the figures as a frame of the outcome's types."""
    written: dict[str, pd.Series] = {}
    for name, figure in sums.items():
        if isinstance(figure, Column):
            written[name] = exact(figure, 2, index)
        else:
            place, known, texts = figure
            words = pa.DictionaryArray.from_arrays(pa.array(place, mask=~known), pa.array(texts))
            text = pd.arrays.ArrowExtensionArray(words.dictionary_decode())
            written[name] = pd.Series(text, index=index)
    return pd.DataFrame(written)

"""Rows a second of each programme's ``assess`` beside a plain formulation of the same sums.

``python -m tests.bench.programmes [--rows N] [--json]``. A plain formulation is what someone would
write who wants only the figures: the same frame in, the same exact figures out, whole cents in
int64, no reasons, no refusals, no rulebook in between. A programme joins by its entry in ``PLAIN``.
"""

import argparse
import cProfile
import json
import pstats
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from merchantkit import rulebook
from merchantkit.programmes import (
    assignment,
    campaign,
    chargeback,
    express,
    fees,
    fulfilment,
    quick_custom,
    rfq,
    showroom,
    star,
    tariff,
)
from tests.bench import (
    plain_assignment,
    plain_campaign,
    plain_chargeback,
    plain_express,
    plain_fees,
    plain_fulfilment,
    plain_quick_custom,
    plain_rfq,
    plain_showroom,
    plain_star,
    plain_tariff,
)

DAY = "2021-05-31"
_ROUNDS = 5
_SHOWN = 5


class Plain(Protocol):
    """A programme's plain formulation."""

    def board(self, rows: int, seed: int) -> pd.DataFrame:
        """Return measures as the warehouse gives them."""

    def read(self, board: pd.DataFrame) -> Any:
        """Return the frame's columns as arrays."""

    def sums(self, columns: Any) -> dict[str, Any]:
        """Return each figure as (whole numbers, which of them are known)."""

    def write(self, sums: dict[str, Any], index: pd.Index) -> pd.DataFrame:
        """Return the figures as a frame of the outcome's types."""


PLAIN: dict[str, tuple[Any, Any]] = {
    "rfq": (rfq, plain_rfq),
    "campaign": (campaign, plain_campaign),
    "star": (star, plain_star),
    "fees": (fees, plain_fees),
    "fulfilment": (fulfilment, plain_fulfilment),
    "express": (express, plain_express),
    "chargeback": (chargeback, plain_chargeback),
    "quick_custom": (quick_custom, plain_quick_custom),
    "showroom": (showroom, plain_showroom),
    "assignment": (assignment, plain_assignment),
    "tariff": (tariff, plain_tariff),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.programmes", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="in one line, for the benchmark")
    given = parser.parse_args()
    found = [compare(name, given.rows) for name in PLAIN]
    print(json.dumps(found) if given.json else json.dumps(found, indent=1))


def compare(name: str, rows: int) -> dict[str, Any]:
    """Return the seconds of both ways, in turn, after making sure that they agree.

    Raises:
        SystemExit: The figures differ.
    """
    programme, plain = PLAIN[name]
    rules = rulebook().on(DAY)
    board = plain.board(rows, seed=1)
    columns = plain.read(board)
    ways: dict[str, Callable[[], Any]] = {
        "assess": lambda: programme.assess(board, rules),
        "plain": lambda: plain.write(plain.sums(plain.read(board)), board.index),
        "sums": lambda: plain.sums(columns),
    }
    refuse_unless_equal(name, ways["assess"](), ways["plain"]())
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(_ROUNDS):
        for way, calculate in ways.items():
            began = time.perf_counter()
            calculate()
            seconds[way].append(time.perf_counter() - began)
    medians = {way: statistics.median(found) for way, found in seconds.items()}
    spent = where(programme.assess, board, rules)
    return {"name": name, "rows": rows, "runs": _ROUNDS, **medians, "where": spent}


def refuse_unless_equal(name: str, outcome: pd.DataFrame, plainly: pd.DataFrame) -> None:
    """Compare every figure that the plain formulation has."""
    for column in plainly.columns:
        left, right = outcome[column], plainly[column]
        same = (left.isna() & right.isna()) | (left == right).fillna(False)
        if not bool(same.all()):
            row = int(np.flatnonzero(~same.to_numpy(dtype=bool))[0])
            raise SystemExit(f"{name}.{column}, row {row}: {left.iloc[row]} ≠ {right.iloc[row]}")


def where(assess: Callable[..., Any], *arguments: Any) -> dict[str, float]:
    """Return what ``assess`` calls itself and each one's share of its time, the largest first."""
    profile = cProfile.Profile()
    profile.runcall(assess, *arguments)
    called = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    (own,) = [key for key in called if key[2] == "assess" and key[0] == assess.__code__.co_filename]
    whole = called[own][3]
    shares = {
        f"{Path(key[0]).stem}.{key[2]}": callers[own][3] / whole
        for key, (_, _, _, _, callers) in called.items()
        if own in callers
    }
    largest = sorted(shares.items(), key=lambda share: -share[1])[:_SHOWN]
    return {function: round(share, 3) for function, share in largest}


if __name__ == "__main__":
    main()

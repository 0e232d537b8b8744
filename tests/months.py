"""The demo's month, computed once for all tests of a process, which only read it."""

from functools import cache

from merchantkit.assessment import Board, open_month


@cache
def demo_board() -> Board:
    return open_month("")

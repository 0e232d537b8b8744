"""Print the benchmark's table: ``python -m tests.bench [--quick] [--json FILE]``."""

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import machine
from tests.bench.measures import QUICK, Sizes, measure
from tests.bench.outcome import page, raw
from tests.bench.samples import Budget

_BUDGET, _QUICK_BUDGET = 1800.0, 60.0


def main(arguments: Sequence[str] | None = None) -> None:
    given = _parser().parse_args(arguments)
    sizes = dataclasses.replace(QUICK if given.quick else Sizes(), **dict(given.size))
    budget = Budget(given.budget or (_QUICK_BUDGET if given.quick else _BUDGET))
    on = machine.machine()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), sizes, budget, _say(budget))
    on |= {"load_after": machine.load(), "seconds": round(budget.seconds - budget.left)}
    print(page(measured, on))
    if given.json:
        given.json.write_text(json.dumps(raw(measured, on), indent=1), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few merchants, about a minute")
    parser.add_argument("--budget", type=float, metavar="SECONDS", help="how long it may take")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every raw figure there")
    names = ", ".join(field.name for field in dataclasses.fields(Sizes))
    parser.add_argument(
        "--size", type=_size, action="append", default=[], metavar="NAME=N",
        help=f"another size, again and again; one of {names}",
    )  # fmt: skip
    return parser


def _size(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in {field.name for field in dataclasses.fields(Sizes)}:
        raise argparse.ArgumentTypeError(f"no size is called {name}")
    return name, int(number)


def _say(budget: Budget) -> Callable[[str], None]:
    def say(what: str) -> None:
        at = time.perf_counter() - budget.began
        print(f"{at:6.0f} s  {what}", file=sys.stderr, flush=True)

    return say


if __name__ == "__main__":
    main()

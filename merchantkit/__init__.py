"""Merchantkit: dated, cited programme rules, and the briefings made with them.

The names below are all that an analyst needs to begin; each is imported when it is first used,
so that ``import merchantkit as mk`` costs nothing.

>>> import merchantkit as mk
>>> mk.rulebook().on("2021-05-31").programme("rfq")["tier_1_gmv"]
25000
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from merchantkit import errors as errors
    from merchantkit.assessment import Assessment as Assessment
    from merchantkit.assessment import assess_month as assess_month
    from merchantkit.assessment import open_case as open_case
    from merchantkit.days import Month as Month
    from merchantkit.facts.intake import import_facts as import_facts
    from merchantkit.facts.warehouse import Warehouse as Warehouse
    from merchantkit.programmes import programme as programme
    from merchantkit.programmes.orders import order as order
    from merchantkit.rulebook import calendar as calendar
    from merchantkit.rulebook import diff as diff
    from merchantkit.rulebook import rulebook as rulebook

# Name → the module that has it; None: the name is a module of the kit.
_HOMES: dict[str, str | None] = {
    "Assessment": "merchantkit.assessment",
    "Month": "merchantkit.days",
    "Warehouse": "merchantkit.facts.warehouse",
    "assess_month": "merchantkit.assessment",
    "calendar": "merchantkit.rulebook",
    "diff": "merchantkit.rulebook",
    "errors": None,
    "import_facts": "merchantkit.facts.intake",
    "open_case": "merchantkit.assessment",
    "order": "merchantkit.programmes.orders",
    "programme": "merchantkit.programmes",
    # The package of that name can itself be called, as importing it puts it in this place.
    "rulebook": None,
}

__all__ = [
    "Assessment",
    "Month",
    "Warehouse",
    "__version__",
    "assess_month",
    "calendar",
    "demo",
    "diff",
    "errors",
    "import_facts",
    "open_case",
    "order",
    "programme",
    "rulebook",
    "warehouse",
]


def warehouse(path: Path | str | None = None) -> "Warehouse":
    """Return the warehouse of facts at a path, by default the project's.

    Raises:
        WarehouseMissing: There is no file; reading never creates one.
    """
    from merchantkit.facts.warehouse import Warehouse

    return Warehouse.open(path)


def demo(month: "Month | str" = "2021-05", **options: int) -> "Warehouse":
    """Return a warehouse in memory that holds a demo month of invented merchants.

    Args:
        month: The demo's month.
        options: ``merchants``, how many, and ``seed``, which decides all that is drawn.

    >>> demo(merchants=3).counts()["merchants"]
    3
    """
    from merchantkit.facts.demo import fill
    from merchantkit.facts.warehouse import Warehouse

    made = Warehouse.in_memory()
    fill(made, month, **options)
    return made


if not TYPE_CHECKING:  # a type checker knows the names, and should complain of others

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = _HOMES[name]
        found = (
            importlib.import_module(f"{__name__}.{name}")
            if home is None
            else getattr(importlib.import_module(home), name)
        )
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

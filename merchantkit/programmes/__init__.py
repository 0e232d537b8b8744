"""The merchant programmes: each is ``measure``, ``assess``, ``explain``, ``summary``, ``scope``."""

import importlib
from typing import TYPE_CHECKING, Any, Protocol

from merchantkit.errors import MerchantkitError

if TYPE_CHECKING:
    import pandas as pd

# In the order of cards, sections and rules on every page.
NAMES = (
    "rfq", "campaign", "star", "fees", "fulfilment", "express", "quick_custom", "showroom",
    "assignment", "tariff", "chargeback",
)  # fmt: skip


class Programme(Protocol):
    """What every programme module offers.

    ``scope`` is ``row`` (splitting and order never matter), ``merchant`` (a merchant's orders in
    time order) or ``population`` (rank, pools: the frame is everyone). ``COLUMNS`` names what is
    measured and of which kind; ``OPTIONAL``, what may be measured beside it. The first of
    ``COLUMNS`` is the subject's id: ``merchant_id``, or an order's, a product's, a case's, whose
    merchant then stands beside it.

    A module may offer more, and is asked for it by these names:

    - ``of_orders(warehouse, day, rules, order_id=None)``, if it knows single orders (``orders``);
    - ``details(warehouse, day, rules, measures, outcome)``: further frames of a month by name, each
      with a ``merchant_id``, for its section or its table of the team's page; one called
      ``calendar`` has a merchant's own days (``parameter``, marked ``on: facts``, and ``day``);
    - ``noteworthy(outcome)``: a flag for each row that is explained in a month; all are without it;
    - ``CONCERNS``: which of its ``details`` name merchants whom it concerns without any measure.
    """

    name: str
    scope: str
    COLUMNS: dict[str, Any]
    OPTIONAL: dict[str, Any]

    def measure(self, warehouse: Any, day: Any, rules: Any = None) -> "pd.DataFrame":
        """Return what was achieved up to a day, in the rules' windows and clocks."""

    def assess(self, measures: "pd.DataFrame", rules: Any) -> "pd.DataFrame":
        """Return what the measures earn under the rules, on the same index."""

    def explain(self, measures: "pd.DataFrame", rules: Any) -> "pd.DataFrame":
        """Return one row per subject and check."""

    def summary(self, outcome: "pd.DataFrame") -> "pd.DataFrame":
        """Return one row per merchant."""


def programme(name: str) -> Programme:
    """Return a programme by name.

    Raises:
        MerchantkitError: There is none of that name.
    """
    if name not in NAMES:
        raise MerchantkitError(
            f"there is no programme {name!r}", remedy=f"programmes are: {', '.join(NAMES)}"
        )
    module: Programme = importlib.import_module(f"merchantkit.programmes.{name}")
    return module


def subject(name: str) -> str:
    """Return the column that says what a programme judges: a merchant, an order, a product.

    >>> subject("rfq"), subject("fees")
    ('merchant_id', 'order_id')
    """
    return next(iter(programme(name).COLUMNS))

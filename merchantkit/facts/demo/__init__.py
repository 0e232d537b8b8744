"""The demo month: invented merchants with every kind of trouble, the same for the same seed.

The first merchants are made by hand (``personas`` lists them with what to expect of each), the
others are drawn. The facts cover the month, the month before it, and nine months of orders.
"""

import numpy as np
import pyarrow as pa

from merchantkit.days import Month
from merchantkit.errors import WarehouseError
from merchantkit.facts.demo import (
    assignment,
    chargeback,
    express,
    fees,
    fulfilment,
    quick_custom,
    showroom,
    star,
    tariff,
)
from merchantkit.facts.demo.generated import columns_of
from merchantkit.facts.demo.handmade import rows_of
from merchantkit.facts.demo.personas import PERSONAS
from merchantkit.facts.schemas import TABLES, Table
from merchantkit.facts.store import claim, clear, upsert
from merchantkit.facts.warehouse import Warehouse

MONTH = "2021-05"
MERCHANTS = 24
SEED = 20210429  # the day of the broadcast


def fill(
    warehouse: Warehouse,
    month: Month | str = MONTH,
    merchants: int = MERCHANTS,
    seed: int = SEED,
) -> dict[str, int]:
    """Fill a warehouse with the demo month, in place of any demo that it holds.

    Args:
        warehouse: Empty, or holding a demo.
        month: The month to make; the month before it is there too.
        merchants: How many; the hand-made ones come first.
        seed: Decides about all that is drawn. One seed, one set of facts.

    Returns:
        table → rows.

    Raises:
        DayError: No facts can be of that month.
        WarehouseError: The warehouse holds imported facts, or ``merchants`` or ``seed`` is
            negative.
        WarehouseBusy: Another program holds it.

    >>> fill(Warehouse.in_memory(), merchants=3)["merchants"]
    3
    """
    facts = tables_of(month, merchants, seed)
    with warehouse.write() as connection:
        claim(connection, "demo")
        clear(connection)
        return {name: upsert(connection, name, rows).inserted for name, rows in facts.items()}


def tables_of(
    month: Month | str = MONTH, merchants: int = MERCHANTS, seed: int = SEED
) -> dict[str, pa.Table]:
    """Return the demo's facts by table, with every stored column; see ``fill``."""
    if merchants < 0 or seed < 0:
        raise WarehouseError(
            f"a demo can't have {merchants} merchants from seed {seed}",
            remedy="give whole numbers from 0 on",
        )
    part = Month.parse(month).within_facts()
    # The demo's own month is the campaign's: the name that May 2021's rule gives it, dated.
    campaign = f"recommendation_star_{str(part).replace('-', '_')}"
    by_hand = rows_of(PERSONAS[:merchants], part, campaign)
    by_hand |= fulfilment.rows_of(PERSONAS[:merchants], part)
    drawn = columns_of(
        max(merchants - len(PERSONAS), 0), part, campaign, np.random.default_rng(seed)
    )
    by_hand |= star.rows_of({persona.merchant_id for persona in PERSONAS[:merchants]}, part)
    drawn |= star.columns_of(drawn["merchants"]["merchant_id"], part, seed)
    by_hand["orders"] += fees.direct_orders(by_hand["merchants"], part)
    by_hand["order_logistics"] = [*fees.logistics_rows(by_hand["orders"])]
    drawn["order_logistics"] = fees.logistics_columns(drawn["orders"], seed)
    drawn |= fulfilment.columns_of(drawn, part, seed)
    express.add(by_hand, drawn, part, seed)
    by_hand |= chargeback.rows_of({persona.merchant_id for persona in PERSONAS[:merchants]}, part)
    drawn |= chargeback.columns_of(drawn, part, seed)
    quick_custom.add(by_hand, drawn, seed)
    showroom.add(by_hand, drawn, part, seed)
    assignment.add(by_hand, drawn, part, seed)
    by_hand["export_lines"] = tariff.rows_of(PERSONAS[:merchants], part)
    drawn |= tariff.columns_of(drawn, part, seed)
    return {
        name: _table(facts, pa.Table.from_pylist(by_hand[name], _content(facts)), drawn.get(name))
        for name, facts in TABLES.items()
    }


def _content(facts: Table) -> pa.Schema:
    return pa.schema([facts.arrow_schema.field(part.name) for part in facts.content])


def _table(facts: Table, by_hand: pa.Table, drawn: dict[str, pa.Array] | None) -> pa.Table:
    schema = _content(facts)
    parts = [by_hand]
    if drawn:
        count = len(next(iter(drawn.values())))
        columns = [
            drawn[part.name].cast(part.type) if part.name in drawn else pa.nulls(count, part.type)
            for part in schema
        ]
        parts.append(pa.Table.from_arrays(columns, schema=schema))
    rows = pa.concat_tables(parts)
    return (
        rows.append_column("source_file", pa.array(["demo"] * len(rows), pa.string()))
        .append_column("source_row", pa.array(np.arange(2, len(rows) + 2)))
        .cast(facts.arrow_schema)
    )

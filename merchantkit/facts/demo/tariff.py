"""The demo's export lines: by hand for some of the personas, drawn for the others.

Days are counted from the month's first. Expected duties are for 2021-05 as of 31 May, by the kit's
excerpt of the 2025 schedule; they were worked out by hand.

================ ===============================================================================
merchant_id      what it shows
================ ===============================================================================
2100000011       cotton dresses by their Chinese code: 115.00 + 75.00; hair dryers: 93.60 and
                 nothing added; hats by weight, value and piece: 66.97 + 250.00; plastic articles
                 that may be any of many lines; a line to Germany, of which there is no schedule
007              water heaters: Free + 225.00; a code that is gone from the schedule
NA               sugar by degree: 13.88 + 30.00
null             hats without their number of pieces: 250.00 is added, the rest is asked for
000123           T-shirts made in Viet Nam: 330.00 and nothing added
================ ===============================================================================
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from merchantkit.days import Month
from merchantkit.facts.demo.personas import Persona

Row = dict[str, Any]
_MONEY = pa.decimal128(18, 2)
_QUANTITY = pa.decimal128(18, 4)
_MEAN_LINES = 1.2


class _Line(NamedTuple):
    merchant: str
    day: int
    product: str
    value: str
    hs_code: str | None = None
    us_code: str | None = None
    quantities: tuple[tuple[str, str], ...] = ()
    origin: str = "CN"
    destination: str = "US"


_BY_HAND = (
    _Line("2100000011", 4, "cotton dress", "1000.00", "6104420000",
          quantities=(("10", "件"), ("3.2", "千克"))),
    _Line("2100000011", 9, "hair dryer", "2400.00", "8516310000", quantities=(("300", "台"),)),
    _Line("2100000011", 15, "wool felt hat", "1000.00", "6505009900", "6505.00.08.00",
          (("12.5", "千克"), ("10", "打"))),
    _Line("2100000011", 18, "plastic phone holder", "500.00", "3926909090",
          quantities=(("25", "千克"),)),
    _Line("2100000011", 22, "cotton dress", "800.00", "6104420000", destination="DE"),
    _Line("007", 3, "water heater", "3000.00", "8516101000", quantities=(("60", "台"),)),
    _Line("007", 20, "plastic stand", "640.00", None, "3926.90.9985"),
    _Line("NA", 11, "raw cane sugar", "400.00", "1701130001", "1701.13.10.00",
          (("1000", "千克"), ("96.5", "度"))),
    _Line("null", 13, "wool felt hat", "1000.00", "6505009900", "6505.00.08.00",
          (("12.5", "千克"),)),
    _Line("000123", 6, "cotton T-shirt", "2000.00", "6109100010", origin="VN"),
)  # fmt: skip

# product, Chinese code, US code, unit
_DRAWN = (
    ("cotton dress", "6104420000", None, "件"),
    ("hair dryer", "8516310000", None, "台"),
    ("water heater", "8516101000", None, "台"),
    ("cotton T-shirt", "6109100010", None, "件"),
    ("plastic article", "3926909090", "3926.90.99.89", "千克"),
    ("plastic phone holder", "3926909090", None, "千克"),
    ("wool felt hat", "6505009900", "6505.00.08.00", "千克"),
)


def rows_of(personas: Iterable[Persona], month: Month) -> list[Row]:
    """Return the rows of ``export_lines`` of those who have any."""
    there = {persona.merchant_id for persona in personas}
    return [
        _row(number, line, month)
        for number, line in enumerate(_BY_HAND, 1)
        if line.merchant in there
    ]


def _row(number: int, line: _Line, month: Month) -> Row:
    row: Row = {
        "line_id": f"X{number:08d}",
        "merchant_id": line.merchant,
        "product": line.product,
        "hs_code": line.hs_code,
        "us_code": line.us_code,
        "exported_on": month.first + dt.timedelta(days=line.day),
        "origin": line.origin,
        "destination": line.destination,
        "value_usd": Decimal(line.value),
    }
    for place, (amount, unit) in enumerate(line.quantities, 1):
        row |= {f"quantity_{place}": Decimal(amount), f"unit_{place}": unit}
    return row


def columns_of(drawn: Mapping[str, Mapping[str, pa.Array]], month: Month, seed: int) -> Any:
    """Return table → columns without provenance for the drawn merchants.

    Drawn from a stream of their own, so that nothing else in the demo changes with them.
    """
    ids = drawn["merchants"]["merchant_id"]
    rng = np.random.default_rng([seed, 20210416])
    of = np.repeat(np.arange(len(ids)), rng.poisson(_MEAN_LINES, len(ids)))
    count = len(of)
    which = pa.array(rng.integers(0, len(_DRAWN), count))
    days = np.datetime64(month.first, "D") + rng.integers(0, 28, count)
    product, hs_code, us_code, unit = (
        pa.array(column, pa.string()).take(which) for column in zip(*_DRAWN, strict=True)
    )
    cents = np.round(rng.lognormal(7.0, 0.9, count) * 100).astype(np.int64)
    pieces = rng.integers(1, 2000, count)
    elsewhere = pa.array(rng.random(count) < 0.1)
    return {
        "export_lines": {
            "line_id": pc.binary_join_element_wise(
                "XD", pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 9, "0"), ""
            ),
            "merchant_id": ids.take(pa.array(of)),
            "product": product,
            "hs_code": hs_code,
            "us_code": us_code,
            "exported_on": pa.array(days),
            "origin": pa.array(["CN"] * count, pa.string()),
            "destination": pc.if_else(elsewhere, "DE", pa.array(["US"] * count, pa.string())),
            "value_usd": pa.array([Decimal(int(n)).scaleb(-2) for n in cents], _MONEY),
            "quantity_1": pa.array([Decimal(int(n)) for n in pieces], _QUANTITY),
            "unit_1": unit,
        }
    }

"""The kit's own excerpt of a schedule: a few headings, so that a demo works without the file."""

from functools import cache
from importlib import resources
from pathlib import Path

import pandas as pd

from merchantkit.days import as_day
from merchantkit.facts.declared.tariff import EXCERPT
from merchantkit.facts.tariff.editions import Edition, table_of
from merchantkit.facts.tariff.files import read

_DATED, _COUNTRY = "2025-01-01", "US"


@cache
def excerpt() -> tuple[Edition, pd.DataFrame]:
    """Return the excerpt as an edition, and its rows as ``rows_of`` gives them.

    >>> edition, rows = excerpt()
    >>> edition.country, edition.excerpt, "6104.42.00" in set(rows["code"])
    ('US', True, True)
    """
    file = read(
        Path(str(resources.files("merchantkit.facts.tariff"))) / "excerpt.json", partial=True
    )
    edition = Edition(EXCERPT, _COUNTRY, as_day(_DATED), file.sha256, len(file.rows), excerpt=True)
    return edition, table_of(file.rows).to_pandas(types_mapper=pd.ArrowDtype)

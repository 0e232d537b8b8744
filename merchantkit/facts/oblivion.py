"""Which rejects tell of a merchant that is to be forgotten: one answer for the table and the files.

A row with a cell too many is kept as a whole, and each of its cells stands under a wrong header:
the merchant's id is then in the middle of the value, and another text where the id belongs.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# What parts the cells of a row; the reader of csv files tries the same.
_BETWEEN = r"[,;\t]"

Tells = Callable[[str | None, str | None, str | None], bool]


def tells_of(merchant_id: str) -> Tells:
    """Return the function that says of a reject's merchant, column and value if they tell of it.

    In a whole row (which has no column) every cell counts, whatever it was meant to be: better a
    reject too few than a merchant who was to be forgotten.

    >>> tells = tells_of("VICTIM-77")
    >>> tells("extra", None, "O1,extra,VICTIM-77,2021-05-01")
    True
    >>> tells("extra", None, "O1,extra,VICTIM-778"), tells("007", "company_name", "VICTIM-77, Ltd")
    (False, False)
    """
    cell = re.compile(rf'(?:^|{_BETWEEN})\s*"?{re.escape(merchant_id)}"?\s*(?:$|{_BETWEEN})')

    def tells(merchant: str | None, column: str | None, value: str | None) -> bool:
        if merchant_id in (merchant, value):
            return True
        return not column and value is not None and cell.search(value) is not None

    return tells


def forget_rejects(connection: "duckdb.DuckDBPyConnection", merchant_id: str) -> int:
    """Remove a merchant's rows from the warehouse's table of rejects; return how many."""
    tells = tells_of(merchant_id)
    likely = connection.execute(
        "SELECT rowid, merchant_id, column_name, value FROM rejects "
        "WHERE merchant_id = $id OR contains(value, $id)",
        {"id": merchant_id},
    ).fetchall()
    rows = [row for row, *told in likely if tells(*told)]
    connection.execute("DELETE FROM rejects WHERE rowid IN (SELECT unnest($rows))", {"rows": rows})
    return len(rows)

"""The tables of facts, declared once: names, kinds, headers, codes.

What exports print, in Chinese or English, is listed in ``declared`` and nowhere else. DuckDB's
tables, the pandera schemas, the recognition of a file by its headers and ``merchantkit schema``
all follow from these declarations.
"""

from collections.abc import Iterable

from merchantkit.errors import IntakeError
from merchantkit.facts.declared.assignment import ORDER_ASSIGNMENTS, ORDER_TAKERS
from merchantkit.facts.declared.campaign import (
    CAMPAIGN_COUNTS,
    CAMPAIGN_COUNTS_DAILY,
    CAMPAIGN_ENROLMENTS,
)
from merchantkit.facts.declared.chargeback import COVERAGES, DISPUTES
from merchantkit.facts.declared.express import EXPRESS_ORDERS
from merchantkit.facts.declared.fees import ORDER_LOGISTICS
from merchantkit.facts.declared.fulfilment import SHIPMENTS, SPOT_CHECKS
from merchantkit.facts.declared.merchants import MERCHANTS
from merchantkit.facts.declared.quick_custom import (
    CUSTOMIZATION_LEAD_TIMES,
    CUSTOMIZATION_MODELS,
    CUSTOMIZATION_PRICE_TIERS,
    PRODUCTS,
)
from merchantkit.facts.declared.rfq import ORDERS, QUOTE_ENTITLEMENTS, QUOTES
from merchantkit.facts.declared.showroom import SHOP_COUNTS_DAILY, SHOWROOMS
from merchantkit.facts.declared.star import MARKETING_TRAFFIC, PILLAR_SCORES, STAR_INDICATORS
from merchantkit.facts.declared.tariff import EXPORT_LINES
from merchantkit.facts.tables import PROVENANCE, Column, Field, Kind, Table, Title, normal

__all__ = [
    "PROVENANCE",
    "TABLES",
    "Column",
    "Field",
    "Kind",
    "Table",
    "Title",
    "normal",
    "recognise",
    "table",
]

TABLES: dict[str, Table] = {
    declared.name: declared
    for declared in (
        MERCHANTS,
        QUOTE_ENTITLEMENTS,
        QUOTES,
        ORDERS,
        CAMPAIGN_COUNTS,
        CAMPAIGN_COUNTS_DAILY,
        CAMPAIGN_ENROLMENTS,
        PILLAR_SCORES,
        STAR_INDICATORS,
        MARKETING_TRAFFIC,
        ORDER_LOGISTICS,
        SHIPMENTS,
        SPOT_CHECKS,
        EXPRESS_ORDERS,
        COVERAGES,
        DISPUTES,
        PRODUCTS,
        CUSTOMIZATION_MODELS,
        CUSTOMIZATION_PRICE_TIERS,
        CUSTOMIZATION_LEAD_TIMES,
        SHOWROOMS,
        SHOP_COUNTS_DAILY,
        ORDER_TAKERS,
        ORDER_ASSIGNMENTS,
        EXPORT_LINES,
    )
}

# What the warehouse keeps beside the facts: no headers, no schema, no merchant's row.
BOOKKEEPING: dict[str, str] = {
    "meta": "CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL)",
    "imports": (
        "CREATE TABLE imports (imported_at TIMESTAMP NOT NULL, source_file VARCHAR NOT NULL, "
        "file_name VARCHAR NOT NULL, table_name VARCHAR NOT NULL, mapping VARCHAR, "
        "rows_read BIGINT NOT NULL, rows_loaded BIGINT NOT NULL, rows_rejected BIGINT NOT NULL, "
        "rows_excluded BIGINT NOT NULL, inserted BIGINT NOT NULL, replaced BIGINT NOT NULL, "
        "unchanged BIGINT NOT NULL)"
    ),
    "rejects": (
        "CREATE TABLE rejects (source_file VARCHAR NOT NULL, file_name VARCHAR NOT NULL, "
        "table_name VARCHAR NOT NULL, source_row BIGINT NOT NULL, column_name VARCHAR, "
        "value VARCHAR, reason VARCHAR NOT NULL, detail VARCHAR, merchant_id VARCHAR)"
    ),
    # Published tariff schedules: reference, which no export brings and no demo clears.
    "tariff_editions": (
        "CREATE TABLE tariff_editions (edition VARCHAR NOT NULL, country VARCHAR NOT NULL, "
        "dated DATE NOT NULL, sha256 VARCHAR NOT NULL, rows BIGINT NOT NULL)"
    ),
    "tariff_rows": (
        "CREATE TABLE tariff_rows (edition VARCHAR NOT NULL, row BIGINT NOT NULL, "
        "code VARCHAR NOT NULL, indent BIGINT NOT NULL, description VARCHAR NOT NULL, "
        "units VARCHAR NOT NULL, general VARCHAR NOT NULL, special VARCHAR NOT NULL, "
        "other VARCHAR NOT NULL, footnotes VARCHAR NOT NULL)"
    ),
}


def table(name: str) -> Table:
    """Return a table by name.

    Raises:
        IntakeError: There is none of that name.
    """
    if name not in TABLES:
        raise IntakeError(
            f"there is no table {name[:60]!r}", remedy=f"name one of {', '.join(TABLES)}"
        )
    return TABLES[name]


def recognise(headers: Iterable[object]) -> Table:
    """Return the table whose headers these are: the one that accounts for most of them.

    Two columns at least must be known, one of them beside the key, and all that a row may not lack.
    Where two tables account for equally many, the one with all it needs wins.

    Raises:
        IntakeError: No table fits, or two do; says what was recognised and what is missing.

    >>> recognise(["供应商ID", "公司中文名", "大区"]).name
    'merchants'
    >>> recognise(["Merchant ID", "Month", "Visitors"]).name
    'campaign_counts'
    """
    texts = [str(header) for header in headers]
    known = {normal(text) for text in texts}
    counts = {
        name: sum(bool(column.headers & known) for column in each.columns)
        for name, each in TABLES.items()
    }
    most = max(counts.values())
    leading = [TABLES[name] for name, count in counts.items() if count == most]
    complete = [each for each in leading if not each.missing(texts)]
    if most < 2 or not complete:
        raise _unrecognised(texts, leading if most else [])
    fitting = [each for each in complete if _beside_key(each, known)]
    if not fitting:
        raise _only_keys(texts, complete)
    if len(fitting) > 1:
        names = " and ".join(each.name for each in fitting)
        raise IntakeError(
            f"the headers fit {names} equally well",
            where=_listed(texts),
            remedy="say which with --table",
        )
    fitting[0].match(texts)
    return fitting[0]


def _unrecognised(texts: list[str], nearest: list[Table]) -> IntakeError:
    near = [
        f"{each.name}: recognised {', '.join(each.match(texts).values())}"
        f"; missing {', '.join(_header(each, name) for name in each.missing(texts)) or 'nothing'}"
        for each in nearest[:3]
    ]
    return IntakeError(
        "the headers are those of no table",
        where="; or ".join([f"headers {_listed(texts)}", *near]),
        remedy="add the missing headers, name the table with --table, or write a mapping",
    )


def _beside_key(each: Table, known: set[str]) -> bool:
    # Ids and months stand in exports of every kind: alone they don't say which one this is.
    beside = [column for column in each.columns if column.name not in each.key]
    return not beside or any(column.headers & known for column in beside)


def _only_keys(texts: list[str], found: list[Table]) -> IntakeError:
    return IntakeError(
        f"the headers hold nothing but the key of {' or '.join(each.name for each in found)}",
        where=f"headers {_listed(texts)}; recognised {', '.join(found[0].match(texts).values())}",
        remedy="add a header of what the file tells ("
        + "; ".join(f"{each.name}: {_told_by(each)}" for each in found)
        + "), name the table with --table, or write a mapping",
    )


def _told_by(each: Table) -> str:
    return ", ".join(_header(each, c.name) for c in each.columns if c.name not in each.key)


def _header(each: Table, name: str) -> str:
    return f"{name} ({each[name].title.zh})"


def _listed(texts: list[str]) -> str:
    shown = ", ".join(repr(text[:40]) for text in texts[:12])
    return shown + (f" and {len(texts) - 12} more" if len(texts) > 12 else "")

"""Ten million orders of a million merchants: import, then both programmes in one pass.

``python -m tests.bench.scale [--orders N] [--merchants M] [--folder F]``. Each way runs in a
process of its own, so that its memory is its own: the kit's ``measure`` and ``assess`` for rfq and
campaign, and what someone would write by hand who wants only the figures: one DuckDB query a
programme over the same tables, NumPy for the limits and ranks, and the same frames out of it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from merchantkit import rulebook
from merchantkit.facts.intake import import_facts
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import campaign, rfq
from tests.bench import plain_campaign, plain_rfq
from tests.bench.programmes import refuse_unless_equal

DAY = "2021-05-31"
TABLES = ("merchants", "orders", "quotes", "quote_entitlements", "campaign_counts")
_ROUNDS = 3
_BAR, _MEMORY_GB = 1.5, 4.0

# A merchant has ten orders or so; four in five rest on a quote, and one quote in eight used a
# free entitlement. Hashes stand for chance, so that every run has the same facts.
_FACTS = {
    "merchants": """
        SELECT lpad(i::VARCHAR, 10, '0') AS merchant_id,
               CASE WHEN i % 3 = 0 THEN 'rts' ELSE 'customization' END AS track
        FROM range({merchants}) t(i)""",
    "orders": """
        SELECT 'O' || lpad(i::VARCHAR, 10, '0') AS order_id,
               lpad((hash(i) % {merchants})::VARCHAR, 10, '0') AS merchant_id,
               'B' || (hash(i + 7) % 1000003) AS buyer_id,
               CASE WHEN i % 5 <> 0 THEN 'Q' || lpad(i::VARCHAR, 10, '0') END AS quote_id,
               ['quote_management', 'trade_import', 'direct'][1 + i % 3] AS via,
               TIMESTAMP '2021-01-15' + to_seconds((hash(i + 3) % (136 * 86400))::BIGINT)
                   AS paid_at,
               ((hash(i + 11) % 900000) / 100.0)::DECIMAL(18, 2) AS received_usd,
               i % 41 <> 0 AS genuine
        FROM range({orders}) t(i)""",
    "quotes": """
        SELECT 'Q' || lpad(i::VARCHAR, 10, '0') AS quote_id, 'R' || i AS rfq_id,
               lpad((hash(i) % {merchants})::VARCHAR, 10, '0') AS merchant_id,
               'B' || (hash(i + 7) % 1000003) AS buyer_id,
               TIMESTAMP '2021-05-01' + to_seconds((hash(i + 5) % (30 * 86400))::BIGINT)
                   AS quoted_at,
               CASE WHEN i % 29 = 0 THEN 'rejected' ELSE 'approved' END AS review_status,
               CASE WHEN i % 10 = 1 THEN 'E' || (hash(i) % {merchants}) END AS entitlement_id
        FROM range({orders}) t(i) WHERE i % 5 <> 0""",
    "quote_entitlements": """
        SELECT 'E' || i AS entitlement_id, lpad(i::VARCHAR, 10, '0') AS merchant_id,
               'base' AS source, DATE '2021-05-01' AS granted_at, DATE '2021-05-31' AS expires_at,
               (1 + hash(i) % 20)::INTEGER AS quantity
        FROM range({merchants}) t(i)""",
    "campaign_counts": """
        SELECT lpad(i::VARCHAR, 10, '0') AS merchant_id, month,
               (hash(i::VARCHAR || month) % 5000)::INTEGER AS visitors,
               (hash(month || i::VARCHAR) % 50)::INTEGER AS inquiries,
               (hash(month || i::VARCHAR || 'tm') % 90)::INTEGER AS tm_consults,
               ((hash(i + 9) % 900000) / 100.0)::DECIMAL(18, 2) AS spend_cny
        FROM range({merchants}) t(i), (VALUES ('2021-04'), ('2021-05')) v(month)""",
}

# What the rules say on the day, as numbers: 90 days on Los Angeles' clock end on 31 May.
_RFQ = """
    WITH gmv AS (
        SELECT o.merchant_id, sum(o.received_usd) AS usd
        FROM orders o JOIN quotes q USING (quote_id, merchant_id, buyer_id)
        WHERE o.genuine AND o.via IN ('quote_management', 'trade_import')
          AND q.review_status <> 'rejected'
          AND o.paid_at >= '2021-03-03 08:00:00' AND o.paid_at < '2021-06-01 07:00:00'
        GROUP BY 1
    ), uses AS (
        SELECT entitlement_id, merchant_id, count(*) AS used FROM quotes
        WHERE quoted_at >= '2021-05-01 07:00:00' AND quoted_at < '2021-06-01 07:00:00'
        GROUP BY 1, 2
    ), quota AS (
        SELECT e.merchant_id, sum(quantity) AS granted, sum(coalesce(used, 0)) AS used,
               bool_or(coalesce(used, 0) > quantity) AS overdrawn
        FROM quote_entitlements e LEFT JOIN uses USING (entitlement_id, merchant_id)
        WHERE source = 'base' AND granted_at >= '2021-05-01' AND granted_at < '2021-06-01'
        GROUP BY 1
    )
    SELECT merchant_id, track, coalesce(usd, 0)::DECIMAL(18, 2) AS gmv_90d_usd,
           coalesce(granted, 0)::BIGINT AS free_quotes_granted,
           CASE WHEN overdrawn IS NOT TRUE THEN coalesce(used, 0)::BIGINT END AS free_quotes_used
    FROM merchants LEFT JOIN gmv USING (merchant_id) LEFT JOIN quota USING (merchant_id)
    ORDER BY merchant_id"""
_CAMPAIGN = """
    SELECT merchant_id,
           b.visitors::BIGINT AS visitors_before, d.visitors::BIGINT AS visitors_during,
           b.inquiries::BIGINT AS inquiries_before, d.inquiries::BIGINT AS inquiries_during,
           b.tm_consults::BIGINT AS tm_before, d.tm_consults::BIGINT AS tm_during,
           d.spend_cny, true AS enrolled, true AS ads_on
    FROM merchants
    LEFT JOIN (FROM campaign_counts WHERE month = '2021-04') b USING (merchant_id)
    LEFT JOIN (FROM campaign_counts WHERE month = '2021-05') d USING (merchant_id)
    ORDER BY merchant_id"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--merchants", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="for the facts, which are kept; else removed")
    parser.add_argument("--way", choices=sorted(_WAYS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(_WAYS[given.way](given.folder)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        write_facts(folder, given.orders, given.merchants)
        print_table(given.orders, given.merchants, {name: alone(name, folder) for name in _WAYS})


def write_facts(folder: Path, orders: int, merchants: int) -> None:
    """Write the facts as Parquet, unless they are there."""
    with duckdb.connect() as connection:
        for name, query in _FACTS.items():
            file = folder / f"{name}.parquet"
            if not file.exists():
                rows = query.format(orders=orders, merchants=merchants)
                connection.execute(f"COPY ({rows}) TO '{file}'")


def alone(way: str, folder: Path) -> dict[str, Any]:
    """Run one way in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.scale", "--way", way, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def imported(folder: Path) -> dict[str, Any]:
    """The kit's import of every table."""
    shutil.rmtree(folder / "kit", ignore_errors=True)
    (folder / "kit").mkdir()
    began = time.perf_counter()
    report = import_facts(
        Warehouse.open(folder / "kit" / "merchants.duckdb", create=True),
        [folder / f"{name}.parquet" for name in TABLES],
    )
    loaded = sum(table.inserted for file in report.files for table in file.tables)
    return _taken(time.perf_counter() - began, rows=loaded)


def copied(folder: Path) -> dict[str, Any]:
    """The same rows copied into DuckDB tables, with nothing checked and no row's origin kept."""
    file = folder / "plain.duckdb"
    file.unlink(missing_ok=True)
    began = time.perf_counter()
    with duckdb.connect(str(file)) as connection:
        for name in TABLES:
            source = f"read_parquet('{folder / f'{name}.parquet'}')"
            connection.execute(f"CREATE TABLE {name} AS FROM {source}")
    return _taken(time.perf_counter() - began)


def by_kit(folder: Path) -> dict[str, Any]:
    """Measure and assess both programmes."""
    rules = rulebook().on(DAY)
    facts = Warehouse.open(folder / "kit" / "merchants.duckdb")

    def once() -> list[pd.DataFrame]:
        return [
            programme.assess(programme.measure(facts, DAY, rules), rules)
            for programme in (rfq, campaign)
        ]

    return _timed(once, folder, "kit")


def by_hand(folder: Path) -> dict[str, Any]:
    """Figures alone, from the kit's own tables."""

    def once() -> list[pd.DataFrame]:
        made = []
        with duckdb.connect(str(folder / "kit" / "merchants.duckdb"), read_only=True) as connection:
            for query, plain in ((_RFQ, plain_rfq), (_CAMPAIGN, plain_campaign)):
                table = connection.execute(query).to_arrow_table()
                board = table.to_pandas(types_mapper=pd.ArrowDtype)
                figures = plain.write(plain.sums(plain.read(board)), board.index)
                made.append(figures.assign(merchant_id=board["merchant_id"]))
        return made

    return _timed(once, folder, "hand")


def agree(folder: Path) -> dict[str, Any]:
    """Hold the two against each other, figure by figure.

    Raises:
        SystemExit: One differs.
    """
    for number, name in enumerate(("rfq", "campaign")):
        kit, hand = (_kept(folder, way, number) for way in ("kit", "hand"))
        refuse_unless_equal(name, kit, hand)
    return {"merchants": len(kit), "ranked": int(kit["rank"].notna().sum())}


def _kept(folder: Path, way: str, number: int) -> pd.DataFrame:
    table = pq.read_table(folder / f"{way}-{number}.parquet")
    return table.to_pandas(types_mapper=pd.ArrowDtype)


_WAYS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "imported": imported,
    "copied": copied,
    "kit": by_kit,
    "hand": by_hand,
    "agree": agree,
}


def _timed(once: Callable[[], list[pd.DataFrame]], folder: Path, way: str) -> dict[str, Any]:
    rounds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        made = once()
        rounds.append(time.perf_counter() - began)
    taken = _taken(sorted(rounds)[len(rounds) // 2])
    # After the memory was looked at.
    for number, frame in enumerate(made):
        frame.to_parquet(folder / f"{way}-{number}.parquet")
    return taken


def _taken(seconds: float, **more: Any) -> dict[str, Any]:
    # This process's own: what getrusage tells of is at least what its parent held.
    status = Path("/proc/self/status").read_text()
    most = int(status.split("VmHWM:")[1].split()[0]) * 1024
    return {"seconds": seconds, "memory_gb": most / 1e9, **more}


def print_table(orders: int, merchants: int, found: dict[str, dict[str, Any]]) -> None:
    """Print what was measured, each figure beside its peer."""
    table = Table(title=f"{orders:,} orders of {merchants:,} merchants, {os.cpu_count()} cores")
    for column in ("what", "kit", "by hand", "ratio", "bar"):
        table.add_column(column, justify="left" if column == "what" else "right")
    kit, hand, memory = found["kit"], found["hand"], f"≤ {_MEMORY_GB:g} GB"
    for what, key, one, other, bar in (
        ("measure + assess, s", "seconds", kit, hand, f"≤ {_BAR}"),
        ("most memory, GB", "memory_gb", kit, hand, memory),
        ("import, s", "seconds", found["imported"], found["copied"], "none"),
        ("import: most memory, GB", "memory_gb", found["imported"], found["copied"], memory),
    ):
        ratio = one[key] / other[key]
        table.add_row(what, f"{one[key]:.2f}", f"{other[key]:.2f}", f"{ratio:.2f}", bar)
    console = Console()
    console.print(table)
    rows = found["imported"]["rows"]
    console.print(
        f"{rows:,} rows imported, {rows / found['imported']['seconds']:,.0f} a second; "
        f"every figure of {found['agree']['merchants']:,} merchants the same, "
        f"{found['agree']['ranked']:,} ranked"
    )
    most = max(kit["memory_gb"], found["imported"]["memory_gb"])
    if kit["seconds"] > _BAR * hand["seconds"] or most > _MEMORY_GB:
        raise SystemExit("a bar was missed")


if __name__ == "__main__":
    main()

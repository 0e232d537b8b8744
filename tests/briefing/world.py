"""A small world to report on: a few merchants, and notebooks that cost a second, not four."""

import datetime as dt
import hashlib
import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import nbformat
import pyarrow as pa
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from merchantkit.briefing import Limits, RunResult, report
from merchantkit.briefing.progress import Silent
from merchantkit.briefing.slugs import slug
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import claim, upsert
from merchantkit.facts.warehouse import Warehouse

MONTH = "2021-05"

READ = """
import html
from pathlib import Path
import pyarrow.parquet as pq
from IPython.display import HTML, display

def mine(frame):
    # Without threads, which a notebook that is run once for all pages may not leave behind.
    file = pq.ParquetFile(f"{assessment}/{frame}.parquet", pre_buffer=False)
    rows = file.read(use_threads=False).to_pylist()
    return [row for row in rows if row["merchant_id"] == merchant_id]

file = Path(assessment) / "restatement.parquet"
restated = mine("restatement") if file.exists() else []
charts = 1
"""
# What goes wrong with a merchant lies outside the month's folder, so that nothing else changes.
TROUBLE = """
trouble = Path("../../trouble") / merchant_id
if trouble.exists():
    exec(trouble.read_text())
"""
SECTION = """
def section(name, text):
    return HTML(f'<section data-mk-section="{name}">{html.escape(text)}</section>')

section("facts", f"{lang} {day} {mine('merchants')} {mine('rfq.measures')} {restated}")
"""
CHART = """
if charts:
    amount = str(mine("rfq.measures")[0]["gmv_90d_usd"])
    figure = {"data": [{"type": "bar", "y": [amount]}], "layout": {"title": {"text": "</script>"}}}
    display({"application/vnd.plotly.v1+json": figure}, raw=True)
"""
END = """HTML('<footer data-mk-end="1/1">end</footer>')"""
TEAM = """
from IPython.display import HTML
HTML(f'<section data-mk-section="all">{assessment} {assessment_before}</section>'
     '<footer data-mk-end="1/0">end</footer>')
"""


class Notes(Silent):
    """Keeps what an analyst is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        """Keep it."""
        self.said.append(text)


class World:
    """Facts, notebooks and reports in one folder."""

    def __init__(self, root: Path, *, of: "World | None" = None) -> None:
        self.root = root
        self.out = root / "reports"
        self.month = self.out / MONTH
        self.notebooks = root / "notebooks"
        self.trouble_folder = root / "trouble"
        if of is not None:
            # A copy of another, reports and all: making them takes seconds.
            shutil.copytree(of.root, root)
            self.warehouse = Warehouse.open(root / "facts.duckdb")
            return
        for folder in (self.notebooks, self.trouble_folder):
            folder.mkdir(parents=True)
        self.warehouse = Warehouse.open(root / "facts.duckdb", create=True)
        briefing = [
            _parameters("merchant_id", "month", "day", "lang", "assessment"),
            new_markdown_cell("for whoever opens the notebook"),
            *map(new_code_cell, (READ, TROUBLE, SECTION, CHART, END)),
        ]
        team = [
            _parameters("month", "day", "lang", "assessment", "assessment_before"),
            new_code_cell(TEAM),
        ]
        for name, cells in (("briefing", briefing), ("portfolio", team)):
            nbformat.write(new_notebook(cells=cells), self.notebooks / f"{name}.ipynb")

    def merchant(self, merchant_id: str, name: str | None = None) -> None:
        """Bring a merchant."""
        self._bring("merchants", merchant_id=merchant_id, company_name=name, track="customization")

    def sale(self, merchant_id: str, usd: str, number: int = 1) -> None:
        """Bring an order of a merchant that counts, on a quote."""
        order = f"{merchant_id}-{number}"
        paid = {"paid_at": dt.datetime(2021, 5, 20, 12), "paid_at_is_date": False}
        parties = {"merchant_id": merchant_id, "buyer_id": "b"}
        self._bring("quotes", quote_id=f"q{order}", rfq_id="r", review_status="approved", **parties)
        self._bring(
            "orders", order_id=f"o{order}", quote_id=f"q{order}", via="quote_management",
            received_usd=Decimal(usd), genuine=True, **paid, **parties,
        )  # fmt: skip

    def traffic(self, merchant_id: str, visitors: int) -> None:
        """Bring a merchant's counts of the campaign and of the month before it."""
        common = {"merchant_id": merchant_id, "inquiries": 5, "tm_consults": 5}
        self._bring("campaign_counts", month="2021-04", visitors=5, **common)
        self._bring(
            "campaign_counts", month="2021-05", visitors=visitors, spend_cny=Decimal(9), **common
        )

    def grant(self, merchant_id: str, at: dt.datetime, quantity: int) -> None:
        """Bring a batch of free quotes."""
        self._bring(
            "quote_entitlements", entitlement_id=f"e{merchant_id}", merchant_id=merchant_id,
            source="base", granted_at=at, granted_at_is_date=True, quantity=quantity,
        )  # fmt: skip

    def trouble(self, merchant_id: str, code: str) -> None:
        """Let something go wrong in a merchant's notebook, or with no code, nothing any more."""
        file = self.trouble_folder / merchant_id
        file.write_text(code) if code else file.unlink()

    def report(self, **given: Any) -> RunResult:
        """Run the month, quietly."""
        common: dict[str, Any] = {
            "warehouse": self.warehouse, "out": self.out, "notebooks": self.notebooks,
            "progress": Silent(), "workers": 2, "limits": Limits(cell=20, notebook=60),
        }  # fmt: skip
        return report(MONTH, **{**common, **given})

    def page(self, merchant_id: str, lang: str = "zh") -> Path:
        """Return where a merchant's page is."""
        return self.month / "m" / slug(merchant_id) / f"briefing.{lang}.html"

    def tree(self) -> dict[str, str]:
        """Return every file of the reports with its hash."""
        files = (Path(at) / name for at, _, names in os.walk(self.out) for name in names)
        return {
            str(file.relative_to(self.out)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
        }

    def _bring(self, table: str, **row: Any) -> None:
        stored = {"source_file": "test", "source_row": 2, **row}
        rows = pa.Table.from_pylist([stored], schema=TABLES[table].arrow_schema)
        with self.warehouse.write() as connection:
            claim(connection, "imported")
            upsert(connection, table, rows)


def _parameters(*names: str) -> nbformat.NotebookNode:
    source = "\n".join(f'{name}: str = ""' for name in names)
    return new_code_cell(source, metadata={"tags": ["parameters"]})

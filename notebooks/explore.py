# %% [markdown]
# # 数据探索 · A tour for analysts
# Every question is the same two calls with one thing changed:
# `measure(warehouse, day, rules)` says what was achieved, `assess(measures, rules)` what it earns.
# Change a line, run the cell again, and ask your own question.

# %% tags=["parameters"]
merchant_id: str = "2100000011"  # 商家ID: the merchant to look at closely
month: str = "2021-05"  # 月份: the month, YYYY-MM
lang: str = "zh"  # 语言: zh or en
warehouse: str = ""  # the facts, a DuckDB file; empty: a demo in memory
export_to: str = ""  # 导出目录: the folder to export to; empty: one that vanishes with the kernel

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

import merchantkit as mk
from merchantkit.foresight import rolloff, standing, whatif
from merchantkit.present import figures
from merchantkit.present.words import words
from merchantkit.programmes import campaign, rfq

# %% [markdown]
# ## 1 The month's facts
# One DuckDB file, read by SQL. Values are bound (`$id`), never pasted into the text; money stays
# an exact decimal, ids stay text.

# %%
facts = mk.warehouse(warehouse) if warehouse else mk.demo(month)
as_of = mk.Month.parse(month).last
sql = "SELECT order_id, paid_at, received_usd, genuine FROM orders WHERE merchant_id = $id ORDER BY paid_at"
facts.frame(sql, {"id": merchant_id})

# %% [markdown]
# ## 2 Measure
# What everyone achieved, in the windows and on the clock of the day's rules. A missing value has
# its reason beside it: no data is not zero.

# %%
rules = mk.rulebook().on(as_of)
measures = rfq.measure(facts, as_of, rules)
measures[["merchant_id", "track", "gmv_90d_usd", "free_quotes_granted", "free_quotes_used"]].head(8)

# %% [markdown]
# ## 3 Assess
# What it earns, all merchants at once, on the same index.

# %%
outcome = rfq.assess(measures, rules)
columns = ["merchant_id", "tier", "points", "usd_to_tier_2", "quotes_to_tier_2", "tier_reason"]
outcome[columns].head(8)

# %%
standing.tier_counts(measures, outcome)

# %% [markdown]
# ## 4 Explain
# Which check decided, by which rule, valid since when, from which slide. The outcome is reduced from
# these very rows, so the two cannot disagree.

# %%
mine = measures[measures["merchant_id"] == merchant_id]
rfq.explain(mine, rules).set_index("check").drop(columns="subject")

# %% [markdown]
# ## 5 Change a rule
# A reform is an overlay: the same file format, only the values that change. What does a tier cost if
# its limit rises by a fifth? Official rules stay as they are.

# %%
limit = int(rules.programme("rfq")["tier_1_gmv"]) * 6 // 5
reform = {as_of.replace(day=1): {"is": limit, "why": "what if it were a fifth more?"}}
overlay = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": reform}}}
reformed = mk.rulebook(overlay).on(as_of)
standing.moved(outcome, rfq.assess(measures, reformed))

# %%
pd.DataFrame(
    [
        (change.parameter, change.before.value, change.after.value, change.day)
        for change in mk.diff(rules, reformed)
    ],
    columns=["parameter", "before", "after", "from"],
)

# %% [markdown]
# ## 6 Change the measures
# The same two calls again: one merchant's GMV is another. This is all that the what-if sliders do.

# %%
more = whatif.changed(measures, merchant_id, {"gmv_90d_usd": "34999.99", "free_quotes_used": 20})
rfq.assess(more, rules).loc[mine.index, columns]

# %% [markdown]
# ## 7 Change the day
# Nothing more is sold: how does the window run out, and when is the tier lost?

# %%
orders = rolloff.orders(facts, as_of, rules)
gmv = rolloff.gmv_by_day(
    orders[orders["merchant_id"] == merchant_id], as_of, rules, back=30, ahead=60
)
rolloff.first_drop(mine, gmv, as_of, rules)

# %%
limits = {tier: rules.programme("rfq")[f"tier_{tier}_gmv"] for tier in rfq.TIERS}
figures.rolling_gmv(gmv, pd.Timestamp(as_of), limits, words(lang))

# %% [markdown]
# ## 8 A programme that needs everyone
# A rank depends on the whole board: `campaign.assess` refuses a slice of it.

# %%
board = campaign.measure(facts, as_of, rules)
ranked = campaign.assess(board, rules)
standing.leaderboard(ranked).head(8)

# %%
try:
    campaign.assess(board.head(3), rules)
except mk.errors.PopulationError as refused:
    print(refused)

# %% [markdown]
# ## 9 Export
# Parquet keeps what a spreadsheet loses: ids such as `007`, exact decimals, missing beside zero.

# %%
scratch = TemporaryDirectory()
folder = Path(export_to or scratch.name)
outcome.to_parquet(folder / f"rfq-{month}.parquet")
pd.read_parquet(folder / f"rfq-{month}.parquet", dtype_backend="pyarrow").dtypes.head(4)

# %% [markdown]
# # 月度商家总览 · Portfolio
# The whole month for the team: what is new in the rules, who is in which tier, who is close,
# who moved, and the campaign's board.

# %% tags=["parameters"]
month: str = "2021-05"  # 月份: the month, YYYY-MM
day: str = ""  # 截至日期: the day up to which facts count; empty: the month's last
lang: str = "zh"  # 语言: zh or en
assessment: str = ""  # the month's assessment, a folder; empty: an in-memory demo
assessment_before: str = ""  # the same of the month before; empty: none

# %%
from merchantkit.assessment import open_month
from merchantkit.present.portfolio import PortfolioPage

# %%
page = PortfolioPage(open_month(assessment, assessment_before, month=month, day=day or None), lang)
page.head()

# %%
page.rules_update()

# %%
page.tiers()

# %%
page.nearest()

# %%
page.moved()

# %%
page.leaderboard()

# %%
page.stars()

# %%
page.fees()

# %%
page.fulfilment()

# %%
page.express()

# %%
page.quick_custom()

# %%
page.quick_fixes()

# %%
page.showroom()

# %%
page.assignment()

# %%
page.tariff()

# %%
page.chargeback()

# %%
page.data_errors()

# %%
page.evidence()

# %%
page.end()

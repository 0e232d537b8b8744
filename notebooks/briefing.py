# %% [markdown]
# # 商家月度简报 · Merchant briefing
# One merchant's month: where they stand, what it earns, the way to the next tier,
# and the rule behind every number.

# %% tags=["parameters"]
merchant_id: str = "2100000011"  # 商家ID: whose briefing
month: str = "2021-05"  # 月份: the month, YYYY-MM
day: str = ""  # 截至日期: the day up to which facts count; empty: the month's last
lang: str = "zh"  # 语言: zh or en
assessment: str = ""  # the month's assessment, a folder; empty: an in-memory demo

# %%
from merchantkit.assessment import open_case
from merchantkit.present.briefing import BriefingPage

# %%
page = BriefingPage(open_case(assessment, merchant_id, month=month, day=day or None), lang)
page.standing()

# %%
page.rfq()

# %%
page.rfq_rolling()

# %%
page.rfq_rolled()

# %%
page.rfq_quota()

# %%
page.campaign()

# %%
page.campaign_parts()

# %%
page.star()

# %%
page.star_trend()

# %%
page.fees()

# %%
page.orders()

# %%
page.fulfilment()

# %%
page.express()

# %%
page.quick_custom()

# %%
page.quick_custom_quotes()

# %%
page.quick_custom_ladder()

# %%
page.showroom()

# %%
page.showroom_weeks()

# %%
page.assignment()

# %%
page.assignment_loads()

# %%
page.tariff()

# %%
page.chargeback()

# %%
page.calendar()

# %%
page.rules()

# %%
page.end()

# %% [markdown]
# # 推荐之星情景测算 · Campaign what-if
# 与商家面谈时用：调整本月的各项数量与花费，即可看到各部分得分、匿名榜单上的名次、可得的推荐红包，以及每多一位买家须带来什么。
#
# For a talk with a merchant: move this month's counts and spend, and see the score by part,
# the rank on the anonymous board, the ad credit, and what each further buyer must bring.

# %% tags=["parameters"]
merchant_id: str = "2100000011"  # 商家ID: whose real numbers it starts from
month: str = "2021-05"  # 月份: the campaign's month, YYYY-MM
day: str = ""  # 截至日期: the day up to which facts count; empty: the month's last
rules_on: str = ""  # 规则日: whose rules apply; empty: that day's
lang: str = "zh"  # 语言: zh or en
warehouse: str = ""  # the facts, a DuckDB file; empty: a demo in memory

# %%
import merchantkit as mk
from merchantkit.assessment import Board
from merchantkit.present.whatif import CampaignWhatIf

# %%
facts = mk.warehouse(warehouse) if warehouse else mk.demo(month)
as_of = day or mk.Month.parse(month).last
rules = mk.rulebook().on(rules_on or as_of)
board = Board(mk.assess_month(facts, as_of, rules), rules)

# %%
CampaignWhatIf(board, merchant_id, lang)

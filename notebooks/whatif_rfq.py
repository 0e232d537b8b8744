# %% [markdown]
# # RFQ 情景测算 · RFQ what-if
# 与商家面谈时用：调整 GMV、报价、赛道或规则日，即可看到档位、积分、还差多少及原因；从商家的当前数据出发。
#
# For a talk with a merchant: move GMV, quotes, track or rule day, and see the tier,
# the points, what is still missing, and why. It starts from the real numbers.

# %% tags=["parameters"]
merchant_id: str = "2100000011"  # 商家ID: whose real numbers it starts from
month: str = "2021-05"  # 月份: the month, YYYY-MM
day: str = ""  # 截至日期: the day up to which facts count; empty: the month's last
rules_on: str = ""  # 规则日: whose rules apply at first; empty: that day's
lang: str = "zh"  # 语言: zh or en
warehouse: str = ""  # the facts, a DuckDB file; empty: a demo in memory

# %%
import merchantkit as mk
from merchantkit.assessment import Board
from merchantkit.present.whatif import RfqWhatIf

# %%
facts = mk.warehouse(warehouse) if warehouse else mk.demo(month)
as_of = day or mk.Month.parse(month).last
rules = mk.rulebook().on(rules_on or as_of)
board = Board(mk.assess_month(facts, as_of, rules), rules)

# %%
RfqWhatIf(board, merchant_id, lang)

# %% [markdown]
# # 关税测算 · Duty what-if
# 两侧各填一个编码或英文品名：逐项列出税费，含与不含按原产国加征的部分；可比较两种商品，或税则的两个版本。
#
# A code or an English product name on each side: the duty part by part, with and without
# what is added by origin, for two products or two editions of the schedule.

# %% tags=["parameters"]
asked: str = "6104.42.00"  # 编码或英文品名: a code, or a name to search for
beside: str = "hair dryer"  # 对比: the other side
value: str = "1000.00"  # 货值: in USD
rules_on: str = "2021-04-29"  # 规则日: whose added duties apply at first
lang: str = "zh"  # 语言: zh or en
warehouse: str = ""  # where schedules are loaded, a DuckDB file; empty: the kit's excerpt

# %%
import merchantkit as mk
from merchantkit.present.whatif import TariffWhatIf

# %%
facts = mk.warehouse(warehouse) if warehouse else None
TariffWhatIf(facts, lang, (asked, beside), value, rules_on)

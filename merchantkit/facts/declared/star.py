"""The star rating: scores of the four pillars, the indicators by day, marketing traffic by tool."""

from merchantkit.facts.declared.merchants import MERCHANT_ID
from merchantkit.facts.tables import Column, Table, Title

_MONTH = Column(
    "month", "month", Title("月份", "Month"), ("统计月份", "统计月", "评定月份", "数据月份", "年月")
)


def _score(name: str, zh: str, en: str, *aliases: str) -> Column:
    titles = Title(f"{zh}得分", f"{en} score")
    return Column(name, "decimal", titles, (zh, f"{zh}分", *aliases), nullable=True, minimum=0)


def _rate(name: str, zh: str, en: str, *aliases: str) -> Column:
    titles = Title(f"{zh}(%)", f"{en} (%)")
    return Column(
        name, "decimal", titles, (zh, en, *aliases), nullable=True, unit="percent", minimum=0
    )


PILLAR_SCORES = Table(
    "pillar_scores",
    Title("星等级能力分", "Pillar scores"),
    ("merchant_id", "month"),
    (
        MERCHANT_ID,
        _MONTH,
        _score("product_score", "商家力/商品力", "Product", "商品力", "商家力", "Product strength"),
        _score("marketing_score", "营销力", "Marketing", "Marketing strength"),
        _score("transaction_score", "交易力", "Transaction", "Transaction strength"),
        _score("assurance_score", "保障力", "Assurance", "Assurance strength"),
        Column(
            "rfq_points_in_score",
            "count",
            Title("营销力已含RFQ加分", "RFQ points in the marketing score"),
            ("已含RFQ加分", "RFQ加分", "RFQ Points"),
            nullable=True,
            unit="point",
            minimum=0,
        ),
    ),
)

STAR_INDICATORS = Table(
    "star_indicators",
    Title("星等级指标日数据", "Star indicators by day"),
    ("merchant_id", "day"),
    (
        MERCHANT_ID,
        Column("day", "date", Title("日期", "Day"), ("统计日期", "统计日", "数据日期", "Date")),
        Column(
            "leads",
            "count",
            Title("商机数", "Leads"),
            ("商机量", "Lead Count"),
            nullable=True,
            minimum=0,
        ),
        Column(
            "enquiring_buyers",
            "count",
            Title("咨询买家数", "Enquiring buyers in the period"),
            ("买家咨询数", "咨询人数", "统计期内咨询买家数"),
            nullable=True,
            unit="person",
            minimum=0,
        ),
        Column(
            "average_response_hours",
            "decimal",
            Title("平均回复时间(小时)", "Average response time (hours)"),
            ("平均回复时间", "平均回复时长", "平均回复时长(小时)", "Average Response Time"),
            nullable=True,
            unit="hour",
            minimum=0,
        ),
        _rate("lead_conversion_percent", "商机转化率", "Lead conversion rate"),
        _rate(
            "promoted_conversion_percent",
            "营销商品商机转化率",
            "Lead conversion rate of promoted products",
        ),
        _rate("rfq_quote_percent", "RFQ报价率", "RFQ quote rate"),
    ),
)

MARKETING_TRAFFIC = Table(
    "marketing_traffic",
    Title("营销工具月流量", "Marketing traffic by month and tool"),
    ("merchant_id", "month", "tool"),
    (
        MERCHANT_ID,
        _MONTH,
        Column(
            "tool",
            "code",
            Title("营销工具", "Marketing tool"),
            ("工具", "渠道", "营销渠道", "Tool", "Channel"),
            codes={
                "p4p": ("外贸直通车", "直通车", "P4P", "Keyword Advertising"),
                "top_showcase": ("顶级展位", "顶展", "Top Showcase"),
                "wending": ("问鼎",),
                "fans": ("粉丝通",),
                "existing_onsite": (
                    "客户通老客站内营销",
                    "客户通中老客站内营销",
                    "老客站内营销",
                    "站内营销",
                ),
                "existing_edm": ("客户通EDM营销", "客户通老客EDM营销", "EDM营销", "EDM"),
            },
        ),
        Column(
            "visits",
            "count",
            Title("营销访客数", "Visits"),
            ("访问数", "访问次数", "营销流量", "点击数", "Clicks"),
            unit="person",
            minimum=0,
        ),
    ),
)

"""The star rating: scores of the four pillars, the indicators by day, marketing traffic by tool."""

from merchantkit.facts.declared.merchants import DAY, MERCHANT_ID, MONTH
from merchantkit.facts.tables import Column, Table, Title


def _score(name: str, zh: str, en: str, *others: str) -> Column:
    """Return a pillar's score; ``others`` are what else the pillar is called in Chinese."""
    titles = Title(f"{zh}得分", f"{en} score")
    bare = (zh, *others)
    told = (*(f"{called}分" for called in bare), *(f"{called}得分" for called in others))
    aliases = (*bare, *told, f"{en} strength")
    return Column(name, "decimal", titles, aliases, nullable=True, minimum=0)


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
        MONTH,
        _score("product_score", "商家力/商品力", "Product", "商品力", "商家力"),
        _score("marketing_score", "营销力", "Marketing"),
        _score("transaction_score", "交易力", "Transaction"),
        _score("assurance_score", "保障力", "Assurance"),
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
        DAY,
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
        MONTH,
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

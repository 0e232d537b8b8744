"""Counts of the recommendation scene, and who enrolled in which campaign."""

from merchantkit.facts.declared.merchants import DAY, MERCHANT_ID, MONTH, NO, YES
from merchantkit.facts.tables import Column, Table, Title

_SCENE_COUNTS = (
    Column(
        "visitors",
        "count",
        Title("访客人数", "Visitors"),
        ("访客数", "推荐访客数", "推荐场景访客人数", "推荐场景访客数", "UV", "Unique Visitors"),
        nullable=True,
        unit="person",
        minimum=0,
    ),
    Column(
        "inquiries",
        "count",
        Title("询盘人数", "Inquiring buyers"),
        ("询盘数", "推荐询盘人数", "推荐场景询盘人数", "Inquirers", "Enquiries", "Enquirers"),
        nullable=True,
        unit="person",
        minimum=0,
    ),
    Column(
        "tm_consults",
        "count",
        Title("TM咨询人数", "TM-consulting buyers"),
        ("TM咨询数", "TM人数", "推荐TM咨询人数", "推荐场景TM咨询人数", "TM", "TM Consultations"),
        nullable=True,
        unit="person",
        minimum=0,
    ),
    Column(
        "spend_cny",
        "money",
        Title("推荐消耗(元)", "Recommendation spend (CNY)"),
        ("推荐消耗", "消耗", "消耗(元)", "推荐广告消耗", "花费(元)", "Spend", "Cost (CNY)"),
        nullable=True,
        unit="cny",
        minimum=0,
    ),
)

CAMPAIGN_COUNTS = Table(
    "campaign_counts",
    Title("推荐场景月数据", "Recommendation scene by month"),
    ("merchant_id", "month"),
    (
        MERCHANT_ID,
        MONTH,
        *_SCENE_COUNTS,
    ),
)

CAMPAIGN_COUNTS_DAILY = Table(
    "campaign_counts_daily",
    Title("推荐场景日数据", "Recommendation scene by day"),
    ("merchant_id", "day"),
    (
        MERCHANT_ID,
        DAY,
        *_SCENE_COUNTS,
    ),
)

CAMPAIGN_ENROLMENTS = Table(
    "campaign_enrolments",
    Title("活动报名", "Campaign enrolments"),
    ("merchant_id", "campaign"),
    (
        MERCHANT_ID,
        Column(
            "campaign",
            "text",
            Title("活动", "Campaign"),
            ("活动名称", "活动ID", "活动编号", "报名活动", "Campaign Name", "Campaign ID"),
        ),
        Column(
            "enrolled_at",
            "moment",
            Title("报名时间", "Enrolled at"),
            ("报名日期", "Enrolled On", "Enrollment Date", "Enrolment Date", "Enrollment Time"),
        ),
        Column(
            "ads_on",
            "flag",
            Title("推荐广告是否开启", "Recommendation ads on"),
            ("推荐广告", "是否开启推荐广告", "推荐广告状态", "广告状态", "Ads On", "Ads"),
            codes={
                "true": (*YES, "开启", "已开启", "开", "on"),
                "false": (*NO, "关闭", "未开启", "已关闭", "关", "off"),
            },
        ),
    ),
)

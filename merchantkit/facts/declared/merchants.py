"""Who the merchants are, and the columns and words that other tables share."""

from merchantkit.facts.tables import Column, Table, Title

YES = ("是", "真", "有", "y", "yes", "t", "1", "√")
NO = ("否", "假", "无", "n", "no", "f", "0", "×")

MERCHANT_ID = Column(
    "merchant_id",
    "id",
    Title("商家ID", "Merchant ID"),
    ("商家编号", "供应商ID", "供应商编号", "卖家ID", "会员ID", "Supplier ID", "Seller ID"),
)
BUYER_ID = Column(
    "buyer_id",
    "id",
    Title("买家ID", "Buyer ID"),
    ("买家编号", "买家会员ID", "客户ID", "Customer ID", "Buyer Member ID"),
    nullable=True,
)
ORDER_ID = Column(
    "order_id",
    "id",
    Title("订单ID", "Order ID"),
    (
        "订单号",
        "订单编号",
        "信保订单号",
        "信用保障订单号",
        "在线交易订单号",
        "Order No",
        "Order No.",
        "Order",
    ),
)
MONTH = Column(
    "month", "month", Title("月份", "Month"), ("统计月份", "统计月", "评定月份", "数据月份", "年月")
)
DAY = Column("day", "date", Title("日期", "Day"), ("统计日期", "统计日", "数据日期", "Date"))

MERCHANTS = Table(
    "merchants",
    Title("商家", "Merchants"),
    ("merchant_id",),
    (
        MERCHANT_ID,
        Column(
            "company_name",
            "text",
            Title("公司名称", "Company name"),
            (
                "公司中文名",
                "公司名",
                "企业名称",
                "商家名称",
                "供应商名称",
                "Company",
                "Supplier Name",
            ),
            nullable=True,
        ),
        Column(
            "track",
            "code",
            Title("赛道", "Track"),
            ("所属赛道", "商家赛道", "赛道类型", "Business Track"),
            nullable=True,
            codes={
                "customization": ("定制赛道", "定制", "定制商家", "customisation", "custom"),
                "rts": ("RTS赛道", "快速交易", "快速交易赛道", "Ready to Ship"),
            },
        ),
        Column(
            "membership",
            "text",
            Title("会员类型", "Membership"),
            ("套餐类型", "会员套餐", "会员等级", "服务类型", "Package", "Membership Type"),
            nullable=True,
        ),
        Column(
            "region",
            "text",
            Title("大区", "Region"),
            ("所属大区", "区域", "地区", "Sales Region"),
            nullable=True,
        ),
        Column(
            "main_industry",
            "text",
            Title("主营行业", "Main industry"),
            ("主营类目", "行业", "一级行业", "Industry", "Main Category"),
            nullable=True,
        ),
        Column(
            "joined_on",
            "date",
            Title("入驻日期", "Joined on"),
            ("入驻时间", "开通日期", "开通时间", "加入日期", "Join Date", "Joined"),
            nullable=True,
        ),
        Column(
            "main_account_id",
            "id",
            Title("主账号ID", "Main account ID"),
            ("主账号", "主账户ID", "Main Account", "Parent Account ID"),
            nullable=True,
        ),
    ),
)

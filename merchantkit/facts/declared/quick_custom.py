"""A shop's products, and the online customization models that they are bound to."""

from merchantkit.facts.declared.merchants import MERCHANT_ID, NO, YES
from merchantkit.facts.tables import Column, Table, Title

_MODEL_ID = (
    Title("定制模型ID", "Customization model ID"),
    ("模型ID", "模型编号", "在线定制模型ID", "关联模型ID", "绑定模型", "Model ID"),
)
MODEL_ID = Column("model_id", "id", *_MODEL_ID)
LEAF_CATEGORY = Column(
    "leaf_category",
    "text",
    Title("叶子类目", "Leaf category"),
    ("商品叶子类目", "产品叶子类目", "模型叶子类目", "末级类目", "Leaf", "Product Category"),
    nullable=True,
)

PRODUCTS = Table(
    "products",
    Title("商品", "Products"),
    ("product_id",),
    (
        Column(
            "product_id",
            "id",
            Title("商品ID", "Product ID"),
            ("商品编号", "产品ID", "产品编号", "Item ID", "Product No"),
        ),
        MERCHANT_ID,
        Column(
            "product_name",
            "text",
            Title("商品名称", "Product name"),
            ("产品名称", "商品标题", "产品标题", "Title", "Product Title", "Subject"),
            nullable=True,
        ),
        LEAF_CATEGORY,
        Column(
            "is_rts",
            "flag",
            Title("是否RTS商品", "RTS product"),
            ("RTS商品", "是否RTS", "商品类型", "产品类型", "Is RTS", "Product Type"),
            codes={
                "true": (*YES, "RTS", "RTS商品", "快速交易", "Ready to Ship"),
                "false": (*NO, "定制", "定制商品", "非RTS商品", "customization"),
            },
        ),
        Column(
            "online_customization",
            "flag",
            Title("是否支持在线定制", "Online customization"),
            ("支持在线定制", "在线定制", "Supports Online Customization"),
            nullable=True,
            codes={"true": (*YES, "支持"), "false": (*NO, "不支持")},
        ),
        Column(
            "category_allowed",
            "flag",
            Title("是否满足活动类目要求", "Category allowed"),
            ("满足活动类目", "活动类目", "符合活动类目", "Category Eligible"),
            nullable=True,
            codes={"true": (*YES, "满足", "符合"), "false": (*NO, "不满足", "不符合")},
        ),
        Column(
            "prohibited",
            "flag",
            Title("是否平台禁售", "Prohibited"),
            ("平台禁售", "禁售", "是否禁售", "Is Prohibited"),
            nullable=True,
            codes={"true": (*YES, "禁售"), "false": (*NO, "非禁售", "可售")},
        ),
        Column("model_id", "id", *_MODEL_ID, nullable=True),
    ),
)

CUSTOMIZATION_MODELS = Table(
    "customization_models",
    Title("在线定制模型", "Customization models"),
    ("model_id",),
    (
        MODEL_ID,
        MERCHANT_ID,
        LEAF_CATEGORY,
        Column(
            "base_price_usd",
            "money",
            Title("基础款价格(USD)", "Base price (USD)"),
            ("基础款价格", "基础价格", "基础价", "Base Price"),
            nullable=True,
            unit="usd",
            minimum=0,
        ),
        Column(
            "surcharge_usd",
            "money",
            Title("定制属性加价(USD)", "Customization surcharges (USD)"),
            ("定制属性加价", "定制加价", "属性加价", "Surcharge", "Customization Surcharge"),
            nullable=True,
            unit="usd",
            minimum=0,
        ),
    ),
)

CUSTOMIZATION_PRICE_TIERS = Table(
    "customization_price_tiers",
    Title("定制模型阶梯价", "Customization price tiers"),
    ("model_id", "min_pieces"),
    (
        MODEL_ID,
        MERCHANT_ID,
        Column(
            "min_pieces",
            "count",
            Title("最小起订量", "Minimum pieces"),
            ("起订量", "定制起订量", "阶梯起订量", "MOQ", "Min. Order", "Minimum Order Quantity"),
            unit="piece",
            minimum=1,
        ),
        Column(
            "discount_percent",
            "decimal",
            Title("折扣(%)", "Discount (%)"),
            ("折扣", "阶梯折扣", "阶梯价", "Discount", "Percent of Price"),
            nullable=True,
            unit="percent",
            minimum=0,
        ),
    ),
)

CUSTOMIZATION_LEAD_TIMES = Table(
    "customization_lead_times",
    Title("定制模型交货周期", "Customization lead times"),
    ("model_id", "up_to_pieces"),
    (
        MODEL_ID,
        MERCHANT_ID,
        Column(
            "up_to_pieces",
            "count",
            Title("交期数量(≤)", "Pieces up to"),
            ("交期数量", "数量(≤)", "交期数量上限", "Up To", "Maximum Pieces"),
            unit="piece",
            minimum=1,
        ),
        Column(
            "lead_time_days",
            "count",
            Title("交货周期(天)", "Lead time (days)"),
            ("交货周期", "交期", "交期(天)", "定制交货周期", "Lead Time"),
            nullable=True,
            unit="day",
            minimum=0,
        ),
        # 待协商 is said, and not read out of a blank: a blank is not given.
        Column(
            "lead_time_negotiated",
            "flag",
            Title("交期待协商", "Lead time to be negotiated"),
            ("待协商", "是否待协商", "To Be Negotiated", "Negotiable"),
            nullable=True,
            codes={"true": (*YES, "待协商"), "false": NO},
        ),
    ),
)

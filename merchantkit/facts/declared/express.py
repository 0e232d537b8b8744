"""Orders of the platform's express service, as they are placed, paid and redeemed."""

from merchantkit.facts.declared.merchants import MERCHANT_ID, NO, YES
from merchantkit.facts.tables import Column, Table, Title

EXPRESS_ORDERS = Table(
    "express_orders",
    Title("快递订单", "Express orders"),
    ("express_order_id",),
    (
        Column(
            "express_order_id",
            "id",
            Title("快递订单ID", "Express order ID"),
            (
                "快递订单号",
                "快递单号",
                "物流订单号",
                "物流订单ID",
                "Express Order No",
                "Logistics Order ID",
            ),
        ),
        MERCHANT_ID,
        Column(
            "trade_order_id",
            "id",
            Title("信保订单ID", "Trade Assurance order ID"),
            ("信保订单号", "信用保障订单号", "关联信保订单", "TA Order ID", "Trade Order ID"),
            nullable=True,
        ),
        Column(
            "ta_order",
            "flag",
            Title("是否信保下单", "Trade Assurance order"),
            ("信保下单", "下单方式", "下单场景", "TA Order", "Order Scene"),
            codes={
                "true": (*YES, "信保下单", "信用保障订单", "信保", "Trade Assurance"),
                "false": (*NO, "普通下单", "普通", "ordinary"),
            },
        ),
        Column(
            "route",
            "text",
            Title("线路", "Route"),
            (
                "快递线路",
                "物流线路",
                "服务商",
                "运力线",
                "线路名称",
                "Line",
                "Service",
                "Carrier Line",
            ),
        ),
        Column(
            "industry_solution",
            "flag",
            Title("是否行业解决方案", "Industry solution"),
            ("行业解决方案", "行业化解决方案", "Is Industry Solution"),
            nullable=True,
            codes={
                "true": (*YES, "行业解决方案", "industry solution"),
                "false": (*NO, "普通线路", "ordinary line"),
            },
        ),
        Column(
            "ordered_at",
            "moment",
            Title("下单时间", "Ordered at"),
            ("下单日期", "创建时间", "Order Time", "Ordered On", "Created At"),
        ),
        Column(
            "paid_at",
            "moment",
            Title("支付核销时间", "Paid and redeemed at"),
            (
                "支付时间",
                "支付日期",
                "核销时间",
                "付款时间",
                "Paid On",
                "Payment Time",
                "Redeemed At",
            ),
            nullable=True,
        ),
        Column(
            "base_freight_cny",
            "money",
            Title("基础运费(元)", "Base freight (CNY)"),
            (
                "基础运费",
                "运费",
                "运费(元)",
                "普通运费",
                "Base Freight",
                "Freight",
                "Freight (CNY)",
            ),
            unit="cny",
            minimum=0,
        ),
    ),
)

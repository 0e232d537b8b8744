"""By whose logistics an order went, and when that releases its Trade Assurance limit."""

from merchantkit.facts.declared.merchants import MERCHANT_ID, ORDER_ID
from merchantkit.facts.tables import Column, Table, Title

ORDER_LOGISTICS = Table(
    "order_logistics",
    Title("订单物流与信保额度", "Order logistics and limit release"),
    ("order_id",),
    (
        ORDER_ID,
        MERCHANT_ID,
        Column(
            "route",
            "code",
            Title("物流归属", "Logistics route"),
            ("物流路线", "物流归属方", "平台物流/线下物流", "Route", "Platform or Offline"),
            codes={
                "platform": ("平台物流", "阿里物流", "国际站物流", "平台", "platform logistics"),
                "offline": (
                    "线下物流",
                    "自有物流",
                    "线下",
                    "自有",
                    "offline logistics",
                    "own logistics",
                ),
            },
        ),
        Column(
            "warehouse_out_at",
            "moment",
            Title("阿里物流出库时间", "Left the warehouse at"),
            ("平台物流出库时间", "出库时间", "出库日期", "Warehouse Out", "Warehouse Out Time"),
            nullable=True,
        ),
        Column(
            "receipt_at",
            "moment",
            Title("买家确认收货时间", "Buyer confirmed receipt at"),
            ("确认收货时间", "买家确认时间", "签收确认时间", "Receipt Confirmed", "Receipt Time"),
            nullable=True,
        ),
        Column(
            "automatic_receipt_at",
            "moment",
            Title("系统自动收货时间", "Automatic receipt at"),
            ("自动收货时间", "超时收货时间", "Auto Receipt", "Automatic Receipt Time"),
            nullable=True,
        ),
    ),
)

"""Who takes a merchant's orders, who stands in for whom, and whom each order came to."""

from dataclasses import replace

from merchantkit.facts.declared.merchants import BUYER_ID, MERCHANT_ID, ORDER_ID
from merchantkit.facts.tables import Column, Table, Title

_TAKER = ("接单员ID", "业务员账号", "接单员账号", "业务员子账号", "Salesperson ID", "Taker ID")

ORDER_TAKERS = Table(
    "order_takers",
    Title("订单接单员", "Order-takers"),
    ("merchant_id", "taker_id"),
    (
        MERCHANT_ID,
        Column("taker_id", "id", Title("业务员ID", "Order-taker ID"), _TAKER),
        Column(
            "taker_name",
            "text",
            Title("业务员", "Order-taker"),
            ("业务员姓名", "接单员", "接单员姓名", "Salesperson", "Taker Name"),
            nullable=True,
        ),
        Column(
            "substitute_id",
            "id",
            Title("替补接单员ID", "Substitute ID"),
            ("替补接单员", "替补业务员ID", "替补业务员", "替补账号", "Substitute"),
            nullable=True,
        ),
        Column(
            "away_from",
            "date",
            Title("休假起始日", "Away from"),
            ("休假开始日期", "不在岗起始日", "请假开始日期", "Leave From"),
            nullable=True,
        ),
        Column(
            "away_to",
            "date",
            Title("休假截止日", "Away to"),
            ("休假结束日期", "不在岗截止日", "请假结束日期", "Leave To"),
            nullable=True,
        ),
    ),
)

ORDER_ASSIGNMENTS = Table(
    "order_assignments",
    Title("订单分配", "Order assignments"),
    ("order_id",),
    (
        ORDER_ID,
        MERCHANT_ID,
        Column(
            "received_at",
            "moment",
            Title("订单创建时间", "Received at"),
            ("创建时间", "下单时间", "分配时间", "Created At", "Order Time", "Assigned At"),
        ),
        Column(
            "taker_id",
            "id",
            Title("业务员ID", "Order-taker ID"),
            (*_TAKER, "分配业务员", "跟单业务员"),
            nullable=True,
        ),
        replace(BUYER_ID, aliases=(*BUYER_ID.aliases, "买家", "买家账号", "Buyer")),
    ),
)

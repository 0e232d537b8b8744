"""Quote entitlements, quotes, and the orders that may rest on them."""

from merchantkit.facts.declared.merchants import BUYER_ID, MERCHANT_ID, NO, ORDER_ID, YES
from merchantkit.facts.tables import Column, Table, Title

QUOTE_ENTITLEMENTS = Table(
    "quote_entitlements",
    Title("报价权益", "Quote entitlements"),
    ("entitlement_id",),
    (
        Column(
            "entitlement_id",
            "id",
            Title("权益ID", "Entitlement ID"),
            ("权益编号", "报价权益ID", "权益批次号", "批次号", "Batch ID"),
        ),
        MERCHANT_ID,
        Column(
            "source",
            "code",
            Title("权益来源", "Entitlement source"),
            ("来源", "权益类型", "发放来源", "发放类型", "Entitlement Type", "Granted By"),
            codes={
                "base": ("会员基础报价赠送", "基础权益", "会员基础报价", "基础报价", "base quotes"),
                "service_score_bonus": (
                    "报价服务力分赠送",
                    "服务力分赠送",
                    "报价服务力赠送",
                    "service-score bonus quotes",
                ),
                "rebated": ("报价返赠", "返赠", "rebate", "rebated quotes"),
                "purchased": ("购买", "付费购买", "权益加油", "加油包", "增购", "paid"),
                "reward": ("奖励", "活动奖励", "任务奖励", "活动赠送", "bonus"),
                "other": ("其他", "其它", "others"),
            },
        ),
        Column(
            "granted_at",
            "moment",
            Title("发放时间", "Granted at"),
            (
                "发放日期",
                "赠送时间",
                "赠送日期",
                "到账时间",
                "生效时间",
                "Granted On",
                "Issue Date",
            ),
        ),
        Column(
            "expires_at",
            "moment",
            Title("到期时间", "Expires at"),
            ("到期日期", "到期日", "失效时间", "有效期至", "Expires On", "Expiry Date"),
            nullable=True,
        ),
        Column(
            "quantity",
            "count",
            Title("权益条数", "Quantity"),
            ("条数", "发放条数", "发放数量", "权益数量", "数量", "Quotes Granted", "Qty"),
            unit="quote",
            minimum=1,
        ),
    ),
)

QUOTES = Table(
    "quotes",
    Title("报价", "Quotes"),
    ("quote_id",),
    (
        Column(
            "quote_id",
            "id",
            Title("报价ID", "Quote ID"),
            ("报价编号", "报价单号", "报价单ID", "Quotation ID"),
        ),
        Column(
            "rfq_id",
            "id",
            Title("RFQ ID", "RFQ ID"),
            ("RFQ编号", "RFQ单号", "采购需求ID", "询价单ID", "RFQ No", "RFQ No."),
        ),
        MERCHANT_ID,
        BUYER_ID,
        Column(
            "quoted_at",
            "moment",
            Title("报价时间", "Quoted at"),
            ("报价日期", "提交时间", "Quote Time", "Quote Date", "Quotation Date"),
            nullable=True,
        ),
        Column(
            "review_status",
            "code",
            Title("审核状态", "Review status"),
            ("报价状态", "状态", "审核结果", "Status", "Quote Status"),
            codes={
                "approved": ("审核通过", "已通过", "通过", "买家已查看", "买家未查看", "passed"),
                "rejected": ("审核不通过", "不通过", "未通过", "审核不通过(不可编辑)", "failed"),
                "pending": ("审核中", "待审核", "未审核", "in review", "under review"),
            },
        ),
        Column(
            "entitlement_id",
            "id",
            Title("消耗权益ID", "Entitlement used"),
            ("权益ID", "使用权益ID", "权益编号", "权益批次号", "消耗权益", "Entitlement"),
            nullable=True,
        ),
    ),
)

ORDERS = Table(
    "orders",
    Title("订单", "Orders"),
    ("order_id",),
    (
        ORDER_ID,
        MERCHANT_ID,
        BUYER_ID,
        Column(
            "quote_id",
            "id",
            Title("关联报价ID", "Quote ID"),
            ("报价ID", "报价编号", "报价单号", "关联报价", "Quotation ID", "Linked Quote ID"),
            nullable=True,
        ),
        Column(
            "via",
            "code",
            Title("生成路径", "Created via"),
            ("订单来源", "下单路径", "起草路径", "来源", "Via", "Order Source", "Source"),
            codes={
                "quote_management": ("报价管理", "报价管理起草", "报价管理起草订单"),
                "trade_import": (
                    "交易管理导入",
                    "导入历史RFQ报价",
                    "交易管理导入历史RFQ报价",
                    "历史报价导入",
                ),
                "direct": ("直接起草", "直接下单", "交易管理", "普通订单", "其他", "direct order"),
            },
        ),
        Column(
            "paid_at",
            "moment",
            Title("支付时间", "Paid at"),
            (
                "支付日期",
                "付款时间",
                "付款日期",
                "买家付款时间",
                "Paid On",
                "Payment Time",
                "Payment Date",
            ),
        ),
        # 订单金额 (what was ordered) is left out on purpose: only money received counts.
        Column(
            "received_usd",
            "money",
            Title("实收金额(USD)", "Received (USD)"),
            (
                "实收金额",
                "实收",
                "实收GMV",
                "RFQ实收金额",
                "实收金额(美元)",
                "Received USD",
                "Amount Received",
            ),
            unit="usd",
            minimum=0,
        ),
        Column(
            "genuine",
            "flag",
            Title("是否真实交易", "Genuine"),
            ("真实交易", "是否真实", "Genuine Transaction", "Is Genuine"),
            codes={
                "true": (*YES, "真实", "真实交易", "genuine"),
                "false": (*NO, "虚假", "虚假交易", "非真实交易", "fake"),
            },
        ),
        Column(
            "payment_method",
            "text",
            Title("支付方式", "Payment method"),
            ("付款方式", "Payment Type"),
            nullable=True,
        ),
        Column(
            "logistics",
            "text",
            Title("物流方式", "Logistics"),
            ("运输方式", "物流服务", "发货方式", "Shipping Method", "Shipping"),
            nullable=True,
        ),
    ),
)

"""Chargeback protection: applications with their coverage, and the disputes of buyers."""

from dataclasses import replace

from merchantkit.facts.declared.merchants import MERCHANT_ID, NO, ORDER_ID, YES
from merchantkit.facts.tables import Column, Table, Title

COVERAGES = Table(
    "coverages",
    Title("拒付保障申请与额度", "Chargeback coverages"),
    ("coverage_id",),
    (
        Column(
            "coverage_id",
            "id",
            Title("保障申请ID", "Coverage ID"),
            ("保障ID", "保障编号", "申请编号", "开通申请编号", "Application ID"),
        ),
        MERCHANT_ID,
        Column(
            "applied_at",
            "moment",
            Title("申请开通时间", "Applied at"),
            ("申请时间", "申请日期", "开通申请时间", "Applied On", "Application Time"),
        ),
        Column(
            "approved",
            "flag",
            Title("开通评估是否通过", "Activation passed"),
            ("开通评估结果", "评估结果", "评估是否通过", "Activation Result", "Approved"),
            codes={
                "true": (*YES, "通过", "评估通过", "已开通", "passed", "pass"),
                "false": (*NO, "未通过", "不通过", "评估未通过", "开通失败", "failed", "fail"),
            },
        ),
        Column(
            "protected_from",
            "moment",
            Title("保障开始时间", "Protected from"),
            ("保障期开始", "保障开始日期", "保障起始时间", "Protection Start", "Valid From"),
            nullable=True,
        ),
        Column(
            "protected_to",
            "moment",
            Title("保障结束时间", "Protected to"),
            ("保障期结束", "保障结束日期", "保障截止时间", "Protection End", "Valid To"),
            nullable=True,
        ),
        Column(
            "limit_usd",
            "money",
            Title("拒付保障额度(USD)", "Coverage limit (USD)"),
            ("拒付保障额度", "保障额度", "保障额度(USD)", "Coverage Limit", "Limit (USD)"),
            nullable=True,
            unit="usd",
            minimum=0,
        ),
    ),
)

DISPUTES = Table(
    "disputes",
    Title("信用卡拒付", "Chargeback disputes"),
    ("dispute_id",),
    (
        Column(
            "dispute_id",
            "id",
            Title("拒付单ID", "Dispute ID"),
            ("拒付单号", "拒付编号", "拒付ID", "Chargeback ID", "Case ID", "Dispute No"),
        ),
        MERCHANT_ID,
        replace(ORDER_ID, nullable=True),
        Column(
            "online_order",
            "flag",
            Title("是否在线交易订单", "Online order"),
            ("在线交易订单", "是否在线交易", "Online Trade Order"),
            nullable=True,
            codes={"true": (*YES, "在线交易", "在线"), "false": (*NO, "线下交易", "线下")},
        ),
        Column(
            "payment",
            "code",
            Title("付款方式", "Payment"),
            ("买家付款方式", "支付方式", "Payment Method", "Paid By"),
            nullable=True,
            codes={
                "card_direct": ("信用卡直接支付", "信用卡直付", "direct card payment"),
                "card_indirect": ("信用卡间接支付", "第三方信用卡支付", "card via a third party"),
                "not_card": ("其他", "其它", "非信用卡", "电汇", "T/T", "others"),
            },
        ),
        Column(
            "paid_at",
            "moment",
            Title("买家付款时间", "Paid at"),
            ("支付时间", "付款时间", "付款日期", "Payment Time", "Paid On"),
            nullable=True,
        ),
        Column(
            "disputed_at",
            "moment",
            Title("拒付时间", "Disputed at"),
            ("拒付发生时间", "拒付日期", "发起拒付时间", "Chargeback Time", "Disputed On"),
        ),
        Column(
            "disputed_usd",
            "money",
            Title("拒付金额(USD)", "Disputed amount (USD)"),
            ("拒付金额", "争议金额", "Chargeback Amount", "Disputed Amount"),
            nullable=True,
            unit="usd",
            minimum=0,
        ),
        Column(
            "evidence_at",
            "moment",
            Title("抗辩材料提交时间", "Evidence submitted at"),
            ("提交抗辩材料时间", "抗辩提交时间", "材料提交时间", "Evidence Time"),
            nullable=True,
        ),
        Column(
            "evidence_review",
            "code",
            Title("抗辩材料审核结果", "Evidence review"),
            (
                "抗辩材料审核状态",
                "材料审核结果",
                "审核结果",
                "平台审核结果",
                "Review",
                "Review Result",
            ),
            nullable=True,
            codes={
                "approved": ("审核通过", "通过", "pass", "passed"),
                "rejected": ("审核不通过", "不通过", "未通过", "fail", "failed"),
                "pending": ("审核中", "待审核", "处理中", "in review"),
            },
        ),
        Column(
            "reviewed_at",
            "moment",
            Title("抗辩材料审核时间", "Reviewed at"),
            ("审核时间", "材料审核时间", "审核通过时间", "Review Time", "Reviewed On"),
            nullable=True,
        ),
        Column(
            "bank_result",
            "code",
            Title("银行抗辩结果", "Bank's result"),
            ("银行结果", "银行裁定结果", "抗辩结果", "Bank Decision", "Bank Outcome"),
            nullable=True,
            codes={
                "won": ("抗辩成功", "胜诉", "成功"),
                "lost": ("抗辩失败", "败诉", "失败"),
                "pending": ("处理中", "待银行裁定", "抗辩中", "in progress"),
            },
        ),
    ),
)

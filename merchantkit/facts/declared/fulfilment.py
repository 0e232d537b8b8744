"""How orders were shipped, and the platform's spot checks of their tracking."""

from merchantkit.facts.declared.merchants import MERCHANT_ID, NO, ORDER_ID, YES
from merchantkit.facts.tables import Column, Table, Title

SHIPMENTS = Table(
    "shipments",
    Title("订单发货", "Shipments"),
    ("order_id",),
    (
        ORDER_ID,
        MERCHANT_ID,
        Column(
            "method",
            "code",
            Title("发货方式", "Shipping method"),
            ("物流发货方式", "发货类型", "物流类型", "Method", "Dispatch Method"),
            codes={
                "door_to_door": ("门到门", "门到门快递", "阿里物流门到门", "door to door"),
                "warehouse_platform_pickup": (
                    "仓到门平台上门揽收",
                    "平台上门揽收",
                    "仓到门（平台上门揽收）",
                    "platform pickup",
                ),
                "warehouse_provider_pickup": (
                    "仓到门物流商免费揽收",
                    "平台物流商免费揽收",
                    "物流商免费揽收",
                    "仓到门（物流商免费揽收）",
                    "provider pickup",
                ),
                "warehouse_self_sent": (
                    "仓到门自寄",
                    "自寄去仓库",
                    "自寄",
                    "仓到门（自寄去仓库）",
                    "self sent",
                ),
                "own_express": ("自有物流", "自有快递", "线下快递", "own logistics"),
                "other": ("其他", "其它", "海运", "空运", "铁路", "卡航", "多式联运", "others"),
            },
        ),
        Column(
            "agreed_ship_at",
            "moment",
            Title("约定发货时间", "Agreed ship time"),
            ("约定发货日期", "约定发货日", "应发货时间", "Agreed Ship Date", "Ship By"),
        ),
        Column(
            "door_ordered_at",
            "moment",
            Title("门到门下单时间", "Door-to-door ordered at"),
            ("门到门快递下单时间", "物流下单时间", "Door Order Time", "Logistics Ordered At"),
            nullable=True,
        ),
        Column(
            "door_order_valid",
            "flag",
            Title("门到门订单是否有效", "Door-to-door order valid"),
            ("是否有效门到门订单", "物流订单是否有效", "Door Order Valid"),
            nullable=True,
            codes={
                "true": (*YES, "有效", "valid"),
                "false": (*NO, "无效", "已取消", "invalid", "cancelled"),
            },
        ),
        Column(
            "picked_up_at",
            "moment",
            Title("揽收时间", "Picked up at"),
            ("快递揽收时间", "实际取件时间", "快递实际取件时间", "Pickup Time", "Collected At"),
            nullable=True,
        ),
        Column(
            "warehoused_at",
            "moment",
            Title("入库时间", "Warehoused at"),
            ("仓库入库时间", "到仓时间", "Warehouse-in Time", "Inbound Time"),
            nullable=True,
        ),
        Column(
            "details_right",
            "flag",
            Title("国内快递单号是否准确", "Domestic number right"),
            ("国内物流信息是否正确", "物流信息是否正确", "Domestic Tracking Right"),
            nullable=True,
            codes={
                "true": (*YES, "准确", "正确", "right", "correct"),
                "false": (*NO, "不准确", "错误", "缺失", "未填写", "wrong", "missing"),
            },
        ),
        Column(
            "information_at",
            "moment",
            Title("获取物流信息时间", "Tracking information at"),
            ("系统获取物流信息时间", "物流信息时间", "Tracking Available At"),
            nullable=True,
        ),
        Column(
            "proof_at",
            "moment",
            Title("上传发货凭证时间", "Proof uploaded at"),
            ("发货凭证上传时间", "凭证上传时间", "Proof Of Dispatch At", "Proof Upload Time"),
            nullable=True,
        ),
        Column(
            "trace_gap",
            "code",
            Title("无轨迹原因", "Cause of missing trace"),
            ("轨迹缺失原因", "轨迹异常原因", "Trace Gap", "Missing Trace Cause"),
            nullable=True,
            codes={
                "none": ("正常", "有轨迹", "轨迹正常", "traced"),
                "platform_fault": ("阿里物流原因", "平台原因", "平台物流问题", "platform's fault"),
                "other": ("其他原因", "商家原因", "其他", "others"),
            },
        ),
    ),
)

SPOT_CHECKS = Table(
    "spot_checks",
    Title("轨迹抽查", "Tracking spot checks"),
    ("order_id",),
    (
        ORDER_ID,
        MERCHANT_ID,
        Column(
            "checked_at",
            "moment",
            Title("抽查时间", "Checked at"),
            ("人工抽查时间", "抽查日期", "Check Time", "Checked On"),
        ),
        Column(
            "passed",
            "flag",
            Title("抽查是否通过", "Passed"),
            ("抽查结果", "人工抽查结果", "是否通过", "Check Result", "Result"),
            codes={
                "true": (*YES, "通过", "passed", "pass"),
                "false": (*NO, "不通过", "未通过", "failed", "fail"),
            },
        ),
    ),
)

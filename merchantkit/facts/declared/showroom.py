"""3D showrooms and how far each has come, and the shop's visitors and enquiries by day."""

from merchantkit.facts.declared.merchants import DAY, MERCHANT_ID
from merchantkit.facts.tables import Column, Table, Title


def _step(name: str, zh: str, en: str, *aliases: str) -> Column:
    return Column(name, "moment", Title(zh, en), aliases, nullable=True)


SHOWROOMS = Table(
    "showrooms",
    Title("3D实景展厅", "3D showrooms"),
    ("showroom_id",),
    (
        Column(
            "showroom_id",
            "id",
            Title("展厅ID", "Showroom ID"),
            ("3D展厅ID", "实景展厅ID", "展厅编号", "模型ID", "Showroom No", "Model ID"),
        ),
        MERCHANT_ID,
        _step(
            "credited_at", "资源到账时间", "Resource credited at",
            "到账时间", "到账日期", "资源到账日期", "Credited On",
        ),
        _step(
            "task_submitted_at", "拍摄任务提交时间", "Shooting task submitted at",
            "提交拍摄任务时间", "服务工单提交时间", "工单提交时间", "Task Submitted On",
        ),
        _step(
            "shot_at", "上门拍摄时间", "Shot on site at",
            "拍摄时间", "上门拍摄日期", "上门服务时间", "拍摄完成时间", "Shot On",
        ),
        _step(
            "modelled_at", "建模完成时间", "Modelled at",
            "建模时间", "建模完成日期", "Modelled On",
        ),
        _step(
            "submitted_at", "会场投稿时间", "Submitted to venues at",
            "投稿时间", "投稿日期", "Submitted On", "Venue Submission",
        ),
        _step(
            "shop_decorated_at", "旺铺装修时间", "Shop decorated at",
            "装修到旺铺时间", "旺铺装修日期", "Shop Decorated On",
        ),
        _step(
            "products_decorated_at", "商品装修时间", "Products decorated at",
            "装修到商品时间", "商品详情装修时间", "商品装修日期", "Products Decorated On",
        ),
        _step(
            "sent_at", "首次发送时间", "First sent in talks at",
            "首次发送展厅时间", "沟通中首次发送时间", "首次发送日期", "Sent On",
        ),
    ),
)  # fmt: skip

SHOP_COUNTS_DAILY = Table(
    "shop_counts_daily",
    Title("店铺日数据", "Shop by day"),
    ("merchant_id", "day"),
    (
        MERCHANT_ID,
        DAY,
        Column(
            "shop_visitors",
            "count",
            Title("店铺访问人数", "Shop visitors"),
            ("店铺访客数", "店铺访客人数", "访问人数", "Store Visitors"),
            nullable=True,
            unit="person",
            minimum=0,
        ),
        Column(
            "shop_inquiries",
            "count",
            Title("店铺询盘数", "Shop enquiries"),
            ("店铺询盘人数", "店铺询盘量", "询盘个数", "Shop Inquiries", "Store Inquiries"),
            nullable=True,
            minimum=0,
        ),
    ),
)

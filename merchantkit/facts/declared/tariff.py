"""Lines of export declarations: what was exported, as which code, where to, for how much."""

from merchantkit.facts.declared.merchants import MERCHANT_ID
from merchantkit.facts.tables import Column, Table, Title

# The kit's own excerpt of a schedule, by the name that answers and pages know it by.
EXCERPT = "us-2025-basic-excerpt"


def _quantity(number: int, zh: str, *aliases: str) -> tuple[Column, Column]:
    title = Title(f"数量{number}", f"Quantity {number}")
    return (
        Column(
            f"quantity_{number}", "quantity", title, (f"{zh}数量", *aliases), nullable=True,
            minimum=0,
        ),
        Column(
            f"unit_{number}", "text", Title(f"单位{number}", f"Unit {number}"),
            (f"{zh}单位", f"{zh}计量单位"), nullable=True,
        ),
    )  # fmt: skip


EXPORT_LINES = Table(
    "export_lines",
    Title("出口商品明细", "Export lines"),
    ("line_id",),
    (
        Column(
            "line_id",
            "id",
            Title("出口明细ID", "Export line ID"),
            ("出口明细号", "报关商品项号", "明细编号", "Declaration Line", "Line No"),
        ),
        MERCHANT_ID,
        Column(
            "product",
            "text",
            Title("商品名称", "Product"),
            ("品名", "商品品名", "Product Name", "Goods"),
            nullable=True,
        ),
        Column(
            "hs_code",
            "text",
            Title("出口HS编码", "Declared HS code"),
            ("中国HS编码", "HS编码", "Hscode", "海关编码", "商品编码", "申报编码", "HS Code"),
            nullable=True,
        ),
        Column(
            "us_code",
            "text",
            Title("目的国HS编码", "Destination HS code"),
            ("目的国Hscode", "美国HS编码", "美国税号", "HTS Code", "US HS Code"),
            nullable=True,
        ),
        Column(
            "exported_on",
            "date",
            Title("出口日期", "Exported on"),
            ("申报日期", "报关日期", "Export Date", "Declared On"),
        ),
        Column(
            "origin",
            "text",
            Title("原产国", "Origin"),
            ("原产国(地区)", "Country of Origin", "Made In"),
            nullable=True,
        ),
        Column(
            "destination",
            "text",
            Title("目的国", "Destination"),
            ("运抵国", "最终目的国", "最终目的国(地区)", "Destination Country", "Ship To Country"),
            nullable=True,
        ),
        Column(
            "value_usd",
            "money",
            Title("货值(USD)", "Value (USD)"),
            (
                "货值",
                "商品总价",
                "总价",
                "总价(美元)",
                "申报总价(USD)",
                "FOB总价(USD)",
                "FOB Value",
            ),
            nullable=True,
            unit="usd",
            minimum=0,
        ),
        *_quantity(1, "第一法定", "法定数量"),
        *_quantity(2, "第二法定"),
        *_quantity(3, "成交", "申报数量"),
        # Only what has parts of its own needs a fourth, such as a watch.
        *_quantity(4, "其他"),
    ),
)

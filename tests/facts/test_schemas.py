"""The declaration of the tables, held against what exports print and what the contract names."""

import json
import subprocess
import sys
from decimal import Decimal

import pandas as pd
import pandera.errors
import pytest

from merchantkit.errors import IntakeError
from merchantkit.facts.schemas import (
    BOOKKEEPING,
    TABLES,
    Column,
    Table,
    Title,
    normal,
    recognise,
    table,
)

ZH_EXPORTS = {
    "merchants": ["供应商ID", "公司中文名", "所属赛道", "套餐类型", "大区", "主营行业", "入驻日期"],
    "quote_entitlements": ["权益ID", "商家ID", "权益来源", "发放时间", "到期时间", "条数"],
    "quotes": ["报价ID", "RFQ ID", "商家ID", "买家ID", "报价时间", "状态", "权益ID"],
    "orders": [
        "订单ID",
        "商家ID",
        "买家ID",
        "关联报价ID",
        "订单来源",
        "支付时间",
        "实收金额（USD）",
        "是否真实交易",
    ],
    "campaign_counts": ["商家ID", "月份", "访客人数", "询盘人数", "TM咨询人数", "推荐消耗（元）"],
    "campaign_counts_daily": ["商家ID", "日期", "访客人数", "询盘人数", "TM咨询人数"],
    "campaign_enrolments": ["商家ID", "活动名称", "报名时间", "推荐广告"],
    "pillar_scores": ["商家ID", "月份", "商品力", "营销力", "交易力", "保障力", "RFQ加分"],
    "star_indicators": [
        "商家ID", "日期", "商机数", "咨询买家数", "平均回复时间（小时）", "商机转化率",
        "营销商品商机转化率", "RFQ报价率",
    ],
    "marketing_traffic": ["商家ID", "月份", "营销工具", "营销访客数"],
    "express_orders": [
        "快递订单号",
        "供应商ID",
        "信保订单号",
        "下单方式",
        "快递线路",
        "是否行业解决方案",
        "下单时间",
        "支付核销时间",
        "基础运费（元）",
    ],
    "products": [
        "商品ID", "商家ID", "商品标题", "叶子类目", "是否RTS商品", "支持在线定制", "活动类目",
        "平台禁售", "关联模型ID",
    ],
    "customization_models": ["模型ID", "商家ID", "叶子类目", "基础款价格", "定制属性加价"],
    "customization_price_tiers": ["模型ID", "商家ID", "最小起订量", "折扣"],
    "customization_lead_times": ["模型ID", "商家ID", "数量（≤）", "交货周期"],
    "coverages": [
        "申请编号", "供应商ID", "申请开通时间", "开通评估结果", "保障开始时间", "保障结束时间",
        "保障额度",
    ],
    "disputes": [
        "拒付单号", "供应商ID", "订单号", "是否在线交易订单", "付款方式", "支付时间", "拒付时间",
        "拒付金额（USD）", "抗辩材料提交时间", "审核结果", "审核时间", "银行抗辩结果",
    ],
    "showrooms": [
        "展厅ID", "商家ID", "资源到账时间", "拍摄任务提交时间", "上门拍摄时间", "建模完成时间",
        "投稿时间", "旺铺装修时间", "商品装修时间", "首次发送时间",
    ],
    "order_takers": ["商家ID", "业务员ID", "业务员", "替补接单员", "休假起始日", "休假截止日"],
    "order_assignments": ["订单号", "商家ID", "订单创建时间", "业务员ID", "买家ID"],
    "shop_counts_daily": ["商家ID", "日期", "店铺访问人数", "店铺询盘数"],
    "export_lines": [
        "出口明细号", "供应商ID", "品名", "中国HS编码", "美国税号", "申报日期", "原产国",
        "运抵国",
        "FOB总价（USD）", "第一法定数量", "第一法定单位", "第二法定数量", "第二法定单位",
        "成交数量", "成交单位", "其他数量", "其他单位",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ZH_EXPORTS)
def test_a_chinese_export_is_recognised_with_every_header(name: str) -> None:
    found = recognise(ZH_EXPORTS[name])
    assert found.name == name
    assert sorted(found.match(ZH_EXPORTS[name]).values()) == sorted(ZH_EXPORTS[name])


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_recognised_by_the_contracts_own_names(name: str) -> None:
    names = [column.name for column in TABLES[name].columns]
    assert recognise(names).name == name
    assert recognise([text.upper().replace("_", " ") for text in names]).name == name


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("pillar_scores", ["商家ID", "月份", "商品力得分", "营销力得分", "保障力得分"]),
        ("pillar_scores", ["商家ID", "月份", "商家力得分", "营销力分"]),
        ("pillar_scores", ["Merchant ID", "Month", "Product strength", "Assurance score"]),
        ("order_assignments", ["信保订单号", "商家ID", "订单创建时间", "业务员ID"]),
        ("order_assignments", ["Order No.", "Merchant ID", "Assigned At", "Buyer Member ID"]),
        ("campaign_counts", ["商家ID", "评定月份", "访客人数", "推荐消耗"]),
        ("disputes", ["拒付单号", "商家ID", "信用保障订单号", "拒付时间"]),
        ("orders", [
            "在线交易订单号", "商家ID", "订单来源", "支付时间", "实收金额", "是否真实交易"
        ]),
    ],
)  # fmt: skip
def test_a_column_that_tables_share_is_known_by_the_same_headers_in_each(
    name: str, headers: list[str]
) -> None:
    found = recognise(headers)
    assert found.name == name
    assert sorted(found.match(headers).values()) == sorted(headers)


def test_headers_nobody_knows_do_not_disturb() -> None:
    headers = [*ZH_EXPORTS["orders"], "备注", "Sales rep"]
    assert recognise(headers).name == "orders"
    assert "备注" not in recognise(headers).match(headers).values()


def test_an_order_export_without_payment_time_says_what_it_has_and_lacks() -> None:
    headers = [text for text in ZH_EXPORTS["orders"] if text != "支付时间"]
    with pytest.raises(IntakeError) as caught:
        recognise(headers)
    assert "orders" in str(caught.value)
    assert "missing paid_at (支付时间)" in str(caught.value)
    assert "实收金额（USD）" in str(caught.value)
    assert "--table" in str(caught.value)


@pytest.mark.parametrize("headers", [[], ["a", "b"], ["商家ID"], ["merchant_id", "foo", "bar"]])
def test_too_little_is_no_table(headers: list[str]) -> None:
    with pytest.raises(IntakeError, match="no table"):
        recognise(headers)


def test_a_key_alone_is_no_table() -> None:
    with pytest.raises(IntakeError, match="nothing but the key of order_takers") as caught:
        recognise(["商家ID", "业务员账号", "手机号"])
    assert caught.value.where is not None
    assert caught.value.where.endswith("recognised 商家ID, 业务员账号")
    assert "--table" in str(caught.value.remedy)


def test_a_count_beside_the_key_tells_the_table() -> None:
    # Not the scores of a month, whose key is the same.
    assert recognise(["评定月份", "商家ID", "访客人数"]).name == "campaign_counts"
    with pytest.raises(IntakeError, match="nothing but the key of"):
        recognise(["评定月份", "商家ID", "备注"])


def test_a_table_of_nothing_but_its_key_is_recognised_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns = (
        Column("box_id", "id", Title("箱号", "Box")),
        Column("day", "date", Title("日", "Day")),
    )
    boxes = Table("boxes", Title("箱", "Boxes"), ("box_id", "day"), columns)
    monkeypatch.setitem(TABLES, "boxes", boxes)
    assert recognise(["箱号", "日", "备注"]) is boxes


def test_two_tables_that_fit_equally_are_not_guessed_between() -> None:
    with pytest.raises(IntakeError, match=r"campaign_counts and campaign_counts_daily"):
        recognise(["商家ID", "月份", "日期", "访客人数"])


def test_two_headers_for_one_column_are_refused() -> None:
    with pytest.raises(IntakeError, match="company_name"):
        recognise(["商家ID", "公司名称", "公司中文名"])


def test_the_amount_ordered_is_not_taken_for_the_amount_received() -> None:
    known = TABLES["orders"]["received_usd"].headers
    assert normal("订单金额") not in known
    assert normal("实收金额(USD)") in known


@pytest.mark.parametrize(
    ("name", "column", "printed", "code"),
    [
        ("merchants", "track", "定制赛道", "customization"),
        ("merchants", "track", "RTS赛道", "rts"),
        ("merchants", "track", "rts", "rts"),
        ("quote_entitlements", "source", "会员基础报价赠送", "base"),
        ("quote_entitlements", "source", "报价服务力分赠送", "service_score_bonus"),
        ("quote_entitlements", "source", "报价返赠", "rebated"),
        ("quotes", "review_status", "审核不通过", "rejected"),
        ("quotes", "review_status", "审核不通过 （不可编辑）", "rejected"),
        ("quotes", "review_status", "审核通过", "approved"),
        ("quotes", "review_status", "买家已查看", "approved"),
        ("orders", "via", "报价管理", "quote_management"),
        ("orders", "via", "交易管理导入", "trade_import"),
        ("orders", "via", "导入历史RFQ报价", "trade_import"),
        ("orders", "genuine", "虚假交易", "false"),
        ("orders", "genuine", "TRUE", "true"),
        ("campaign_enrolments", "ads_on", "未开启", "false"),
        ("marketing_traffic", "tool", "外贸直通车", "p4p"),
        ("marketing_traffic", "tool", "客户通中老客站内营销", "existing_onsite"),
        ("marketing_traffic", "tool", "EDM营销", "existing_edm"),
        ("express_orders", "ta_order", "信保下单", "true"),
        ("express_orders", "ta_order", "普通下单", "false"),
        ("express_orders", "industry_solution", "行业解决方案", "true"),
        ("products", "is_rts", "RTS商品", "true"),
        ("products", "is_rts", "定制商品", "false"),
        ("products", "online_customization", "不支持", "false"),
        ("products", "prohibited", "禁售", "true"),
        ("coverages", "approved", "评估未通过", "false"),
        ("disputes", "payment", "信用卡直接支付", "card_direct"),
        ("disputes", "payment", "电汇", "not_card"),
        ("disputes", "evidence_review", "审核通过", "approved"),
        ("disputes", "bank_result", "败诉", "lost"),
    ],
)
def test_printed_words_mean_codes(name: str, column: str, printed: str, code: str) -> None:
    assert TABLES[name][column].code_of[normal(printed)] == code


@pytest.mark.parametrize("name", TABLES)
def test_no_alias_means_two_things_within_a_table(name: str) -> None:
    headers = [text for column in TABLES[name].columns for text in column.headers]
    assert len(headers) == len(set(headers))
    for column in TABLES[name].columns:
        words = {normal(word) for code, listed in column.codes.items() for word in (code, *listed)}
        spelt = sum(
            len({normal(word) for word in (code, *listed)}) for code, listed in column.codes.items()
        )
        assert len(words) == spelt


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_key_titles_and_plain_data(name: str) -> None:
    described = json.loads(json.dumps(TABLES[name].as_dict(), ensure_ascii=False))
    columns = {column["name"]: column for column in described["columns"]}
    assert set(described["key"]) <= {n for n, column in columns.items() if not column["nullable"]}
    assert all(column["title"]["zh"] and column["title"]["en"] for column in columns.values())
    assert [part["name"] for part in described["stored"]][-2:] == ["source_file", "source_row"]


def test_money_has_its_unit_in_name_and_type() -> None:
    money = [c for each in TABLES.values() for c in each.columns if c.kind == "money"]
    assert {column.name.rsplit("_", 1)[1] for column in money} == {"usd", "cny"}
    assert all(column.name.endswith(f"_{column.unit}") for column in money)
    assert "received_usd DECIMAL(18,2) NOT NULL" in TABLES["orders"].ddl


def test_unknown_table_names_those_there_are() -> None:
    with pytest.raises(IntakeError, match="campaign_enrolments"):
        table("nonsense")


def test_importing_the_schemas_imports_no_pandas() -> None:
    code = (
        "import sys; from merchantkit.facts import schemas; schemas.TABLES['orders'].as_dict(); "
        "print(sorted({'pandas', 'pandera', 'pyarrow', 'duckdb'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _enrolments(**changed: list[object]) -> pd.DataFrame:
    values: dict[str, list[object]] = {
        "merchant_id": ["007", "NA"],
        "campaign": ["recommendation_star_2021_05"] * 2,
        "enrolled_at": [pd.Timestamp("2021-05-02 03:04"), pd.Timestamp("2021-05-03")],
        "enrolled_at_is_date": [False, True],
        "ads_on": [True, False],
        "source_file": ["demo"] * 2,
        "source_row": [2, 3],
    }
    dtypes = TABLES["campaign_enrolments"].dtypes
    return pd.DataFrame(
        {name: pd.array(column, dtype=dtypes[name]) for name, column in (values | changed).items()}
    )


def test_the_schema_passes_good_rows_unchanged() -> None:
    frame = _enrolments()
    pd.testing.assert_frame_equal(TABLES["campaign_enrolments"].schema.validate(frame), frame)


@pytest.mark.parametrize(
    "changed",
    [
        {"merchant_id": ["007", "007"]},
        {"merchant_id": ["007", None]},
        {"merchant_id": ["007", " "]},
        {"ads_on": [True, None]},
        {"enrolled_at_is_date": [True, True]},
    ],
    ids=["key twice", "no key", "blank key", "no flag", "a day with a time"],
)
def test_the_schema_refuses(changed: dict[str, list[object]]) -> None:
    with pytest.raises(pandera.errors.SchemaErrors):
        TABLES["campaign_enrolments"].schema.validate(_enrolments(**changed), lazy=True)


@pytest.mark.parametrize(
    ("name", "column", "bad"),
    [
        ("orders", "received_usd", Decimal("-0.01")),
        ("orders", "via", "somehow"),
        ("quote_entitlements", "quantity", 0),
        ("campaign_counts", "month", "2021-13"),
        ("campaign_counts", "visitors", -1),
    ],
)
def test_the_columns_own_limits(name: str, column: str, bad: object) -> None:
    schema = TABLES[name].schema.columns[column]
    frame = pd.DataFrame({column: pd.array([bad], dtype=TABLES[name].dtypes[column])})
    with pytest.raises(pandera.errors.SchemaError):
        schema.validate(frame)


def test_bookkeeping_is_apart_from_facts() -> None:
    assert set(BOOKKEEPING) == {"meta", "imports", "rejects", "tariff_editions", "tariff_rows"}
    assert not set(BOOKKEEPING) & set(TABLES)

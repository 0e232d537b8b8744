"""What a briefing says of fees and of each order, in both languages and under reforms."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, assess_month, open_case
from merchantkit.facts import demo
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.html import Html
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.rulebook import rulebook
from tests.months import demo_board

WHO = "2100000011"


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def read(part: Html | None) -> str:
    assert part is not None
    return re.sub(r"\s+", " ", BeautifulSoup(part._repr_html_(), "html.parser").get_text(" "))


def page(board: Board, lang: str, merchant_id: str = WHO) -> BriefingPage:
    return BriefingPage(board.case(merchant_id), lang)


def test_both_routes_stand_side_by_side_and_sum_up(board: Board) -> None:
    text = read(page(board, "en").fees())
    assert "5 orders were paid this month, USD 37,891.50 received" in text
    assert "all by platform logistics the fee is USD 348.91, all by offline" in text
    assert "The difference of USD 408.92 comes from the rate (USD 378.91) and the cap" in text
    assert "the fee is USD 385.01: USD 360.02 saved already, and USD 42.50 more" in text
    assert "The logistics of 1 order is not known" in text
    assert "at most USD 100.00: from USD 10,000.00 on the fee stays there." in text
    assert "Orders above it this month: 2." in text
    assert "For offline logistics no cap is stated" in text
    assert "Total 37,891.50 348.91 757.83 408.92 385.01" in text
    assert "00F000000003 4,250.50 42.51 85.01 42.50 85.01 May 6, 2021 · offline logistics" in text
    assert "platform 3 days, offline 17 days" in text
    assert "platform — not out yet, offline — not received yet" in text


def test_it_is_said_in_chinese_too(board: Board) -> None:
    text = read(page(board, "zh").fees())
    assert "若全部走平台物流，手续费 USD 348.91；若全部走线下物流，手续费 USD 757.83。" in text
    assert "单笔满 USD 10,000.00 后不再增加，本月超过的有 2 单。" in text
    assert "赠送货运险最高赔付 CNY 30,000.00 不赠送，需自行购买 「平台物流权益介绍」" in text
    assert "信保额度释放节点 阿里物流出库 买家确认收货、系统自动收货" in text
    assert "逾期发货影响商家星等级 否 是 「平台物流权益介绍」" in text
    assert "fees.offline_cap" in text and "本工具的假设" in text


def test_the_head_of_the_page_shows_the_fee_and_what_was_missed(board: Board) -> None:
    assert "USD 385.01 this month's fee; platform logistics would save USD 42.50 more" in read(
        page(board, "en").standing()
    )
    assert "would save USD 42.50 more; 1 order by a route not known is left out" in read(
        page(board, "en").standing()
    )
    assert "改走平台物流还可省 USD 42.50；另有 1 单物流方式不明，未计入" in read(
        page(board, "zh").standing()
    )
    known = read(page(board, "en", "007").standing())
    assert "this month's fee;" in known and "a route not known" not in known
    unknown = read(page(board, "en", "2100000008").standing())
    assert "logistics benefits — logistics not known" in unknown


def test_each_order_is_seen_through_every_programme(board: Board) -> None:
    text = read(page(board, "en").orders())
    assert text.index("000000010003") < text.index("00F000000001") < text.index("00F000000003")
    assert "RFQ counts towards RFQ-linked online GMV Fee platform logistics, fee USD 100.00" in text
    assert "logistics not known: fee USD 6.40 by platform logistics, USD 12.80 offline" in text
    assert "RFQ 不计入RFQ在线交易额：关联的报价审核不通过" in read(
        page(board, "zh", "2100000009").orders()
    )


def test_a_merchant_without_orders_reads_one_line_and_no_list(board: Board) -> None:
    mine = page(board, "en", "null")
    assert read(mine.fees()).endswith("There are no facts of yours in this programme this month. ")
    assert mine.orders() is None
    assert "most an order pays" not in read(mine.rules())


def test_before_the_rules_are_on_record_it_is_one_line() -> None:
    mine = BriefingPage(open_case("", WHO, day="2021-03-31"), "en")
    assert "Not in force on March 31, 2021." in read(mine.fees())
    assert mine.orders() is None


@pytest.mark.slow
def test_a_reform_is_what_the_page_says() -> None:
    since = dt.date(2021, 5, 1)
    reform = {"id": "fees", "parameters": {
        "offline_cap": {"values": {since: {"is": 150}}},
        "platform_cap": {"values": {since: {"is": None}}},
    }}  # fmt: skip
    made = Warehouse.in_memory()
    demo.fill(made)
    rules = rulebook(reform).on("2021-05-31")
    text = read(page(Board(assess_month(made, "2021-05-31", rules), rules), "en").fees())
    assert "For platform logistics no cap is stated" in text
    assert "With offline logistics an order pays at most USD 150.00: from USD 7,500.00 on" in text
    # 13,000.00: 130.00 by platform logistics, 260.00 offline and so 150.00.
    assert "000000010003 13,000.00 130.00 150.00 20.00 130.00" in text


@pytest.fixture(scope="module")
def many() -> Board:
    made = Warehouse.in_memory()
    whence = {"source_file": "t", "source_row": 2}
    rows: dict[str, list[dict[str, Any]]] = {
        "merchants": [{"merchant_id": "m"}],
        "orders": [
            {"order_id": f"<b>{n:02d}</b>", "merchant_id": "m", "via": "direct", "genuine": True,
             "received_usd": Decimal(100), "paid_at": dt.datetime(2021, 5, 1 + n, 19),
             "paid_at_is_date": False, "logistics": "平台物流"}
            for n in range(20)
        ],
    }  # fmt: skip
    with made.write() as connection:
        for name, facts in rows.items():
            stored = [{**whence, **row} for row in facts]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    rules = rulebook().on("2021-05-31")
    return Board(assess_month(made, "2021-05-31", rules), rules)


@pytest.mark.slow
def test_a_long_month_shows_the_latest_orders_and_sums_up_all(many: Board) -> None:
    mine = page(many, "en", "m")
    fees, orders = mine.fees()._repr_html_(), mine.orders()
    assert fees.count('class="mk-over"') == 12
    assert "and 8 more orders" in fees
    assert "Total 2,000.00 20.00 40.00 20.00 20.00" in read(mine.fees())
    assert orders is not None
    assert orders._repr_html_().count("<tr><th") == 1 + 8
    assert "and 12 more orders" in orders._repr_html_()
    for markup in (fees, orders._repr_html_()):
        assert "<b>19" not in markup
        assert "&lt;b&gt;19&lt;/b&gt;" in markup


@pytest.mark.slow
def test_the_portfolio_lists_who_would_save(board: Board, many: Board) -> None:
    text = read(PortfolioPage(board, "en").fees())
    assert re.search(r"NA 2 USD 500.00 USD 400.00 .* 2100000015 1 USD 240.00 USD 140.00", text)
    assert "2100000011 5 USD 385.01 USD 42.50" in text
    assert "— Nobody." in read(PortfolioPage(many, "en").fees())

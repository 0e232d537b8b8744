"""A check as its reader sees it: what is reached, what is exceeded, and by how much."""

import re

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board
from merchantkit.present.briefing import BriefingPage
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def checks(board: Board, merchant_id: str, programme: str, lang: str) -> dict[str, list[str]]:
    """A section's checks: observed, required, whether it is met, and the gap, by title."""
    markup = BriefingPage(board.case(merchant_id), lang).section(programme)._repr_html_()
    found = BeautifulSoup(markup, "html.parser").select(".mk-checks tr")
    rows = [
        [re.sub(r"\s+", " ", cell.get_text(" ", strip=True)) for cell in row.find_all(["th", "td"])]
        for row in found
    ]
    return {row[0]: row[1:5] for row in rows}


@pytest.mark.parametrize(
    ("merchant_id", "programme", "title", "told"),
    [
        ("2100000011", "express", "单个卖家（含主/子账号）封顶单数",
         ["4 单", "不超过 3 单", "✗ 超出", "超出 1 单"]),
        ("2100000008", "quick_custom", "按时发货（当月逾期且未获豁免的订单数）",
         ["3 单", "不超过 0 单", "✗ 超出", "超出 3 单"]),
        ("2100000007", "quick_custom", "定制最小MOQ",
         ["51 件", "不超过 50 件", "✗ 超出", "超出 1 件"]),
        ("NA", "chargeback", "可使用的保障额度",
         ["USD 1,000.01", "不超过 USD 1,000.00", "✗ 超出", "超出 USD 0.01"]),
        # A moment is no amount, and the best rank is the first one.
        ("9007199254740993", "showroom", "客户经理提交拍摄任务截止",
         ["2021年5月11日", "不晚于 2021年5月10日", "✗ 已超期", "—"]),
        ("2100000008", "campaign", "头部名次",
         ["第 16 名", "不超过 第 10 名", "✗ 未达到", "6 名"]),
        ("000123", "quick_custom", "定制最小MOQ",
         ["50 件", "不超过 50 件", "✓ 未超出", "—"]),
    ],
)  # fmt: skip
def test_a_limit_is_exceeded_and_not_yet_to_be_reached(
    board: Board, merchant_id: str, programme: str, title: str, told: list[str]
) -> None:
    assert checks(board, merchant_id, programme, "zh")[title] == told


def test_in_english_too_under_a_heading_that_fits_both(board: Board) -> None:
    found = checks(board, "2100000011", "express", "en")
    assert found["Check"] == ["Yours", "Required", "Met", "Gap"]
    (told,) = (row for row in found.values() if row[0] == "4 orders")
    assert told == ["4 orders", "at most 3 orders", "✗ over the limit", "1 order over"]

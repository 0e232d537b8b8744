"""How the team's tables stand on the page."""

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board
from merchantkit.present.portfolio import PortfolioPage
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


# Which columns, after the merchant's, are amounts or counts.
@pytest.mark.parametrize(
    ("table", "numbers"),
    [
        ("nearest", [False, False, True, True]),  # tier, next tier, usd, quotes
        ("leaderboard", [True, True, True]),
        ("stars", [False, False, True, False]),  # star, lowest pillar, lacking, what points change
        ("fees", [True, True, True]),
        ("tariff", [True, True, True]),
        ("chargeback", [True] * 5),
        ("showroom", [False, False, False, True, True]),  # stage, what next, by when
    ],
)
def test_amounts_and_counts_stand_right(board: Board, table: str, numbers: list[bool]) -> None:
    part = PortfolioPage(board, "en").table(table)
    assert part is not None
    for row in BeautifulSoup(part._repr_html_(), "html.parser").select("tbody tr:has(th)"):
        assert ["mk-num" in cell.get("class", ()) for cell in row.select("td")] == numbers


def test_what_is_expected_in_may_is_not_from_expected(board: Board) -> None:
    # 「预计5月」 of the scene on the app's home page.
    said = PortfolioPage(board, "en").rules_update()._repr_html_()
    assert "from expected" not in said
    assert "from May (expected)" in said

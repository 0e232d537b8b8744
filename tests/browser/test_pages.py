"""A briefing as a phone shows it: nothing of a table hides at the right."""

from typing import Any

import pytest

from merchantkit.assessment import Board
from merchantkit.briefing import assets
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.html import Html
from merchantkit.programmes import NAMES
from tests.months import demo_board

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
# What of a page stands further right than the page, or is clipped: cells by their first words.
HIDDEN = """() => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  const right = document.querySelector(".mk-page").getBoundingClientRect().right;
  const cells = [...document.querySelectorAll("tbody th, tbody td")];
  return cells.filter((cell) => cell.textContent.trim()).filter((cell) => {
    const box = cell.getBoundingClientRect();
    return box.width < 20 || box.height < 10 || box.right > right;
  }).map((cell) => cell.textContent.trim().slice(0, 20));
}"""
NARROWEST = """(cells) => Math.min(...cells.map((cell) => cell.getBoundingClientRect().width))"""


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def shown(board: Board, lang: str) -> str:
    page = BriefingPage(board.case("2100000011"), lang)
    parts = [page.standing(), page.rfq_rolled(), page.quick_custom_quotes(), page.orders()]
    parts += [*map(page.section, NAMES), page.calendar(), page.rules(), page.end()]
    body = "".join(part._repr_html_() for part in parts if isinstance(part, Html))
    style = assets.text("page.css")
    return f'<!doctype html><html lang="{lang}"><meta name="viewport" content="width=device-width">\
<style>{style}</style><main class="mk-page">{body}</main>'


@pytest.fixture(params=["zh", "en"])
def phone(request: pytest.FixtureRequest, board: Board, browser: Any) -> Any:
    page = browser.new_page(viewport=PHONE)
    page.set_content(shown(board, request.param))
    return page


def test_a_phone_shows_all_of_every_table(phone: Any) -> None:
    assert phone.locator("table").count() > 40
    assert phone.evaluate(HIDDEN) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_long_texts_have_a_line_of_their_own_on_a_phone(phone: Any) -> None:
    for text in (".mk-told", ".mk-source", ".mk-under td"):
        assert phone.locator(f"tbody :is({text})").evaluate_all(NARROWEST) > 300


def test_a_filtered_row_is_hidden_on_a_phone(phone: Any) -> None:
    row = phone.locator(".mk-checks tbody tr").first
    row.evaluate("(row) => { row.hidden = true; }")
    assert not row.is_visible()

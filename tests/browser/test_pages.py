"""A briefing in a browser: on a phone nothing of a table hides, and tiles lead to sections."""

from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from merchantkit.assessment import Board
from merchantkit.briefing import assets, page
from merchantkit.briefing.head import Head
from merchantkit.briefing.verification import verify_page
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.words import words
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

# Numbers that stand in two lines.
BROKEN = """() => {
  const cells = [...document.querySelectorAll("td.mk-num")];
  return cells.flatMap((cell) => [...cell.childNodes]).filter((node) => node.data).flatMap((node) =>
    [...node.data.matchAll(/\\S+/g)].filter((word) => {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      return range.getClientRects().length > 1;
    }).map(String));
}"""
# A4 less its margins, in CSS pixels.
PAPER = {"width": 688, "height": 1000}
# In how many lines each place stands where a cell says a text.
LINES = """([cells, text]) => [...document.querySelectorAll(cells)].flatMap((cell) => {
  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const at = walk.currentNode.data.indexOf(text);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walk.currentNode, at);
    range.setEnd(walk.currentNode, at + text.length);
    found.push(new Set([...range.getClientRects()].map((box) => box.top)).size);
  }
  return found;
})"""


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


@pytest.fixture(params=["zh", "en"])
def briefing(request: pytest.FixtureRequest, board: Board, tmp_path: Path) -> Path:
    """A briefing on disk, beside its month's assets; charts are left out."""
    made = BriefingPage(board.case("2100000011"), request.param)
    parts = [made.standing(), made.rfq_rolled(), made.quick_custom_quotes(), made.orders()]
    parts += [*map(made.section, NAMES), made.calendar(), made.rules(), made.end()]
    outputs = [
        new_output("display_data", {"text/html": part._repr_html_()}) for part in parts if part
    ]
    notebook = new_notebook(cells=[new_code_cell(outputs=outputs)])
    assets.place(tmp_path / "assets")
    file = tmp_path / "briefing.html"
    head = Head(request.param, "Briefing", "", assets.versions())
    file.write_text(page.page(notebook, head), encoding="utf-8")
    return file


@pytest.fixture
def phone(briefing: Path, browser: Any) -> Any:
    opened = browser.new_page(viewport=PHONE)
    opened.goto(briefing.as_uri())
    return opened


def test_a_phone_shows_all_of_every_table(phone: Any) -> None:
    assert phone.locator("table").count() > 40
    assert phone.evaluate(HIDDEN) == []
    assert phone.evaluate(BROKEN) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_long_texts_have_a_line_of_their_own_on_a_phone(phone: Any) -> None:
    for text in (".mk-told", ".mk-source", ".mk-under td"):
        assert phone.locator(f"tbody :is({text})").evaluate_all(NARROWEST) > 300


def test_a_filtered_row_is_hidden_on_a_phone(phone: Any) -> None:
    row = phone.locator(".mk-checks tbody tr").first
    row.evaluate("(row) => { row.hidden = true; }")
    assert not row.is_visible()


def test_a_tile_leads_to_its_section_and_back_by_keyboard_alone(phone: Any, briefing: Path) -> None:
    assert verify_page(briefing.read_bytes()).problems == ()
    tiles = phone.locator("a.mk-card")
    assert tiles.count() == len(NAMES)
    for link in phone.locator(".mk-standing a").all():
        link.focus()
        phone.keyboard.press("Enter")
        section = phone.locator(f"section{link.get_attribute('href')}")
        assert abs(section.bounding_box()["y"]) < PHONE["height"]
        phone.locator(".mk-top").focus()
        phone.keyboard.press("Enter")
        phone.wait_for_function("scrollY === 0")


@pytest.mark.parametrize("briefing", ["zh"], indirect=True)
def test_no_word_breaks_in_a_squeezed_column_on_paper(briefing: Path, browser: Any) -> None:
    paper = browser.new_page(viewport=PAPER)
    paper.emulate_media(media="print")
    paper.goto(briefing.as_uri())
    zh = words("zh")
    # However a clock is called: a long word in that cell.
    clock = paper.locator("#calendar td .mk-detail").first
    clock.evaluate("(cell) => { cell.textContent = 'America/Los_Angeles'; }")
    for cells, text in (
        ("#calendar td", "America/Los_Angeles"), ("#fees th", zh.code("offline")),
        ("#fees code", "fees.platform_overdue_touches_stars"), (".mk-checks th", zh.t("table.gap")),
    ):  # fmt: skip
        lines = paper.evaluate(LINES, [cells, text])
        assert lines, text
        assert set(lines) == {1}, text
    assert paper.evaluate("document.documentElement.scrollWidth") == PAPER["width"]

"""The duty what-if in a real JupyterLab: two products side by side, value, origin and day."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    expect.set_options(timeout=15_000)
    yield
    expect.set_options(timeout=5_000)


def box(whatif: Any, label: str, side: int = 0) -> Any:
    """The text box below a label; ``side`` 0 is the left one."""
    fields = whatif.locator(".mk-wi-field").filter(has_text=label)
    return fields.nth(side).locator("input").first


def write(whatif: Any, label: str, text: str, side: int = 0) -> None:
    box(whatif, label, side).fill(text)
    box(whatif, label, side).press("Enter")


def test_two_products_side_by_side_by_value_origin_and_day(
    notebook: Notebook, tmp_path: Path
) -> None:
    whatif = notebook.run("whatif_tariff.ipynb", charts=False, lang="en")
    left, right = (whatif.locator('[data-mk="side"]').nth(at) for at in (0, 1))
    # A cotton dress, knitted: 11.5 % and List 4A's 7.5 %. A hair dryer: 3.9 %; 4B is suspended.
    expect(left.locator(".mk-wi-card-big")).to_have_text("USD 190.00")
    expect(left).to_contain_text("without what is added: USD 115.00")
    expect(right.locator(".mk-wi-card-big")).to_have_text("USD 39.00")
    expect(right).to_contain_text("8516.31.00")
    write(whatif, "value (USD)", "2000")
    expect(left.locator(".mk-wi-card-big")).to_have_text("USD 380.00")
    expect(right.locator(".mk-wi-card-big")).to_have_text("USD 78.00")
    write(whatif, "origin", "VN")
    expect(left.locator(".mk-wi-card-big")).to_have_text("USD 230.00")
    write(whatif, "origin", "CN")
    # Plastics: 5.3 % and 7.5 % of 2,000. Nothing was searched for on this side any more.
    lines = whatif.locator(".mk-wi-field").filter(has_text="lines found by name")
    expect(lines.nth(0)).to_be_hidden()
    expect(lines.nth(1)).to_be_visible()
    write(whatif, "code or English name", "3926.90.99")
    expect(left.locator(".mk-wi-card-big").first).to_have_text("USD 256.00")
    folder = Path(os.environ.get("MERCHANTKIT_SCREENSHOTS") or tmp_path)
    assert len(whatif.screenshot(path=folder / "whatif-tariff-en.png")) > 20_000
    write(whatif, "code or English name", "9999.99.99")
    expect(left.locator(".mk-wi-problem")).to_be_visible()
    expect(right.locator(".mk-wi-card-big")).to_have_text("USD 78.00")
    assert notebook.outside == []


def test_in_chinese(notebook: Notebook, tmp_path: Path) -> None:
    whatif = notebook.run("whatif_tariff.ipynb", charts=False)
    left = whatif.locator('[data-mk="side"]').first
    expect(left.locator(".mk-wi-card-big")).to_have_text("USD 190.00")
    expect(left).to_contain_text("若无加征：USD 115.00")
    # What is found reads differently line by line, and a refusal says what to write instead.
    write(whatif, "编码或英文品名", "plastic belts of textile fibers")
    found = whatif.locator(".mk-wi-field").filter(has_text="按品名找到的税号").first
    expect(found.locator("option")).to_have_count(8)
    offered = [tuple(text.split()[1:]) for text in found.locator("option").all_text_contents()]
    assert len({*offered}) == 8
    assert (
        "Trunks,",
        "suitcases,",
        "vanity",
        "cases,",
        "attache…",
        "›",
        "…",
        "›",
        "Of",
        "wood",
    ) in offered
    write(whatif, "编码或英文品名", "连衣裙")
    expect(left.locator(".mk-wi-problem")).to_contain_text("品名须用英文")
    # A Chinese code of eight digits: two lines of gloves.
    write(whatif, "编码或英文品名", "40151990")
    expect(left.locator(".mk-wi-card-title")).to_have_count(2)
    expect(left).to_contain_text("按中国编码的前6位（401519）查得")
    folder = Path(os.environ.get("MERCHANTKIT_SCREENSHOTS") or tmp_path)
    assert len(whatif.screenshot(path=folder / "whatif-tariff-zh.png")) > 20_000
    write(whatif, "货值", "abc")
    expect(left.locator(".mk-wi-problem")).to_contain_text("货值不能是“abc”")

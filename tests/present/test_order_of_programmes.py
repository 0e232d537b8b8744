"""Programmes stand in one order wherever a page shows them."""

import re
from pathlib import Path

import pytest

from merchantkit.assessment import open_case
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.sections import section
from merchantkit.present.team.tables import TABLES
from merchantkit.programmes import NAMES

NOTEBOOKS = Path(__file__).resolve().parent.parent.parent / "notebooks"


def cells(notebook: str) -> list[str]:
    script = (NOTEBOOKS / f"{notebook}.py").read_text(encoding="utf-8")
    return re.findall(r"^page\.(\w+)\(\)", script, re.M)


def test_every_programme_has_a_section_and_the_cells_follow_their_order() -> None:
    assert all(callable(section(name)) for name in NAMES)
    assert [cell for cell in cells("briefing") if cell in NAMES] == list(NAMES)


@pytest.mark.slow
def test_cards_and_rules_follow_the_programmes_order() -> None:
    case = open_case("", "2100000011")
    page = BriefingPage(case, "en")
    titles = [page.words.pick(case.rules.files[name].title) for name in NAMES]
    for part in (page.standing(), page.rules()):
        markup = part._repr_html_()
        at = [markup.find(title) for title in titles]
        assert -1 not in at
        assert at == sorted(at)


def test_the_teams_page_follows_it_too_and_ends_with_what_is_wrong() -> None:
    named = {*TABLES, "express", "quick_custom"}
    *told, last = [name for name in cells("portfolio") if name in named]
    programmes = [TABLES[name].programme if name in TABLES else name for name in told]
    assert programmes == sorted(programmes, key=NAMES.index)
    assert set(programmes) == set(NAMES)
    assert last == "data_errors"

"""No id reaches a path, and no run lands on another's folder."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.briefing.places import places, run_label
from merchantkit.briefing.slugs import label_part, slug
from merchantkit.days import Month
from merchantkit.errors import DayError, ReportError

MAY = Month(2021, 5)
LAST = dt.date(2021, 5, 31)


@given(st.text())
def test_a_slug_is_safe_whatever_the_id(merchant_id: str) -> None:
    made = slug(merchant_id)
    assert all(mark.isascii() and (mark.isalnum() or mark in "_-") for mark in made)
    assert 9 < len(made) <= 24 + 1 + 8
    assert not made.startswith(".")


def test_a_slug_is_the_safe_characters_and_the_hash() -> None:
    # sha256("007") begins 629f4cf9…, by another program.
    assert slug("007") == "007-629f4cf9"
    assert slug("M" * 30).startswith("M" * 24 + "-")


def test_ids_that_differ_in_case_or_in_unsafe_characters_alone_have_different_slugs() -> None:
    ids = ["ab", "AB", "a/b", "a\\b", "a.b", "..", ".", "", "{}", "NUL", "nul", "7", "007", "７"]
    assert len({slug(one).casefold() for one in ids}) == len(ids)


def test_a_label_keeps_plain_names_and_tells_other_ones_apart() -> None:
    assert label_part("reform_2022-a") == "reform_2022-a"
    assert label_part("改革") != label_part("提案")
    assert "/" not in label_part("../x")


def test_a_hypothetical_run_never_lands_on_the_month() -> None:
    assert run_label(MAY, [], LAST, LAST) == "2021-05"
    assert run_label(MAY, [Path("a/reform.yaml")], LAST, LAST) == "2021-05+reform"
    assert run_label(MAY, [{"id": "rfq"}], LAST, LAST) == "2021-05+overlay"
    both = run_label(MAY, ["x.yaml", "y.yaml"], dt.date(2021, 4, 20), LAST)
    assert both == "2021-05+x+y+rules-2021-04-20"


@pytest.mark.parametrize("text", ["2021-05+../..", "2021-05+", "2021-05+a b", "2021-05+.x"])
def test_a_label_leads_nowhere_else(text: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="label"):
        places(text, tmp_path)


@pytest.mark.parametrize("text", ["../2021-05", "may", "2021-13", "2021-05/x"])
def test_what_is_no_month_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(DayError):
        places(text, tmp_path)


@pytest.mark.parametrize("text", ["9999-12", "2100-01+reform", "1990-12", "0001-01"])
def test_a_month_that_no_facts_can_be_of_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(DayError, match="beyond any facts") as told:
        places(text, tmp_path)
    assert "1991-01 to 2099-12" in str(told.value.remedy)
    assert [places(month, tmp_path).label for month in ("1991-01", "2099-12")]


def test_outputs_are_where_the_contract_says(tmp_path: Path) -> None:
    where = places("2021-05", tmp_path)
    assert where.outputs("briefing", "007", "en") == (
        "m/007-629f4cf9/briefing.en.html",
        "m/007-629f4cf9/briefing.en.ipynb",
    )
    assert where.outputs("portfolio", "", "zh")[0] == "portfolio.zh.html"
    assert where.ledger == tmp_path / "2021-05" / "_team" / "ledger.sqlite"

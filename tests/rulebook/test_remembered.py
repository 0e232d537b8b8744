"""A rulebook that was read before is given out again, and only while its files say the same."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from merchantkit import home
from merchantkit.errors import RuleFileError
from merchantkit.rulebook import rulebook

DAY = dt.date(2021, 5, 31)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(home.place("params/rules"), tmp_path / "rules"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_same_files_are_parsed_once(folder: Path, tmp_path: Path) -> None:
    book = rulebook(folder=folder)
    assert rulebook(folder=folder) is book
    copied = shutil.copytree(folder, tmp_path / "copy")
    assert rulebook(folder=copied) is book  # known by what they say, not by where they are
    assert book.on(DAY) is book.on("2021-05-31")


@pytest.mark.slow
def test_an_edited_file_is_seen(folder: Path) -> None:
    assert rulebook(folder=folder).on(DAY).programme("rfq")["tier_1_gmv"] == 25000
    edit(folder / "rfq.yaml", "is: 25000", "is: 26000")
    assert rulebook(folder=folder).on(DAY).programme("rfq")["tier_1_gmv"] == 26000


def test_a_file_that_was_broken_and_mended_is_read(folder: Path) -> None:
    edit(folder / "rfq.yaml", "is: 25000", "is: -1")
    for _ in range(2):
        with pytest.raises(RuleFileError, match="tier_1_gmv"):
            rulebook(folder=folder)
    edit(folder / "rfq.yaml", "is: -1", "is: 25000")
    assert rulebook(folder=folder).on(DAY).programme("rfq")["tier_1_gmv"] == 25000


def test_an_edited_overlay_is_seen(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "reform.yaml"
    overlay.write_text("id: rfq\nparameters:\n  tier_1_gmv: {values: {2021-05-01: {is: 30000}}}\n")
    first = rulebook(overlay, folder=folder)
    assert rulebook(str(overlay), folder=folder) is first
    edit(overlay, "30000", "31000")
    assert rulebook(overlay, folder=folder).on(DAY).programme("rfq")["tier_1_gmv"] == 31000
    assert first.on(DAY).programme("rfq")["tier_1_gmv"] == 30000


def test_what_a_caller_does_to_a_list_changes_no_rule() -> None:
    rules = rulebook().on(DAY).programme("rfq")
    rules["points_tracks"].append("everyone")
    rules.provision("points_tracks").value.clear()
    next(p for p in rules.provisions() if p.rule == "rfq.points_tracks").value.clear()
    assert rulebook().on(DAY).programme("rfq")["points_tracks"] == ["customization"]

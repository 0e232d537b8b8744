"""One bad file per mistake: each error names the file, the line, what is wrong and a remedy.

The line is marked in the file itself with ``# <-``.
"""

import shutil
from pathlib import Path

import pytest

from merchantkit.errors import RuleFileError
from merchantkit.rulebook import rulebook

HERE = Path(__file__).parent
BAD = HERE / "bad"

# File → words of what is wrong, and of the remedy.
MISTAKES = {
    "a_list": ("the file is a list", "keys and values"),
    "alias": ("alias", "write the value out"),
    "assumed_without_why": ("assumption gives no reason", "add why"),
    "assumption_empty": ("assumptions.closed: a reason is missing", "write a sentence"),
    "bracket_left_open": ("not readable as YAML", "brackets"),
    "calendar_of_another_kind": ("calendar.kind: holiday is not known here", "'deadline'"),
    "calendar_on_another_day": ("calendar.on: easter is not known here", "'month_first'"),
    "calendar_that_is_a_number": ("3 is no entry of a calendar", "deadline or event"),
    "check_of_a_share_without_percent": ("compared with percent, not usd", "the unit percent"),
    "check_of_another_currency": ("sales_usd is in usd but its limit is in cny", "in usd"),
    "check_of_another_unit": ("open_days is in day but its limit is in usd", "in day"),
    "check_of_percent_without_share": ("sold is compared with a percentage of nothing", "add of:"),
    "check_of_unknown_parameter": ("unknown least_sale", "least_sales"),
    "check_that_equals_a_number": ("equals cannot compare with usd", "flag, text"),
    "check_with_a_flag_as_limit": ("at_least cannot compare with flag", "usd"),
    "check_with_two_operators": ("in exactly one way", "keep one of: at_least"),
    "check_without_measure": ("checks.sales.measure is missing", "add measure:"),
    "check_without_operator": ("in exactly one way", "keep one of: at_least"),
    "clock_assumed_without_why": ("clock: an assumption gives no reason", "add why"),
    "date_that_does_not_exist": ("2021-02-30 does not exist", "a day that the calendar has"),
    "date_that_is_a_moment": ("2021-02-01 00:00:00 is no start date", "2021-04-15"),
    "date_that_is_a_month": ("2021-02 is no start date", "2021-04-15"),
    "deck_source_without_slide": ("sources.slide: a deck source names no slide", "add slide:"),
    "duplicate_date": ("2021-01-01 stands twice, first on line 12", "keep one"),
    "duplicate_key": ("least_sales stands twice, first on line 8", "keep one"),
    "empty_file": ("the file is empty", "keys and values"),
    "finer_than_its_check": ("60.5 is finer than waited, which share", "a whole number"),
    "half_a_day": ("100.5 is no value in day", "what is counted has no decimals"),
    "hour_too_fine": ("60.125 is no value in hour", "two decimals"),
    "id_with_a_capital": ("'Shop' is no id", "small letters"),
    "meaning_for_no_track": ("means: a meaning is for a track", "both, customization, rts"),
    "meaning_in_one_language": ("means.both.en is missing", "add en:"),
    "meaning_of_an_unknown_parameter": ("names no parameter: {least_sale}", "least_sales"),
    "meaning_with_a_brace_left_open": ("names no parameter: {至少{least_sales", "least_sales"),
    "missing_clock": ("clock is missing", "add clock:"),
    "missing_id": ("id is missing", "add id:"),
    "missing_is": ("least_sales.values.2021-01-01.is is missing", "add is:"),
    "missing_source": ("least_sales on 2021-01-01 has no source", "add source:"),
    "missing_title_en": ("title.en is missing", "add en:"),
    "missing_unit": ("least_sales.unit is missing", "add unit:"),
    "negative": ("-100 is no value in usd", "digits"),
    "no_values": ("a parameter without values", "at least one value"),
    "not_utf8": ("not UTF-8", "save it as UTF-8"),
    "overlay_as_source": ("the source law is an overlay", "cite the deck or a public rule"),
    "percent_too_fine": ("33.333 is no value in percent", "two decimals"),
    "planned_with_a_date": ("planned is what has no date", "the key planned"),
    "planned_without_the_status": ("planned is what has no date", "status: planned"),
    "public_source_without_url": ("sources.law: a public source is incomplete", "url"),
    "score_too_fine": ("60.555 is no value in score", "two decimals"),
    "states_none_later": ("least_sales had a value, and states none", "add optional: true"),
    "tab_indentation": ("not readable as YAML", "spaces"),
    "tag": ("a tag (!unit)", "remove it"),
    "three_decimal_money": ("100.005 is no value in usd", "two decimals"),
    "two_documents": ("expected a single document", "that line"),
    "unknown_key_check": ("unknown key checks.sales.per", "remove it"),
    "unknown_key_clock": ("unknown key clock.stat", "did you mean status?"),
    "unknown_key_parameter": ("unknown key parameters.least_sales.vaules", "values?"),
    "unknown_key_source": ("unknown key sources.slide.ordnal", "did you mean ordinal?"),
    "unknown_key_title": ("unknown key title.fr", "remove it"),
    "unknown_key_top": ("unknown key assumption", "did you mean assumptions?"),
    "unknown_key_value": ("least_sales.values.2021-01-01.sttaus", "did you mean status?"),
    "unknown_kind_of_source": ("rumour is no kind of source", "the deck or a public rule"),
    "unknown_source": ("no source is called slyde", "slide, law"),
    "unknown_status": ("valid is not known here", "'expected'"),
    "unknown_track": ("track: retail is not known here", "'customization'"),
    "unknown_unit": ("'usdollar' is no unit", "usd"),
    "unknown_zone": ("'Asia/Shenzhen' is no IANA zone", "Asia/Shanghai"),
    "value_far_below_its_date": ("[100] is no value in usd", "digits"),
    "value_is_flag_in_percent": ("true is no value in percent", "digits"),
    "value_is_number_in_flag": ("1 is no value in flag", "true or false"),
    "value_is_text_in_usd": ("100 is no value in usd", "without quotes"),
    "value_is_yes_in_flag": ("yes is no value in flag", "true or false"),
    "values_are_a_list": ("least_share.values is a list", "keys and values"),
    "window_backwards": ("{from: 2021-03-31, to: 2021-01-01} is no value", "write it as {from: "),
    "window_without_end": ("{from: 2021-01-01} is no value", "to: 2021"),
}
OVERLAY_MISTAKES = {
    "assumed_without_why": ("assumption gives no reason", "add why"),
    "date_that_does_not_exist": ("2021-04-31 does not exist", "a day that the calendar has"),
    "duplicate_date": ("2021-01-01 stands twice, first on line 5", "keep one"),
    "extra_key_parameter": ("unknown key parameters.least_sales.unit", "remove it"),
    "extra_key_top": ("unknown key title", "remove it"),
    "states_none": ("least_share: the programme cannot do without a value", "give it one"),
    "three_decimal_money": ("150.001 is no value in usd", "two decimals"),
    "unknown_key_value": ("2021-01-01.sorce", "did you mean source?"),
    "unknown_parameter": ("does not exist: least_sale", "did you mean least_sales?"),
    "unknown_programme": ("does not exist: shoop", "did you mean shop?"),
    "unknown_source": ("no source is called slyde", "slide, law"),
    "value_does_not_fit": ("least_sales: many is no value in usd", "digits"),
    "without_a_date": ("planned is no start date", "an overlay dates"),
    "without_parameters": ("parameters is missing", "add parameters:"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of rules that holds the good file alone."""
    made = tmp_path / "rules"
    made.mkdir()
    shutil.copy(HERE / "good.yaml", made)
    return made


def marked(file: Path) -> str:
    lines = file.read_bytes().splitlines()
    (number,) = [n for n, line in enumerate(lines, start=1) if b"# <-" in line]
    return f"{file.name}:{number}"


def test_the_good_file_is_good(folder: Path) -> None:
    assert rulebook(folder=folder).on("2021-06-01").programme("shop")["least_share"] == 60


def test_every_bad_file_is_tried() -> None:
    named = {*MISTAKES, *(f"overlay_{name}" for name in OVERLAY_MISTAKES)}
    assert {file.stem for file in BAD.glob("*.yaml")} == named


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_rule_file(mistake: str, tmp_path: Path) -> None:
    file = BAD / f"{mistake}.yaml"
    shutil.copy(file, tmp_path)
    with pytest.raises(RuleFileError) as caught:
        rulebook(folder=tmp_path)
    said = caught.value
    what, remedy = MISTAKES[mistake]
    assert said.where == marked(file)
    assert what in said.what
    assert remedy in (said.remedy or "")
    assert "datetime" not in str(said), "a Python value is no way to speak of a day"
    assert "Decimal" not in str(said)


@pytest.mark.parametrize("mistake", OVERLAY_MISTAKES)
def test_a_mistake_in_an_overlay(mistake: str, folder: Path) -> None:
    file = BAD / f"overlay_{mistake}.yaml"
    with pytest.raises(RuleFileError) as caught:
        rulebook(file, folder=folder)
    what, remedy = OVERLAY_MISTAKES[mistake]
    assert caught.value.where == marked(file)
    assert what in caught.value.what
    assert remedy in (caught.value.remedy or "")


def test_two_files_of_one_id(folder: Path) -> None:
    shutil.copy(HERE / "good.yaml", folder / "twin.yaml")
    with pytest.raises(RuleFileError, match=r"good.yaml has the id shop too") as caught:
        rulebook(folder=folder)
    assert caught.value.where == "twin.yaml:1"
    assert "an id of its own" in (caught.value.remedy or "")


def test_a_folder_without_rules(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="no rule files") as caught:
        rulebook(folder=tmp_path)
    assert caught.value.where == str(tmp_path)


def test_an_overlay_that_is_not_there(folder: Path) -> None:
    missing = folder / "reform.yaml"
    with pytest.raises(RuleFileError, match="cannot be read") as caught:
        rulebook(missing, folder=folder)
    assert caught.value.where == str(missing)
    assert "that exists" in (caught.value.remedy or "")


def test_the_number_of_mistakes_is_told_and_the_first_is_named(tmp_path: Path) -> None:
    text = (HERE / "good.yaml").read_text(encoding="utf-8")
    broken = text.replace("zone:", "zonne:").replace("unit: cny", "unit: dollars")
    (tmp_path / "shop.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        rulebook(folder=tmp_path)
    assert caught.value.where == "shop.yaml:3"
    # zone is missing, zonne is unknown, dollars are no unit
    assert caught.value.count == 3

"""One question from code to total: worked by hand, refused by name, never picked silently."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.tariff_notes import noted
from merchantkit.present.words import LANGUAGES, words
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.hints import KINDS
from merchantkit.programmes.tariff.lookup import Match, find
from merchantkit.programmes.tariff.pointers import exclusions, other_provisions
from merchantkit.programmes.tariff.rates import Form, parse
from merchantkit.programmes.tariff.schedule import Schedule, schedule
from merchantkit.programmes.tariff.special import special
from merchantkit.rulebook import rulebook

OWN = schedule()
EXCERPT = (resources.files("merchantkit.facts.tariff") / "excerpt.json").read_text("utf-8")
UNREAD = (Form.REFUSED, Form.ADDED, Form.REFERRED)


def only(code: str, value: object = 1000, **given: object) -> tariff.Answer:
    (answer,) = tariff.duty(code, value, **given)  # type: ignore[arg-type]
    return answer


def parts(answer: tariff.Answer) -> list[tuple[str, str, str, str]]:
    return [(p.kind, p.rate_row, p.text, str(p.amount_usd)) for p in answer.components]


@pytest.mark.parametrize("code", ["6104.42.00.10", "6104420010", "6104.42.00", "61044200",
                                  "6104.42", " 6104 42 00 10 ", "6104-42-00"])  # fmt: skip
def test_the_dress_worked_by_hand(code: str) -> None:
    # USD 1,000, CN, April 2021 rules: 115.00 + 75.00 = 190.00
    answer = only(code)
    assert parts(answer) == [
        ("general", "6104.42.00", "11.5%", "115.00"), ("added", "9903.88.15", "7.5%", "75.00"),
    ]  # fmt: skip
    assert (answer.total_usd, answer.effective_rate) == (Decimal("190.00"), Decimal("0.1900"))
    assert str(answer.on) == "2021-04-29"
    assert answer.components[0].since == answer.edition.dated
    assert "85 FR 3741" in answer.components[1].source


def test_the_hair_dryer_bears_no_added_duty() -> None:
    assert parts(only("8516.31.00")) == [("general", "8516.31.00.00", "3.9%", "39.00")]


def test_the_screenshots_codes() -> None:
    # 3926.90.99: 5.3 % + 7.5 %, although the screenshot shows no addition (on record)
    assert only("3926.90.99").total_usd == Decimal("128.00")
    # 8516.10.00: Free + 9903.88.15, the description beside 85163000
    assert parts(only("8516.10.00")) == [
        ("general", "8516.10.00", "Free", "0.00"), ("added", "9903.88.15", "7.5%", "75.00"),
    ]  # fmt: skip
    with pytest.raises(MeasureError, match=r"no code 85163000[\s\S]*8516\.3[123]\.00"):
        tariff.duty("85163000", 1000)


def test_a_code_that_is_gone_is_named_with_its_successors() -> None:
    with pytest.raises(
        MeasureError,
        match=r"is not in this edition[\s\S]*below 3926\.90\.99[\s\S]*3926\.90\.99\.05",
    ) as refused:
        tariff.duty("3926.90.9985", 1000)
    # An edition does not know what was in others.
    assert "no more" not in str(refused.value)
    assert "of a Chinese code, for 3926.90, or add --chinese" in str(refused.value)


def test_a_chinese_code_of_eight_digits_is_found_as_one_of_ten_is() -> None:
    by_eight = tariff.duty("39269090", 1000)
    assert [answer.us_code for answer in by_eight] == [
        answer.us_code for answer in tariff.duty("3926909090", 1000)
    ]
    assert {answer.notes[0] for answer in by_eight} == {("by_six_digits", "392690")}
    assert only("61044290").total_usd == Decimal("190.00")
    # Eight digits that are the schedule's own are still its own,
    assert len(tariff.duty("39269099", 1000)) == 1
    # and what is written as the schedule writes its codes is nowhere else.
    with pytest.raises(MeasureError, match=r"no code 3926\.90\.90\n[\s\S]*add --chinese"):
        tariff.duty("3926.90.90", 1000)
    with pytest.raises(MeasureError) as refused:
        tariff.duty("85163000", 1000)  # not even its first six digits are there
    assert "--chinese" not in str(refused.value)


def test_a_chinese_code_gives_every_candidate_with_its_duty() -> None:
    answers = tariff.duty("3926909090", 1000)
    duties = {answer.us_code: answer.total_usd for answer in answers}
    assert len(answers) > 20
    assert duties["3926.90.99"] == Decimal("128.00")
    assert duties["3926.90.48.00"] == Decimal("34.00")
    # 6104.42 has one rate line only, so that nothing has to be picked
    assert only("6104420000", chinese=True).total_usd == Decimal("190.00")


def test_a_chinese_code_that_is_an_american_one_too_is_read_as_told() -> None:
    assert len(tariff.duty("3926909910", 1000)) == 1
    assert len(tariff.duty("3926909910", 1000, chinese=True)) > 20


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("6104420000", "6104.42.00 (11.5%)"), ("6109100010", "6109.10.00 (16.5%)"),
        ("8517620000", "8517.62.00 (Free)"), ("3926909985", "3926.90.48.00 (3.4%)"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_a_chinese_code_of_ten_digits_is_told_what_its_six_may_be(code: str, said: str) -> None:
    with pytest.raises(MeasureError) as refused:
        tariff.duty(code, 1000)
    assert f"as a Chinese code its first six digits may be: {said}" in str(refused.value) or (
        code == "3926909985" and said in str(refused.value)
    )
    # The remedy works wherever a code can be written.
    six = f"{code[:4]}.{code[4:6]}"
    assert f"of a Chinese code, for {six}" in str(refused.value)
    assert [answer.us_code for answer in tariff.duty(six, 1000)] == [
        answer.us_code for answer in tariff.duty(code, 1000, chinese=True)
    ]


def test_an_edition_of_another_country_is_refused(tmp_path: Path) -> None:
    warehouse = Warehouse.in_memory()
    file = tmp_path / "de.json"
    file.write_text(EXCERPT, encoding="utf-8")
    tariff.load(warehouse, file, dated="2025-01-01", country="DE", partial=True)
    with pytest.raises(MeasureError, match="edition de has the duties of DE, not of US"):
        only("6104.42.00.10", warehouse=warehouse, edition="de")
    with pytest.raises(MeasureError, match="has the duties of US, not of DE"):
        only("6104.42.00.10", warehouse=warehouse, edition=OWN.edition.name, to="DE")


@pytest.mark.parametrize("code", ["", "12", "6104.4", "610442001", "61044200101", "abcdef",
                                  "６１０４４２", "6104.42.00.1x", "-610442"])  # fmt: skip
def test_what_is_no_code(code: str) -> None:
    with pytest.raises(MeasureError, match="is no tariff code"):
        tariff.duty(code, 1000)


def test_a_missing_quantity_is_asked_for_and_never_zero() -> None:
    answer = only("6505.00.08", quantities={"kg": "12.5"})
    assert (answer.total_usd, answer.reason, answer.needs) == (
        None, "quantity_needed", ("article",),
    )  # fmt: skip
    told = only("6505.00.08", quantities={"kg": "12.5", "doz": 10})
    # 12.5 × 13.5¢ = 1.6875; 6.3 %; 120 × 1.9¢; List 3 at 25 %
    assert [p[3] for p in parts(told)] == ["1.69", "63.00", "2.28", "250.00"]
    assert told.total_usd == Decimal("316.97")


def test_parts_of_the_article_are_asked_for_by_name() -> None:
    assert only("9104.00.10").needs == ("each", "USD on the movement and case",
                                        "USD on the battery")  # fmt: skip
    told = only("9104.00.10", quantities={"No.": 10, "movement and case": 80, "battery": "6"})
    # 10 × 20¢, 4.3 % of 80, 3.5 % of 6, List 3
    assert [p[3] for p in parts(told)] == ["2.00", "3.44", "0.21", "250.00"]


def test_by_degree_and_jewels_are_told_in_parts() -> None:
    sugar = only("1701.13.10", quantities={"kg": 1000, "degree": "96.5"})
    # 1.4606¢ − 3.5 × 0.020668¢ = 1.388262¢
    assert parts(sugar)[0][3] == "13.88"
    clock = only("9105.19.30", quantities={"No.": 10, "jewel": 170, "case": "55.5"})
    assert [p[3] for p in parts(clock)][:3] == ["4.30", "2.80", "2.05"]


def test_footnotes_that_are_younger_than_the_day_are_no_zero() -> None:
    answer = only("2602.00.00")
    assert (answer.total_usd, answer.reason) == (None, "added_not_determinable")
    assert ("added_not_determinable", "9903.91.01") in answer.notes
    assert only("2602.00.00", origin="VN").total_usd == Decimal("0.00")
    assert only("2602.00.00", on="2024-09-27").total_usd == Decimal("250.00")


@pytest.mark.slow
def test_cranes_bear_nothing_before_the_review_and_nobody_knows_what_after(hts: Warehouse) -> None:
    """8426.19.00: "See 9903.92.", below which the edition has …10 (+ 25 %) and …80 (nothing)."""
    for day in ("2018-07-06", "2021-04-29", "2024-09-26"):
        before = only("8426.19.00", on=day, warehouse=hts)
        assert parts(before) == [("general", "8426.19.00.00", "Free", "0.00")]
        assert (str(before.total_usd), before.reason, before.notes) == ("0.00", None, ())
    after = only("8426.19.00", on="2024-09-27", warehouse=hts)
    assert (after.total_usd, after.reason) == (None, "added_ambiguous")
    assert after.notes == (("added_ambiguous", "9903.92.10 9903.92.80"),)
    assert only("8426.19.00", origin="KR", on="2024-09-27", warehouse=hts).reason is None


@pytest.mark.slow
def test_tungsten_wafers_and_polysilicon_cite_the_notice_that_imposed_it(hts: Warehouse) -> None:
    # 89 FR 101682 of 16 December 2024: 25 % and 50 % from 1 January 2025
    for code, percent, due in (
        ("8101.94.00.00", "25%", "316.00"), ("8101.99.10.00", "25%", "315.00"),
        ("2804.61.00.00", "50%", "500.00"), ("3818.00.00", "50%", "500.00"),
    ):  # fmt: skip
        answer = only(code, on="2025-01-15", warehouse=hts)
        added = answer.components[1]
        assert (added.text, str(answer.total_usd)) == (percent, due)
        assert "89 FR 101682" in added.source
        assert str(added.since) == "2025-01-01"


@pytest.mark.slow
def test_medical_gloves_bear_what_a_notice_names_and_no_footnote_does(hts: Warehouse) -> None:
    """4015.12.10, Free: 50 % from 2025-01-01 by 89 FR 76581; before, 7.5 % from List 4A."""
    for day, heading, percent, due in (
        ("2019-09-01", "9903.88.15", "15%", "150.00"),
        ("2020-02-14", "9903.88.15", "7.5%", "75.00"),
        ("2024-12-31", "9903.88.15", "7.5%", "75.00"),
        ("2025-01-01", "9903.91.05", "50%", "500.00"),
    ):  # fmt: skip
        for code in ("4015.12.10", "4015.12.10.10", "4015.12.10.20"):
            answer = only(code, on=day, warehouse=hts)
            assert parts(answer)[1:] == [("added", heading, percent, due)]
            assert (answer.components[1].note_row, answer.components[1].note) == ("", "")
            notes = dict(answer.notes)
            assert notes.keys() == {
                "added_by_notice" if day >= "2025" else "added_by_notice_assumed"
            }
            (said,) = notes.values()
            assert said.startswith(f"{heading}: ")
            assert ("89 FR 76581" in said) is (day >= "2025")
    # No list before 4A, nobody else's goods, no other gloves.
    assert parts(only("4015.12.10", on="2019-08-31", warehouse=hts))[1:] == []
    assert only("4015.12.10", origin="MY", on="2025-01-15", warehouse=hts).notes == ()
    # 4015.12.90.00 is on List 3 by its footnote
    assert parts(only("4015.12.90.00", on="2025-01-15", warehouse=hts))[1:] == [
        ("added", "9903.88.03", "25%", "250.00")
    ]
    # What is further added is not on record, which is told in its place.
    later = only("4015.12.10", on="2025-02-04", warehouse=hts)
    assert (later.reason, [kind for kind, _ in later.notes]) == (
        "added_not_determinable", ["added_off_record"],
    )  # fmt: skip


def test_a_notice_of_the_day_stands_in_place_of_a_footnote_of_the_editions() -> None:
    """3926.90.99 has 9903.88.15 in its footnote: 7.5 %, were it not for a notice of List 3."""
    overlay = {
        "id": "tariff",
        "parameters": {
            "added_by_notice": {
                "values": {"2021-04-01": {"is": [{"code": "3926.90.99", "heading": "9903.88.03"}]}}
            }
        },
    }
    answer = only("3926.90.99.10", rules=rulebook(overlay).on("2021-04-29"))
    assert parts(answer)[1:] == [("added", "9903.88.03", "25%", "250.00")]


def test_an_exclusion_is_pointed_to_and_no_duty() -> None:
    answer = only("3926.90.99.10")
    assert answer.total_usd == Decimal("128.00")
    assert ("may_be_excluded", "9903.88.69") in answer.notes


def test_an_exclusion_of_some_lines_below_is_pointed_to_as_such() -> None:
    """The eight digits stand for 3926.90.99.10, which may be excluded, and for others."""
    told = dict(only("3926.90.99").notes)
    assert told["may_be_excluded_below"] == "9903.88.69"
    assert "may_be_excluded" not in told
    of_chinese = {each.us_code: dict(each.notes) for each in tariff.duty("3926909090", 1000)}
    assert of_chinese["3926.90.99"]["may_be_excluded_below"] == "9903.88.69"
    assert "may_be_excluded_below" not in of_chinese["3926.90.10.00"]


@pytest.mark.slow
def test_exclusions_of_the_whole_schedule(
    whole: Schedule, hts: Warehouse, raw_rows: list[dict[str, Any]]
) -> None:
    """Each row with "See 9903.88.69." (or .70) is told so itself, and by its eight digits."""
    pointing = {
        row["htsno"]: named[1]
        for row in raw_rows for note in row["footnotes"] or []
        if note["columns"] == ["desc"]
        and (named := re.fullmatch(r"See (9903\.88\.(?:69|70))\.", note["value"].strip()))
    }  # fmt: skip
    assert len(pointing) == 144
    below = 0
    for code, heading in pointing.items():
        row, above = whole.position(code), whole.position(code[:10])
        assert row is not None
        assert heading in exclusions(whole, row).every
        if above is not None and whole.general_row[above] >= 0:
            found = exclusions(whole, above)
            assert heading in (*found.every, *found.below)
            below += heading in found.below
    assert below > 50
    # 8486.40.00: .30 is pointed to, .10 and .20 are not
    told = dict(only("8486.40.00", warehouse=hts).notes)
    assert told["may_be_excluded_below"] == "9903.88.70"


@pytest.mark.slow
def test_agricultural_safeguards_and_other_notes_of_a_description_are_told(
    whole: Schedule, hts: Warehouse, raw_rows: list[dict[str, Any]]
) -> None:
    answer = only("1202.30.80.00", warehouse=hts)
    # 131.8 %; the safeguard is pointed to and not counted
    assert answer.components[0].amount_usd == Decimal("1318.00")
    assert ("other_provision", "See 9904.12.01-9904.12.19.") in answer.notes
    texts = {
        row["htsno"]: " ".join(note["value"].split())
        for row in raw_rows for note in row["footnotes"] or []
        if note["columns"] == ["desc"] and row["htsno"][:2] < "98"
    }  # fmt: skip
    counted = 0
    for code, text in texts.items():
        if re.fullmatch(r"See 9903[.\d]+", text) or "without a footnote are not covered" in text:
            continue
        for line in whole.stands_for(whole.position(code)):
            counted += "9904." in text
            assert text in other_provisions(whole, line).every
    assert counted == 221
    # cotton's ranges of headings are no exclusions
    assert dict(only("5201.00.12.00", warehouse=hts).notes).keys() == {"other_provision"}
    # and what is of some lines below is told as such
    kinds = dict(only("2403.99.21", quantities={"kg": 1}, warehouse=hts).notes)
    assert "Federal Excise Tax" in kinds["other_provision_below"]


def test_which_goods_a_list_covers_is_no_provision_beside_it() -> None:
    assert "other_provision" not in dict(only("2931.90.90.10").notes)
    assert "other_provision" not in dict(only("2931.90.90.10", origin="KR").notes)


@pytest.mark.slow
def test_every_kind_of_note_is_among_the_kinds() -> None:
    told: set[str] = set()
    for code in ("3926.90.99.10", "3926.90.99", "2931.90.90.10", "6104.42.00", "8517.62.00",
                 "2602.00.00", "6505.00.08"):  # fmt: skip
        for origin in ("CN", "KR", "CU"):
            for on in ("2021-04-29", "2025-02-04"):
                for answer in tariff.duty(code, 1000, origin=origin, on=on):
                    told |= {kind for kind, _ in answer.notes}
    assert told <= set(KINDS)
    assert len(told) > 5


def test_nothing_is_excluded_from_nothing() -> None:
    # Of another origin nothing is added, so that there is nothing to be excluded from.
    assert dict(only("3926.90.99.10", origin="VN").notes).get("may_be_excluded") is None
    told = dict(only("3926.90.99.10").notes)["may_be_excluded"]
    assert "9903.88.15" not in told.split()  # the heading that is charged is no exclusion


def test_a_component_shows_its_published_term_and_the_footnote_that_carries_it() -> None:
    told = only("6505.00.08", quantities={"kg": "12.5", "doz": 10}).components
    assert [part.text for part in told] == ["13.5¢/kg", "6.3%", "1.9¢/article", "25%"]
    added = only("6104.42.00.10").components[1]
    assert (added.rate_row, added.note_row, added.note) == (
        "9903.88.15", "6104.42.00", "See 9903.88.15.",
    )  # fmt: skip


@pytest.mark.slow
def test_the_note_that_defines_a_list_is_no_other_provision(whole: Schedule) -> None:
    for code, others in (
        # "See 9903.88.04 and its associated definitional note (U.S. note 20(g) …)": the list's own
        ("9401.69.60", []), ("9401.61.40", []), ("8517.62.00", []),
    ):  # fmt: skip
        row = whole.position(code)
        assert row is not None
        assert [*other_provisions(whole, row).every] == others
    # a safeguard beside a list is one
    named = [text for row in range(len(whole.codes)) for text in other_provisions(whole, row).every]
    assert "See 9903.45.25 and 9903.88.02." in named


@pytest.mark.slow
def test_a_remark_that_a_rate_should_be_what_it_is_is_no_provision(
    raw_rows: list[dict[str, Any]], whole: Schedule, tmp_path: Path
) -> None:
    """6505.00.01.00: 9.4 % and 90 %, "general rate should be 9.4% and column 2 … 90%"."""
    row = whole.position("6505.00.01.00")
    assert row is not None
    assert other_provisions(whole, row) == ((), ())
    # Where the row says otherwise, in either column, the remark is told.
    for column, text in (("general", "7.5%"), ("other", "80%")):
        rows = [
            {**each, column: text} if each["htsno"] == "6505.00.01.00" else each
            for each in raw_rows
            if each["htsno"] in ("6505.00", "6505.00.01.00")
        ]
        file = tmp_path / f"{column}.json"
        file.write_text(json.dumps(rows), encoding="utf-8")
        made = Warehouse.in_memory()
        tariff.load(made, file, dated="2025-01-01", partial=True)
        (told,) = other_provisions(schedule(made), schedule(made).position("6505.00.01.00") or 0)[0]
        assert told.startswith("As shown in Pres. Proc. 8771; general rate should be 9.4%")


def test_a_heading_that_covers_certain_goods_only_says_so() -> None:
    assert ("covers_part", "9903.88.04") in only("2931.90.90.10").notes
    assert "covers_part" not in dict(only("6104.42.00.10").notes)


def test_special_rates_that_were_not_taken_are_told() -> None:
    kinds = {kind for kind, _ in only("6104.42.00.10", origin="KE").notes}
    assert "special_not_considered" in kinds
    for origin in ("KR", "CU"):  # taken; or none is due
        told = {kind for kind, _ in only("6104.42.00.10", origin=origin).notes}
        assert "special_not_considered" not in told


def test_special_rates_that_cannot_be_the_origins_are_not_told() -> None:
    # Knitted dresses of cotton: agreements with countries alone, none of which is China
    assert "special_not_considered" not in dict(only("6104.42.00.10").notes)
    assert "special_not_considered" in dict(only("6104.42.00.10", origin="VN").notes)


@pytest.mark.slow
def test_special_rates_for_goods_alone_are_told_to_every_origin(hts: Warehouse) -> None:
    # Tubes of plastics may be for civil aircraft, sulfates are in the pharmaceutical appendix,
    # salts of an acid among the intermediates of dyes.
    for code, symbol in (("3917.21.00.00", "C"), ("2833.29.51", "K"), ("2904.10.10.00", "L")):
        for answer in tariff.duty(code, 1000, warehouse=hts):
            told = dict(answer.notes)["special_not_considered"]
            assert symbol in re.findall(r"[A-Z]+", told)
    # A, D, E and the agreements are of certain countries' goods.
    assert "special_not_considered" not in dict(only("8516.31.00", warehouse=hts).notes)


def test_jewels_are_asked_for_altogether_and_too_few_are_told() -> None:
    assert only("9105.19.30").needs == (
        "each", "jewel (of all pieces together)", "USD on the case",
    )  # fmt: skip
    # 7 come free with each of 10 pieces; 69 are fewer, 70 just as many
    for jewels, few in ((69, True), (70, False), (170, False)):
        given = {"No.": 10, "jewel (of all pieces together)": jewels, "case": "55.5"}
        told = dict(only("9105.19.30", quantities=given).notes)
        assert ("fewer_than_free" in told) is few


@pytest.mark.slow
def test_a_russian_line_of_chapter_99_is_refused_with_its_note(hts: Warehouse) -> None:
    # 2805.12.00: 25% in column 2
    before = only("2805.12.00.00", origin="RU", on="2022-07-26", warehouse=hts)
    assert before.total_usd == Decimal("250.00")
    after = only("2805.12.00.00", origin="RU", on="2022-07-27", warehouse=hts)
    assert (after.total_usd, after.reason) == (None, "column_2_replaced")
    assert ("column_2_provision", "See 9903.90.08.") in after.notes


def test_a_line_that_only_some_notes_cover() -> None:
    # 2931.90.90: "statistical reporting descriptions without a footnote are not covered"
    assert [c.kind for c in only("2931.90.90.10").components] == ["general", "added"]
    assert [c.kind for c in only("2931.90.90.30").components] == ["general"]
    # so that the eight digits alone do not say
    kinds = {len(answer.components) for answer in tariff.duty("2931.90.90", 1000)}
    assert kinds == {1, 2}


def test_origin_decides_the_column() -> None:
    korea = only("6104.42.00.10", origin="KR")
    assert parts(korea) == [("special", "6104.42.00", "Free", "0.00")]
    assert ("if_qualifying", "KR: 11.5%") in korea.notes
    assert parts(only("6104.42.00.10", origin="CU")) == [
        ("column_2", "6104.42.00", "45%", "450.00")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "column", "reason"),
    [
        ("BH", "special", None), ("KR", "special", None),
        ("IL", "general", None),  # only pointed elsewhere
        ("VN", "general", None),  # no symbol of its own
        ("PA", "special", "rate_not_understood"), ("AU", "special", "rate_not_understood"),
    ],
)  # fmt: skip
def test_a_broken_special_column_is_read_as_far_as_it_goes(
    origin: str, column: str, reason: str | None, hts: Warehouse
) -> None:
    """0406.90.94: Free (BH,…) 7.5¢/kg (KR) … See 9908.04.05 (IL) … (PA (PA); else $1.128/kg."""
    answer = only("0406.90.94", quantities={"kg": 10}, origin=origin, warehouse=hts)
    assert (answer.components[0].kind, answer.reason) == (column, reason)
    due = {"BH": "0.00", "KR": "0.75", "IL": "11.28", "VN": "11.28"}.get(origin)
    assert str(answer.total_usd) == str(due)


def test_fees_are_off_by_default_and_labelled() -> None:
    answer = only("8516.31.00", with_fees=True)
    assert [(p[0], p[3]) for p in parts(answer)] == [
        ("general", "39.00"), ("mpf", "27.23"), ("hmf", "1.25"),
    ]  # fmt: skip
    # 0.3464 % bites between 7,860.85 and 152,520.21
    assert parts(only("8516.31.00", 100_000, with_fees=True))[1][3] == "346.40"
    assert parts(only("8516.31.00", 10_000_000, with_fees=True))[1][3] == "528.33"
    with pytest.raises(NotInForceError, match=r"tariff\.mpf"):
        only("8516.31.00", on="2021-10-01", with_fees=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"value": "-1"}, "negative"), ({"value": "nan"}, "no amount"),
        ({"value": "1e13"}, "absurdly large"), ({"origin": "Cathay"}, "no origin"),
        ({"to": "U"}, "no destination"), ({"to": "DE"}, "no schedule of DE"),
        ({"quantities": {"stone": 1}}, "is no unit"), ({"quantities": {"kg": -1}}, "negative"),
        ({"edition": "2030"}, "no edition '2030'"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(given: dict[str, object], said: str) -> None:
    with pytest.raises(MeasureError, match=said):
        tariff.duty("6104.42.00.10", **{"value": 1000, **given})  # type: ignore[arg-type]


@pytest.mark.slow
def test_every_line_of_the_whole_schedule_is_found_by_its_code(whole: Schedule) -> None:
    rows = np.flatnonzero(whole.is_line).tolist()
    sample = rows[::37]
    assert len(sample) > 500
    found = {whole.code(row): find(whole, whole.code(row)) for row in sample}
    # Each is found at its own row, and at no other.
    assert {code: each.rows for code, each in found.items()} == {
        whole.code(row): (row,) for row in sample
    }
    assert {each.match for each in found.values()} == {Match.FOUND}


@pytest.mark.slow
def test_every_rate_of_the_whole_schedule_gives_a_total_once_it_has_what_it_asks_for(
    whole: Schedule,
) -> None:
    """General, special and column 2: all that the grammar reads, with each quantity once."""
    rows = np.flatnonzero(whole.is_line).tolist()
    texts = {whole.general[row] for row in rows} | {whole.other[row] for row in rows}
    texts |= {
        rate for row in rows for rate in special(whole.special[row]).rates.values()
        if not rate.startswith("See")
    }  # fmt: skip
    rates = [rate for text in sorted(texts) if (rate := parse(text)).form not in UNREAD]
    lines = [
        {"line_id": str(number), "merchant_id": "m", "origin": "VN", "destination": "US",
         "value_usd": "1000", "general_rate": rate.text,
         **{f"quantity_{at}": "10" for at in range(1, len(rate.needs) + 1)},
         **{f"unit_{at}": need for at, need in enumerate(rate.needs, 1)}}
        for number, rate in enumerate(rates)
    ]  # fmt: skip
    outcome = tariff.assess(pd.DataFrame(lines, dtype=object), rulebook().on("2021-04-29"))
    without = outcome["duty_usd"].isna().to_numpy()
    assert [rate.text for rate, none in zip(rates, without, strict=True) if none] == []
    assert max(len(rate.needs) for rate in rates) == 4
    assert len(rates) > 1000


@pytest.mark.slow
def test_the_younger_notes_of_the_whole_schedule(whole: Schedule, hts: Warehouse) -> None:
    own = [
        row for row, text in enumerate(whole.rows["footnotes"])
        if "9903.91" in text and "9903.88" not in text and whole.digits[row][:2] < "98"
    ]  # fmt: skip
    assert len(own) == 383
    answers = tariff.duty(whole.code(own[0]), 1000, warehouse=hts)
    assert {answer.reason for answer in answers} == {"added_not_determinable"}


@pytest.mark.slow
def test_what_the_excerpt_says_is_said_by_the_whole_schedule(whole: Schedule) -> None:
    differing = []
    for row in np.flatnonzero(OWN.is_line).tolist():
        there = whole.position(OWN.code(row))
        assert there is not None, OWN.code(row)
        for of in (
            lambda s, at: s.general[at], lambda s, at: s.special[at], lambda s, at: s.other[at],
            lambda s, at: s.units(at), lambda s, at: s.description(at),
            lambda s, at: s.added_headings(at), lambda s, at: exclusions(s, at),
        ):  # fmt: skip
            if of(OWN, row) != of(whole, there):
                differing.append((OWN.code(row), of(OWN, row), of(whole, there)))
    assert differing == []


def test_a_code_that_the_excerpt_lacks_is_unknown_to_it() -> None:
    assert OWN.edition.excerpt
    assert find(OWN, "010129").match is Match.UNKNOWN


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("8516.31.99.99", "there is no code"), ("6104.42.99.99", "there is no code"),
        ("9903.88.15", "has provisions and no goods"),
        ("9801.00.10", "has provisions and no goods"),
    ],
)  # fmt: skip
def test_a_code_in_us_dots_that_is_not_there_is_nowhere(code: str, said: str) -> None:
    with pytest.raises(MeasureError, match=said):
        tariff.duty(code, 1000)


def test_a_code_read_by_its_first_six_digits_says_so() -> None:
    # 6104.42 has one rate line, 6104.42.00; 99.99 is China's own, or a slip.
    answer = only("6104429999")
    assert answer.total_usd == Decimal("190.00")
    assert answer.notes[0] == ("by_six_digits", "610442")
    assert "by_six_digits" not in dict(only("6104429999", chinese=True).notes)
    assert "by_six_digits" not in dict(only("6104420010").notes)


def test_tonnes_are_kilograms_before_they_are_rounded() -> None:
    # 0406.10.68.00 asks $1.386/kg: 123.44 kg are 171.08784
    line = {
        "line_id": "1", "merchant_id": "m", "origin": "VN", "destination": "US",
        "value_usd": "1000", "general_rate": "$1.386/kg", "quantity_1": "123.44", "unit_1": "kg",
    }  # fmt: skip
    book = rulebook().on("2021-04-29")
    assert tariff.assess(pd.DataFrame([line]), book)["base_duty_usd"].tolist() == [
        Decimal("171.09")
    ]
    assert units.exact(Fraction("0.12344"), "t", 4) == (Fraction("123.44"), "kg")
    assert units.exact(Fraction("0.00123"), "t on lead content", 4)[1] == "kg on lead content"
    assert units.unit("桶") is None  # of oil, or any drum


@pytest.mark.parametrize("amount", ["1e30000000", "1e-30000000", "1/3", "Infinity", "NaN"])
def test_what_is_no_quantity_is_told_at_once(amount: str) -> None:
    if amount == "1e-30000000":  # nothing, to four places
        assert only("6104.42.00.10", quantities={"t": amount}).total_usd == Decimal("190.00")
        return
    with pytest.raises(MeasureError, match=r"is no quantity|no amount|cannot be"):
        tariff.duty("6104.42.00.10", 1000, {"t": amount})


def test_parts_are_together_worth_no_more_than_the_whole() -> None:
    rate = "$1.53 each + 4.2% on the case + 2% on the strap, band or bracelet"
    line = {
        "line_id": "1", "merchant_id": "m", "origin": "VN", "destination": "US",
        "value_usd": "100", "general_rate": rate, "quantity_1": "1", "unit_1": "each",
        "quantity_2": "90", "unit_2": "case", "unit_3": "strap, band or bracelet",
    }  # fmt: skip
    rows = pd.DataFrame([{**line, "quantity_3": "10"}, {**line, "quantity_3": "10.01"}])
    outcome = tariff.assess(rows, rulebook().on("2021-04-29"))
    # 1.53 + 3.78 + 0.20
    assert outcome["base_duty_usd"].tolist() == [Decimal("5.51"), pd.NA]
    assert outcome["base_duty_usd_reason"].tolist() == [pd.NA, "quantities_contradict"]


@pytest.mark.parametrize(
    ("quantities", "is_known"),
    [
        # Half of the coarser one's last digit: 0.3 kg may be 0.25 to 0.35.
        ({"kg": "0.3", "g": "296"}, True), ({"kg": "1", "lb": "2.4"}, True),
        ({"kg": "1.0001", "lb": "2.4"}, False),
        # Nothing beside something says nothing; what the rate does not ask for says nothing of it.
        ({"kg": "100", "g": "0"}, True), ({"kg": "100", "pcs": "12", "doz": "2"}, True),
    ],
)  # fmt: skip
def test_quantities_are_compared_as_people_round(
    quantities: dict[str, str], is_known: bool
) -> None:
    line: dict[str, Any] = {
        "line_id": "1", "merchant_id": "m", "origin": "VN", "destination": "US",
        "value_usd": "1000", "general_rate": "$1.386/kg",
    }  # fmt: skip
    for at, (unit, amount) in enumerate(quantities.items(), 1):
        line |= {f"quantity_{at}": amount, f"unit_{at}": unit}
    outcome = tariff.assess(pd.DataFrame([line]), rulebook().on("2021-04-29"))
    assert outcome["base_duty_usd"].notna().tolist() == [is_known]


def test_what_footnotes_point_to_beside_is_said_of_the_total() -> None:
    assert not only("6104.42.00.10").points_beyond
    steel = [code for code in OWN.codes if code and OWN.is_line[OWN.position(code) or 0]
             and other_provisions(OWN, OWN.position(code) or 0).every]  # fmt: skip
    assert steel and all(
        answer.points_beyond for answer in tariff.duty(steel[0], 1000, origin="JP")
    )


def test_fees_that_are_not_on_record_are_told_with_the_way_on() -> None:
    with pytest.raises(NotInForceError, match=r"fees are not on record[\s\S]*leave --fees"):
        tariff.duty("8516.31.00", 1000, on="2025-01-01", with_fees=True)


def test_fees_are_a_formal_entrys_and_up_to_2500_another_may_be_possible() -> None:
    # 19 CFR 143.21(a): USD 2,500, and not above
    for value, told in (("2500.00", True), ("2500.01", False)):
        notes = dict(only("8516.31.00", value, with_fees=True).notes)
        assert (notes.get("informal_entry_possible") == "USD 2,500") is told
    fee = only("8516.31.00", with_fees=True).components[1]
    assert (fee.kind, fee.text) == ("mpf", "0.3464%, 27.23 to 528.33 a formal entry")
    assert "informal_entry_possible" not in dict(only("8516.31.00").notes)
    said = {lang: noted("informal_entry_possible", "USD 2,500", words(lang)) for lang in LANGUAGES}
    assert "非正式报关" in said["zh"]
    assert "informal entry may be possible (19 CFR 143.21, 143.22)" in said["en"]


def test_a_fee_that_an_agreement_may_waive_is_told() -> None:
    answer = only("6104.42.00.10", origin="KR", with_fees=True)
    assert [part.kind for part in answer.components] == ["special", "mpf", "hmf"]
    assert "fee_may_not_be_due" in dict(answer.notes)
    assert "fee_may_not_be_due" not in dict(only("6104.42.00.10", with_fees=True).notes)


@pytest.mark.parametrize("origin", ["CN", "KR", "RU", "FR"])
def test_another_country_asks_its_general_rate_and_nothing_by_us_rules(origin: str) -> None:
    overlay = {
        "id": "tariff",
        "parameters": {"ruled_destinations": {"values": {"2021-04-01": {"is": ["US", "DE"]}}}},
    }
    line = {
        "line_id": "1", "merchant_id": "m", "origin": origin, "destination": "DE",
        "value_usd": "1000", "general_rate": "12%", "special_rate": "Free (KR)",
        "column_2_rate": "90%", "added_headings": "9903.88.15",
    }  # fmt: skip
    for day in ("2021-04-29", "2022-05-02", "2025-05-01"):
        (outcome,) = tariff.assess(pd.DataFrame([line]), rulebook(overlay).on(day)).to_dict(
            "records"
        )
        assert (outcome["base_duty_usd"], outcome["added_duty_usd"], outcome["rate_column"]) == (
            Decimal("120.00"), Decimal("0.00"), "general",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "destination", "why"),
    [
        ("Cathay", "US", "country_unknown"), ("CN", "欧盟", "country_unknown"),
        ("Cathay", "欧盟", "country_unknown"), (None, "US", "not_given"), ("CN", None, "not_given"),
        ("Cathay", "DE", "destination_without_schedule"), ("中国", "美国", None),
    ],
)  # fmt: skip
def test_a_country_that_nobody_knows_is_no_duty_and_says_so(
    origin: str | None, destination: str | None, why: str | None
) -> None:
    """And stops nobody else's line."""
    line = {"merchant_id": "m", "value_usd": "1000", "general_rate": "12%"}
    rows = [
        {**line, "line_id": "L7", "origin": origin, "destination": destination},
        {**line, "line_id": "L8", "origin": "VN", "destination": "US"},
    ]
    outcome = tariff.assess(pd.DataFrame(rows), rulebook().on("2021-04-29"))
    assert outcome["duty_usd"].tolist()[1] == Decimal("120.00")
    for name in ("base_duty_usd", "added_duty_usd", "duty_usd", "effective_percent"):
        told = outcome[f"{name}_reason"].tolist()[0]
        assert (None if pd.isna(told) else told) == why

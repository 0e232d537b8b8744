"""Duty as a merchant reads it, in both languages, as the team does, and in the what-if."""

import datetime as dt
import json
import re
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board, assess_month
from merchantkit.facts import tariff as schedules
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import upsert
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.briefing import BriefingPage
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.tariff_notes import noted
from merchantkit.present.whatif import TariffWhatIf
from merchantkit.present.words import LANGUAGES, words
from merchantkit.programmes.tariff.hints import KINDS
from merchantkit.rulebook import rulebook
from tests.months import demo_board


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(markup, "html.parser").get_text(" "))


def section(board: Board, merchant_id: str, lang: str) -> str:
    return text(BriefingPage(board.case(merchant_id), lang).tariff()._repr_html_())


def test_the_sum_comes_first_with_and_without_what_is_added(board: Board) -> None:
    # 190.00 + 93.60 + 316.97, worked out in the demo: 275.57 by the schedule, 325.00 added
    zh = section(board, "2100000011", "zh")
    assert "有 3 条可以算出关税，合计 USD 600.57" in zh
    assert "基本关税 USD 275.57，因原产国加征 USD 325.00；若无加征，只需 USD 275.57" in zh
    en = section(board, "2100000011", "en")
    assert "on 3 lines exported to the US this month is USD 600.57" in en


def test_each_line_in_order_of_days_says_its_duty_or_why_none(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "en")
    rows = BeautifulSoup(page.tariff()._repr_html_(), "html.parser").select("tbody tr")
    said = [re.sub(r"\s+", " ", row.get_text(" ", strip=True)) for row in rows[:5]]
    assert said[0] == (
        "cotton dress 6104.42.00 X00000001 · 11.5% · 9903.88.15 "
        "May 5 1,000.00 115.00 75.00 190.00 19.00%"
    )
    assert (
        said[1]
        == "hair dryer 8516.31.00.00 X00000002 · 3.9% May 10 2,400.00 93.60 0.00 93.60 3.90%"
    )
    assert said[3].startswith(
        "plastic phone holder 3926909090 X00000004 · its six digits may be several"
    )
    assert said[3].endswith("500.00 — — — —")


def test_the_effective_rates_of_a_column_have_the_same_decimals(board: Board) -> None:
    # 190.00, 93.60 and 316.97 of 1,000.00, 2,400.00 and 1,000.00
    page = BriefingPage(board.case("2100000011"), "zh").tariff()._repr_html_()
    rows = BeautifulSoup(page, "html.parser").select("tbody tr")[:3]
    assert [row.select("td")[-1].get_text() for row in rows] == ["19.00%", "3.90%", "31.70%"]


def test_the_line_whose_evidence_is_shown_is_named_in_the_table(board: Board) -> None:
    page = BriefingPage(board.case("2100000011"), "zh").tariff()._repr_html_()
    assert "依据：以 X00000003 为例" in page
    rows = BeautifulSoup(page, "html.parser").select("tbody tr")
    assert "wool felt hat 6505.00.08.00 X00000003 · " in rows[2].get_text(" ", strip=True)
    assert "日期按纽约时间划分（已生效）。" in page
    assert "as the example" in section(board, "2100000011", "en")


def test_what_a_rate_asks_for_is_named(board: Board) -> None:
    zh = section(board, "null", "zh")
    assert "1 条未计入：缺少税率所需的数量" in zh
    assert "缺少税率所需的数量: 件数" in zh
    assert "250.00 — —" in zh  # what is added is known all the same


def test_every_number_cites_its_notice_and_edition(board: Board) -> None:
    en = section(board, "2100000011", "en")
    for said in ("84 FR 20459", "85 FR 3741", "us-2025-basic-excerpt (January 1, 2025)",
                 "excerpt that comes with the kit"):  # fmt: skip
        assert said in en


def test_goods_of_another_origin_bear_nothing_more(board: Board) -> None:
    en = section(board, "000123", "en")
    assert "USD 330.00 by the schedule and USD 0.00 added" in en
    assert "What is added" not in en


def test_who_exports_nothing_is_told_so(board: Board) -> None:
    assert "<table" not in BriefingPage(board.case("2100000022"), "en").tariff()._repr_html_()


def test_the_team_sees_who_bears_most(board: Board) -> None:
    zh = text(PortfolioPage(board, "zh").tariff()._repr_html_())
    # 325.00 of 2100000011 before 225.00 of 007 before 30.00 of NA
    places = [zh.index(amount) for amount in ("USD 325.00", "USD 225.00", "USD 30.00")]
    assert places == sorted(places)


# --- what the schedule says beside its rates --------------------------------------------------

EXCERPT = (resources.files("merchantkit.facts.tariff") / "excerpt.json").read_text("utf-8")
EXCLUDED = "可能不必加征：见 9903.88.69 的排除清单（以所用版本的附注为准）"
SAFEGUARD = "See 9904.12.01-9904.12.19."


def endnotes(column: str, *said: str) -> list[dict[str, Any]]:
    return [{"columns": [column], "value": value, "type": "endnote"} for value in said]


def edition(folder: Path, footnotes: dict[str, list[dict[str, Any]]]) -> Path:
    """The excerpt as a file in which these rows have other footnotes."""
    rows = json.loads(EXCERPT)
    changed = [{**row, "footnotes": footnotes.get(row["htsno"], row["footnotes"])} for row in rows]
    file = folder / "noted.json"
    file.write_text(json.dumps(changed), encoding="utf-8")
    return file


# Hair dryers are pointed to more than is counted, and by a stranger.
DRYERS = {"8516.31.00.00": endnotes("desc", SAFEGUARD, "See <script>alert(1)</script>.")}


def exported(day: str, file: Path | None, *lines: tuple[str, str, str]) -> Board:
    """A board on which m exported these on a day: US code, origin, product; USD 1,000 of each."""
    made = Warehouse.in_memory()
    if file is not None:
        schedules.load(made, file, dated="2025-01-01", partial=True)
    on, whence = dt.date.fromisoformat(day), {"source_file": "t", "source_row": 2}
    rows = [
        {"line_id": f"X{at}", "merchant_id": "m", "us_code": code, "origin": origin,
         "product": product, "destination": "US", "exported_on": on, "value_usd": Decimal(1000)}
        for at, (code, origin, product) in enumerate(lines)
    ]  # fmt: skip
    facts = {"merchants": [{"merchant_id": "m"}], "export_lines": rows}
    with made.write() as connection:
        for name, given in facts.items():
            stored = [{**whence, **row} for row in given]
            upsert(connection, name, pa.Table.from_pylist(stored, schema=TABLES[name].arrow_schema))
    rules = rulebook().on(on)
    return Board(assess_month(made, on, rules), rules)


@pytest.fixture(scope="module")
def noted_lines(tmp_path_factory: pytest.TempPathFactory) -> Board:
    return exported(
        "2021-05-31", edition(tmp_path_factory.mktemp("noted"), DRYERS),
        ("3926.90.99.10", "CN", "beaker"), ("3926.90.99", "CN", "<b>clip</b>"),
        ("3926.90.99.10", "VN", "funnel"), ("2931.90.90.10", "CN", "silane"),
        ("8517.62.00", "CN", "router"), ("2602.00.00", "CN", "ore"),
        ("8516.31.00", "CN", "dryer"), ("6104.42.00", "KR", "dress"),
    )  # fmt: skip


def notes_of(board: Board, lang: str) -> dict[str, list[str]]:
    """Each line's notes as its row shows them, by product."""
    page = BeautifulSoup(BriefingPage(board.case("m"), lang).tariff()._repr_html_(), "html.parser")
    heads = [head for head in page.select("tbody th") if head.select(".mk-id")]
    told = {head.contents[0].strip(): head.select(".mk-note")[1:] for head in heads}
    return {product: [note.get_text() for note in notes] for product, notes in told.items()}


@pytest.mark.slow
def test_what_may_be_excluded_or_is_covered_in_part_stands_at_its_line(noted_lines: Board) -> None:
    assert notes_of(noted_lines, "en") == {
        "beaker": ["may be excluded: see 9903.88.69 (as of the edition)"],
        "<b>clip</b>": ["some of its lines may be excluded: see 9903.88.69 (as of the edition)"],
        "funnel": [],  # of Viet Nam: from nothing nothing is excluded
        "silane": ["9903.88.04 covers certain goods of this line only: see its note in chapter 99"],
        "router": [],
        "ore": [],
        "dryer": [
            f"a footnote says more than what is counted: {SAFEGUARD} See <script>alert(1)</script>."
        ],
        "dress": [],
    }
    assert notes_of(noted_lines, "zh") == {
        "beaker": [EXCLUDED],
        "<b>clip</b>": [
            "其下部分税号可能不必加征：见 9903.88.69 的排除清单（以所用版本的附注为准）"
        ],
        "funnel": [],
        "silane": ["9903.88.04 只涵盖该税号下的部分商品，范围见第99章的说明"],
        "router": [],
        "ore": [],
        "dryer": [f"附注另指向未计入的规定：{SAFEGUARD} See <script>alert(1)</script>."],
        "dress": [],
    }


@pytest.mark.slow
def test_headings_that_leave_it_open_stand_at_the_reason(noted_lines: Board) -> None:
    zh, en = (section(noted_lines, "m", lang) for lang in ("zh", "en"))
    assert "附注同时指向税率不同的清单，取决于具体商品: 9903.88.04、9903.88.15" in zh
    assert "which depend on the goods: 9903.88.04, 9903.88.15" in en
    assert "what is added then is not on record: 9903.91.01" in en


@pytest.mark.slow
def test_headings_that_leave_it_open_are_a_note_where_a_quantity_is_missing_too(
    tmp_path: Path,
) -> None:
    younger = {"6505.00.08.00": endnotes("general", "See 9903.91.01.")}
    board = exported("2021-05-31", edition(tmp_path, younger), ("6505.00.08", "CN", "hat"))
    (notes,) = notes_of(board, "en").values()
    assert notes == ["not determinable from this edition: its notes name 9903.91.01"]
    assert "is missing: kilograms, articles" in section(board, "m", "en")


@pytest.mark.slow
def test_what_a_notice_adds_and_no_footnote_names_is_told_at_its_line(tmp_path: Path) -> None:
    rows = json.loads(EXCERPT)
    at = next(at for at, row in enumerate(rows) if row["htsno"] > "4015.12.10")
    gloves = {"htsno": "4015.12.10", "indent": "2", "description": "Gloves", "units": [],
              "general": "Free", "special": "", "other": "25%", "footnotes": []}  # fmt: skip
    file = tmp_path / "gloves.json"
    file.write_text(json.dumps([*rows[:at], gloves, *rows[at:]]), encoding="utf-8")
    for day, due, said in (
        ("2025-01-31", "500.00", "no footnote of the edition names 9903.91.05: it is counted by"),
        ("2024-12-31", "75.00", "no footnote of the edition names 9903.88.15: it is inferred"),
    ):
        board = exported(day, file, ("4015.12.10", "CN", "cn"), ("4015.12.10", "MY", "my"))
        notes = notes_of(board, "en")
        assert notes["cn"][0].startswith(said)
        assert notes["my"] == []
        assert f"USD {due} added by origin" in section(board, "m", "en")
        assert "所用版本的附注未提及" in notes_of(board, "zh")["cn"][0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_footnotes_and_products_stay_text(noted_lines: Board, lang: str) -> None:
    markup = BriefingPage(noted_lines.case("m"), lang).tariff()._repr_html_()
    assert "<script" not in markup
    assert "<b>" not in markup
    assert "&lt;script&gt;" in markup


@pytest.mark.slow
def test_a_country_that_nobody_knows_stands_as_it_was_written() -> None:
    board = exported("2021-05-31", None, ("6104.42.00", "Cathay <b>", "dress"))
    assert "所填国家无法识别: Cathay <b>" in section(board, "m", "zh")
    assert "a country as written is not understood: Cathay <b>" in section(board, "m", "en")
    assert "1 line is not counted: a country as written" in section(board, "m", "en")
    assert "<b>" not in BriefingPage(board.case("m"), "en").tariff()._repr_html_()


@pytest.mark.slow
def test_special_rates_that_were_not_taken_are_a_sentence() -> None:
    said = {"zh": "列有其他原产国或协定的特惠税率，未采用", "en": "states special rates"}
    # 6104.42.00: "Free (AU,BH,…,KR,…)"; of Korea it is taken. 2602.00.00: none.
    for lines, told in (
        ([("6104.42.00", "CN", "dress")], True), ([("6104.42.00", "KR", "dress")], False),
        ([("2602.00.00", "CN", "ore")], False),
    ):  # fmt: skip
        board = exported("2021-05-31", None, *lines)
        for lang, words_of in said.items():
            assert (words_of in section(board, "m", lang)) is told


@pytest.mark.slow
def test_which_origin_is_off_record_is_told_with_its_reason() -> None:
    lines = [("6104.42.00", origin, origin) for origin in ("CN", "HK", "VN")]
    before, after = (exported(day, None, *lines) for day in ("2025-02-03", "2025-02-04"))
    assert "未收录" not in section(before, "m", "zh")
    zh = section(after, "m", "zh")
    assert (
        "产自中国大陆、中国香港的商品，加征无法计算：2025年2月4日起依《国际紧急经济权力法》" in zh
    )
    en = section(after, "m", "en")
    assert "What is added to goods of mainland China, Hong Kong cannot be told: from 4 Feb" in en
    late = section(exported("2025-04-05", None, *lines), "m", "en")
    # Each by the notice with which its own record ends.
    assert "mainland China, Hong Kong cannot be told: from 4 February 2025" in late
    assert "goods of VN cannot be told: from 5 April 2025" in late


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_note_has_words(lang: str) -> None:
    for kind in KINDS:
        text = "2025-02-04, <b>" if kind == "added_off_record" else "A: {b} %s"
        told = noted(kind, text, words(lang))
        assert told
        assert "{text}" not in told
    assert noted("covers_part", "{first}", words(lang)).startswith("{first}")


# --- the what-if --------------------------------------------------------------------------------


@pytest.fixture
def panel() -> TariffWhatIf:
    return TariffWhatIf(lang="en", asked=("6104.42.00", "hair dryer"))


def shown(panel: TariffWhatIf) -> str:
    return text(panel._shown.value)


def test_two_products_stand_side_by_side_with_and_without_what_is_added(
    panel: TariffWhatIf,
) -> None:
    said = shown(panel)
    assert "USD 190.00 without what is added: USD 115.00" in said
    assert "USD 39.00 without what is added: USD 39.00" in said
    assert repr(panel) == (
        "<TariffWhatIf 6104.42.00: 190.00, without 115.00; hair dryer: 39.00, without 39.00>"
    )


def test_a_name_offers_what_it_found_and_takes_what_is_chosen(panel: TariffWhatIf) -> None:
    codes = [code for _, code in panel.sides[1].found.options]
    assert codes[0] == "8516.31.00"
    panel.sides[1].found.value = codes[1]
    assert panel.answers[1][0].us_code.startswith(codes[1])


def test_value_origin_and_day_move_both_sides(panel: TariffWhatIf) -> None:
    panel.value.value = "2000"
    assert [str(side[0].total_usd) for side in panel.answers] == ["380.00", "78.00"]
    panel.origin.value = "VN"
    assert [str(side[0].total_usd) for side in panel.answers] == ["230.00", "78.00"]


def test_quantities_are_asked_for_and_taken(panel: TariffWhatIf) -> None:
    side = panel.sides[0]
    side.asked.value = "6505.00.08"
    assert "a quantity that the rate names is missing: kilograms, articles" in shown(panel)
    side.quantities.value = "kg=12.5; doz=10"
    assert str(panel.answers[0][0].total_usd) == "316.97"


def test_what_is_missing_is_named_in_chinese_too() -> None:
    panel = TariffWhatIf(asked=("9105.19.30", "6505.00.08"))
    said = shown(panel)
    for what in ("个数", "宝石轴承数（全部件数合计）", "表壳（钟壳）的货值（USD）", "千克", "件数"):
        assert what in said
    panel.close()


def test_a_chinese_code_of_ten_digits_leads_on(panel: TariffWhatIf) -> None:
    """What is written there can be done in the panel itself: no option of a command."""
    panel.sides[0].asked.value = "6104420000"
    said = shown(panel)
    assert "6104.42.00 (11.5%)" in said
    assert "--chinese" not in said
    panel.sides[0].asked.value = "6104.42"
    assert str(panel.answers[0][0].total_usd) == "190.00"


def notes_shown(panel: TariffWhatIf, side: int = 0) -> list[str]:
    card = BeautifulSoup(panel._shown.value, "html.parser").select('[data-mk="side"]')[side]
    return [note.get_text() for note in card.select("li")]


def test_what_an_answer_says_beside_its_total_is_shown(panel: TariffWhatIf) -> None:
    panel.sides[0].asked.value, panel.sides[1].asked.value = "2931.90.90.10", "3926.90.99.10"
    assert notes_shown(panel)[0].startswith("9903.88.04 covers certain goods of this line only")
    assert notes_shown(panel, 1)[0] == "may be excluded: see 9903.88.69 (as of the edition)"
    panel.sides[1].asked.value = "3926.90.99"
    assert notes_shown(panel, 1)[0].startswith("some of its lines may be excluded: see 9903.88.69")
    panel.origin.value, panel.sides[0].asked.value = "KR", "6104.42.00"
    assert "USD 0.00" in shown(panel)
    assert notes_shown(panel) == [
        "provided that the goods qualify under KR; otherwise the general rate: 11.5%"
    ]
    panel.origin.value, panel.day.value = "CN", dt.date(2025, 2, 4)
    assert notes_shown(panel)[0].startswith(
        "what is added for this origin is not on record from February 4, 2025 (Executive Order"
    )


def test_what_an_answer_says_is_said_in_chinese_too() -> None:
    panel = TariffWhatIf(asked=("2931.90.90.10", "3926.90.99"))
    assert notes_shown(panel)[0] == "9903.88.04 只涵盖该税号下的部分商品，范围见第99章的说明"
    assert notes_shown(panel, 1)[0] == f"其下部分税号{EXCLUDED}"
    assert notes_shown(panel, 1)[1].startswith("税则还列有特惠税率，未采用：Free (A,AU,")
    panel.origin.value, panel.sides[0].asked.value = "KR", "6104.42.00"
    assert notes_shown(panel) == ["前提是货物符合 KR 的原产地规则，否则适用一般税率 11.5%"]
    panel.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_footnote_from_a_file_stays_text(lang: str, tmp_path: Path) -> None:
    warehouse = Warehouse.in_memory()
    schedules.load(warehouse, edition(tmp_path, DRYERS), dated="2025-01-01", partial=True)
    panel = TariffWhatIf(warehouse, lang, asked=("8516.31.00", "6104.42.00"))
    assert "<script" not in panel._shown.value
    assert [note.rpartition("See ")[2] for note in notes_shown(panel)[:2]] == [
        "9904.12.01-9904.12.19.", "<script>alert(1)</script>.",
    ]  # fmt: skip
    panel.close()


@pytest.mark.parametrize("asked", ["3D printer", "2-way radio", "4K"])
def test_a_name_may_begin_with_a_digit(panel: TariffWhatIf, asked: str) -> None:
    panel.sides[0].asked.value = asked
    assert "is no tariff code" not in shown(panel)
    assert panel.sides[0].found_below.layout.display == ""


@pytest.mark.parametrize("asked", ["6104.42.00", "6104 42 00 10", "6104-42-00", " 610442 "])
def test_a_code_is_digits_with_marks_between(panel: TariffWhatIf, asked: str) -> None:
    panel.sides[0].asked.value = asked
    assert str(panel.answers[0][0].total_usd) == "190.00"
    assert panel.sides[0].found_below.layout.display == "none"


@pytest.mark.parametrize("written", ["kg=1; kg=5", "kg=1；kg=5", "kg", "=5", "kg="])
def test_a_quantity_that_stands_twice_or_is_none_is_refused(
    panel: TariffWhatIf, written: str
) -> None:
    panel.sides[0].quantities.value = written
    assert panel.answers[0] == []
    assert "is no quantity, or its unit stands twice" in shown(panel)
    assert "kg=12.5; doz=10" in shown(panel)


def test_a_refusal_begins_in_the_readers_language(panel: TariffWhatIf) -> None:
    panel.sides[0].asked.value = "9699.99.99"
    assert "This cannot be worked out: there is no code 9699.99.99" in shown(panel)
    zh = TariffWhatIf(asked=("9699.99.99", "6104.42.00"))
    assert "无法计算：税则版本 us-2025-basic-excerpt 中没有税号 9699.99.99" in shown(zh)
    zh.close()


@pytest.mark.parametrize("asked", ["85163000", "9", "xylotheque", "<script>alert(1)</script>", ""])
def test_what_leads_nowhere_is_told_and_stays_text(panel: TariffWhatIf, asked: str) -> None:
    panel.sides[0].asked.value = asked
    assert panel.answers[0] == []
    assert "<script" not in panel._shown.value
    assert 'role="status"' in panel._shown.value


def test_a_chinese_code_shows_every_candidate(panel: TariffWhatIf) -> None:
    panel.sides[0].asked.value = "3926909090"
    assert len(panel.answers[0]) > 20
    assert "choose one" in shown(panel)


def test_closing_it_stops_listening(panel: TariffWhatIf) -> None:
    before = panel.answers[0]
    panel.close()
    panel.value.value = "5"
    assert panel.answers[0] is before

"""A schedule's file: read whole and checked, or refused by row and key; editions side by side."""

import copy
import datetime as dt
import gzip
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from merchantkit.errors import IntakeError, MeasureError
from merchantkit.facts import demo, tariff
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff import duty
from merchantkit.programmes.tariff.schedule import schedule

Rows = list[dict[str, Any]]
EXCERPT: Rows = json.loads(
    (resources.files("merchantkit.facts.tariff") / "excerpt.json").read_text("utf-8")
)


@pytest.fixture
def rows() -> Rows:
    return copy.deepcopy(EXCERPT)


def written(path: Path, rows: Rows) -> Path:
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


def at(rows: Rows, code: str) -> int:
    return next(i for i, row in enumerate(rows) if row["htsno"] == code)


def test_a_file_becomes_an_edition_that_questions_name(tmp_path: Path, rows: Rows) -> None:
    warehouse = Warehouse.in_memory()
    done = tariff.load(warehouse, written(tmp_path / "hts_2025_basic.json", rows), partial=True)
    assert not done.unchanged
    assert str(done.edition.dated) == "2025-01-01"  # a basic edition begins its year
    assert tariff.editions(warehouse) == [done.edition]
    assert schedule(warehouse).edition == done.edition


def test_gzipped_or_plain_it_is_the_same_schedule(tmp_path: Path, rows: Rows) -> None:
    plain = written(tmp_path / "a.json", rows)
    packed = tmp_path / "b.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    warehouse = Warehouse.in_memory()
    for file in (plain, packed):
        tariff.load(warehouse, file, dated="2025-01-01", partial=True)
    one, other = (tariff.rows_of(warehouse, name) for name in ("a", "b"))
    assert one.equals(other)


def test_the_same_file_twice_changes_nothing(tmp_path: Path, rows: Rows) -> None:
    warehouse = Warehouse.in_memory()
    file = written(tmp_path / "hts_2025_basic.json", rows)
    tariff.load(warehouse, file, partial=True)
    assert tariff.load(warehouse, file, partial=True).unchanged
    assert len(tariff.rows_of(warehouse, "hts_2025_basic")) == len(rows)


def test_another_file_never_replaces_an_edition(tmp_path: Path, rows: Rows) -> None:
    warehouse = Warehouse.in_memory()
    file = written(tmp_path / "hts_2025_basic.json", rows)
    tariff.load(warehouse, file, partial=True)
    rows[at(rows, "6104.42.00")]["general"] = "0.1%"
    written(file, rows)
    with pytest.raises(IntakeError, match="another file was loaded as hts_2025_basic"):
        tariff.load(warehouse, file, partial=True)
    kept = schedule(warehouse, "hts_2025_basic")
    assert kept.general[kept.position("6104.42.00.10") or 0] == "11.5%"


def test_the_edition_is_the_latest_that_is_no_younger_than_the_day(
    tmp_path: Path, rows: Rows
) -> None:
    warehouse = Warehouse.in_memory()
    for name, day in (("b", "2025-03-01"), ("a", "2024-01-01"), ("c", "2026-01-01")):
        tariff.load(warehouse, written(tmp_path / f"{name}.json", rows), dated=day, partial=True)
    expected = {
        "2021-04-29": "a", "2023-12-31": "a", "2024-01-01": "a", "2025-02-28": "a",
        "2025-03-01": "b", "2025-12-31": "b", "2026-01-01": "c", "2030-01-01": "c",
    }  # fmt: skip
    found = {
        day: schedule(warehouse, on=dt.date.fromisoformat(day)).edition.name for day in expected
    }
    assert found == expected
    assert schedule(warehouse).edition.name == "c"
    # The same holds of a question and of a month, by the day of the rules.
    (answer,) = duty("6104.42.00.10", 1000, on="2025-02-28", origin="VN", warehouse=warehouse)
    assert answer.edition.name == "a"


def test_editions_live_side_by_side_and_the_latest_is_asked(tmp_path: Path, rows: Rows) -> None:
    warehouse = Warehouse.in_memory()
    rows[at(rows, "6104.42.00")]["general"] = "12%"
    tariff.load(warehouse, written(tmp_path / "new.json", rows), dated="2026-01-01", partial=True)
    tariff.load(warehouse, written(tmp_path / "hts_2025_basic.json", EXCERPT), partial=True)
    assert schedule(warehouse).edition.name == "new"
    found = {
        name: (each := schedule(warehouse, name)).general[each.position("61044200") or 0]
        for name in ("new", "hts_2025_basic", tariff.EXCERPT)
    }
    assert found == {"new": "12%", "hts_2025_basic": "11.5%", tariff.EXCERPT: "11.5%"}


@pytest.mark.slow
def test_a_demo_leaves_editions_alone_and_so_does_forgetting(tmp_path: Path, rows: Rows) -> None:
    warehouse = Warehouse.open(tmp_path / "w.duckdb", create=True)
    tariff.load(warehouse, written(tmp_path / "hts_2025_basic.json", rows), partial=True)
    demo.fill(warehouse, merchants=2)
    demo.fill(warehouse, merchants=2)
    warehouse.forget("007")
    assert len(tariff.rows_of(warehouse, "hts_2025_basic")) == len(rows)


def test_without_a_loaded_schedule_the_excerpt_answers_and_says_so() -> None:
    assert schedule().edition.excerpt
    assert schedule(Warehouse.in_memory()).edition.name == tariff.EXCERPT


def test_an_unknown_edition_or_country_is_named_with_those_that_are_there() -> None:
    with pytest.raises(MeasureError, match=r"no edition 'x'[\s\S]*us-2025-basic-excerpt"):
        schedule(edition="x")
    with pytest.raises(MeasureError, match="no schedule of DE"):
        schedule(country="DE")


def without(key: str) -> Callable[[Rows], object]:
    return lambda rows: rows[9].pop(key)


def with_(key: str, value: object, row: int = 9) -> Callable[[Rows], object]:
    return lambda rows: rows[row].update({key: value})


def number(code: str) -> int:
    """The row's number in the excerpt, as errors count."""
    return at(EXCERPT, code) + 1


def moved(code: str, indent: str, *, before: int = 0) -> Callable[[Rows], object]:
    """Give another indent to the row of a code, or to one that many rows before it."""
    return lambda rows: rows[at(rows, code) - before].update(indent=indent)


ALTERED = {
    "a key is gone": (without("general"), "row 10, key general: field required"),
    "a key is misspelled": (
        lambda rows: rows[9].update({"generel": rows[9].pop("general")}),
        "row 10, key general",
    ),
    "a number for a text": (with_("general", 5), "row 10, key general: .*string"),
    "a text for a list": (with_("units", "kg"), "row 10, key units: .*list"),
    "a unit that is none": (with_("units", [1]), r"row 10, key units\.0: .*string"),
    "a footnote without text": (
        with_("footnotes", [{"columns": ["general"]}]), r"row 10, key footnotes\.0\.value",
    ),
    "a row that is none": (lambda rows: rows.insert(9, 7), "row 10, key the row itself"),
    "a footnote's column misspelled": (
        with_("footnotes", [{"columns": ["other", "genral"], "value": "See 9903.88.15."}]),
        r"row 10, key footnotes\.0\.columns\.1: input should be 'general', 'special', 'other', "
        "'desc', 'stat' or 'units'",
    ),
    "a footnote's column in capitals": (
        with_("footnotes", [{"columns": ["General"], "value": "See 9903.88.15."}]),
        r"row 10, key footnotes\.0\.columns\.0: input should be 'general'",
    ),
    "no code": (with_("htsno", "0711.4"), "row 10, key htsno: '0711.4' found, a code such as"),
    "no indent": (with_("indent", "-1"), "row 10, key indent: '-1' found"),
    "an indent of thousands of digits": (with_("indent", "9" * 6000), "row 10, key indent: '999"),
    "an indent in other digits": (with_("indent", "١"), "row 10, key indent: '١' found"),
    "a code twice": (
        lambda rows: rows.insert(1, copy.deepcopy(rows[0])),
        "row 2, key htsno: '0201' found, a code after 0201",
    ),
    "two rows changed places": (
        lambda rows: rows.insert(4, rows.pop(3)), "row 5, key htsno: '0201.10.05.10' found",
    ),
    "an indent too deep": (
        lambda rows: rows[at(rows, "8516.32.00")].update(indent="9"),
        "key htsno: '8516.32.00' found, one below 8516.31.00.00",
    ),
    "the heading is gone": (
        lambda rows: rows.pop(at(rows, "6104")), "key indent: .* a heading above it|one below",
    ),
    "a line raised beside the row of its rate": (
        moved("6104.42.00.20", "2"),
        f"row {number('6104.42.00.20')}, key indent: '2' found, "
        "one that puts 6104.42.00.20 below 6104.42.00 expected",
    ),
    "a line raised to the headings": (
        moved("6104.42.00.20", "0"), f"row {number('6104.42.00.20')}, key indent: '0' found",
    ),
    "words raised, and the lines below them": (
        moved("3926.90.56.00", "1", before=1),
        f"row {number('3926.90.56.00')}, key indent: '5' found, "
        "one that puts 3926.90.56.00 below 3926.90 expected",
    ),
    "a subheading deeper than what it holds": (
        moved("3926.90", "2"), f"row {number('3926.90.10.00')}, key indent: '2' found",
    ),
    "the row of a rate is gone": (
        lambda rows: rows.pop(at(rows, "6104.42.00")),
        # 6104.42.00.10 is now where that row was.
        f"row {number('6104.42.00')}, key general: '' found, a rate of 6104.42.00.10 or above it",
    ),
    "a rate is gone": (
        lambda rows: rows[at(rows, "6104.42.00")].update(general=" "),
        f"row {number('6104.42.00')}, key general: ' ' found, a rate of 6104.42.00 or above it",
    ),
    "the code of a rate is gone": (
        lambda rows: rows[at(rows, "6104.42.00")].update(htsno=""),
        f"row {number('6104.42.00')}, key htsno: '' found, the code of its rate or units expected",
    ),
    "the code of a line is gone": (
        lambda rows: rows[at(rows, "6104.42.00.20")].update(htsno=""),
        f"row {number('6104.42.00.20')}, key htsno: '' found",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_file_is_refused_by_row_and_key(what: str, tmp_path: Path, rows: Rows) -> None:
    alter, said = ALTERED[what]
    warehouse = Warehouse.in_memory()
    kept = tariff.load(
        warehouse, written(tmp_path / "kept.json", rows), dated="2025-01-01", partial=True
    )
    alter(rows)
    with pytest.raises(IntakeError, match=said):
        tariff.load(
            warehouse, written(tmp_path / "bad.json", rows), dated="2025-07-01", partial=True
        )
    assert tariff.editions(warehouse) == [kept.edition]


def cut_json(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def cut_gzip(whole: bytes) -> bytes:
    return gzip.compress(whole)[:-2000]


@pytest.mark.parametrize("cut", [cut_json, cut_gzip])
def test_a_file_that_is_cut_off_says_after_which_row(
    cut: Callable[[bytes], bytes], tmp_path: Path, rows: Rows
) -> None:
    file = tmp_path / "hts_2025_basic.json"
    file.write_bytes(cut(json.dumps(rows).encode()))
    with pytest.raises(IntakeError, match=r"cut off or damaged in row \d\d+: expected a whole row"):
        tariff.load(Warehouse.in_memory(), file, partial=True)


@pytest.mark.slow
def test_a_file_that_ends_early_or_skips_a_chapter_is_refused(
    raw_rows: Rows, tmp_path: Path
) -> None:
    """Valid JSON, each row whole: only the chapters tell."""
    warehouse = Warehouse.in_memory()
    first = next(i for i, row in enumerate(raw_rows) if row["htsno"].startswith("8501"))
    early = written(tmp_path / "early.json", raw_rows[:first])
    said = r"ends with chapter 84, and there is no chapter 85, 86, 87, 88, 89, 90, 91, 92 …"
    with pytest.raises(IntakeError, match=said):
        tariff.load(warehouse, early, dated="2025-01-01")
    chapter = ""
    kept = []
    for row in raw_rows:
        chapter = row["htsno"][:2] or chapter
        if chapter != "44":
            kept.append(row)
    with pytest.raises(IntakeError, match="ends with chapter 99, and there is no chapter 44"):
        tariff.load(warehouse, written(tmp_path / "gap.json", kept), dated="2025-01-01")
    assert tariff.editions(warehouse) == []
    done = tariff.load(warehouse, early, dated="2025-01-01", partial=True)
    assert done.edition.rows == first


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b"\x1f\x8b\x08", b"[1, 2]"])
def test_what_is_no_schedule_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "hts_2025_basic.json"
    file.write_bytes(content)
    warehouse = Warehouse.in_memory()
    with pytest.raises(IntakeError):
        tariff.load(warehouse, file, partial=True)
    assert tariff.editions(warehouse) == []


def test_an_edition_needs_a_day_a_name_and_a_country(tmp_path: Path, rows: Rows) -> None:
    file = written(tmp_path / "revision.json", rows)
    warehouse = Warehouse.in_memory()
    with pytest.raises(IntakeError, match="since when"):
        tariff.load(warehouse, file, partial=True)
    with pytest.raises(IntakeError, match="no name of an edition"):
        tariff.load(warehouse, file, edition="../x", dated="2025-01-01", partial=True)
    with pytest.raises(IntakeError, match="no country"):
        tariff.load(warehouse, file, dated="2025-01-01", country="us", partial=True)
    with pytest.raises(IntakeError, match="can't be read"):
        tariff.load(warehouse, tmp_path / "nothing.json", partial=True)


@pytest.mark.parametrize("named", [tariff.EXCERPT, tariff.EXCERPT.upper(), None])
def test_no_edition_takes_the_name_of_the_excerpt(
    named: str | None, tmp_path: Path, rows: Rows
) -> None:
    file = written(tmp_path / ("any.json" if named else f"{tariff.EXCERPT}.json"), rows)
    warehouse = Warehouse.in_memory()
    with pytest.raises(IntakeError, match=r"the kit's own excerpt[\s\S]*remedy: .*--edition NAME"):
        tariff.load(warehouse, file, edition=named, dated="2025-01-01", partial=True)
    assert tariff.editions(warehouse) == []


def test_a_row_beside_its_subheading_loses_its_words_alone_and_is_told(
    tmp_path: Path, rows: Rows
) -> None:
    moved("3926.90.99", "1")(rows)  # as 3004.50.50 stands in the 2025 basic edition
    warehouse = Warehouse.in_memory()
    file = written(tmp_path / "a.json", rows)
    for _ in range(2):
        done = tariff.load(warehouse, file, dated="2025-01-01", partial=True)
        assert done.beside == ("3926.90.99",)
    one, other = schedule(warehouse, "a"), schedule()
    assert [one.is_line.tolist(), one.general] == [other.is_line.tolist(), other.general]
    line = one.position("3926.90.99.05") or 0
    assert other.description(line).split(" › ")[1:] == [
        "Other",
        *one.description(line).split(" › ")[1:],
    ]
    # A note of the subheading would be lost too.
    rows[at(rows, "3926.90")]["footnotes"] = [{"columns": ["general"], "value": "See 9903.88.03."}]
    said = f"row {number('3926.90.99')}, key indent: '1' found"
    with pytest.raises(IntakeError, match=said):
        tariff.load(warehouse, written(tmp_path / "b.json", rows), dated="2025-01-01", partial=True)


@pytest.mark.parametrize("key", ["htsno", "description", "general", "units"])
def test_half_a_character_is_refused_by_row_and_key(key: str, tmp_path: Path, rows: Rows) -> None:
    rows[9][key] = ["\ud800"] if key == "units" else "\ud800"
    file = tmp_path / "half.json"
    file.write_text(json.dumps(rows), encoding="ascii")  # as \\ud800, which JSON lets pass
    with pytest.raises(IntakeError, match=rf"row 10, key {key}[.0]*: .*valid string"):
        tariff.load(Warehouse.in_memory(), file, dated="2025-01-01", partial=True)


@pytest.mark.parametrize(
    "value", ["[" * 100_000, "1" * 6_000, '{"a":' * 100_000], ids=["lists", "digits", "objects"]
)
def test_what_json_itself_gives_up_on_is_refused(value: str, tmp_path: Path, rows: Rows) -> None:
    text = json.dumps([{**row, "quotaQuantity": None} for row in rows[:3]])
    file = tmp_path / "odd.json"
    file.write_text(text[:-1] + f', {{"quotaQuantity": {value}}}]', encoding="utf-8")
    with pytest.raises(IntakeError, match="cut off or damaged in row 4: expected a whole row"):
        tariff.load(Warehouse.in_memory(), file, dated="2025-01-01", partial=True)


@pytest.mark.slow
def test_the_whole_schedule_loads(hts: Warehouse) -> None:
    (edition,) = tariff.editions(hts)
    assert (edition.rows, str(edition.dated)) == (35_859, "2025-01-01")  # the data's README


@pytest.mark.slow
def test_two_codes_of_the_whole_schedule_stand_beside_their_subheading(hts_file: Path) -> None:
    # 3004.50 and 3004.50.50 both have indent 2, 7228.30 and 7228.30.80 too.
    done = tariff.load(Warehouse.in_memory(), hts_file)
    assert done.beside == ("3004.50.50", "7228.30.80")


@pytest.mark.slow
def test_every_line_of_cotton_dresses_needs_its_place_in_the_whole_schedule(
    raw_rows: Rows, tmp_path: Path
) -> None:
    warehouse = Warehouse.in_memory()
    there = at(raw_rows, "6104.42.00")
    removed = raw_rows[:there] + raw_rows[there + 1 :]
    raised = copy.deepcopy(raw_rows)
    raised[at(raised, "6104.42.00.20")]["indent"] = raised[there]["indent"]
    for rows, said in (
        (removed, f"row {there + 1}, key htsno: '6104.42.00.10' found, one below 6104.41.00"),
        (raised, "one that puts 6104.42.00.20 below 6104.42.00"),
    ):
        with pytest.raises(IntakeError, match=said):
            tariff.load(warehouse, written(tmp_path / "bad.json", rows), dated="2025-01-01")
    assert tariff.editions(warehouse) == []

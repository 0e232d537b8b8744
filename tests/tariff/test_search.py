"""Search by name: the deck's two products, elements, and phrases in other words.

``phrases.csv`` has a hundred product phrases, and ``held_out.csv`` forty more. All were written by
hand from the schedule's headings, in a trader's words; no word list is to be made from either, and
the forty were written before the ranking was last worked on. ``elements.csv`` has typed questions.
"""

import csv
import json
from importlib import resources
from pathlib import Path

import pytest

from merchantkit.errors import MeasureError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff.elements import KINDS, said
from merchantkit.programmes.tariff.schedule import Schedule
from merchantkit.programmes.tariff.words import described, plain

EXCERPT = (resources.files("merchantkit.facts.tariff") / "excerpt.json").read_text("utf-8")
PHRASES, HELD_OUT = "phrases", "held_out"


def phrases(name: str) -> list[tuple[str, str]]:
    """A set's phrases, each with its six digits."""
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8") as file:
        return [(row["phrase"], row["hs6"]) for row in csv.DictReader(file)]


def rates(warehouse: Warehouse | None, name: str) -> tuple[int, int]:
    """How many of a set's phrases find their six digits first, and among the first five."""
    first = five = 0
    for phrase, wanted in phrases(name):
        hits = tariff.search(phrase, limit=60, warehouse=warehouse)
        sixes = list(dict.fromkeys(hit.code.replace(".", "")[:6] for hit in hits))
        first += sixes[:1] == [wanted]
        five += wanted in sixes[:5]
    return first, five


def test_the_decks_products_are_found_in_the_excerpt() -> None:
    assert tariff.search("hair dryer")[0].code == "8516.31.00"
    elements = {"fabric": "knit", "gender": "female", "material": "cotton"}
    assert tariff.search("dress", elements)[0].code == "6104.42.00"


@pytest.mark.slow
def test_the_decks_products_are_found_in_the_whole_schedule(hts: Warehouse) -> None:
    hit = tariff.search("hair dryer", warehouse=hts)[0]
    assert (hit.code, hit.general, hit.added) == ("8516.31.00", "3.9%", "")
    three = [h.code for h in tariff.search("dress knit female cotton", limit=3, warehouse=hts)]
    assert "6104.42.00" in three


def test_the_phrases_are_as_many_as_they_are_said_to_be() -> None:
    assert len(dict(phrases(PHRASES))) == len(phrases(PHRASES)) == 100
    assert len(dict(phrases(HELD_OUT))) == len(phrases(HELD_OUT)) == 40
    assert not set(phrases(PHRASES)) & set(phrases(HELD_OUT))


@pytest.mark.slow
@pytest.mark.parametrize("name", [PHRASES, HELD_OUT])
def test_every_phrase_has_six_digits_that_exist_and_a_word_that_they_have_not(
    whole: Schedule, name: str
) -> None:
    for phrase, six in phrases(name):
        lines = whole.lines_below(six)
        assert lines, phrase
        said = plain(" ".join(whole.descriptions[r] for at in lines for r in whole.lineage(at)))
        assert set(plain(phrase.replace("-", " "))) - set(said), phrase


@pytest.mark.slow
@pytest.mark.parametrize(("name", "top_1", "top_5"), [(PHRASES, 52, 76), (HELD_OUT, 15, 27)])
def test_phrases_find_their_headings_about_as_often_as_is_on_record(
    hts: Warehouse, name: str, top_1: int, top_5: int
) -> None:
    first, five = rates(hts, name)
    assert first >= top_1
    assert five >= top_5


def typed() -> list[tuple[str, dict[str, str], str]]:
    """Questions with elements, each with its six digits."""
    with Path(__file__).with_name("elements.csv").open(encoding="utf-8") as file:
        return [
            (row["name"], {kind: row[kind] for kind in KINDS if row[kind]}, row["hs6"])
            for row in csv.DictReader(file)
        ]


@pytest.mark.slow
def test_typed_questions_find_their_headings(hts: Warehouse) -> None:
    found = [
        tariff.search(name, elements, limit=1, warehouse=hts)[0].code.replace(".", "")[:6] == six
        for name, elements, six in typed()
    ]
    assert sum(found) >= len(found) - 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "elements", "first"),
    [
        ("trousers", {"fabric": "woven", "gender": "male", "material": "cotton"}, "6203.42"),
        ("trousers", {"fabric": "woven", "gender": "female", "material": "cotton"}, "6204.62"),
        ("shirt", {"fabric": "woven", "gender": "male", "material": "cotton"}, "6205.20"),
        ("shirt", {"fabric": "not knitted", "gender": "Men's", "material": "cotton"}, "6205.20"),
        ("shirt", {"fabric": "knitted", "gender": "boys", "material": "cotton"}, "6105.10"),
        ("dress", {"fabric": "crochet", "gender": "ladies", "material": "cotton"}, "6104.42"),
    ],
)
def test_elements_decide(hts: Warehouse, name: str, elements: dict[str, str], first: str) -> None:
    assert tariff.search(name, elements, warehouse=hts)[0].code[:7] == first


@pytest.mark.slow
def test_what_says_otherwise_is_left_out_and_what_says_nothing_is_not(hts: Warehouse) -> None:
    def chapters(name: str, **elements: str) -> set[str]:
        return {hit.code[:4] for hit in tariff.search(name, elements, limit=999, warehouse=hts)}

    knit, woven = chapters("shirts", fabric="knit"), chapters("shirts", fabric="woven")
    assert "6105" in knit - woven
    assert "6205" in woven - knit
    men, women = chapters("shirts", gender="male"), chapters("shirts", gender="female")
    assert "6205" in men - women
    assert "6206" in women - men
    assert {"6105", "6106", "6205", "6206"} <= chapters("shirts", gender="unisex")
    # Whether or not knitted; of neither gender.
    for fabric in ("knit", "woven"):
        assert "6212" in chapters("bra", fabric=fabric)
        assert "4202" in chapters("handbag", fabric=fabric, gender="female")


@pytest.mark.parametrize(
    ("elements", "problem", "named"),
    [
        ({"colour": "red"}, "colour", "fabric, gender, material"),
        ({"fabric": "bogus"}, "bogus", "knit or woven"),
        ({"gender": "x"}, "no gender", "male or female or unisex"),
        ({"fabric": ""}, "no fabric", "knit or woven"),
        ({"material": " "}, "no material", "material=cotton"),
    ],
)
def test_elements_that_are_not_known_are_refused(
    elements: dict[str, str], problem: str, named: str
) -> None:
    with pytest.raises(MeasureError, match=problem) as refused:
        tariff.search("dress", elements)
    assert named in str(refused.value.remedy)


@pytest.mark.parametrize(
    ("kind", "texts", "chapter", "expected"),
    [
        ("fabric", ["Of cotton", "Men's shirts, knitted or crocheted"], "61", {"knit"}),
        ("fabric", ["Of cotton", "Men's or boys' shirts"], "62", {"woven"}),
        ("fabric", ["Of cotton", "Hats, knitted or crocheted, or made up from lace"], "65",
         {"knit", "woven"}),
        ("fabric", ["Not knitted or crocheted", "Gloves, knitted or not"], "40", {"woven"}),
        ("fabric", ["Nonwovens; felt, other than woven"], "56", set()),
        ("fabric", ["Knitting machines"], "84", set()),
        ("gender", ["Womenʼs", "Garments"], "61", {"female"}),
        ("gender", ["Of wool", "Boys' or girls' garments"], "61", {"male", "female"}),
        ("gender", ["Footwear, other than for men"], "64", set()),
        ("gender", ["Menthol, of documents"], "29", set()),
    ],
)  # fmt: skip
def test_what_a_line_says_of_a_kind(
    kind: str, texts: list[str], chapter: str, expected: set[str]
) -> None:
    assert said(kind, texts, chapter) == expected


def test_order_of_words_does_not_matter() -> None:
    one, other = (tariff.search(q)[0] for q in ("cotton dress knitted", "knitted dress cotton"))
    assert one.code == other.code
    assert one.score == pytest.approx(other.score)


def test_a_limit_only_cuts() -> None:
    assert tariff.search("dress", limit=2) == tariff.search("dress", limit=5)[:2]


def test_what_no_line_has_is_found_nowhere() -> None:
    assert tariff.search("xylotheque") == []


@pytest.mark.parametrize("nothing", ["", "  ", "!?", "of the"])
def test_a_question_without_a_word_is_refused(nothing: str) -> None:
    with pytest.raises(MeasureError, match="no word"):
        tariff.search(nothing)


def test_what_goods_are_not_is_not_what_they_are() -> None:
    assert described("Dresses (other than knitted), of cotton; not of silk") == plain(
        "dresses cotton"
    )


@pytest.mark.slow
def test_an_edition_that_is_loaded_later_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "next.json"
    file.write_bytes((resources.files("merchantkit.facts.tariff") / "excerpt.json").read_bytes())
    warehouse = Warehouse.open(tmp_path / "w.duckdb", create=True)
    for name in ("one", "two"):
        tariff.load(warehouse, file, edition=name, dated="2025-01-01", partial=True)
        assert tariff.search("hair dryer", warehouse=warehouse)[0].edition == name


def test_an_element_given_twice_is_refused_however_it_is_written() -> None:
    with pytest.raises(MeasureError, match="'fabric' stands twice"):
        tariff.search("dress", {"fabric": "knit", "Fabric": "woven"})


def test_a_list_of_what_cloth_is_not_ends_with_the_list() -> None:
    # 5804.10: "not including woven, knitted or crocheted fabrics"
    assert described("Tulles, not including woven, knitted or crocheted fabrics, of cotton") == [
        "tull", "cotton",
    ]  # fmt: skip


def test_dressings_are_no_dresses() -> None:
    assert plain("dressings") == plain("dressing") != plain("dress")


def test_an_edition_without_goods_has_nothing_to_search(tmp_path: Path) -> None:
    rows = json.loads(EXCERPT)
    file = tmp_path / "provisions.json"
    file.write_text(json.dumps([row for row in rows if row["htsno"] >= "98"]), "utf-8")
    warehouse = Warehouse.in_memory()
    tariff.load(warehouse, file, dated="2025-01-01", partial=True)
    with pytest.raises(MeasureError, match="no goods to search"):
        tariff.search("dress", warehouse=warehouse, edition="provisions")

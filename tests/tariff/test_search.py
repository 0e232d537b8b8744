"""Search by name: the deck's two products, elements, and phrases in other words.

``phrases.csv`` has a hundred product phrases, and ``held_out.csv`` forty more. All were written by
hand from the schedule's headings, in a trader's words; no word list is to be made from either, and
the forty were written before the ranking was last worked on.
"""

import csv
from importlib import resources
from pathlib import Path

import pytest

from merchantkit.errors import MeasureError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff.schedule import Schedule
from merchantkit.programmes.tariff.words import described, plain

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
@pytest.mark.parametrize(("name", "top_1", "top_5"), [(PHRASES, 28, 59), (HELD_OUT, 2, 8)])
def test_phrases_find_their_headings_about_as_often_as_is_on_record(
    hts: Warehouse, name: str, top_1: int, top_5: int
) -> None:
    first, five = rates(hts, name)
    assert first >= top_1
    assert five >= top_5


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


def test_an_edition_that_is_loaded_later_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "next.json"
    file.write_bytes((resources.files("merchantkit.facts.tariff") / "excerpt.json").read_bytes())
    warehouse = Warehouse.open(tmp_path / "w.duckdb", create=True)
    for name in ("one", "two"):
        tariff.load(warehouse, file, edition=name, dated="2025-01-01", partial=True)
        assert tariff.search("hair dryer", warehouse=warehouse)[0].edition == name

"""Units as exports write them: each alias means one thing, and converts only where it is exact."""

from fractions import Fraction

import pytest

from merchantkit.present.words import words
from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.rates import parse
from merchantkit.programmes.tariff.schedule import Schedule
from merchantkit.programmes.tariff.units import factor, unit


@pytest.mark.parametrize(
    ("given", "needed", "size"),
    [
        # A piece is a piece, however it is written: never a dozen.
        ("pcs", "each", "1"), ("PCS", "article", "1"), ("pc", "each", "1"), ("件", "each", "1"),
        ("台", "article", "1"), ("No.", "each", "1"), ("units", "each", "1"),
        ("doz", "each", "12"), ("dozen", "each", "12"), ("dozens", "each", "12"),
        ("dz", "each", "12"), ("Dz Pcs", "each", "12"), ("dozen pieces", "each", "12"),
        ("打", "each", "12"), ("doz.", "each", "12"),
        ("gross", "each", "144"), ("罗", "doz.", "12"), ("pairs", "pr.", "1"),
        ("doz prs", "pr.", "12"), ("dozen pairs", "pr.", "12"), ("打双", "pr.", "12"),
        ("千克", "kg", "1"), ("g", "kg", "0.001"), ("吨", "kg", "1000"), ("tonne", "kg", "1000"),
        ("pins", "1000 pins", "0.001"), ("1,000 pins", "pin", "1000"), ("度", "degree", "1"),
    ],
)  # fmt: skip
def test_what_a_unit_is(given: str, needed: str, size: str) -> None:

    assert factor(given, needed) == Fraction(size)


@pytest.mark.parametrize("given", ["套", "ton", "tons", "set", "carton", ""])
def test_what_may_be_several_things_is_no_unit(given: str) -> None:
    # A set may be of many pieces; a ton is 907, 1000 or 1016 kg.
    assert unit(given) is None


def test_an_alias_that_is_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(units._ALIASES, "doz.", "doz|pcs")
    with pytest.raises(ValueError, match="'pcs' is spelled twice"):
        units._known()
    monkeypatch.setitem(units._ALIASES, "doz.", "doz|kg")
    with pytest.raises(ValueError, match="'kg' is spelled twice"):
        units._known()


@pytest.mark.slow
def test_every_quantity_that_the_whole_schedule_asks_for_has_words(whole: Schedule) -> None:
    texts = set(whole.general) | set(whole.other)
    asked = {units.asked(basis) for text in texts for basis in parse(text).needs}
    assert len(asked) > 40
    for lang in ("zh", "en"):
        lacking = {name for name in asked if not words(lang).has(f"tariff.unit.{name}")}
        assert lacking == set(), lang

"""A line whose words say between which values its goods lie, and goods that are worth another."""

from fractions import Fraction
from typing import Any

import pytest

from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.tariff_notes import noted
from merchantkit.present.words import words
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff import hints, units
from merchantkit.programmes.tariff.bands import Band, band

F = Fraction
# As the 2025 edition writes them: the unit, at least, over, at most, under.
WRITTEN = [
    ("Valued not over $20 each", ("each", None, None, F(20), None)),
    ("Valued over $20 each:", ("each", None, F(20), None, None)),
    ("Valued over $5 but not over $20 each (653)", ("each", None, F(5), F(20), None)),
    ("Valued under $5 each", ("each", None, None, None, F(5))),
    ("Valued $5 or more each", ("each", F(5), None, None, None)),
    ("Valued $1,000 or over but under $3,000 each", ("each", F(1000), None, None, F(3000))),
    ("Other, valued under $3,025 each", ("each", None, None, None, F(3025))),
    ("Valued over $3 but not over $6.50/pair", ("pair", None, F(3), F(13, 2), None)),
    ("Valued not over 80 cents per gross", ("gross", None, None, F(4, 5), None)),
    ("Valued over 80 cents but not over $1.35 per gross",
     ("gross", None, F(4, 5), F(27, 20), None)),
    ("Valued not over $31.50 per dozen pieces", ("dozen pieces", None, None, F(63, 2), None)),
    ("Valued over $3 per proof liter", ("proof liter", None, F(3), None, None)),
    ("Valued less than 88¢/kg", ("kg", None, None, None, F(88, 100))),
    ("Valued 88¢ or more per kg", ("kg", F(88, 100), None, None, None)),
    ("Valued 25¢/kg or more but less than 45¢/kg", ("kg", F(1, 4), None, None, F(45, 100))),
]  # fmt: skip
# Of a part, of several things, of the whole shipment, or not to be understood.
NOT_OF_THE_ARTICLE = [
    "With movement valued over $15 each",
    "Cups valued over $29 per dozen; saucers valued over $18.75 per dozen",
    "Valued not over $100 each, excluding the value of the case",
    "Smoked sardines, valued $1 or more per kg in tin-plate containers, or $1.10 in others",
    "Of watch bracelets, valued not over $12 per dozen",
    "Parts, valued not over $12 per dozen",
    "Cases and parts thereof, valued over $5 each",
    "Sets, valued over $5 each",
    "In sets of three, valued over $5 each",
    "Valued over $500:",
    "Valued 36.9/kg or more",
    "Each valued less than 15¢",
    "Women's (336)",
    "",
]


@pytest.mark.parametrize(("text", "told"), WRITTEN)
def test_a_band_is_read_as_it_is_written(text: str, told: tuple[Any, ...]) -> None:
    assert band(text) == Band(*told)
    assert units.unit(told[0]) is not None


@pytest.mark.parametrize("text", NOT_OF_THE_ARTICLE)
def test_what_is_not_the_value_of_the_article_is_no_band(text: str) -> None:
    assert band(text) is None


@pytest.mark.parametrize(
    ("text", "usd", "holds"),
    [
        ("Valued not over $20 each", F(2000, 100), True),
        ("Valued not over $20 each", F(2001, 100), False),
        ("Valued over $20 each", F(2000, 100), False),
        ("Valued over $20 each", F(2001, 100), True),
        ("Valued under $5 each", F(499, 100), True),
        ("Valued under $5 each", F(5), False),
        ("Valued $5 or more each", F(5), True),
        ("Valued $5 or more each", F(499, 100), False),
    ],
)  # fmt: skip
def test_a_band_holds_up_to_its_limits(text: str, usd: Fraction, *, holds: bool) -> None:
    limits = band(text)
    assert limits is not None
    assert limits.holds(usd) is holds


def told(hts: Warehouse, code: str, **quantities: object) -> list[str]:
    (answer,) = tariff.duty(code, 1000, quantities, warehouse=hts)  # type: ignore[arg-type]
    return [text for kind, text in answer.notes if kind == "value_out_of_band"]


@pytest.mark.slow
def test_goods_that_the_lines_words_shut_out_are_told(hts: Warehouse) -> None:
    # Handbags of 4202.21: of not over $20 each, and of over $20 each.
    not_over, over = "4202.21.60.00", "4202.21.90.00"
    assert told(hts, not_over, pcs=50) == []  # $20.00 each
    assert told(hts, not_over, pcs=40) == ["USD 25.00/each: Valued not over $20 each"]
    assert told(hts, not_over, pcs=49) == ["USD 20.41/each: Valued not over $20 each"]
    assert told(hts, over, pcs=50) == ["USD 20.00/each: Valued over $20 each"]
    assert told(hts, over, pcs=49) == []
    assert told(hts, over, doz=5) == ["USD 16.67/each: Valued over $20 each"]
    # without a quantity of that kind nobody can tell
    assert told(hts, over) == told(hts, over, kg=50) == told(hts, over, pcs=0) == []


@pytest.mark.parametrize("amount", ["1e-3000000", "1e-300000", "0.0000003", "0"])
def test_a_quantity_that_is_nothing_to_four_places_is_told_at_once_of_nothing(amount: str) -> None:
    """As it is judged: rounded, so that no exponent makes a number of a million digits."""
    (answer,) = tariff.duty("9615.11.10.00", 1000, {"gross": amount})
    assert "value_out_of_band" not in dict(answer.notes)
    assert str(answer.total_usd) == "20.00"  # 2 %, and 14.4¢ for no gross


def test_the_smallest_quantity_is_compared() -> None:
    # 1000 / 0.0001 × 144; half of that is rounded up to it
    for amount in ("0.0001", "0.00005"):
        (answer,) = tariff.duty("9615.11.10.00", 1000, {"No.": amount})
        assert dict(answer.notes)["value_out_of_band"] == (
            "USD 1440000000.00/gross: Valued not over $4.50 per gross"
        )


@pytest.mark.slow
def test_the_words_of_a_row_above_hold_for_the_lines_below_it(hts: Warehouse) -> None:
    # 6402.19.50 has a line for men below it; 1000 / 50 = 20, 1000 / 200 = 5
    said = "Valued over $3 but not over $6.50/pair"
    assert told(hts, "6402.19.50.31", prs=50) == [f"USD 20.00/pair: {said}"]
    assert told(hts, "6402.19.50.31", prs=200) == []


# By hand; where fewer decimals would say a value that the band holds, there are more of them.
@pytest.mark.parametrize(
    ("usd", "limits", "shown"),
    [
        (F(25), Band("each", most=F(20)), "25.00"),
        (F(300001, 100000), Band("each", most=F(3)), "3.00001"),  # 3.0000 would hold
        (F(20) + F(1, 3000), Band("each", most=F(20)), "20.0003"),  # 20.000 would hold
        (F(20) + F(2, 3000), Band("each", most=F(20)), "20.001"),
        (F(20) - F(1, 3000), Band("each", over=F(20)), "20.00"),  # which is not over, either
        (F(4, 10000), Band("each", over=F(20)), "0.0004"),
        (F(5) - F(1, 3000), Band("each", least=F(5)), "4.9997"),
        (F(88, 100) - F(1, 10**6), Band("kg", least=F(88, 100)), "0.879999"),
        (F(3) + F(1, 10**11), Band("each", most=F(3)), "3.0000000000"),
    ],
)
def test_a_value_out_of_its_band_is_told_as_one(usd: Fraction, limits: Band, shown: str) -> None:
    assert not limits.holds(usd)
    assert hints._decimal(usd, limits) == shown


def test_what_is_told_names_the_value_and_the_words() -> None:
    text = "USD 25.00/each: Valued not over $20 each"
    for lang in ("zh", "en"):
        said = noted("value_out_of_band", text, words(lang))
        assert "USD 25.00/each" in said
        assert "“Valued not over $20 each”" in said


@pytest.mark.slow
def test_nearly_every_band_of_the_chapters_is_understood(raw_rows: list[dict[str, Any]]) -> None:
    said = {
        row["description"]
        for row in raw_rows
        if row["description"].startswith("Valued ") and not row["htsno"].startswith("99")
    }
    unread = {text for text in said if band(text) is None}
    assert unread == {
        "Valued over $500:",
        "Valued not over $100 each, excluding the value of the case",
        "Valued under 25¢ each, not over 25.9 cm in overall length",
        "Valued not over $40 each, incorporating a clock or clock-timer, not in combination with "
        "any other article, and not designed for motor vehicle installation",
    }
    assert len(said) > 80

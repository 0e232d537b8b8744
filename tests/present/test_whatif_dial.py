"""A slider and a box that show one number."""

from decimal import Decimal

import pytest

from merchantkit.present.whatif.dial import Dial, Number, Scale
from merchantkit.present.words import words


def money(start: Decimal | None = Decimal("25000.00")) -> Dial:
    return Dial("gmv", "GMV", start, "money", words("en"), scale=Scale(100, 50_000))


def count(start: int | None = 12, limit: int | None = 20) -> Dial:
    return Dial("used", "used", start, "count", words("en"), scale=Scale(1, 50), limit=limit)


def told(dial: Dial) -> list[Number | None]:
    values: list[Number | None] = []
    dial.on_change(lambda: values.append(dial.value))
    return values


def test_it_shows_the_number_it_starts_with() -> None:
    dial = money(Decimal("34999.99"))
    assert (dial.value, dial.slider.value, dial.box.value) == (
        Decimal("34999.99"),
        34_900,  # the step below: a browser would move it from anywhere else
        "34,999.99",
    )
    assert (dial.slider.step, dial.slider.max) == (100, 50_000)


def test_the_slider_moves_the_number_and_tells_once() -> None:
    dial = money()
    values = told(dial)
    dial.slider.value = 30_000
    assert values == [Decimal("30000.00")]
    assert dial.box.value == "30,000.00"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("34,999.99", "34999.99"),
        ("34999.995", "35000.00"),
        (" 0.1 ", "0.10"),
        ("３５，０００", "35000.00"),
        ("120000", "120000.00"),
    ],
)
def test_the_box_takes_the_exact_figure_and_tells_once(typed: str, read: str) -> None:
    dial = money()
    values = told(dial)
    dial.box.value = typed
    assert values == [Decimal(read)]
    assert dial.problem is None
    assert dial.slider.max >= dial.slider.value == int(Decimal(read)) // 100 * 100


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("lots", "not a whole number"),
        ("-1", "below zero"),
        ("1.5", "not a whole number"),
        ("21", "the most"),
        ("nan", "not a whole number"),
        ("1e999999999", "not a whole number"),
        ("9" * 13, "the most"),
    ],
)
def test_what_cannot_be_stays_out_with_a_word_about_it(typed: str, problem: str) -> None:
    dial = count()
    values = told(dial)
    dial.box.value = typed
    assert dial.value == 12
    assert values == [12]
    assert problem in (dial.problem or "")
    dial.box.value = "13"
    assert (dial.value, dial.problem) == (13, None)


def test_unknown_is_empty_until_someone_moves_it() -> None:
    dial = money(None)
    assert (dial.value, dial.box.value, dial.slider.value) == (None, "", 0)
    dial.slider.value = 100
    assert dial.value == Decimal("100.00")
    dial.box.value = ""
    assert dial.value is None


def test_setting_it_is_nobodys_doing() -> None:
    dial = count()
    values = told(dial)
    dial.value = 20
    dial.limit = 10
    dial.reset()
    assert values == []


def test_a_lower_limit_takes_the_number_down_with_it() -> None:
    dial = count(20)
    dial.limit = 8
    assert (dial.value, dial.slider.max, dial.box.value) == (8, 8, "8")
    dial.limit = 30
    assert (dial.value, dial.slider.max) == (8, 30)


def test_nothing_can_be_used_of_nothing() -> None:
    assert count(0, limit=0).slider.disabled


@pytest.mark.parametrize("number", [1, 7, 49, 50, 999, 49_000, 123_456_789])
def test_a_scale_has_a_few_hundred_steps_and_reaches_the_number(number: int) -> None:
    scale = Scale.reaching(number)
    assert scale.most >= number
    assert scale.most % scale.step == 0
    assert 50 <= scale.most / scale.step <= 1050

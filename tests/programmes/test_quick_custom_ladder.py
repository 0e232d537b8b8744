"""The ladder of a customization model: prices and lead times for any number of pieces."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from merchantkit.columns import Column
from merchantkit.errors import MeasureError
from merchantkit.programmes.quick_custom import Ladder, Ladders, LeadTime, quote

# 「RTS小单快定商品买家端展示」: MOQ 30, 9.65 a piece, 289.5, 7 days; the app's base price.
# 「RTS小单快定场景报名期商家行动点」: ≤ 50: 5 天, and then 待协商.
PAGE = Ladder("7.65", "2.00", {30: 100}, {30: 7})
APP = Ladder("12.00", "0", {3: 100})
SHOT = Ladder("1.00", "0", {1: 100}, {50: 5})
ASKED: LeadTime = "to_be_negotiated"
STEPS = Ladder("8.00", "2.00", {10: 100, 50: 95, 200: "87.5"}, {20: 3, 50: 5, 100: ASKED, 300: 20})
# A step of which nothing is said is not one that is to be negotiated.
BLANK = Ladder("1.00", "0", {1: 100}, {50: None, 100: 5})


@pytest.mark.parametrize(
    ("ladder", "pieces", "unit", "total", "days", "why"),
    [
        (PAGE, 30, "9.65", "289.50", 7, (None, None)),
        (PAGE, 29, None, None, None, ("below_moq", "below_moq")),
        (PAGE, 31, "9.65", "299.15", None, (None, "to_be_negotiated")),
        (APP, 3, "12.00", "36.00", None, (None, "no_lead_times")),
        (APP, 2, None, None, None, ("below_moq", "below_moq")),
        # The shot's ladder: 1 - 50 5天, ≥ 50 待协商: at 50 the bounded step holds (assumed).
        (SHOT, 1, "1.00", "1.00", 5, (None, None)),
        (SHOT, 49, "1.00", "49.00", 5, (None, None)),
        (SHOT, 50, "1.00", "50.00", 5, (None, None)),
        (SHOT, 51, "1.00", "51.00", None, (None, "to_be_negotiated")),
        (SHOT, 1_000_000, "1.00", "1000000.00", None, (None, "to_be_negotiated")),
        # (8.00 + 2.00) at 100, 95 and 87.5 %.
        (STEPS, 10, "10.00", "100.00", 3, (None, None)),
        (STEPS, 20, "10.00", "200.00", 3, (None, None)),
        (STEPS, 21, "10.00", "210.00", 5, (None, None)),
        (STEPS, 49, "10.00", "490.00", 5, (None, None)),
        (STEPS, 50, "9.50", "475.00", 5, (None, None)),
        (STEPS, 51, "9.50", "484.50", None, (None, "to_be_negotiated")),
        (STEPS, 100, "9.50", "950.00", None, (None, "to_be_negotiated")),
        (STEPS, 101, "9.50", "959.50", 20, (None, None)),
        (STEPS, 199, "9.50", "1890.50", 20, (None, None)),
        (STEPS, 200, "8.75", "1750.00", 20, (None, None)),
        (STEPS, 301, "8.75", "2633.75", None, (None, "to_be_negotiated")),
        (BLANK, 50, "1.00", "50.00", None, (None, "not_given")),
        (BLANK, 51, "1.00", "51.00", 5, (None, None)),
        (BLANK, 101, "1.00", "101.00", None, (None, "to_be_negotiated")),
    ],
)
def test_a_quote_is_that_of_its_steps(
    ladder: Ladder,
    pieces: int,
    unit: str | None,
    total: str | None,
    days: int | None,
    why: tuple[str | None, str | None],
) -> None:
    told = quote(ladder, pieces)
    assert told.pieces == pieces
    assert (told.unit_price_usd, told.total_usd) == (
        unit and Decimal(unit), total and Decimal(total),
    )  # fmt: skip
    assert (told.lead_time_days, told.price_reason, told.lead_time_reason) == (days, *why)


def test_the_order_in_which_steps_are_given_does_not_matter() -> None:
    turned = Ladder(
        "8.00", "2.00", dict(reversed(STEPS.discounts.items())),
        dict(reversed(STEPS.lead_times.items())),
    )  # fmt: skip
    assert [quote(turned, n) for n in range(1, 320)] == [quote(STEPS, n) for n in range(1, 320)]


def test_a_model_without_tiers_has_no_moq_and_no_quote() -> None:
    told = quote(Ladder("1.00", "0", {}, {50: 5}), 10)
    assert (told.unit_price_usd, told.lead_time_days) == (None, None)
    assert (told.price_reason, told.lead_time_reason) == ("no_price_tiers", "no_price_tiers")


@pytest.mark.parametrize("ladder", [Ladder(None, "1", {1: 100}, {9: 2}),
                                    Ladder("1", None, {1: 100}, {9: 2})])  # fmt: skip
def test_without_a_price_the_lead_time_is_told_all_the_same(ladder: Ladder) -> None:
    told = quote(ladder, 5)
    assert (told.unit_price_usd, told.total_usd, told.price_reason) == (
        None, None, "no_model_price",
    )  # fmt: skip
    assert (told.lead_time_days, told.lead_time_reason) == (2, None)


def test_half_a_cent_rounds_up_before_it_is_multiplied() -> None:
    # 9.65 × 90 % = 8.685: 8.69 a piece, and 100 of them 869.00, not 868.50.
    told = quote(Ladder("7.65", "2.00", {1: 90}), 100)
    assert (told.unit_price_usd, told.total_usd) == (Decimal("8.69"), Decimal("869.00"))


@pytest.mark.parametrize(
    ("base", "pieces", "total"),
    [
        ("999999999999999.00", 10, "9999999999999990.00"),  # sixteen digits: the last that fit
        ("1000000000000000.00", 10, None),
        ("9999999999999999.99", 1, "9999999999999999.99"),
        ("9999999999999999.99", 4_000_000_000, None),  # beyond 64 bits too
    ],
)
def test_an_amount_beyond_sixteen_digits_is_none(base: str, pieces: int, total: str | None) -> None:
    told = quote(Ladder(base, 0, {1: 100}), pieces)
    assert told.total_usd == (total and Decimal(total))
    assert told.price_reason == (None if total else "beyond_money")


@pytest.mark.parametrize("pieces", [0, -1, True, 2.5, 2**32])
def test_what_is_no_number_of_pieces_is_refused(pieces: int) -> None:
    with pytest.raises(MeasureError, match="no number of pieces"):
        quote(PAGE, pieces)


def known(column: Column) -> list[int | None]:
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    return [value if is_known else None for value, is_known in pairs]


def test_neighbours_do_not_lend_each_other_steps() -> None:
    # The first model has no price tier, the second no lead time, the third both.
    ladders = Ladders.of(
        Column.all_known(np.array([100, 200, 300])),
        (np.array([2, 1]), np.array([5, 1]), np.array([10_000, 5_000])),
        (
            np.array([0, 2]), np.array([99, 10]), Column.all_known(np.array([1, 3])),
            np.array([False, False]),
        ),
    )  # fmt: skip
    model, pieces = np.array([0, 1, 1, 2, 2, -1]), np.array([7, 1, 700, 5, 11, 5])
    offers = ladders.at(model, pieces)
    assert known(offers.unit) == [None, 100, 100, 300, 300, None]
    assert known(offers.days) == [None, None, None, 3, None, None]
    assert [text if isinstance(text, str) else None for text in offers.no_days.array()] == [
        "no_price_tiers", "no_lead_times", "no_lead_times", None, "to_be_negotiated",
        "no_price_tiers",
    ]  # fmt: skip
    assert ladders.moq(model).known.tolist() == [False, True, True, True, True, False]


def test_steps_are_where_something_changes_from_the_moq_on() -> None:
    model, pieces = STEPS.columns.steps()
    assert set(model.tolist()) == {0}
    assert pieces.tolist() == [10, 20, 21, 50, 51, 100, 101, 200, 300, 301]
    # Between two steps nothing changes.
    ends = [*pieces.tolist(), 400]
    for first, after in pairwise(ends):
        a, b = quote(STEPS, first), quote(STEPS, after - 1)
        assert (a.unit_price_usd, a.lead_time_days) == (b.unit_price_usd, b.lead_time_days)

"""What holds for any lines: duty by plain fractions, order, splitting, and more never hurts."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import tariff
from merchantkit.programmes.tariff.rates import parse
from merchantkit.rulebook import rulebook
from tests.properties import few

pytestmark = pytest.mark.slow

RULES = rulebook().on("2021-04-29")
RATES = [
    "Free", "5.3%", "11.5%", "33 1/3%", "0.05%", "4.4¢/kg", "15.4¢/kg + 40%", "$1.50/kg + 3.2%",
    "13.5¢/kg + 6.3% + 1.9¢/article", "3¢ each", "2.8¢/doz.", "14.4¢/gross + 2%", "a song",
]  # fmt: skip
# How many kilograms, or pieces, one is: by definition.
SIZES = {"kg": ("kg", "1"), "g": ("kg", "0.001"), "lb": ("kg", "0.45359237"), "No.": ("n", "1"),
         "doz": ("n", "12"), "gross": ("n", "144")}  # fmt: skip
PIECES = {"article": "1", "each": "1", "doz.": "12", "gross": "144"}
ADDED = {None: "0", "9903.88.03": "0.25", "9903.88.15": "0.075"}

Row = dict[str, Any]


@st.composite
def lines(draw: st.DrawFn) -> Row:
    row: Row = {
        "merchant_id": draw(st.sampled_from(["a", "b"])),
        "origin": draw(st.sampled_from(["CN", "VN"])),
        "destination": "US",
        "value_usd": Decimal(draw(st.integers(0, 10**9) | st.integers(0, 10**14 - 10**7))).scaleb(
            -2
        ),
        "general_rate": draw(st.sampled_from(RATES)),
        "added_headings": draw(st.sampled_from(list(ADDED))),
    }
    for place in (1, 2):
        row[f"unit_{place}"] = draw(st.none() | st.sampled_from(list(SIZES)))
        amount = Decimal(draw(st.integers(0, 10**10))).scaleb(-4)
        row[f"quantity_{place}"] = draw(st.sampled_from([amount] * 5 + [None]))
    return row


many = st.lists(lines(), min_size=1, max_size=15)


def frame(rows: list[Row]) -> pd.DataFrame:
    made = pd.DataFrame(rows, dtype=object)
    made["line_id"] = [f"x{i}" for i in range(len(rows))]
    return made


def half_up(cents: Fraction) -> int:
    return (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)


def by_hand(row: Row) -> tuple[int | None, int]:
    """Base and added duty in cents by plain fractions, without any of the kit's columns."""
    cents = Fraction(row["value_usd"]) * 100
    share = Fraction(ADDED[row["added_headings"]]) if row["origin"] == "CN" else Fraction()
    rate = parse(row["general_rate"])
    base: int | None = None if rate.form == "refused" else 0
    for term in rate.terms:
        part = _part(term.basis, row, cents)
        if part is None or base is None:
            base = None
        else:
            base += half_up(part * term.rate * (1 if term.basis == "value" else 100))
    return base, half_up(cents * share)


def _part(basis: str, row: Row, cents: Fraction) -> Fraction | None:
    if basis == "value":
        return cents
    wanted = "kg" if basis == "kg" else "n"
    for place in (1, 2):
        kind, size = SIZES.get(row[f"unit_{place}"], ("", "0"))
        amount = row[f"quantity_{place}"]
        if kind == wanted and amount is not None:  # a unit without its quantity says nothing
            whole = Fraction(PIECES.get(basis, "1"))
            return Fraction(amount) * Fraction(size) / whole
    return None


def cents(column: "pd.Series[Any]") -> list[int | None]:
    return [None if pd.isna(value) else int(value * 100) for value in column]


@few
@given(many)
def test_duty_is_that_of_plain_fractions(rows: list[Row]) -> None:
    outcome = tariff.assess(frame(rows), RULES)
    expected = [by_hand(row) for row in rows]
    assert cents(outcome["base_duty_usd"]) == [base for base, _ in expected]
    assert cents(outcome["added_duty_usd"]) == [added for _, added in expected]


@few
@given(many)
def test_parts_sum_to_the_total_and_a_missing_one_is_never_nothing(rows: list[Row]) -> None:
    outcome = tariff.assess(frame(rows), RULES)
    base, added, total = (cents(outcome[f"{name}duty_usd"]) for name in ("base_", "added_", ""))
    for one, other, whole in zip(base, added, total, strict=True):
        assert whole == (None if one is None or other is None else one + other)
    assert outcome["duty_usd"].isna().tolist() == outcome["duty_usd_reason"].notna().tolist()


@few
@given(many, st.randoms(use_true_random=False))
def test_order_and_splitting_never_matter(rows: list[Row], random: Any) -> None:
    whole = tariff.assess(frame(rows), RULES)
    order = list(range(len(rows)))
    random.shuffle(order)
    mixed = frame(rows).iloc[order]
    pd.testing.assert_frame_equal(tariff.assess(mixed, RULES).sort_index(), whole)
    at = random.randint(0, len(rows))
    parts = [tariff.assess(part, RULES) for part in (frame(rows)[:at], frame(rows)[at:])]
    pd.testing.assert_frame_equal(pd.concat([p for p in parts if len(p)]), whole)


@few
@given(many, st.integers(0, 10**6))
def test_more_value_never_costs_less(rows: list[Row], more: int) -> None:
    before = tariff.assess(frame(rows), RULES)
    dearer = [{**row, "value_usd": row["value_usd"] + Decimal(more).scaleb(-2)} for row in rows]
    after = tariff.assess(frame(dearer), RULES)
    for one, other in zip(cents(before["duty_usd"]), cents(after["duty_usd"]), strict=True):
        assert (one is None) == (other is None)
        assert one is None or other is None or one <= other


@few
@given(many)
def test_the_summary_is_the_sum_of_the_known_lines(rows: list[Row]) -> None:
    outcome = tariff.assess(frame(rows), RULES)
    told = tariff.summary(outcome).set_index("merchant_id")
    for merchant, mine in outcome.groupby("merchant_id"):
        known = [c for c in cents(mine["duty_usd"]) if c is not None]
        assert int(told.loc[merchant, "lines_known"]) == len(known)
        assert cents(told.loc[[merchant], "duty_usd"]) == [sum(known) if known else None]

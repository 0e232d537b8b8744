"""What holds for any product: gates by plain comparisons, order and splitting, more never hurts."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes import quick_custom
from merchantkit.programmes.quick_custom import Ladder, LeadTime, quote
from merchantkit.rulebook import rulebook
from tests.properties import few, modest

pytestmark = pytest.mark.slow

RULES = rulebook().on("2021-05-31")
CENT = Decimal("0.01")

LIMITED = ["moq_pieces", "lead_time_days", "late_orders", "model_products"]

Row = dict[str, Any]
flag = st.sampled_from([True, True, True, False, None])


@st.composite
def products(draw: st.DrawFn) -> Row:
    """One product: often at a limit, sometimes with something missing."""
    shop = draw(st.integers(1, 40))
    cents = st.none() | st.integers(0, 10**6).map(lambda n: Decimal(n) / 100)
    return {
        "merchant_id": draw(st.sampled_from(["a", "b", "c"])),
        "main_industry": draw(st.sampled_from(["Apparel", "箱包", "Jewelry", None])),
        "rts_products": draw(st.none() | st.integers(0, shop)),
        "shop_products": shop,
        "late_orders": draw(st.sampled_from([0, 0, None, 1])),
        "is_rts": draw(flag),
        "model_bound": draw(flag),
        "online_customization": draw(flag),
        "moq_pieces": draw(st.sampled_from([1, 49, 50, 51, None])),
        "lead_time_days": draw(st.sampled_from([0, 6, 7, 8, None])),
        "lead_time_negotiated": draw(st.sampled_from([False, False, True, None])),
        "same_leaf_category": draw(flag),
        "model_products": draw(st.sampled_from([1, 20, 21, None])),
        "category_allowed": draw(flag),
        "prohibited": draw(st.sampled_from([False, False, None, True])),
        "base_price_usd": draw(cents),
        "surcharge_usd": draw(cents),
        "discount_percent": draw(st.sampled_from([None, Decimal(100), Decimal("87.5")])),
    }


many = st.lists(products(), min_size=1, max_size=12)


def frame(rows: list[Row]) -> pd.DataFrame:
    made = pd.DataFrame(rows, dtype=object)
    made["product_id"] = [f"p{i}" for i in range(len(rows))]
    return made


def plain(column: "pd.Series[Any]") -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]


def gates_by_hand(row: Row) -> dict[str, bool | None]:
    """The slides' conditions, one by one, of one product."""
    share = row["rts_products"]
    industry = row["main_industry"]
    late, bound = row["late_orders"], row["model_bound"]
    online = bound if row["online_customization"] is None else row["online_customization"]
    moq, days, shared = row["moq_pieces"], row["lead_time_days"], row["model_products"]
    both = False if False in (bound, online) else None if None in (bound, online) else True
    told: dict[str, bool | None] = {
        "rts_share": None if share is None else share * 100 >= row["shop_products"] * 30,
        "industry": None if industry is None else industry != "Jewelry",
        "on_time": late in (None, 0),
        "rts_product": row["is_rts"],
        "online": both,
        "category": row["category_allowed"] is not False,
        "prohibited": row["prohibited"] is not True,
    }
    if bound:
        told |= {
            "moq": None if moq is None else moq <= 50,
            "lead_time": False if row["lead_time_negotiated"] else None if days is None
            else days <= 7,
            "leaf_category": row["same_leaf_category"] is not False,
            "model_products": shared is None or shared <= 20,
        }  # fmt: skip
    return told


@modest
@given(many)
def test_a_product_is_eligible_by_plain_comparisons(rows: list[Row]) -> None:
    outcome = quick_custom.assess(frame(rows), RULES)
    order = [gate.name for gate in quick_custom.GATES]
    cannot = {"industry", "category", "prohibited"}
    told = zip(
        rows, *(plain(outcome[c]) for c in ("eligible", "failed_gates", "fixes")), strict=True
    )
    for row, eligible, failed, fixes in told:
        gates = gates_by_hand(row)
        no = [name for name in order if gates.get(name) is False]
        open_ = None in gates.values()
        assert eligible == (False if no else None if open_ else True)
        assert (failed or "").split(",") == (no or [""])
        assert fixes == (None if open_ or cannot & set(no) else len(no))


@few
@given(many)
def test_prices_are_those_of_plain_decimals(rows: list[Row]) -> None:
    outcome = quick_custom.assess(frame(rows), RULES)
    for row, unit, total in zip(
        rows, plain(outcome["unit_price_usd"]), plain(outcome["order_usd"]), strict=True
    ):
        parts = row["base_price_usd"], row["surcharge_usd"], row["moq_pieces"]
        if None in parts:
            assert (unit, total) == (None, None)
        else:
            paid = row["discount_percent"] or Decimal(100)
            price = ((parts[0] + parts[1]) * paid / 100).quantize(CENT, rounding=ROUND_HALF_UP)
            assert (unit, total) == (price, price * parts[2])


@few
@given(many, st.randoms(use_true_random=False))
def test_order_and_splitting_do_not_matter(rows: list[Row], random: Any) -> None:
    whole = frame(rows)
    outcome = quick_custom.assess(whole, RULES)
    mixed = list(range(len(rows)))
    random.shuffle(mixed)
    at = random.randrange(len(rows) + 1)
    parts = [whole.iloc[mixed[:at]], whole.iloc[mixed[at:]]]
    again = pd.concat([quick_custom.assess(part, RULES) for part in parts]).sort_index()
    assert [plain(again[c]) for c in again] == [plain(outcome[c]) for c in outcome]


@few
@given(products(), st.sampled_from(LIMITED))
def test_less_of_what_is_limited_never_hurts(row: Row, limited: str) -> None:
    better = {**row, limited: (row[limited] or 1) - 1}
    worse = {**row, limited: (row[limited] or 0) + 1}
    low, high = plain(quick_custom.assess(frame([better, worse]), RULES)["eligible"])
    assert not (low is False and high is True)


@few
@given(products())
def test_more_rts_products_never_hurt(row: Row) -> None:
    shop = row["shop_products"]
    rows = [{**row, "rts_products": number} for number in range(shop + 1)]
    eligible = plain(quick_custom.assess(frame(rows), RULES)["eligible"])
    rank = {False: 0, None: 1, True: 2}
    assert [rank[e] for e in eligible] == sorted(rank[e] for e in eligible)


@few
@given(many)
def test_a_summary_counts_every_product_once(rows: list[Row]) -> None:
    board = quick_custom.summary(quick_custom.assess(frame(rows), RULES))
    counts = ["eligible", "one_fix_away", "more_fixes_away", "not_fixable", "undecided"]
    assert board["products"].sum() == len(rows)
    assert (board[counts].sum(axis=1) == board["products"]).all()
    assert (board["best_fix_products"] <= board["one_fix_away"]).all()
    assert board["best_fix"].isna().tolist() == (board["best_fix_products"] == 0).tolist()


@few
@given(
    st.dictionaries(st.integers(1, 60), st.integers(50, 100), min_size=1, max_size=4),
    st.dictionaries(
        st.integers(1, 60),
        st.none() | st.just("to_be_negotiated") | st.integers(0, 30),
        max_size=4,
    ),
    st.integers(1, 70),
)
def test_a_quote_is_found_by_walking_the_steps(
    discounts: dict[int, int], times: dict[int, LeadTime], pieces: int
) -> None:
    told = quote(Ladder("10.00", "0", discounts, times), pieces)
    steps = [step for step in sorted(discounts) if step <= pieces]
    assert told.unit_price_usd == (Decimal(discounts[steps[-1]]) / 10 if steps else None)
    holds = [step for step in sorted(times) if step >= pieces]
    beyond = "to_be_negotiated" if times else "no_lead_times"
    found = "below_moq" if not steps else times[holds[0]] if holds else beyond
    if isinstance(found, int):
        assert (told.lead_time_days, told.lead_time_reason) == (found, None)
    else:
        assert (told.lead_time_days, told.lead_time_reason) == (None, found or "not_given")
    if told.unit_price_usd is not None:
        assert told.total_usd == told.unit_price_usd * pieces

"""What each express order is given: every limit, route and second, alone and in one queue."""

import datetime as dt

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, NotInForceError, PopulationError
from merchantkit.programmes import express
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text, cases

CASES = cases("express")
RULES = rulebook().on("2021-05-31")
GIVEN = [
    "membership", "route", "industry_solution", "ta_order", "ordered_at", "paid_at",
    "base_freight_cny", "used_before",
]  # fmt: skip
OUTCOME = {
    "saved_cny": "saved_cny", "payable_cny": "payable_cny", "saved_cny_reason": "saved_cny_reason",
    "orders_left": "orders_left", "left_cny": "left_cny", "orders_left_reason": "left_reason",
}  # fmt: skip


def orders(rows: pd.DataFrame = CASES) -> pd.DataFrame:
    return rows[GIVEN].assign(express_order_id=rows.index, merchant_id=rows["seller"])


def found(outcome: pd.DataFrame) -> dict[str, list[str]]:
    return {column: as_text(outcome[column]) for column in OUTCOME}


def expected(rows: pd.DataFrame) -> dict[str, list[str]]:
    return {column: rows[case].tolist() for column, case in OUTCOME.items()}


def some(n: int, **given: object) -> pd.DataFrame:
    """Orders of one seller, a minute apart, that are each given CNY 100 until a limit stops it."""
    at = pd.date_range("2021-05-01 10:00", periods=n, freq="min").strftime("%Y-%m-%d %H:%M:%S")
    base = {
        "express_order_id": [f"x{i:05d}" for i in range(n)], "merchant_id": "a",
        "membership": "出口通", "route": "全球普货专线", "ta_order": True, "ordered_at": at,
        "paid_at": at, "base_freight_cny": "120", "used_before": False,
    }  # fmt: skip
    return pd.DataFrame(base | given)


@pytest.mark.parametrize("seller", CASES["seller"].unique())
def test_each_seller_alone(seller: str) -> None:
    rows = CASES[CASES["seller"] == seller]
    assert found(express.assess(orders(rows), RULES)) == expected(rows)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_in_one_shuffled_queue(seed: int) -> None:
    rows = CASES.sample(frac=1, random_state=seed)
    outcome = express.assess(orders(rows), RULES)
    assert outcome.index.tolist() == rows.index.tolist()
    assert found(outcome) == expected(rows)


def test_the_lists_are_the_slides() -> None:
    book = RULES.programme("express")
    assert (len(book["routes"]), len(book["excluded_routes"])) == (13, 7)
    assert set(CASES["route"]) >= {*book["routes"], *book["excluded_routes"]} - {"全球3C&普货专线"}


def test_accounts_of_one_seller_share_its_three_orders() -> None:
    frame = some(4, sub_account=[False, True, True, True])
    assert as_text(express.assess(frame, RULES)["saved_cny"]) == ["100.00"] * 3 + ["0.00"]


def reform(**values: int) -> object:
    parameters = {name: {"values": {"2021-05-01": {"is": n}}} for name, n in values.items()}
    return rulebook({"id": "express", "parameters": parameters}).on("2021-05-31")


def test_an_order_that_the_sellers_sum_cuts_short_still_uses_one_of_its_orders() -> None:
    # CNY 250 in all: 100, 100, then 50 of 100, then nothing.
    outcome = express.assess(some(4), reform(seller_cap=250, seller_orders=9))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["100.00", "100.00", "50.00", "0.00"]
    assert as_text(outcome["payable_cny"]) == ["20.00", "20.00", "70.00", "120.00"]
    assert as_text(outcome["saved_cny_reason"]) == ["", "", "", "seller_amount_used"]
    assert as_text(outcome["pool_order"]) == ["1", "2", "3", ""]
    assert set(as_text(outcome["orders_left_reason"])) == {"seller_amount_used"}


def test_the_sum_may_be_used_up_before_the_orders_are() -> None:
    outcome = express.assess(some(5), reform(order_cap=150, seller_cap=240))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["120.00", "120.00", "0.00", "0.00", "0.00"]
    assert as_text(outcome["saved_cny_reason"])[2:] == ["seller_amount_used"] * 3


def test_the_pool_at_and_beyond_its_last_order() -> None:
    frame = some(6, merchant_id=list("abcdef"))
    outcome = express.assess(frame, reform(pool_orders=4))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["100.00"] * 4 + ["0.00"] * 2
    assert as_text(outcome["saved_cny_reason"]) == [""] * 4 + ["pool_used"] * 2
    assert as_text(outcome["pool_order"]) == ["1", "2", "3", "4", "", ""]
    assert set(as_text(outcome["left_cny"])) == {"0.00"}
    assert set(as_text(outcome["left_cny_reason"])) == {"pool_used"}


def test_who_gets_nothing_takes_no_place_in_the_pool() -> None:
    # The seller's fourth and fifth order leave the pool's fourth place to another seller.
    frame = some(6, merchant_id=list("aaaaab"))
    outcome = express.assess(frame, reform(pool_orders=4))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["100.00"] * 3 + ["0.00"] * 2 + ["100.00"]
    assert as_text(outcome["pool_order"])[-1] == "4"


def test_thirty_thousand_orders_and_not_one_more() -> None:
    n = 30_002
    at = pd.date_range("2021-05-01", periods=n, freq="s").strftime("%Y-%m-%d %H:%M:%S")
    frame = some(n, merchant_id=[f"m{i}" for i in range(n)], ordered_at=at, paid_at=at)
    outcome = express.assess(frame.sample(frac=1, random_state=1), RULES).sort_index()
    assert as_text(outcome["saved_cny"])[29_998:] == ["100.00"] * 2 + ["0.00"] * 2
    assert as_text(outcome["pool_order"])[29_999] == "30000"


def test_within_a_second_the_moment_of_ordering_and_then_the_id_decide() -> None:
    same = {"merchant_id": list("abc"), "paid_at": "2021-05-01 12:00:00"}
    frame = some(3, **same, ordered_at="2021-05-01 11:00:00", express_order_id=["9", "10", "1"])
    outcome = express.assess(frame, reform(pool_orders=1))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["0.00", "0.00", "100.00"]
    frame["ordered_at"] = ["2021-05-01 10:59:59", "2021-05-01 11:00:00", "2021-05-01 11:00:00"]
    outcome = express.assess(frame, reform(pool_orders=1))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["100.00", "0.00", "0.00"]


def test_an_unknown_order_before_the_pools_last_leaves_that_one_unknown() -> None:
    frame = some(3, merchant_id=list("abc"), base_freight_cny=[None, "120", "120"])
    outcome = express.assess(frame, reform(pool_orders=2))  # type: ignore[arg-type]
    assert as_text(outcome["saved_cny"]) == ["", "100.00", ""]
    assert as_text(outcome["saved_cny_reason"]) == ["not_given", "", "earlier_order_unknown"]
    assert as_text(outcome["pool_order_reason"])[1] == "earlier_order_unknown"
    assert set(as_text(outcome["orders_left"])) == {""}


def test_a_payment_of_which_nothing_is_known_is_not_one_that_was_not_made() -> None:
    frame = some(1, paid_at=None, paid_at_reason="no_express_payments")
    outcome = express.assess(frame, RULES)
    assert as_text(outcome["saved_cny"]) == [""]
    assert as_text(outcome["saved_cny_reason"]) == ["no_express_payments"]


def test_the_summary_has_one_row_a_seller() -> None:
    rows = CASES[CASES["seller"].isin(["BA", "BC", "BF", "AG"])]
    summary = express.summary(express.assess(orders(rows), RULES)).set_index("merchant_id")
    told = {seller: as_text(summary.loc[seller]) for seller in summary.index}
    columns = ["orders", "orders_saved", "saved_cny", "saved_cny_reason", *express.LEFT]
    assert list(summary.columns) == columns
    used, unknown = "seller_orders_used", "earlier_order_unknown"
    assert told == {
        "AG": ["1", "0", "0.00", "", "0", "used_before", "0.00", "used_before"],
        "BA": ["4", "3", "180.00", "", "0", used, "0.00", used],
        "BC": ["5", "2", "120.00", "", "1", "", "100.00", ""],
        "BF": ["4", "2", "", "not_given", "", unknown, "", unknown],
    }


def test_the_explanation_says_what_was_observed_and_required() -> None:
    rows = CASES[CASES["seller"].isin(["BA", "X", "F"])]
    long = express.explain(orders(rows), RULES).set_index(["subject", "check"])
    turn = long.loc[("three orders: fourth", "seller.orders")]
    assert turn[["observed", "required", "met", "gap", "unit", "merchant_id"]].tolist() == [
        "4", "3", False, "1", "order", "BA",
    ]  # fmt: skip
    asked = long.loc[("three orders: third", "seller.amount")]
    assert asked[["observed", "required", "met", "gap"]].tolist() == [
        "180.00", "300.00", True, "0.00",
    ]  # fmt: skip
    late = long.loc[("the second before the opening", "window.opens")]
    assert late[["observed", "required", "met"]].tolist() == [
        "2021-04-12 14:59:59", "2021-04-12 15:00:00", False,
    ]  # fmt: skip
    assert pd.isna(late["gap"])
    assert late["source"] == "「空快新客最高立减300优惠活动」"
    assert long.loc[("the day before the opening", "window.opens"), "observed"] == "2021-04-11"


def test_every_order_is_explained_by_every_check() -> None:
    long = express.explain(orders(), RULES)
    assert len(long) == len(CASES) * len(RULES.programme("express").checks)
    assert set(zip(long["subject"], long["merchant_id"], strict=True)) == set(
        zip(CASES.index, CASES["seller"], strict=True)
    )


def test_a_slice_of_measured_orders_is_refused() -> None:
    frame = some(3)
    frame.attrs["population"] = 3
    express.assess(frame, RULES)
    for call in (express.assess, express.explain):
        with pytest.raises(PopulationError, match="slice"):
            call(frame.iloc[:2], RULES)


def test_an_order_twice_is_refused() -> None:
    with pytest.raises(MeasureError, match="twice") as caught:
        express.assess(some(3, express_order_id=["1", "2", "1"]), RULES)
    assert caught.value.count == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ordered_at", "yesterday"),
        ("paid_at", "2021-02-30 10:00:00"),
        ("base_freight_cny", "-1"),
        ("ta_order", "perhaps"),
        ("merchant_id", None),
    ],
)
def test_a_value_that_cannot_be_is_refused(column: str, value: object) -> None:
    with pytest.raises(MeasureError, match=column):
        express.assess(some(1, **{column: value}), RULES)


@pytest.mark.parametrize("day", ["2021-04-11", "2021-11-01"])
def test_no_promotion_before_its_first_day_or_after_the_month_of_the_last_payment(day: str) -> None:
    with pytest.raises(NotInForceError, match="2021-"):
        express.assess(some(1), rulebook().on(day))


@pytest.mark.parametrize("day", ["2021-04-12", "2021-10-31"])
def test_the_promotion_on_its_first_day_and_in_its_last_month(day: str) -> None:
    assert as_text(express.assess(some(1), rulebook().on(day))["saved_cny"]) == ["100.00"]


def test_the_month_of_the_last_payments_counts_them_to_the_second() -> None:
    # As of the month's last day, which is after the promotion: 15 October 23:59:59 is in time.
    paid = ["2021-10-01 15:00:00", "2021-10-15 23:59:59", "2021-10-16 00:00:00"]
    frame = some(3, ordered_at="2021-10-01 14:59:59", paid_at=paid)
    outcome = express.assess(frame, rulebook().on("2021-10-31"))
    assert as_text(outcome["saved_cny"]) == ["100.00", "100.00", "0.00"]
    assert as_text(outcome["saved_cny_reason"]) == ["", "", "paid_late"]


@pytest.mark.parametrize(
    ("day", "left"),
    [
        # What is ordered after the last of September may still come in time, until 14:59:59.
        ("2021-09-30", ["2", "", "200.00", ""]),
        ("2021-10-01", ["0", "after_promotion", "0.00", "after_promotion"]),
        ("2021-10-15", ["0", "after_promotion", "0.00", "after_promotion"]),
    ],
)
def test_nothing_is_left_once_no_order_can_be_placed(day: str, left: list[str]) -> None:
    outcome = express.assess(some(1), rulebook().on(day))
    assert as_text(outcome.loc[0, list(express.LEFT)]) == left
    assert as_text(outcome["saved_cny"]) == ["100.00"]


@pytest.mark.parametrize(
    ("closes_at", "left"), [("2021-05-31T23:59:59", "0"), ("2021-06-01T00:00:00", "2")]
)
def test_the_next_order_is_placed_at_the_days_midnight_at_the_earliest(
    closes_at: str, left: str
) -> None:
    values = {dt.date(2021, 5, 1): {"is": dt.datetime.fromisoformat(closes_at)}}
    shorter = rulebook({"id": "express", "parameters": {"closes_at": {"values": values}}})
    assert as_text(express.assess(some(1), shorter.on("2021-05-31"))["orders_left"]) == [left]


def test_who_never_had_a_part_is_told_that_and_not_that_it_closed() -> None:
    outcome = express.assess(some(1, used_before=True), rulebook().on("2021-10-05"))
    assert as_text(outcome["orders_left_reason"]) == ["used_before"]

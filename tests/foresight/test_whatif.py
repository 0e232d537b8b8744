"""What-ifs: one row changed and the same calls asked again; expected values are by hand."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from merchantkit.errors import MeasureError, PopulationError
from merchantkit.facts import demo
from merchantkit.facts.warehouse import Warehouse
from merchantkit.foresight import whatif
from merchantkit.programmes import campaign, rfq
from merchantkit.rulebook import Rules, rulebook

DAY = dt.date(2021, 5, 31)
RULES = rulebook().on(DAY)


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    made = Warehouse.in_memory()
    demo.fill(made)
    return made


@pytest.fixture(scope="module")
def board(warehouse: Warehouse) -> pd.DataFrame:
    return campaign.measure(warehouse, DAY, RULES)


@pytest.fixture(scope="module")
def measures(warehouse: Warehouse) -> pd.DataFrame:
    return rfq.measure(warehouse, DAY, RULES)


def of(frame: pd.DataFrame, merchant_id: str) -> pd.DataFrame:
    return frame[frame["merchant_id"] == merchant_id].reset_index(drop=True)


def row(gmv: str | None, granted: int | None, used: int | None) -> pd.DataFrame:
    values = {"merchant_id": "m", "track": "customization", "gmv_90d_usd": gmv,
              "free_quotes_granted": granted, "free_quotes_used": used}  # fmt: skip
    return pd.DataFrame({name: [value] for name, value in values.items()})


# --- one row changed ----------------------------------------------------------------------------


def test_one_row_is_changed_and_the_board_is_left_alone(board: pd.DataFrame) -> None:
    before = board.copy(deep=True)
    moved = whatif.changed(board, "007", {"tm_during": 1, "spend_cny": "0.285", "ads_on": False})
    pd.testing.assert_frame_equal(board, before)
    assert moved.attrs == board.attrs
    assert (moved.dtypes == board.dtypes).all()
    assert of(moved, "007").loc[0, ["tm_during", "spend_cny", "ads_on"]].tolist() == [
        1,
        Decimal("0.29"),
        False,
    ]
    others = moved["merchant_id"] != "007"
    pd.testing.assert_frame_equal(moved[others], board[others])


@pytest.mark.parametrize("amount", [4300, 4300.0, "4300", Decimal("4300.00")])
def test_money_may_come_as_any_number(measures: pd.DataFrame, amount: object) -> None:
    moved = whatif.changed(measures, "007", {"gmv_90d_usd": amount})
    assert of(moved, "007")["gmv_90d_usd"].iloc[0] == Decimal("4300.00")


def test_missing_is_not_zero(measures: pd.DataFrame) -> None:
    moved = of(whatif.changed(measures, "007", {"gmv_90d_usd": None}), "007")
    assert rfq.assess(moved, RULES)["tier"].isna().all()


def test_who_is_not_there_is_an_error(board: pd.DataFrame) -> None:
    with pytest.raises(MeasureError, match="nobody"):
        whatif.changed(board, "nobody", {"tm_during": 1})


# --- the way to each tier -----------------------------------------------------------------------


def ways(measures: pd.DataFrame, rules: Rules = RULES) -> list[whatif.Way]:
    return whatif.ways(measures, rfq.assess(measures, rules), rules)


def test_the_way_is_what_is_missing_and_what_it_would_earn() -> None:
    first, second = ways(row("20000.01", 20, 11))
    assert (first.usd, first.quotes, first.points) == (Decimal("4999.99"), 1, 3)
    assert (second.usd, second.quotes, second.points) == (Decimal("14999.99"), 9, 5)
    assert not first.done


def test_a_tier_that_is_reached_is_done() -> None:
    first, second = ways(row("35000", 20, 20))
    assert first.done and second.done
    assert (first.points, second.points) == (3, 5)  # what each tier earns, not the merchant


def test_points_begin_on_20_april() -> None:
    assert [way.points for way in ways(row("0", 20, 0), rulebook().on("2021-04-19"))] == [0, 0]
    assert [way.points for way in ways(row("0", 20, 0), rulebook().on("2021-04-20"))] == [3, 5]


def test_without_free_quotes_there_is_no_way_and_no_promise_of_points() -> None:
    for way in ways(row("40000", 0, 0)):
        assert (way.usd, way.quotes, way.points) == (0, None, None)
        assert way.quotes_reason == "no_free_quotes_granted"


# --- the map of tiers ---------------------------------------------------------------------------


def test_the_map_breaks_exactly_where_the_tiers_begin() -> None:
    plane = whatif.tier_map(row("25000", 20, 12), RULES, Decimal(50_000))
    assert plane is not None
    column = {edge: i for i, edge in enumerate(plane.gmv_edges)}
    at = {gmv: column[Decimal(gmv)] for gmv in (25_000, 35_000)}
    assert plane.tiers[12, at[25_000] - 1] == 0
    assert plane.tiers[12, at[25_000]] == 1
    assert plane.tiers[11].max() == 0  # 55 % of the quotes is no tier at any GMV
    assert plane.tiers[20, at[35_000] - 1] == 1
    assert plane.tiers[20, at[35_000]] == 2
    assert plane.tiers[19].max() == 1
    assert plane.gmv_edges[0] == 0 and plane.gmv_edges[-1] == 50_000
    assert plane.tiers.shape == (21, len(plane.gmv_edges) - 1)


def test_the_map_follows_a_reform_to_the_cent() -> None:
    reform = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {
        dt.date(2021, 4, 15): {"is": Decimal("30000.07"), "why": "a reform"}}}}}  # fmt: skip
    plane = whatif.tier_map(row("0", 10, 0), rulebook(reform).on(DAY), Decimal(50_000))
    assert plane is not None
    column = plane.gmv_edges.index(Decimal("30000.07"))
    assert plane.tiers[10, column - 1] == 0
    assert plane.tiers[10, column] == 1


@pytest.mark.parametrize("granted", [0, None])
def test_no_quotes_no_map(granted: int | None) -> None:
    assert whatif.tier_map(row("0", granted, granted), RULES, Decimal(50_000)) is None


# --- the campaign -------------------------------------------------------------------------------


@pytest.mark.parametrize("merchant_id", ["007", "null", "2100000008", "2100000019"])
def test_copies_earn_what_the_merchant_would(board: pd.DataFrame, merchant_id: str) -> None:
    spends = [0, Decimal("0.01"), Decimal("3999.99"), 4000, Decimal("4999.99"), 5000, 7000]
    many = whatif.credit_at(board, merchant_id, spends, RULES)
    one_by_one = []
    for spend in spends:
        moved = whatif.changed(board, merchant_id, {"spend_cny": spend})
        one_by_one.append(of(campaign.assess(moved, RULES), merchant_id)["reward_cny"].iloc[0])
    assert many.tolist() == one_by_one


def test_the_spend_from_which_no_more_credit_is_earned(board: pd.DataFrame) -> None:
    # 100 % up to 5,000 for the top ten; 50 % up to 2,000 after them; nothing for who has no rank.
    assert whatif.full_credit_spend(board, "007", RULES) == 5000
    assert whatif.full_credit_spend(board, "2100000019", RULES) == 5000  # shares rank 10
    assert whatif.full_credit_spend(board, "null", RULES) == 4000
    assert whatif.full_credit_spend(board, "2100000009", RULES) is None


def test_the_same_under_another_share(board: pd.DataFrame) -> None:
    # 30 % of 6,666 is 1,999.80; of 6,667 it is 2,000.10, which the cap of 2,000 cuts.
    reform = {"id": "campaign", "parameters": {"next_share": {"values": {
        dt.date(2021, 5, 1): {"is": 30, "why": "a reform"}}}}}  # fmt: skip
    assert whatif.full_credit_spend(board, "null", rulebook(reform).on(DAY)) == 6667


def test_beyond_the_last_rewarded_rank_there_is_none(board: pd.DataFrame) -> None:
    reform = {"id": "campaign", "parameters": {"next_ranks": {"values": {
        dt.date(2021, 5, 1): {"is": 12, "why": "a reform"}}}}}  # fmt: skip
    assert whatif.full_credit_spend(board, "null", rulebook(reform).on(DAY)) is None  # rank 13


def test_a_slice_of_the_board_is_still_refused(board: pd.DataFrame) -> None:
    with pytest.raises(PopulationError):
        campaign.assess(whatif.changed_row(of(board, "007"), tm_during=1), RULES)


def even(before: tuple[int, int], during: tuple[int, int], spend: str | None) -> whatif.BreakEven:
    frame = pd.DataFrame(
        {"merchant_id": ["m"], "visitors_before": [0], "visitors_during": [0],
         "inquiries_before": [before[0]], "inquiries_during": [during[0]],
         "tm_before": [before[1]], "tm_during": [during[1]], "spend_cny": [spend]}
    )  # fmt: skip
    return whatif.break_even(frame, campaign.assess(frame, RULES))


def test_break_even_is_the_spend_less_the_credit_per_further_buyer() -> None:
    # Rank 1 of 1: credit 5,000 of 6,000; the 1,000 left over 3 + 4 buyers is 142.857…, rounded up.
    found = even((10, 5), (13, 9), "6000")
    assert (found.credit_cny, found.net_cny) == (Decimal("5000.00"), Decimal("1000.00"))
    assert (found.further_buyers, found.each_cny) == (7, Decimal("142.86"))
    assert found.each_cny * 7 >= found.net_cny


def test_a_fall_in_one_part_takes_from_the_other() -> None:
    assert even((10, 5), (9, 9), "5000.03").further_buyers == 3
    assert even((10, 5), (9, 9), "5000.03").each_cny == Decimal("0.01")


def test_without_further_buyers_or_spend_there_is_no_break_even() -> None:
    none = even((10, 5), (10, 5), "6000")
    assert (none.net_cny, none.each_cny, none.reason) == (1000, None, "no_further_buyers")
    unknown = even((10, 5), (13, 9), None)
    assert (unknown.net_cny, unknown.each_cny, unknown.reason) == (None, None, "no_spend")

"""The demo month: the same for the same seed, valid, and with the readings worked out by hand."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from merchantkit.errors import DayError, WarehouseError
from merchantkit.facts import demo
from merchantkit.facts.demo.personas import PERSONAS
from merchantkit.facts.schemas import TABLES
from merchantkit.facts.store import claim
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import campaign, chargeback, express, fulfilment, rfq
from merchantkit.rulebook import rulebook

# From the deck's rules and the personas' orders and quotes, by hand: the GMV of 3 March to 31 May,
# granted, used, tier, points; then the tier on 30 April (window 31 January to 30 April).
READINGS = {
    "007": ("48600.00", 28, 28, 2, 5, 1),
    "NA": ("25000.00", 20, 12, 1, 3, 0),
    "null": ("24999.99", 20, 20, 0, 0, 0),
    "9007199254740993": ("34999.99", 20, 20, 1, 3, 0),
    "9007199254740992": ("35000.00", 20, 12, 1, 3, 2),
    "000123": ("35000.00", 20, 20, 2, 5, 1),
    "2100000007": ("52300.00", 20, 20, 2, 0, 1),
    "2100000008": ("20000.00", 20, 20, 0, 0, 0),
    "2100000009": ("22000.00", 20, 20, 0, 0, 0),
    "2100000010": ("24000.00", 20, 20, 0, 0, 0),
    "2100000011": ("25000.00", 20, 12, 1, 3, 2),
    "2100000012": ("35000.00", 20, 20, 2, 5, 0),
    "2100000013": ("36000.00", 20, 20, 2, 5, 1),
    "2100000014": ("4000.00", 20, 20, 0, 0, 2),
    "2100000015": ("0.00", 20, 0, 0, 0, 0),
    "2100000016": ("0.00", 20, 20, 0, 0, 0),
    "2100000017": ("41000.00", 20, 20, 2, None, 2),
    "2100000018": ("40000.00", 0, 0, 0, 0, 0),
    "2100000019": ("40000.00", 0, 0, 0, 0, 0),
    "2100000020": ("30000.00", 10, None, None, None, 0),
    "2100000021": ("25000.00", 20, 11, 0, 0, 0),
    "2100000022": ("0.00", 0, 0, 0, 0, 0),
}

# Score = 0.2 × visitors + 10 × inquiries + 5 × TM; then rank and reward on the board of the 22.
BOARD = {
    "007": ("23700.0", 1, "3812.40"),  # 9,600 + 3,100 + 11,000
    "2100000007": ("20920.0", 2, "5000.00"),  # 6,020 + 5,400 + 9,500; of 12,000.00
    "000123": ("19200.0", 3, "5000.00"),  # 5,200 + 5,000 + 9,000; of 5,000.00
    "NA": ("17800.2", 4, "5000.00"),  # 4,800.2 + 7,000 + 6,000; of 5,000.01
    "9007199254740993": ("16900.0", 5, "1402.35"),  # 4,400 + 4,000 + 8,500
    "2100000012": ("16100.0", 6, "2077.77"),  # 4,000 + 3,800 + 8,300
    "2100000013": ("15900.0", 7, "0.00"),  # 5,400 + 4,000 + 6,500; spent nothing
    "2100000017": ("15200.0", 8, None),  # 5,000 + 4,200 + 6,000; spend unknown
    "2100000011": ("14850.0", 9, "980.05"),  # 3,600 + 4,500 + 6,750
    "9007199254740992": ("14000.0", 10, "4400.00"),  # 3,000 + 3,000 + 8,000
    "2100000019": ("14000.0", 10, "5000.00"),  # 4,000 + 4,000 + 6,000; of 6,100.00
    "2100000014": ("3500.0", 12, "2000.00"),  # 1,000 + 1,000 + 1,500; half of 4,000.00
    "null": ("640.0", 13, "2000.00"),  # 240 + 200 + 200; half of 4,000.01 is past the cap
    "2100000018": ("34.4", 14, "310.00"),  # days: 372 − 300, 31 − 30, 62 − 60; half of 31 × 20.00
    "2100000021": ("9.4", 15, "48.25"),  # −0.6 + 10 + 0; half of 96.50
    "2100000008": ("-470.0", 16, "400.00"),  # −240 − 80 − 150; half of 800.00
    "2100000009": ("18500.0", None, None),  # not enrolled
    "2100000010": ("17100.0", None, None),  # ads off
    "2100000015": (None, None, None),  # no counts
    "2100000016": (None, None, None),  # no April
    "2100000020": (None, None, None),  # no May
    "2100000022": (None, None, None),  # no counts
}


@pytest.fixture(scope="module")
def personas() -> Warehouse:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse, merchants=len(PERSONAS))
    return warehouse


def plain(value: object) -> object:
    return None if pd.isna(value) else value


def by_merchant(frame: pd.DataFrame, columns: list[str]) -> dict[str, tuple[object, ...]]:
    rows = zip(*(frame[column] for column in columns), strict=True)
    return {
        str(merchant): tuple(map(plain, row))
        for merchant, row in zip(frame["merchant_id"], rows, strict=True)
    }


def tiers(warehouse: Warehouse, day: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    measures = rfq.measure(warehouse, day)
    return measures, rfq.assess(measures, rulebook().on(day))


def test_each_hand_made_merchant_reads_as_worked_out(personas: Warehouse) -> None:
    measures, outcome = tiers(personas, "2021-05-31")
    found = by_merchant(
        measures.assign(tier=outcome["tier"], points=outcome["points"]),
        ["gmv_90d_usd", "free_quotes_granted", "free_quotes_used", "tier", "points"],
    )
    assert found == {
        merchant: (Decimal(gmv), *rest) for merchant, (gmv, *rest, _) in READINGS.items()
    }


def test_who_moved_since_the_month_before(personas: Warehouse) -> None:
    measures, outcome = tiers(personas, "2021-04-30")
    found = by_merchant(measures.assign(tier=outcome["tier"]), ["tier"])
    assert found == {merchant: (reading[-1],) for merchant, reading in READINGS.items()}


def test_the_large_order_counts_for_two_more_days_and_not_for_a_third(personas: Warehouse) -> None:
    def gmv(day: str) -> Decimal:
        measures = rfq.measure(personas, day, rulebook().on("2021-05-31"))
        return by_merchant(measures, ["gmv_90d_usd"])["2100000013"][0]  # type: ignore[return-value]

    assert gmv("2021-06-02") == Decimal("36000.00")
    assert gmv("2021-06-03") == Decimal("6000.00")


def test_the_board_reads_as_worked_out(personas: Warehouse) -> None:
    measures = campaign.measure(personas, "2021-05-31")
    outcome = campaign.assess(measures, rulebook().on("2021-05-31"))
    found = by_merchant(outcome, ["score", "rank", "reward_cny", "tie_at_cutoff", "counts_assumed"])
    assert {merchant: reading[:3] for merchant, reading in found.items()} == {
        merchant: (score and Decimal(score), rank, reward and Decimal(reward))
        for merchant, (score, rank, reward) in BOARD.items()
    }
    assert {m for m, reading in found.items() if reading[3]} == {"9007199254740992", "2100000019"}
    assert {m for m, reading in found.items() if reading[4]} == {"2100000018"}


# From the shipments of the demo, by hand: in the rate, on time, exempt, late, savable, both rates.
SHIPPED = {
    "2100000011": (10, 5, 3, 2, 3, "80.00", "50.00"),
    "007": (4, 4, 0, 0, 0, "100.00", "100.00"),
    "2100000008": (4, 1, 0, 3, 0, "25.00", "25.00"),
    "NA": (0, 0, 0, 0, 0, None, None),
    "2100000013": (0, 0, 0, 0, 1, None, None),
}


def test_shipments_read_as_worked_out(personas: Warehouse) -> None:
    measures = fulfilment.measure(personas, "2021-05-31")
    outcome = fulfilment.assess(measures, rulebook().on("2021-05-31"))
    counts = ["orders", "on_time", "exempt", "late", "savable"]
    rates = ["on_time_percent", "shipped_on_time_percent"]
    found = by_merchant(fulfilment.summary(outcome), [*counts, *rates])
    assert found == {
        merchant: (*reading[:5], *(rate and Decimal(rate) for rate in reading[5:]))
        for merchant, reading in SHIPPED.items()
    }
    shown = outcome[outcome["merchant_id"] == "2100000011"]
    assert set(shown["state"].dropna()) == set(fulfilment.STATES)
    assert set(shown["way"].dropna()) == set(fulfilment.WAYS)
    assert set(measures["method"]) == set(fulfilment.METHODS)


@pytest.mark.slow
def test_generated_merchants_do_not_displace_the_leaders() -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse, merchants=2_000)
    measures = campaign.measure(warehouse, "2021-05-31")
    outcome = campaign.assess(measures, rulebook().on("2021-05-31"))
    found = by_merchant(outcome, ["rank"])
    leaders = {m: rank for m, (_, rank, _) in BOARD.items() if rank is not None and rank <= 10}
    assert {merchant: found[merchant][0] for merchant in leaders} == leaders


def test_the_express_orders_read_as_worked_out(personas: Warehouse) -> None:
    outcome = express.assess(express.measure(personas, "2021-05-31"), rulebook().on("2021-05-31"))
    columns = ["orders", "orders_saved", "saved_cny", "orders_left", "left_cny"]
    found = by_merchant(express.summary(outcome), columns)
    # Orders, those with a discount, what they saved, and what is left: the demo's table.
    assert found == {
        "007": (1, 0, Decimal("0.00"), 0, Decimal("0.00")),  # used in March
        "9007199254740993": (2, 0, Decimal("0.00"), 0, Decimal("0.00")),  # used a second before
        "9007199254740992": (2, 1, Decimal("88.80"), 2, Decimal("200.00")),
        "2100000011": (8, 3, Decimal("264.20"), 0, Decimal("0.00")),  # 100 + 100 + 64.20
        "NA": (2, 1, Decimal("100.00"), 2, Decimal("200.00")),
        "000123": (3, 2, Decimal("145.50"), 1, Decimal("100.00")),
        "2100000012": (2, 1, None, None, None),  # the opening day without a time
    }


def test_the_disputes_read_as_worked_out(personas: Warehouse) -> None:
    rules = rulebook().on("2021-05-31")
    measures = chargeback.measure(personas, "2021-05-31")
    outcome = chargeback.assess(measures, rules)
    columns = ["disputes", "no_refund_usd", "open_usd", "unprotected_usd"]
    # Disputes, what needs no refund, what may still need none, and the rest: the demo's table.
    expected = {
        "2100000011": (7, "5700.00", "300.00", "1489.00"),  # 180 + 150 + 420 + 640 + 99
        "007": (1, "0.00", "0.00", "260.00"),  # refused
        "NA": (2, "1000.00", "0.00", "75.01"),  # a second too early; a cent too much
        "9007199254740993": (1, "880.00", "0.00", "0.00"),  # paid in the period that is over
        "9007199254740992": (1, "0.00", "0.00", "310.00"),  # never applied; the bank does not count
        "2100000007": (2, "0.00", "0.00", "505.50"),  # rejected; no online order
        "2100000012": (1, None, "0.00", None),  # the day of the beginning, without a time
        "2100000013": (1, None, "0.00", None),  # no limit
    }
    assert by_merchant(chargeback.summary(outcome), columns) == {
        merchant: (n, *(amount and Decimal(amount) for amount in amounts))
        for merchant, (n, *amounts) in expected.items()
    }
    on = dt.date(2021, 5, 31)
    frames = chargeback.details(personas, on, rules, measures, outcome)
    states = by_merchant(frames["coverage"], ["state", "left_usd"])
    assert states == {
        "2100000011": ("active", Decimal("300.00")),
        "007": ("refused", None),
        "NA": ("active", Decimal("0.00")),
        "null": ("active", Decimal("2000.00")),
        "000123": ("active", Decimal("3000.00")),
        "9007199254740993": ("ended", Decimal("1620.00")),
        "2100000007": ("active", Decimal("1500.00")),
        "2100000008": ("coming", Decimal("800.00")),
        "2100000012": ("active", None),
        "2100000013": ("active", None),
    }


@pytest.mark.parametrize("merchants", [24, 1_000])
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.slow
def test_every_row_is_valid(name: str, merchants: int) -> None:
    rows = demo.tables_of(merchants=merchants)[name].to_pandas(types_mapper=pd.ArrowDtype)
    assert len(rows) > 0
    pd.testing.assert_frame_equal(TABLES[name].schema.validate(rows, lazy=True), rows)


def test_every_reference_leads_to_a_row() -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse, merchants=500)
    for child, column, parent in (
        ("quotes", "merchant_id", "merchants"),
        ("orders", "merchant_id", "merchants"),
        ("orders", "quote_id", "quotes"),
        ("quotes", "entitlement_id", "quote_entitlements"),
        ("campaign_enrolments", "merchant_id", "merchants"),
        ("shipments", "merchant_id", "merchants"),
        ("spot_checks", "order_id", "shipments"),
        ("express_orders", "merchant_id", "merchants"),
        ("products", "merchant_id", "merchants"),
        ("customization_price_tiers", "model_id", "customization_models"),
        ("customization_lead_times", "model_id", "customization_models"),
        ("coverages", "merchant_id", "merchants"),
        ("disputes", "merchant_id", "merchants"),
        ("showrooms", "merchant_id", "merchants"),
        ("shop_counts_daily", "merchant_id", "merchants"),
        ("order_takers", "merchant_id", "merchants"),
        ("order_assignments", "merchant_id", "merchants"),
        ("order_assignments", "taker_id", "order_takers"),
    ):
        lost = warehouse.frame(
            f"SELECT {column} FROM {child} WHERE {column} IS NOT NULL "  # noqa: S608
            f"AND {column} NOT IN (SELECT {column} FROM {parent})"
        )
        assert len(lost) == 0, (child, column)


@pytest.mark.slow
def test_one_seed_one_set_of_facts(tmp_path: Path) -> None:
    first, again = demo.tables_of(merchants=60, seed=7), demo.tables_of(merchants=60, seed=7)
    assert first == again
    other = demo.tables_of(merchants=60, seed=8)
    assert first["orders"] != other["orders"]
    warehouses = [Warehouse.open(tmp_path / f"{n}.duckdb", create=True) for n in (1, 2)]
    for warehouse in warehouses:
        demo.fill(warehouse, merchants=60, seed=7)
    for name in TABLES:
        stored = [w.frame(f"SELECT * FROM {name}") for w in warehouses]  # noqa: S608
        pd.testing.assert_frame_equal(*stored)
        assert pa.Table.from_pandas(stored[0], preserve_index=False).num_rows == len(first[name])


def test_hand_made_merchants_do_not_depend_on_the_seed() -> None:
    few = [demo.tables_of(merchants=len(PERSONAS), seed=seed) for seed in (1, 2)]
    assert few[0] == few[1]


@pytest.mark.parametrize("merchants", [0, 1, 12, 24, 40])
def test_as_many_merchants_as_asked_for(merchants: int) -> None:
    warehouse = Warehouse.in_memory()
    assert demo.fill(warehouse, merchants=merchants)["merchants"] == merchants
    assert warehouse.counts()["merchants"] == merchants


def test_both_tracks_and_the_awkward_names_are_among_the_first_24() -> None:
    merchants = demo.tables_of()["merchants"].to_pydict()
    assert {"customization", "rts", None} == set(merchants["track"])
    assert len(set(merchants["merchant_id"])) == 24
    names = [name or "" for name in merchants["company_name"]]
    assert any("<script>alert(1)</script>" in name for name in names)
    assert any(name.startswith("=1+1") for name in names)
    assert {"007", "NA", "null", "9007199254740993", "9007199254740992"} <= set(
        merchants["merchant_id"]
    )


def test_no_company_of_the_decks_board_is_in_the_demo() -> None:
    printed = ("雅尼仕", "三步乐", "和新国际", "腾辉", "两个圈", "金秋体育", "易捷新能源")
    names = " ".join(
        filter(None, demo.tables_of(merchants=3_000)["merchants"]["company_name"].to_pylist())
    )
    assert not [name for name in printed if name in names]


def test_orders_reach_back_half_a_year_before_the_month() -> None:
    orders = demo.tables_of(merchants=500)["orders"].to_pandas()
    assert orders["paid_at"].min() < pd.Timestamp("2020-11-03")  # 180 days before 1 May 2021
    assert orders["paid_at"].max() < pd.Timestamp("2021-06-01 07:00")  # the month's end, US time


def test_another_month_has_its_own_facts() -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse, month="2021-06")
    months = warehouse.frame("SELECT DISTINCT month FROM campaign_counts ORDER BY month")["month"]
    assert months.tolist() == ["2021-05", "2021-06"]
    measures = rfq.measure(warehouse, "2021-06-30")
    assert by_merchant(measures, ["gmv_90d_usd"])["2100000011"] == (Decimal("25000.00"),)


def test_a_month_that_is_none_changes_nothing(tmp_path: Path) -> None:
    warehouse = Warehouse.open(tmp_path / "w.duckdb", create=True)
    with pytest.raises(DayError):
        demo.fill(warehouse, month="May")
    with pytest.raises(WarehouseError, match="-1 merchants"):
        demo.fill(warehouse, merchants=-1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_demo_replaces_a_demo() -> None:
    warehouse = Warehouse.in_memory()
    demo.fill(warehouse, merchants=40)
    demo.fill(warehouse, merchants=12)
    assert warehouse.counts()["merchants"] == 12
    assert warehouse.origin == "demo"
    assert set(warehouse.frame("SELECT DISTINCT source_file FROM orders")["source_file"]) == {
        "demo"
    }


@pytest.mark.slow
def test_a_demo_refuses_imported_facts(tmp_path: Path) -> None:
    warehouse = Warehouse.open(tmp_path / "w.duckdb", create=True)
    demo.fill(warehouse, merchants=3)
    with warehouse.write() as connection:
        claim(connection, "imported")
    before = warehouse.counts()
    with pytest.raises(WarehouseError, match="--warehouse"):
        demo.fill(warehouse)
    assert warehouse.counts() == before
    assert warehouse.origin == "mixed"


@pytest.mark.parametrize(("month", "fits"), [
    ("1990-12", False), ("1991-01", True), ("2099-12", True), ("2100-01", False),
    ("9999-12", False),
])  # fmt: skip
def test_a_demo_is_of_a_month_that_facts_can_be_of(month: str, *, fits: bool) -> None:
    if fits:
        assert demo.tables_of(month, merchants=1)["merchants"].num_rows == 1
        return
    with pytest.raises(DayError, match="lies beyond any facts"):
        demo.tables_of(month, merchants=1)

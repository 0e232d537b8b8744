"""assess: a file of measures in, one record a row out, whatever the file's kind."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from merchantkit.cli.frames import read_measures
from merchantkit.programmes import programme as named
from tests.cli.conftest import Kit
from tests.programmes.casebook import cases

HEADERS = ["merchant_id", "track", "gmv_90d_usd", "free_quotes_granted", "free_quotes_used"]
# 34,999.99 at 100 % is tier 1, and 40,000 at 80 % is tier 1 (by hand, from the slide's limits).
ROWS = [
    ["007", "customization", "34999.99", "20", "20"],
    ["NA", "rts", "40000", "20", "16"],
    ["9007199254740993", "", "25000.00", "", ""],
]
EXPECTED = [
    {
        "merchant_id": "007", "gmv_90d_usd": "34999.99", "free_quotes_granted": 20, "tier": 1,
        "points": 3, "usd_to_tier_1": "0.00", "usd_to_tier_2": "0.01", "quotes_to_tier_2": 0,
    },
    {
        "merchant_id": "NA", "gmv_90d_usd": "40000.00", "tier": 1, "points": 0,
        "usd_to_tier_2": "0.00", "quotes_to_tier_2": 4,
    },
    {
        "merchant_id": "9007199254740993", "track": None, "gmv_90d_usd": "25000.00",
        "free_quotes_granted": None, "tier": None, "tier_reason": "not_given",
        "usd_to_tier_2": "10000.00", "quotes_to_tier_1": None,
        "quotes_to_tier_1_reason": "not_given",
    },
]  # fmt: skip


def as_csv(folder: Path) -> Path:
    file = folder / "measures.csv"
    file.write_text("\n".join(",".join(row) for row in [HEADERS, *ROWS]) + "\n", encoding="utf-8")
    return file


def as_gbk(folder: Path) -> Path:
    file = folder / "量.csv"
    rows = [[*HEADERS, "公司"], *([*row, "深圳"] for row in ROWS)]
    file.write_bytes("\r\n".join(";".join(row) for row in rows).encode("gb18030"))
    return file


def as_text_xlsx(folder: Path) -> Path:
    return workbook(folder / "text.xlsx", ROWS)


def as_number_xlsx(folder: Path) -> Path:
    rows = [
        [r[0], r[1] or None, float(r[2]), *(int(n) if n else None for n in r[3:])] for r in ROWS
    ]
    return workbook(folder / "numbers.xlsx", rows)


def workbook(file: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    sheet = book.create_sheet("measures")
    for row in [HEADERS, *rows]:
        sheet.append(row)
    book.save(file)
    return file


def as_parquet(folder: Path) -> Path:
    file = folder / "measures.parquet"
    money = pd.ArrowDtype(pa.decimal128(20, 4))
    columns = dict(zip(HEADERS, zip(*ROWS, strict=True), strict=True))
    frame = pd.DataFrame(columns).replace("", None)
    frame["gmv_90d_usd"] = frame["gmv_90d_usd"].map(Decimal).astype(money)
    counts = [int(number) if number else None for number in columns["free_quotes_granted"]]
    frame["free_quotes_granted"] = pd.Series(counts, dtype="Int64")
    frame["free_quotes_used"] = pd.to_numeric(frame["free_quotes_used"])  # floats with NaN
    frame.to_parquet(file)
    return file


@pytest.mark.parametrize(
    "made", [as_csv, as_gbk, as_text_xlsx, as_number_xlsx, as_parquet], ids=lambda f: f.__name__
)
def test_every_kind_of_file_gives_the_same_outcome(kit: Kit, tmp_path: Path, made: object) -> None:
    told = kit("assess", "rfq", made(tmp_path), "--on", "2021-05-31", "--json")  # type: ignore[operator]
    assert (told.code, told.err) == (0, "")
    found = [
        {name: record[name] for name in expected}
        for record, expected in zip(told.records, EXPECTED, strict=True)
    ]
    assert found == EXPECTED


@pytest.mark.parametrize("programme", ["rfq", "campaign", "star"])
def test_the_casebook_comes_out_through_the_command(
    kit: Kit, tmp_path: Path, programme: str
) -> None:
    book = cases(programme)
    if "day" in book.columns:
        book = book[book["day"] == "2021-05-31"]
    file = tmp_path / "cases.csv"
    outcome = {"rfq": ["tier", "points", "usd_to_tier_1", "quotes_to_tier_2"],
               "campaign": ["score", "rank", "reward_cny"],
               "star": ["star", "star_low", "star_high", "lowest_pillars", "unknown_needs_score",
                        "effect_tier_1", "effect_tier_2"]}[programme]  # fmt: skip
    module = named(programme)
    given = book.reset_index(names="merchant_id")
    given = given[[c for c in given.columns if c in {**module.COLUMNS, **module.OPTIONAL}]]
    given.to_csv(file, index=False)
    records = kit("assess", programme, file, "--on", "2021-05-31", "--json").records
    for name in outcome:
        found = ["" if r[name] is None else str(r[name]) for r in records]
        assert found == book[name].tolist(), name


def test_orders_come_out_through_the_command_with_their_days(kit: Kit, tmp_path: Path) -> None:
    book = cases("fulfilment")
    book = book[book["day"] == "2021-05-31"].reset_index(drop=True)
    outcome = ["dispatched_by", "dispatched_on", "state", "settled_on", "act_by", "exemption"]
    given = book[list(book.columns[1:13])].assign(merchant_id="007", order_id=book.index)
    given.to_csv(tmp_path / "orders.csv", index=False)
    asked = ("assess", "fulfilment", tmp_path / "orders.csv", "--on", "2021-05-31")
    records = kit(*asked, "--json").records
    for name in outcome:
        found = ["" if r[name] is None else str(r[name]) for r in records]
        assert found == book[name].tolist(), name
    assert {r["merchant_id"] for r in kit(*asked, "--explain", "--json").records} == {"007"}
    assert "late" in kit(*asked).out


def test_express_orders_are_judged_from_a_file_with_moments_as_they_are_written(
    kit: Kit, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "express_order_id,merchant_id,membership,route,ta_order,ordered_at,paid_at,"
        "base_freight_cny,used_before\n"
        "007,a,出口通,中美无忧包机专线,yes,2021-04-12 15:00:00,2021-04-12T00:05:00-07:00,"
        "103,false\n"
        "008,a,出口通,中美无忧包机专线,true,2021-04-12 14:59:59,,103,false\n",
        encoding="utf-8",
    )
    told = kit("assess", "express", file, "--on", "2021-05-31", "--json")
    assert (told.code, told.err) == (0, "")
    first, second = told.records
    wanted = ("express_order_id", "ordered_at", "paid_at", "saved_cny", "payable_cny")
    assert [first[name] for name in wanted] == [
        "007", "2021-04-12 15:00:00", "2021-04-12T00:05:00-07:00", "100.00", "3.00",
    ]  # fmt: skip
    assert (second["saved_cny"], second["saved_cny_reason"]) == ("0.00", "before_promotion")
    long = kit("assess", "express", file, "--on", "2021-05-31", "--explain", "--json").records
    opens = [r for r in long if r["check"] == "window.opens"]
    assert [(r["observed"], r["required"], r["met"]) for r in opens] == [
        ("2021-04-12 15:00:00", "2021-04-12 15:00:00", True),
        ("2021-04-12 14:59:59", "2021-04-12 15:00:00", False),
    ]


def test_products_are_judged_from_a_file_and_quoted_at_their_moq(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(
        "product_id,merchant_id,main_industry,rts_products,shop_products,is_rts,model_bound,"
        "moq_pieces,lead_time_days,base_price_usd,surcharge_usd\n"
        '007,m,"Luggage, Bags & Cases",3,10,yes,yes,30,7,7.65,2\n'
        "008,m,箱包,3,10,yes,yes,51,,7.65,2\n",
        encoding="utf-8",
    )
    told = kit("assess", "quick_custom", file, "--on", "2021-05-31", "--json")
    assert (told.code, told.err) == (0, "")
    first, second = told.records
    wanted = ("product_id", "eligible", "unit_price_usd", "order_usd")
    assert [first[name] for name in wanted] == ["007", True, "9.65", "289.50"]
    assert (second["eligible"], second["failed_gates"], second["fixes_reason"]) == (
        False, "moq", "not_given",
    )  # fmt: skip
    long = kit("assess", "quick_custom", file, "--on", "2021-05-31", "--explain", "--json").records
    moq = [(r["subject"], r["observed"], r["gap"]) for r in long if r["check"] == "model.moq"]
    assert moq == [("007", "30", "0"), ("008", "51", "1")]


def test_disputes_are_judged_from_a_file(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "disputes.csv"
    file.write_text(
        "dispute_id,merchant_id,paid_in_period,online_order,payment,evidence_given,"
        "evidence_review,disputed_at,disputed_usd,limit_usd,bank_result\n"
        "007,a,yes,true,card_direct,true,approved,2021-05-03 10:00:00,700.005,1000,lost\n"
        "008,a,yes,true,card_direct,true,approved,2021-05-04,400,1000,won\n"
        "009,a,yes,true,not_card,false,,2021-05-05,5,1000,\n",
        encoding="utf-8",
    )
    told = kit("assess", "chargeback", file, "--on", "2021-05-31", "--json")
    assert (told.code, told.err) == (0, "")
    # 700.005 is 700.01; 299.99 are left for 400.00.
    wanted = ("dispute_id", "bank_result", "no_refund_usd", "state", "missing", "left_usd")
    assert [[record[name] for name in wanted] for record in told.records] == [
        ["007", "lost", "700.01", "protected", None, "0.00"],
        ["008", "won", "299.99", "partly", None, "0.00"],
        ["009", None, "0.00", "unprotected", "card_direct,evidence,approval", "0.00"],
    ]


def test_a_showroom_is_judged_from_a_file_with_days_as_they_are_written(
    kit: Kit, tmp_path: Path
) -> None:
    from tests.programmes.casebook import cases

    book = cases("showroom")
    days = [name for name in book if name == "as_of" or name.endswith("_on")]
    book[days].assign(merchant_id=book.index).to_csv(tmp_path / "rooms.csv", index=False)
    asked = ("assess", "showroom", tmp_path / "rooms.csv", "--on", "2021-05-31")
    records = kit(*asked, "--json").records
    for name in ("stage", "next_action", "act_by", "act_by_reason", "days_left"):
        found = ["" if r[name] is None else str(r[name]) for r in records]
        assert found == book[name].tolist(), name
    long = kit(*asked, "--explain", "--json").records
    late = [r for r in long if r["subject"] == "shot a day late" and r["check"] == "shoot.by"]
    assert [(r["observed"], r["required"], r["met"]) for r in late] == [
        ("2021-07-01", "2021-06-30", False)
    ]


def test_the_sums_of_a_simulation_are_judged_from_a_file(kit: Kit, tmp_path: Path) -> None:
    from tests.programmes.casebook import cases

    book = cases("assignment").drop(index=["no order-takers"])
    given = list(book.columns[:13])
    book[given].assign(merchant_id=book.index).to_csv(tmp_path / "teams.csv", index=False)
    asked = ("assess", "assignment", tmp_path / "teams.csv", "--on", "2021-05-31")
    records = kit(*asked, "--json").records
    for name in ("average_wait_minutes_with", "evenness_percent_with", "advice", "advice_reason"):
        found = ["" if r[name] is None else str(r[name]) for r in records]
        assert found == book[name].tolist(), name
    assert {r["check"] for r in kit(*asked, "--explain", "--json").records} == {
        "takers.enough", "substitutes.some",
    }  # fmt: skip


def test_the_files_other_columns_come_first_and_unchanged(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(f"{','.join(HEADERS)},note,tier\n007,rts,1,2,1,=1+1,9\n", encoding="utf-8")
    (record,) = kit("assess", "rfq", file, "--on", "2021-05-31", "--json").records
    assert list(record)[:7] == [*HEADERS, "note", "tier"]
    assert record["note"] == "=1+1"
    assert record["tier"] == 0, "the outcome's tier, not the one that the file brought"


def test_the_explanation_has_one_record_for_each_row_and_check(kit: Kit, tmp_path: Path) -> None:
    told = kit("assess", "rfq", as_csv(tmp_path), "--on", "2021-05-31", "--explain", "--json")
    assert len(told.records) == len(ROWS) * 5
    gmv = told.records[2]
    assert {k: gmv[k] for k in ("subject", "check", "observed", "required", "met", "gap")} == {
        "subject": "007", "check": "tier_2.gmv", "observed": "34999.99", "required": "35000.00",
        "met": False, "gap": "0.01",
    }  # fmt: skip
    assert (gmv["since"], gmv["rule"]) == ("2021-04-15", "rfq.tier_2_gmv")


def test_the_table_is_aligned_and_missing_is_a_dash(kit: Kit, tmp_path: Path) -> None:
    lines = kit("assess", "rfq", as_csv(tmp_path), "--on", "2021-05-31").out.splitlines()
    assert len(lines) == 4
    at = lines[0].index("track")
    assert [line[at:].split()[0] for line in lines[1:]] == ["customization", "rts", "—"]
    assert "NaN" not in "".join(lines)
    assert "<NA>" not in "".join(lines)


def test_an_overlay_changes_the_rules(kit: Kit, tmp_path: Path) -> None:
    overlay = tmp_path / "reform.yaml"
    overlay.write_text(
        "id: rfq\nparameters:\n  tier_2_gmv:\n    values:\n      2021-05-01: {is: 34999.99}\n",
        encoding="utf-8",
    )
    arguments = ["assess", "rfq", as_csv(tmp_path), "--on", "2021-05-31", "--json"]
    official = [r["tier"] for r in kit(*arguments).records]
    reformed = [r["tier"] for r in kit(*arguments, "--rules", overlay).records]
    assert (official, reformed) == ([1, 1, None], [2, 1, None])


def test_a_file_without_rows_gives_no_records(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(",".join(HEADERS) + "\n", encoding="utf-8")
    assert kit("assess", "rfq", file, "--on", "2021-05-31", "--json").records == []


@pytest.mark.parametrize(
    ("arguments", "what", "remedy"),
    [
        (["stars", "m.csv", "--on", "2021-05-31"], "no programme 'stars'", "rfq, campaign"),
        (["rfq", "m.csv", "--on", "2021-04-14"], "not in force on 2021-04-14", "2021-04-15"),
        (["campaign", "m.csv", "--on", "2021-06-01"], "not in force on 2021-06-01", "2021-05-01"),
        (["rfq", "m.csv", "--on", "31 May"], "'31 May' is not a day", "2021-05-31"),
        (["rfq", "none.csv", "--on", "2021-05-31"], "cannot be read", "that exists"),
        (["campaign", "m.csv", "--on", "2021-05-31"], "the frame lacks visitors_before", "spend"),
    ],
)
def test_what_is_refused(
    kit: Kit, tmp_path: Path, arguments: list[str], what: str, remedy: str
) -> None:
    as_csv(tmp_path).rename(tmp_path / "m.csv")
    told = kit("assess", *arguments, "--json")
    assert (told.code, told.out) == (2, "")
    assert what in told.err
    assert remedy in told.err.partition("remedy:")[2]


def test_a_value_that_cannot_be_is_named_with_its_row(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(",".join(HEADERS) + "\na,rts,1,2,1\nb,rts,1,2,3\n", encoding="utf-8")
    told = kit("assess", "rfq", file, "--on", "2021-05-31")
    assert told.code == 2
    assert "more free quotes were used than granted" in told.err
    assert "merchant_id=b" in told.err
    assert "how many: 1" in told.err


def test_a_broken_row_is_refused_not_shifted(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(",".join(HEADERS) + '\n007,rts,"25,000",20,12\n008,rts,25,000,20,12\n', "utf-8")
    told = kit("assess", "rfq", file, "--on", "2021-05-31")
    assert (told.code, told.out) == (2, "")
    assert "row 3" in told.err


def test_fees_of_any_orders(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "order_id,merchant_id,received_usd,route\n"
        "007,m,10001,platform\nNA,m,4250.50,offline\n9007199254740993,m,640,\n",
        encoding="utf-8",
    )
    found = kit("assess", "fees", file, "--on", "2021-05-31", "--json").records
    assert [row["order_id"] for row in found] == ["007", "NA", "9007199254740993"]
    assert [row["fee_platform_usd"] for row in found] == ["100.00", "42.51", "6.40"]
    assert [row["fee_offline_usd"] for row in found] == ["200.02", "85.01", "12.80"]
    assert [row["fee_usd"] for row in found] == ["100.00", "85.01", None]
    assert found[2]["fee_usd_reason"] == "route_unknown"
    checks = kit("assess", "fees", file, "--on", "2021-05-31", "--explain", "--json").records
    assert {row["rule"] for row in checks} == {
        "fees.platform_cap", "fees.offline_cap", "fees.privileged_routes",
    }  # fmt: skip


def test_a_parquet_files_headers_are_read_as_those_of_any_other(tmp_path: Path) -> None:
    file = tmp_path / "measures.parquet"
    pd.DataFrame({"\ufeffmerchant_id": ["7"], " gmv_90d_usd ": [1], "": [None]}).to_parquet(file)
    frame = read_measures(file, ["merchant_id", "gmv_90d_usd"])
    assert list(frame.columns) == ["merchant_id", "gmv_90d_usd"]


@pytest.mark.parametrize("spoiled", ["body", "twice", "nested"])
def test_a_parquet_file_that_holds_no_measures_is_an_error_in_words(
    kit: Kit, tmp_path: Path, spoiled: str
) -> None:
    file, ids, gmv = tmp_path / "measures.parquet", pa.array(["007"] * 99), pa.array([1] * 99)
    made = {
        "body": pa.table({"merchant_id": ids, "gmv_90d_usd": gmv}),
        "twice": pa.table([ids, gmv, gmv], ["merchant_id", "gmv_90d_usd", "gmv_90d_usd"]),
        "nested": pa.table({"merchant_id": ids, "gmv_90d_usd": pa.array([[1]] * 99)}),
    }
    pq.write_table(made[spoiled], file)
    if spoiled == "body":
        content = bytearray(file.read_bytes())
        content[4:40] = b"\xff" * 36  # the first page's header
        file.write_bytes(content)
    told = kit("assess", "rfq", file, "--on", "2021-05-31")
    what = {
        "body": "the file cannot be read",
        "twice": "the header 'gmv_90d_usd' is there 2 times",
        "nested": "the column 'gmv_90d_usd' holds list",
    }
    assert told.code == 2
    assert what[spoiled] in told.err
    assert "measures.parquet" in told.err


def test_a_formula_that_nobody_calculated_is_an_error_with_its_remedy(
    kit: Kit, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for line in (HEADERS, ["007", "customization", "=1+1", 20, 20]):
        book.active.append(line)
    book.save(tmp_path / "made.xlsx")
    told = kit("assess", "rfq", tmp_path / "made.xlsx", "--on", "2021-05-31")
    assert told.code == 2
    assert "'=1+1' cannot be read as a measure: formula_without_value" in told.err
    assert "open the file in Excel or LibreOffice and save it" in told.err


def test_a_percentage_is_read_with_its_sign(tmp_path: Path) -> None:
    headers, file = ["merchant_id", "lead_conversion_percent", "note"], tmp_path / "rates.xlsx"
    book = openpyxl.Workbook()
    for line in (headers, ["7", 0.153, "5%"], ["8", 15.3, None]):
        book.active.append(line)
    book.active["B2"].number_format = "0.0%"
    book.save(file)
    frame = read_measures(file, headers)
    assert frame["lead_conversion_percent"].tolist() == ["15.3", "15.3"]
    assert frame["note"].tolist()[0] == "5%"

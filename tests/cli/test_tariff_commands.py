"""tariff load, duty, search, diff: what they print, and how they refuse."""

import json
from importlib import resources
from pathlib import Path

import pytest

from tests.cli.conftest import Kit

EXCERPT = (resources.files("merchantkit.facts.tariff") / "excerpt.json").read_text("utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "hts_2025_basic.json"
    made.write_text(EXCERPT, encoding="utf-8")
    return made


def test_duty_without_any_warehouse_is_the_excerpts(kit: Kit, project: Path) -> None:
    told = kit("tariff", "duty", "6104.42.00.10", "--value", "1000", "--json")
    (record,) = told.records
    assert (record["total_usd"], record["effective_rate"]) == ("190.00", "0.1900")
    assert (record["edition"], record["on"]) == ("us-2025-basic-excerpt", "2021-04-29")
    assert [
        (p["kind"], p["rate_row"], p["text"], p["amount_usd"]) for p in record["components"]
    ] == [
        ("general", "6104.42.00", "11.5%", "115.00"), ("added", "9903.88.15", "7.5%", "75.00"),
    ]  # fmt: skip
    assert "85 FR 3741" in record["components"][1]["source"]
    assert not (project / "merchants.duckdb").exists()  # reading never makes one


def test_duty_is_printed_part_by_part(kit: Kit) -> None:
    told = kit(
        "tariff", "duty", "65050008", "--value", "1000", "--qty", "kg=12.5", "--qty", "doz=10"
    )
    assert told.code == 0
    assert "rules of 2021-04-29; base rates of us-2025-basic-excerpt (2025-01-01" in told.out
    for line in (
        "13.5¢/kg",
        "6505.00.08.00: See 9903.88.03.",
        "1.69",
        "2.28",
        "9903.88.03",
        "84 FR 20459",
    ):
        assert line in told.out
    assert "total: USD 316.97 on USD 1000.00, effective 31.70%" in told.out


def test_a_missing_quantity_is_asked_for_by_name(kit: Kit) -> None:
    told = kit("tariff", "duty", "65050008", "--value", "1000", "--qty", "kg=12.5")
    assert told.code == 2
    assert "the rate asks for article" in told.err
    assert "--qty 'article=N'" in told.err
    told = kit("tariff", "duty", "9104.00.10", "--value", "1000", "--json")
    assert told.code == 2
    (record,) = told.records
    assert (record["total_usd"], record["total_usd_reason"]) == (None, "quantity_needed")
    assert record["quantity_needed"][1] == "USD on the movement and case"


def test_a_special_rate_says_what_is_due_where_the_goods_do_not_qualify(kit: Kit) -> None:
    told = kit("tariff", "duty", "61044200", "--value", "1000", "--origin", "KR")
    said = "provided that the goods qualify under KR; otherwise the general rate: 11.5%"
    assert said in told.out


def test_what_is_beyond_the_record_is_refused_and_says_since_when(kit: Kit) -> None:
    told = kit("tariff", "duty", "61044200", "--value", "1000", "--on", "2025-02-04")
    assert told.code == 2
    assert "is not on record on the day" in told.err
    assert "from 2025-02-04, Executive Order 14195" in told.err


def test_an_overlay_changes_what_is_added(kit: Kit, tmp_path: Path) -> None:
    overlay = tmp_path / "reform.yaml"
    overlay.write_text(
        "id: tariff\nparameters:\n  added_9903_88_15:\n    values: {2021-04-01: {is: 15}}\n",
        encoding="utf-8",
    )
    told = kit("tariff", "duty", "61044200", "--value", "1000", "--rules", overlay, "--json")
    assert told.records[0]["total_usd"] == "265.00"


@pytest.mark.slow
def test_a_chinese_code_lists_its_candidates(kit: Kit) -> None:
    told = kit("tariff", "duty", "3926909090", "--value", "1000")
    assert told.code == 0
    assert "choose one" in told.out
    assert "3926.90.99 " in told.out
    assert "are told of one code, and by --json" in told.err
    assert len(kit("tariff", "duty", "3926909090", "--value", "1000", "--json").records) > 20


def test_candidates_say_what_tells_them_apart(kit: Kit) -> None:
    told = kit("tariff", "duty", "3926909090", "--value", "1000")
    rows = {line.split()[0]: line for line in told.out.splitlines()}
    assert rows["3926.90.59.00"].endswith("Belting and belts, for machinery › … › Other")
    assert rows["3926.90.60"].endswith("Belting and belts, for machinery › Other")
    assert rows["3926.90.70.00"].endswith("Clothespins › Other")
    assert rows["3926.90.99"].endswith("  Other")
    told = kit("tariff", "search", "plastic belts of textile fibers", "--limit", "4")
    shown = [line.split("  Other articles")[0][26:].strip() for line in told.out.splitlines()[1:]]
    assert len(set(shown)) == 4


@pytest.mark.parametrize("code", ["39269090", "3926909090"])
def test_candidates_found_by_six_digits_say_so(code: str, kit: Kit) -> None:
    told = kit("tariff", "duty", code, "--value", "1000")
    assert (told.code, "first six digits (392690)" in told.err) == (0, True)
    told = kit("tariff", "duty", code, "--value", "1000", "--chinese")
    assert (told.code, "first six digits" in told.err) == (0, False)


def test_candidates_without_any_total_are_refused_with_what_they_ask_for(kit: Kit) -> None:
    # Sugar by weight and degree: both rate lines of 1701.13 ask for the same.
    told = kit("tariff", "duty", "170113", "--value", "1000")
    assert told.code == 2
    assert "a quantity that the rate names is missing" in told.out
    assert "quantity_needed" not in told.out + told.err
    assert "how many: 2" in told.err
    assert "remedy: add --qty 'kg=N' --qty 'degree=N'\n" in told.err
    told = kit("tariff", "duty", "170113", "--value", "1000", "--json")
    assert (told.code, len(told.records)) == (2, 2)
    given = ("--qty", "kg=1000", "--qty", "degree=96.5")
    assert kit("tariff", "duty", "170113", "--value", "1000", *given).code == 0
    told = kit("tariff", "duty", "392690", "--value", "1000", "--on", "2025-02-04")
    assert (told.code, "what is added then is not on record" in told.err) == (2, True)
    assert "ask for an earlier day with --on" in told.err
    told = kit("tariff", "duty", "--help")
    assert "2  there is no total, for none of the lines that the code may be" in told.out


def test_candidates_some_of_which_have_a_total_are_no_refusal(kit: Kit, tmp_path: Path) -> None:
    rows = json.loads(EXCERPT)
    next(row for row in rows if row["htsno"] == "3926.90.10.00")["general"] = "5¢/kg"
    file = tmp_path / "by_weight.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    loading = ("--partial", "--dated", "2021-01-01", "--warehouse", "w.duckdb")
    assert kit("tariff", "load", file, *loading).code == 0
    told = kit("tariff", "duty", "392690", "--value", "1000", "--warehouse", "w.duckdb")
    assert told.code == 0
    assert "where a quantity is missing: add --qty 'kg=N'" in told.err


def test_exclusions_and_provisions_are_told_of_a_code_and_of_what_is_below_it(kit: Kit) -> None:
    told = kit("tariff", "duty", "3926.90.99.10", "--value", "1000")
    assert "may be excluded: see 9903.88.69 (as of the edition)" in told.out
    told = kit("tariff", "duty", "3926.90.99", "--value", "1000")
    assert "some of its lines may be excluded: see 9903.88.69 (as of the edition)" in told.out
    (record,) = kit("tariff", "duty", "3926.90.99", "--value", "1000", "--json").records
    assert record["notes"][0] == {"kind": "may_be_excluded_below", "text": "9903.88.69"}
    told = kit("tariff", "duty", "2931.90.90.10", "--value", "1000", "--origin", "CN")
    assert "9903.88.04 covers certain goods of this line only" in told.out


REFUSED = {
    "unknown code": (["85163000"], "the nearest are: 8516.3"),
    "retired code": (["3926.90.9985"], "is not in this edition"),
    "wrong digits": (["61044"], "is no tariff code"),
    "younger notes": (["2602.00.00"], "not determinable from this edition"),
    "two lists": (["8517.62.00"], "9903.88.04 9903.88.15"),
    "another article": (["6103.22.00.10"], "rate is that of another article"),
    "not understood": (["9110.90.40"], "rate is not understood"),
    "quantity twice": (["61044200", "--qty", "kg=1", "--qty", "kg=2"], "stands twice"),
    "quantity without unit": (["61044200", "--qty", "12"], "is no quantity"),
    "unknown unit": (["61044200", "--qty", "stone=12"], "is no unit"),
    "no day": (["61044200", "--on", "yesterday"], "yesterday"),
    "before the rules": (["61044200", "--on", "2017-01-01"], "2017-01-01"),
    "no edition": (["61044200", "--edition", "x"], "no edition 'x'"),
    "no schedule": (["61044200", "--to", "DE"], "no schedule of DE"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_duty_refuses_by_name(what: str, kit: Kit) -> None:
    arguments, said = REFUSED[what]
    told = kit("tariff", "duty", *arguments, "--value", "1000")
    assert told.code == 2
    assert said in told.err


@pytest.fixture(scope="session")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of the excerpt in which lines have notes that it lacks."""
    notes = {
        "6104.42.00": [("general", "See 9903.89.05.")],
        "8516.31.00.00": [("other", "See 9903.90.08.")],
        "6505.00.08.00": [("general", "See 9903.88.15."), ("general", "See 9903.91.01.")],
        "2602.00.00": [("general", "See 9903.92.")],
    }
    rows = json.loads(EXCERPT)
    for row in rows:
        if row["htsno"] in notes:
            row["footnotes"] = [
                {"columns": [column], "value": value} for column, value in notes[row["htsno"]]
            ]
    made = tmp_path_factory.mktemp("noted") / "noted.json"
    made.write_text(json.dumps(rows), encoding="utf-8")
    return made


# What cannot be told, why, and what to do: each its own, and none that leads nowhere.
OPEN = {
    "a heading that nobody has looked up": (
        ["6104.42.00", "--on", "2025-01-15"],
        "the heading that the notes name adds is not on record",
        "read in chapter 99 what it adds and since when",
    ),
    "what begins after the day only": (
        ["2602.00.00", "--edition", "us-2025-basic-excerpt"],
        "whose notes name what begins after the day only",
        "load the edition of that day",
    ),
    "column 2 replaced": (
        ["8516.31.00.00", "--origin", "RU", "--on", "2025-01-15"],
        "may stand in place of column 2's for this origin",
        "read in chapter 99 the heading that the footnote names",
    ),
    "lists of two notes": (
        ["6505.00.08.00", "--qty", "kg=1", "--qty", "doz=1", "--on", "2024-12-01"],
        "lists with different rates",
        "see U.S. note 20 (9903.88.15) and U.S. note 31 (9903.91.01) in subchapter III",
    ),
    "cranes": (
        ["2602.00.00", "--on", "2024-12-01"],
        "9903.92.10 9903.92.80",
        "see the headings' own words (9903.92.10, 9903.92.80) in subchapter III of chapter 99",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", OPEN)
def test_what_cannot_be_told_says_why_and_where_to_look(what: str, kit: Kit, noted: Path) -> None:
    assert kit("tariff", "load", noted, "--partial", "--dated", "2025-01-01",
               "--warehouse", "w.duckdb").code == 0  # fmt: skip
    arguments, why, remedy = OPEN[what]
    told = kit("tariff", "duty", *arguments, "--value", "1000", "--warehouse", "w.duckdb")
    assert told.code == 2
    assert why in told.err
    assert remedy in told.err
    for wrong in ("younger than the day", "ask for that article's code"):
        assert wrong not in told.err


@pytest.mark.parametrize("value", ["-5", "x", "1e13", "nan", ""])
def test_an_impossible_value_is_refused(value: str, kit: Kit) -> None:
    assert kit("tariff", "duty", "61044200", f"--value={value}").code == 2


@pytest.mark.slow
def test_load_says_what_it_found_and_twice_changes_nothing(kit: Kit, file: Path) -> None:
    told = kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb", "--json")
    (first,) = told.records
    assert first["rows"] == len(json.loads(EXCERPT))
    assert (first["dated"], first["not_understood"], first["unchanged"]) == (
        "2025-01-01", 1, False,
    )  # fmt: skip
    told = kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb")
    assert "nothing was changed" in told.out
    assert "9110.90.40.00" in told.err
    record = kit(
        "tariff", "duty", "61044200", "--value", "1000", "--warehouse", "w.duckdb", "--json"
    ).records[0]
    assert record["edition"] == "hts_2025_basic"


def test_load_tells_what_stands_beside_its_subheading(kit: Kit, file: Path) -> None:
    rows = json.loads(EXCERPT)
    next(row for row in rows if row["htsno"] == "3926.90.99")["indent"] = "1"
    file.write_text(json.dumps(rows), encoding="utf-8")
    told = kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb")
    assert "beside its subheading" in told.err
    assert "3926.90.99" in told.err
    told = kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb", "--json")
    assert told.records[0]["misplaced"] == 1


def test_load_refuses_the_excerpts_name(kit: Kit, file: Path) -> None:
    told = kit("tariff", "load", file, "--partial", "--edition", "us-2025-basic-excerpt",
               "--warehouse", "w.duckdb")  # fmt: skip
    assert told.code == 2
    assert "is the name of the kit's own excerpt" in told.err
    assert "--edition NAME" in told.err


def test_diff_refuses_editions_of_two_countries(kit: Kit, file: Path) -> None:
    assert kit("tariff", "load", file, "--partial", "--country", "CA",
               "--warehouse", "w.duckdb").code == 0  # fmt: skip
    told = kit("tariff", "diff", "us-2025-basic-excerpt", "hts_2025_basic", "--warehouse",
               "w.duckdb")  # fmt: skip
    assert told.code == 2
    assert "compare two editions of one country" in told.err


def test_a_broken_file_leaves_the_editions_alone(kit: Kit, file: Path) -> None:
    assert kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb").code == 0
    file.write_text(EXCERPT[:9000], encoding="utf-8")
    told = kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb", "--edition", "new")
    assert told.code == 2
    assert "cut off or damaged in row" in told.err
    assert kit("tariff", "duty", "61044200", "--value", "1", "--warehouse", "w.duckdb").code == 0


def test_lines_are_assessed_from_a_file(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(
        "line_id,merchant_id,origin,destination,value_usd,general_rate,added_headings,"
        "quantity_1,unit_1\n007,NA,CN,US,1000,4.4¢/kg,9903.88.15,12.5,kg\n",
        encoding="utf-8",
    )
    (record,) = kit("assess", "tariff", file, "--on", "2021-05-31", "--json").records
    assert (record["line_id"], record["quantity_1"], record["duty_usd"]) == (
        "007", "12.5000", "75.55",
    )  # fmt: skip
    long = kit("assess", "tariff", file, "--on", "2021-05-31", "--explain", "--json").records
    assert [row["check"] for row in long] == [
        "destination.known", "origin.added", "origin.column_2",
    ]  # fmt: skip


def test_lines_are_imported_and_assessed(kit: Kit, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(
        "出口明细号,商家ID,品名,HS编码,申报日期,原产国,运抵国,总价,第一法定数量,第一法定单位\n"
        "1,007,连衣裙,6104420000,2021-05-04,中国,美国,1000,3.25,千克\n"
        "2,007,帽子,6505009900,2021-05-04,中国,美国,-5,3.25,千克\n",
        encoding="utf-8",
    )
    told = kit("import", file, "--warehouse", "w.duckdb")
    assert (told.code, "1 rejected" in told.out) == (0, True)


def test_search_prints_codes_and_rates(kit: Kit) -> None:
    found = kit("tariff", "search", "hair dryer", "--json").records
    assert (found[0]["code"], found[0]["general"]) == ("8516.31.00", "3.9%")
    told = kit("tariff", "search", "dress", "--element", "fabric=knit", "--limit", "1")
    assert "6104.42.00" in told.out
    assert kit("tariff", "search", "!").code == 2


@pytest.mark.parametrize(
    "element", ["fabric", "fabric=", "=knit", "fabric=bogus", "gender=x", "colour=red"]
)
def test_search_refuses_elements_that_it_does_not_know(element: str, kit: Kit) -> None:
    assert kit("tariff", "search", "dress", "--element", element).code == 2


def test_search_refuses_a_kind_that_stands_twice(kit: Kit) -> None:
    twice = ("--element", "fabric=knit", "--element", "fabric=woven")
    assert kit("tariff", "search", "dress", *twice).code == 2


@pytest.mark.slow
def test_diff_of_an_edition_with_itself_is_nothing(kit: Kit, file: Path) -> None:
    assert kit("tariff", "load", file, "--partial", "--warehouse", "w.duckdb").code == 0
    told = kit("tariff", "diff", "us-2025-basic-excerpt", "hts_2025_basic", "--warehouse",
               "w.duckdb", "--json")  # fmt: skip
    assert told.records == []
    assert kit("tariff", "diff", "a", "b", "--warehouse", "w.duckdb").code == 2

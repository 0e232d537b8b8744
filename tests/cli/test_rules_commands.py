"""rules show, diff and check at the command line."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Kit

HERE = Path(__file__).parents[1] / "rulebook"
REFORM = "id: rfq\nparameters:\n  tier_1_gmv:\n    values:\n      2021-05-01: {is: 30000}\n"


@pytest.fixture
def reform(tmp_path: Path) -> Path:
    file = tmp_path / "reform.yaml"
    file.write_text(REFORM, encoding="utf-8")
    return file


def test_show_on_a_day_speaks_chinese_by_default(kit: Kit) -> None:
    told = kit("rules", "show", "rfq", "--on", "2021-05-31")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("2021年5月31日的规则\n\nRFQ营销指数（rfq）\n")
    assert "一档交易额门槛（rfq.tier_1_gmv）\n  USD 25,000.00 · 2021年4月15日起 · " in told.out
    assert "「商家星等级规则调整—RFQ指标内涵及查看路径」" in told.out


def test_show_without_a_day_shows_all_that_is_on_record(kit: Kit) -> None:
    told = kit("rules", "show", "--lang", "en").out
    assert "0 points · April 15, 2021 to April 19, 2021 · assumed by this kit" in told
    assert "3 points · from April 20, 2021 · expected, subject to go-live" in told
    assert "May Recommendation Star (campaign)" in told


def test_show_as_records(kit: Kit) -> None:
    records = kit("rules", "show", "campaign", "--on", "2021-05-31", "--json").records
    by_name = {r["name"]: r for r in records if r["kind"] == "parameter"}
    assert len(by_name) == 15
    assert by_name["top_cap"]["value"] == "5000.00"
    assert by_name["points_per_visitor"]["value"] == "0.2"
    assert by_name["next_ranks"]["value"] == 1000
    assert by_name["ads_required"]["value"] is True
    assert by_name["activity_days"]["value"] == {"from": "2021-05-01", "to": "2021-05-31"}
    assert (by_name["top_cap"]["since"], by_name["top_cap"]["until"]) == (
        "2021-05-01",
        "2021-06-01",
    )
    assert by_name["top_cap"]["source"] == "「5月推荐之星活动」"
    assert {r["kind"] for r in records} == {"parameter", "assumption", "check"}


def test_what_is_not_in_force_is_told_in_the_order_of_the_files(kit: Kit) -> None:
    # Of all but star and tariff nothing held in 2020; files are read in the order of their names.
    told = kit("rules", "show", "--on", "2020-10-01").err.splitlines()
    assert [line.split()[0] for line in told] == [
        "assignment", "campaign", "chargeback", "express", "fees", "fulfilment", "quick_custom",
        "rfq", "showroom",
    ]  # fmt: skip


def test_show_of_all_on_a_day_says_what_is_not_in_force(kit: Kit) -> None:
    told = kit("rules", "show", "--on", "2021-04-20")
    assert told.code == 0
    assert "campaign is not in force on 2021-04-20" in told.err
    assert "（rfq）" in told.out
    assert "（campaign）" not in told.out


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["campaign", "--on", "2021-04-20"], "it began on 2021-05-01"),
        (["stars"], "rfq"),
        (["rfq", "--on", "2021-04-14"], "it began on 2021-04-15"),
    ],
)
def test_show_refuses_what_there_is_not(kit: Kit, arguments: list[str], remedy: str) -> None:
    told = kit("rules", "show", *arguments)
    assert (told.code, told.out) == (2, "")
    assert remedy in told.err


def test_diff_is_the_summary_that_opens_the_deck(kit: Kit) -> None:
    told = kit("rules", "diff", "2021-04-01", "2021-05-06")
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == "规则更新汇总：2021年4月1日至2021年5月6日"
    assert "  2021年4月中旬起上线" in lines
    assert "  2021年5月1日起上线（预计，以实际上线为准）" in lines
    assert "对各赛道的影响" in lines
    english = kit("rules", "diff", "2021-04-01", "2021-05-06", "--lang", "en").out
    assert "  In force from mid-April 2021" in english.splitlines()


def test_diff_as_records(kit: Kit) -> None:
    def happened(one: str, other: str) -> list[dict[str, Any]]:
        records = kit("rules", "diff", one, other, "--json").records
        return [r for r in records if r["programme"] == "rfq" and r["kind"] == "changed"]

    records = happened("2021-04-19", "2021-04-20")
    assert [(r["parameter"], r["before"], r["after"], r["day"]) for r in records] == [
        ("tier_1_points", 0, 3, "2021-04-20"),
        ("tier_2_points", 0, 5, "2021-04-20"),
    ]
    assert [(r["status_before"], r["status"]) for r in records] == [("assumed", "expected")] * 2
    assert [r["track"] for r in records] == ["customization"] * 2
    assert [len(r["means"]) for r in records] == [0, 2]
    assert records[1]["means"][1] == {
        "track": "rts",
        "zh": "营销力不加分，加分仅限定制赛道",
        "en": "none of these points: only the customization track earns them",
    }
    assert happened("2021-04-20", "2021-04-30") == []


def test_diff_as_records_tells_what_is_to_come(kit: Kit) -> None:
    records = kit("rules", "diff", "2021-04-01", "2021-04-19", "--json").records
    (points,) = (r for r in records if r["kind"] == "coming" and r["parameter"] == "tier_2_points")
    assert (points["before"], points["after"], points["day"]) == (0, 5, "2021-04-20")
    (window,) = (r for r in records if r["parameter"] == "window_days")
    assert window["when"] == {"zh": "2021年4月中旬", "en": "mid-April 2021"}
    (campaign,) = (r for r in records if r["programme"] == "campaign" and not r["parameter"])
    assert (campaign["kind"], campaign["day"]) == ("coming", "2021-05-01")
    internal = {(r["programme"], r["parameter"]) for r in records if r["internal"]}
    assert {("campaign", "campaign"), ("express", "membership_names")} < internal
    assert not {name for programme, name in internal if programme == "rfq"}


def test_diff_of_one_day_shows_what_an_overlay_changes(kit: Kit, reform: Path) -> None:
    told = kit(
        "rules", "diff", "2021-05-31", "2021-05-31", "--rules", reform, "--lang", "en"
    ).out  # fmt: skip
    assert "GMV for tier 1: USD 25,000.00 → USD 30,000.00" in told
    assert "overlay reform" in told


def test_check_counts_what_it_read(kit: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "shop.yaml").write_bytes((HERE / "good.yaml").read_bytes())
    (record,) = kit("rules", "check", "--folder", folder, "--json").records
    assert record == {
        "programme": "shop", "parameters": 5, "values": 8, "assumed_values": 1,
        "deferred_or_planned": 2, "checks": 3, "assumptions": 1,
    }  # fmt: skip
    told = kit("rules", "check", "--folder", folder).out
    assert "1 files: 5 parameters, 8 values, 1 assumed values" in told


def test_check_reads_the_projects_rules_and_an_overlay(kit: Kit, reform: Path) -> None:
    told = kit("rules", "check", "--rules", reform)
    assert told.code == 0
    assert "all well" in told.out
    assert "overlays laid over them: reform" in told.out
    programmes = [r["programme"] for r in kit("rules", "check", "--json").records]
    assert {"rfq", "campaign"} <= set(programmes)


def test_check_names_file_line_what_and_remedy(kit: Kit) -> None:
    bad = HERE / "bad" / "overlay_unknown_parameter.yaml"
    told = kit("rules", "check", "--rules", bad)
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[0].startswith("merchantkit: the overlay names a programme")
    assert "  where: overlay_unknown_parameter.yaml:1" in told.err.splitlines()

"""``diff``: what changes between two days, by hand from the deck, as data and in words."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from merchantkit.present import rules_text
from merchantkit.present.words import words
from merchantkit.rulebook import Change, ProgrammeRules, Rulebook, diff, on_record, rulebook
from merchantkit.rulebook.loader import load_text

SHIPPED = rulebook()
# What the deck says of these two, apart from what the other programmes change on the same days.
TWO = Rulebook({name: SHIPPED.files[name] for name in ("rfq", "campaign")})
GOOD = Path(__file__).with_name("good.yaml")
DAY = dt.date


@pytest.fixture(scope="module")
def shop() -> Rulebook:
    return Rulebook({"shop": load_text(GOOD.read_text(encoding="utf-8"), "good.yaml")})


def between(book: Rulebook, one: str, other: str) -> list[Change]:
    return diff(book.on(one), book.on(other))


def told(changes: list[Change]) -> list[tuple[object, ...]]:
    return [
        (
            change.kind,
            change.parameter,
            change.before.value if change.before else None,
            change.after.value if change.after else None,
            change.day,
        )
        for change in changes
    ]


def test_the_points_begin_on_20_april() -> None:
    changes = between(TWO, "2021-04-19", "2021-04-20")
    assert told(changes) == [
        ("changed", "tier_1_points", 0, 3, DAY(2021, 4, 20)),
        ("changed", "tier_2_points", 0, 5, DAY(2021, 4, 20)),
    ]
    assert [change.after.status for change in changes if change.after] == ["expected", "expected"]


def test_the_campaign_begins_with_may_and_ends_with_it() -> None:
    begins = between(TWO, "2021-04-30", "2021-05-01")
    assert {change.programme for change in begins} == {"campaign"}
    assert told(begins)[0] == ("begins", None, None, None, DAY(2021, 5, 1))
    assert [change.kind for change in begins[1:]] == ["new"] * 15
    ends = between(TWO, "2021-05-31", "2021-06-01")
    assert told(ends)[0] == ("ends", None, None, None, DAY(2021, 6, 1))
    assert {(change.kind, change.day) for change in ends[1:]} == {("ended", DAY(2021, 6, 1))}


@pytest.mark.parametrize(
    ("one", "other"),
    [("2021-04-20", "2021-04-30"), ("2021-05-31", "2021-05-31"), ("2021-06-01", "2022-06-01")],
)
def test_nothing_changes_where_nothing_is_dated(one: str, other: str) -> None:
    assert between(TWO, one, other) == []


def test_every_kind_of_change(shop: Rulebook) -> None:
    assert told(between(shop, "2021-05-31", "2021-06-01")) == [
        ("changed", "least_sales", 100, Decimal("200.50"), DAY(2021, 6, 1)),
        ("deferred", "ceiling", None, 30, DAY(2021, 7, 15)),
        ("planned", "ceiling", None, 40, None),
    ]
    assert told(between(shop, "2021-08-31", "2021-09-01")) == [
        ("ended", "least_sales", Decimal("200.50"), None, DAY(2021, 9, 1)),
        ("planned", "ceiling", None, 40, None),
    ]


def test_a_reform_shows_on_one_day() -> None:
    reform = {"id": "rfq", "parameters": {"tier_1_gmv": {"values": {"2021-05-01": {"is": 30000}}}}}
    changes = diff(SHIPPED.on("2021-05-31"), rulebook(reform).on("2021-05-31"))
    dated = [change for change in changes if change.kind != "deferred"]
    assert told(dated) == [("changed", "tier_1_gmv", 25000, 30000, DAY(2021, 5, 1))]


def test_all_that_is_on_record_by_date(shop: Rulebook) -> None:
    recorded = on_record(shop.files["shop"], "ceiling")
    assert [(p.value, p.since, p.status) for p in recorded] == [
        (None, DAY(2021, 1, 1), "in_force"),
        (30, DAY(2021, 7, 15), "deferred"),
        (40, dt.date.max, "planned"),
    ]
    (first, second) = on_record(shop.files["shop"], "least_sales")
    assert (first.until, second.until) == (DAY(2021, 6, 1), DAY(2021, 9, 1))


# --- in words -----------------------------------------------------------------------------------


def summary(book: Rulebook, one: str, other: str, lang: str) -> str:
    found = between(book, one, other)
    return rules_text.changes(
        found, dt.date.fromisoformat(one), dt.date.fromisoformat(other), words(lang)
    )


def test_a_change_reads_before_and_after_in_english() -> None:
    assert summary(TWO, "2021-04-19", "2021-04-20", "en") == (
        "Rule changes from April 19, 2021 to April 20, 2021\n"
        "\n"
        "RFQ marketing index (rfq)\n"
        "  Changed\n"
        "    from April 20, 2021 (expected, subject to go-live)"
        " · 「商家星等级规则调整—RFQ相关指标调整」\n"
        "      marketing-pillar points for tier 1: 0 points → 3 points\n"
        "      marketing-pillar points for tier 2: 0 points → 5 points"
    )


def test_a_change_reads_before_and_after_in_chinese() -> None:
    assert summary(TWO, "2021-04-19", "2021-04-20", "zh") == (
        "规则更新汇总：2021年4月19日至2021年4月20日\n"
        "\n"
        "RFQ营销指数（rfq）\n"
        "  调整\n"
        "    2021年4月20日起（预计，以实际上线为准） · 「商家星等级规则调整—RFQ相关指标调整」\n"
        "      一档营销力加分：0 分 → 3 分\n"
        "      二档营销力加分：0 分 → 5 分"
    )


def test_the_summary_of_the_deck() -> None:
    lines = summary(SHIPPED, "2021-04-01", "2021-05-06", "zh").splitlines()
    for line in (
        "RFQ营销指数（rfq）",
        "  2021年4月15日起上线",
        "      一档交易额门槛：USD 25,000.00",
        "      二档交易额门槛：USD 35,000.00",
        "      一档免费报价权益使用率：60%",
        "5月推荐之星（campaign）",
        "  2021年5月1日起上线",
        "      头部红包上限：CNY 5,000.00",
        "      活动时间：2021年5月1日 至 2021年5月31日",
    ):
        assert line in lines


def test_the_star_rating_in_the_summary_of_the_deck() -> None:
    five = "商机数、平均回复时间、商机转化率、营销流量指数、营销商品商机转化率"
    lines = summary(SHIPPED, "2021-04-01", "2021-05-06", "zh").splitlines()
    for line in (
        "商家星等级（star）",
        f"      定制赛道营销力指标：{five} → {five}、RFQ营销指数",
        "    2021年5月6日起（已公布） · 「商家星等级规则调整—RFQ相关指标调整」",
        "      营销流量指数含RFQ报价率（双赛道）：是 → 否",
        "  推迟：新的日期仅为预计",
        "      快速交易星等级RTS门槛（调整后）：未载明",
        "      RTS赛道营销力指标：未载明",
    ):
        assert line in lines


def test_what_is_deferred_and_planned_is_told(shop: Rulebook) -> None:
    text = summary(shop, "2021-05-31", "2021-06-01", "en")
    assert text.splitlines()[3:] == [
        "  Changed",
        "    June 1, 2021 to August 31, 2021 (expected, subject to go-live) · a public rule",
        "      least sales: USD 100.00 → USD 200.50",
        "  Deferred: the new date is only expected",
        "    from July 15, 2021 · 「店铺规则」",
        "      ceiling: CNY 30.00",
        "  Planned, without a date",
        "    no date yet · 「店铺规则」",
        "      ceiling: CNY 40.00",
    ]


def test_an_end_is_told(shop: Rulebook) -> None:
    text = summary(SHIPPED, "2021-05-31", "2021-06-01", "zh")
    assert "  下线：2021年6月1日起不再生效" in text.splitlines()
    assert "      须报名：是" in text.splitlines()
    assert "  Ended" in summary(shop, "2021-08-31", "2021-09-01", "en").splitlines()


def test_no_change_is_told() -> None:
    assert "没有规则变化" in summary(TWO, "2021-04-20", "2021-04-30", "zh")
    assert "Nothing changes" in summary(TWO, "2021-04-20", "2021-04-30", "en")


def test_a_status_alone_may_change(shop: Rulebook) -> None:
    confirmed = shop.overlay(
        {
            "id": "shop",
            "parameters": {
                "least_sales": {"values": {"2021-06-01": {"is": 200.50, "source": "law"}}}
            },
        }
    )
    changes = diff(shop.on("2021-06-02"), confirmed.on("2021-06-02"))[:1]
    text = rules_text.changes(changes, DAY(2021, 6, 2), DAY(2021, 6, 2), words("en"))
    assert "least sales: USD 200.50 (expected, subject to go-live) → USD 200.50 (in force)" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("programme", SHIPPED.files)
def test_no_text_shows_how_python_writes(lang: str, programme: str) -> None:
    file = SHIPPED.files[programme]
    rules = ProgrammeRules(file, dt.date.max)
    every = [provision for name in file.parameters for provision in on_record(file, name)]
    text = rules_text.show(rules, every, words(lang))
    text += summary(SHIPPED, "2021-04-01", "2021-06-01", lang)
    for mark in ("datetime", "Decimal", "None", "True", "zh=", "{'", "['"):
        assert mark not in text


def test_showing_a_programme_says_all_of_a_value() -> None:
    rules = SHIPPED.on("2021-05-31").programme("rfq")
    lines = rules_text.show(rules, rules.provisions(), words("en")).splitlines()
    at = lines.index("GMV for tier 1 (rfq.tier_1_gmv)")
    slide = "「商家星等级规则调整—RFQ指标内涵及查看路径」"
    assert lines[at + 1] == f"  USD 25,000.00 · from April 15, 2021 · in force · {slide}"
    at = lines.index("GMV window (rfq.window_days)")
    assert lines[at + 1].endswith(f"assumed by this kit · {slide}")
    assert lines[at + 2].startswith("    because: ")
    assert "  tier_1.gmv: gmv_90d_usd ≥ GMV for tier 1" in lines
    assert (
        "  tier_1.usage: free_quotes_used ≥ free-quote usage for tier 1 of free_quotes_granted"
        in lines
    )


def test_what_is_not_printed_and_what_is_a_table_have_words(shop: Rulebook) -> None:
    ceiling = shop.on("2021-03-01").programme("shop").provision("ceiling")
    assert rules_text.value(ceiling, words("zh")) == "未载明"
    rows = [{"pieces": 50, "days": 5}, {"pieces": 100, "days": 7}]
    text = GOOD.read_text(encoding="utf-8").replace("unit: flag", "unit: table")
    text = text.replace(
        "{is: true, source: slide, status: assumed, why: nobody says when it opened}",
        "{is: [{pieces: 50, days: 5}, {pieces: 100, days: 7}], source: slide}",
    )
    text = text.replace("  open: {measure: is_open, equals: open}\n", "")
    table = load_text(text, "table.yaml")
    provision = Rulebook({"shop": table}).on("2021-03-01").programme("shop").provision("open")
    assert provision.value == rows
    assert rules_text.value(provision, words("en")) == "pieces 50, days 5; pieces 100, days 7"

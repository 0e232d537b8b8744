"""The rule update in words, and ``rules show``: compared with what a hand wrote."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from merchantkit.assessment import Board
from merchantkit.present import rules_text
from merchantkit.present.portfolio import PortfolioPage
from merchantkit.present.rules_update import text, update
from merchantkit.present.words import words
from merchantkit.rulebook import Change, ProgrammeRules, Rulebook, diff, on_record, rulebook
from merchantkit.rulebook.loader import load_text
from merchantkit.rulebook.model import Bilingual
from tests.months import demo_board

RULEBOOK = Path(__file__).parents[1] / "rulebook"
GOOD = RULEBOOK / "good.yaml"
NEWS = RULEBOOK / "news"
DAY = dt.date
SHIPPED = Rulebook({name: rulebook().files[name] for name in ("rfq", "campaign")})


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


@pytest.fixture(scope="module")
def shop() -> Rulebook:
    return Rulebook({"shop": load_text(GOOD.read_text(encoding="utf-8"), "good.yaml")})


def between(book: Rulebook, one: str, other: str) -> list[Change]:
    return diff(book.on(one), book.on(other))


def told(found: list[Change], one: str, other: str, lang: str) -> str:
    days = dt.date.fromisoformat(one), dt.date.fromisoformat(other)
    return text(update(found, *days, words(lang)), words(lang))


def summary(book: Rulebook, one: str, other: str, lang: str) -> str:
    return told(between(book, one, other), one, other, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_news_of_every_kind_reads_as_a_hand_wrote_it(lang: str) -> None:
    """tests/rulebook/news has a programme of each kind; the text is written, not printed."""
    book = rulebook(folder=NEWS / "rules")
    written = (NEWS / f"update.{lang}.txt").read_text(encoding="utf-8")
    assert summary(book, "2021-04-30", "2021-05-31", lang) == written.rstrip("\n")


def test_a_change_reads_before_and_after_in_english() -> None:
    changes = [c for c in between(SHIPPED, "2021-04-19", "2021-04-20") if c.kind == "changed"]
    assert told(changes, "2021-04-19", "2021-04-20", "en") == (
        "Rule changes from April 19, 2021 to April 20, 2021\n"
        "\n"
        "Changed\n"
        "  RFQ marketing index – marketing-pillar points for tier 1; "
        "marketing-pillar points for tier 2, from April 20, 2021\n"
        "\n"
        "RFQ marketing index (rfq)\n"
        "  Concerns: customization track\n"
        "  Changed\n"
        "    from April 20, 2021 (expected, subject to go-live)"
        " · 「商家星等级规则调整—RFQ相关指标调整」\n"
        "      marketing-pillar points for tier 1: 0 points → 3 points\n"
        "      marketing-pillar points for tier 2: 0 points → 5 points\n"
        "\n"
        "What it means for each track\n"
        "  customization track\n"
        "    RFQ marketing index, from April 20, 2021: points in the marketing pillar of the star"
        " rating: 3 points for tier 1, 5 points for tier 2\n"
        "  RTS track\n"
        "    RFQ marketing index, from April 20, 2021: none of these points: only the"
        " customization track earns them"
    )


def test_a_change_reads_before_and_after_in_chinese() -> None:
    changes = [c for c in between(SHIPPED, "2021-04-19", "2021-04-20") if c.kind == "changed"]
    assert told(changes, "2021-04-19", "2021-04-20", "zh") == (
        "规则更新汇总：2021年4月19日至2021年4月20日\n"
        "\n"
        "调整\n"
        "  RFQ营销指数—一档营销力加分；二档营销力加分，2021年4月20日起\n"
        "\n"
        "RFQ营销指数（rfq）\n"
        "  适用：定制赛道\n"
        "  调整\n"
        "    2021年4月20日起（预计，以实际上线为准） · 「商家星等级规则调整—RFQ相关指标调整」\n"
        "      一档营销力加分：0 分 → 3 分\n"
        "      二档营销力加分：0 分 → 5 分\n"
        "\n"
        "对各赛道的影响\n"
        "  定制赛道\n"
        "    RFQ营销指数，2021年4月20日起：星等级营销力按档位加分：一档加 3 分，二档加 5 分\n"
        "  RTS赛道\n"
        "    RFQ营销指数，2021年4月20日起：营销力不加分，加分仅限定制赛道"
    )


def test_the_summary_of_the_deck() -> None:
    lines = summary(SHIPPED, "2021-04-01", "2021-05-06", "zh").splitlines()
    for line in (
        "新上线",
        "  RFQ营销指数，2021年4月中旬起",
        "  5月推荐之星，2021年5月1日起",
        "RFQ营销指数（rfq）",
        "  2021年4月中旬起上线",
        "      一档交易额门槛：USD 25,000.00",
        "      二档交易额门槛：USD 35,000.00",
        "      一档免费报价权益使用率：60%",
        "      一档营销力加分（仅定制赛道）：3 分",
        "      二档营销力加分（仅定制赛道）：5 分",
        "5月推荐之星（campaign）",
        "  2021年5月1日起上线（预计，以实际上线为准）",
        "      头部红包上限：CNY 5,000.00",
        "      活动时间：2021年5月1日 至 2021年5月31日",
        "  定制赛道",
        "    RFQ营销指数，2021年4月20日起：星等级营销力按档位加分：一档加 3 分，二档加 5 分",
    ):
        assert line in lines
    # How the kit spells a campaign is no news to anyone.
    assert "活动代号" not in "".join(lines)


def test_the_day_before_a_change_it_is_still_to_come() -> None:
    lines = summary(SHIPPED, "2021-04-01", "2021-04-19", "zh").splitlines()
    at = lines.index("即将生效")
    assert lines[at + 1] == "  RFQ营销指数—一档营销力加分；二档营销力加分，2021年4月20日起"
    assert "      一档营销力加分（仅定制赛道）：0 分 → 3 分" in lines


def test_what_is_deferred_and_planned_is_told(shop: Rulebook) -> None:
    lines = summary(shop, "2021-05-31", "2021-06-01", "en").splitlines()
    assert lines[2:] == [
        "Changed",
        "  shop – least sales, from June 1, 2021",
        "Deferred",
        "  shop – ceiling, expected July 15, 2021",
        "Planned",
        "  shop – ceiling, no date yet",
        "",
        "shop (shop)",
        "  Changed",
        "    June 1, 2021 to August 31, 2021 (expected, subject to go-live) · a public rule",
        "      least sales: USD 100.00 → USD 200.50",
        "  Deferred",
        "    expected July 15, 2021 · 「店铺规则」",
        "      ceiling: none is printed → CNY 30.00",
        "  Planned",
        "    no date yet · 「店铺规则」",
        "      ceiling: none is printed → CNY 40.00",
    ]


def test_of_a_programme_that_ends_only_the_end_is_told() -> None:
    lines = summary(SHIPPED, "2021-05-31", "2021-06-01", "zh").splitlines()
    assert lines[2:7] == [
        "下线",
        "  5月推荐之星，2021年6月1日起",
        "",
        "5月推荐之星（campaign）",
        "  下线：2021年6月1日起不再生效",
    ]
    assert "须报名" not in "".join(lines)
    assert lines[-1] == "    没有只涉及本赛道的变化"


def test_no_change_is_told() -> None:
    assert "没有规则变化" in summary(SHIPPED, "2021-06-01", "2021-06-30", "zh")
    assert "Nothing changes" in summary(SHIPPED, "2021-06-01", "2021-06-30", "en")


def test_a_status_alone_may_change(shop: Rulebook) -> None:
    confirmed = shop.overlay(
        {
            "id": "shop",
            "parameters": {
                "least_sales": {"values": {"2021-06-01": {"is": 200.50, "source": "law"}}}
            },
        }
    )
    changes = diff(shop.on("2021-06-02"), confirmed.on("2021-06-02"))
    said = told(changes, "2021-06-02", "2021-06-02", "en")
    assert "least sales: USD 200.50 (expected, subject to go-live → in force)" in said
    assert "ceiling" not in said  # deferred and planned, but by no reform of this day's


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("programme", ["rfq", "campaign"])
def test_no_text_shows_how_python_writes(lang: str, programme: str) -> None:
    file = SHIPPED.files[programme]
    rules = ProgrammeRules(file, dt.date.max)
    every = [provision for name in file.parameters for provision in on_record(file, name)]
    said = rules_text.show(rules, every, words(lang))
    for last in ("2021-04-18", "2021-05-06", "2021-06-01"):
        said += summary(SHIPPED, "2021-04-01", last, lang)
    for mark in ("datetime", "Decimal", "None", "True", "zh=", "{'", "['", "{", "}"):
        assert mark not in said


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
    written = GOOD.read_text(encoding="utf-8").replace("unit: flag", "unit: table")
    written = written.replace(
        "{is: true, source: slide, status: assumed, why: nobody says when it opened}",
        "{is: [{pieces: 50, days: 5}, {pieces: 100, days: 7}], source: slide}",
    )
    written = written.replace("  open: {measure: is_open, equals: open}\n", "")
    table = load_text(written, "table.yaml")
    provision = Rulebook({"shop": table}).on("2021-03-01").programme("shop").provision("open")
    assert provision.value == rows
    assert rules_text.value(provision, words("en")) == "pieces 50, days 5; pieces 100, days 7"


# --- on the portfolio ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "begun", "meant"),
    [
        ("zh", "5月推荐之星，2021年5月1日起", "对各赛道的影响"),
        ("en", "May Recommendation Star, from May 1, 2021", "What it means for each track"),
    ],
)
def test_the_portfolio_tells_what_is_new_since_the_month_before(
    board: Board, lang: str, begun: str, meant: str
) -> None:
    page = PortfolioPage(replace(board, rules=SHIPPED.on("2021-05-31")), lang)
    section = BeautifulSoup(page.rules_update()._repr_html_(), "html.parser")
    assert page.sections == 1
    agenda, tracks = section.select("table.mk-agenda")
    assert agenda.td and agenda.td.text == begun
    assert [heading.text for heading in section.select("h3")] == [meant]
    assert len(tracks.select("tr")) == 3
    (details,) = section.select("details")
    assert len(details.select("tbody tr")) == 13  # 15 parameters, two of them the kit's own
    assert "RFQ" not in section.text  # it began in the month before


def test_the_portfolio_shows_a_rule_s_words_as_words(board: Board) -> None:
    title = {"zh": "<b>甲</b>", "en": "<b>A</b>"}
    file = SHIPPED.files["campaign"]
    changed = file.model_copy(update={"title": Bilingual.model_validate(title)})
    rules = Rulebook({**SHIPPED.files, "campaign": changed}).on("2021-05-31")
    html = PortfolioPage(replace(board, rules=rules), "zh").rules_update()._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;甲&lt;/b&gt;" in html


def test_a_month_without_news_says_so(board: Board) -> None:
    rules = SHIPPED.on("2021-07-31")
    html = PortfolioPage(replace(board, rules=rules), "en").rules_update()._repr_html_()
    assert "— Nothing changes between the two days." in html

"""params/coverage.yaml against itself, the rules, the code, and the deck where it is found."""

import importlib
import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from merchantkit.documents import read_file
from merchantkit.rulebook import Rulebook, rulebook

NonEmpty = Annotated[str, Field(min_length=1)]
Programme = Literal[
    "star",
    "quick_custom",
    "showroom",
    "express",
    "fulfilment",
    "fees",
    "tariff",
    "assignment",
    "chargeback",
]

# The deck's slides, counted by hand: title, and how often it stands at the head of a slide.
HEADINGS = (
    ("全网发布会", 1),
    ("重点关注:", 1),
    ("重点关注", 1),
    ("1、商家星等级4月更新汇总", 1),
    ("商家星等级规则调整—RFQ相关指标调整", 1),
    ("商家星等级规则调整—RFQ指标内涵及查看路径", 1),
    ("商家星等级规则调整—RFQ在线交易订单生成", 2),
    ("商家星等级规则调整—其他变化", 1),
    ("2、RTS新场景——小单快定介绍", 1),
    ("RTS小单快定场景介绍（低起订量轻定制、快速发货）", 1),
    ("RTS小单快定场景（低起订量轻定制、快速发货）介绍", 1),
    ("RTS小单快定场景商家权益", 1),
    ("RTS小单快定场景节奏", 1),
    ("RTS小单快定场景报名期商家行动点", 1),
    ("RTS小单快定商品买家端展示", 1),
    ("RTS小单快定场景报名", 1),
    ("3、3D超炫酷黑科技，3D实景展厅全面升级", 1),
    ("3D实景展厅-拍摄作废预警 (销售须知)", 1),
    ("3D实景展厅-虚拟现实新互动，让买家身临其境访厂看样", 1),
    ("3D实景展厅-前台多场景曝光，呈现多元化企业和商品细节", 1),
    ("3D实景展厅-实力商家的「线上会客厅」，谈单杀器助力转化", 1),
    ("3D实景展厅-商家案例：访问人数增加60%，询盘增加44%", 1),
    ("3D实景展厅-商家案例：上线3个月，月均询盘提升247%", 1),
    ("3D实景展厅-商家案例：多个买家点赞转发，提升客户粘度", 1),
    ("3D实景展厅-沉浸式场景漫游体验 (Alibaba.com扫码)", 1),
    ("3D实景展厅-最全官方资料小站", 1),
    ("最新动态", 1),
    ("1、推荐广告新增阿里卖家操作端口", 1),
    ("阿里卖家-新增推荐计划管理功能", 1),
    ("5月推荐之星活动", 1),
    ("三月推荐之星TOP 10客户展示", 1),
    ("2、空快新客优惠活动", 1),
    ("空快新客最高立减300优惠活动", 1),
    ("空快新客活动页面展示", 1),
    ("平台物流产品介绍", 1),
    ("平台物流权益介绍", 2),
    ("3、智慧税则全新升级——归类、关税、合规介绍", 1),
    ("智慧税则（原HS自助归类）功能升级", 6),
    ("4、 “订单分配设置” 功能上线 & “信用卡拒付保障” 开通入口优化", 1),
    ("订单分配设置 - 设置替补接单员，订单分配更平均", 1),
    ("信用卡拒付保障开通入口优化升级", 1),
    ("谢谢收看!", 1),
)

# What programmes.md puts on record, slide by slide: words that the register must hold there.
ON_RECORD = (
    ("商家星等级规则调整—RFQ指标内涵及查看路径", 1, "USD 20,000"),
    ("商家星等级规则调整—RFQ指标内涵及查看路径", 1, "batches of 9"),
    ("商家星等级规则调整—RFQ指标内涵及查看路径", 1, "8 of 8"),
    ("商家星等级规则调整—RFQ指标内涵及查看路径", 1, "24,400"),
    ("商家星等级规则调整—RFQ指标内涵及查看路径", 1, "2012.12.11"),
    ("三月推荐之星TOP 10客户展示", 1, "15934"),
    ("三月推荐之星TOP 10客户展示", 1, "ranks 2, 3 and 7"),
    ("三月推荐之星TOP 10客户展示", 1, "March's"),
    ("RTS小单快定场景报名期商家行动点", 1, "50 stands on both"),
    ("RTS小单快定商品买家端展示", 1, "9.65"),
    ("RTS小单快定商品买家端展示", 1, "100 pieces"),
    ("平台物流权益介绍", 1, "no limit"),
    ("智慧税则（原HS自助归类）功能升级", 4, "3926.90.99"),
    ("智慧税则（原HS自助归类）功能升级", 5, "99038815"),
)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contradiction(Part):
    what: NonEmpty
    rule_wins: NonEmpty | None = None
    reading: NonEmpty | None = None

    @model_validator(mode="after")
    def says_what_is_done_about_it(self) -> "Contradiction":
        assert (self.rule_wins is None) != (self.reading is None), "rule_wins or reading"
        return self


class Slide(Part):
    title: NonEmpty
    subtitle: NonEmpty | None
    ordinal: Annotated[int, Field(ge=1)]
    rules: tuple[NonEmpty, ...] = ()
    assumptions: tuple[NonEmpty, ...] = ()
    code: tuple[NonEmpty, ...] = ()
    notebooks: tuple[NonEmpty, ...] = ()
    pending: tuple[Programme, ...] = ()
    nothing_to_compute: NonEmpty | None = None
    contradictions: tuple[Contradiction, ...] = ()

    @model_validator(mode="after")
    def lives_somewhere(self) -> "Slide":
        places = (self.rules, self.assumptions, self.code, self.pending, self.nothing_to_compute)
        assert any(places), "the slide lives nowhere, is not pending, and gives no reason"
        assert not (self.code and self.nothing_to_compute), "computed, and nothing to compute"
        return self

    @property
    def key(self) -> tuple[str, int]:
        return self.title, self.ordinal


class TitleOnly(Part):
    title: NonEmpty
    listed_on: NonEmpty
    nothing_to_compute: NonEmpty


class Register(Part):
    slides: tuple[Slide, ...]
    titles_only: tuple[TitleOnly, ...] = ()


@pytest.fixture(scope="module")
def register() -> Register:
    file = Path(__file__).parent.parent / "params" / "coverage.yaml"
    return Register.model_validate(read_file(file).data)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return rulebook()


@pytest.fixture(scope="module")
def deck(checkout: Path) -> list[str]:
    file = checkout.parent / "shared" / "deck.txt"
    if not file.is_file():
        pytest.skip(f"the deck is not at {file}")
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]


def by_key(register: Register) -> dict[tuple[str, int], Slide]:
    return {slide.key: slide for slide in register.slides}


# --- the register and the list of slides --------------------------------------------------------


def test_every_slide_stands_once_and_in_the_decks_order(register: Register) -> None:
    expected = [(title, n + 1) for title, times in HEADINGS for n in range(times)]
    assert [slide.key for slide in register.slides] == expected


def test_a_slide_is_told_from_others_of_its_title_by_its_subtitle(register: Register) -> None:
    keys = Counter((slide.title, slide.subtitle) for slide in register.slides)
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize(("title", "ordinal", "words"), ON_RECORD)
def test_the_decks_contradictions_are_on_record(
    register: Register, title: str, ordinal: int, words: str
) -> None:
    recorded = [c.what for c in by_key(register)[title, ordinal].contradictions]
    recorded += [c.reading or "" for c in by_key(register)[title, ordinal].contradictions]
    assert any(words in text for text in recorded)


# --- the register and the deck ------------------------------------------------------------------


def test_headings_stand_in_the_deck_in_this_order(register: Register, deck: list[str]) -> None:
    assert len(spans(register, deck)) == len(register.slides)


def test_subtitles_stand_on_their_slides(register: Register, deck: list[str]) -> None:
    missing = [
        (slide.key, slide.subtitle)
        for slide, lines in zip(register.slides, spans(register, deck), strict=True)
        if slide.subtitle and not any(line.startswith(slide.subtitle) for line in lines)
    ]
    assert missing == []


def test_repeated_titles_are_counted_as_the_deck_repeats_them(deck: list[str]) -> None:
    printed = Counter(deck)
    repeated = {title: times for title, times in HEADINGS if times > 1}
    assert {title: printed[title] for title in repeated} == repeated


def test_no_line_that_reads_like_a_heading_is_left_out(deck: list[str]) -> None:
    likely = re.compile(
        r"商家星等级规则调整—|RTS小单快定(场景|商品)|3D实景展厅-|智慧税则（原HS自助归类）功能|"
        r"平台物流\S*介绍$|空快新客|阿里卖家-|\S*推荐之星|订单分配设置 -|信用卡拒付保障\S*升级$"
    )
    titles = {title for title, _ in HEADINGS}
    assert [line for line in deck if likely.match(line) and line not in titles] == []


def test_every_topic_of_the_agenda_has_a_divider_or_is_a_title_only(
    register: Register, deck: list[str]
) -> None:
    lines = dict(zip([s.title for s in register.slides], spans(register, deck), strict=True))
    lists = lines["重点关注"] + lines["最新动态"]
    listed = [line.removeprefix("- ") for line in lists if re.match(r"- \d、", line)]
    assert len(listed) == 3 + 5
    places = [s.title for s in register.slides] + [t.title for t in register.titles_only]
    begin = {re.sub(r"\s", "", place)[:6] for place in places}
    assert [topic for topic in listed if re.sub(r"\s", "", topic)[:6] not in begin] == []


def spans(register: Register, deck: list[str]) -> list[list[str]]:
    """Each slide's lines, from its heading to the next one's."""
    starts: list[int] = []
    for slide in register.slides:
        after = starts[-1] + 1 if starts else 0
        assert slide.title in deck[after:], f"{slide.key} is not in the deck after the one before"
        starts.append(deck.index(slide.title, after))
    ends = [*starts[1:], len(deck)]
    return [deck[start + 1 : end] for start, end in zip(starts, ends, strict=True)]


# --- the register and the rules -----------------------------------------------------------------


def test_named_rules_exist(register: Register, book: Rulebook) -> None:
    exist = {f"{id_}.{name}" for id_, file in book.files.items() for name in file.parameters}
    assert {rule for slide in register.slides for rule in slide.rules} - exist == set()


def test_every_rule_read_from_the_deck_is_named_on_its_slide(
    register: Register, book: Rulebook
) -> None:
    slides, unnamed = by_key(register), []
    for id_, file in book.files.items():
        for name, parameter in file.parameters.items():
            for value in filter(None, parameter.values.values()):
                source = file.sources[value.source or ""]
                if source.kind == "deck":
                    slide = slides[source.slide or "", source.ordinal]
                    if f"{id_}.{name}" not in slide.rules:
                        unnamed.append((f"{id_}.{name}", slide.key))
    assert unnamed == []


def test_slides_that_rules_cite_are_in_the_register(register: Register, book: Rulebook) -> None:
    assert book.sources - by_key(register).keys() == set()


def test_assumptions_are_those_of_the_rule_files(register: Register, book: Rulebook) -> None:
    exist = {f"{id_}.{name}" for id_, file in book.files.items() for name in file.assumptions}
    assert {name for slide in register.slides for name in slide.assumptions} == exist


# --- the register and the code ------------------------------------------------------------------


def test_named_modules_import(register: Register) -> None:
    modules = {module for slide in register.slides for module in slide.code}
    assert [m for m in sorted(modules) if importlib.util.find_spec(m) is None] == []
    for module in modules:
        assert callable(importlib.import_module(module).assess)


def test_named_notebooks_exist(register: Register, checkout: Path) -> None:
    notebooks = {notebook for slide in register.slides for notebook in slide.notebooks}
    assert [n for n in sorted(notebooks) if not (checkout / n).is_file()] == []


def test_a_programme_with_rules_is_not_called_pending(register: Register, book: Rulebook) -> None:
    pending = {name for slide in register.slides for name in slide.pending}
    assert pending & set(book.files) == set()

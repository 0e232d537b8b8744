"""The duty what-if as it is asked and answered: what is offered to choose from, and refusals."""

import copy
import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup

from merchantkit.errors import MeasureError, NotInForceError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.tariff_refused import refused
from merchantkit.present.whatif import TariffWhatIf
from merchantkit.present.words import LANGUAGES, words
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff.refusals import KINDS
from merchantkit.rulebook import rulebook


def test_what_is_offered_to_choose_from_differs() -> None:
    panel = TariffWhatIf(lang="en", asked=("other belts of textile fibers", "3926.90"))
    offered = [text for text, _ in panel.sides[0].found.options]
    assert "3926.90.59 Other articles of… › … › Containing textile… › … › Other" in offered
    assert "3926.90.60 Other articles of plastics and articles of… › … › Other" in offered
    # The cards of a code that may be several lines say it, too.
    assert "3926.90.70.00 · Clothespins › Other" in panel._shown.value
    assert "3926.90.99 · Other" in panel._shown.value


# What is typed on the left, elsewhere, and the words that say why it cannot be.
REFUSED: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "code_malformed": ({"asked": "61044"}, ("“61044”不是税号", "6104.42.00.10")),
    "code_provision": ({"asked": "9903.88.15"}, ("9903.88.15 属于第99章",)),
    "code_not_in_edition": (
        {"asked": "3926909985"},
        ("中没有 3926909985", "3926.90.99.05", "3926.90.48.00 (3.4%)", "前6位 3926.90"),
    ),
    "code_unknown": ({"asked": "85163000"}, ("没有税号 85163000；最接近的有：8516.3", "摘录")),
    "code_unknown, six digits": ({"asked": "3926.90.90"}, ("中国编码，请只输入前6位 3926.90",)),
    "value_wrong": ({"value": "abc"}, ("货值不能是“abc”",)),
    "value_wrong, negative": ({"value": "-5"}, ("货值不能是“-5”",)),
    "value_wrong, a trillion": ({"value": "1e12"}, ("货值不能是“1e12”",)),
    "quantity_wrong": ({"quantities": "kg=many"}, ("kg 的数量不能是“many”",)),
    "quantity_wrong, ten billion": ({"quantities": "t=1e10"}, ("t 的数量不能是“1e10”",)),
    # Four decimals keep it in kilograms only, of which it is too many.
    "quantity_wrong, in its own unit": ({"quantities": "t=10000000.00001"}, ("t 的数量不能是",)),
    "quantity_not_written": ({"quantities": "kg=1; kg=2"}, ("同一单位写了两次",)),
    "unit_unknown": ({"quantities": "stone=3"}, ("stone 不是税率所用的单位",)),
    "too_many_quantities": (
        {"quantities": "kg=1; doz=1; m2=1; liter=1; pr.=1"}, ("填了 5 个数量", "最多用 4 个"),
    ),
    "origin_unknown": ({"origin": "Cathay"}, ("“Cathay”不是原产国",)),
    "no_search_word": ({"asked": "连衣裙"}, ("“连衣裙”中没有可供查找的词", "须用英文")),
    "not_in_force": ({"day": "2017-01-01"}, ("2017年1月1日没有收录", "2018年7月6日")),
}  # fmt: skip
ENGLISH = re.compile(r"value_usd|quantity_\d|remedy|where|is no |there is|merchantkit")


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_speaks_chinese(what: str) -> None:
    typed, words_said = REFUSED[what]
    panel = TariffWhatIf(asked=("6104.42.00", "8516.31.00"))
    for name, text in typed.items():
        own = {"value": panel.value, "origin": panel.origin, "day": panel.day}
        control = own.get(name) or getattr(panel.sides[0], name)
        control.value = dt.date.fromisoformat(text) if name == "day" else text
    panel.refresh()
    said = BeautifulSoup(panel._shown.value, "html.parser").select('[data-mk="side"]')[0].get_text()
    panel.close()
    assert "无法计算：" in said
    assert [part for part in words_said if part not in said] == []
    assert ENGLISH.findall(said) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_refusal_has_words(lang: str) -> None:
    spoken = words(lang)
    assert [kind for kind in KINDS if not spoken.has(f"tariff.refused.{kind}")] == []
    assert {what.partition(",")[0] for what in REFUSED} <= set(KINDS)


def test_editions_that_are_not_there_are_refused_in_words() -> None:
    warehouse = Warehouse.in_memory()
    for edition, to, said in (
        ("x", "US", "没有税则版本“x”；现有：us-2025-basic-excerpt"),
        ("us-2025-basic-excerpt", "DE", "税则版本 us-2025-basic-excerpt 不是 DE 的"),
        (None, "DE", "没有 DE 的税则"),
    ):
        with pytest.raises(MeasureError) as error:
            tariff.duty("6104.42.00", 1000, edition=edition, to=to, warehouse=warehouse)
        assert refused(error.value, words("zh")).startswith(said)


def test_a_rule_that_does_not_hold_yet_is_told_with_its_day() -> None:
    with pytest.raises(NotInForceError) as error:
        rulebook().on("2019-01-01").programme("tariff").provision("mpf")
    said = "2019年1月1日没有收录关税规则：请另选规则日，收录始于2020年10月1日"
    assert refused(error.value, words("zh")) == said


def test_what_has_no_words_is_told_as_it_stands() -> None:
    assert refused(MeasureError("a new one", kind="new"), words("zh")) == "a new one"


def test_a_kind_and_its_parts_travel_with_an_error() -> None:
    # By the way that pickle takes, too.
    sent = copy.copy(MeasureError("no", kind="no_goods", parts={"edition": "x"}))
    assert (sent.kind, sent.parts, str(sent)) == ("no_goods", {"edition": "x"}, "no")

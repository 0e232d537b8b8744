"""The rules that a briefing prints: once each, under the slide, day and status that they share."""

import pytest
from bs4 import BeautifulSoup, Tag

from merchantkit import rulebook
from merchantkit.present.html import rules_section
from merchantkit.present.words import words
from merchantkit.programmes import NAMES


def _tables(lang: str) -> dict[str, Tag]:
    rules = rulebook().on("2021-05-31")
    made = rules_section([rules.programme(name) for name in NAMES], words(lang))
    tables = BeautifulSoup(made._repr_html_(), "html.parser").select("details.mk-rules")
    return dict(zip(NAMES, tables, strict=True))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_rule_stands_once_below_its_own_slide_day_and_status(lang: str) -> None:
    tables, said = _tables(lang), words(lang)
    for name in NAMES:
        heads = [
            (" ".join(body.select_one("tr").get_text(" ").split()), row)
            for body in tables[name].select("tbody")
            for row in body.select("tr")[1:]
        ]
        provisions = list(rulebook().on("2021-05-31").programme(name).provisions())
        titles = [row.th.get_text() for _, row in heads]
        assert sorted(titles) == sorted(said.pick(p.title) for p in provisions)
        for provision in provisions:
            above, row = heads[titles.index(said.pick(provision.title))]
            for part in (provision.source.text, said.day(provision.since)):
                assert " ".join(part.split()) in above
            assert said.t(f"status.{provision.status}") in above
            assert (said.pick(provision.why) if provision.why else "") in row.get_text()


def test_the_tiers_as_the_deck_prints_them() -> None:
    body = next(
        body for body in _tables("zh")["rfq"].select("tbody") if "一档交易额门槛" in body.get_text()
    )
    head, *rows = [row.get_text(" ", strip=True) for row in body.select("tr")]
    assert head == "「商家星等级规则调整—RFQ指标内涵及查看路径」 · 生效 2021年4月15日 · 已生效"
    assert rows[:4] == [
        "一档交易额门槛 USD 25,000.00", "一档免费报价权益使用率 60%",
        "二档交易额门槛 USD 35,000.00", "二档免费报价权益使用率 100%",
    ]  # fmt: skip

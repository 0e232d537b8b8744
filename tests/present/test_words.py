"""Both catalogues say everything, with the same blanks to fill in."""

import datetime as dt
import re
import string
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
from babel.messages import pofile

from merchantkit.assessment import open_month
from merchantkit.errors import WordsError
from merchantkit.facts.intake.rejects import EXCLUDE_REASONS, REJECT_REASONS
from merchantkit.facts.store import Origin
from merchantkit.present import words as words_package
from merchantkit.present.words import LANGUAGES, words
from merchantkit.programmes import subject
from merchantkit.programmes.reasons import Reason
from merchantkit.rulebook.model import NUMBER_UNITS, Status

FOLDER = Path(words_package.__file__).parent
PACKAGE = FOLDER.parents[1]


def catalogue(lang: str) -> dict[str, tuple[str, ...]]:
    with (FOLDER / f"{lang}.po").open("rb") as file:
        read = pofile.read_po(file, locale=LANGUAGES[lang])
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in read
        if message.id
    }


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name} - {"n"}


def test_both_languages_have_the_same_keys() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_or_stands_twice(lang: str) -> None:
    assert [key for key, texts in catalogue(lang).items() if not all(texts)] == []
    keys = re.findall(r'^msgid "(.+)"$', (FOLDER / f"{lang}.po").read_text("utf-8"), re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))


def test_a_text_has_the_same_blanks_in_both_languages() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    differing = [key for key in zh if blanks(zh[key][0]) != blanks(en[key][-1])]
    assert differing == []


@pytest.mark.slow
def test_every_reason_status_and_literal_key_has_words() -> None:
    known = catalogue("zh")
    wanted = {f"reason.{reason}" for reason in Reason}
    wanted |= {f"status.{status}" for status in Status.__args__}
    wanted |= {f"import.reason.{reason}" for reason in REJECT_REASONS | EXCLUDE_REASONS}
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.j2")]
    for source in sources:
        wanted |= set(re.findall(r'\bt\(\s*"([a-z_0-9.]+)"[,)]', source.read_text("utf-8")))
    assert sorted(wanted - set(known)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.slow
def test_every_measure_and_outcome_that_a_restatement_may_name_has_words(lang: str) -> None:
    board, known = open_month("").assessment, catalogue(lang)
    told = {
        name: (month.measures, month.outcome)
        if subject(name) == "merchant_id"
        else (month.details["summary"],)
        for name, month in board.programmes.items()
    }
    columns = {
        f"code.{name}.{column}"
        for name, frames in told.items()
        for column in (column for frame in frames for column in frame)
        if column != "merchant_id" and not column.endswith("_reason")
    }
    assert sorted(columns - set(known)) == []


def test_numbers_money_days_and_missing() -> None:
    zh, en = words("zh"), words("en")
    assert zh.money(Decimal("1234567.8"), "USD") == "USD 1,234,567.80"
    assert en.day(dt.date(2021, 5, 31)) == "May 31, 2021"
    assert zh.day(dt.date(2021, 5, 31)) == "2021年5月31日"
    assert zh.percent(Decimal("59.99")) == "59.99%"
    assert en.signed(Decimal("-15.2")) == "-15.2"
    assert en.signed(5) == "+5"
    for missing in (None, pd.NA, float("nan")):
        assert zh.money(missing, "CNY") == zh.number(missing) == zh.unit(missing, "day") == "—"


def test_a_clock_is_called_as_people_call_it() -> None:
    zh, en = words("zh"), words("en")
    assert (zh.zone("America/Los_Angeles"), en.zone("America/Los_Angeles")) == (
        "洛杉矶时间", "Los Angeles time",
    )  # fmt: skip
    assert (zh.zone("Asia/Shanghai"), en.zone("Asia/Shanghai")) == ("北京时间", "Beijing time")
    # A rule of one's own may have any clock.
    assert (zh.zone("Asia/Tokyo"), en.zone("Asia/Tokyo")) == (
        " Asia/Tokyo 时区",
        "the zone Asia/Tokyo",
    )


def test_no_page_speaks_of_its_reader_as_the_merchant() -> None:
    assert [key for key, texts in catalogue("zh").items() if "该商家" in texts[0]] == []


def test_a_language_is_called_by_its_own_name() -> None:
    # The months' lists are for both readers at once.
    for lang in LANGUAGES:
        told = [words(lang).t(f"report.lang.{spoken}") for spoken in ("zh", "en")]
        assert told == ["中文", "English"]


def test_plurals_are_the_languages_own() -> None:
    assert words("en").t("rfq.need.quotes", n=1).startswith("1 more free quote ")
    assert words("en").t("rfq.need.quotes", n=3).startswith("3 more free quotes ")
    assert "3" in words("zh").t("rfq.need.quotes", n=3)


def test_units_that_rules_use_have_words_or_are_plain_numbers() -> None:
    for unit in NUMBER_UNITS:
        assert words("zh").unit(3, unit)
        assert words("en").unit(1, unit)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_facts_come_from_has_words(lang: str) -> None:
    assert all(words(lang).has(f"report.origin.{origin}") for origin in get_args(Origin))


def test_an_unknown_language_or_key_is_a_clear_error() -> None:
    with pytest.raises(WordsError, match="fr"):
        words("fr")
    with pytest.raises(WordsError, match=r"no\.such\.key"):
        words("en").t("no.such.key")
    with pytest.raises(WordsError, match="amount"):
        words("en").t("rfq.need.usd")

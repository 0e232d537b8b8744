"""Catalogues (gettext, one per language), and what they say with numbers and days in it."""

import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

import pandas as pd
from babel.messages import mofile, pofile
from babel.support import Translations

from merchantkit.days import as_day
from merchantkit.errors import WordsError
from merchantkit.present.words import formats

Lang = Literal["zh", "en"]
LANGUAGES: Mapping[str, str] = {"zh": "zh_Hans_CN", "en": "en_US"}
NONE = "—"


class Words:
    """One language: its texts by key, its numbers, money and days.

    >>> zh = words("zh")
    >>> zh.money(Decimal("4300"), "USD"), words("en").percent(Decimal("66.6"))
    ('USD 4,300.00', '66.6%')
    """

    def __init__(self, lang: str, translations: Translations) -> None:
        self.lang = lang
        self.locale = LANGUAGES[lang]
        self._translations = translations

    def t(self, key: str, n: int | None = None, **values: Any) -> str:
        """Return the text of a key with ``{name}`` filled in; ``n`` chooses the plural form.

        Raises:
            WordsError: The catalogue has no such key, or the text wants a value that is not given.
        """
        if n is None:
            text = self._translations.ugettext(key)
        else:
            text = self._translations.ungettext(key, key, n)
            values = {"n": self.number(n), **values}
        if text == key:
            raise WordsError(
                f"the {self.lang} catalogue has no {key}", remedy=f"add it to {self.lang}.po"
            )
        try:
            return str(text).format(**values)
        except KeyError as missing:
            raise WordsError(f"{key} wants the value {missing}", where=f"{self.lang}.po") from None

    def has(self, key: str) -> bool:
        """Return whether the catalogue has a key."""
        # Asked as a singular and as a plural: older gettexts keep the two apart.
        texts = self._translations.ugettext(key), self._translations.ungettext(key, key, 1)
        return any(text != key for text in texts)

    def pick(self, bilingual: Any) -> str:
        """Return this language's side of a rule's title."""
        return str(getattr(bilingual, self.lang))

    def money(self, amount: Decimal | None, currency: str) -> str:
        """Return an amount as ``USD 34,999.99``; — where it is missing."""
        if amount is None or _missing(amount):
            return NONE
        return f"{currency} {formats.rounded(amount, '#,##0.00', self.locale)}"

    def amount(self, amount: Decimal | None) -> str:
        """Return an amount as ``34,999.99``, where a heading names the currency."""
        if amount is None or _missing(amount):
            return NONE
        return formats.rounded(amount, "#,##0.00", self.locale)

    def number(self, number: int | Decimal | None) -> str:
        """Return a number with its thousands grouped; — where it is missing."""
        if number is None or _missing(number):
            return NONE
        return formats.exact(number, self.locale)

    def signed(self, number: int | Decimal | None) -> str:
        """Return a number with its sign, as changes are written."""
        if number is None or _missing(number):
            return NONE
        sign = "+" if number > 0 else ""
        return sign + self.number(number)

    def percent(self, percent: int | Decimal | None) -> str:
        """Return a percentage (0–100) with up to two decimals."""
        if percent is None or _missing(percent):
            return NONE
        return f"{formats.rounded(percent, '#,##0.##', self.locale)}%"

    def full_percent(self, percent: Decimal | None) -> str:
        """Return a percentage with both decimals, as those of a column are compared."""
        return NONE if percent is None or _missing(percent) else f"{self.amount(percent)}%"

    def day(self, day: dt.date | None) -> str:
        """Return a day as the language writes it: 2021年5月31日, May 31, 2021."""
        return NONE if day is None or _missing(day) else formats.long_day(day, self.locale)

    def moment(self, moment: dt.datetime | str | None) -> str:
        """Return a moment as its clock shows it: 2021年4月12日 15:00:00; a day stays a day."""
        if moment is None or _missing(moment):
            return NONE
        at = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        day = self.day(at.date())
        only_day = isinstance(moment, str) and len(moment) == len("2021-04-12")
        return day if only_day else f"{day} {at:%H:%M:%S}"

    def short_day(self, day: dt.date | None) -> str:
        """Return a day without its year: 5月31日, May 31."""
        if day is None or _missing(day):
            return NONE
        return formats.by_skeleton(day, "MMMd", self.locale)

    def month(self, month: dt.date) -> str:
        """Return a month: 2021年5月, May 2021."""
        return formats.by_skeleton(month, "yMMMM", self.locale)

    def unit(self, amount: Any, unit: str) -> str:
        """Return an amount in a rule's unit: money, percent, or the unit's own word."""
        if _missing(amount):
            return NONE
        if unit in ("usd", "cny"):
            return self.money(Decimal(str(amount)), unit.upper())
        if unit == "percent":
            return self.percent(Decimal(str(amount)))
        if unit == "window":
            return self.t(
                "unit.window", first=self.day(amount["from"]), last=self.day(amount["to"])
            )
        if unit == "moment":
            return self.moment(amount)
        if unit == "date":
            return self.day(as_day(amount))
        if isinstance(amount, list):
            return self.t("list.separator").join(self.code(item) for item in amount)
        if isinstance(amount, bool) or unit in ("text", "flag", "list"):
            return self.code(str(amount).lower() if isinstance(amount, bool) else str(amount))
        number = Decimal(str(amount))
        if self.has(f"unit.{unit}"):
            plural = int(number) if number == int(number) else 2
            return self.t(f"unit.{unit}", n=plural, amount=self.number(number))
        return self.number(number)

    def measure(self, column: str, value: Any) -> str:
        """Return a measure or outcome as people write it: money by the unit in its name."""
        if value is None or _missing(value):
            return NONE
        unit = next((part for part in column.split("_") if part in ("usd", "cny")), None)
        if unit:
            return self.unit(value, unit)
        if not isinstance(value, str):
            return self.unit(value, "")
        codes = value.split(",")  # several codes stand in one text, as which pillars are lowest
        known = all(self.has(f"code.{code}") for code in codes)
        return self.t("list.separator").join(map(self.code, codes)) if known else self.code(value)

    def code(self, code: str) -> str:
        """Return the word of a code that facts or rules hold, or the code itself if it has none."""
        key = f"code.{code}"
        return self.t(key) if self.has(key) else code

    def zone(self, zone: str) -> str:
        """Return a clock as people call it: 洛杉矶时间, Los Angeles time; else by its IANA name."""
        key = f"zone.{zone}"
        return self.t(key) if self.has(key) else self.t("zone.other", zone=zone)

    def reason(self, code: str | None) -> str:
        """Return why something is missing."""
        return self.t(f"reason.{code}") if not _missing(code) else ""


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


@cache
def words(lang: str) -> Words:
    """Return the words of a language, ``zh`` or ``en``.

    Raises:
        WordsError: The kit does not speak it.
    """
    if lang not in LANGUAGES:
        raise WordsError(
            f"there is no language {lang!r}", remedy=f"use one of: {', '.join(LANGUAGES)}"
        )
    text = resources.files(__package__).joinpath(f"{lang}.po").read_bytes()
    compiled = io.BytesIO()
    mofile.write_mo(compiled, pofile.read_po(io.BytesIO(text), locale=LANGUAGES[lang]))
    compiled.seek(0)
    return Words(lang, Translations(compiled))

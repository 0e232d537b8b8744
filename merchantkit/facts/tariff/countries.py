"""Countries as exports write them → ISO 3166 alpha-2."""

from functools import cache, lru_cache

from babel import Locale

from merchantkit.facts.tables import normal

_ALSO = {
    "CN": ("中国大陆", "中华人民共和国", "P.R.China", "PRC", "China Mainland", "Mainland China"),
    "US": ("USA", "U.S.A.", "United States of America", "America"),
    "GB": ("UK",),
    "KR": ("Korea", "Republic of Korea"),
    "RU": ("Russian Federation",),
    "VN": ("Viet Nam",),
}


@lru_cache(maxsize=4096)
def country(text: str) -> str | None:
    """Return a country's two letters; None if nobody knows what is meant.

    >>> country("中国"), country("us"), country("South Korea"), country("Atlantis")
    ('CN', 'US', 'KR', None)
    """
    return _known().get(normal(text))


@cache
def _known() -> dict[str, str]:
    english, chinese = (dict(Locale(language).territories) for language in ("en", "zh"))
    codes = [str(code) for code in english if len(str(code)) == len("US") and str(code).isalpha()]
    codes = [code for code in codes if code not in ("EU", "EZ", "UN", "ZZ")]
    found = {normal(code): code for code in codes}
    for names in (english, chinese):
        found |= {normal(names[code]): code for code in codes if code in names}
    return found | {normal(name): code for code, names in _ALSO.items() for name in names}

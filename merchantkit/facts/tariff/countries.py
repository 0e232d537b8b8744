"""Countries as exports write them → ISO 3166 alpha-2."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from merchantkit.facts.tables import normal

# What CLDR has no second name for; a name that could be two countries' (Congo) stands in none.
_ALSO = {
    "AE": ("UAE", "阿联酋"),
    "BA": ("波黑",),
    "BN": ("Brunei Darussalam",),
    "CD": ("DR Congo", "Democratic Republic of the Congo", "刚果民主共和国"),
    "CG": ("Republic of the Congo", "刚果共和国"),
    "CI": ("Ivory Coast",),
    "CN": ("中国大陆", "中国内地", "中华人民共和国", "P.R.China", "PRC", "China Mainland",
           "Mainland China", "People's Republic of China"),
    "CV": ("Cabo Verde",),
    "CZ": ("Czech Republic", "捷克共和国"),
    "GB": ("UK", "Great Britain"),
    "HK": ("Hong Kong", "Hong Kong SAR", "Hong Kong, China", "China, Hong Kong SAR", "香港",
           "中国香港", "香港特别行政区"),
    "IR": ("Islamic Republic of Iran", "Iran, Islamic Republic of"),
    "KP": ("DPRK",),
    "KR": ("Korea", "Republic of Korea", "Korea, Republic of", "大韩民国"),
    "LA": ("Lao PDR", "Lao People's Democratic Republic"),
    "MM": ("Myanmar", "Burma"),
    "MO": ("Macau", "Macao", "Macau SAR", "Macao SAR", "Macau, China", "Macao, China",
           "China, Macao SAR", "澳门", "中国澳门", "澳门特别行政区"),
    "NL": ("Holland", "The Netherlands"),
    "PS": ("Palestine", "巴勒斯坦"),
    "RU": ("Russian Federation", "俄罗斯联邦"),
    "SA": ("沙特",),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Taiwan, China", "Taiwan, Province of China", "Chinese Taipei", "中国台湾", "台湾省",
           "台湾地区", "台澎金马关税区"),
    "US": ("USA", "U.S.A.", "United States of America", "America", "美利坚合众国"),
    "VN": ("Viet Nam",),
}  # fmt: skip
# Of CLDR's two letters, those that are unions, regions or made up for tests.
_NO_COUNTRY = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "IC", "TA", "EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
)
_TWICE = re.compile(r"(?P<one>.+)\((?P<other>.+)\)")


@lru_cache(maxsize=4096)
def country(text: str) -> str | None:
    """Return a country's two letters; None if nobody knows what is meant.

    A country may be named twice, as in ``中国(CHN)``; if that is two countries, nobody knows.

    >>> country("中国"), country("us"), country("South Korea"), country("Atlantis")
    ('CN', 'US', 'KR', None)
    >>> country("HKG"), country("中国香港"), country("中国(CHN)"), country("中国(HKG)")
    ('HK', 'HK', 'CN', None)
    """
    known, said = _known(), _key(text)
    twice = _TWICE.fullmatch(said)
    if said in known or twice is None:
        return known.get(said)
    one, other = (known.get(twice[name]) for name in ("one", "other"))
    return one if one == other else None


@cache
def _known() -> dict[str, str]:
    return {_key(name): code for name, code in _names()}


def _names() -> Iterator[tuple[str, str]]:
    english, chinese = (dict(Locale(language).territories) for language in ("en", "zh"))
    codes = [str(code) for code in english if len(str(code)) == len("US") and str(code).isalpha()]
    codes = [code for code in codes if code not in _NO_COUNTRY]
    yield from ((code, code) for code in codes)
    # Three letters are an alias in CLDR, of one country unless it fell apart (YUG). Numbers are
    # left out: ISO's 156 is China, and so is 142 in the lists of China's customs.
    for alias, meant in get_global("territory_aliases").items():
        if len(alias) == len("CHN") and alias.isalpha() and len(meant) == 1 and meant[0] in codes:
            yield alias, meant[0]
    for names in (english, chinese):
        yield from ((names[code], code) for code in codes if code in names)
    yield from ((name, code) for code, names in _ALSO.items() for name in names)


def _key(text: str) -> str:
    """Return a name as it is compared: without accents, and whether it says ``&`` or ``and``."""
    letters = unicodedata.normalize("NFD", normal(text).replace("’", "'").replace("&", "and"))
    plain = "".join(mark for mark in letters if not unicodedata.combining(mark))
    return re.sub(r"^saint", "st.", plain)

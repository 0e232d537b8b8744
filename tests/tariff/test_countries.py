"""Countries as exports write them: by name, by two or three letters, or twice; never guessed."""

from collections import defaultdict

import pytest
from holidays.registry import COUNTRIES

from merchantkit.facts.tariff import countries
from merchantkit.facts.tariff.countries import country

NAMED = {
    "CN": "中国 CN CHN china 中国(CHN) 中国（CHN） CHN(中国) 中国大陆 PRC",
    "HK": "香港 HongKong 中国香港 HKG hk 中国香港(HKG) 中国香港特别行政区 Hong_Kong",
    "MO": "澳门 Macau Macao 中国澳门 MAC",
    "TW": "台湾 中国台湾 TWN Taiwan",
    "TR": "Turkey Türkiye Turkiye 土耳其 TUR",
    "CZ": "CzechRepublic Czechia 捷克 CZE",
    "US": "USA 美国 美国(USA) U.S.A.",
    "CI": "Côte-d’Ivoire Cote-d'Ivoire IvoryCoast CIV",
    "TT": "Trinidad-&-Tobago Trinidad-and-Tobago TTO",
    "LC": "St.-Lucia Saint-Lucia",
    "MM": "Myanmar Burma Myanmar(Burma) 缅甸",
    "CD": "刚果（金） COD",
}


@pytest.mark.parametrize("code", NAMED)
def test_a_country_is_known_by_many_names(code: str) -> None:
    assert {name: country(name) for name in NAMED[code].split()} == dict.fromkeys(
        NAMED[code].split(), code
    )


def test_names_of_several_words_are_known() -> None:
    named = {
        "Hong Kong": "HK", "Hong Kong, China": "HK", "Hong Kong SAR China": "HK",
        "Macao SAR": "MO", "Czech Republic": "CZ", "Republic of Korea": "KR", "South Korea": "KR",
    }  # fmt: skip
    assert {name: country(name) for name in named} == named


@pytest.mark.parametrize(
    "text",
    [
        "", "()", "中国()", "(CHN)", "Atlantis", "Atlantis(CHN)", "中国(XYZ)",
        "中国(HKG)", "中国(香港)",  # two countries in one cell
        "Congo",  # there are two
        "YUG", "SUN",  # fell apart
        "142", "156",  # China by its customs' list and by ISO's
        "EU", "欧盟", "UN", "ZZ", "XA", "QO",
    ],
)  # fmt: skip
def test_what_nobody_knows_is_not_guessed(text: str) -> None:
    assert country(text) is None


def test_no_name_is_two_countries() -> None:
    meant = defaultdict(set)
    for name, code in countries._names():
        meant[countries._key(name)].add(code)
    assert {name: codes for name, codes in meant.items() if len(codes) > 1} == {}


def test_three_letters_are_those_of_a_second_list() -> None:
    # holidays has a list of its own; these of it are not ISO 3166's.
    odd = {"BAH": "BHR", "BLG": "BGR", "GUA": "GTM", "MOR": "MAR", "SZW": "SWZ", "VTU": "VUT"}
    theirs = {odd.get(three, three): two for _, two, three, *_ in COUNTRIES.values()}
    assert len(theirs) > 200
    assert {three: country(three) for three in theirs} == theirs

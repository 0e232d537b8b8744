"""Rate texts as typed expressions: each form, each way of writing it, and what is refused."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchantkit.programmes.tariff import units
from merchantkit.programmes.tariff.rates import Form, parse
from merchantkit.programmes.tariff.schedule import Schedule
from merchantkit.programmes.tariff.special import special

F = Fraction

# Every way in which the 2025 edition writes a rate: form, and each part's basis, rate and excess.
WRITTEN = [
    ("Free", "free", []),
    ("Free, under bond", "free", []),
    ("6.3%", "ad_valorem", [("value", F(63, 1000))]),
    ("25% ", "ad_valorem", [("value", F(1, 4))]),
    ("33 1/3%", "ad_valorem", [("value", F(1, 3))]),
    ("37% /", "ad_valorem", [("value", F(37, 100))]),
    ("6.5% on the entire set", "ad_valorem", [("value", F(65, 1000))]),
    ("4.4¢/kg", "specific", [("kg", F(44, 1000))]),
    ("$1.03/pf.liter", "specific", [("pf.liter", F(103, 100))]),
    ("$1.32/pf. liter", "specific", [("pf.liter", F(132, 100))]),
    ("4.5¢/ liter", "specific", [("liter", F(45, 1000))]),
    ("0.9¢ each", "specific", [("each", F(9, 1000))]),
    ("68¢/head", "specific", [("head", F(68, 100))]),
    ("89.6¢/1000", "specific", [("1000", F(896, 1000))]),
    ("$2/1,000 + 60%", "compound", [("1000", F(2)), ("value", F(6, 10))]),
    ("52.5¢/bbl", "specific", [("bbl", F(525, 1000))]),
    ("$1.13/m3", "specific", [("m3", F(113, 100))]),
    ("86.1¢/m2of recording surface", "specific", [("m2 of recording surface", F(861, 1000))]),
    ("3.3¢/lin. m", "specific", [("lin. m", F(33, 1000))]),
    ("10.6¢/g", "specific", [("g", F(106, 1000))]),
    ("20.6¢/clean kg", "specific", [("clean kg", F(206, 1000))]),
    ("22¢/kg on drained weght + 45%", "compound",
     [("kg on drained weight", F(22, 100)), ("value", F(45, 100))]),
    ("$1.32/t, including weight of container", "specific",
     [("t including weight of container", F(132, 100))]),
    ("0.7¢/kg on copper content + 0.7¢/kg on lead content", "specific",
     [("kg on copper content", F(7, 1000)), ("kg on lead content", F(7, 1000))]),
    ("15.4¢/kg +40%", "compound", [("kg", F(154, 1000)), ("value", F(4, 10))]),
    ("2.2¢/kg  +  33.5%", "compound", [("kg", F(22, 1000)), ("value", F(335, 1000))]),
    ("13.5¢/kg + 6.3% + 1.9¢/article", "compound",
     [("kg", F(135, 1000)), ("value", F(63, 1000)), ("article", F(19, 1000))]),
    ("14.4¢/gross + 2%", "compound", [("gross", F(144, 1000)), ("value", F(2, 100))]),
    ("20¢/gross of immediate containers", "specific",
     [("gross of immediate containers", F(2, 10))]),
    ("0.3¢/line/ gross + 4.6%", "compound", [("line/gross", F(3, 1000)), ("value", F(46, 1000))]),
    ("$2.50/thou- sand + 40%", "compound", [("thousand", F(5, 2)), ("value", F(4, 10))]),
    ("10¢/1,000 pins + 3.5%", "compound", [("1000 pins", F(1, 10)), ("value", F(35, 1000))]),
    ("10¢/pack + 20%", "compound", [("pack", F(1, 10)), ("value", F(2, 10))]),
    ("96¢/doz. + 1.4%", "compound", [("doz.", F(96, 100)), ("value", F(14, 1000))]),
    ("76¢/pr. + 32%", "compound", [("pr.", F(76, 100)), ("value", F(32, 100))]),
    ("3.9% on the movement and case + 5.3% on the battery", "component",
     [("movement and case", F(39, 1000)), ("battery", F(53, 1000))]),
    ("$2.70 each + 45% on the case + 35% on thebattery", "component",
     [("each", F(27, 10)), ("case", F(45, 100)), ("battery", F(35, 100))]),
    ("41¢ each + 5% on case and strap, band or bracelet + 4.2% on the battery", "component",
     [("each", F(41, 100)), ("case and strap, band or bracelet", F(5, 100)),
      ("battery", F(42, 1000))]),
    ("3.1% on the value of the rifle + 13% on the value of the telescopic sight, if any",
     "component", [("value of the rifle", F(31, 1000)),
                   ("value of the telescopic sight, if any", F(13, 100))]),
    ("2.5% on the value of the lead content", "component",
     [("value of the lead content", F(25, 1000))]),
    ("3.1¢/liter + 22.1¢/pf. liter on ethyl alcohol content", "specific",
     [("liter", F(31, 1000)), ("pf.liter on ethyl alcohol content", F(221, 1000))]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "form", "terms"), WRITTEN)
def test_each_way_of_writing_a_rate(text: str, form: str, terms: list[tuple[str, F]]) -> None:
    rate = parse(text)
    assert rate.form == form
    assert [(term.basis, term.rate) for term in rate.terms] == terms
    assert rate.added is None
    assert rate.degrees is None


def test_jewels_beyond_the_seventh() -> None:
    terms = parse("43¢ each + 2.8¢/jewel over 7 + 3.7% on the case").terms
    assert [(t.basis, t.rate, t.over) for t in terms] == [
        ("each", F(43, 100), 0), ("jewel", F(28, 1000), 7), ("case", F(37, 1000), 0),
    ]  # fmt: skip


@pytest.mark.parametrize("less", ["less than ", "less "])
def test_sugar_by_degree_with_its_floor(less: str) -> None:
    # The edition writes it both ways (1701.13.10, column 2, lacks the word "than").
    rate = parse(
        "4.3817¢/kg less 0.0622005¢ /kg for each degree under 100 degrees (and fractions of a "
        f"degree in proportion) but not {less}2.831562¢ /kg"
    )
    assert rate.form is Form.BY_DEGREE
    assert rate.degrees is not None
    assert (rate.degrees.full, rate.degrees.less, rate.degrees.degrees, rate.degrees.least) == (
        F("0.043817"), F("0.000622005"), 100, F("0.02831562"),
    )  # fmt: skip
    assert rate.needs == ("kg", "degree")


@pytest.mark.parametrize(
    "text",
    [
        "See additional U.S. note 1",
        "The rate applicable to the natural juice in heading 2009",
        "The rate applicable to each garment in the ensemble if separately entered",
        "The rate of duty appli- cable to that article in the set subject to the high- est rate "
        "of duty",
        "The rate applicable, to each article in the absence of this subheading",
        "The rate applicable to the complete, assembled movement",
    ],
)
def test_another_articles_rate_is_referred_to(text: str) -> None:
    assert parse(text).form is Form.REFERRED
    assert parse(text).terms == ()


@pytest.mark.parametrize(("sign", "share"), [("plus 25%", F(1, 4)), ("+ 25%", F(1, 4)),
                                             ("+ 7.5%", F(75, 1000)), ("", F(0))])  # fmt: skip
def test_chapter_99_is_spelled_both_ways(sign: str, share: F) -> None:
    rate = parse(f"The duty provided in the applicable subheading {sign}")
    assert (rate.form, rate.added) == (Form.ADDED, share)


REFUSED = [
    "", "a song", "6.3", "%", "6,3%", "-5%", "6.3% on the moon", "4.4¢/parsec", "4.4/kg", "¢/kg",
    "4.4¢/kg + ", "6.3% 4%", "Free (A)", "Free + 5%", "4.4¢/kg less 2%", "1e3%", "٣%", "6..3%",
    "4.3% + 1.7¢/jewel + 0.2¢ for each other piece or part, but if consisting in part of a plate "
    "or a set of plates the total duty shall not exceed the duty for the complete movement",
    "3.6606¢/kg less 0.020668¢/g for each degree under 100 degrees (and fractions of a degree in "
    "proportion) but not less than 3.143854¢/kg",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_grammar_does_not_know_is_refused_by_name(text: str) -> None:
    rate = parse(text)
    assert (rate.form, rate.text, rate.terms) == (Form.REFUSED, " ".join(text.split()), ())


@given(st.text(max_size=80))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert parse(text).form in Form


@given(
    st.lists(
        st.sampled_from(["6.3%", "4.4¢/kg", "$1.50/kg", "2% on the case", "76¢/pr.", "3¢ each"]),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_a_sum_has_the_terms_of_its_parts(parts: list[str]) -> None:
    whole = parse(" + ".join(parts))
    assert whole.terms == tuple(term for part in parts for term in parse(part).terms)


# --- the special column -------------------------------------------------------------------------


def test_the_special_column_by_symbol() -> None:
    found = special("Free (A*,BH,CL,P+) 4.4¢/kg + 2% (PA) See 9918.13.05 (CO)")
    assert found.whole
    assert found.rates == {
        "A*": "Free", "BH": "Free", "CL": "Free", "P+": "Free", "PA": "4.4¢/kg + 2%",
        "CO": "See 9918.13.05",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["Free (AU,BH, CL)", "Free(AU,BH,CL)", "Free\n(AU, BH, CL)", "Free (AU,BH,.CL) "],
)
def test_blanks_and_a_stray_point_do_not_matter(text: str) -> None:
    assert special(text) == (dict.fromkeys(["AU", "BH", "CL"], "Free"), True)


@pytest.mark.parametrize("text", ["Free (AU", "(AU)", "Free AU)", "Free (au)", "Free ()"])
def test_a_special_column_that_is_broken_is_no_rate(text: str) -> None:
    assert special(text) == ({}, False)


@pytest.mark.parametrize("rest", [" 2% (PA (PA)", " 2% (pa) 3% (KR)", " 2% KR)", " 2%", " 2% (KR"])
def test_what_stands_before_the_first_error_of_a_special_column_is_read(rest: str) -> None:
    assert special("Free (AU,BH) See 9908.04.05 (IL)" + rest) == (
        {"AU": "Free", "BH": "Free", "IL": "See 9908.04.05"}, False,
    )  # fmt: skip


# --- units --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "needed", "size"),
    [
        ("doz", "each", F(12)), ("doz.", "article", F(12)), ("gross", "doz.", F(12)),
        ("件", "doz.", F(1, 12)), ("No.", "1000", F(1, 1000)), ("prs.", "pr.", F(1)),
        ("doz. prs.", "pr.", F(12)), ("t", "kg", F(1000)), ("g", "kg", F(1, 1000)),
        ("千克", "kg", F(1)), ("lb", "kg", F("0.45359237")), ("m³", "liter", F(1000)),
        ("m2", "m²", F(1)), ("lin. m", "m", F(1)), ("bbl", "liter", F("158.987294928")),
        ("KG on lead content", "kg on lead content", F(1)), ("USD on the case", "case", F(1)),
    ],
)  # fmt: skip
def test_units_convert_where_it_is_exact(given_: str, needed: str, size: F) -> None:
    assert units.factor(given_, needed) == size


@pytest.mark.parametrize(
    ("given_", "needed"),
    [
        ("kg", "each"), ("each", "kg"), ("pr.", "each"), ("kg", "kg on lead content"),
        ("liter", "pf.liter"), ("kg", "clean kg"), ("kg", "liter"), ("m", "m2"), ("box", "each"),
        ("case", "battery"), ("jewel", "each"),
    ],
)  # fmt: skip
def test_and_nowhere_else(given_: str, needed: str) -> None:
    assert units.factor(given_, needed) is None


# --- the whole schedule -------------------------------------------------------------------------


@pytest.mark.slow
def test_every_rate_of_the_whole_schedule_is_read_or_refused_by_name(whole: Schedule) -> None:
    lines = np.flatnonzero(whole.is_line & np.array([len(d) == 10 for d in whole.digits]))
    found = Counter(parse(whole.general[row]).form.value for row in lines)
    refused = [whole.general[row] for row in lines if parse(whole.general[row]).form == "refused"]
    assert sum(found.values()) == 19_613
    # Capped rates of parts of watch movements, and nothing else.
    assert {text.split(" for each other piece or part")[0] for text in refused} == {
        "4.3% + 1.7¢/jewel + 0.2¢", "6% + 2.3¢/jewel + 0.2¢",
    }  # fmt: skip
    assert set(found) == {form.value for form in Form} - {"added"}


@pytest.mark.slow
def test_every_unit_that_a_rate_asks_for_is_known(whole: Schedule) -> None:
    texts = {*whole.general, *whole.other}
    needs = {basis for text in texts for basis in parse(text).needs}
    assert {basis for basis in needs if units.unit(basis) is None} == set()


@pytest.mark.slow
def test_every_special_column_but_a_broken_one_is_understood(whole: Schedule) -> None:
    goods = [text for text, code in zip(whole.special, whole.digits, strict=True)
             if code and code[:2] < "98"]  # fmt: skip
    broken = {text for text in goods if not special(text).whole}
    assert [text.split()[-2:] for text in broken] == [["(PA", "(PA)"]]  # as it is published

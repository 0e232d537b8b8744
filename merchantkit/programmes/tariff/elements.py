"""Typed elements of a search: what each kind may be, and which lines say that they are otherwise.

A line is asked for the nearest word on the matter: its own, its ancestors', else its chapter's
title. One that says nothing is never left out, and neither is one that says both. Materials are
words, as there is no end of them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from merchantkit.errors import MeasureError
from merchantkit.programmes.tariff.words import plain, positive

KINDS = ("fabric", "gender", "material")
MATERIAL = "material"
# Kind → value → how it may be asked for.
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "fabric": {
        "knit": ("knit", "knits", "knitted", "knitwear", "crochet", "crocheted", "jersey",
                 "knitted or crocheted"),
        "woven": ("woven", "not knit", "not knitted", "not knitted or crocheted"),
    },
    "gender": {
        "male": ("male", "man", "men", "mens", "boy", "boys", "gent", "gents", "gentleman",
                 "gentlemen"),
        "female": ("female", "woman", "women", "womens", "girl", "girls", "lady", "ladies"),
        "unisex": ("unisex",),
    },
}  # fmt: skip
_APOSTROPHE = re.compile("[’ʼ]")
_EITHER = {"unisex": ("male", "female")}
# How a schedule says it, first of all that it does not matter, and then what goods are not.
_BOTH = re.compile(r"whether or not (?:knit|crochet)|(?:knitted|crocheted),? or (?:made|woven)")
_NOT_KNIT = re.compile(r"\b(?:not|other than) (?:knit|crochet)")
_SAID = {
    "knit": re.compile(r"\b(?:knit(?:ted)?|crocheted)\b"),
    "woven": re.compile(r"(?<!non-)(?<!non- )\bwoven\b"),
    "male": re.compile(r"\b(?:men|boys?|males?)\b"),
    "female": re.compile(r"\b(?:women|girls?|females?)\b"),
}
# Titles of chapters are no rows: apparel "knitted or crocheted", and "not knitted or crocheted".
_CHAPTERS = {"fabric": {"61": frozenset({"knit"}), "62": frozenset({"woven"})}}

Said = frozenset[str]


class Wanted(NamedTuple):
    """What a question's elements come to: kind → values that will do, and words of material."""

    values: dict[str, Said]
    material: str


def wanted(elements: Mapping[str, str] | None) -> Wanted:
    """Return what elements ask for.

    Raises:
        MeasureError: A kind or a value is not known.

    >>> wanted({"fabric": "Knitted", "material": "cotton"})
    Wanted(values={'fabric': frozenset({'knit'})}, material='cotton')
    """
    values, material = dict[str, Said](), ""
    for kind, given in (elements or {}).items():
        name = kind.strip().lower()
        if name in values or (name == MATERIAL and material):
            raise MeasureError(
                f"the element {name!r} stands twice", remedy="name each once, all its words in one"
            )
        if name == MATERIAL:
            material = _word(given)
        elif name in VALUES:
            values[name] = _value(name, given)
        else:
            raise MeasureError(
                f"there is no element {kind[:40]!r}", remedy=f"name one of {', '.join(KINDS)}"
            )
    return Wanted(values, material)


def _word(given: str) -> str:
    if plain(given):
        return given
    raise MeasureError(
        f"{given[:40]!r} is no material", remedy="write a word, such as material=cotton"
    )


def _value(kind: str, given: str) -> Said:
    text = _APOSTROPHE.sub("'", given.lower()).replace("'s", "").replace("'", "").replace("-", " ")
    for value, spellings in VALUES[kind].items():
        if " ".join(text.split()) in spellings:
            return frozenset(_EITHER.get(value, (value,)))
    raise MeasureError(
        f"{given[:40]!r} is no {kind} that the search knows",
        remedy=f"write {kind}=" + " or ".join(VALUES[kind]),
    )


def implied(words: Sequence[tuple[str, ...]]) -> dict[str, Said]:
    """Return the values that words of a question, in their stems, are names of.

    >>> implied([("knit",), ("dress",)])
    {'fabric': frozenset({'knit'})}
    """
    found = dict[str, Said]()
    for kind, values in filter(None, map(_named().get, words)):
        found[kind] = found.get(kind, frozenset()) | values
    return found


@cache
def _named() -> dict[tuple[str, ...], tuple[str, Said]]:
    return {
        tuple(plain(spelling)): (kind, frozenset(_EITHER.get(value, (value,))))
        for kind, values in VALUES.items()
        for value, spellings in values.items()
        for spelling in spellings
        if " " not in spelling
    }


def said(kind: str, descriptions: Sequence[str], chapter: str) -> Said:
    """Return what a line says of a kind.

    Args:
        kind: Of which, other than the material.
        descriptions: Its own, and then those of its ancestors, nearest first.
        chapter: The first two of its digits.

    >>> sorted(said("fabric", ["Of cotton", "Shirts, knitted or crocheted"], "61"))
    ['knit']
    >>> sorted(said("fabric", ["Brassieres", "Corsets, whether or not knitted"], "62"))
    ['knit', 'woven']
    """
    for text in descriptions:
        if found := _of_text(kind, _APOSTROPHE.sub("'", text.lower())):
            return found
    return _CHAPTERS.get(kind, {}).get(chapter, frozenset())


def _of_text(kind: str, text: str) -> Said:
    if kind == "fabric" and _BOTH.search(text):
        return frozenset({"knit", "woven"})
    plainly = positive(text)
    found = {v for v in VALUES[kind] if v in _SAID and _SAID[v].search(plainly)}
    if kind == "fabric" and _NOT_KNIT.search(text):
        found.add("woven")
    return frozenset(found)

"""The words of a schedule and of those who search it, brought to one form."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import Stemmer

_WORD = re.compile(r"[a-z0-9]+")
# Each is one word, not two.
_ONE = re.compile(r"\b(t|man)[- ](shirt|made)")
# What follows is not what the line is about, up to the next break.
_NOT = re.compile(
    r"\b(?:other than|except(?:ing)?(?: for)?|excluding|not including|but not|not containing|not)\b"
    # Up to the next break, which a comma is not in a list of how cloth is made.
    r"(?:[^;,:()]|,(?=\s*(?:(?:and|or)\s+)?(?:woven|knitted|crocheted)\b))*"
)
_BETWEEN = re.compile(r"\([^()]*\)")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "by",
        "each",
        "for",
        "from",
        "having",
        "if",
        "in",
        "including",
        "into",
        "is",
        "it",
        "its",
        "nesoi",
        "no",
        "nor",
        "of",
        "on",
        "or",
        "other",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "thereof",
        "therefor",
        "these",
        "this",
        "to",
        "use",
        "used",
        "under",
        "with",
        "whether",
        "which",
        "kind",
        "type",
        "types",
        "similar",
        "article",
        "articles",
        "parts",
        "not",
    ]
)
_EXCEPT = ("other than", "except", "excluding", "not ")


@cache
def _stemmer() -> "Stemmer.Stemmer":
    return Stemmer.Stemmer("english")


def plain(text: str) -> list[str]:
    """Return a text's words in their stems, without those that say nothing.

    >>> plain("Women's Knitted dresses of cotton")
    ['women', 'knit', 'dress', 'cotton']
    """
    text = text.lower().replace("'s", "").replace("s'", "s")
    text = _ONE.sub(r"\1\2", text)
    return _stems([word for word in _WORD.findall(text) if word not in _STOP and len(word) > 1])


def _stems(words: Sequence[str]) -> list[str]:
    """Return words in their stems; a dressing gown is no dress, so "-ing" stays."""
    stems = _stemmer().stemWords(words)
    return [
        word.removesuffix("s") if word.endswith(("ing", "ings")) else stem
        for word, stem in zip(words, stems, strict=True)
    ]


def described(text: str) -> list[str]:
    """Return the words of a description, without what it says that the goods are not.

    >>> described("Dresses, not knitted; suits (other than swimwear), of wool")
    ['dress', 'suit', 'wool']
    """
    return plain(positive(text))


def positive(text: str) -> str:
    """Return a description in small letters without what it says that the goods are not.

    >>> positive("Cloaks (not capes), other than knitted: for boys")
    'cloaks ,  : for boys'
    """
    bare = _BETWEEN.sub(lambda part: "" if _excludes(part.group()) else part.group(), text.lower())
    return _NOT.sub(" ", bare)


def _excludes(part: str) -> bool:
    return part.startswith(tuple(f"({word}" for word in _EXCEPT))


Phrase = tuple[str, ...]


class Asked(NamedTuple):
    """One thing that a question names: in its own words, and in those a schedule may use."""

    own: Phrase
    meant: Phrase = ()


def asked(text: str) -> list[Asked]:
    """Return what a question names; a phrase that traders use is one thing.

    >>> [thing.own for thing in asked("dress knit female")]
    [('dress',), ('knit',), ('femal',)]
    >>> asked("air fryer")[0].meant
    ('oven', 'cooking', 'electrotherm')
    """
    said = plain(text.replace("-", " "))
    entries, found, at = _trade_words(), list[Asked](), 0
    while at < len(said):
        for length in (3, 2, 1):
            phrase = tuple(said[at : at + length])
            if len(phrase) == length and (length == 1 or phrase in entries):
                found.append(Asked(phrase, entries.get(phrase, ())))
                at += length
                break
    return list(dict.fromkeys(found))


@cache
def _trade_words() -> dict[Phrase, Phrase]:
    """Return trade phrase → the schedule's words for it."""
    file = resources.files("merchantkit.programmes.tariff") / "trade_words.txt"
    lines = (line for line in file.read_text("utf-8").splitlines() if line[:1] not in ("", "#"))
    return {
        tuple(plain(phrase.replace("-", " "))): tuple(plain(meant))
        for phrases, _, meant in (line.partition(" > ") for line in lines)
        for phrase in phrases.split(",")
    }

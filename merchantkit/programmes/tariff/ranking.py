"""Search by product name: BM25 over descriptions, and over the headings above them.

A line says little by itself (``Of cotton``, ``Other``). So three texts of each rate line are
ranked, each by its own index: its own words and those between it and its heading; the same with its
heading; and all that stands below its heading. Their scores are added by weight, and a line that
lacks words of the question counts in proportion to those that it has. Elements (see ``elements``)
count as words do that a line has or lacks, and leave out the lines that say the contrary.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from merchantkit.columns import Flags
from merchantkit.errors import MeasureError
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff import elements as kinds
from merchantkit.programmes.tariff import words as language
from merchantkit.programmes.tariff.schedule import Schedule, schedule

Scores = npt.NDArray[np.float64]
# How much each text counts, and the schedule's words for what traders say.
_NEAR, _WHOLE, _HEADING = 1.0, 0.8, 1.0
_TRANSLATED = 0.8
# How much a line loses that lacks things of the question.
_LENIENT = 0.5
# What begins so is rarely what is asked for, unless one of the words says that it is.
_SELDOM = {"Parts": ("part",), "Babies": ("babi", "infant", "newborn", "toddler")}
_IF_SELDOM = 0.6
# What a line keeps that says the contrary of a word for an element, such as "knit" or "ladies".
_CONTRARY = 0.5
_CODE = 8


class Hit(NamedTuple):
    """A line that was found.

    Attributes:
        code: Its eight digits.
        description: Its words below those of its ancestors.
        heading: Its heading's words.
        general: Its general rate.
        added: The headings of chapter 99 that its notes name.
        edition: In which schedule.
        score: The higher the better; of one question only.
    """

    code: str
    description: str
    heading: str
    general: str
    added: str
    edition: str
    score: float


def search(
    words: str,
    elements: Mapping[str, str] | None = None,
    *,
    limit: int = 10,
    warehouse: Warehouse | None = None,
    edition: str | None = None,
) -> list[Hit]:
    """Return the lines that fit a product best.

    Args:
        words: An English product name.
        elements: Kind → what it is to be: fabric (knit, woven), gender (male, female, unisex) and
            material (any words).
        limit: How many at most.
        warehouse: Where editions are loaded; without one the kit's excerpt is searched.
        edition: Which edition; the latest by default.

    Raises:
        MeasureError: The question holds no word, or an element is not known.

    >>> search("hair dryer")[0].code
    '8516.31.00'
    """
    return index(schedule(warehouse, edition)).find(words, elements, limit)


class Index:
    """The rate lines of one schedule, ready to be searched."""

    def __init__(self, searched: Schedule) -> None:
        self._of = searched
        rates = searched.general_row[searched.is_line]
        self.rows = np.unique(rates)
        lines = [searched.lineage(int(row)) for row in self.rows]
        self._headings, self._heading_of = np.unique(
            np.array([line[-1] for line in lines]), return_inverse=True
        )
        self._seldom = {first: self._begins(first, lines) for first in _SELDOM}
        self._said = {kind: self._says(kind, lines) for kind in kinds.VALUES}
        own = [language.described(text) for text in searched.descriptions]
        below = self._below(own)
        near = [[w for row in line[:-1] or line for w in own[row]] + below.get(line[0], [])
                for line in lines]  # fmt: skip
        whole = [[w for row in line for w in own[row]] for line in lines]
        self._near, self._whole = _Ranking(near), _Ranking(whole)
        self._top = _Ranking(self._gathered(near, own))
        self._scores(language.asked("parts"), {})  # so that the first question takes no longer

    def _begins(self, first: str, lines: Sequence[Sequence[int]]) -> Flags:
        texts = self._of.descriptions
        return np.array([any(texts[row].startswith(first) for row in line) for line in lines])

    def _says(self, kind: str, lines: Sequence[Sequence[int]]) -> dict[str, Flags]:
        """Return value → the lines that say it."""
        texts = self._of.descriptions
        found = [kinds.said(kind, [texts[row] for row in line], self._of.digits[line[0]][:2])
                 for line in lines]  # fmt: skip
        return {value: np.array([value in each for each in found]) for value in kinds.VALUES[kind]}

    def _below(self, own: Sequence[list[str]]) -> dict[int, list[str]]:
        """Return the words of the statistical lines below each rate line."""
        found: dict[int, list[str]] = {}
        for row in np.flatnonzero(self._of.is_line).tolist():
            rate = int(self._of.general_row[row])
            if rate != row:
                found.setdefault(rate, []).extend(own[row])
        return found

    def _gathered(self, near: Sequence[list[str]], own: Sequence[list[str]]) -> list[list[str]]:
        texts: list[set[str]] = [set() for _ in self._headings]
        for words, heading in zip(near, self._heading_of, strict=True):
            texts[heading].update(words)
        return [[*own[row], *own[row], *sorted(text)]
                for row, text in zip(self._headings, texts, strict=True)]  # fmt: skip

    def find(self, words: str, elements: Mapping[str, str] | None, limit: int) -> list[Hit]:
        """Return the best lines; see ``search``."""
        wanted = kinds.wanted(elements)
        things = language.asked(f"{words} {wanted.material}")
        if not things:
            raise MeasureError(
                f"{words[:40]!r} holds no word to search for", remedy="write an English name",
                kind="no_search_word", parts={"text": words[:40]},
            )  # fmt: skip
        scores = self._scores(things, wanted.values)
        best = np.lexsort((self.rows, -scores))[:limit]
        return [self._hit(int(at), float(scores[at])) for at in best if scores[at] > 0]

    def _scores(self, things: Sequence[language.Asked], values: Mapping[str, kinds.Said]) -> Scores:
        total: Scores = np.zeros(len(self.rows))
        covered: Scores = np.zeros(len(self.rows))
        for thing in things:
            own, here = self._of_words(thing.own)
            meant, there = self._of_words(thing.meant)
            total += np.maximum(own, _TRANSLATED * meant)
            covered += np.maximum(here, there)
        for kind, value in kinds.implied([thing.own for thing in things]).items():
            total[self._fits(kind, value)[1]] *= _CONTRARY
        for kind, value in values.items():
            fits, contrary = self._fits(kind, value)
            covered += fits
            total[contrary] = 0
        for first, asking in _SELDOM.items():
            if not any(word in asking for thing in things for word in thing.own):
                total[self._seldom[first]] *= _IF_SELDOM
        share: Scores = (_LENIENT + covered) / (_LENIENT + len(things) + len(values))
        return total * share

    def _fits(self, kind: str, value: kinds.Said) -> tuple[Flags, Flags]:
        """Return which lines say a value of a kind, and which say others only."""
        said = self._said[kind]
        fits: Flags = np.any([said[each] for each in value], axis=0)
        return fits, np.any([*said.values()], axis=0) & ~fits

    def _of_words(self, words: Sequence[str]) -> tuple[Scores, Scores]:
        """Return what lines score for some words together, and what share of them they have."""
        scores: Scores = np.zeros(len(self.rows))
        has: Scores = np.zeros(len(self.rows))
        for word in words:
            near, whole = self._near[word], self._whole[word]
            scores += _NEAR * near + _WHOLE * whole + _HEADING * self._top[word][self._heading_of]
            has += whole > 0
        return scores, has / max(len(words), 1)

    def _hit(self, at: int, score: float) -> Hit:
        row = int(self.rows[at])
        digits = self._of.digits[row][:_CODE]
        return Hit(
            f"{digits[:4]}.{digits[4:6]}.{digits[6:]}", self._of.description(row),
            self._of.descriptions[int(self._headings[self._heading_of[at]])],
            self._of.general[row], " ".join(self._of.added_headings(row)),
            self._of.edition.name, score,
        )  # fmt: skip


class _Ranking:
    """One BM25 index; a word's scores in all its texts are kept once they were asked for."""

    def __init__(self, texts: Sequence[list[str]]) -> None:
        import bm25s  # with it come widgets and progress bars, which no briefing needs

        self._size = len(texts)
        self._index: Any = bm25s.BM25()
        self._index.index([text or [""] for text in texts], show_progress=False)

    @cached_property
    def _known(self) -> dict[str, int]:
        return dict(self._index.vocab_dict)

    def __getitem__(self, word: str) -> Scores:
        if word not in self._known:
            return np.zeros(self._size)
        found: Scores = self._index.get_scores([word]).astype(np.float64)
        return found


_BUILT: list[tuple[Schedule, Index]] = []


def index(searched: Schedule) -> Index:
    """Return the index of a schedule; those of the last two schedules are kept."""
    for known, built in _BUILT:
        if known is searched:
            return built
    if not searched.is_line.any():
        raise MeasureError(
            "there are no goods to search for", where=f"edition {searched.edition.name}",
            remedy="name an edition with chapters 1 to 97",
            kind="no_goods", parts={"edition": searched.edition.name},
        )  # fmt: skip
    made = Index(searched)
    _BUILT.append((searched, made))
    del _BUILT[:-2]
    return made

"""Make ``thesaurus.txt`` of the tariff search anew from WordNet 3.0 and a whole schedule.

``python -m tests.tariff.thesaurus WORDNET SCHEDULE.json.gz``, where WORDNET is the folder of
``data.noun`` and ``index.noun`` (Debian's package ``wordnet-base``). It looks at no test phrase:
each name of goods that the schedule has not is given what WordNet calls it besides, or the nearest
kind of thing above it of which the schedule speaks.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from merchantkit.facts import tariff as facts
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff.schedule import Schedule, schedule
from merchantkit.programmes.tariff.words import described, plain

OUT = Path("merchantkit/programmes/tariff/thesaurus.txt")
# Artifacts, food and substances, but not what is built, and not what says next to nothing.
GOODS, BUILT = {6, 13, 27}, "04341686"
SENSES, ABOVE, MEANINGS = 2, 5, 4
VAGUE = {
    *("part", "portion", "piece", "component", "constituent", "device", "instrument", "implement"),
    *("covering", "material", "substance", "matter", "equipment", "container", "article"),
    "product",
}
HEAD = """\
# Names of goods that the schedule has not → what it may call them, nearest first. Made from
# WordNet by tests/tariff/thesaurus.py: change that, not this file. trade_words.txt goes before it.
"""


class Synset(NamedTuple):
    """Words that mean one thing, and what it is a kind of."""

    file: int
    words: list[str]
    above: list[str]


def synsets(folder: Path) -> dict[str, Synset]:
    """Return WordNet's nouns."""
    found = {}
    for line in _lines(folder / "data.noun"):
        parts = line.split(" | ")[0].split()
        words = parts[4 : 4 + 2 * int(parts[3], 16) : 2]
        links = parts[5 + 2 * len(words) :]
        above = [links[at + 1] for at in range(0, len(links) - 3, 4) if links[at] == "@"]
        found[parts[0]] = Synset(int(parts[1]), [_word(each) for each in words], above)
    return found


def senses(folder: Path) -> dict[str, list[str]]:
    """Return each noun's synsets, the commonest first."""
    lines = (line.split() for line in _lines(folder / "index.noun"))
    return {_word(parts[0]): parts[-int(parts[2]) :] for parts in lines}


def meanings(offset: str, known: dict[str, Synset], said: set[str]) -> list[str]:
    """Return the words for a thing that a schedule has; else those for what it is a kind of."""
    level = [offset]
    for _ in range(ABOVE + 1):
        words = [word for each in level for word in known[each].words if _fits(word, said)]
        if words:
            return words
        level = [above for each in level for above in known[each].above]
    return []


def is_built(offset: str, known: dict[str, Synset]) -> bool:
    """Return whether a thing is a building, or part of one."""
    return offset == BUILT or any(is_built(above, known) for above in known[offset].above)


def entries(folder: Path, searched: Schedule) -> Iterator[str]:
    """Return the lines of the file."""
    said = {
        word
        for row, text in enumerate(searched.descriptions)
        if searched.digits[row][:2] < "98"
        for word in described(text)
    }
    known, seen = synsets(folder), set[str]()
    for noun, offsets in sorted(senses(folder).items()):
        stems = plain(noun)
        if len(stems) != 1 or not noun.isalpha() or stems[0] in said | seen:
            continue
        goods = [each for each in offsets[:SENSES]
                 if known[each].file in GOODS and not is_built(each, known)]  # fmt: skip
        meant = dict.fromkeys(word for each in goods for word in meanings(each, known, said))
        if meant:
            seen.update(stems)
            yield f"{noun} > {', '.join([*meant][:MEANINGS])}\n"


def _fits(word: str, said: set[str]) -> bool:
    stems = plain(word)
    return 0 < len(stems) < 3 and word not in VAGUE and said.issuperset(stems)


def _word(lemma: str) -> str:
    return lemma.lower().replace("_", " ").replace("-", " ")


def _lines(file: Path) -> list[str]:
    """Return a file's lines without its licence, which is indented."""
    return [line for line in file.read_text("utf-8").splitlines() if not line.startswith("  ")]


def _licence(file: Path) -> str:
    lines = (line for line in file.read_text("utf-8").splitlines() if line.startswith("  "))
    return "".join(f"# {line.strip().partition(' ')[2]}".rstrip() + "\n" for line in lines)


def main(wordnet: str, exported: str) -> None:
    """Write the file."""
    folder, warehouse = Path(wordnet), Warehouse.in_memory()
    facts.load(warehouse, Path(exported))
    OUT.write_text(
        HEAD + _licence(folder / "data.noun") + "".join(entries(folder, schedule(warehouse))),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Rows of a schedule beside each other: what each says below the ancestor that all share."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from merchantkit.programmes.tariff.schedule import BELOW

_GAP = "…"
# How much wider rows become at a time that would read the same.
_STEP = 10
# A part that is cut shorter says nothing.
_LEAST = 15

Path = tuple[str, ...]


def told_apart(descriptions: Sequence[str], width: int) -> list[str]:
    """Return what rows that are shown together say below the ancestor that they all share.

    Of what is wider than that, the middle is left out and long parts are cut, but never so that
    two rows read the same which are not: such rows take more room instead.

    Args:
        descriptions: Each row's words below its ancestors', as ``Schedule.description`` has them.
        width: About how many characters each may take.

    >>> lamps = ["Lamps › Of brass › For one bulb › Other", "Lamps › Of glass › Other"]
    >>> told_apart([*lamps, "Lamps › Of glass › Coloured › Other"], 24)
    ['Of brass › … › Other', 'Of glass › Other', 'Of glass › … › Other']
    """
    paths = _below_shared([tuple(text.split(BELOW)) for text in descriptions])
    kept = _kept(paths, width)
    texts = [_shown(path, own, width) for path, own in zip(paths, kept, strict=True)]
    widest = max((len(BELOW.join(path)) for path in paths), default=0)
    while width < widest and (alike := _alike(texts, paths)):
        width += _STEP
        for at in alike:
            texts[at] = _shown(paths[at], kept[at], width)
    return texts


def _below_shared(paths: Sequence[Path]) -> list[Path]:
    """Return the paths without what all begin with; of each its own words are left at least."""
    shared = min([_common(paths), *(len(path) - 1 for path in paths)])
    return [path[shared:] for path in paths]


def _common(paths: Sequence[Path]) -> int:
    """Return how many parts all paths begin with."""
    return len(list(takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))))


def _kept(paths: Sequence[Path], width: int) -> list[set[int]]:
    """Return which parts of each path are shown: all that fit, else its ends and what differs."""
    kept = [
        set(range(len(path))) if len(BELOW.join(path)) <= width else {0, len(path) - 1}
        for path in paths
    ]
    while True:
        texts = [_shown(path, own) for path, own in zip(paths, kept, strict=True)]
        more = {at: own for at in _alike(texts, paths) if (own := _differing(at, texts, paths))}
        if all(own <= kept[at] for at, own in more.items()):
            return kept
        for at, own in more.items():
            kept[at] |= own


def _differing(at: int, texts: Sequence[str], paths: Sequence[Path]) -> set[int]:
    """Return the first part of a path in which each that reads the same differs from it."""
    mine, found = paths[at], set[int]()
    for text, other in zip(texts, paths, strict=True):
        if text == texts[at] and other != mine:
            first = _common([mine, other])
            found.add(min(first, len(mine) - 1))
    return found


def _alike(texts: Sequence[str], paths: Sequence[Path]) -> list[int]:
    """Return which texts read as another path's does, or break off before they differ from it."""
    said = list(dict.fromkeys(zip(texts, paths, strict=True)))
    return [
        at
        for at, (mine, path) in enumerate(zip(texts, paths, strict=True))
        if any(
            other == mine or (mine.endswith(_GAP) and other.startswith(mine.removesuffix(_GAP)))
            for other, its in said
            if its != path
        )
    ]


def _shown(path: Path, kept: Iterable[int], width: int | None = None) -> str:
    """Return the kept parts, with one gap for what is left out between them; cut to a width."""
    parts, before = list[str](), -1
    for at in sorted(kept):
        parts += [_GAP, path[at]] if at > before + 1 else [path[at]]
        before = at
    if width is None or len(BELOW.join(parts)) <= width:
        return BELOW.join(parts)
    room = _room([len(part) for part in parts], width - len(BELOW) * (len(parts) - 1))
    return BELOW.join(_cut(part, room) for part in parts)


def _room(lengths: Sequence[int], width: int) -> int:
    """Return how long each part may be so that all fit; short ones leave room to the others.

    >>> _room([5, 40, 30], 45)
    20
    """
    left, many = width, len(lengths)
    for length in sorted(lengths):
        if length * many > left:
            return max(left // many, _LEAST)
        left, many = left - length, many - 1
    return max(lengths)


def _cut(text: str, room: int) -> str:
    """Return a text cut to its room, behind a word unless the first is too long for that.

    >>> _cut("Belting and belts, for machinery", 19)
    'Belting and belts…'
    """
    if len(text) <= room:
        return text
    words = text[:room].rpartition(" ")[0] or text[: room - 1]
    return words.rstrip(" ,;:(") + _GAP

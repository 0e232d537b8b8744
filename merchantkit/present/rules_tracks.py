"""What the news of the rules means for a track, sentence by sentence."""

from merchantkit.present import rules_text
from merchantkit.present.rules_when import When
from merchantkit.present.words import Words
from merchantkit.rulebook import Change
from merchantkit.rulebook.changes import Kind, Meaning
from merchantkit.rulebook.model import Track

# A programme that comes or goes as a whole brings or takes its parameters: no news of their own.
BROUGHT: dict[Kind, Kind] = {
    "begins": "new", "ends": "ended", "passed": "passed", "coming": "coming",
}  # fmt: skip
_NAMED = 3  # so many parameters are named in a line, the others are counted


def sentences(part: list[Change], track: Track, when: When) -> list[str]:
    """Return what a programme's news means for a track, each with its programme and day.

    A sentence of the rules speaks for everything of its kind and day, and one about a whole
    programme for what it brings or takes; what no sentence speaks for is named.

    Args:
        part: The programme's changes, in the order in which they are told.
        track: The track.
        when: Writes the days.
    """
    told = [
        (said(meaning, when.words), change)
        for change in part
        for meaning in change.means
        if meaning.track == track
    ]
    told += _named(part, track, [change for _, change in told], when)
    title = when.words.pick(part[0].title)
    return [
        when.words.t("rulebook.diff.line", title=_dated(title, change, part, when), value=sentence)
        for sentence, change in told
    ]


def _dated(title: str, change: Change, part: list[Change], when: When) -> str:
    return when.words.t("rulebook.update.dated", title=title, when=when.brief(change, part))


def said(meaning: Meaning, words: Words) -> str:
    """Return a meaning's sentence with the values that it names filled in."""
    values = {name: rules_text.value(p, words) for name, p in meaning.values.items()}
    return words.pick(meaning.said).format_map(_Values(values))


class _Values(dict[str, str]):
    """What a sentence names; what then has no value is "—", as everywhere."""

    def __missing__(self, name: str) -> str:
        return "—"


def _named(
    part: list[Change], track: Track, spoken_for: list[Change], when: When
) -> list[tuple[str, Change]]:
    found = [change for change in part if change.track == track]
    whole = [change for change in (*spoken_for, *found) if change.parameter is None]
    brought = {BROUGHT[change.kind] for change in whole}
    told: list[tuple[str, Change]] = []
    for (kind, _), its in together(found, part, when).items():
        parameters = [c for c in its if c.parameter is not None and kind not in brought]
        label = when.words.t(f"rulebook.update.{kind}")
        if its[0].parameter is None and its[0] not in spoken_for:
            told.append((label, its[0]))
        elif parameters and not any(change in spoken_for for change in its):
            names = titles(parameters, when.words)
            sentence = when.words.t("rulebook.diff.line", title=label, value=names)
            told.append((sentence, its[0]))
    return told


def together(
    found: list[Change], part: list[Change], when: When
) -> dict[tuple[Kind, str], list[Change]]:
    """Return changes by kind and by how their day is written, in their order."""
    groups: dict[tuple[Kind, str], list[Change]] = {}
    for change in found:
        groups.setdefault((change.kind, when.brief(change, part)), []).append(change)
    return groups


def titles(found: list[Change], words: Words) -> str:
    """Return the first few parameters by name, and how many there are besides."""
    named = [words.pick(p.title) for change in found if (p := change.after or change.before)]
    # A title may hold commas of its own.
    names = words.t("rulebook.row_separator").join(named[:_NAMED])
    more = len(named) - _NAMED
    return words.t("rulebook.update.more", n=more, names=names) if more > 0 else names

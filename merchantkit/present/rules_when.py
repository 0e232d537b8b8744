"""From when a rule holds, or till when it is put off, as the rule update writes it."""

import datetime as dt
from collections.abc import Iterable

from merchantkit.present import rules_text
from merchantkit.present.words import Words
from merchantkit.rulebook import Change, Provision
from merchantkit.rulebook.model import Bilingual

_DAY = dt.timedelta(days=1)


class When:
    """Writes the days of changes in one language, as of a day."""

    def __init__(self, day: dt.date, words: Words) -> None:
        self.day = day
        self.words = words

    def brief(self, change: Change, part: Iterable[Change]) -> str:
        """Return from when a change holds, as the source prints it where it does.

        Args:
            change: The change.
            part: All changes of its programme: one that begins may be dated in words by a
                parameter that it brings.
        """
        named = change.after or change.before
        if named and change.kind == "deferred":
            return self.till(named)
        if named and change.kind == "planned":
            return self._planned(named)
        if change.until and change.day:
            first, last = self.words.day(change.day), self.words.day(change.until - _DAY)
            return self.words.t("rulebook.from_to", first=first, last=last)
        printed = _printed(change, part)
        day = self.words.pick(printed) if printed else self.words.day(change.day)
        return self.words.t("rulebook.from", first=day)

    def cited(self, change: Change) -> tuple[str, str]:
        """Return from when a parameter holds, with all that is to be noted of it, and its slide."""
        named = change.after or change.before
        if named is None:
            raise ValueError(f"{change.programme}: a whole programme cites no slide")
        return self._span(change, named), named.source.text

    def till(self, deferred: Provision) -> str:
        """Return till when something is put off, as the source prints it; or that it is overdue."""
        named = deferred.when
        till = self.words.pick(named) if named else self.words.day(deferred.since)
        if deferred.since <= self.day:
            return self.words.t("rulebook.update.overdue", till=till, day=self.words.day(self.day))
        return self.words.t("rulebook.update.till", till=till)

    def _span(self, change: Change, named: Provision) -> str:
        if change.kind == "deferred":
            return self.till(named)
        if change.kind == "planned":
            return self._planned(named)
        if change.kind == "ended":
            return self.words.t("rulebook.update.over", day=self.words.day(change.day))
        # What is simply in force needs no word for it.
        notes = [] if named.status == "in_force" else [self.words.t(f"status.{named.status}")]
        if named.when:
            notes.append(self.words.t("rulebook.update.printed", when=self.words.pick(named.when)))
        span = rules_text.span(named, self.words)
        if not notes:
            return span
        separator = self.words.t("rulebook.row_separator")
        return self.words.t("rulebook.update.noted", when=span, notes=separator.join(notes))

    def _planned(self, named: Provision) -> str:
        if named.when is None:
            return self.words.t("rulebook.undated")
        return self.words.t("rulebook.update.planned_for", when=self.words.pick(named.when))


def _printed(change: Change, part: Iterable[Change]) -> Bilingual | None:
    """Return how the source prints a change's day, where it does so in words."""
    if change.parameter is not None:
        return change.after.when if change.after else None
    same = (c.after for c in part if c.after and c.day == change.day)
    return next((provision.when for provision in same if provision.when), None)

"""Landed duty in a briefing: what each exported line owes, what is added, what is open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from merchantkit.assessment import Case, ProgrammeMonth
from merchantkit.facts.declared.tariff import EXCERPT
from merchantkit.facts.tariff.countries import country
from merchantkit.present import evidence
from merchantkit.present.html import Html, render
from merchantkit.present.tariff_notes import noted
from merchantkit.present.words import Words
from merchantkit.programmes.reasons import Reason
from merchantkit.programmes.tariff import notices
from merchantkit.programmes.tariff.added import beyond_record
from merchantkit.rulebook import ProgrammeRules

NAME = "tariff"
# A page is read, not scrolled for ever: the lines with the most duty are shown.
SHOWN = 15
_COVERED = "destination.known"


def needs(asked: Iterable[str], words: Words) -> str:
    """Return the quantities that a rate asks for as the reader's language calls them."""
    named = ((name, f"tariff.unit.{name}") for name in asked)
    told = [words.t(key) if words.has(key) else name for name, key in named]
    return words.t("list.separator").join(told)


@dataclass(frozen=True)
class TariffSection:
    """One merchant's export lines, ready to be shown."""

    case: Case
    month: ProgrammeMonth
    words: Words

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The merchant's lines, measures and outcome together, the most duty first."""
        rows = zip(self.month.rows("measures"), self.month.rows("outcome"), strict=True)
        told = [{**measured, **outcome} for measured, outcome in rows]
        return sorted(told, key=lambda row: (-(row["duty_usd"] or -1), row["line_id"]))

    @cached_property
    def total(self) -> dict[str, Any]:
        """The merchant's summary, by column."""
        return self.month.row("summary")

    @property
    def rules(self) -> ProgrammeRules:
        """The rules on the day."""
        return self.case.rules.programme(NAME)

    def html(self) -> Html:
        """Return the section: sentences, the lines, and one line's checks with their sources."""
        # Those with the most duty, as they were exported.
        shown = sorted(self.lines[:SHOWN], key=itemgetter("exported_on", "line_id"))
        one = self._exemplary()
        return render(
            NAME, self.words, sentences=self.sentences(), lines=[self._shown(r) for r in shown],
            more=len(self.lines) - len(shown), total=self.total, one=one["line_id"],
            rows=self._evidence(one), added=self._added_rules(), clock=self.rules.clock,
        )  # fmt: skip

    def headline(self) -> tuple[str, str]:
        """Return the duty for the head of the briefing, and what of it is added."""
        if self.total["duty_usd"] is None:
            return evidence.NONE, self.words.reason(self.total["duty_usd_reason"])
        added = self.words.money(self.total["added_duty_usd"], "USD")
        duty = self.words.money(self.total["duty_usd"], "USD")
        return duty, self.words.t("tariff.of_which", added=added)

    def sentences(self) -> list[str]:
        """Return what a consultant would say, in order."""
        return [self._sum(), *self._open(), *self._off_record(), *self._cautions()]

    def _sum(self) -> str:
        t, words, total = self.words.t, self.words, self.total
        if total["duty_usd"] is None:
            return t("tariff.nothing_known", n=int(total["lines"]))
        return t(
            "tariff.total", n=int(total["lines_known"]), day=words.day(self.case.day),
            duty=words.money(total["duty_usd"], "USD"),
            added=words.money(total["added_duty_usd"], "USD"),
            base=words.money(total["base_duty_usd"], "USD"),
        )  # fmt: skip

    def _open(self) -> list[str]:
        codes = Counter(r["duty_usd_reason"] for r in self.lines if r["duty_usd"] is None)
        return [
            self.words.t("tariff.open", n=count, reason=self.words.reason(code))
            for code, count in sorted(codes.items())
        ]

    def _off_record(self) -> list[str]:
        """Return of which origins nobody knows what is added, and since when."""
        unknown = {
            row["origin"] for row in self.lines
            if row["added_duty_usd_reason"] == Reason.ADDED_NOT_DETERMINABLE
        }  # fmt: skip
        words, by_reason = self.words, dict[str, list[str]]()
        for origin in sorted(unknown):
            if (rule := beyond_record(origin, self.rules)) is not None:
                why = words.pick(rule.why or rule.title)
                by_reason.setdefault(why, []).append(words.code(origin))
        return [
            words.t("tariff.off_record", origins=words.t("list.separator").join(origins), why=why)
            for why, origins in by_reason.items()
        ]

    def _cautions(self) -> list[str]:
        t, first, said = self.words.t, self.lines[0], []
        dated = self.words.day(first["edition_dated"])
        said.append(t("tariff.edition", edition=first["edition"], dated=dated))
        if first["edition"] == EXCERPT:
            said.append(t("tariff.excerpt"))
        if any(row["rate_column"] == "special" for row in self.lines):
            said.append(t("tariff.special"))
        if any(row["rate_column"] == "general" and row["special_rate"] for row in self.lines):
            said.append(t("tariff.special_not_considered"))
        if any(row["other_provisions"] and row["duty_usd"] is not None for row in self.lines):
            said.append(t("tariff.other_provisions"))
        return said

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        words = self.words
        return {
            "product": row["product"] or row["line_id"],
            "line": row["line_id"] if row["product"] else None,
            "code": row["us_code"] or row["hs_code"] or evidence.NONE,
            "rate": row["rate_text"],
            "heading": row["added_heading"],
            "why": words.reason(row["duty_usd_reason"]),
            "of": needs((row["quantity_needed"] or "").split("; "), words)
            or self._between(row)
            or self._unknown(row),
            "notes": self._notes(row),
            "exported": words.short_day(row["exported_on"]),
            **{
                name: words.amount(row[f"{name}_usd"])
                for name in ("value", "base_duty", "added_duty", "duty")
            },
            "percent": words.full_percent(row["effective_percent"]),
        }

    def _between(self, row: dict[str, Any]) -> str:
        """Return the headings of which a line's reason speaks, if what is added is open."""
        mine = row["duty_usd_reason"] == row["added_duty_usd_reason"]
        return self.words.t("list.separator").join((row["added_between"] or "").split() * mine)

    def _unknown(self, row: dict[str, Any]) -> str:
        """Return a line's countries that nobody knows, as they were written, if they are why."""
        if row["duty_usd_reason"] != Reason.COUNTRY_UNKNOWN:
            return ""
        written = (row[name] for name in ("origin", "destination"))
        unknown = [text for text in written if text and country(text) is None]
        return self.words.t("list.separator").join(unknown)

    def _notes(self, row: dict[str, Any]) -> list[str]:
        """Return what the schedule says beside a line's rate, as an answer to it alone would."""
        heading = row["added_heading"]
        between = None if self._between(row) else row["added_between"]
        told = {
            "covers_part": heading if row["added_in_part"] else None,
            **notices.told(row["us_code"] or "", [heading], self.rules),
            "may_be_excluded": row["may_be_excluded"] if heading else None,
            "may_be_excluded_below": row["may_be_excluded_below"] if heading else None,
            row["added_duty_usd_reason"]: between,
            "other_provision": row["other_provisions"],
        }
        return [noted(kind, text, self.words) for kind, text in told.items() if text]

    def _exemplary(self) -> dict[str, Any]:
        explained = {row["subject"] for row in self.month.rows("explanation")}
        return next(row for row in self.lines if row["line_id"] in explained)

    def _evidence(self, line: dict[str, Any]) -> list[evidence.Evidence]:
        checks = self.month.rows("explanation")
        # An origin list that the line is not on is no condition that was missed.
        mine = [
            row for row in checks
            if row["subject"] == line["line_id"] and (row["met"] or row["check"] == _COVERED)
        ]  # fmt: skip
        return evidence.rows(mine, line, self.rules, self.words)

    def _added_rules(self) -> list[dict[str, Any]]:
        """Return the rules of the added duties that the lines bear."""
        headings = sorted({row["added_heading"] for row in self.lines if row["added_heading"]})
        held = {p.rule.rpartition("added_")[2]: p for p in self.rules.provisions()}
        found = (held[heading.replace(".", "_")] for heading in headings)
        return [
            {"title": self.words.pick(p.title), "value": self.words.unit(p.value, p.unit),
             "provision": p}
            for p in found
        ]  # fmt: skip

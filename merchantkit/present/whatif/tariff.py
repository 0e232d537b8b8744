"""Duty what-if: two codes, names or editions side by side, with and without added duties."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import ipywidgets as widgets

from merchantkit.errors import MerchantkitError
from merchantkit.facts import tariff as facts
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.html import render
from merchantkit.present.paths import told_apart
from merchantkit.present.sections.tariff import needs
from merchantkit.present.tariff_notes import noted
from merchantkit.present.tariff_refused import refused
from merchantkit.present.whatif.debounce import SECONDS, Debounce
from merchantkit.present.words import words
from merchantkit.programmes import tariff
from merchantkit.programmes.tariff import Answer
from merchantkit.programmes.tariff.quantities import quantities

_FOUND = 8
# How wide a line among those found, and the title of an answer, may be.
_SHOWN, _TITLE = 60, 120


@dataclass(frozen=True)
class Side:
    """One of the two questions: its controls.

    Attributes:
        found_below: ``found`` below its label; hidden where a code was written.
    """

    asked: widgets.Text
    edition: widgets.Dropdown
    quantities: widgets.Text
    found: widgets.Dropdown
    found_below: widgets.VBox

    @property
    def controls(self) -> tuple[widgets.Widget, ...]:
        """All of them, from the top."""
        return (self.asked, self.found, self.edition, self.quantities)


class TariffWhatIf:
    """What duty a product bears: a code or a name on each side, one value, origin and day.

    Args:
        warehouse: Where editions are loaded; without one the kit's excerpt answers.
        lang: ``zh`` or ``en``.
        asked: What the two sides ask for at first: codes or English names.
        value: The goods' value in USD at first.
        on: The day of the rules at first.
        seconds: How long a control must rest before the answer is worked out.

    Attributes:
        answers: Of each side the answers last worked out; none where it was refused.
        root: The widget.

    >>> TariffWhatIf(lang="en", asked=("6104.42.00", "8516.31.00"))
    <TariffWhatIf 6104.42.00: 190.00, without 115.00; 8516.31.00: 39.00, without 39.00>
    """

    def __init__(
        self,
        warehouse: Warehouse | None = None,
        lang: str = "zh",
        asked: tuple[str | int, str | int] = ("6104.42.00", "hair dryer"),
        value: str | float = "1000.00",
        on: dt.date | str = tariff.DAY,
        seconds: float = SECONDS,
    ) -> None:
        self.words, self._warehouse = words(lang), warehouse
        self.answers: list[list[Answer]] = [[], []]
        self._later = Debounce(self.refresh, seconds)
        self._shown = widgets.HTML()
        loaded = facts.editions(warehouse) if warehouse is not None else []
        names = [facts.EXCERPT, *(edition.name for edition in loaded)]
        self.value = widgets.Text(value=str(value), continuous_update=False)
        self.origin = widgets.Text(value="CN", continuous_update=False)
        self.day = widgets.DatePicker(value=dt.date.fromisoformat(str(on)))
        self.sides = [self._side(text, names) for text in asked]
        for control in (self.value, self.origin, self.day, *self._all()):
            control.observe(self._moved, names="value")
        self.root = self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Work out both sides as the controls say now, and show them beside each other."""
        columns = [self._column(at, side) for at, side in enumerate(self.sides)]
        shown = render("whatif_tariff", self.words, columns=columns)
        self._shown.value = str(shown.markup)

    def close(self) -> None:
        """Stop listening and take the widgets off the page."""
        self._later.cancel()
        for control in (self.value, self.origin, self.day, *self._all()):
            control.unobserve_all()
        self.root.close()

    def _all(self) -> list[widgets.Widget]:
        return [control for side in self.sides for control in side.controls]

    def _moved(self, _: object) -> None:
        self._later()

    def _side(self, asked: str | int, editions: list[str]) -> Side:
        found = widgets.Dropdown(options=[("—", "")], value="")
        return Side(
            widgets.Text(value=str(asked), continuous_update=False),
            widgets.Dropdown(options=editions, value=editions[-1]),
            widgets.Text(value="", placeholder="kg=12.5; doz=10", continuous_update=False),
            found,
            self._named("found", found),
        )

    def _code(self, side: Side) -> str:
        """Return the code to ask for: the one written, or the line chosen among those found."""
        asked = str(side.asked.value).strip()
        if _is_code(asked):
            side.found.options, side.found_below.layout.display = [("—", "")], "none"
            return asked
        hits = tariff.search(
            asked, limit=_FOUND, warehouse=self._warehouse, edition=side.edition.value
        )
        said = told_apart([hit.description for hit in hits], _SHOWN)
        options = [(f"{hit.code} {text}", hit.code) for hit, text in zip(hits, said, strict=True)]
        side.found_below.layout.display = ""
        if [code for _, code in options] != [code for _, code in side.found.options]:
            side.found.options = options or [("—", "")]
        return str(side.found.value or "")

    def _column(self, at: int, side: Side) -> dict[str, Any]:
        self.answers[at] = []
        try:
            code = self._code(side)
            if not code:
                nothing = self.words.t("whatif.tariff.nothing", text=side.asked.value)
                return {"problem": nothing, "answers": []}
            self.answers[at] = tariff.duty(
                code, str(self.value.value), _quantities(str(side.quantities.value)),
                origin=str(self.origin.value), warehouse=self._warehouse,
                on=cast("dt.date | None", self.day.value) or tariff.DAY,
                edition=side.edition.value,
            )  # fmt: skip
        except MerchantkitError as problem:
            why = refused(problem, self.words)
            return {"problem": self.words.t("whatif.tariff.refused", problem=why), "answers": []}
        answers = self.answers[at]
        said = told_apart([answer.description for answer in answers], _TITLE)
        told = [self._told(*each) for each in zip(answers, said, strict=True)]
        return {"problem": "", "answers": told}

    def _told(self, answer: Answer, description: str) -> dict[str, Any]:
        w = self.words
        return {
            "code": answer.us_code,
            "description": description,
            "edition": answer.edition.name,
            "dated": w.day(answer.edition.dated),
            "parts": [
                (w.t(f"tariff.kind.{part.kind}"), part.rate_row, part.text,
                 w.money(part.amount_usd, "USD"), part.source)
                for part in answer.components
            ],
            "total": w.money(answer.total_usd, "USD"),
            "without": w.money(without_added(answer), "USD"),
            "why": w.reason(answer.reason) if answer.reason else "",
            "needs": needs(answer.needs, w),
            "notes": [noted(kind, text, w) for kind, text in answer.notes],
        }  # fmt: skip

    def _lay_out(self) -> widgets.VBox:
        common = [("value", self.value), ("origin", self.origin), ("day", self.day)]
        named = [self._named(name, control) for name, control in common]
        sides = [
            widgets.VBox(
                [self._named("asked", side.asked), side.found_below,
                 self._named("edition", side.edition), self._named("quantities", side.quantities)]
            )
            for side in self.sides
        ]  # fmt: skip
        title = widgets.HTML(str(render("whatif_tariff_head", self.words).markup))
        rows = [widgets.HBox(row).add_class("mk-wi-row") for row in (named, sides)]
        return widgets.VBox([title, *rows, self._shown]).add_class("mk-whatif")

    def _named(self, name: str, control: widgets.Widget) -> widgets.VBox:
        label = widgets.Label(self.words.t(f"whatif.tariff.{name}"))
        return widgets.VBox([label, control]).add_class("mk-wi-field")

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {**self.root._repr_mimebundle_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        # Short and the same each time: a notebook stores it, and nbval compares it.
        told = []
        for side, answers in zip(self.sides, self.answers, strict=True):
            sums = [f"{a.total_usd}, without {without_added(a)}" for a in answers[:1]]
            told.append(f"{side.asked.value}: {sums[0] if len(answers) == 1 else len(answers)}")
        return f"<{type(self).__name__} {'; '.join(told)}>"


def without_added(answer: Answer) -> Decimal | None:
    """Return what would be due without the duties that are added by origin; None if not known."""
    amounts = [part.amount_usd for part in answer.components if part.kind != "added"]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if len(known) == len(amounts) else None


def _is_code(text: str) -> bool:
    """Whether a code is meant, not a name: digits with no more between them than a code may have.

    >>> _is_code("6104.42.00 10"), _is_code("3D printer"), _is_code("")
    (True, False, False)
    """
    digits = any(mark.isdigit() for mark in text)
    return digits and all(mark.isdigit() or mark.isspace() or mark in ".-" for mark in text)


def _quantities(text: str) -> dict[str, str]:
    written = text.replace("；", ";").replace("＝", "=").split(";")
    return quantities(
        (part.strip() for part in written if part.strip()), "write each once: kg=12.5; doz=10"
    )

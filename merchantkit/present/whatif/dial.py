"""One number of a what-if: a slider for the hand, and a box for the exact figure."""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast

import ipywidgets as widgets

from merchantkit.errors import MeasureError
from merchantkit.money import cents
from merchantkit.present.evidence import NONE
from merchantkit.present.words import Words

_MOST = 10**12  # more than anyone sells, spends or counts, and exact in a browser's numbers

Kind = Literal["money", "count"]
Number = Decimal | int


@dataclass(frozen=True)
class Scale:
    """A slider's step and end, in whole units."""

    step: int
    most: int

    @classmethod
    def reaching(cls, number: Number) -> "Scale":
        """Return a scale of a few hundred round steps that goes at least as far as a number.

        >>> Scale.reaching(49_000), Scale.reaching(20)
        (Scale(step=100, most=50000), Scale(step=1, most=50))
        """
        step = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 2)
        block = 50 * step
        return cls(step, max(1, math.ceil(number / block)) * block)


class Dial:
    """A slider and a box that show one number, which may be unknown until someone moves it.

    Attributes:
        problem: What is wrong with the text in the box, in words; ``None`` if nothing is.
    """

    def __init__(
        self,
        name: str,
        label: str,
        start: Number | None,
        kind: Kind,
        words: Words,
        *,
        scale: Scale,
        limit: int | None = None,
        slider: bool = True,
    ) -> None:
        self.problem: str | None = None
        self._kind, self._words, self._limit = kind, words, limit
        self._start = self._value = start
        self._setting = False
        self._changed: Callable[[], None] | None = None
        self.slider = widgets.IntSlider(
            min=0, max=scale.most if limit is None else limit, step=scale.step, readout=False
        )
        self.box = widgets.Text(continuous_update=False, placeholder=NONE)
        self.slider.observe(self._slid, names="value")
        self.box.observe(self._typed, names="value")
        caption = widgets.Label(label).add_class("mk-wi-label")
        parts = [widgets.HBox([caption, self.box])] + ([self.slider] if slider else [])
        self.widget = widgets.VBox(parts).add_class("mk-wi-dial").add_class(f"mk-wi-{name}")
        self._show()

    @property
    def value(self) -> Number | None:
        """The number: Decimal with two places for money, int for a count, ``None`` if unknown."""
        return self._value

    @value.setter
    def value(self, number: Number | None) -> None:
        self._value, self.problem = number, None
        self._show()

    @property
    def limit(self) -> int | None:
        """The most that the number can be."""
        return self._limit

    @limit.setter
    def limit(self, most: int) -> None:
        self._limit = most
        if self._value is not None:
            self._value = min(self._value, most)
        self._show()

    def reset(self) -> None:
        """Go back to the number that it started with."""
        self.value = self._start

    def on_change(self, function: Callable[[], None]) -> None:
        """Call a function, once, whenever someone moves the slider or fills in the box."""
        self._changed = function

    def close(self) -> None:
        """Stop listening, and take the widgets off the page."""
        self._changed = None
        self.slider.unobserve_all()
        self.box.unobserve_all()
        self.widget.close()

    def _slid(self, change: dict[str, Any]) -> None:
        if not self._setting:
            whole = int(change["new"])
            self.value = Decimal(whole).quantize(Decimal("0.01")) if self._is_money else whole
            self._tell()

    def _typed(self, change: dict[str, Any]) -> None:
        if self._setting:
            return
        try:
            self.value = self._read(str(change["new"]))
        except ValueError as wrong:
            self.problem = str(wrong)
        self._tell()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed()

    def _show(self) -> None:
        # What is shown follows the number; nothing that is set here counts as someone's doing.
        self._setting = True
        try:
            whole = int(self._value or 0)
            if self._limit is not None:
                self.slider.max = max(self._limit, whole)
            elif whole > self.slider.max:
                self.slider.max = Scale.reaching(whole).most
            self.slider.disabled = self._limit == 0
            # A browser moves a slider that stands between two steps, and says so: never there.
            self.slider.value = whole - whole % self.slider.step
            self.box.value = self._text()
        finally:
            self._setting = False

    @property
    def _is_money(self) -> bool:
        return self._kind == "money"

    def _text(self) -> str:
        if self._value is None:
            return ""
        return f"{self._value:,.2f}" if self._is_money else f"{self._value:,d}"

    def _read(self, text: str) -> Number | None:
        plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
        if not plain:
            return None
        try:
            whole = cents(plain) if self._is_money else _whole(plain)
        except MeasureError:
            kind = "number" if self._is_money else "whole"
            raise ValueError(self._words.t(f"whatif.problem.{kind}", text=text[:40])) from None
        if whole < 0:
            raise ValueError(self._words.t("whatif.problem.negative", text=text[:40]))
        limit = _MOST if self._limit is None else self._limit
        if whole > limit:
            most = self._words.number(limit)
            raise ValueError(self._words.t("whatif.problem.most", text=text[:40], most=most))
        return cast(Number, Decimal(whole).scaleb(-2)) if self._is_money else whole


def _whole(text: str) -> int:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise MeasureError(f"{text!r} is no number") from None
    # 1e999999999 is a short text and a number that no memory holds.
    if not number.is_finite() or number.adjusted() > len(str(_MOST)) or number % 1:
        raise MeasureError(f"{text!r} is no whole number")
    return int(number)

"""What the what-ifs share: the frame on the screen, the wait until a slider rests, the messages."""

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import pandas as pd
import plotly.graph_objects as go

from merchantkit.assessment import Board, ProgrammeMonth
from merchantkit.errors import NotInForceError, ReportError
from merchantkit.present.evidence import Evidence
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render
from merchantkit.present.rows import only
from merchantkit.present.whatif.cards import Card
from merchantkit.present.whatif.debounce import SECONDS, Debounce
from merchantkit.present.whatif.dial import Dial
from merchantkit.present.whatif.fit import Fit
from merchantkit.present.words import words
from merchantkit.rulebook import Rules
from merchantkit.rulebook.model import Clock
from merchantkit.rulebook.reading import dated


class Panel:
    """A what-if of one merchant in one programme; a notebook cell that ends in one shows it.

    Args:
        board: The month that it starts from.
        merchant_id: Whose real numbers.
        lang: ``zh`` or ``en``.
        seconds: How long a control must rest before the answer is worked out.

    Attributes:
        dials: The numbers that can be moved, by the name of their measure.
        outcome: The merchant's outcome as last worked out, by column; empty while there is none.
        computed: How often it was worked out.
        root: The widget.

    Raises:
        ReportError: The month has no such merchant, or the programme was not in force in it.
    """

    programme: str
    # The columns of the outcome that a plain-text front end is shown.
    told: tuple[str, ...]

    def __init__(self, board: Board, merchant_id: str, lang: str, seconds: float = SECONDS) -> None:
        self.words = words(lang)
        self.dials: dict[str, Dial] = {}
        self.outcome: Mapping[str, Any] = {}
        self.computed = 0
        self._board, self._merchant_id = board, merchant_id
        self._month = _month(board, self.programme)
        self._merchant = self._who()
        self._later = Debounce(self.refresh, seconds)
        self._watched: tuple[widgets.Widget, ...] = ()
        self._putting_back = False
        self._message, self._answer, self._why = (widgets.HTML() for _ in range(3))
        self._reset = widgets.Button(description=self.words.t("whatif.reset"), icon="undo")
        self._reset.on_click(lambda _: self.reset())

    def refresh(self) -> None:
        """Work out the answer to what the controls say now, and show it."""
        self.computed += 1
        try:
            self._work_out()
        except NotInForceError:
            self.outcome = {}
            self._answer.value = self._why.value = ""
            self._chart_box.layout.display = "none"
            self._say("not_in_force", self._not_in_force())
        else:
            problems = [dial.problem for dial in self.dials.values() if dial.problem]
            self._say("problem", *problems)

    def reset(self) -> None:
        """Put every control back to what it really is."""
        self._putting_back = True
        try:
            self._put_back()
            for dial in self.dials.values():
                dial.reset()
        finally:
            self._putting_back = False
        self._later()

    def close(self) -> None:
        """Stop listening and take the widgets off the page."""
        self._later.cancel()
        for dial in self.dials.values():
            dial.close()
        for control in self._watched:
            control.unobserve_all()
        self._figure.close()
        self._fit.close()
        self.root.close()

    def _work_out(self) -> None:
        raise NotImplementedError

    def _put_back(self) -> None:
        """Put back the controls that are no dials."""
        raise NotImplementedError

    def _watch(self, *controls: widgets.Widget) -> None:
        for control in controls:
            control.observe(self._moved, names="value")
        self._watched = controls

    def _moved(self, _: object) -> None:
        if not self._putting_back:
            self._later()

    def _rules(self) -> Rules:
        return self._board.rules

    def _lay_out(self, controls: Sequence[widgets.Widget], chart: Chart) -> None:
        for dial in self.dials.values():
            dial.on_change(self._later)
        self._figure = go.FigureWidget(chart.figure())
        self._figure._config = {"displayModeBar": False, "responsive": True}
        self._fit = Fit()
        self._chart_box = widgets.VBox([self._figure, self._fit]).add_class("mk-wi-chart")
        left = widgets.VBox([*controls, self._reset]).add_class("mk-wi-controls")
        right = widgets.VBox([self._message, self._answer, self._chart_box]).add_class("mk-wi-main")
        middle = widgets.HBox([left, right]).add_class("mk-wi-middle")
        self.root = widgets.VBox([self._head(), middle, self._why]).add_class("mk-whatif")
        self.root.add_class(f"mk-wi-{self.programme}")
        self.refresh()

    def _head(self) -> widgets.HTML:
        head = render(
            "whatif_head", self.words, merchant=self._merchant, day=self._board.assessment.day,
            title=self.words.pick(self._board.rules.files[self.programme].title),
            rules_day=self._board.rules.day, overlays=self._board.rules.overlays,
        )  # fmt: skip
        return widgets.HTML(_text(head))

    def _who(self) -> dict[str, Any]:
        merchants = self._board.assessment.merchants
        mine = self._mine(merchants)
        if mine.empty:
            raise ReportError(
                f"the month has no merchant {self._merchant_id!r}",
                where=str(self._board.assessment.month),
                count=len(merchants),
                remedy="name one that it has; ids are text, as they were imported",
            )
        return only(mine.astype("object").where(mine.notna(), None))

    def _show(self, cards: Sequence[Card], sentences: list[str], notes: list[str]) -> None:
        self._answer.value = _text(
            render("whatif_answer", self.words, cards=cards, sentences=sentences, notes=notes)
        )

    def _explain(
        self, rows: Sequence[Evidence], clock: Clock, counts: Sequence[dict[str, str]] = ()
    ) -> None:
        why = render("whatif_why", self.words, rows=rows, clock=clock, counts=counts)
        self._why.value = _text(why)

    def _mine(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["merchant_id"] == self._merchant_id].reset_index(drop=True)

    def _say(self, kind: str, *messages: str) -> None:
        shown = render("whatif_message", self.words, kind=kind, messages=messages)
        self._message.value = _text(shown) if messages else ""

    def _not_in_force(self) -> str:
        file = self._board.rules.files[self.programme]
        starts = {start for parameter in file.parameters.values() for start in dated(parameter)}
        days = [self.words.day(start) for start in sorted(starts)]
        return self.words.t(
            "whatif.not_in_force",
            title=self.words.pick(file.title),
            day=self.words.day(self._rules().day),
            days=self.words.t("list.separator").join(days),
        )

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        # A figure keeps what it was made with as its state until it is asked to show itself.
        self._figure._repr_mimebundle_()
        return {**self.root._repr_mimebundle_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        # Short and the same each time: a notebook stores it, and nbval compares it.
        said = ", ".join(f"{name} {self.outcome[name]}" for name in self.told if self.outcome)
        return f"<{type(self).__name__} {self._merchant_id}: {said or 'not in force'}>"


def _month(board: Board, programme: str) -> ProgrammeMonth:
    month = board.assessment.programmes.get(programme)
    if month is None:
        raise ReportError(
            f"{programme} was not in force when the month was assessed",
            where=f"rules of {board.assessment.rules_day}",
            remedy=board.assessment.absent.get(programme, "assess it under another day's rules"),
        )
    return month


def _text(part: Html) -> str:
    return str(part.markup)

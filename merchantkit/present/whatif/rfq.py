"""RFQ what-if: GMV, quotes, track and rule day move; tier, points and the way follow."""

import datetime as dt
from decimal import Decimal
from typing import Any, cast

import ipywidgets as widgets
import pandas as pd

from merchantkit.assessment import Board, records
from merchantkit.foresight import whatif
from merchantkit.foresight.whatif import TierMap, Way
from merchantkit.present import evidence
from merchantkit.present.rows import only
from merchantkit.present.whatif import rfq_answer, rfq_map
from merchantkit.present.whatif.debounce import SECONDS
from merchantkit.present.whatif.dial import Dial, Scale
from merchantkit.present.whatif.panel import Panel
from merchantkit.programmes import rfq
from merchantkit.rulebook import ProgrammeRules, Provision, Rulebook, Rules

_UNKNOWN = ""  # the track, where the facts do not have one
_GMV, _USED, _GRANTED = "gmv_90d_usd", "free_quotes_used", "free_quotes_granted"


class RfqWhatIf(Panel):
    """What tier a merchant would have with other sales and quotes, on either track, on any day.

    >>> from merchantkit.assessment import open_month
    >>> panel = RfqWhatIf(open_month(""), "2100000011", "en")
    >>> panel
    <RfqWhatIf 2100000011: tier 1, points 3>
    >>> panel.dials["gmv_90d_usd"].value = Decimal("24999.99")
    >>> panel.refresh()
    >>> panel
    <RfqWhatIf 2100000011: tier 0, points 0>
    """

    programme = rfq.name
    told = ("tier", "points")

    def __init__(
        self, board: Board, merchant_id: str, lang: str = "zh", seconds: float = SECONDS
    ) -> None:
        super().__init__(board, merchant_id, lang, seconds)
        self._start = self._mine(self._month.measures)
        self._real = only(self._mine(self._month.outcome))
        self._maps: dict[tuple[str, int, Decimal], TierMap | None] = {}
        self._begin()
        self._lay_out(
            [*(dial.widget for dial in self.dials.values()), *self._choices()],
            rfq_map.empty(self.words),
        )

    def _put_back(self) -> None:
        self.track.value, self.day.value = self._real_track, self._board.rules.day

    def _begin(self) -> None:
        t, real = self.words.t, only(self._start)
        gmv, granted, used = (_known(real[name]) for name in (_GMV, _GRANTED, _USED))
        scale = self._scale(gmv)
        dials = {
            _GMV: Dial("gmv", t("whatif.rfq.gmv"), gmv, "money", self.words, scale=scale),
            _USED: Dial(
                "used", t("whatif.rfq.used"), used, "count", self.words,
                scale=Scale(1, 1), limit=granted or 0,
            ),
            _GRANTED: Dial(
                "granted", t("whatif.rfq.granted"), granted, "count", self.words,
                scale=Scale(1, 1), slider=False,
            ),
        }  # fmt: skip
        self.dials.update(dials)
        self._real_track = _UNKNOWN if pd.isna(real["track"]) else str(real["track"])

    def _scale(self, gmv: Decimal | None) -> Scale:
        # As far as a merchant who has sold nothing must go, and then some.
        nothing = whatif.changed_row(self._start, gmv_90d_usd=Decimal("0.00"))
        outcome = rfq.assess(nothing, self._board.rules).iloc[0]
        way = max(outcome[f"usd_to_tier_{tier}"] for tier in rfq.TIERS)
        return Scale.reaching(max(way, gmv or Decimal(0)) * Decimal("1.4"))

    def _choices(self) -> list[widgets.Widget]:
        words = self.words
        options = [(words.code(track), track) for track in rfq.TRACKS]
        if self._real_track == _UNKNOWN:
            options.append((words.code("unknown"), _UNKNOWN))
        self.track = widgets.ToggleButtons(options=options, value=self._real_track)
        self.day = widgets.DatePicker(value=self._board.rules.day)
        self._watch(self.track, self.day)
        named = (("track", self.track), ("day", self.day))
        return [
            widgets.VBox([widgets.Label(words.t(f"whatif.rfq.{name}")), control])
            .add_class("mk-wi-dial")
            .add_class(f"mk-wi-{name}")
            for name, control in named
        ]

    def _rules(self) -> Rules:
        real = self._board.rules
        day = cast("dt.date | None", self.day.value) or real.day
        return Rulebook(real.files, real.overlays).on(day)

    def _measures(self) -> pd.DataFrame:
        granted = self.dials[_GRANTED].value
        self._limit_used(granted)
        return whatif.changed_row(
            self._start,
            **{name: dial.value for name, dial in self.dials.items()},
            track=self.track.value or None,
        )

    def _limit_used(self, granted: Any) -> None:
        used = self.dials[_USED]
        if used.limit != (granted or 0):
            used.limit = int(granted or 0)

    def _work_out(self) -> None:
        rules = self._rules()
        book = rules.programme(rfq.name)
        measures = self._measures()
        outcome, explanation = rfq.assess(measures, rules), rfq.explain(measures, rules)
        self.outcome = only(outcome)
        ways = whatif.ways(measures, outcome, rules)
        rule = self._points_rule(book)
        self._show(
            rfq_answer.cards(self.outcome, self._real, ways, rule, self.words),
            rfq_answer.sentences(ways, self.words),
            [] if self.dials[_GRANTED].value else [self.words.t("whatif.rfq.no_map")],
        )
        rows = evidence.rows(records(explanation), only(measures), book, self.words)
        self._explain(rows, book.clock)
        self._draw(measures, ways, rules)

    def _points_rule(self, book: ProgrammeRules) -> Provision | None:
        tier = self.outcome["tier"]
        return (
            book.provision(f"tier_{tier}_points") if pd.notna(tier) and tier in rfq.TIERS else None
        )

    def _draw(self, measures: pd.DataFrame, ways: list[Way], rules: Rules) -> None:
        most = Decimal(self.dials[_GMV].slider.max)
        granted = self.dials[_GRANTED].value
        key = (rules.fingerprint(rfq.name), int(granted or 0), most)
        if key not in self._maps:
            self._maps[key] = whatif.tier_map(measures, rules, most)
        plane = self._maps[key]
        self._chart_box.layout.display = "none" if plane is None else ""
        if plane is not None:
            real = (self._start[_GMV].iloc[0], self._start[_USED].iloc[0])
            now = (self.dials[_GMV].value, self.dials[_USED].value)
            rfq_map.draw(self._figure, plane, ways, _point(*real), _point(*now), self.words)


def _known(value: Any) -> Any:
    return None if pd.isna(value) else value


def _point(gmv: Any, used: Any) -> tuple[float, int] | None:
    return None if pd.isna(gmv) or pd.isna(used) else (float(gmv), int(used))

"""Campaign what-if: this month's counts and spend move; score, rank, credit and break-even follow.

The whole board is assessed each time with one row changed. Of the others only scores by rank are
ever shown, never who they are.
"""

from decimal import Decimal
from typing import Any

import ipywidgets as widgets
import pandas as pd

from merchantkit.assessment import Board, Case, ProgrammeMonth, records
from merchantkit.foresight import whatif
from merchantkit.present import evidence
from merchantkit.present.rows import only
from merchantkit.present.sections.campaign import CampaignSection
from merchantkit.present.whatif import campaign_answer, campaign_charts
from merchantkit.present.whatif.campaign_charts import Credit
from merchantkit.present.whatif.debounce import SECONDS
from merchantkit.present.whatif.dial import Dial, Scale
from merchantkit.present.whatif.panel import Panel
from merchantkit.programmes import campaign

_SPEND = "spend_cny"
_FLAGS = ("enrolled", "ads_on")
_CURVE_POINTS = 60


class CampaignWhatIf(Panel):
    """What score, rank and ad credit a merchant would have with other counts or another spend.

    >>> from merchantkit.assessment import open_month
    >>> panel = CampaignWhatIf(open_month(""), "2100000011", "en")
    >>> panel
    <CampaignWhatIf 2100000011: score 14850.0, rank 9, reward_cny 980.05>
    >>> panel.dials["tm_during"].value = 0
    >>> panel.refresh()
    >>> panel.outcome["rank"]
    16
    """

    programme = campaign.name
    told = ("score", "rank", "reward_cny")

    def __init__(
        self, board: Board, merchant_id: str, lang: str = "zh", seconds: float = SECONDS
    ) -> None:
        super().__init__(board, merchant_id, lang, seconds)
        self._real = only(self._mine(self._month.outcome))
        self._credits: dict[tuple[int | None, int], Credit] = {}
        self._full: dict[int | None, int | None] = {}
        self._begin(only(self._mine(self._month.measures)))
        parts = {part: Decimal(0) for part in campaign.PARTS}
        self._lay_out(
            [*(dial.widget for dial in self.dials.values()), self._entry()],
            campaign_charts.empty(parts, self.words),
        )

    def _begin(self, real: dict[str, Any]) -> None:
        t = self.words.t
        for part in campaign.PARTS:
            before, during = (_known(real[f"{part}_{when}"]) for when in ("before", "during"))
            label = t(
                "whatif.campaign.count",
                part=t(f"campaign.part.{part}"),
                before=self.words.number(before),
            )
            scale = Scale.reaching(max(before or 0, during or 0, 20) * 3 // 2)
            self.dials[f"{part}_during"] = Dial(
                part, label, during, "count", self.words, scale=scale
            )
        spend = _known(real[_SPEND])
        full = self._full_credit_spend(self._month.measures, _known(self._real["rank"]))
        scale = Scale.reaching(max(spend or 0, full or 0, 100) * 3 // 2)
        self.dials[_SPEND] = Dial(
            "spend", t("whatif.campaign.spend"), spend, "money", self.words, scale=scale
        )
        self._flags = {name: bool(_known(real.get(name, True)) in (True, None)) for name in _FLAGS}

    def _entry(self) -> widgets.Widget:
        self.boxes = {
            name: widgets.Checkbox(
                value=value, description=self.words.t(f"whatif.campaign.{name}"), indent=False
            )
            for name, value in self._flags.items()
        }
        self._watch(*self.boxes.values())
        return widgets.VBox(list(self.boxes.values())).add_class("mk-wi-dial")

    def _put_back(self) -> None:
        for name, box in self.boxes.items():
            box.value = self._flags[name]

    def _measures(self) -> pd.DataFrame:
        values = {name: dial.value for name, dial in self.dials.items()}
        moved = {n: box.value for n, box in self.boxes.items() if box.value != self._flags[n]}
        return whatif.changed(self._month.measures, self._merchant_id, {**values, **moved})

    def _work_out(self) -> None:
        rules, words = self._rules(), self.words
        board = self._measures()
        outcome = campaign.assess(board, rules)
        explanation = campaign.explain(board, rules, [self._merchant_id])
        mine, earned = self._mine(board), self._mine(outcome)
        self.outcome = only(earned)
        month = ProgrammeMonth(mine, earned, explanation)
        section = CampaignSection(Case(self._merchant, self._board.assessment, rules), month, words)
        credit = self._credit(board)
        even = whatif.break_even(mine, earned)
        ranked = int(outcome["rank"].notna().sum())
        self._show(
            campaign_answer.cards(self.outcome, self._real, ranked, even, words),
            campaign_answer.sentences(self.outcome, even, credit.full_at, words),
            campaign_answer.notes(self.outcome, words),
        )
        book = rules.programme(campaign.name)
        rows = evidence.rows(records(explanation), only(mine), book, words)
        self._explain(rows, book.clock, section.counts())
        self._chart_box.layout.display = "none" if pd.isna(self.outcome["score"]) else ""
        if pd.notna(self.outcome["score"]):
            others = outcome[outcome["merchant_id"] != self._merchant_id]
            limits = [int(book[f"{band}_ranks"]) for band in campaign.BANDS]
            campaign_charts.draw(
                self._figure, self.outcome, self._real, others, limits, credit,
                self.dials[_SPEND].value, words,
            )  # fmt: skip

    def _credit(self, board: pd.DataFrame) -> Credit:
        # The spend decides about no rank, so the credit's course is worked out once for each.
        most = int(self.dials[_SPEND].slider.max)
        rank = _known(self.outcome["rank"])
        key = (rank, most)
        if key not in self._credits:
            full = self._full_credit_spend(board, rank)
            evenly = {most * n // _CURVE_POINTS for n in range(_CURVE_POINTS + 1)}
            spends = sorted(evenly | ({full} if full and full < most else set()))
            earned = whatif.credit_at(board, self._merchant_id, spends, self._rules())
            curve = [] if earned.isna().any() else [float(credit) for credit in earned]
            self._credits[key] = Credit(spends if curve else [], curve, full)
        return self._credits[key]

    def _full_credit_spend(self, board: pd.DataFrame, rank: int | None) -> int | None:
        if rank not in self._full:
            found = whatif.full_credit_spend(board, self._merchant_id, self._rules())
            self._full[rank] = found
        return self._full[rank]


def _known(value: Any) -> Any:
    return None if pd.isna(value) else value

"""The RFQ what-if: starts from the real numbers, asks assess, answers a moved control once."""

import asyncio
import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from merchantkit.assessment import Board, open_month
from merchantkit.errors import ReportError
from merchantkit.present.whatif import RfqWhatIf
from merchantkit.programmes import rfq
from merchantkit.rulebook import Rules
from tests.months import demo_board
from tests.present.whatif_states import observers, sent

GMV, USED, GRANTED = "gmv_90d_usd", "free_quotes_used", "free_quotes_granted"


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


@pytest.fixture
def panel(board: Board) -> RfqWhatIf:
    # 25,000.00 and 12 of 20 quotes: exactly the limits of tier 1.
    return RfqWhatIf(board, "2100000011", "en")


def answer(panel: RfqWhatIf) -> tuple[object, object]:
    return panel.outcome["tier"], panel.outcome["points"]


@pytest.mark.parametrize("merchant_id", ["007", "NA", "null", "2100000017", "2100000020"])
@pytest.mark.slow
def test_it_starts_from_what_is_real(board: Board, merchant_id: str) -> None:
    outcome = board.assessment.programmes["rfq"].outcome.set_index("merchant_id")
    found = RfqWhatIf(board, merchant_id).outcome
    for name in ("tier", "points", "usd_to_tier_2", "quotes_to_tier_2"):
        real = outcome.loc[merchant_id, name]
        assert pd.isna(found[name]) if pd.isna(real) else found[name] == real


@pytest.mark.slow
def test_the_limits_are_inclusive(panel: RfqWhatIf) -> None:
    assert answer(panel) == (1, 3)
    panel.dials[GMV].box.value = "24999.99"
    assert answer(panel) == (0, 0)
    panel.dials[GMV].box.value = "35000"
    panel.dials[USED].slider.value = 19
    assert answer(panel) == (1, 3)
    panel.dials[USED].slider.value = 20
    assert answer(panel) == (2, 5)
    panel.dials[GMV].box.value = "34999.99"
    assert answer(panel) == (1, 3)
    assert "USD 0.01" in panel._answer.value


def test_what_is_missing_is_said_for_each_tier(panel: RfqWhatIf) -> None:
    panel.dials[GMV].box.value = "30700"
    panel.dials[USED].box.value = "17"
    assert "USD 4,300.00\n+ 3 quotes" in panel._answer.value
    assert "To reach tier 2: USD 4,300.00 more" in panel._answer.value


def test_the_track_decides_about_the_points_not_the_tier(panel: RfqWhatIf) -> None:
    panel.track.value = "rts"
    assert answer(panel) == (1, 0)
    panel.track.value = "customization"
    assert answer(panel) == (1, 3)


def test_points_start_on_their_day(panel: RfqWhatIf) -> None:
    panel.day.value = dt.date(2021, 4, 19)
    assert answer(panel) == (1, 0)
    panel.day.value = dt.date(2021, 4, 20)
    assert answer(panel) == (1, 3)
    assert "expected, subject to go-live" in panel._answer.value


@pytest.mark.parametrize(
    ("lang", "message"),
    [("zh", "2021年4月14日没有生效的「RFQ营销指数」规则"), ("en", "hold on April 14, 2021")],
)
def test_before_the_rule_there_is_a_message(board: Board, lang: str, message: str) -> None:
    panel = RfqWhatIf(board, "2100000011", lang)
    panel.day.value = dt.date(2021, 4, 14)
    assert message in panel._message.value
    assert panel._answer.value == panel._why.value == ""
    assert panel._chart_box.layout.display == "none"
    assert repr(panel) == "<RfqWhatIf 2100000011: not in force>"
    panel.day.value = dt.date(2021, 5, 31)
    assert panel._message.value == ""
    assert answer(panel) == (1, 3)


def test_a_day_that_is_cleared_is_the_months(panel: RfqWhatIf) -> None:
    panel.day.value = None
    assert answer(panel) == (1, 3)


def test_a_figure_that_cannot_be_leaves_the_answer_with_a_word(panel: RfqWhatIf) -> None:
    panel.dials[USED].box.value = "21"
    assert answer(panel) == (1, 3)
    assert "above the most there can be, 20" in panel._message.value
    panel.dials[GMV].box.value = "<b>x</b>"
    assert "&lt;b&gt;x&lt;/b&gt;" in panel._message.value
    assert "<b>x</b>" not in panel._message.value


def test_granting_fewer_quotes_takes_the_used_ones_along(panel: RfqWhatIf) -> None:
    panel.dials[USED].value = 20
    panel.dials[GRANTED].box.value = "10"
    assert panel.dials[USED].value == 10
    assert panel.outcome["quotes_to_tier_2"] == 0


def test_without_free_quotes_no_map_and_the_reason(board: Board) -> None:
    panel = RfqWhatIf(board, "2100000018", "en")
    assert panel._chart_box.layout.display == "none"
    assert "no free quotes were granted this month" in panel._answer.value
    panel.dials[GRANTED].box.value = "20"
    assert panel._chart_box.layout.display == ""
    assert panel.outcome["quotes_to_tier_1"] == 12


def test_a_track_that_is_unknown_can_be_tried(board: Board) -> None:
    panel = RfqWhatIf(board, "2100000017", "en")
    assert panel.outcome["tier"] == 2
    assert "the track is not known" in panel._answer.value
    panel.track.value = "customization"
    assert panel.outcome["points"] == 5


def test_used_that_is_an_error_in_the_facts_stays_unknown_until_moved(board: Board) -> None:
    panel = RfqWhatIf(board, "2100000020", "en")
    assert panel.dials[USED].value is None
    assert "data error: more quotes used than granted" in panel._answer.value
    panel.dials[USED].slider.value = 6
    assert panel.outcome["tier"] == 1  # 30,000.00 and 6 of 10


def test_a_moved_control_is_answered_once(panel: RfqWhatIf) -> None:
    before = panel.computed
    panel.dials[GMV].slider.value = 30_000
    assert panel.computed == before + 1
    panel.dials[GMV].box.value = "31000"
    assert panel.computed == before + 2
    panel.reset()
    assert panel.computed == before + 3


@pytest.mark.slow
def test_a_drag_is_answered_once_when_it_rests(board: Board) -> None:
    async def drag() -> tuple[RfqWhatIf, int]:
        panel = RfqWhatIf(board, "2100000011", "en", seconds=0.02)
        before = panel.computed
        for gmv in range(25_000, 36_000, 1000):
            panel.dials[GMV].slider.value = gmv
            panel.dials[USED].slider.value = 20
        assert panel.computed == before
        await asyncio.sleep(0.3)
        return panel, panel.computed - before

    panel, answered = asyncio.run(drag())
    assert answered == 1
    assert answer(panel) == (2, 5)


@pytest.mark.slow
def test_nothing_piles_up(panel: RfqWhatIf) -> None:
    listening, traces = observers(panel), len(panel._figure.data)
    for gmv in range(0, 50_000, 5000):
        panel.dials[GMV].slider.value = gmv
        panel.day.value = dt.date(2021, 4, 15) + dt.timedelta(days=gmv % 7)
    panel.reset()
    assert (observers(panel), len(panel._figure.data)) == (listening, traces)
    names = [label.text for label in panel._figure.layout.annotations]
    assert names == ["no tier", "tier 1 · +3 points", "tier 2 · +5 points"]
    panel.close()
    assert observers(panel) == 0


def test_reset_goes_back_to_what_is_real(panel: RfqWhatIf) -> None:
    panel.dials[GMV].box.value = "1"
    panel.track.value = "rts"
    panel.day.value = dt.date(2021, 4, 14)
    panel.reset()
    assert answer(panel) == (1, 3)
    assert panel.track.value == "customization"


def test_only_assess_decides(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Rules] = []
    real = rfq.assess
    monkeypatch.setattr(rfq, "assess", lambda m, r: asked.append(r) or real(m, r).assign(tier=2))
    panel = RfqWhatIf(board, "2100000011", "en")
    panel.dials[GMV].box.value = "0"
    assert asked
    assert panel.outcome["tier"] == 2  # whatever assess says
    assert {int(tier) for tier in set(panel._figure.data[0].z.flatten())} == {2}


def test_the_points_on_the_map(panel: RfqWhatIf) -> None:
    panel.dials[GMV].box.value = "34999.99"
    panel.dials[USED].box.value = "20"
    heat, path, real, now = panel._figure.data
    assert (real.x, real.y) == ((25000.0,), (12,))
    assert (now.x, now.y) == ((34999.99,), (20,))
    assert path.x == (25000.0, 34999.99)
    assert panel.dials[GMV].value == Decimal("34999.99")
    assert panel._figure.layout.xaxis.range == (0, 50_000.0)
    assert heat.x[-1] == 50_000.0


def test_a_name_from_a_stranger_is_inert(board: Board) -> None:
    state = sent(RfqWhatIf(board, "9007199254740992", "zh"))
    assert "<script>" not in state
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in state


def test_it_sends_nothing_of_the_others(board: Board) -> None:
    state = sent(RfqWhatIf(board, "2100000011", "zh"))
    others = board.assessment.merchants.query("merchant_id != '2100000011'")
    strange = [*others["merchant_id"], *others["company_name"].dropna()]
    assert [text for text in strange if len(text) > 4 and text in state] == []


def test_who_is_not_there_is_an_error(board: Board) -> None:
    with pytest.raises(ReportError, match="nobody"):
        RfqWhatIf(board, "nobody")


@pytest.mark.slow
def test_a_month_without_the_programme_is_an_error() -> None:
    with pytest.raises(ReportError, match="rfq was not in force"):
        RfqWhatIf(open_month("", month="2021-03"), "2100000011")


def test_its_plain_text_is_short_and_its_view_is_a_widget(panel: RfqWhatIf) -> None:
    bundle = panel._repr_mimebundle_()
    assert bundle["text/plain"] == "<RfqWhatIf 2100000011: tier 1, points 3>"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_shown_a_second_time_it_draws_what_it_says_now(panel: RfqWhatIf) -> None:
    panel.dials[GMV].box.value = "30000"
    panel._repr_mimebundle_()
    assert panel._figure._widget_data[3]["x"] == [30000.0]


def test_facts_without_entitlements_leave_the_quotes_unknown(board: Board) -> None:
    month = board.assessment.programmes["rfq"]
    measures = month.measures.assign(
        free_quotes_granted=pd.array([pd.NA] * 24, dtype="Int64"),
        free_quotes_used=pd.array([pd.NA] * 24, dtype="Int64"),
        free_quotes_granted_reason="no_entitlement_facts",
        free_quotes_used_reason="no_entitlement_facts",
    )
    known = replace(month, measures=measures, outcome=rfq.assess(measures, board.rules))
    bare = replace(board, assessment=replace(board.assessment, programmes={"rfq": known}))
    panel = RfqWhatIf(bare, "2100000011", "en")
    assert pd.isna(panel.outcome["tier"])
    assert "no quote-entitlement facts for the month" in panel._answer.value
    assert panel.dials[USED].slider.disabled
    panel.dials[GRANTED].box.value = "20"
    panel.dials[USED].box.value = "12"
    assert answer(panel) == (1, 3)

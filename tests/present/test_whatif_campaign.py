"""The campaign what-if: the whole board with one row changed, and nobody else named."""

import asyncio
import re
from decimal import Decimal

import pandas as pd
import pytest

from merchantkit.assessment import Board, open_month
from merchantkit.errors import ReportError
from merchantkit.present.whatif import CampaignWhatIf
from merchantkit.programmes import campaign
from tests.months import demo_board
from tests.present.whatif_states import observers, sent

TM, SPEND = "tm_during", "spend_cny"


@pytest.fixture(scope="module")
def board() -> Board:
    return demo_board()


@pytest.fixture
def panel(board: Board) -> CampaignWhatIf:
    # 14,850 = 3,600 + 4,500 + 6,750, rank 9 of 16, spend 980.05: all of it comes back as credit.
    return CampaignWhatIf(board, "2100000011", "en")


def answer(panel: CampaignWhatIf) -> list[str]:
    return [str(panel.outcome[name]) for name in ("score", "rank", "reward_cny")]


def big(panel: CampaignWhatIf, card: str) -> str:
    found = re.search(rf'data-mk="{card}".*?card-big[^>]*>(.*?)</div>', panel._answer.value)
    assert found
    return found[1]


@pytest.mark.parametrize("merchant_id", ["007", "null", "2100000009", "2100000017", "2100000022"])
@pytest.mark.slow
def test_it_starts_from_what_is_real(board: Board, merchant_id: str) -> None:
    outcome = board.assessment.programmes["campaign"].outcome.set_index("merchant_id")
    found = CampaignWhatIf(board, merchant_id).outcome
    for name in ("score", "rank", "reward_cny"):
        real = outcome.loc[merchant_id, name]
        assert pd.isna(found[name]) if pd.isna(real) else found[name] == real


def test_fewer_consultations_cost_the_place_among_the_ten(panel: CampaignWhatIf) -> None:
    # 1,200 TM buyers fewer are 6,000 points: 8,850, behind the two at 14,000 (ranks 9 and 9 then).
    panel.dials[TM].box.value = "2650"
    assert answer(panel) == ["8850.0", "11", "490.03"]  # half of 980.05, half up
    panel.dials[SPEND].box.value = "6000"
    assert answer(panel) == ["8850.0", "11", "2000.00"]
    assert big(panel, "each") == "CNY 6.67"  # (6,000 - 2,000) / (450 + 150)
    assert "no further ad credit is earned once the spend reaches CNY 4,000.00" in (
        panel._answer.value
    )


def test_the_credit_is_named_credit_and_no_cash(panel: CampaignWhatIf) -> None:
    assert "Ad credit (not cash)" in panel._answer.value
    assert "The ad credit covers the whole spend" in panel._answer.value
    assert "once the spend reaches CNY 5,000.00" in panel._answer.value


def test_the_board_is_assessed_whole(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = campaign.assess
    monkeypatch.setattr(campaign, "assess", lambda m, r: sizes.append(len(m)) or real(m, r))
    panel = CampaignWhatIf(board, "2100000011")
    panel.dials[TM].box.value = "2650"
    assert sizes and min(sizes) >= 24


def test_overtaking_moves_only_this_merchant(board: Board, panel: CampaignWhatIf) -> None:
    before = board.assessment.programmes["campaign"].measures.copy(deep=True)
    panel.dials[TM].box.value = "9000"
    assert panel.outcome["rank"] == 1
    after = board.assessment.programmes["campaign"].measures
    pd.testing.assert_frame_equal(after, before)


def test_enrolling_can_be_tried(board: Board) -> None:
    panel = CampaignWhatIf(board, "2100000009", "en")
    assert big(panel, "rank") == "—"
    assert "not enrolled" in panel._answer.value
    panel.boxes["enrolled"].value = True
    assert panel.outcome["rank_reason"] == "ads_off"  # who is not enrolled has no ads on either
    panel.boxes["ads_on"].value = True
    assert panel.outcome["rank"] == 4  # 18,500: behind 23,700, 20,920 and 19,200
    panel.reset()
    assert pd.isna(panel.outcome["rank"])


def test_without_a_month_before_there_is_no_score_and_no_chart(board: Board) -> None:
    panel = CampaignWhatIf(board, "2100000016", "en")
    assert big(panel, "score") == big(panel, "rank") == big(panel, "credit") == "—"
    assert "no counts for the month before" in panel._answer.value
    assert panel._chart_box.layout.display == "none"


def test_a_spend_that_is_unknown_is_not_zero(board: Board) -> None:
    panel = CampaignWhatIf(board, "2100000017", "en")
    assert big(panel, "credit") == "—"
    assert "no recommendation spend given" in panel._answer.value
    panel.dials[SPEND].box.value = "0"
    assert big(panel, "credit") == "CNY 0.00"


def test_a_tie_at_the_limit_is_said(board: Board) -> None:
    assert "share your score" in CampaignWhatIf(board, "2100000019", "en")._answer.value


def test_the_charts(panel: CampaignWhatIf) -> None:
    parts, others, real, now, credit, spent = panel._figure.data
    assert parts.y == (3600.0, 4500.0, 6750.0, 0)
    assert (real.x, now.x) == ((9,), (9,))
    assert len(others.x) == 15
    assert max(credit.y) == 5000.0
    assert (spent.x, spent.y) == ((980.05,), (980.05,))
    panel.dials[TM].box.value = "2650"
    assert max(credit.y) == 2000.0
    assert (real.x, now.x, now.y) == ((9,), (11,), (8850.0,))


def test_a_moved_control_is_answered_once_and_nothing_piles_up(panel: CampaignWhatIf) -> None:
    before, listening, traces = panel.computed, observers(panel), len(panel._figure.data)
    for step in range(5):
        panel.dials[TM].slider.value = 100 * step
    panel.boxes["ads_on"].value = False
    assert panel.computed == before + 6
    assert (observers(panel), len(panel._figure.data)) == (listening, traces)
    panel.reset()
    assert panel.computed == before + 7
    panel.close()
    assert observers(panel) == 0


@pytest.mark.slow
def test_a_drag_is_answered_once_when_it_rests(board: Board) -> None:
    async def drag() -> tuple[CampaignWhatIf, int]:
        panel = CampaignWhatIf(board, "2100000011", "en", seconds=0.02)
        before = panel.computed
        for step in range(30):
            panel.dials[TM].slider.value = 2500 + 5 * step
        await asyncio.sleep(0.5)
        return panel, panel.computed - before

    panel, answered = asyncio.run(drag())
    assert answered == 1
    assert panel.outcome["score_tm"] == Decimal("725.0")  # 145 more than in April


def test_nobody_else_is_named_or_numbered(board: Board) -> None:
    panel = CampaignWhatIf(board, "2100000011", "zh")
    panel.dials[TM].box.value = "2650"
    state = sent(panel)
    others = board.assessment.merchants.query("merchant_id != '2100000011'")
    strange = [*others["merchant_id"], *others["company_name"].dropna()]
    assert [text for text in strange if len(text) > 4 and text in state] == []
    spends = ["3812.4", "12000", "2077.77", "1402.35"]  # what others spent is theirs
    assert [spend for spend in spends if spend in state.replace(",", "")] == []


def test_a_name_from_a_stranger_is_inert(board: Board) -> None:
    assert "<script>" not in sent(CampaignWhatIf(board, "9007199254740992"))


@pytest.mark.slow
def test_a_month_without_the_campaign_is_an_error() -> None:
    with pytest.raises(ReportError, match="campaign was not in force"):
        CampaignWhatIf(open_month("", month="2021-04"), "2100000011")


def test_its_plain_text(panel: CampaignWhatIf) -> None:
    said = "<CampaignWhatIf 2100000011: score 14850.0, rank 9, reward_cny 980.05>"
    assert panel._repr_mimebundle_()["text/plain"] == said

"""What the campaign what-if says: score, rank, ad credit, and what the spend must bring."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from merchantkit.foresight.whatif import BreakEven
from merchantkit.present.evidence import NONE
from merchantkit.present.whatif.cards import Card
from merchantkit.present.words import Words

_NOTES = ("tie_at_cutoff", "enrolment_assumed", "counts_assumed")


def cards(
    now: Mapping[str, Any], real: Mapping[str, Any], ranked: int, even: BreakEven, words: Words
) -> list[Card]:
    """Return score, rank, credit and break-even, each beside what it really is.

    Args:
        now: The outcome for what the controls say.
        real: The outcome of the merchant's real numbers.
        ranked: How many merchants are on the board.
        even: From ``whatif.break_even``.
        words: The language.
    """
    t = words.t
    hit = bool(pd.notna(now["reward_cny"]) and now["reward_cny"] > 0)
    score = words.number(now["score"]), words.number(real["score"])
    rank = _rank(now, words), _rank(real, words)
    credit = words.money(now["reward_cny"], "CNY"), words.money(real["reward_cny"], "CNY")
    board = t("whatif.campaign.of", n=ranked)
    return [
        Card("score", t("campaign.part.total"), score[0], _beside(now, "score", score[1], words)),
        Card("rank", board, rank[0], _beside(now, "rank", rank[1], words)),
        Card(
            "credit", t("whatif.campaign.credit"), credit[0],
            _beside(now, "reward_cny", credit[1], words), hit,
        ),
        Card(
            "each", t("whatif.campaign.each"), words.money(even.each_cny, "CNY"),
            words.reason(even.reason) or t("whatif.campaign.each_small"),
        ),
    ]  # fmt: skip


def sentences(
    now: Mapping[str, Any], even: BreakEven, full_at: int | None, words: Words
) -> list[str]:
    """Return how the break-even comes about, and from which spend on no more credit is earned."""
    t = words.t
    said = []
    if even.net_cny is not None:
        said.append(
            t(
                "whatif.campaign.net",
                spend=words.money(even.spend_cny, "CNY"),
                credit=words.money(even.credit_cny, "CNY"),
                net=words.money(even.net_cny, "CNY"),
            )
        )
    if even.net_cny == 0:
        said.append(t("whatif.campaign.covered"))
    elif even.each_cny is not None and even.further_buyers is not None:
        each = words.money(even.each_cny, "CNY")
        said.append(t("whatif.campaign.pays", n=even.further_buyers, each=each))
    if full_at is not None:
        said.append(t("whatif.campaign.full", spend=words.money(Decimal(full_at), "CNY")))
    elif pd.notna(now["rank"]):
        said.append(t("campaign.no_credit"))
    return said


def notes(now: Mapping[str, Any], words: Words) -> list[str]:
    """Return what must be borne in mind: the credit is no cash, buyers may count twice, ties."""
    flagged = [f"campaign.note.{note}" for note in _NOTES if now[note]]
    return [words.t(key) for key in [*flagged, "campaign.credit_note", "whatif.campaign.twice"]]


def _rank(outcome: Mapping[str, Any], words: Words) -> str:
    rank = outcome["rank"]
    return NONE if pd.isna(rank) else words.t("campaign.rank", rank=words.number(int(rank)))


def _beside(now: Mapping[str, Any], column: str, real: str, words: Words) -> str:
    reason = words.reason(now[f"{column}_reason"])
    return reason or words.t("whatif.real", value=real)

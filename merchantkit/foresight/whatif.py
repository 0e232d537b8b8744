"""What if: the same two calls with one merchant's measures changed, everyone else as they are.

Every number here is found by asking ``assess``; nothing compares a threshold of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np
import pandas as pd

from merchantkit.errors import MeasureError
from merchantkit.money import cents, from_cents, to_cents
from merchantkit.programmes import campaign, rfq
from merchantkit.rulebook import Rules

NO_FURTHER_BUYERS = "no_further_buyers"
_MONEY_ENDS = ("_usd", "_cny")

# How finely the map of tiers and the credit are sampled, and a month's spend that nobody reaches.
_MAP_COLUMNS, _SPENDS, _VAST_CNY = 40, 2048, 10**7


def changed(board: pd.DataFrame, merchant_id: str, values: dict[str, Any]) -> pd.DataFrame:
    """Return the measures of everyone with one merchant's row changed.

    Args:
        board: Measures, one row per merchant.
        merchant_id: Whose row.
        values: column → its new value; ``None`` is missing, money may be int, float, str or
            Decimal. A column that is not there is added.

    Returns:
        A new frame on the same index; money that was changed is ``decimal128(18, 2)``.

    Raises:
        MeasureError: The board has no such merchant.

    >>> board = pd.DataFrame({"merchant_id": ["a", "b"], "tm_during": [1, 2]})
    >>> changed(board, "b", {"tm_during": 3})["tm_during"].tolist()
    [1, 3]
    """
    mine = (board["merchant_id"] == merchant_id).to_numpy(dtype=bool)
    if not mine.any():
        raise MeasureError(
            f"there is no merchant {merchant_id!r} among these",
            count=len(board),
            remedy="merchantkit status lists a month's merchants",
        )
    frame = board.copy()
    for column, value in values.items():
        old = frame.get(column, pd.Series(pd.NA, index=frame.index, dtype="object"))
        is_money = column.endswith(_MONEY_ENDS)
        frame[column] = from_cents(to_cents(old)) if is_money else old
        frame.loc[mine, column] = _fitting(value, is_money, frame[column].dtype)
    return frame


def _fitting(value: Any, is_money: bool, dtype: Any) -> Any:
    if value is None:
        return pd.NA
    if is_money:
        return Decimal(cents(value)).scaleb(-2)
    return str(value) if pd.api.types.is_string_dtype(dtype) else value


@dataclass(frozen=True)
class Way:
    """What one tier still takes, and what it would earn.

    Attributes:
        usd: GMV still missing; ``None`` with its reason where it is not known.
        quotes: Free quotes still to be used; ``None`` with its reason likewise.
        points: What ``assess`` gives where the tier begins; ``None`` where it does not begin
            anywhere (no quotes are granted) or the track is not known.
    """

    tier: int
    usd: Decimal | None
    usd_reason: str | None
    quotes: int | None
    quotes_reason: str | None
    points: int | None

    @property
    def done(self) -> bool:
        """Whether nothing is missing any more."""
        return self.usd == 0 and self.quotes == 0


def ways(measures: pd.DataFrame, outcome: pd.DataFrame, rules: Rules) -> list[Way]:
    """Return the way to each tier for one merchant.

    Args:
        measures: The merchant's row of ``rfq`` measures.
        outcome: What ``assess`` says of it.
        rules: The rules of the day.
    """
    earned = outcome.iloc[0].to_dict()
    there = rfq.assess(_starts(measures, rules), rules)
    points = there["points"].where((there["tier"] == list(rfq.TIERS)).fillna(False))
    return [way(n, earned, _known(points.iloc[at])) for at, n in enumerate(rfq.TIERS)]


def _starts(measures: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the merchant's row as it would be where each tier begins: one row per tier."""
    # What is missing from nothing at all is where a tier begins.
    nothing = changed_row(measures, gmv_90d_usd=0, free_quotes_used=0)
    missing = rfq.assess(nothing, rules).iloc[0]
    rows = pd.concat([nothing] * len(rfq.TIERS), ignore_index=True)
    usd = pd.Series([missing[f"usd_to_tier_{tier}"] for tier in rfq.TIERS], dtype="object")
    quotes = pd.Series([missing[f"quotes_to_tier_{tier}"] for tier in rfq.TIERS], dtype="Int64")
    return rows.assign(gmv_90d_usd=from_cents(to_cents(usd)), free_quotes_used=quotes)


def way(tier: int, outcome: Mapping[Any, Any], points: int | None = None) -> Way:
    """Return the way to one tier from one merchant's outcome.

    Args:
        tier: Which.
        outcome: The merchant's row of ``rfq.assess``, by column.
        points: What the tier would earn, if that was asked.
    """
    usd, quotes = f"usd_to_tier_{tier}", f"quotes_to_tier_{tier}"
    usd_reason, quotes_reason = (_known(outcome[f"{name}_reason"]) for name in (usd, quotes))
    missing = _known(outcome[quotes])
    whole = None if missing is None else int(missing)
    return Way(tier, _known(outcome[usd]), usd_reason, whole, quotes_reason, points)


@dataclass(frozen=True)
class TierMap:
    """The tier of every GMV and use of the quotes.

    Attributes:
        gmv_edges: USD, ascending; column ``i`` of ``tiers`` holds from edge ``i`` up to the next.
        quotes: Free quotes used, from 0 to those granted: the rows of ``tiers``.
        tiers: Whole numbers, one row per number of quotes.
    """

    gmv_edges: list[Decimal]
    quotes: list[int]
    tiers: np.ndarray[Any, Any]


def tier_map(measures: pd.DataFrame, rules: Rules, most_usd: Decimal) -> TierMap | None:
    """Return the tiers of the whole plane of GMV and quotes, for one merchant's granted quotes.

    ``None`` where no quotes are granted, or it is not known how many: there is no plane then.

    Args:
        measures: The merchant's row of ``rfq`` measures.
        rules: The rules of the day.
        most_usd: Where the plane ends.
    """
    granted = measures["free_quotes_granted"].iloc[0]
    if pd.isna(granted) or granted == 0:
        return None
    begins = [gmv for gmv in _starts(measures, rules)["gmv_90d_usd"] if gmv < most_usd]
    step = (most_usd / _MAP_COLUMNS).quantize(Decimal("0.01"))
    # The columns break where a tier begins, so that the map is true to the cent.
    edges = sorted({*(step * n for n in range(_MAP_COLUMNS)), *begins})
    quotes = list(range(int(granted) + 1))
    rows = measures.loc[measures.index.repeat(len(edges) * len(quotes))].reset_index(drop=True)
    amounts = pd.Series([cents(edge) for edge in edges] * len(quotes), dtype="Int64")
    rows["gmv_90d_usd"] = from_cents(amounts)
    rows["free_quotes_used"] = np.repeat(quotes, len(edges))
    tiers = rfq.assess(rows, rules)["tier"].to_numpy(dtype=np.int64)
    return TierMap([*edges, most_usd], quotes, tiers.reshape(len(quotes), len(edges)))


def changed_row(measures: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """Return one merchant's row of measures with some of them changed; see ``changed``."""
    return changed(measures, measures["merchant_id"].iloc[0], values)


def credit_at(
    board: pd.DataFrame, merchant_id: str, spends_cny: Sequence[int | Decimal], rules: Rules
) -> "pd.Series[Any]":
    """Return the ad credit that one merchant would earn at each of several spends.

    The whole board is assessed once, with a copy of the merchant for each spend: those of one score
    share the better rank, so the copies stand where the merchant stands.

    Returns:
        decimal128(18, 2), one value per spend; missing where the merchant has no rank.
    """
    mine = board[board["merchant_id"] == merchant_id]
    copies = mine.loc[mine.index.repeat(len(spends_cny))].reset_index(drop=True)
    ids = [f"{merchant_id}\0{n}" for n in range(len(copies))]
    copies["merchant_id"] = pd.Series(ids, dtype=object).astype(board["merchant_id"].dtype)
    copies["spend_cny"] = from_cents(
        pd.Series([cents(spend) for spend in spends_cny], dtype="Int64")
    )
    crowd = pd.concat([board, copies], ignore_index=True)
    crowd.attrs = dict(board.attrs)
    earned = campaign.assess(crowd, rules)["reward_cny"]
    return earned.iloc[len(board) :].reset_index(drop=True)


def full_credit_spend(board: pd.DataFrame, merchant_id: str, rules: Rules) -> int | None:
    """Return the least whole CNY of spend that earns all the credit this rank can have.

    Spending more earns no further credit. ``None`` where the rank earns none, is not known, or its
    credit has no limit.
    """
    low, high = 0, _VAST_CNY
    spends = _between(low, high)
    credit = credit_at(board, merchant_id, spends, rules)
    most = credit.iloc[-1]
    if pd.isna(most) or most == 0 or credit.iloc[len(credit) // 2] != most:
        return None
    while True:
        first = int(np.argmax((credit == most).to_numpy(dtype=bool)))
        low, high = (spends[first - 1] if first else low), spends[first]
        if high - low <= 1:
            return high
        spends = _between(low, high)
        credit = credit_at(board, merchant_id, spends, rules)


def _between(low: int, high: int) -> list[int]:
    # Whole numbers above low up to high, evenly spread, high among them.
    count = min(_SPENDS, high - low)
    return sorted({low + -(-(high - low) * n // count) for n in range(1, count + 1)})


@dataclass(frozen=True)
class BreakEven:
    """What the spend must bring once the ad credit is taken off; the credit is not cash.

    Attributes:
        spend_cny: The month's recommendation spend.
        credit_cny: The ad credit that it earns.
        net_cny: Spend less credit.
        further_buyers: Enquiring and TM-consulting buyers more than the month before.
        each_cny: What each of them must bring, rounded up to the cent.
        reason: Why a value is missing.
    """

    spend_cny: Decimal | None
    credit_cny: Decimal | None
    net_cny: Decimal | None
    further_buyers: int | None
    each_cny: Decimal | None
    reason: str | None


def break_even(measures: pd.DataFrame, outcome: pd.DataFrame) -> BreakEven:
    """Return what each further buyer must bring for the spend less the credit to pay off.

    Args:
        measures: One merchant's row of ``campaign`` measures.
        outcome: The same merchant's row of the outcome of the whole board.

    >>> board = pd.DataFrame({"merchant_id": ["a"], "visitors_before": [0], "visitors_during": [0],
    ...     "inquiries_before": [10], "inquiries_during": [13], "tm_before": [5], "tm_during": [9],
    ...     "spend_cny": ["6000.00"]})
    >>> from merchantkit.rulebook import rulebook
    >>> outcome = campaign.assess(board, rulebook().on("2021-05-31"))
    >>> break_even(board, outcome).each_cny  # (6,000 - 5,000) / (3 + 4)
    Decimal('142.86')
    """
    row, earned = measures.iloc[0], outcome.iloc[0]
    counts = [
        row[f"{part}_{when}"] for part in ("inquiries", "tm") for when in ("during", "before")
    ]
    further = None if any(pd.isna(count) for count in counts) else _growth(*map(int, counts))
    spend, credit = row["spend_cny"], earned["reward_cny"]
    spend = None if pd.isna(spend) else Decimal(str(spend))
    if spend is None or pd.isna(credit):
        reason = str(earned["reward_cny_reason"])
        return BreakEven(spend, _known(credit), None, further, None, reason)
    net = spend - credit
    if further is None or further <= 0:
        return BreakEven(spend, credit, net, further, None, NO_FURTHER_BUYERS)
    each = (net / further).quantize(Decimal("0.01"), rounding=ROUND_CEILING)
    return BreakEven(spend, credit, net, further, each, None)


def _growth(inquiries_during: int, inquiries_before: int, tm_during: int, tm_before: int) -> int:
    return inquiries_during - inquiries_before + tm_during - tm_before


def _known(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value

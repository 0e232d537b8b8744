"""The whole board at a glance: who stands where, who is near the next tier, who moved."""

import pandas as pd

from merchantkit.programmes import rfq

UNKNOWN = -1  # a tier that is not known, where a whole number is needed to sort and count by


def tier_counts(measures: pd.DataFrame, outcome: pd.DataFrame) -> pd.DataFrame:
    """Return how many merchants of each track stand in each tier.

    Returns:
        One row per track (``unknown`` for a missing one), one column per tier from high to low,
        then ``UNKNOWN``; counts.
    """
    track = measures["track"].astype("object").fillna("unknown")
    tier = outcome["tier"].astype("Int64").fillna(UNKNOWN)
    columns = [*reversed(rfq.TIERS), 0, UNKNOWN]
    return pd.DataFrame(pd.crosstab(track, tier).reindex(columns=columns, fill_value=0))


def nearest(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return those below the top tier whose way to the next one is known, the shortest first.

    Returns:
        ``merchant_id, tier, next_tier, usd, quotes``: what is missing for the next tier, by USD and
        then by quotes.
    """
    open_to = outcome[outcome["tier"].notna() & (outcome["tier"] < max(rfq.TIERS)).fillna(False)]
    parts = []
    for tier in sorted(set(open_to["tier"])):
        rows = open_to[open_to["tier"] == tier]
        following = min(n for n in rfq.TIERS if n > tier)
        part = rows[["merchant_id", "tier"]].assign(next_tier=following)
        part["usd"] = rows[f"usd_to_tier_{following}"]
        part["quotes"] = rows[f"quotes_to_tier_{following}"]
        parts.append(part.dropna(subset=["usd", "quotes"]))
    if not parts:
        return pd.DataFrame(columns=["merchant_id", "tier", "next_tier", "usd", "quotes"])
    near: pd.DataFrame = pd.concat(parts)
    return near.sort_values(["usd", "quotes", "merchant_id"], ignore_index=True)


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants whose tier is another than a month before, climbers first.

    Args:
        before: The outcome of the month before.
        after: The outcome of the month.

    Returns:
        ``merchant_id, tier_before, tier``; a tier that is not known is no move.
    """
    both = after[["merchant_id", "tier"]].merge(
        before[["merchant_id", "tier"]], on="merchant_id", suffixes=("", "_before")
    )
    both = both.assign(change=both["tier"] - both["tier_before"])
    both = both[(both["change"] != 0).fillna(False)]
    order = both.sort_values(["change", "merchant_id"], ascending=[False, True], ignore_index=True)
    return order[["merchant_id", "tier_before", "tier"]]


def leaderboard(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the board by rank: ``merchant_id, rank, score, reward_cny, tie_at_cutoff``."""
    ranked = outcome[outcome["rank"].notna()].sort_values(["rank", "merchant_id"])
    return ranked[["merchant_id", "rank", "score", "reward_cny", "tie_at_cutoff"]].reset_index(
        drop=True
    )


def missed_fees(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants whose offline orders would have paid less by platform logistics.

    Args:
        summary: As ``fees.summary`` gives it.

    Returns:
        ``merchant_id, orders, fee_usd, missed_usd``, the most missed first.
    """
    missed = summary[(summary["missed_usd"] > 0).fillna(False)]
    most = missed.sort_values(["missed_usd", "merchant_id"], ascending=[False, True])
    return most[["merchant_id", "orders", "fee_usd", "missed_usd"]].reset_index(drop=True)


def most_added_duty(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants on whose exports duty is added by origin.

    Args:
        summary: As ``tariff.summary`` gives it.

    Returns:
        ``merchant_id, lines, duty_usd, added_duty_usd``, the most added first.
    """
    bear = summary[(summary["added_duty_usd"] > 0).fillna(False)]
    most = bear.sort_values(["added_duty_usd", "merchant_id"], ascending=[False, True])
    return most[["merchant_id", "lines", "duty_usd", "added_duty_usd"]].reset_index(drop=True)


def slipping(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants with late, savable or penalised orders, the lowest on-time rate first.

    Args:
        summary: Fulfilment's, one row per merchant; those without a rate come last.
    """
    touched = (summary[["late", "savable", "penalty_points"]] > 0).any(axis=1)
    rows = summary[touched.to_numpy(dtype=bool)]
    order = ["on_time_percent", "late", "merchant_id"]
    return rows.sort_values(order, ascending=[True, False, True], ignore_index=True)


def one_fix_away(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants of whom one fix makes products eligible, the most products first.

    Args:
        summary: As ``quick_custom.summary`` gives it.
    """
    rows = summary[(summary["best_fix_products"] > 0).to_numpy(dtype=bool)]
    order = ["best_fix_products", "one_fix_away", "merchant_id"]
    return rows.sort_values(order, ascending=[False, False, True], ignore_index=True)


def disputed(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants whose disputes are not all protected, what may still be had first.

    Args:
        summary: As ``chargeback.summary`` gives it; who has sums that are not known comes last.
    """
    settled = (summary["open_usd"] == 0) & (summary["unprotected_usd"] == 0)
    rows = summary[~settled.fillna(False).to_numpy(dtype=bool)]
    order = ["open_usd", "unprotected_usd", "merchant_id"]
    return rows.sort_values(order, ascending=[False, False, True], ignore_index=True)


def showrooms(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants with a showroom: those with a last day first, those given up last.

    Args:
        outcome: As ``showroom.assess`` gives it.

    Returns:
        ``merchant_id, stage, next_action, act_by, days_left, visitors_change_percent``.
    """
    rows = outcome[outcome["stage"].notna()]
    rows = rows.assign(over=rows["lapsed"].fillna(False).astype(bool))
    order = rows.sort_values(["over", "days_left", "merchant_id"], ignore_index=True)
    return order[
        ["merchant_id", "stage", "next_action", "act_by", "days_left", "visitors_change_percent"]
    ]


def assignments(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants of whom the simulation advises something, most waiting saved first.

    Args:
        outcome: As ``assignment.assess`` gives it.

    Returns:
        Its rows that have an ``advice``; those that substitutes would help and have none first.
    """
    rows = outcome[outcome["advice"].notna()]
    rows = rows.assign(later=(rows["advice"] != "set").astype(bool))
    order = ["later", "wait_saved_minutes", "merchant_id"]
    return rows.sort_values(order, ascending=[True, False, True], ignore_index=True)


def data_errors(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the merchants whose tier is missing, and why: ``merchant_id, tier_reason``."""
    unknown = outcome[outcome["tier"].isna()]
    return unknown[["merchant_id", "tier_reason"]].reset_index(drop=True)

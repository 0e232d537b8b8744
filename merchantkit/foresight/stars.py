"""The star rating of the whole board: who is nearest to the next star."""

import pandas as pd

from merchantkit.programmes.star import PILLARS


def nearest(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return those with every pillar known and not the most stars, by what the lowest lacks.

    Returns:
        ``merchant_id, star, lowest_pillars, to_next`` (decimal points to the next cut-off) and
        ``effect_tier_1`` (what the RFQ points of tier 1 would change).
    """
    # All that is short must be made up, so the farthest pillar decides: where one is unknown, a
    # star that is proven (none, whatever the unknown is) does not say how far the next one is.
    lacks = outcome[[f"{pillar}_to_next" for pillar in PILLARS]].max(axis=1)
    rows = outcome.assign(to_next=lacks)
    rows = rows[outcome["lowest_score"].notna() & lacks.notna()]
    columns = ["merchant_id", "star", "lowest_pillars", "to_next", "effect_tier_1"]
    return rows.sort_values(["to_next", "merchant_id"], ignore_index=True)[columns]

"""The star rating of the whole board: who is nearest to the next star."""

import pandas as pd

from merchantkit.programmes.star import PILLARS


def nearest(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return those whose stars are proven and not the most, by what their lowest pillar lacks.

    Returns:
        ``merchant_id, star, lowest_pillars, to_next`` (decimal points to the next cut-off) and
        ``effect_tier_1`` (what the RFQ points of tier 1 would change).
    """
    # All that is short must be made up, so the farthest pillar decides.
    lacks = outcome[[f"{pillar}_to_next" for pillar in PILLARS]].max(axis=1)
    rows = outcome.assign(to_next=lacks)
    rows = rows[rows["star"].notna() & lacks.notna()]
    columns = ["merchant_id", "star", "lowest_pillars", "to_next", "effect_tier_1"]
    return rows.sort_values(["to_next", "merchant_id"], ignore_index=True)[columns]

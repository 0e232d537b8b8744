"""The board at a glance, on a hand-made month."""

import pandas as pd

from merchantkit.foresight import standing
from merchantkit.programmes import rfq
from merchantkit.rulebook import rulebook

RULES = rulebook().on("2021-05-31")


def outcome(rows: dict[str, tuple[str | None, int | None, int | None]]) -> pd.DataFrame:
    return rfq.assess(measures(rows), RULES)


def measures(rows: dict[str, tuple[str | None, int | None, int | None]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "merchant_id": list(rows),
            "track": "rts",
            "gmv_90d_usd": [gmv for gmv, _, _ in rows.values()],
            "free_quotes_granted": [granted for _, granted, _ in rows.values()],
            "free_quotes_used": [used for _, _, used in rows.values()],
        }
    )


MAY = {
    "top": ("40000", 20, 20),
    "near 2": ("34999", 20, 19),
    "near 1": ("24000", 20, 12),
    "far": ("0", 20, 0),
    "unknown": ("30000", None, None),
    "nothing granted": ("30000", 0, 0),
}


def test_counts_by_track_and_tier() -> None:
    counts = standing.tier_counts(measures(MAY), outcome(MAY))
    assert counts.loc["rts"].tolist() == [1, 1, 3, 1]  # tiers 2, 1, 0, unknown


def test_nearest_is_by_money_then_quotes_and_leaves_out_who_has_no_known_way() -> None:
    rows = standing.nearest(outcome(MAY))
    assert rows["merchant_id"].tolist() == ["near 2", "near 1", "far"]
    assert [str(usd) for usd in rows["usd"]] == ["1.00", "1000.00", "25000.00"]
    assert rows["quotes"].tolist() == [1, 0, 12]


def test_moves_put_climbers_first_and_unknown_is_no_move() -> None:
    april = {**MAY, "top": ("0", 20, 0), "near 2": ("40000", 20, 20), "unknown": ("0", 20, 0)}
    rows = standing.moved(outcome(april), outcome(MAY))
    assert rows.to_numpy().tolist() == [["top", 0, 2], ["near 2", 2, 1]]


def test_who_cannot_be_told() -> None:
    rows = standing.data_errors(outcome(MAY))
    assert rows.to_numpy().tolist() == [["unknown", "not_given"]]


def test_an_empty_board_has_empty_tables() -> None:
    empty = outcome(MAY).iloc[:0]
    assert standing.nearest(empty).empty
    assert standing.moved(empty, empty).empty
    assert standing.data_errors(empty).empty


def test_a_month_in_which_nobody_moved_has_no_rows() -> None:
    assert standing.moved(outcome(MAY), outcome(MAY)).empty

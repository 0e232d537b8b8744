"""Who is nearest to the next star: only where it is known what is lacking."""

import pandas as pd

from merchantkit.foresight import stars
from merchantkit.programmes import star
from merchantkit.rulebook import rulebook
from tests.programmes.casebook import as_text


def test_a_proven_star_with_an_unknown_pillar_is_near_to_none() -> None:
    # 1 star takes 60 in all four. The first has 0 whatever its unknown pillars are: 59.50 says
    # nothing of what they lack. The second lacks 5.00, in transaction; the third is at the most.
    scores = {
        "product_score": ["59.50", "95", "90"],
        "marketing_score": [None, "58", "90"],
        "transaction_score": ["80", "55", "90"],
        "assurance_score": [None, "80", "90"],
    }
    board = pd.DataFrame({"merchant_id": ["a", "b", "c"], "track": "customization", **scores})
    outcome = star.assess(board, rulebook().on("2021-05-31"))
    assert as_text(outcome["star"]) == ["0", "0", "5"]
    found = stars.nearest(outcome)
    assert as_text(found["merchant_id"]) == ["b"]
    assert as_text(found["to_next"]) == ["5.00"]
    assert as_text(found["lowest_pillars"]) == ["transaction"]

"""The plain formulations say what ``assess`` says; nothing here is timed."""

import pytest

from merchantkit import rulebook
from tests.bench import programmes


@pytest.mark.parametrize("name", programmes.PLAIN)
def test_assess_and_its_plain_formulation_agree(name: str) -> None:
    programme, plain = programmes.PLAIN[name]
    board = plain.board(3000, seed=2)
    plainly = plain.write(plain.sums(plain.read(board)), board.index)
    outcome = programme.assess(board, rulebook().on(programmes.DAY))
    programmes.refuse_unless_equal(name, outcome, plainly)
    assert plainly.isna().any().any() and len(plainly.drop_duplicates()) > 100


def test_another_figure_is_refused() -> None:
    programme, plain = programmes.PLAIN["rfq"]
    board = plain.board(50, seed=3)
    outcome = programme.assess(board, rulebook().on(programmes.DAY))
    wrong = outcome[["points"]].assign(points=outcome["points"] + 1)
    with pytest.raises(SystemExit, match=r"rfq\.points"):
        programmes.refuse_unless_equal("rfq", outcome, wrong)

"""What is remembered of a cell's text is what IPython makes of it, and only where text is all."""

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from merchantkit.briefing.engine import remembered

CELLS = [
    "x = 1", "\n\n  x = 1\n  y", ">>> x\n... y", "%time x", "%%bash\nls", "files = !ls", "x?",
    "!ls", "a = %timeit -o x\n%matplotlib inline\nf(",
]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_becomes_what_ipython_makes_of_it_the_first_time_and_the_second(cell: str) -> None:
    meant = TransformerManager().transform_cell(cell)
    manager = remembered.Transformers()
    assert [manager.transform_cell(cell), manager.transform_cell(cell)] == [meant, meant]


def test_a_transformer_of_ones_own_is_asked_each_time() -> None:
    asked = []

    def shout(lines: list[str]) -> list[str]:
        asked.append(lines)
        return [line.upper() for line in lines]

    manager = remembered.Transformers()
    assert manager.transform_cell("x = y") == "x = y\n"
    manager.cleanup_transforms.append(shout)
    assert manager.transform_cell("x = y") == "X = Y\n"
    assert manager.transform_cell("x = y") == "X = Y\n"
    assert asked == [["x = y\n"]] * 2
    assert remembered.Transformers().transform_cell("x = y") == "x = y\n"

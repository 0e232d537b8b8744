"""``import merchantkit as mk``: what is at hand, and only when it is used."""

import subprocess
import sys

import pytest

import merchantkit as mk
from tests.conftest import ROOT


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", mk.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(mk, name) is not None
    assert name in dir(mk)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rulesbook'"):
        _ = mk.rulesbook  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "first",
    ["pass", "import merchantkit.rulebook", "from merchantkit.programmes import rfq",
     "from merchantkit.rulebook import rulebook"],
)  # fmt: skip
@pytest.mark.slow
def test_the_rulebook_can_be_called_whatever_was_imported_before(first: str) -> None:
    asked = f"{first}\nimport merchantkit as mk\nprint(mk.rulebook().on('2021-05-31').day)"
    assert run(asked) == "2021-05-31"


def test_the_rulebook_is_its_package_too() -> None:
    asked = "import merchantkit.rulebook as book; print(book.diff.__name__, book.rulebook.__name__)"
    assert run(asked) == "diff rulebook"


def test_the_demo_is_a_warehouse_in_memory() -> None:
    facts = mk.demo(merchants=3)
    assert facts.path is None
    assert facts.counts()["merchants"] == 3


def test_reading_makes_no_warehouse(tmp_path: object) -> None:
    with pytest.raises(mk.errors.WarehouseMissing):
        mk.warehouse(f"{tmp_path}/none.duckdb")


def test_two_calls_answer_the_question() -> None:
    from merchantkit.programmes import rfq

    rules = mk.rulebook().on("2021-05-31")
    outcome = rfq.assess(rfq.measure(mk.demo(merchants=3), "2021-05-31", rules), rules)
    assert len(outcome) == 3

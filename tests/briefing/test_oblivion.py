"""A forgotten merchant is in no byte of any month's reports; others' pages stay as they were."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from merchantkit.briefing import forget, status
from merchantkit.errors import ReportError
from tests.briefing.faults import garble
from tests.briefing.world import Notes, World

pytestmark = pytest.mark.slow

CANARY = "canary-8461"


def holding(folder: Path, text: str) -> list[str]:
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and text.encode() in file.read_bytes()
    )


def test_nothing_is_left_of_a_forgotten_merchant(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.merchant(CANARY, f"公司 {CANARY}")
    world.merchant("other", "Other Ltd")
    world.sale(CANARY, "8461.13")
    assert world.report().exit_code == 0
    page = next(world.month.glob("m/other-*/briefing.zh.html")).read_bytes()
    assert holding(world.out, CANARY)

    changed = forget(CANARY, out=world.out)

    assert list(changed) == ["2021-05"]
    assert holding(world.out, CANARY) == []
    assert [row["merchant_id"] for row in status("2021-05", out=world.out)] == ["other"]
    assert next(world.month.glob("m/other-*/briefing.zh.html")).read_bytes() == page
    assert forget(CANARY, out=world.out) == {}

    world.warehouse.forget(CANARY)
    again = world.report()
    assert again.exit_code == 0
    assert (world.month / "portfolio.zh.html").is_file()
    assert holding(world.out, CANARY) == []


def test_a_near_id_is_another_merchant(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.merchant("007")
    assert world.report().exit_code == 0
    assert forget("7", out=world.out) == {}
    assert [row["merchant_id"] for row in status("2021-05", out=world.out)] == ["007"]


def tear(file: Path) -> None:
    """Cut a file short; what is left still names the merchant."""
    held = file.read_bytes()
    file.write_bytes(held[: len(held) // 2] + CANARY.encode())


@pytest.fixture
def made(tmp_path: Path) -> World:
    world = World(tmp_path)
    for merchant in (CANARY, "other"):
        world.merchant(merchant, f"公司 {merchant}")
    world.sale(CANARY, "8461.13")
    assert world.report().exit_code == 0
    for number in "12":
        kept = world.month / "_team" / "superseded" / number
        shutil.copytree(world.month / "_team" / "assessment", kept / "assessment")
    return world


def test_torn_files_stop_nothing_and_go(made: World) -> None:
    team = made.month / "_team"
    torn = [
        team / "superseded/1/assessment/slices.tsv",
        team / "superseded/2/assessment/merchants.parquet",
        team / "superseded/2/assessment/rfq.outcome.parquet",
    ]
    for file in torn:
        tear(file)
    (team / "superseded/2/assessment/rfq.explanation.parquet").write_bytes(b"")
    # Of runs and a forgetting that were killed.
    for name in ("tmp/pages-7/0/page.html", "assessment/slices.new", "assessment/.mk-0123456789ab"):
        (team / name).parent.mkdir(parents=True, exist_ok=True)
        (team / name).write_text(CANARY)
    (team / "log").mkdir()
    (team / "log" / "portfolio.zh.txt").write_text(f"KeyError: {CANARY}")
    told = Notes()

    assert list(forget(CANARY, out=made.out, progress=told)) == ["2021-05"]

    assert holding(made.out, CANARY) == []
    assert sorted(told.said) == [
        f"2021-05/_team/superseded/{name} is torn: it was removed"
        for name in (
            "1/assessment/slices.tsv", "2/assessment/merchants.parquet",
            "2/assessment/rfq.explanation.parquet", "2/assessment/rfq.outcome.parquet",
        )
    ]  # fmt: skip
    for number in "12":
        whole = team / "superseded" / number / "assessment" / "rfq.measures.parquet"
        assert pq.read_table(whole)["merchant_id"].to_pylist() == ["other"]
    assert forget(CANARY, out=made.out, progress=told) == {}


def test_what_may_not_be_read_is_said_when_all_else_is_done(made: World) -> None:
    closed = made.month / "_team" / "superseded" / "1" / "assessment" / "rfq.outcome.parquet"
    closed.unlink()
    closed.mkdir()  # which cannot be opened by root either
    with pytest.raises(ReportError, match="may hold the merchant") as raised:
        forget(CANARY, out=made.out)
    assert raised.value.where == "2021-05/_team/superseded/1/assessment/rfq.outcome.parquet"
    assert holding(made.out, CANARY) == []


def test_without_its_record_a_month_is_cleared_of_the_merchant_all_the_same(made: World) -> None:
    ledger = made.month / "_team" / "ledger.sqlite"
    ledger.write_bytes(b"not a database at all, but long enough to look at" * 40)
    with pytest.raises(ReportError, match="may hold the merchant") as raised:
        forget(CANARY, out=made.out)
    assert raised.value.where == "2021-05/_team/ledger.sqlite"
    assert holding(made.out, CANARY) == []
    assert made.page("other").is_file()


def test_a_ledger_that_is_damaged_inside_stops_nothing_else(made: World) -> None:
    later = made.out / "2021-06"
    shutil.copytree(made.month, later)
    garble(made.month / "_team" / "ledger.sqlite")
    with pytest.raises(ReportError, match="may hold the merchant") as raised:
        forget(CANARY, out=made.out)
    assert raised.value.where == "2021-05/_team/ledger.sqlite"
    assert holding(later, CANARY) == []
    assert [row["merchant_id"] for row in status("2021-06", out=made.out)] == ["other"]


def test_an_empty_ledger_holds_nobody(made: World) -> None:
    (made.month / "_team" / "ledger.sqlite").write_bytes(b"")
    assert list(forget(CANARY, out=made.out)) == ["2021-05"]
    assert holding(made.out, CANARY) == []


def test_a_copy_under_a_name_that_is_no_month_is_cleared_too(made: World) -> None:
    shutil.copytree(made.month, made.out / "2021-13")
    assert list(forget(CANARY, out=made.out)) == ["2021-05", "2021-13"]
    assert holding(made.out, CANARY) == []


def test_rows_of_nobody_stay(tmp_path: Path) -> None:
    file = tmp_path / "2021-05/_team/assessment/orders.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table({"merchant_id": ["a", None, "b"], "n": [1, 2, 3]}), file)
    assert forget("nobody", out=tmp_path) == {}
    assert forget("a", out=tmp_path) == {"2021-05": 1}
    assert pq.read_table(file)["n"].to_pylist() == [2, 3]


def test_a_folder_without_reports_has_nothing_to_forget(tmp_path: Path) -> None:
    assert forget("anyone", out=tmp_path / "nowhere") == {}

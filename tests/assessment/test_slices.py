"""A merchant's slice is its rows of every frame, as they went in, and nothing of anyone else."""

import datetime as dt
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from merchantkit.assessment import Assessment, demo_month, open_case, slices
from merchantkit.errors import ReportError

# Sorted, as whoever writes slices has them.
IDS = sorted([
    "007", "7", "NA", "null", "9007199254740993", "", " ", "a", "a\tb", "a\nb", "ab", 'say "no"',
    "back\\slash", "=1+1", "甲", "甲\u2028乙", "😀", "\x00", "<b>", "['x']",
])  # fmt: skip


@pytest.fixture(scope="module")
def month() -> Assessment:
    return demo_month()[0]


@pytest.fixture(scope="module")
def folder(month: Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("month")
    month.write(made)
    return made


def rows(folder: Path, merchant_id: str) -> dict[str, slices.Rows]:
    return {name: found for name, (found, _) in slices.read(folder, merchant_id).items()}


def by_hand(folder: Path) -> None:
    """Two frames: ``people``, a row each; ``lines``, the n-th id n times, with nobody's at last."""
    people = pa.table({"merchant_id": IDS, "name": [f"{i} & co" for i in IDS]})
    owners = [merchant_id for n, merchant_id in enumerate(IDS) for _ in range(n)]
    lines = pa.table({"n": range(len(owners) + 1), "subject": [*owners, None]})
    slices.write(folder, {"people": ("merchant_id", people), "lines": ("subject", lines)})


@pytest.mark.slow
def test_each_demo_merchants_slice_is_its_part_of_the_whole(folder: Path) -> None:
    whole = Assessment.read(folder)
    for merchant_id in whole.merchants["merchant_id"]:
        mine, part = Assessment.read(folder, merchant_id), whole.slice(merchant_id)
        pd.testing.assert_frame_equal(mine.merchants, part.merchants)
        assert mine.programmes.keys() == part.programmes.keys()
        for name, programme in mine.programmes.items():
            expected = {name: frame for name, _, frame in part.programmes[name].frames()}
            for frame_name, _, frame in programme.frames():
                pd.testing.assert_frame_equal(frame, expected.pop(frame_name))
            assert expected == {}


@pytest.mark.slow
def test_rows_are_the_same_whether_read_or_cut_in_memory(folder: Path, month: Assessment) -> None:
    read, cut = Assessment.read(folder, "007"), month.slice("007")
    assert read.merchant_rows() == cut.merchant_rows()
    for part in ("measures", "outcome", "explanation", "orders", "drops"):
        assert read.programmes["rfq"].rows(part) == cut.programmes["rfq"].rows(part)
    assert read.programmes["rfq"].row("outcome")["tier"] == 2


def test_ids_from_strangers_come_out_as_they_went_in(tmp_path: Path) -> None:
    by_hand(tmp_path)
    at = 0
    for n, merchant_id in enumerate(IDS):
        assert rows(tmp_path, merchant_id) == {
            "people": [{"merchant_id": merchant_id, "name": f"{merchant_id} & co"}],
            "lines": [{"n": at + i, "subject": merchant_id} for i in range(n)],
        }
        at += n


@pytest.mark.parametrize("stranger", ["8", "!", "zz", "甲乙", "A", "\U0010ffff", "007 "])
def test_whom_nobody_knows_has_no_rows(tmp_path: Path, stranger: str) -> None:
    by_hand(tmp_path)
    assert rows(tmp_path, stranger) == {"people": [], "lines": []}


def test_values_keep_their_types(tmp_path: Path) -> None:
    values = {
        "id": "007", "usd": Decimal("9999999999999999.90"), "score": Decimal("-0.5"),
        "on": dt.date(2021, 5, 31), "at": dt.datetime(2021, 5, 31, 23, 59, 59, 500_000),
        "big": 2**53 + 1, "share": 0.1, "flag": False, "text": 'a "b"\\\t\n甲',
    }  # fmt: skip
    kinds = [
        pa.string(), pa.decimal128(18, 2), pa.decimal128(18, 1), pa.date32(), pa.timestamp("ms"),
        pa.int64(), pa.float64(), pa.bool_(), pa.large_string(),
    ]  # fmt: skip
    schema = pa.schema([*zip(values, kinds, strict=True), ("nothing", pa.null())])
    nothing = dict.fromkeys([*values, "nothing"])
    expected = [{**values, "nothing": None}, {**nothing, "id": "007"}]
    slices.write(tmp_path, {"all": ("id", pa.Table.from_pylist(expected, schema))})
    found, layout = slices.read(tmp_path, "007")["all"]
    assert found == expected
    assert [type(value) for value in found[0].values()] == [type(v) for v in expected[0].values()]
    assert layout.schema == schema


def test_what_a_slice_has_no_text_for_is_refused_when_written(tmp_path: Path) -> None:
    lists = pa.table({"merchant_id": ["a"], "list": [[1, 2]]})
    with pytest.raises(TypeError, match="no text for list"):
        slices.write(tmp_path, {"lists": ("merchant_id", lists)})


def test_a_month_without_merchants_has_no_rows(tmp_path: Path) -> None:
    nobody = pa.schema({"merchant_id": pa.string()}).empty_table()
    slices.write(tmp_path, {"people": ("merchant_id", nobody)})
    assert rows(tmp_path, "007") == {"people": []}


def test_batches_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand(tmp_path)
    whole = (tmp_path / slices.FILE).read_bytes()
    monkeypatch.setattr(slices, "_BATCH", 3)
    by_hand(tmp_path)
    assert (tmp_path / slices.FILE).read_bytes() == whole


def test_a_torn_file_is_a_clear_error(tmp_path: Path) -> None:
    by_hand(tmp_path)
    file = tmp_path / slices.FILE
    whole = file.read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(ReportError, match="missing or torn"):
            slices.read(tmp_path, "007")
    file.unlink()
    with pytest.raises(ReportError, match="run merchantkit report"):
        slices.read(tmp_path, "007")


def test_slices_of_another_month_are_a_clear_error(month: Assessment, tmp_path: Path) -> None:
    month.write(tmp_path)
    by_hand(tmp_path)
    with pytest.raises(ReportError, match=r"have no 'rfq\.measures'"):
        open_case(tmp_path, "007")


def test_who_is_forgotten_leaves_no_byte(tmp_path: Path) -> None:
    by_hand(tmp_path)
    others = [merchant_id for merchant_id in IDS if merchant_id != "back\\slash"]
    before = {merchant_id: rows(tmp_path, merchant_id) for merchant_id in others}
    assert slices.forget(tmp_path, "back\\slash")
    assert not slices.forget(tmp_path, "back\\slash")
    assert {merchant_id: rows(tmp_path, merchant_id) for merchant_id in others} == before
    assert rows(tmp_path, "back\\slash") == {"people": [], "lines": []}
    assert [file for file in tmp_path.iterdir() if b"slash" in file.read_bytes()] == []


def restate(folder: Path) -> None:
    """What a restatement leaves beside an assessment, in row groups of two."""
    told = pa.table({"merchant_id": ["007", "007", "A", "NA", "NA"], "number": [1, 2, 1, 1, 2]})
    told = told.sort_by("merchant_id")
    pq.write_table(told, folder / "restatement.parquet", row_group_size=2)


@pytest.mark.parametrize(
    ("merchant_id", "numbers"), [("007", [1, 2]), ("NA", [1, 2]), ("2100000011", None)]
)
@pytest.mark.slow
def test_a_case_has_its_own_restatements(
    month: Assessment, tmp_path: Path, merchant_id: str, numbers: list[int] | None
) -> None:
    month.write(tmp_path)
    assert open_case(tmp_path, merchant_id).restatement is None
    restate(tmp_path)
    told = open_case(tmp_path, merchant_id).restatement
    assert (told if told is None else told["number"].tolist()) == numbers


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted there")
def test_reading_starts_no_thread_and_works_in_a_fork(month: Assessment, tmp_path: Path) -> None:
    month.write(tmp_path)
    restate(tmp_path)
    program = """
import os, sys
from merchantkit.assessment import open_case
from merchantkit.present.briefing import BriefingPage
threads = lambda: len(os.listdir("/proc/self/task"))
before = threads()
def read(merchant_id):
    page = BriefingPage(open_case(sys.argv[1], merchant_id), "en")
    page.rules(), page.rfq(), page.rfq_rolling(), page.campaign(), page.end()
    assert len(page.case.restatement) == 2
    return page.case.merchant["merchant_id"]
assert read("007") == "007"
assert threads() == before, (before, threads())
child = os.fork()
if child == 0:
    os._exit(0 if read("NA") == "NA" else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env=environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()

"""report, status, verify and mark: what they pass on, print and end with; once for real."""

from pathlib import Path
from typing import Any

import pytest

import merchantkit as mk
from merchantkit import briefing
from merchantkit.briefing.ledger import Entry
from tests.cli.conftest import Kit

FAILED = Entry(
    "briefing", "a\x1b[1m", "zh", "a-1", "a.html", "a.ipynb", "failed", "timeout", "cell 3"
)
RECORDS = [
    {"merchant_id": "007", "slug": "007-1", "lang": "zh", "state": "done", "reason": None,
     "html": "m/007-1/briefing.zh.html", "ipynb": "m/007-1/briefing.zh.ipynb"},
    {"merchant_id": "甲", "slug": "x-2", "lang": "zh", "state": "failed",
     "reason": "timeout: cell 3", "html": None, "ipynb": None},
]  # fmt: skip


def result(*failures: Entry) -> briefing.RunResult:
    folder = Path("reports/2021-05")
    return briefing.RunResult("2021-05", folder, folder / "index.html", 4, 2, failures, 0, (), None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What report was asked to do, instead of doing it."""
    seen: dict[str, Any] = {}

    def report(month: str, **options: Any) -> briefing.RunResult:
        seen.update(options, month=month)
        return result()

    monkeypatch.setattr(briefing, "report", report, raising=False)
    monkeypatch.setattr(briefing, "status", lambda month, out: RECORDS, raising=False)
    return seen


def test_report_passes_on_what_it_is_told_and_ids_stay_text(
    kit: Kit, asked: dict[str, Any]
) -> None:
    told = kit(
        "report", "2021-05", "--merchant", "007", "--merchant", "1e5", "--rules-on", "2021-05-31",
        "--rules", "a.yaml", "--rules", "b.yaml", "--lang", "zh", "--lang", "en", "--workers", "3",
        "--out", "there", "--warehouse", "w.duckdb", "--day", "2021-05-20",
        "--stock-kernels", "--scheduler", "tcp://s:8786", "--publish", "s3://shop",
    )  # fmt: skip
    assert told.code == 0
    assert asked == {
        "month": "2021-05", "merchants": ["007", "1e5"], "rules_on": "2021-05-31",
        "overlay": [Path("a.yaml"), Path("b.yaml")], "lang": ["zh", "en"], "workers": 3,
        "out": Path("there"), "warehouse": Path("w.duckdb"), "day": "2021-05-20",
        "stock_kernels": True, "scheduler": "tcp://s:8786", "publish": "s3://shop",
    }  # fmt: skip
    assert told.out == "reports/2021-05/index.html\n"
    assert "4 pages made, 2 unchanged, 0 failed" in told.err


def test_report_by_default_briefs_everyone_in_what_the_month_has(
    kit: Kit, asked: dict[str, Any]
) -> None:
    kit("report", "2021-05")
    assert {name for name, value in asked.items() if value} == {"month"}


def test_a_failed_merchant_is_exit_code_1_and_named_inertly(
    kit: Kit, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(briefing, "report", lambda month, **_: result(FAILED), raising=False)
    told = kit("report", "2021-05", "--json")
    assert told.code == 1
    assert told.records == RECORDS
    assert "failed: a\\x1b[1m (zh): timeout cell 3" in told.err


def test_workers_are_at_least_one(kit: Kit, asked: dict[str, Any]) -> None:
    assert kit("report", "2021-05", "--workers", "0").code == 2
    assert asked == {}


def test_status_lists_every_briefing(kit: Kit, asked: dict[str, Any]) -> None:
    assert kit("status", "2021-05", "--json").records == RECORDS
    told = kit("status", "2021-05")
    assert told.code == 0
    assert told.out.splitlines()[1].split() == [
        "007",
        "zh",
        "done",
        "—",
        "m/007-1/briefing.zh.html",
    ]
    assert told.err == "1 done, 1 failed\n"


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["truncated", "no_sentinel"], 1)])
def test_verify_ends_with_what_it_found(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, problems: list[str], code: int
) -> None:
    record = {"merchant_id": "007", "slug": "007-1", "lang": "zh", "html": "x.html",
              "ok": not problems, "problems": problems}  # fmt: skip
    monkeypatch.setattr(briefing, "verify", lambda month, out: [record], raising=False)
    told = kit("verify", "2021-05")
    assert told.code == code
    assert f"1 opened: {1 - code} well, {code} not" in told.out
    assert ("truncated; no_sentinel" in told.out) == bool(problems)
    as_json = kit("verify", "2021-05", "--json")
    assert (as_json.code, as_json.records) == (code, [record])


@pytest.mark.slow
def test_a_month_from_demo_to_final(kit: Kit, process: Kit, demo: Path, tmp_path: Path) -> None:
    given = ["--out", tmp_path / "out", "--warehouse", demo]
    made = process("report", "2021-05", "--merchant", "007", "--lang", "en", *given)
    assert (made.code, Path(made.out.strip()).name) == (0, "index.html"), made.err
    assert Path(made.out.strip()).is_file()
    out = ["--out", tmp_path / "out"]
    done = [r for r in kit("status", "2021-05", *out, "--json").records if r["state"] == "done"]
    assert [(r["merchant_id"], r["lang"]) for r in done] == [("007", "en")]
    assert (tmp_path / "out" / "2021-05" / done[0]["html"]).is_file()


@pytest.mark.slow
def test_a_locked_warehouse_is_exit_code_3(process: Kit, demo: Path) -> None:
    with mk.warehouse(demo).write():
        told = process("demo", "--warehouse", demo)
    assert told.code == 3
    assert "remedy" in told.err

"""Two editions side by side: every kind of difference, and none where there is none."""

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from merchantkit.errors import MeasureError
from merchantkit.facts import tariff as facts
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes import tariff

EXCERPT = json.loads((resources.files("merchantkit.facts.tariff") / "excerpt.json").read_text())


def test_every_kind_of_difference(tmp_path: Path) -> None:
    rows = copy.deepcopy(EXCERPT)
    at = {row["htsno"]: row for row in rows}
    at["6104.42.00"]["general"] = "12%"
    at["8516.31.00.00"]["footnotes"] = [{"columns": ["general"], "value": "See 9903.88.03."}]
    at["8516.33.00.00"]["other"] = "40%"
    at["6104.42.00.20"]["units"] = ["doz."]
    at["3926.90.99.05"]["description"] = "Rubber bands"
    at["8516.32.00"]["footnotes"] = [{"columns": ["desc"], "value": "See 9903.88.69."}]
    rows.remove(at["3926.90.99.10"])
    new = {**at["3926.90.99.05"], "htsno": "3926.90.99.06"}
    rows.insert(rows.index(at["3926.90.99.05"]) + 1, new)
    file = tmp_path / "next.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    warehouse = Warehouse.in_memory()
    tariff.load(warehouse, file, dated="2025-07-01", partial=True)
    found = tariff.diff(facts.EXCERPT, "next", warehouse)
    assert [tuple(each) for each in found] == [
        ("3926.90.99.05", "description", "Elastic bands made wholly of plastics", "Rubber bands"),
        ("3926.90.99.06", "new", None, "5.3%"),
        ("3926.90.99.10", "gone", "5.3%", None),
        ("6104.42.00.10", "general", "11.5%", "12%"),
        ("6104.42.00.20", "general", "11.5%", "12%"),
        ("6104.42.00.20", "units", "doz., kg", "doz."),
        ("8516.31.00.00", "added", "", "9903.88.03"),
        ("8516.32.00.20", "excluded", "", "9903.88.69"),
        ("8516.32.00.40", "excluded", "", "9903.88.69"),
        ("8516.33.00.00", "column_2", "35%", "40%"),
    ]
    assert tariff.duty("6104.42.00.10", 1000, warehouse=warehouse)[0].edition.name == "next"


def loaded(
    warehouse: Warehouse, file: Path, rows: list[dict[str, Any]], country: str = "US"
) -> None:
    file.write_text(json.dumps(rows), encoding="utf-8")
    tariff.load(warehouse, file, dated="2025-07-01", country=country, partial=True)


def test_notes_that_replace_column_2_or_point_to_another_provision(tmp_path: Path) -> None:
    rows = copy.deepcopy(EXCERPT)
    at = {row["htsno"]: row for row in rows}
    # As 3926.90.30.00 has it, and as the steel of chapter 72 does.
    at["6104.42.00"]["footnotes"].append({"columns": ["other"], "value": "See 9903.90.08. "})
    steel = "See note 16 to subchapter III, chapter 99 and related tariff provisions. "
    at["8516.31.00.00"]["footnotes"] = [{"columns": ["general"], "value": steel}]
    at["3926.90.30.00"]["footnotes"] = at["3926.90.30.00"]["footnotes"][:1]
    warehouse = Warehouse.in_memory()
    loaded(warehouse, tmp_path / "next.json", rows)
    assert [tuple(each) for each in tariff.diff(facts.EXCERPT, "next", warehouse)] == [
        ("3926.90.30.00", "column_2_headings", "9903.90.08", ""),
        ("6104.42.00.10", "column_2_headings", "", "9903.90.08"),
        ("6104.42.00.20", "column_2_headings", "", "9903.90.08"),
        ("8516.31.00.00", "other_provisions", "", steel.strip()),
    ]


def test_headings_of_chapter_99_are_compared_by_themselves(tmp_path: Path) -> None:
    rows = copy.deepcopy(EXCERPT)
    at = {row["htsno"]: row for row in rows}
    added = "The duty provided in the applicable subheading + {}"
    at["9903.88.15"]["general"] = added.format("25%")
    at["9903.88.69"]["description"] = "Articles the product of China"
    at["9903.88.16"]["footnotes"] = at["9903.88.16"]["footnotes"][:1]  # suspended no more
    at["9903.91.11"]["other"] = "35%"
    rows.remove(at["9903.91.05"])
    rows.append({**at["9903.91.11"], "htsno": "9903.91.12", "general": added.format("10%")})
    warehouse = Warehouse.in_memory()
    loaded(warehouse, tmp_path / "next.json", rows)
    before = {row["htsno"]: row for row in EXCERPT}
    assert [tuple(each) for each in tariff.diff(facts.EXCERPT, "next", warehouse)] == [
        ("9903.88.15", "general", added.format("7.5%"), added.format("25%")),
        ("9903.88.16", "other_provisions",
         "Subdivisions (t) and (u) of note 20 to this chapter and heading 9903.88.16 are "
         "suspended.", ""),
        ("9903.88.69", "description", before["9903.88.69"]["description"],
         "Articles the product of China"),
        ("9903.91.05", "gone", added.format("50%"), None),
        ("9903.91.11", "column_2", before["9903.91.11"]["other"].strip(), "35%"),
        ("9903.91.12", "new", None, added.format("10%")),
    ]  # fmt: skip


def test_editions_of_two_countries_are_not_compared(tmp_path: Path) -> None:
    warehouse = Warehouse.in_memory()
    loaded(warehouse, tmp_path / "theirs.json", EXCERPT, country="CA")
    with pytest.raises(MeasureError, match=r"theirs those of CA[\s\S]*remedy: compare two"):
        tariff.diff(facts.EXCERPT, "theirs", warehouse)


@pytest.mark.slow
def test_one_rate_of_chapter_99_is_the_one_difference_of_two_whole_schedules(
    raw_rows: list[dict[str, Any]], hts_file: Path, tmp_path: Path
) -> None:
    rows = copy.deepcopy(raw_rows)
    (row,) = (row for row in rows if row["htsno"] == "9903.88.15")
    row["general"] = "The duty provided in the applicable subheading + 25%"
    warehouse = Warehouse.in_memory()
    tariff.load(warehouse, hts_file)
    loaded(warehouse, tmp_path / "next.json", rows)
    assert [tuple(each) for each in tariff.diff("hts_2025_basic", "next", warehouse)] == [
        ("9903.88.15", "general", "The duty provided in the applicable subheading + 7.5%",
         "The duty provided in the applicable subheading + 25%"),
    ]  # fmt: skip


def test_a_rate_that_is_not_understood_loads_and_is_counted(tmp_path: Path) -> None:
    rows = copy.deepcopy(EXCERPT)
    next(row for row in rows if row["htsno"] == "8516.31.00.00")["general"] = "a song"
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    warehouse = Warehouse.in_memory()
    report = tariff.load(warehouse, file, dated="2025-07-01", partial=True)
    assert report.refused["8516.31.00.00"] == "a song"
    assert report.forms["refused"] == len(report.refused) == 2  # and 9110.90.40.00, as published
    assert sum(report.forms.values()) == report.lines
    (answer,) = tariff.duty("8516.31.00", 1000, warehouse=warehouse)
    assert (answer.total_usd, answer.reason) == (None, "rate_not_understood")

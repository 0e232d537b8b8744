"""Two editions side by side: every kind of difference, and none where there is none."""

import copy
import json
from importlib import resources
from pathlib import Path

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

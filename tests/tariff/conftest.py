"""The whole schedule, where it is found, loaded once."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from merchantkit.facts import tariff
from merchantkit.facts.warehouse import Warehouse
from merchantkit.programmes.tariff.schedule import Schedule, schedule

FILE = "hts_2025_basic.json.gz"


@pytest.fixture(scope="session")
def hts_file(outside_data: Path) -> Path:
    """The USITC's export; skips where there is none."""
    file = outside_data / FILE
    if not file.is_file():
        pytest.skip(f"no {FILE} among the test data")
    return file


@pytest.fixture(scope="session")
def raw_rows(hts_file: Path) -> list[dict[str, Any]]:
    """The export's rows as they are published."""
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(hts_file.read_bytes()))
    return rows


@pytest.fixture(scope="session")
def hts(hts_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse that holds the whole schedule as one edition."""
    file = tmp_path_factory.mktemp("tariff") / "hts.duckdb"
    warehouse = Warehouse.open(file, create=True)
    tariff.load(warehouse, hts_file)
    return warehouse


@pytest.fixture(scope="session")
def whole(hts: Warehouse) -> Schedule:
    """The whole schedule."""
    return schedule(hts)

"""A forgotten merchant is in no byte of any month's reports; others' pages stay as they were."""

from pathlib import Path

import pytest

from merchantkit.briefing import forget, status
from tests.briefing.world import World

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


def test_a_folder_without_reports_has_nothing_to_forget(tmp_path: Path) -> None:
    assert forget("anyone", out=tmp_path / "nowhere") == {}

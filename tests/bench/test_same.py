"""What counts as the same briefing, on notebooks made by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import same, world


def briefing(folder: Path, outputs: list[dict[str, Any]], sections: int = 1) -> Path:
    given = {
        "cell_type": "code", "execution_count": 1, "outputs": [], "id": "any",
        "metadata": {"tags": [world.INJECTED], "papermill": {"duration": 1.0}},
        "source": ["# Parameters\n", 'merchant_id = "007"\n', 'lang = "zh"\n'],
    }  # fmt: skip
    shown = {**given, "execution_count": 2, "metadata": {}, "source": "page", "outputs": outputs}
    folder.mkdir()
    notebook = folder / "briefing.zh.ipynb"
    notebook.write_text(json.dumps({"cells": [given, shown]}), encoding="utf-8")
    notebook.with_suffix(".html").write_text("<section data-mk-section>" * sections)
    return notebook


HELLO = {"output_type": "stream", "name": "stdout", "text": "a\nb"}
HELLO_IN_LINES = {**HELLO, "text": ["a\n", "b"]}
WARNING = {"output_type": "stream", "name": "stderr", "text": "beware"}


def test_run_stamps_lines_and_standard_error_are_no_difference(tmp_path: Path) -> None:
    kit, stock = (
        briefing(tmp_path / "k", [HELLO]),
        briefing(tmp_path / "s", [WARNING, HELLO_IN_LINES]),
    )
    assert same.differences(kit, stock) == []


@pytest.mark.parametrize(
    ("outputs", "sections"), [([], 1), ([{**HELLO, "text": "c"}], 1), ([HELLO], 2)]
)
def test_other_outputs_or_sections_are_a_difference(
    tmp_path: Path, outputs: list[dict[str, Any]], sections: int
) -> None:
    kit, stock = briefing(tmp_path / "k", [HELLO]), briefing(tmp_path / "s", outputs, sections)
    assert len(same.differences(kit, stock)) == 1


def test_a_peer_is_given_what_the_batch_gave(tmp_path: Path) -> None:
    kit = briefing(tmp_path / "k", [])
    assert world.parameters(kit) == {"merchant_id": "007", "lang": "zh"}

"""Pages do not depend on the shell from which a run was started, however they are made."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from merchantkit.briefing.clean_start import CleanContext
from tests.briefing.world import MONTH, World

PROBE = """
import json, locale, os, sys
from pathlib import Path
Path("../../probed").write_text(json.dumps({
    "hash": hash("merchant"), "utf8": sys.flags.utf8_mode,
    "encoding": locale.getpreferredencoding(False),
    "warnings": sys.warnoptions, "set": list({"a", "b", "c", "d", "e"}),
    "surprises": [name for name in os.environ if name.startswith(("JUPYTER_T", "PYTHONW"))],
}), "ascii")
"""
RUN = """
import sys
from merchantkit.briefing import report
from merchantkit.briefing.progress import Silent
if __name__ == "__main__":
    root, stock = sys.argv[1:]
    made = report("%s", merchants=["one"], out=f"{root}/reports", warehouse=f"{root}/facts.duckdb",
                  notebooks=f"{root}/notebooks", progress=Silent(), workers=1,
                  stock_kernels=stock == "True")
    assert made.failures == (), made.failures
"""
SURPRISING = {
    "PYTHONWARNINGS": "error::DeprecationWarning", "PYTHONUTF8": "0", "PYTHONHASHSEED": "7",
    "LC_ALL": "C", "JUPYTER_TOKEN": "x",
}  # fmt: skip


@pytest.mark.slow
def test_a_page_sees_nothing_of_the_shells_settings(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.merchant("one")
    world.sale("one", "100.00")
    world.trouble("one", PROBE)
    probed = [probe(world, {}, stock=False)]
    for stock in (False, True):
        world.sale("one", "100.00", number=len(probed) + 1)  # so that the page is made anew
        probed.append(probe(world, SURPRISING, stock=stock))
    assert probed[0]["utf8"] == 1
    assert probed[0]["encoding"] == "utf-8"
    assert probed[0]["warnings"] == probed[0]["surprises"] == []
    assert probed[1] == probed[0]
    assert probed[2] == probed[0]


def probe(world: World, environment: dict[str, str], *, stock: bool) -> dict[str, object]:
    command = [sys.executable, "-c", RUN % MONTH, str(world.root), str(stock)]
    subprocess.run(command, env={**os.environ, **environment}, check=True, timeout=120)
    told: dict[str, object] = json.loads((world.root / "probed").read_text("ascii"))
    return told


def nothing() -> None:
    """What a process is started for."""


@pytest.mark.slow
def test_starting_a_process_leaves_ones_own_environment_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    monkeypatch.setattr(sys, "warnoptions", ["default"])
    before = dict(os.environ)
    process = CleanContext().Process(target=nothing)
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert dict(os.environ) == before
    assert sys.warnoptions == ["default"]


@pytest.mark.slow
@pytest.mark.parametrize("flags", [["-X", "dev"], ["-bb"], ["-b"], ["-W", "error"]])
def test_a_process_starts_whatever_flags_its_parent_has(flags: list[str]) -> None:
    started = (
        "from merchantkit.briefing.clean_start import CleanContext\n"
        "from tests.briefing.test_clean_start import nothing\n"
        "if __name__ == '__main__':\n"
        "    process = CleanContext().Process(target=nothing)\n"
        "    process.start(); process.join(60)\n"
        "    raise SystemExit(process.exitcode)\n"
    )
    command = [sys.executable, *flags, "-c", started]
    environment = {name: v for name, v in os.environ.items() if name != "PYTHONWARNINGS"}
    assert subprocess.run(command, env=environment, check=False, timeout=60).returncode == 0

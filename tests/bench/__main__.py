"""Seconds a briefing, against plain papermill and nbconvert: ``python -m tests.bench [--quick]``.

Both ways make the same briefings of the same demo month on this machine, in this run, so that
the ratio means something where the seconds do not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from merchantkit.scaffold import init_project

MONTH = "2021-05"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few merchants, about a minute")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), merchants=24 if quick else 500, plain=2 if quick else 5)


def measure(project: Path, *, merchants: int, plain: int) -> None:
    init_project(project)
    kit = [str(Path(sys.executable).with_name("merchantkit"))]
    timed([*kit, "demo", "--month", MONTH, "--merchants", str(merchants)], project)
    report = [*kit, "report", MONTH, "--lang", "zh"]
    whole, again = timed(report, project), timed(report, project)
    listed = subprocess.run(
        [*kit, "status", MONTH, "--json"], cwd=project, check=True, capture_output=True, text=True
    )
    made = [row["merchant_id"] for row in json.loads(listed.stdout) if row["html"]]
    chosen = made[:plain]
    each = sum(timed(step, project) for m in chosen for step in plainly(project, m)) / len(chosen)
    show(whole, again, len(made), each)


def plainly(project: Path, merchant_id: str) -> list[list[str]]:
    """The two commands that anyone would type for one merchant."""
    out = project / "plain.ipynb"
    assessment = project / "reports" / MONTH / "_team" / "assessment"
    given = {"merchant_id": merchant_id, "month": MONTH, "assessment": str(assessment)}
    parameters = [text for name, value in given.items() for text in ("-r", name, value)]
    notebook = str(project / "notebooks" / "briefing.ipynb")
    return [
        [sys.executable, "-m", "papermill", notebook, str(out), *parameters],
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", str(out)],
    ]


def timed(command: list[str], project: Path) -> float:
    environment = {**os.environ, "MERCHANTKIT_HOME": str(project)}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - began


def show(whole: float, again: float, briefings: int, plain: float) -> None:
    each = whole / briefings
    print(
        f"report, {briefings} briefings and a portfolio  {whole:8.1f} s  {each:8.3f} s a briefing"
    )
    print(f"report again, nothing changed           {again:8.1f} s")
    print(f"papermill, then jupyter nbconvert                   {plain:8.3f} s a briefing")
    print(
        f"ratio                                                 {plain / each:8.1f} times as fast"
    )


if __name__ == "__main__":
    main()

"""A peer: ``papermill.execute_notebook`` in a loop, one exporter kept.

``python -m tests.bench.looped TASK`` makes what the task says and prints the loop's seconds.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    # Here, as whoever collects the tests' doctests has no use for what takes a second to import.
    import papermill  # noqa: F401 - before the clock starts
    from nbconvert import HTMLExporter

    task = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    exporter = HTMLExporter()
    began = time.perf_counter()
    for job in task["jobs"]:
        make(task, job, exporter)
    print(json.dumps({"seconds": time.perf_counter() - began}))


def make(task: dict[str, Any], job: dict[str, Any], exporter: Any) -> None:
    import nbformat
    import papermill

    papermill.execute_notebook(
        task["notebook"], job["out"], job["parameters"], cwd=task["cwd"], progress_bar=False
    )
    html, _ = exporter.from_notebook_node(nbformat.read(job["out"], as_version=4))
    Path(job["out"]).with_suffix(".html").write_text(html, encoding="utf-8")


if __name__ == "__main__":
    main()

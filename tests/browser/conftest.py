"""A real JupyterLab on a loopback port, on a copy of the project's notebooks."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT

START_SECONDS = 60


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and the project whose notebooks it shows."""

    url: str
    token: str
    project: Path

    def page_of(self, notebook: str) -> str:
        """The address that opens a notebook, alone in a workspace of its own."""
        workspace = Path(notebook).stem
        return f"{self.url}lab/workspaces/{workspace}/tree/{notebook}?token={self.token}"


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab for the whole session; it is started only where there is a browser for it."""
    project = tmp_path_factory.mktemp("project")
    for part in ("notebooks", "params"):
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns(".*"))
    own = tmp_path_factory.mktemp("jupyter")
    write_settings(own / "settings")
    token = secrets.token_hex(16)
    with (own / "log").open("wb") as log:
        server = subprocess.Popen(
            command(project / "notebooks", token), env=environment(project, own),
            cwd=project, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield Lab(started(server, own), token, project)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def command(root: Path, token: str) -> list[str]:
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 0,  # a free one; the server writes which
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.root_dir": root,
        "IdentityProvider.token": token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    return [sys.executable, "-m", "jupyterlab", *(f"--{name}={v}" for name, v in options.items())]


def write_settings(folder: Path) -> None:
    """Ask no one for news, and nobody about them."""
    file = folder / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))


def environment(project: Path, own: Path) -> dict[str, str]:
    """Nothing of the developer's own Jupyter, and the kernel of this very interpreter."""
    paths = (str(ROOT), os.environ.get("PYTHONPATH", ""))
    folders = ("CONFIG", "DATA", "RUNTIME")
    return {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(own / name.lower()) for name in folders},
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
        "MERCHANTKIT_HOME": str(project),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
    }


def started(server: "subprocess.Popen[bytes]", own: Path) -> str:
    """Wait until the server has written where it listens."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        for file in (own / "runtime").glob("jpserver-*.json"):
            try:
                return str(json.loads(file.read_text())["url"])
            except ValueError:
                pass  # it is being written
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{(own / 'log').read_text()[-4000:]}")


@pytest.fixture
def notebook(lab: Lab, browser: Any) -> Iterator["Notebook"]:
    """A browser page on which notebooks can be opened and run."""
    context = browser.new_context(viewport={"width": 1500, "height": 1700}, locale="en-US")
    page = context.new_page()
    opened = Notebook(lab, page)
    context.route(re.compile(r"^https?://"), opened.allow)
    yield opened
    context.close()


class Notebook:
    """What a consultant does: open a notebook, run it, turn a dial, read the answer."""

    def __init__(self, lab: Lab, page: Any) -> None:
        self.lab, self.page = lab, page
        self.outside: list[str] = []

    def allow(self, route: Any) -> None:
        """Let only the server itself be asked, and note what else was wanted."""
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def run(self, name: str, *, charts: bool = True, **parameters: str) -> Any:
        """Open a notebook with other parameters, run all its cells, return its what-if."""
        copy = self._with(name, parameters)
        self.page.goto(self.lab.page_of(copy))
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
        self.page.get_by_text(re.compile(r"Python 3.*\| Idle")).first.wait_for(timeout=60_000)
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
        whatif = self.page.locator(".mk-whatif")
        whatif.locator("[data-mk]").first.wait_for(timeout=90_000)
        if charts:
            whatif.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
        return whatif

    def _with(self, name: str, parameters: dict[str, str]) -> str:
        folder = self.lab.project / "notebooks"
        file = json.loads((folder / name).read_text(encoding="utf-8"))
        (cell,) = [c for c in file["cells"] if "parameters" in c["metadata"].get("tags", [])]
        cell["source"] = [*cell["source"], *(f"\n{key} = {v!r}" for key, v in parameters.items())]
        copy = f"{Path(name).stem}-{secrets.token_hex(4)}.ipynb"
        (folder / copy).write_text(json.dumps(file), encoding="utf-8")
        return copy

    def card(self, name: str) -> Any:
        """One figure of the answer."""
        return self.page.locator(f'.mk-whatif [data-mk="{name}"] .mk-wi-card-big')

    def turn(self, dial: str, key: str, times: int = 1) -> None:
        """Move a slider by the keyboard, as anyone can."""
        handle = self.page.locator(f".mk-wi-{dial} .noUi-handle")
        handle.focus()
        for _ in range(times):
            handle.press(key)

    def type(self, dial: str, text: str) -> None:
        """Fill in the box beside a slider."""
        box = self.page.locator(f".mk-wi-{dial} input[type=text]")
        box.fill(text)
        box.press("Enter")

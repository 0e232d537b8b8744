"""What every test may ask for: the checkout, outside data, a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

import tests.properties  # noqa: F401 - its settings hold wherever a test says nothing

ROOT = Path(__file__).resolve().parent.parent

# As root there is no sandbox; the rest keeps Chromium from talking to anyone.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def data_folder() -> Path:
    """Where test data outside the repository would be."""
    named = os.environ.get("MERCHANTKIT_TEST_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def no_home_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that the developer's shell names is no test's business."""
    monkeypatch.delenv("MERCHANTKIT_HOME", raising=False)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def outside_data() -> Path:
    """The folder of test data outside the repository; skips where there is none."""
    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}: set MERCHANTKIT_TEST_DATA to where they are")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; where there is none a skip, or in CI a failure."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or _playwright_chromium() or _without_browser()


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    """A headless browser driven by Playwright, closed after the test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield opened
        opened.close()


def _playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def _without_browser() -> NoReturn:
    what = (
        "no Chromium: on Debian `sudo apt-get install chromium fonts-noto-cjk`, elsewhere "
        "`.venv/bin/playwright install chromium`"
    )
    if os.environ.get("MERCHANTKIT_REQUIRE_BROWSER") == "1":
        pytest.fail(what)
    pytest.skip(what)

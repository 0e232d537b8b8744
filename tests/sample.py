"""Remake reports/sample/, a demo briefing in zh and en with a picture: ``python -m tests.sample``.

The pages are kept as Chromium has drawn them, charts as SVG and styles within, so that the
specimen needs no script and no shared folder.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from merchantkit.scaffold import init_project
from tests.conftest import CHROMIUM_ARGUMENTS, CHROMIUM_NAMES, ROOT

MONTH = "2021-05"
MERCHANT = "2100000011"
SAMPLE = ROOT / "reports" / "sample"

# Scripts go, and each chart becomes the picture that Plotly makes of it.
FREEZE = """async (css) => {
  for (const place of document.querySelectorAll('.js-plotly-plot')) {
    const {width, height} = place._fullLayout;
    const url = await Plotly.toImage(place, {format: 'svg', width, height});
    place.innerHTML = decodeURIComponent(url.slice(url.indexOf(',') + 1));
  }
  document.querySelectorAll('script, link, style').forEach(n => n.remove());
  document.querySelectorAll('meta[http-equiv]').forEach(n => n.remove());
  const style = document.createElement('style');
  style.textContent = css + 'svg.main-svg { max-width: 100%; height: auto }';
  document.head.append(style);
  return '<!doctype html>\\n' + document.documentElement.outerHTML + '\\n';
}"""


def main() -> None:
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = briefings(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        SAMPLE.mkdir(parents=True, exist_ok=True)
        for lang, page in pages.items():
            freeze(browser, page, lang)
        browser.close()


def briefings(project: Path) -> dict[str, Path]:
    """One merchant's pages by language, made by the program as anyone would."""
    init_project(project)
    kit = str(Path(sys.executable).with_name("merchantkit"))
    environment = {**os.environ, "MERCHANTKIT_HOME": str(project)}
    ask = [kit, "report", MONTH, "--merchant", MERCHANT, "--lang"]
    for command in ([kit, "demo", "--month", MONTH], [*ask, "zh"], [*ask, "en"]):
        subprocess.run(command, cwd=project, env=environment, check=True)
    month = project / "reports" / MONTH
    return {lang: next(month.glob(f"m/*/briefing.{lang}.html")) for lang in ("zh", "en")}


def freeze(browser: Any, page: Path, lang: str) -> None:
    opened = browser.new_page(viewport={"width": 1000, "height": 1400}, device_scale_factor=1)
    opened.goto(page.as_uri())
    opened.wait_for_function("document.querySelectorAll('svg.main-svg').length > 0")
    opened.wait_for_timeout(500)  # charts below the first, and fonts
    opened.screenshot(path=SAMPLE / f"briefing.{lang}.png")  # its first screen, for the README
    css = (page.parents[2] / "assets" / "page.css").read_text(encoding="utf-8")
    frozen = opened.evaluate(FREEZE, css)
    (SAMPLE / f"briefing.{lang}.html").write_text(frozen, encoding="utf-8")
    opened.close()


if __name__ == "__main__":
    main()

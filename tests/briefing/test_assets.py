"""What pages share is whole: this kit's, or what an earlier kit's pages ask for."""

import hashlib
from pathlib import Path

import pytest

from merchantkit.briefing import assets

NAMES = ["page.css", "page.js", "plotly.min.js"]
EARLIER = b"/* as an earlier kit had it */"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assets.place(tmp_path)
    return tmp_path


def asking(page: Path, content: bytes, name: str = "page.css") -> Path:
    version = hashlib.sha256(content).hexdigest()[:8]
    page.write_text(f'<link rel="stylesheet" href="../../assets/{name}?v={version}">')
    return page


def test_what_was_put_there_is_well(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == NAMES
    assert assets.problems(folder, []) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [0, 0.5, 0.999])
def test_one_cut_short_is_found_out(folder: Path, name: str, part: float) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(len(whole) * part)])
    assert assets.problems(folder, []) == [f"asset_damaged {name}"]
    assets.mend(folder, [])
    assert (folder / name).read_bytes() == whole


def test_one_that_is_missing_is_found_out_and_put_back(folder: Path) -> None:
    whole = (folder / "page.js").read_bytes()
    (folder / "page.js").unlink()
    assert assets.problems(folder, []) == ["asset_missing page.js"]
    assets.mend(folder, [])
    assert (folder / "page.js").read_bytes() == whole


def test_an_earlier_kits_are_well_as_long_as_they_are_what_its_pages_ask_for(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "page.css").write_bytes(EARLIER)
    pages = [tmp_path / "lost.html", asking(tmp_path / "other.html", b"of another day")]
    pages.append(asking(tmp_path / "page.html", EARLIER))
    assert assets.problems(folder, pages) == []
    assert assets.problems(folder, pages[:2]) == ["asset_damaged page.css"]
    # Nor is the style what a page asks for as its script.
    asking(pages[2], EARLIER, "page.js")
    assert assets.problems(folder, pages) == ["asset_damaged page.css"]


def test_only_what_is_broken_of_an_earlier_kits_is_replaced(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "page.js").read_bytes()
    (folder / "page.css").write_bytes(EARLIER)
    (folder / "page.js").write_bytes(b"")
    pages = [asking(tmp_path / "page.html", EARLIER)]
    assert assets.problems(folder, pages) == ["asset_damaged page.js"]
    assets.mend(folder, pages)
    assert (folder / "page.css").read_bytes() == EARLIER
    assert (folder / "page.js").read_bytes() == whole
    assert assets.problems(folder, pages) == []

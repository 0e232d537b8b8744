"""A disk that is full or read-only: said clearly, nothing half written, made good later."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from merchantkit.briefing.verification import verify_page
from tests.briefing.faults import Runs
from tests.briefing.world import World

pytestmark = pytest.mark.slow

ENOUGH = 64 * 1024
LARGE = "M2"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    world = World(tmp_path_factory.mktemp("disk"))
    for number in range(6):
        world.merchant(f"M{number}")
    # One page is of a size to fill what is left.
    world.trouble(LARGE, "print('x' * 400_000)")
    runs = Runs(world)
    code, said = runs.whole("whole")
    assert code == 0, said
    yield runs


def kilobytes(folder: Path) -> int:
    """How much a folder takes, in whole pages of 4 KiB."""
    files = list(folder.rglob("*"))
    return sum((file.stat().st_size + 4095) // 4096 * 4 for file in files if file.is_file())


def disk(folder: Path, kilobytes: int) -> contextlib.AbstractContextManager[None]:
    return _Disk(folder, kilobytes)


class _Disk:
    """A file system of its own, in memory; only root may have one."""

    def __init__(self, folder: Path, kilobytes: int) -> None:
        self.folder = folder
        self.kilobytes = kilobytes

    def __enter__(self) -> None:
        self.folder.mkdir()
        size = f"size={self.kilobytes}k"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(self.folder)],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        if mounted.returncode:
            pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


# What there is room for: no record, none for the library of charts, or all but the one large page.
@pytest.mark.parametrize("room", ["for no record", "for no charts", "for all but one page"])
def test_a_full_disk(runs: Runs, room: str) -> None:
    out, whole = room.replace(" ", "-"), runs.out("whole")
    month = kilobytes(whole)
    (large,) = whole.glob(f"*/m/{LARGE}-*")
    rooms = {
        "for no record": 12,
        "for no charts": month // 5,
        "for all but one page": month - kilobytes(large) // 2,
    }
    with disk(runs.out(out), rooms[room]):
        code, said = runs.whole(out)
        assert code == (1 if room == "for all but one page" else 2), said
        assert "Traceback" not in said, said
        assert "No space left" in said or "disk is full" in said
        if code == 1:
            made = {page.parent.name[:2] for page in runs.out(out).rglob("m/*/*.html")}
            assert LARGE not in made
            assert f"failed: {LARGE}" in said
            assert "not_written" in said
            assert len(made) >= 3
        for page in runs.out(out).rglob("m/*/*.html"):
            assert verify_page(page.read_bytes()).problems == ()
        assert runs.processes() == []
        remount(runs.out(out), f"size={ENOUGH}k")
        code, said = runs.whole(out)
        assert code == 0, said
        assert runs.outcome(out) == runs.outcome("whole")
        runs.assert_nothing_left(out)


def test_a_folder_that_may_not_be_written_to(runs: Runs) -> None:
    with disk(runs.out("readonly"), ENOUGH):
        remount(runs.out("readonly"), "ro")
        code, said = runs.whole("readonly")
        assert code == 2
        assert "Traceback" not in said, said
        assert "Read-only file system" in said
        assert list(runs.out("readonly").iterdir()) == []
        remount(runs.out("readonly"), "rw")
        assert runs.whole("readonly")[0] == 0
        # A whole month, and it is refused in the same way to change it.
        before = runs.outcome("readonly")
        assert before == runs.outcome("whole")
        remount(runs.out("readonly"), "ro")
        code, said = runs.whole("readonly")
        assert code == 2
        assert "Traceback" not in said, said
        assert runs.outcome("readonly") == before


def test_a_file_where_a_folder_must_be(runs: Runs) -> None:
    runs.out("file").write_text("in the way")
    code, said = runs.whole("file")
    assert code == 2
    assert "Traceback" not in said, said
    assert runs.out("file").read_text() == "in the way"

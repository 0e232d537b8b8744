"""Pages in a place that fsspec knows: whole, up to date, and nothing of the team's."""

import errno
import re
import time
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from merchantkit.briefing import atomic, publish
from merchantkit.briefing.ledger import open_ledger
from merchantkit.briefing.oblivion import forget
from merchantkit.briefing.shelf import Shelf
from merchantkit.briefing.slugs import slug
from merchantkit.errors import ReportError
from tests.briefing.world import MONTH, World

pytestmark = pytest.mark.slow


class Unsteady(MemoryFileSystem):
    """A place that refuses what it is told to."""

    protocol = "unsteady"
    refused: ClassVar[set[str]] = set()

    def rm_file(self, path: str) -> None:
        if any(part in path for part in self.refused):
            raise OSError(f"refused: {path}")
        super().rm_file(path)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **given: object) -> None:
        if any(part in path for part in self.refused):
            raise OSError(f"refused: {path}")
        super().pipe_file(path, value, mode=mode, **given)


class Growing(LocalFileSystem):
    """A place that shows a file as it grows, and makes no folder by itself, as sftp does."""

    protocol = "growing"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(path).removeprefix("growing://").rstrip("/")

    def mv(self, path1: str, path2: str, **given: object) -> None:
        if Path(path2).exists():  # some servers rename onto nothing that is there
            raise FileExistsError(path2)
        super().mv(path1, path2, **given)


class Hosted(MemoryFileSystem):
    """A place of which fsspec's paths do not tell the host, as sftp's and smb's do not."""

    protocol = "hosted"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("hosted://").partition("/")[2].strip("/")


fsspec.register_implementation("unsteady", Unsteady, clobber=True)
fsspec.register_implementation("hosted", Hosted, clobber=True)
fsspec.register_implementation("growing", Growing, clobber=True)


@pytest.fixture(autouse=True)
def _empty() -> None:
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    Unsteady.refused = set()


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world whose month was made, and published nowhere."""
    made = World(tmp_path_factory.mktemp("reported"))
    for merchant_id in ("1", "2", "3"):
        made.merchant(merchant_id, f"shop {merchant_id}")
        made.sale(merchant_id, "100.00")
    made.report()
    return made


@pytest.fixture
def world(reported: World, tmp_path: Path) -> World:
    return World(tmp_path / "world", of=reported)


def there(world: World) -> dict[str, bytes]:
    """Return what was published of the month, by its place in the reports."""
    store = MemoryFileSystem.store
    files = {name.removeprefix("unsteady://shop/"): file for name, file in store.items()}
    return {name: file.getvalue() for name, file in files.items() if name != "index.html"}


def in_folder(put: Path) -> dict[str, bytes]:
    """Return what was published of the month into a folder, by its place in the reports."""
    files = {str(f.relative_to(put)): f for f in put.rglob("*") if f.is_file()}
    return {name: file.read_bytes() for name, file in files.items() if name != "index.html"}


def here(world: World) -> dict[str, bytes]:
    """Return what may be published, by its place in the reports."""
    files = [file for file in world.month.rglob("*") if file.is_file()]
    return {
        str(file.relative_to(world.out)): file.read_bytes()
        for file in files
        if "_team" not in file.parts
    }


def test_what_a_month_holds_is_published_but_for_the_teams_own(world: World) -> None:
    world.report(publish="unsteady://shop")
    assert there(world) == here(world)
    assert len(here(world)) == 2 * 3 + 1 + 1 + 3  # pages, notebooks, portfolio, index, assets


def test_only_what_changed_is_put_again(world: World) -> None:
    world.report(publish="unsteady://shop")
    before = dict(MemoryFileSystem.store)
    assert world.report(publish="unsteady://shop").executed == 0
    assert put_since(before) == set()
    world.sale("2", "5.00", number=2)
    assert world.report(publish="unsteady://shop").executed == 2
    changed = {f"{MONTH}/m/{slug('2')}/briefing.zh.{kind}" for kind in ("html", "ipynb")}
    assert changed <= put_since(before) <= changed | {
        f"{MONTH}/portfolio.zh.html", f"{MONTH}/index.html", "index.html",
    }  # fmt: skip


def put_since(before: dict[str, object]) -> set[str]:
    """Return what was put anew, by its place in the reports."""
    store = MemoryFileSystem.store
    return {
        name.removeprefix("unsteady://shop/")
        for name, file in store.items()
        if before.get(name) is not file
    }


def test_what_somebody_removed_there_is_put_again(world: World) -> None:
    world.report(publish="unsteady://shop")
    MemoryFileSystem.store.clear()
    assert world.report(publish="unsteady://shop").executed == 0
    assert there(world) == here(world)


def test_the_list_of_months_there_is_of_what_is_published_there(world: World) -> None:
    world.report(publish="unsteady://shop")
    world.report(rules_on="2021-05-30")  # another run of the month, published nowhere
    world.sale("2", "5.00", number=2)
    world.report(publish="unsteady://shop")
    link = re.search(r'href="(\.\./index\.html)"', there(world)[f"{MONTH}/index.html"].decode())
    assert link is not None
    months = MemoryFileSystem.store["unsteady://shop/index.html"].getvalue().decode()
    assert re.findall(r'href="([^"]*/index\.html)"', months) == [f"{MONTH}/index.html"]
    at_home = (world.out / "index.html").read_text("utf-8")
    assert len(re.findall(r'href="([^"]*/index\.html)"', at_home)) == 2


class NoSuch(OSError):
    """How some systems say that nothing is there: with its number, and no class of its own."""

    def __init__(self) -> None:
        OSError.__init__(self)
        self.errno = errno.ENOENT


class Numbered(MemoryFileSystem):
    """A place that says so."""

    protocol = "numbered"

    def ls(self, path: str, detail: bool = True, **given: Any) -> Any:
        try:
            return super().ls(path, detail=detail, **given)
        except FileNotFoundError:
            raise NoSuch from None


def test_a_place_may_say_by_a_number_that_nothing_is_there_yet(world: World) -> None:
    fsspec.register_implementation("numbered", Numbered, clobber=True)
    world.report(publish="numbered://shop")
    assert f"numbered://shop/{MONTH}/index.html" in MemoryFileSystem.store


def test_a_list_of_months_that_was_refused_is_put_by_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Shelf.put

    def refused(self: Shelf, place: str, content: bytes) -> None:
        if place == "index.html":
            raise OSError("refused")
        put(self, place, content)

    with monkeypatch.context() as patched:
        patched.setattr(Shelf, "put", refused)
        with pytest.raises(ReportError, match="pages cannot be put"):
            world.report(publish="unsteady://shop")
    assert there(world) == here(world)
    before = dict(MemoryFileSystem.store)
    world.report(publish="unsteady://shop")
    assert put_since(before) == {"index.html"}
    before = dict(MemoryFileSystem.store)
    world.report(publish="unsteady://shop")
    assert put_since(before) == set()


def test_nobody_is_forgotten_at_a_place_that_is_not_there(world: World, tmp_path: Path) -> None:
    share, away = tmp_path / "share", tmp_path / "away"
    world.report(publish=str(share))
    share.rename(away)  # it is not mounted just now
    with pytest.raises(ReportError, match="cannot be read, and may hold") as refused:
        forget("2", out=world.out)
    assert "nothing at all lies there" in str(refused.value.where)
    assert not share.exists()
    away.rename(share)
    forget("2", out=world.out)
    assert [file for file in share.rglob("*") if slug("2") in str(file)] == []
    assert (share / MONTH / "m" / slug("1") / "briefing.zh.html").is_file()


class Dead(MemoryFileSystem):
    """A place that takes its time to say no."""

    protocol = "dead"
    asked = 0

    def pipe_file(self, path: str, value: bytes, **given: Any) -> None:
        if path.endswith("probe"):
            super().pipe_file(path, value, **given)
            return
        type(self).asked += 1
        time.sleep(0.3)
        raise OSError("timed out")


def test_a_place_that_stops_answering_is_not_asked_for_every_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.register_implementation("dead", Dead, clobber=True)
    monkeypatch.setattr(publish, "_wanted", lambda *_: [(f"m/{n}", "hash") for n in range(200)])
    (world.month / "m").mkdir(exist_ok=True)
    for n in range(200):
        (world.month / "m" / str(n)).write_bytes(b"x")
    with pytest.raises(ReportError, match="pages cannot be put"):
        world.report(publish="dead://shop")
    # Each of sixteen at once may be at its third try, and then at its next file's first.
    assert Dead.asked <= 4 * 16


def test_a_place_that_refuses_is_named_and_what_was_made_is_kept(world: World) -> None:
    Unsteady.refused = {slug("2")}
    with pytest.raises(ReportError, match="pages cannot be put") as refused:
        world.report(publish="unsteady://shop")
    assert (refused.value.count, refused.value.where) == (2, "unsteady://shop")
    with open_ledger(world.month / "_team" / "ledger.sqlite") as ledger:
        assert {entry.state for entry in ledger.entries().values()} == {"done"}
    assert f"{MONTH}/m/{slug('1')}/briefing.zh.html" in there(world)
    Unsteady.refused = set()
    assert world.report(publish="unsteady://shop").executed == 0
    assert there(world) == here(world)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///proc/nowhere", "pages cannot be put"),
        ("nothing://shop", "nothing can be published there"),
    ],
)
def test_a_place_that_cannot_be_reached_is_told_before_any_page_is_made(
    world: World, reported: World, url: str, said: str
) -> None:
    with pytest.raises(ReportError, match=said):
        world.report(publish=url)
    # Not even the facts were looked at again.
    assert world.tree() == reported.tree()


def test_a_folder_is_a_place_too(world: World, tmp_path: Path) -> None:
    world.report(publish=str(tmp_path / "share" / "reports"))
    assert in_folder(tmp_path / "share" / "reports") == here(world)


def test_who_is_forgotten_is_forgotten_there_too(world: World) -> None:
    world.report(publish="unsteady://shop")
    before = set(there(world))
    forget("2", out=world.out)
    mine = {f"{MONTH}/m/{slug('2')}/briefing.zh.{kind}" for kind in ("html", "ipynb")}
    lists = {f"{MONTH}/portfolio.zh.html", f"{MONTH}/index.html"}
    assert before - set(there(world)) == mine | lists


def test_no_folder_with_an_id_in_its_name_is_left_in_a_folder_of_pages(
    world: World, tmp_path: Path
) -> None:
    put = tmp_path / "share"
    world.report(publish=str(put))
    assert (put / MONTH / "m" / slug("2")).is_dir()
    forget("2", out=world.out)
    assert [folder.name for folder in (put / MONTH / "m").iterdir()] and not list(
        put.rglob(f"*{slug('2')}*")
    )


def test_a_merchant_that_the_facts_no_longer_hold_is_removed_there(world: World) -> None:
    world.report(publish="unsteady://shop")
    with world.warehouse.write() as connection:
        connection.execute("DELETE FROM merchants WHERE merchant_id = '3'")
    world.report(publish="unsteady://shop")
    assert there(world) == here(world)


def _lists(place: str) -> bool:
    return place.endswith(".html") and "/m/" not in place


@pytest.mark.parametrize("refused_there", [slug("2"), "index.html", "portfolio"])
def test_who_was_refused_to_be_forgotten_there_is_forgotten_the_next_time(
    world: World, refused_there: str
) -> None:
    world.report(publish="unsteady://shop")
    Unsteady.refused = {refused_there}
    with pytest.raises(ReportError, match="may hold the merchant") as refused:
        forget("2", out=world.out)
    assert "unsteady://shop" in str(refused.value.where)
    Unsteady.refused = set()
    forget("2", out=world.out)
    left = there(world)
    assert not [place for place in left if slug("2") in place or _lists(place)]


def test_who_was_never_published_goes_from_the_lists_there(world: World) -> None:
    world.report(publish="unsteady://shop")
    pages = [f"m/{slug('2')}/briefing.zh.{kind}" for kind in ("html", "ipynb")]
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish("unsteady://shop", dict.fromkeys(pages, ""))
    forget("2", out=world.out)
    assert not [place for place in there(world) if _lists(place)]


def test_two_hosts_are_two_places() -> None:
    urls = [Shelf(f"hosted://{host}/reports").url for host in ("a", "reports")]
    assert urls == ["hosted://a/reports", "hosted://reports/reports"]
    assert [Shelf(url).url for url in urls] == urls


def test_what_is_out_of_date_or_failed_stays_published_as_it_was(world: World) -> None:
    world.report(publish="unsteady://shop")
    before = there(world)
    for merchant_id in ("1", "2"):
        world.sale(merchant_id, "7.00", number=2)
    world.trouble("1", "1 / 0")
    world.report(merchants=["1"], publish="unsteady://shop")
    pages = [place for place in before if "/m/" in place]
    assert {place: there(world)[place] for place in pages} == {p: before[p] for p in pages}


def test_what_a_killed_run_had_under_way_is_put_again(world: World) -> None:
    world.report(publish="unsteady://shop")
    place = f"m/{slug('3')}/briefing.zh.html"
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish("unsteady://shop", {place: publish._UNDER_WAY})
    before = dict(MemoryFileSystem.store)
    world.report(publish="unsteady://shop")
    assert put_since(before) == {f"{MONTH}/{place}"}
    # And who is forgotten meanwhile is so there, too.
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish("unsteady://shop", {place: publish._UNDER_WAY})
    forget("3", out=world.out)
    assert f"{MONTH}/m/{slug('3')}" not in " ".join(there(world))


def test_a_place_of_growing_files_gets_whole_ones(world: World, tmp_path: Path) -> None:
    world.report(publish=f"growing://{tmp_path / 'share'}")
    world.sale("1", "7.00", number=2)
    world.report(publish=f"growing://{tmp_path / 'share'}")
    assert in_folder(tmp_path / "share") == here(world)


class Killed(BaseException):
    """What nothing catches: the run is gone."""


@pytest.mark.parametrize("then", ["published again", "forgotten"])
def test_what_a_kill_left_half_put_goes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    put = tmp_path / "share"
    world.report(publish=f"growing://{put}")
    world.sale("2", "7.00", number=2)

    move = Growing.mv

    def kill(self: Growing, path1: str, path2: str, **given: object) -> None:
        if slug("2") in path2:
            raise Killed
        move(self, path1, path2, **given)

    with monkeypatch.context() as patched:
        patched.setattr(Growing, "mv", kill)
        with pytest.raises(Killed):
            world.report(publish=f"growing://{put}")
    assert {left.parent.name for left in put.rglob(".mk-*")} == {slug("2")}
    if then == "forgotten":
        forget("2", out=world.out)
    else:
        world.report(publish=f"growing://{put}")
    assert list(put.rglob(".mk-*")) == []


def half_put(world: World, put: Path, merchant_id: str) -> None:
    """Leave what a run leaves that is killed while it writes a merchant's page into a folder."""
    place = f"m/{slug(merchant_id)}/briefing.zh.html"
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish(Shelf(str(put)).url, {place: publish._UNDER_WAY})
    folder = put / MONTH / "m" / slug(merchant_id)
    (folder / ".mk-0123456789ab").write_text("half a page")


def test_what_a_kill_left_half_put_in_a_folder_goes(world: World, tmp_path: Path) -> None:
    put = tmp_path / "share"
    world.report(publish=str(put))
    for merchant_id in ("2", "3"):
        half_put(world, put, merchant_id)
    forget("2", out=world.out)
    assert not (put / MONTH / "m" / slug("2")).exists()
    world.warehouse.forget("2")
    world.report(publish=str(put))
    assert in_folder(put) == here(world)


@pytest.mark.parametrize("kind", ["", "growing://"])
def test_what_a_killed_check_left_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    put = tmp_path / "share"
    shelf = Shelf(f"{kind}{put}", tmp_path / "reports")

    def kill(*_: object, **given: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(LocalFileSystem, "rm", kill)
        with pytest.raises(Killed):
            shelf.check()
    assert list(put.iterdir())
    shelf.check()
    assert list(put.iterdir()) == []


def test_a_check_writes_though_what_a_killed_one_left_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = tmp_path / "share"
    shelf = Shelf(str(put))
    with monkeypatch.context() as patched:
        patched.setattr(LocalFileSystem, "rm", lambda *_, **given: None)
        shelf.check()
        monkeypatch.setattr(atomic.os, "fsync", refuse)
        with pytest.raises(ReportError, match="cannot be put"):
            shelf.check()


def refuse(_: int) -> None:
    raise OSError("refused")


def test_a_check_meets_that_of_another_month_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, remove, took = tmp_path / "share", LocalFileSystem.rm, []

    def beaten(self: LocalFileSystem, path: str, recursive: bool = False) -> None:
        took.append(path)
        remove(self, path, recursive=recursive)
        remove(self, path, recursive=recursive)

    monkeypatch.setattr(LocalFileSystem, "rm", beaten)
    Shelf(str(put)).check()
    assert len(took) == 1
    assert list(put.iterdir()) == []


def test_a_password_and_the_reports_themselves_are_refused(world: World) -> None:
    with pytest.raises(ReportError, match="would stand in the ledger") as told:
        world.report(publish="sftp://user:secret@host/reports")
    assert "secret" not in str(told.value)
    with pytest.raises(ReportError, match="would stand in the ledger"):
        world.report(publish="simplecache::sftp://user:secret@host/reports")
    with pytest.raises(ReportError, match="into the reports themselves"):
        world.report(publish=str(world.out))
